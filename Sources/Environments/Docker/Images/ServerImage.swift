/// An image that servers of drills need, and what the engine has of it.
package struct ServerImage: Sendable, Equatable, Encodable {
    /// In full: `docker.io/library/postgres:16`.
    package let image: String
    /// The servers' names in their drills.
    package let servers: [String]
    package let isThere: Bool
    package let id: String?
    package let digest: String?
    package let bytes: Int64?

    init(_ name: ImageName, _ servers: [String], _ image: DockerImage?) {
        self.image = name.description
        self.servers = servers
        isThere = image != nil
        id = image?.id
        digest = image?.digest
        bytes = image?.bytes
    }
}
