import Bindings
import Recovery
import TestSupport

@testable import Engines

/// A dump in a folder, as arangodump writes it.
struct DumpOnDisk {
    let folder: String

    static func hashed(_ name: String) -> String { "\(name)_\(MD5.hexDigest(of: Array(name.utf8)))" }

    /// An empty one. - Parameter description: what is in `dump.json`; nil: none, as in 2.x.
    static func make(
        in folder: String,
        description: String? = #"{"database":"library","useEnvelope":false,"properties":{"id":"7","name":"library","isSystem":false}}"#
    ) async throws -> DumpOnDisk {
        let dump = DumpOnDisk(folder: folder)
        if let description { try await dump.write(description, as: "dump.json") }
        try await dump.write("none", as: "ENCRYPTION")
        return dump
    }

    func write(_ text: String, as name: String) async throws { try await TestSupport.write(Array(text.utf8), to: "\(folder)/\(name)") }

    func structure(_ name: String, isEdge: Bool = false, indexes: String = "[]", parameters: String = "") async throws {
        let more = parameters.isEmpty ? "" : ",\(parameters)"
        try await write(
            #"{"indexes":\#(indexes),"parameters":{"name":"\#(name)","type":\#(isEdge ? 3 : 2)\#(more)}}"#,
            as: "\(Self.hashed(name)).structure.json")
    }

    /// Lines without their ends. - Parameter file: without `.data.json`; as single servers call it when left out.
    func data(_ name: String, _ lines: [String], file: String? = nil, isPacked: Bool = true) async throws {
        let text = Array(lines.map { $0 + "\n" }.joined().utf8)
        let path = "\(folder)/\(file ?? Self.hashed(name)).data.json"
        if isPacked { try await Self.pack(text, to: "\(path).gz") } else { try await TestSupport.write(text, to: path) }
    }

    static func pack(_ bytes: [UInt8], to path: String) async throws {
        try await blocking { _ in
            let writer = try CompressedWriter(creating: path, .gzip)
            try writer.write(bytes)
            try writer.finish()
        }
    }

    // MARK: - Changing it

    func path(_ name: String, _ ending: String) -> String { "\(folder)/\(Self.hashed(name))\(ending)" }

    func change(_ path: String, _ body: (inout [UInt8]) throws -> Void) async throws {
        var bytes = try await read(path)
        try body(&bytes)
        try await remove(path)
        try await TestSupport.write(bytes, to: path)
    }

    func remove(_ path: String) async throws {
        guard try await blocking({ _ in try Files.removeTree(path) }) else { throw TestFailure("there is no \(path)") }
    }

    func replace(_ old: String, _ new: String, in path: String) async throws {
        try await change(path) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.contains(old) else { throw TestFailure("\(path) does not hold \(old)") }
            bytes = Array(text.replacing(old, with: new, maxReplacements: 1).utf8)
        }
    }

    /// Unpacked, changed, packed again.
    func changeData(_ name: String, _ body: (inout [String]) throws -> Void) async throws {
        let path = path(name, ".data.json.gz")
        let text = try await blocking { _ in
            let reader = try CompressedReader(path)
            var bytes: [UInt8] = []
            while let piece = try reader.next() { bytes += piece }
            return String(decoding: bytes, as: UTF8.self)
        }
        var lines = text.split(separator: "\n").map(String.init)
        try body(&lines)
        try await remove(path)
        try await data(name, lines)
    }

    // MARK: - Looking at it

    func verification(scratch: String = "/tmp") async throws -> DumpVerification {
        let verifications = try await ArangoDumpFolder.open(folder).verifications(scratch: scratch)
        guard let only = verifications.first, verifications.count == 1 else { throw TestFailure("\(verifications.count) databases") }
        return only.verification
    }

    func report() async throws -> DumpReport { try await verification().run() }
}

extension DumpReport {
    /// One line for each finding.
    var words: [String] { findings.map { "\($0.subject), \($0.aspect): \($0.actual)" } }
}

// MARK: - A sound one

extension DumpOnDisk {
    static let persons = 40
    static let books = 60

    static func person(_ n: Int) -> String { #"{"_key":"p\#(n)","_id":"persons/p\#(n)","_rev":"_a","name":"Person \#(n)"}"# }

    static func book(_ n: Int) -> String {
        #"{"_key":"b\#(n)","_id":"books/b\#(n)","_rev":"_b","title":"Bü\u0063her {\"}\n","n":\#(n)e2,"text":{"embedding":[1,-2.5,3e-1,\#(n)]}}"#
    }

    static func wrote(_ n: Int) -> String {
        #"{"_key":"w\#(n)","_id":"wrote/w\#(n)","_from":"persons/p\#(n % persons)","_to":"books/b\#(n)","_rev":"_c"}"#
    }

    /// Persons, books with a vector and an inverted index, edges between them, a graph and two views.
    static func library(in folder: String) async throws -> DumpOnDisk {
        let dump = try await make(in: folder)
        try await dump.structure("persons", indexes: #"[{"id":"1","type":"persistent","fields":["name"]}]"#)
        try await dump.data("persons", (0..<persons).map(person))
        try await dump.structure(
            "books",
            indexes:
                #"[{"type":"vector","fields":["text.embedding"],"params":{"dimension":4,"metric":"l2","nLists":2}},{"type":"inverted","name":"titles","fields":[{"name":"title"}]}]"#
        )
        try await dump.data("books", (0..<books).map(book))
        try await dump.structure("wrote", isEdge: true)
        try await dump.data("wrote", (0..<books).map(wrote))
        try await dump.structure("_graphs", parameters: #""isSystem":true"#)
        try await dump.data(
            "_graphs",
            [
                #"{"_key":"reading","_id":"_graphs/reading","edgeDefinitions":[{"collection":"wrote","from":["persons"],"to":["books"]}],"orphanCollections":[]}"#
            ])
        try await dump.write(
            #"{"id":"9","name":"found","type":"arangosearch","links":{"books":{"includeAllFields":true}}}"#, as: "found.view.json")
        try await dump.write(
            #"{"id":"10","name":"alias","type":"search-alias","indexes":[{"collection":"books","index":"titles"}]}"#, as: "alias.view.json")
        return dump
    }
}
