import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(5))) struct DumpVerificationTests {
    @Test func aSoundDumpIsToldWhole() async throws {
        try await withTemporaryFolder { folder in
            let report = try await DumpOnDisk.library(in: folder).report()
            #expect(report.words == [])
            #expect(report.database == "library")
            #expect(report.collections.map(\.name) == ["_graphs", "books", "persons", "wrote"])
            #expect(report.collections.map(\.documents) == [1, 60, 40, 60])
            #expect(report.collections.map(\.isEdge) == [false, false, false, true])
            #expect(report.collection("books")?.indexes.map(\.type) == ["vector", "inverted"])
            #expect(report.views.map(\.name) == ["alias", "found"])
            #expect(report.graphs == ["reading"])
            let ends = report.checks.first { $0.aspect == "documents that edges lead to" }
            #expect(ends?.compared == 120)
            #expect(report.checks.first { $0.aspect == "vectors" }?.compared == 60)
        }
    }

    @Test func thereAreEnoughDamagedOnes() {
        #expect(DamagedDump.all.count >= 60)
        #expect(Set(DamagedDump.all.map(\.kind)).count >= 12)
    }

    @Test(arguments: DamagedDump.all) func aDamagedDumpIsRefusedInTheRightWords(_ damaged: DamagedDump) async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.library(in: folder)
            try await damaged.apply(dump)
            let report = try await dump.report()
            #expect(!report.isSound)
            #expect(report.words.contains { $0.contains(damaged.words) }, "\(report.words)")
            let failure = #expect(throws: Failure.self) { try report.refuseFindings(hint: "choose another") }
            #expect(failure?.kind == .damaged)
        }
    }

    @Test func nobodyButTheirToolsReadEncryptedAndVelocyPackDumps() async throws {
        for (file, text, words) in [
            ("ENCRYPTION", "aes-256-ctr", "is encrypted with aes-256-ctr"),
            ("dump.json", #"{"database":"library","useVPack":true}"#, "holds its documents as VelocyPack (dump.json says so)"),
            ("books_1.0.data.vpack.gz", "x", "holds its documents as VelocyPack (books_1.0.data.vpack.gz says so)"),
        ] {
            try await withTemporaryFolder { folder in
                let dump = try await DumpOnDisk.library(in: folder)
                if await isThere("\(folder)/\(file)") { try await dump.remove("\(folder)/\(file)") }
                try await dump.write(text, as: file)
                let failure = await #expect(throws: Failure.self) { _ = try await dump.report() }
                #expect(failure?.kind == .unfit)
                #expect(failure?.problem.contains(words) == true, "\(failure?.problem ?? "")")
                #expect(failure?.hint?.contains("arangorestore") == true)
            }
        }
    }

    @Test func edgesMayDangleWhereThatIsAllowedAndAreCounted() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.library(in: folder)
            try await dump.changeData("books") { $0.removeLast(7) }
            var verification = try await dump.verification()
            verification.danglingEdges = .allowed
            verification.expected = Dictionary(
                uniqueKeysWithValues: ["_graphs", "books", "persons", "wrote"].map { ($0, DumpVerification.Expected(danglingEnds: 0)) })
            verification.expected?["wrote"] = .init(documents: 60, danglingEnds: 7)
            let report = try await verification.run()
            #expect(report.words == [])
            #expect(report.collection("wrote")?.danglingEnds == 7)
            verification.expected?["wrote"] = .init(danglingEnds: 6)
            #expect(try await verification.run().words == ["collection wrote, ends of edges that lead to no document: 7"])
        }
    }

    @Test func aDumpOfSomeCollectionsMayNameOthersWhereThatIsAllowed() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.library(in: folder)
            for ending in [".structure.json", ".data.json.gz"] { try await dump.remove(dump.path("books", ending)) }
            var verification = try await dump.verification()
            #expect(
                try await verification.run().words == [
                    "view alias, what it reads: collection 'books' is not in the dump",
                    "view found, what it reads: collection 'books' is not in the dump",
                    "graph reading, its collections: collection 'books' is not in the dump",
                ])
            verification.danglingDefinitions = .allowed
            let report = try await verification.run()
            #expect(report.words == [])
            #expect(report.collection("wrote")?.outsideEnds == 60)
        }
    }

    @Test func edgesThatLeaveTheDumpAreCountedAndNotJudged() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.make(in: folder)
            try await dump.structure("e", isEdge: true)
            try await dump.data(
                "e", (0..<5).map { #"{"_key":"\#($0)","_from":"elsewhere/1","_to":"e/\#(($0 + 1) % 5)"}"# }, isPacked: false)
            let report = try await dump.report()
            #expect(report.words == [])
            #expect(report.collection("e")?.outsideEnds == 5)
        }
    }

    @Test func nothingIsSaidOfEdgesIntoWhatCannotBeRead() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.library(in: folder)
            try await dump.change(dump.path("books", ".data.json.gz")) { $0.removeLast(30) }
            let report = try await dump.report()
            #expect(report.words.count == 1, "\(report.words)")
            #expect(report.collection("books")?.isWhole == false)
            #expect(report.collection("wrote")?.danglingEnds == 0)
        }
    }

    // MARK: - What is known from elsewhere

    @Test func countsAndContentAreHeldAgainstWhatIsKnown() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.library(in: folder)
            var verification = try await dump.verification()
            verification.wantsDigests = true
            let first = try await verification.run()
            let digest = try #require(first.collection("books")?.digest)
            var known = Dictionary(
                uniqueKeysWithValues: first.collections.map {
                    ($0.name, DumpVerification.Expected(documents: $0.documents, digest: $0.digest))
                })
            verification.expected = known
            #expect(try await verification.run().words == [])

            // Another order is the same content; another letter is not.
            try await dump.changeData("books") { $0.reverse() }
            #expect(try await verification.run().words == [])
            try await dump.changeData("books") { $0[3] = $0[3].replacing("Bü", with: "Bä") }
            let changed = try await verification.run()
            #expect(changed.words == ["collection books, content: \(changed.collection("books")?.digest ?? "")"])
            #expect(changed.collection("books")?.digest != digest)

            known = ["persons": .init(documents: 41), "books": .init(), "_graphs": .init(), "films": .init()]
            verification.expected = known
            #expect(
                try await verification.run().words == [
                    "collection films, there: it is not", "collection wrote, known: it is in the dump", "collection persons, documents: 40",
                ])
        }
    }

    @Test func theContentOfEnvelopesIsThatOfTheirDocuments() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.make(in: folder)
            try await dump.structure("a")
            try await dump.structure("b")
            try await dump.data("a", [#"{"type":2300,"data":{"_key":"k","x":1}}"#], isPacked: false)
            try await dump.data("b", [#"{"x":1,"_key":"k"}"#])
            var verification = try await dump.verification()
            verification.wantsDigests = true
            let report = try await verification.run()
            #expect(report.collection("a")?.digest == report.collection("b")?.digest)
            #expect(report.collection("a")?.digest != nil)
        }
    }

    // MARK: - Envelopes

    @Test func theLastEnvelopeOfADocumentWins() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.make(in: folder, description: nil)
            try await dump.write(#"{"parameters":{"name":"v","type":2,"cid":"1"},"indexes":[]}"#, as: "v.structure.json")
            try await dump.write(#"{"parameters":{"name":"e","type":3,"cid":"2"},"indexes":[]}"#, as: "e.structure.json")
            func document(_ key: String) -> String { #"{"type":2300,"key":"\#(key)","data":{"_key":"\#(key)"}}"# }
            func edge(_ key: String, to end: String) -> String {
                #"{"type":2301,"key":"\#(key)","data":{"_key":"\#(key)","_from":"v\/a","_to":"\#(end)"}}"#
            }
            try await dump.data(
                "v",
                [document("a"), document("b"), #"{"type":2302,"key":"b"}"#, document("a"), document("c"), #"{"type":2302,"key":"zz"}"#],
                file: "v", isPacked: false)
            try await dump.data(
                "e",
                [
                    edge("1", to: "v\\/b"), edge("1", to: "v\\/a"), edge("2", to: "v\\/gone"), #"{"type":2302,"key":"2"}"#,
                    edge("3", to: "away/1"), edge("3", to: "away/2"),
                ], file: "e", isPacked: false)
            let report = try await dump.report()
            #expect(report.words == [])
            #expect(report.collection("v")?.documents == 2)
            #expect(report.collection("e")?.documents == 2)
            #expect(report.collection("e")?.outsideEnds == 1)

            try await dump.change("\(folder)/e.data.json") { $0 += Array((edge("4", to: "v\\/b") + "\n").utf8) }
            #expect(
                try await dump.report().words == [
                    "collection e, documents that edges lead to: 1 of 5 ends lead to no document: 'e/4' to v/b; 1 end leads into collections that are not in the dump"
                ])
        }
    }

    @Test func aPlainLineIsNeverOneTooMany() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.make(in: folder)
            try await dump.structure("c")
            try await dump.data("c", [#"{"_key":"a"}"#, #"{"type":2300,"data":{"_key":"a"}}"#])
            #expect(try await dump.report().words == ["collection c, keys: 'a' stands in line 1 and in line 2"])
        }
    }

    // MARK: - Shapes of dumps

    @Test func emptyCollectionsOfBothKindsAreEmpty() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.make(in: folder)
            try await dump.structure("a")
            try await dump.structure("b")
            try await dump.data("a", [])
            try await dump.data("b", [], isPacked: false)
            let report = try await dump.report()
            #expect(report.words == [])
            #expect(report.collections.map(\.isWhole) == [true, true])
        }
    }

    @Test func splitDumpsHaveNoFileForWhatIsEmpty() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.make(in: folder)
            try await dump.structure("a")
            try await dump.structure("b")
            for number in 0..<12 {
                try await dump.data("a", [#"{"_key":"\#(number)"}"#], file: "\(DumpOnDisk.hashed("a")).\(number)")
            }
            let report = try await dump.report()
            #expect(report.words == [])
            #expect(report.collection("a")?.documents == 12)
            #expect(report.notes == ["collection b has no data: split dumps have no file for what is empty"])
            #expect(report.collection("a")?.dataFiles.last == "\(DumpOnDisk.hashed("a")).11.data.json.gz")
        }
    }

    @Test func gzipFilesThatAreStrungTogetherAreOne() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.library(in: folder)
            try await DumpOnDisk.pack(Array((DumpOnDisk.person(77) + "\n").utf8), to: "\(folder)/more")
            let more = try await read("\(folder)/more")
            try await dump.remove("\(folder)/more")
            try await dump.change(dump.path("persons", ".data.json.gz")) { $0 += more }
            let report = try await dump.report()
            #expect(report.words == [])
            #expect(report.collection("persons")?.documents == 41)
        }
    }

    @Test func namesThatNotAllVersionsTakeAreReplacedByIds() async throws {
        try await withTemporaryFolder { folder in
            let dump = try await DumpOnDisk.make(in: folder)
            let name = "Bücher und Hefte"
            let stem = "4711_\(MD5.hexDigest(of: Array(name.utf8)))"
            try await dump.write(#"{"indexes":[],"parameters":{"id":"4711","name":"\#(name)","type":2}}"#, as: "\(stem).structure.json")
            try await dump.data(name, [#"{"_key":"1","_id":"B\u00fccher und Hefte/1"}"#], file: stem)
            try await dump.write(#"{"id":"12","name":"Süchte","type":"arangosearch","links":{"\#(name)":{}}}"#, as: "12.view.json")
            let report = try await dump.report()
            #expect(report.words == [])
            #expect(report.collection(name)?.documents == 1)
        }
    }

    @Test func severalDatabasesAreVerifiedEach() async throws {
        try await withTemporaryFolder { folder in
            for name in ["one", "two"] {
                try await blocking { _ in try Files.makeFolder("\(folder)/\(name)") }
                _ = try await DumpOnDisk.library(in: "\(folder)/\(name)")
            }
            try await write(Array("none".utf8), to: "\(folder)/ENCRYPTION")
            var opened = try await ArangoDumpFolder.open("\(folder)/")
            let verifications = opened.verifications(scratch: folder)
            #expect(verifications.map(\.place) == ["\(folder)/one", "\(folder)/two"])
            for verification in verifications { #expect(try await verification.verification.run().isSound) }
            #expect(opened.stranger == nil)
            try await write([], to: "\(folder)/stray")
            opened = try await ArangoDumpFolder.open(folder)
            #expect(opened.stranger?.problem == "\(folder) holds 'stray', which belongs to no database of the dump")
        }
    }

    @Test func foldersThatAreNoDumpAreToldAsWhatTheyAre() async throws {
        try await withTemporaryFolder { folder in
            func failure(_ path: String) async -> Failure? {
                await #expect(throws: Failure.self) { _ = try await ArangoDumpFolder.open(path) }
            }
            #expect(await failure("\(folder)/gone")?.kind == .notFound)
            #expect(await failure(folder)?.problem == "\(folder) is no dump of ArangoDB: it is empty")
            try await write([], to: "\(folder)/x")
            #expect(await failure("\(folder)/x")?.problem == "\(folder)/x is a file: a dump of arangodump is a folder")
            #expect(
                await failure(folder)?.problem
                    == "\(folder) is no dump of ArangoDB: it holds 'x', and neither dump.json nor a structure")
        }
    }
}
