import Recovery

/// Why an image could not be pulled. Engines say it in words only, and pass on what the registry or the network said.
struct PullTrouble: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case noSuchTag
        case noSuchRepository
        /// Registries say the same of an image that is not there and of one that is not for us.
        case denied
        case loginNeeded
        case unreachable
        /// It answers, but not with TLS that the engine trusts.
        case untrusted
        case tooManyRequests
        case noSpace
        case otherArchitecture
        case digestDiffers
        case other
    }

    let kind: Kind
    let words: String

    init(_ words: String) {
        self.words = words
        let text = words.lowercased()
        kind = Self.signs.first { $0.signs.contains { text.contains($0) } }?.kind ?? .other
    }

    /// In this order: the words of an earlier kind also appear among those of a later one.
    private static let signs: [(kind: Kind, signs: [String])] = [
        (.noSpace, ["no space left on device", "disk quota exceeded"]),
        (.tooManyRequests, ["toomanyrequests", "too many requests", "rate limit"]),
        (.otherArchitecture, ["no matching manifest for", "no image found in manifest list", "no image found in image index"]),
        (
            .digestDiffers,
            ["manifest verification failed", "does not match digest", "digest verification failed", "unexpected commit digest"]
        ),
        (
            .denied,
            [
                "access denied", "requested access to the resource is denied", "access to the requested resource is not authorized",
                "insufficient_scope",
            ]
        ),
        (.loginNeeded, ["unauthorized", "authentication required", "no basic auth credentials", "invalid username/password", "401 "]),
        (.untrusted, ["server gave http response to https client", "x509:", "tls: ", "certificate"]),
        (.noSuchTag, ["manifest unknown", "manifest for"]),
        (.noSuchRepository, ["name unknown", "repository name not known", "not found", "404 "]),
        (
            .unreachable,
            [
                "connection refused", "no such host", "i/o timeout", "dial tcp", "deadline exceeded", "client.timeout", "timeout",
                "connection reset", "no route to host", "network is unreachable", "server misbehaving", "eof", "bad gateway",
                "service unavailable", "500 internal server error",
            ]
        ),
    ]

    /// - Parameter hadLogin: whether we gave the registry a login.
    func asFailure(_ name: ImageName, hadLogin: Bool) -> Failure {
        let isCredentials = kind == .loginNeeded || (kind == .denied && hadLogin)
        let failure = Failure(
            isCredentials ? .credentials : .environmentUnavailable, "cannot pull the image \(name.short): \(why(name, hadLogin))",
            hint: hint(name, hadLogin), cause: Failure(isCredentials ? .credentials : .environmentUnavailable, words))
        return kind == .unreachable || kind == .tooManyRequests ? failure.passing : failure
    }

    private func why(_ name: ImageName, _ hadLogin: Bool) -> String {
        switch kind {
        case .noSuchTag where name.digest != nil: "\(name.registry) has \(name.repository), but not with this digest"
        case .noSuchTag: "\(name.registry) has no '\(name.tag ?? "latest")' of \(name.repository)"
        case .noSuchRepository: "\(name.registry) has no \(name.repository)"
        case .denied where hadLogin: "\(name.registry) does not give \(name.repository) to our login, or does not have it"
        case .denied: "\(name.registry) does not have \(name.repository), or gives it only to those who log in"
        case .loginNeeded where hadLogin: "\(name.registry) refuses our login"
        case .loginNeeded: "\(name.registry) wants a login, and there is none"
        case .unreachable: "the container engine does not reach \(name.registry)"
        case .untrusted: "the container engine does not trust \(name.registry)"
        case .tooManyRequests: "\(name.registry) has had enough requests from here for now"
        case .noSpace: "the disk of the container engine is full"
        case .otherArchitecture: "\(name.registry) does not have it for the machine of this container engine"
        case .digestDiffers: "what \(name.registry) sends does not have the digest that it is asked for by"
        case .other: "the container engine refused"
        }
    }

    private func hint(_ name: ImageName, _ hadLogin: Bool) -> String {
        let registry = name.registry == ImageName.dockerHub ? "" : " \(name.registry)"
        return switch kind {
        case .noSuchTag, .noSuchRepository: "check the spelling, and which tags there are"
        case .denied, .loginNeeded:
            "\(kind == .denied ? "check the spelling, or log in" : "log in") as the account that runs lifeboat: docker login\(registry)"
        case .unreachable:
            "check the network and the proxy of the engine, not of lifeboat; or bring the image along in a file: `lifeboat images load FILE`"
        case .untrusted:
            "give the engine the registry's authority in /etc/docker/certs.d/\(name.registry)/ca.crt, or list it under `insecure-registries`"
        case .tooManyRequests: "log in (docker login\(registry)), use a mirror, or try again later"
        case .noSpace: "free some (`docker system df` shows what takes it); `lifeboat sweep` removes what dead drills left"
        case .otherArchitecture: "name an image that is built for it"
        case .digestDiffers: "pull it from elsewhere: the registry, or somebody between, hands out something else"
        case .other: "pull it by hand and see what it says: docker pull \(name.short)"
        }
    }
}
