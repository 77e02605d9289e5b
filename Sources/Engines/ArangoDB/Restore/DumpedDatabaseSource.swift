import Recovery

/// One database out of a dump, as a restore wants it, wherever its files are and however they are packed.
protocol DumpedDatabaseSource: Sendable {
    /// Follows "restore": `the dump in /srv/dumps/app`, `backup nightly/2026-…`.
    var words: String { get }
    var collections: [RestorableCollection] { get }
    var views: [RestorableView] { get }
    /// All lines of a collection in their order, from the first; nil when the dump has none of them, and does not say that it was empty. Asked
    /// for again when they have to be read again.
    func lines(of collection: RestorableCollection) async throws -> (any DumpedLines)?
}

/// Reads lines of a dump. Used by one task at a time.
protocol DumpedLines: Sendable {
    /// Whole lines with their ends, as many as come together; nil behind the last. Throws `Failure(.damaged)`.
    func next() async throws -> [UInt8]?
    func close() async
}

struct RestorableCollection: Sendable, Equatable {
    let name: String
    let isEdge: Bool
    let isSystem: Bool
    /// `{"indexes":[…],"parameters":{…}}`, as the dump has it.
    let structure: [UInt8]
}

struct RestorableView: Sendable, Equatable {
    let name: String
    /// `arangosearch`, `search-alias`.
    let type: String
    /// As the dump has it.
    let definition: [UInt8]
}
