import Documents

/// What a container engine says of itself.
struct DockerVersion: Sendable, Equatable {
    /// `Docker 20.10.24`, `Podman Engine 4.3.1`.
    let name: String
    let oldestAPI: APIVersion
    let system: String

    init(_ json: JSONValue) {
        let product = json["Components"]?.array?.first?["Name"]?.string ?? "Docker"
        name = "\(product == "Engine" ? "Docker" : product) \(json["Version"]?.string ?? "of unknown version")"
        oldestAPI = json["MinAPIVersion"]?.string.flatMap { APIVersion($0) } ?? .oldest
        system = "\(json["Os"]?.string ?? "unknown")/\(json["Arch"]?.string ?? "unknown")"
    }
}
