import Recovery
import Synchronization

@testable import Engines

/// A dump in memory.
struct TestDump: DumpedDatabaseSource {
    let words = "the dump of the test"
    var collections: [RestorableCollection] = []
    var views: [RestorableView] = []
    /// By collection; blocks of whole lines.
    var data: [String: [String]] = [:]

    mutating func add(
        _ name: String, isEdge: Bool = false, indexes: String = "[]", parameters: String = "", lines: [String]?
    ) {
        let more = parameters.isEmpty ? "" : ",\(parameters)"
        let structure = #"{"indexes":\#(indexes),"parameters":{"name":"\#(name)","type":\#(isEdge ? 3 : 2)\#(more)}}"#
        collections.append(
            RestorableCollection(name: name, isEdge: isEdge, isSystem: name.hasPrefix("_"), structure: Array(structure.utf8)))
        if let lines { data[name] = lines.map { $0 + "\n" } }
    }

    mutating func addView(_ name: String, _ type: String) {
        views.append(
            RestorableView(
                name: name, type: type,
                definition: Array(#"{"globallyUniqueId":"h1/2","id":"1626628","name":"\#(name)","type":"\#(type)"}"#.utf8)))
    }

    func lines(of collection: RestorableCollection) async throws -> (any DumpedLines)? { data[collection.name].map { Blocks($0) } }

    private final class Blocks: DumpedLines {
        private let rest: Mutex<ArraySlice<String>>

        init(_ blocks: [String]) { rest = Mutex(blocks[...]) }

        func next() async throws -> [UInt8]? { rest.withLock { $0.popFirst() }.map { Array($0.utf8) } }
        func close() async {}
    }

    static func documents(_ count: Int, of collection: String = "c") -> [String] {
        (0..<count).map { #"{"_key":"k\#($0)","_id":"\#(collection)/k\#($0)","_rev":"_a","n":\#($0)}"# }
    }
}

/// What a restore remembers, kept over several of them.
final class TestMemory: Sendable {
    private let kept = Mutex<[String: Int64]>([:])
    var marks: [String: Int64] { kept.withLock { $0 } }
    func set(_ mark: String, _ number: Int64?) { kept.withLock { $0[mark] = number } }

    var memory: RestoreMemory {
        RestoreMemory(marks: marks) { mark, number in self.set(mark, number) }
    }
}
