import Recovery

/// The labels on everything of ours: containers, networks and volumes. What has none is never touched.
struct DockerLabels: Sendable, Equatable {
    let run: RunID
    let drill: String
    let generation: Int
    let owner: Owner
    /// Until then it may be needed again, whoever is dead.
    var expires: Timestamp
    /// It stays when the drill is over, for somebody to look around.
    let isKept: Bool
    /// That drill is over. Labels cannot be changed: a volume with this one is made then, which speaks for all things of its generation.
    var isOver: Bool
    /// The state folder of the lifeboat that made it, in which the run may be waiting to be resumed; empty when that is not known.
    let state: String

    static let prefix = "io.lifeboat."
    static let managed = prefix + "managed"

    init(
        run: RunID, drill: String, generation: Int, owner: Owner, expires: Timestamp, isKept: Bool, isOver: Bool = false, state: String = ""
    ) {
        self.isOver = isOver
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
            isKept: label("kept") == "true", isOver: label("over") == "true", state: label("state") ?? "")
    }

    /// For one thing, which is there for `service`.
    func text(for service: String) -> [(key: String, value: String)] {
        let labels =
            [
                ("managed", "true"), ("run", run.rawValue), ("drill", drill), ("generation", "\(generation)"), ("owner", owner.text),
                ("expires", expires.text), ("kept", isKept ? "true" : "false"), ("state", state), ("service", service),
            ] + (isOver ? [("over", "true")] : [])
        return labels.map { (Self.prefix + $0.0, $0.1) }
    }

    /// Those of ours among what an engine has, with what is known by now of the ends of their drills. What says so comes last, since it
    /// counts for the others until they are gone.
    static func read(_ things: [DockerThing]) -> [(thing: DockerThing, labels: DockerLabels)] {
        let ours = things.compactMap { thing in DockerLabels(thing.labels).map { (thing: thing, labels: $0) } }
        let ends = Dictionary(ours.filter(\.labels.isOver).map { ($0.labels.life, $0.labels.expires) }, uniquingKeysWith: max)
        let told = ours.map { thing, labels in
            guard let expires = ends[labels.life] else { return (thing: thing, labels: labels) }
            var labels = labels
            (labels.isOver, labels.expires) = (true, expires)
            return (thing: thing, labels: labels)
        }
        let marks = Set(ours.filter(\.labels.isOver).map(\.thing))
        return told.filter { !marks.contains($0.thing) } + told.filter { marks.contains($0.thing) }
    }

    private var life: String { "\(run)/\(generation)" }

    static func service(_ labels: [String: String]) -> String { labels[prefix + "service"] ?? "" }
}
