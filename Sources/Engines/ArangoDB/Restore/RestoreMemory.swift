import Recovery

/// What a restore leaves behind for the one that goes on after it.
struct RestoreMemory: Sendable {
    /// Keys of `Mark`, with a number.
    let marks: [String: Int64]
    /// On disk before it returns.
    let remember: @Sendable (_ mark: String, _ number: Int64) async throws -> Void

    enum Mark {
        /// Instead of a number: what was said of a collection was of one that has been made anew since.
        static let takenBack: Int64 = -1
        /// From here on something may have been changed.
        static let began = "began"
        /// What a tool has made that others run was written down when it ended; taken back while it runs.
        static let listed = "listed"
        /// A collection is about to be made: one that is there and empty may be ours.
        static func making(_ collection: String) -> String { "making \(collection)" }
        /// It was made, and this is what the server calls it: another of its name is somebody else's.
        static func made(_ collection: String, id: String) -> String { "made \(id) \(collection)" }
        /// All documents of a collection are there; with their number.
        static func filled(_ collection: String) -> String { "filled \(collection)" }
        /// The server may have begun to take expired documents out of it.
        static func expiring(_ collection: String) -> String { "expiring \(collection)" }
        static func making(view name: String) -> String { "making view \(name)" }
        static func view(_ name: String) -> String { "view \(name)" }
    }

    var hasBegun: Bool { marks[Mark.began] != nil }
    func documents(of collection: String) -> Int64? { marks[Mark.filled(collection)].flatMap { $0 == Mark.takenBack ? nil : $0 } }
    func isExpiring(_ collection: String) -> Bool { marks[Mark.expiring(collection)].map { $0 != Mark.takenBack } ?? false }
    /// One of that name may be ours.
    func isMaking(view name: String) -> Bool { marks[Mark.making(view: name)] != nil }
    func hasView(_ name: String) -> Bool { marks[Mark.view(name)] != nil }
    func isMade(_ collection: ArangoCollection) -> Bool { marks[Mark.made(collection.name, id: collection.id)] != nil }

    /// Names of all that was made, whether it still is there or not.
    var made: Set<String> {
        Set(
            marks.keys.compactMap { mark in
                let parts = mark.split(separator: " ", maxSplits: 2)
                return parts.count == 3 && parts[0] == "made" ? String(parts[2]) : nil
            })
    }

    /// Whether a collection that is there, with so many documents, was made by an attempt of this restore.
    func isOurs(_ collection: ArangoCollection, documents: Int64) -> Bool {
        if isMade(collection) { return true }
        // Nothing is written before all that was made is known: whoever has documents was filled by others.
        return marks[Mark.making(collection.name)] != nil && documents == 0
    }
}

extension RestoreMemory {
    /// Out of what a step has remembered, for the very database, by its number: another one of that name was begun by nobody.
    init(of database: ArangoDatabase, _ remembered: [String: Fact], _ remember: @escaping @Sendable (String, Fact) async throws -> Void) {
        let prefix = "\(database.id) "
        var marks: [String: Int64] = [:]
        for (name, fact) in remembered where name.hasPrefix(prefix) {
            if case .integer(let number) = fact { marks[String(name.dropFirst(prefix.count))] = number }
        }
        self.init(marks: marks) { mark, number in try await remember(prefix + mark, .integer(number)) }
    }
}
