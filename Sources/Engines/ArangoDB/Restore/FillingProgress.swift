import Recovery

/// Tells how far a restore has come, and not more often than is of use.
actor FillingProgress {
    private let collections: Int
    private let time: any TimeSource
    private let say: @Sendable (String) -> Void
    private var ended: Int
    private var documents: Int64
    private var last: Duration

    private static let pause: Duration = .seconds(5)

    init(collections: Int, filled: [String: Int64], time: any TimeSource, say: @escaping @Sendable (String) -> Void) {
        self.collections = collections
        self.time = time
        self.say = say
        ended = filled.count
        documents = filled.values.reduce(0, +)
        last = time.uptime
    }

    func wrote(_ count: Int64) {
        documents += count
        guard time.uptime - last > Self.pause else { return }
        tell()
    }

    func ended(_ collection: String) {
        ended += 1
        if ended == collections { tell() }
    }

    private func tell() {
        last = time.uptime
        say("\(documents) documents, \(ended) of \(collections) collections are complete")
    }
}
