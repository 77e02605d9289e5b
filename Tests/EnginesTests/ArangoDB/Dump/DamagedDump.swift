import Bindings
import Recovery
import TestSupport

@testable import Engines

/// One way in which the sound dump of `DumpOnDisk` can be broken, and the words that tell it.
struct DamagedDump: Sendable, CustomStringConvertible {
    let kind: String
    let detail: String
    /// A part of a finding.
    let words: String
    let apply: @Sendable (DumpOnDisk) async throws -> Void

    var description: String { "\(kind) (\(detail))" }

    init(_ kind: String, _ detail: String, _ words: String, _ apply: @escaping @Sendable (DumpOnDisk) async throws -> Void) {
        (self.kind, self.detail, self.words, self.apply) = (kind, detail, words, apply)
    }

    static let all: [DamagedDump] =
        truncated + flippedPacked + flippedPlain + missing + foreign + repeated + dangling + cutLines + vectors + names + variants
        + documents

    private static let truncated: [DamagedDump] = [1, 4, 8, 9, 60, 200].map(truncated) + replaced

    private static func truncated(_ count: Int) -> DamagedDump {
        let words = "collection books, data: \(DumpOnDisk.hashed("books")).data.json.gz is cut off"
        return DamagedDump("truncated gzip", "\(count) bytes", words) { dump in
            try await dump.change(dump.path("books", ".data.json.gz")) { $0.removeLast(count) }
        }
    }

    private static let replaced: [DamagedDump] = [
        DamagedDump("truncated gzip", "to nothing", "collection books, data: \(DumpOnDisk.hashed("books")).data.json.gz is empty") {
            try await $0.change($0.path("books", ".data.json.gz")) { $0 = [] }
        },
        DamagedDump("truncated gzip", "unpacked under its name", ".data.json.gz is no gzip data") {
            try await $0.change($0.path("books", ".data.json.gz")) { $0 = Array("\(DumpOnDisk.book(1))\n".utf8) }
        },
        DamagedDump("truncated gzip", "something behind its end", "collection books, data: ") {
            try await $0.change($0.path("books", ".data.json.gz")) { $0 += Array("more".utf8) }
        },
    ]

    /// Behind the header, of which some bytes mean nothing.
    private static let flippedPacked: [DamagedDump] = (0..<12).map(flippedPacked)

    private static func flippedPacked(_ turn: Int) -> DamagedDump {
        let words = "collection books, data: \(DumpOnDisk.hashed("books")).data.json.gz is "
        return DamagedDump("flipped bit in gzip", "\(turn)", words) { dump in
            try await dump.change(dump.path("books", ".data.json.gz")) { bytes in
                let place = 10 + (bytes.count - 11) * turn / 11
                bytes[place] ^= UInt8(1) << UInt8(turn % 8)
            }
        }
    }

    private static let flippedPlain: [DamagedDump] = ["{", "}", "\"", ":", ",", "["].map(flippedPlain)

    private static func flippedPlain(_ letter: Character) -> DamagedDump {
        DamagedDump("flipped bit in JSON", "\(letter)", "collection books, lines: line 7: ") { dump in
            var lines = (0..<DumpOnDisk.books).map(DumpOnDisk.book)
            // The last one of its kind in the line.
            let index = lines[6].lastIndex(of: letter) ?? lines[6].startIndex
            let changed = (letter.asciiValue ?? 0) ^ 0x40
            lines[6].replaceSubrange(index...index, with: String(decoding: [changed], as: UTF8.self))
            try await dump.remove(dump.path("books", ".data.json.gz"))
            try await dump.data("books", lines, isPacked: false)
        }
    }

    private static let missing: [DamagedDump] = ["persons", "books", "wrote", "_graphs"].flatMap { name in
        [
            DamagedDump("missing data file", name, "collection \(name), data: none: it would be restored as empty") {
                try await $0.remove($0.path(name, ".data.json.gz"))
            },
            DamagedDump("missing structure", name, "file \(DumpOnDisk.hashed(name)).data.json.gz, belongs to the dump: no: no structure") {
                try await $0.remove($0.path(name, ".structure.json"))
            },
        ]
    }

    private static let foreignInTurn: [DamagedDump] =
        ["notes.txt", "books.json", "data.json.gz", "dump.json.bak", "books.structure.json.gz"].map { name in
            DamagedDump("foreign file", name, "file \(name), belongs to the dump: no: it is no file of a dump") {
                try await $0.write("x", as: name)
            }
        }

    private static let foreign: [DamagedDump] = foreignInTurn + foreignOtherwise

    private static let foreignOtherwise: [DamagedDump] = [
        DamagedDump("foreign file", "a folder", "file inner, belongs to the dump: no: it is a folder") { dump in
            try await blocking { _ in try Files.makeFolder("\(dump.folder)/inner") }
        },
        DamagedDump(
            "foreign file", "a link",
            "persons_\(MD5.hexDigest(of: Array("persons".utf8))).data.json.gz, belongs to the dump: no: it is a link"
        ) {
            let path = $0.path("persons", ".data.json.gz")
            try await blocking { _ in _ = try Files.copy(from: path, to: "\(path).moved") }
            try await $0.remove(path)
            try await link(path, to: "\(path).moved")
        },
        DamagedDump("foreign file", "data of a collection that is none", "file old.data.json, belongs to the dump: no: no structure") {
            try await $0.write("", as: "old.data.json")
        },
    ]

