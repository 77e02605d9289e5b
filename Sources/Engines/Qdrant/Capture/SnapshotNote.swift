import Bindings
import FoundationEssentials
import Recovery

/// What a capture keeps on disk of a snapshot that it has a server make, until the server has none of it any more: the server chooses the
/// name, so by its name nobody would know it from a snapshot of somebody else.
struct SnapshotNote: Codable, Sendable, Equatable {
    /// The node's address, without secrets.
    let server: String
    let collection: String
    /// Those that were there before it was asked for.
    let before: [String]
    /// How many of this collection the server had made since its start; nil when it does not tell.
    let made: Int?
    /// The second in which it was asked for, by the server's own clock; nil when the server does not tell the time.
    let asked: Timestamp?
    /// What the server called it, and what it said of it.
    var name: String?
    var size: Int64?
    var checksum: String?

    private static let file = "snapshot.json"

    /// On disk when this returns.
    func write(to folder: String) async throws {
        let bytes = try CanonicalJSON.encode(self, pretty: true)
        do { try await blocking { _ throws(FileError) in try Files.replace("\(folder)/\(Self.file)", bytes) } } catch {
            throw Failure(
                .localStorage, "cannot note that a snapshot of collection '\(collection)' is asked for",
                hint: "check the disk of the store", cause: error)
        }
    }

    /// Nil when nothing had been asked for yet.
    static func read(_ folder: String) async throws -> SnapshotNote? {
        try await blocking { _ in
            guard try Files.status(of: "\(folder)/\(file)") != nil else { return nil }
            return try JSONDecoder().decode(SnapshotNote.self, from: Data(Files.read("\(folder)/\(file)", limit: 1 << 24)))
        }
    }

    // MARK: Which one it is

    /// What of it is on the server.
    enum Standing: Equatable {
        case there(String)
        case gone
        /// One of these may be it, or none.
        case unclear([String])
    }

    /// A snapshot whose name was never heard is known by its second, and by being the only one since. What could be somebody else's is
    /// nobody's to remove.
    func standing(among list: [ServerSnapshot], _ activity: SnapshotActivity) -> Standing {
        if let name {
            guard let listed = list.first(where: { $0.name == name }) else { return .gone }
            guard !before.contains(name) else { return .unclear([name]) }
            // Another one of the same second replaces it, and has its name (contract 4).
            return listed.size == size && listed.checksum == checksum ? .there(name) : .unclear([name])
        }
        let new = new(in: list)
        guard !new.isEmpty else { return .gone }
        guard new.count == 1, let asked, let made, activity.isTold, activity.created[collection, default: 0] == made + 1,
            let second = Self.second(in: new[0]), (-1...10).contains(second.seconds(since: asked))
        else { return .unclear(new.sorted()) }
        return .there(new[0])
    }

    /// Names that were not there before.
    private func new(in list: [ServerSnapshot]) -> [String] {
        list.map(\.name).filter { !before.contains($0) && UploadedSnapshots.run(of: $0) == nil }
    }

    /// Whether the server has made more snapshots since than there are names: two of one second are one file, and both who asked were told
    /// that it is theirs.
    func mayBeShared(_ list: [ServerSnapshot], _ activity: SnapshotActivity) -> Bool {
        guard let made, activity.isTold else { return false }
        return activity.created[collection, default: 0] - made > new(in: list).count
    }

    /// `books-1-2026-11-21-08-00-01.snapshot`: collections may have dashes, so it is read from its end.
    static func second(in name: String) -> Timestamp? {
        guard let match = name.firstMatch(of: /([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})\.snapshot$/) else {
            return nil
        }
        return Timestamp("\(match.1)T\(match.2):\(match.3):\(match.4)Z")
    }
}

extension QdrantClient {
    /// By the server's own clock, to the second; nil when it does not tell the time.
    func clock() async throws -> Timestamp? {
        let answer = try await failing { try await send(QdrantCall("ask what time it is", "GET", ["healthz"])) }
        guard let text = answer.headers.first(where: { $0.name.lowercased() == "date" })?.value else { return nil }
        guard let match = text.wholeMatch(of: /[A-Za-z]{3}, ([0-9]{2}) ([A-Za-z]{3}) ([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) GMT/),
            let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].firstIndex(of: "\(match.2)")
        else { return nil }
        return Timestamp("\(match.3)-\(month < 9 ? "0" : "")\(month + 1)-\(match.1)T\(match.4)Z")
    }
}
