import Recovery

/// The labels on everything of ours: containers, networks and volumes. What has none is never touched.
struct DockerLabels: Sendable, Equatable {
    let run: RunID
    let drill: String
    let generation: Int
    let owner: Owner
    /// Until then it may be needed again, whoever is dead.
    let expires: Timestamp
    /// The drill is over and somebody wanted to look around.
    let isKept: Bool
    /// The state folder of the lifeboat that made it, in which the run may be waiting to be resumed; empty when that is not known.
    let state: String

    static let prefix = "io.lifeboat."
    static let managed = prefix + "managed"

    init(run: RunID, drill: String, generation: Int, owner: Owner, expires: Timestamp, isKept: Bool, state: String = "") {
        self.run = run
        self.drill = drill
        self.generation = generation
        self.owner = owner
        self.expires = expires
        self.isKept = isKept
        self.state = state
    }

    init(_ request: EnvironmentRequest, owner: Owner, state: String) {
        self.init(
            run: request.run, drill: request.drill, generation: request.generation, owner: owner, expires: request.expires,
            isKept: request.isKept, state: state)
    }

    /// Reads them; nil when they are not whole: then it is nobody's to remove.
    init?(_ labels: [String: String]) {
        func label(_ name: String) -> String? { labels[Self.prefix + name] }
        guard label("managed") == "true", let run = label("run"), let owner = label("owner").flatMap(Owner.init),
            let generation = label("generation").flatMap({ Int($0) }), let expires = label("expires").flatMap(Timestamp.init)
        else { return nil }
        self.init(
            run: RunID(rawValue: run), drill: label("drill") ?? "", generation: generation, owner: owner, expires: expires,
            isKept: label("kept") == "true", state: label("state") ?? "")
    }

    /// For one thing, which is there for `service`.
    func text(for service: String) -> [(key: String, value: String)] {
        let labels = [
            ("managed", "true"), ("run", run.rawValue), ("drill", drill), ("generation", "\(generation)"), ("owner", owner.text),
            ("expires", expires.text), ("kept", isKept ? "true" : "false"), ("state", state), ("service", service),
        ]
        return labels.map { (Self.prefix + $0.0, $0.1) }
    }

    static func service(_ labels: [String: String]) -> String { labels[prefix + "service"] ?? "" }
}
