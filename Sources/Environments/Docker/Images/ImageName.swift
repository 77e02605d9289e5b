import Documents
import Recovery

/// The name of a container image, as people write it (`postgres:16`) and in full (`docker.io/library/postgres:16`).
struct ImageName: Sendable, Hashable, CustomStringConvertible {
    /// `docker.io`, `registry.local:5000`.
    let registry: String
    /// `library/postgres`.
    let repository: String
    /// Nil only beside a digest: without both it is `latest`.
    let tag: String?
    /// `sha256:…`: this very image and no other, whatever the tag says by now.
    let digest: String?

    /// Throws `Failure(.document)` for what is no name of an image.
    init(_ text: String) throws {
        func refused(_ why: String, hint: String = "write it as postgres:16 or registry.local:5000/team/postgres:16") -> Failure {
            Failure(.document, "\(text.quoted) is no name of an image: \(why)", hint: hint)
        }
        guard !text.isEmpty else { throw refused("it is empty") }
        guard !text.contains("://") else { throw refused("an image has no scheme", hint: "leave out everything up to ://") }

        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw refused("it has more than one @") }
        digest = parts.count == 2 ? String(parts[1]) : nil
        if let digest, digest.wholeMatch(of: /sha256:[0-9a-f]{64}/) == nil {
            throw refused(
                "the digest behind @ is not sha256: and 64 digits from 0 to f", hint: "`docker image ls --digests` shows whole ones")
        }

        var name = parts[0]
        // The colon of a port comes before a slash.
        if let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") {
            let tag = name[name.index(after: colon)...]
            guard tag.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}/) != nil else {
                throw refused("its tag \(String(tag).quoted) is not made of letters, digits and _.-")
            }
            self.tag = String(tag)
            name = name[..<colon]
        } else {
            tag = digest == nil ? "latest" : nil
        }

        var path = name.split(separator: "/", omittingEmptySubsequences: false)
        if path.count > 1, let first = path.first, Self.namesRegistry(first) {
            path.removeFirst()
            guard first.wholeMatch(of: /([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/) != nil else {
                throw refused("\(String(first).quoted) is no address of a registry")
            }
            registry = first == "index.docker.io" ? Self.dockerHub : String(first)
        } else {
            registry = Self.dockerHub
        }
        for part in path where part.wholeMatch(of: /[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*/) == nil {
            throw part.lowercased() == part || part.lowercased().wholeMatch(of: /[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*/) == nil
                ? refused(
                    part.isEmpty ? "a part of it is empty" : "\(String(part).quoted) is not made of letters and digits with ._- between")
                : refused("it has capital letters", hint: "write '\(name.lowercased())\(text.dropFirst(name.count))'")
        }
        guard path.count > 1 || path[0].wholeMatch(of: /[0-9a-f]{64}/) == nil else {
            throw refused("it is the id of one", hint: "give the image a name with `docker tag`")
        }
        repository = registry == Self.dockerHub && path.count == 1 ? "library/\(path[0])" : path.joined(separator: "/")
        guard registry.count + repository.count < 255 else { throw refused("it is longer than 255 letters") }
    }

    /// The registry of names that name none.
    static let dockerHub = "docker.io"

    /// In Docker's way: with a dot or a port it is a host, and one word is `localhost`.
    private static func namesRegistry(_ part: Substring) -> Bool { part.contains(".") || part.contains(":") || part == "localhost" }

    private init(registry: String, repository: String, tag: String?, digest: String?) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Registry and repository in full, without tag and digest.
    var place: String { "\(registry)/\(repository)" }

    /// In full, with all that it says.
    var description: String { place + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// What engines are asked with: the digest where there is one, since with both they disagree on which of them counts.
    var reference: String { digest.map { "\(place)@\($0)" } ?? "\(place):\(tag ?? "latest")" }

    /// As short as people write it.
    var short: String {
        let full = description
        for prefix in ["\(Self.dockerHub)/library/", "\(Self.dockerHub)/"] where full.hasPrefix(prefix) {
            return String(full.dropFirst(prefix.count))
        }
        return full
    }

    /// Where a mirror of Docker Hub keeps it. Images that name another registry stay what they are.
    ///
    /// - Parameter prefix: `mirror.local:5000`, or with a path, `mirror.local:5000/hub`.
    /// - Throws: `Failure(.configuration)` for a prefix that names no registry.
    func mirrored(through prefix: String) throws -> ImageName {
        func refused(_ why: String) -> Failure {
            Failure(
                .configuration, "\(prefix.quoted) cannot stand before the names of images: \(why)",
                hint: "write the host of the mirror, its port, and a path if it needs one, as in mirror.local:5000/hub")
        }
        let parts = prefix.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, Self.namesRegistry(host), !prefix.contains("://") else {
            throw refused("it does not begin with a registry")
        }
        guard registry == Self.dockerHub else { return self }
        let whole = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        do {
            let moved = try ImageName("\(whole)/\(repository)")
            return ImageName(registry: moved.registry, repository: moved.repository, tag: tag, digest: digest)
        } catch let failure as Failure {
            throw refused(failure.problem)
        }
    }
}
