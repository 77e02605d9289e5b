import Recovery

/// What a restore leaves behind for the one that goes on after it.
struct RestoreMemory: Sendable {
    /// Keys of `Mark`, with a number.
    let marks: [String: Int64]
    /// On disk before it returns.
    let remember: @Sendable (_ mark: String, _ number: Int64) async throws -> Void

    enum Mark {
        /// From here on what has the name of something in the dump is ours.
        static let began = "began"
        /// All documents of a collection are there; with their number.
        static func filled(_ collection: String) -> String { "filled \(collection)" }
        /// The server may have begun to take expired documents out of it.
        static func expiring(_ collection: String) -> String { "expiring \(collection)" }
        static func view(_ name: String) -> String { "view \(name)" }
    }

    var hasBegun: Bool { marks[Mark.began] != nil }
    func documents(of collection: String) -> Int64? { marks[Mark.filled(collection)] }
    func isExpiring(_ collection: String) -> Bool { marks[Mark.expiring(collection)] != nil }
    func hasView(_ name: String) -> Bool { marks[Mark.view(name)] != nil }
}