    private static let repeatedInTurn: [DamagedDump] =
        [1, 25, 59].map { n in
            DamagedDump("duplicate key", "line \(n)", "collection books, keys: 'b\(n)' stands in line \(n + 1) and in line 61") {
                try await $0.changeData("books") { $0.append(DumpOnDisk.book(n)) }
            }
        }

    private static let repeated: [DamagedDump] = repeatedInTurn + repeatedOtherwise

    private static let repeatedOtherwise: [DamagedDump] = [
        DamagedDump("duplicate key", "written otherwise", "'p3' stands in line 4 and in line 41") {
            try await $0.changeData("persons") { $0.append(#"{"name":"x","\u005fkey":"\u00703"}"#) }
        },
        DamagedDump(
            "duplicate key", "in another file of the collection", "'b2' stands in line 3 of \(DumpOnDisk.hashed("books")).0.data.json"
        ) {
            try await $0.remove($0.path("books", ".data.json.gz"))
            for (number, lines) in [(0..<40), (39..<60)].enumerated() {
                let more = number == 1 ? [2] : []
                let numbers = Array(lines).filter { number == 0 || $0 != 39 } + more
                try await $0.data("books", numbers.map(DumpOnDisk.book), file: "\(DumpOnDisk.hashed("books")).\(number)")
            }
        },
    ]

    private static let dangling: [DamagedDump] = [
        DamagedDump(
            "dangling edge", "no such book", "2 of 122 ends lead to no document: 'wrote/x' from persons/none; 'wrote/x' to books/none"
        ) {
            try await $0.changeData("wrote") { $0.append(#"{"_key":"x","_from":"persons/none","_to":"books/none"}"#) }
        },
        DamagedDump("dangling edge", "a book was lost", "1 of 120 ends lead to no document: 'wrote/w59' to books/b59") {
            try await $0.changeData("books") { $0.removeLast() }
        },
        DamagedDump(
            "dangling edge", "all books were lost",
            "60 of 120 ends lead to no document: 'wrote/w0' to books/b0; 'wrote/w1' to books/b1; 'wrote/w2' to books/b2; and 57 more"
        ) {
            try await $0.changeData("books") { $0 = [] }
        },
        DamagedDump("dangling edge", "the right key of the wrong collection", "'wrote/x' to persons/b1") {
            try await $0.changeData("wrote") { $0.append(#"{"_key":"x","_from":"persons\/p1","_to":"persons/b1"}"#) }
        },
        DamagedDump("dangling edge", "no _to", "collection wrote, _from and _to: line 61: an edge without _to") {
            try await $0.changeData("wrote") { $0.append(#"{"_key":"x","_from":"persons/p1"}"#) }
        },
        DamagedDump("dangling edge", "no name of a document", "line 61: _from 'persons' names no document") {
            try await $0.changeData("wrote") { $0.append(#"{"_key":"x","_from":"persons","_to":"books/b1"}"#) }
        },
    ]

    private static let cutLinesInTurn: [DamagedDump] =
        [1, 2, 20].map { count in
            DamagedDump("lost end of the last line", "\(count) bytes", "\(DumpOnDisk.hashed("persons")).data.json its last line is cut off")
            { dump in
                try await dump.remove(dump.path("persons", ".data.json.gz"))
                try await dump.data("persons", (0..<DumpOnDisk.persons).map(DumpOnDisk.person), isPacked: false)
                try await dump.change(dump.path("persons", ".data.json")) { $0.removeLast(count) }
            }
        }

    private static let cutLines: [DamagedDump] = cutLinesInTurn + cutLinesOtherwise

    private static let cutLinesOtherwise: [DamagedDump] = [
        DamagedDump("half a line", "in the middle", "collection persons, lines: line 41: ") {
            try await $0.changeData("persons") { $0.append(String(DumpOnDisk.person(1).dropLast(5))) }
        },
        DamagedDump("half a line", "two in one", "collection persons, lines: line 41: text after the end") {
            try await $0.changeData("persons") { $0.append(DumpOnDisk.person(77) + DumpOnDisk.person(78)) }
        },
    ]

    private static let vectors: [DamagedDump] = [
        ("[1,2,3]", "has 3 numbers in place of 4"), ("[]", "has 0 numbers in place of 4"), ("[1,2,3,4,5]", "has 5 numbers in place of 4"),
        (#"[1,2,3,"4"]"#, "is no list of numbers"), ("[1,2,3,[4]]", "is no list of numbers"), (#""AACAPw""#, "is no list of numbers"),
    ].map { list, words in
        DamagedDump("vector of a wrong length", list, "collection books, vectors: line 61: text.embedding of 'v' \(words)") {
            try await $0.changeData("books") { $0.append(#"{"_key":"v","text":{"x":[],"embedding":\#(list)}}"#) }
        }
    }

    private static let names: [DamagedDump] = [
        DamagedDump("graph without its collection", "edges", "graph g, its collections: collection 'read' is not in the dump") {
            try await $0.changeData("_graphs") {
                $0.append(#"{"_key":"g","edgeDefinitions":[{"collection":"read","from":["persons"],"to":["books"]}]}"#)
            }
        },
        DamagedDump(
            "graph without its collection", "vertices",
            "graph g, its collections: collection 'films' is not in the dump, collection 'towns' is not in the dump"
        ) {
            try await $0.changeData("_graphs") {
                $0.append(
                    #"{"_key":"g","edgeDefinitions":[{"collection":"wrote","from":["persons"],"to":["films"]}],"orphanCollections":["towns"]}"#
                )
            }
        },
        DamagedDump("graph without its collection", "no edges in it", "graph g, its collections: collection 'books' holds no edges") {
            try await $0.changeData("_graphs") {
                $0.append(#"{"_key":"g","edgeDefinitions":[{"collection":"books","from":["persons"],"to":["books"]}]}"#)
            }
        },
        DamagedDump("view without its collection", "link", "view v, what it reads: collection 'films' is not in the dump") {
            try await $0.write(#"{"name":"v","type":"arangosearch","links":{"films":{},"books":{}}}"#, as: "v.view.json")
        },
        DamagedDump("view without its collection", "index", "view v, what it reads: collection 'books' has no inverted index 'gone'") {
            try await $0.write(
                #"{"name":"v","type":"search-alias","indexes":[{"collection":"books","index":"gone"}]}"#, as: "v.view.json")
        },
    ]

    private static let variants: [DamagedDump] = [
        DamagedDump("mixed variants", "packed and plain", "collection books, data: \(DumpOnDisk.hashed("books")).data.json, ") {
            try await $0.data("books", [DumpOnDisk.book(1)], isPacked: false)
        },
        DamagedDump("mixed variants", "with and without hash", "two dumps wrote into this folder") {
            try await $0.data("books", [DumpOnDisk.book(1)], file: "books")
        },
        DamagedDump("mixed variants", "split and whole", "two dumps wrote into this folder") {
            try await $0.data("books", [DumpOnDisk.book(1)], file: "\(DumpOnDisk.hashed("books")).0")
        },
        DamagedDump("hole in split numbers", "1 of 3", "collection books, data: number 1 is missing") {
            try await $0.remove($0.path("books", ".data.json.gz"))
            for number in [0, 2] {
                try await $0.data("books", [DumpOnDisk.book(number)], file: "\(DumpOnDisk.hashed("books")).\(number)")
            }
        },
        DamagedDump("hole in split numbers", "the first", "collection books, data: number 0 is missing") {
            try await $0.remove($0.path("books", ".data.json.gz"))
            try await $0.data("books", [DumpOnDisk.book(1)], file: "\(DumpOnDisk.hashed("books")).1")
        },
    ]

    private static let documents: [DamagedDump] = [
        DamagedDump("document", "a key that no server takes", "collection persons, keys: line 41: 'a b' cannot be a key") {
            try await $0.changeData("persons") { $0.append(#"{"_key":"a b"}"#) }
        },
        DamagedDump("document", "no key", "collection persons, lines: line 41: no document and no removal of one") {
            try await $0.changeData("persons") { $0.append(#"{"name":"x"}"#) }
        },
        DamagedDump("document", "another's _id", "collection persons, _id: line 41: _id 'books/x' in place of 'persons/x'") {
            try await $0.changeData("persons") { $0.append(#"{"_key":"x","_id":"books/x"}"#) }
        },
        DamagedDump("structure", "garbled", "collection books, structure: \(DumpOnDisk.hashed("books")).structure.json: ") {
            try await $0.replace(":", ";", in: $0.path("books", ".structure.json"))
        },
        DamagedDump("structure", "another's", "collection person, name of the structure's file: ") {
            try await $0.replace(#""persons""#, #""person""#, in: $0.path("persons", ".structure.json"))
        },
        DamagedDump("structure", "twice", "collection books, structures: two: books.structure.json and ") {
            let text = try await read($0.path("books", ".structure.json"))
            try await $0.write(String(decoding: text, as: UTF8.self), as: "books.structure.json")
        },
        DamagedDump("description", "garbled", "dump, dump.json: ") { try await $0.replace("}", "]", in: "\($0.folder)/dump.json") },
        DamagedDump("view", "garbled", "view found, definition: found.view.json: ") {
            try await $0.replace("{", "[", in: "\($0.folder)/found.view.json")
        },
        DamagedDump("view", "under another's name", "view found, name of the definition's file: lost.view.json") { dump in
            try await dump.change("\(dump.folder)/found.view.json") { _ in }
            try await blocking { _ in try Files.publish(from: "\(dump.folder)/found.view.json", to: "\(dump.folder)/lost.view.json") }
        },
    ]
}
