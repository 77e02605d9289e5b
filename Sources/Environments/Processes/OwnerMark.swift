import Recovery

/// The file beside each folder of ours in the work folder. Without one nothing is ever removed.
struct OwnerMark: Codable, Sendable {
    static let currentFormat = 1
    static let suffix = ".owner"

    var format = OwnerMark.currentFormat
    let run: RunID
    let generation: Int
    /// The server's or application's name in the drill.
    let service: String
    let owner: Owner
    let expires: Timestamp

    init(run: RunID, generation: Int, service: String, owner: Owner, expires: Timestamp) {
        self.run = run
        self.generation = generation
        self.service = service
        self.owner = owner
        self.expires = expires
    }

    init(_ service: String, _ request: EnvironmentRequest, _ owner: Owner) {
        self.init(run: request.run, generation: request.generation, service: service, owner: owner, expires: request.expires)
    }
}
