import Documents
import Recovery

/// An image that a container engine has.
struct DockerImage: Sendable, Equatable {
    /// The name it was asked for with, in full.
    let reference: String
    /// `sha256:…`, this engine's own.
    let id: String
    /// `sha256:…`, by which its registry knows it; nil for one that never came from a registry. For the evidence.
    let digest: String?
    /// Folders that become volumes unless something else is put there, sorted.
    let volumes: [String]
    /// `5432/tcp`, sorted.
    let exposedPorts: [String]
    /// Account that its program runs as; empty: root.
    let user: String
    let bytes: Int64
    /// `amd64`.
    let architecture: String

    /// Which one it is, for somebody who wants to fetch it again: its name with the registry's digest; one that never came from a
    /// registry is known by this engine's own id.
    var evidence: String {
        guard let digest else { return "\(reference) (\(id))" }
        return reference.hasSuffix("@\(digest)") ? reference : "\(reference)@\(digest)"
    }

    /// From what the engine says of it.
    init(_ json: JSONValue, as name: ImageName) throws {
        guard let id = json["Id"]?.string, !id.isEmpty else {
            throw Failure(.environmentUnavailable, "the container engine describes the image \(name.short) without an id")
        }
        let settings = json["Config"]
        reference = name.reference
        self.id = id
        let digests = (json["RepoDigests"]?.array ?? []).compactMap { $0.string.flatMap { try? ImageName($0) } }
            .filter { $0.place == name.place }.compactMap(\.digest)
        digest = digests.first { $0 == name.digest } ?? digests.first
        volumes = (settings?["Volumes"]?.members ?? []).map(\.key).sorted()
        exposedPorts = (settings?["ExposedPorts"]?.members ?? []).map(\.key).sorted()
        user = settings?["User"]?.string ?? ""
        bytes = json["Size"]?.int ?? 0
        architecture = json["Architecture"]?.string ?? ""
    }
}
