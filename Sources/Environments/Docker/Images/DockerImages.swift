import Bindings
import Documents
import Recovery

/// The images of one container engine: is there what a drill needs, and if not, get it.
struct DockerImages: Sendable {
    let engine: DockerEngine
    let logins: RegistryLogins
    let time: any TimeSource

    /// The image of that name, fetched if the policy says so.
    ///
    /// - Parameter say: gets a line for people now and then, while it is fetched.
    /// - Throws: `Failure(.environmentUnavailable)`, or `.credentials` when the registry wants a login that we do not have.
    func ensure(_ name: ImageName, pull: PullPolicy, say: @escaping @Sendable (String) -> Void) async throws -> DockerImage {
        if pull != .always, let image = try await look(for: name) { return image }
        guard pull != .never else { throw try await missing(name) }
        try await fetch(name, say)
        guard let image = try await look(for: name) else {
            throw Failure(
                .environmentUnavailable, "the container engine at \(engine.host.address) has pulled \(name.short) and does not have it",
                hint: "pull it by hand and see what it says: docker pull \(name.short)")
        }
        say("pulled \(name.short): \(ByteSize(image.bytes))\(image.digest.map { ", \($0)" } ?? "")")
        return image
    }

    /// What the engine has under that name; nil when it has nothing. Throws when it is not the one that the name pins.
    func look(for name: ImageName) async throws -> DockerImage? {
        let json: JSONValue
        do {
            json = try await engine.call("GET", "/images/\(name.reference)/json", attempt: "look for the image \(name.short)")
        } catch let refusal as DockerRefusal {
            guard refusal.isMissing else { throw refusal.asFailure }
            return nil
        }
        let image = try DockerImage(json, as: name)
        guard name.digest == nil || image.digest == name.digest else {
            throw Failure(
                .environmentUnavailable,
                "the image \(name.short) is not the one that is pinned: the container engine has it as \(image.digest ?? "\(image.id), without a digest")",
                hint: "remove that one with `docker image rm`, or correct the digest")
        }
        return image
    }

    private func missing(_ name: ImageName) async throws -> Failure {
        if let digest = name.digest, let tag = name.tag, let other = try await look(for: ImageName("\(name.place):\(tag)")) {
            return Failure(
                .environmentUnavailable,
                "the container engine has \(name.place):\(tag) as \(other.digest ?? "an image without a digest"), and not as \(digest), which is pinned",
                hint: "let it be pulled; an image out of a file has no digest, so name it without one where there is no registry")
        }
        return Failure(
            .environmentUnavailable,
            "the container engine at \(engine.host.address) does not have the image \(name.short), and is not to pull any",
            hint: "fetch it with `lifeboat images pull DRILL`, or bring it along in a file and `lifeboat images load FILE`")
    }

    // MARK: Fetching

    /// Engines tell of each layer while it comes and is unpacked, many times a minute.
    private static let patience = Duration.seconds(600)

    private func fetch(_ name: ImageName, _ say: @escaping @Sendable (String) -> Void) async throws {
        let login = try await logins.header(for: name.registry)
        say("pulling \(name.short)")
        let progress = PullProgress(of: name, time: time, say: say)
        do {
            try await engine.stream(
                "POST", "/images/create", [("fromImage", name.place), ("tag", name.digest ?? name.tag ?? "latest")],
                headers: login.map { [$0] } ?? [], silentFor: Self.patience, attempt: "pull the image \(name.short)"
            ) { try progress.take($0) }
            try progress.end()
        } catch let refusal as DockerRefusal {
            throw PullTrouble(refusal.message).asFailure(name, hadLogin: login != nil)
        }
    }
}
