import Bindings
import Documents
import FoundationEssentials
import TestSupport
import Testing

/// `lifeboat arangodb verify-dump`, from outside.
@Suite(.timeLimit(.minutes(2))) struct ArangoDBCommandTests {
    private func verify(_ arguments: String..., in folder: String) async throws -> Program.Ended {
        try await Program("lifeboat", in: folder).run(["arangodb", "verify-dump"] + arguments)
    }

    /// Two collections without hashes in their names, as clusters and 2.x write them.
    private func makeDump(_ folder: String, edges: [String] = [#"{"_key":"1","_from":"towns/a","_to":"towns/b"}"#]) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func put(_ name: String, _ lines: String...) async throws {
            try await write(Array(lines.map { $0 + "\n" }.joined().utf8), to: "\(folder)/\(name)")
        }
        try await put("dump.json", #"{"database":"map","properties":{"name":"map"}}"#)
        try await put(
            "towns.structure.json",
            #"{"indexes":[{"type":"geo","fields":["at"]},{"type":"persistent","fields":["x","y"]}],"parameters":{"name":"towns","type":2}}"#
        )
        try await put("towns.data.json", #"{"_key":"a"}"#, #"{"_key":"b"}"#)
        try await put("roads.structure.json", #"{"indexes":[],"parameters":{"name":"roads","type":3}}"#)
        try await write(Array(edges.map { $0 + "\n" }.joined().utf8), to: "\(folder)/roads.data.json")
        try await put("_jobs.structure.json", #"{"indexes":[],"parameters":{"name":"_jobs","type":2,"isSystem":true}}"#)
        try await write([], to: "\(folder)/_jobs.data.json")
        try await put("_graphs.structure.json", #"{"indexes":[],"parameters":{"name":"_graphs","type":2,"isSystem":true}}"#)
        try await put(
            "_graphs.data.json", #"{"_key":"net","edgeDefinitions":[{"collection":"roads","from":["towns"],"to":["towns"]}]}"#)
        try await put("search.view.json", #"{"name":"search","type":"arangosearch","links":{"towns":{}}}"#)
    }

    @Test func itSaysWhatADumpHolds() async throws {
        try await withTemporaryFolder { folder in
            try await makeDump("\(folder)/map")
            let ended = try await verify("map/", in: folder)
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(
                ended.output == """
                    SOUND  map: database map, 4 collections, 4 documents
                      collection  _graphs  1 document
                      edges       roads    1 document
                      collection  towns    2 documents  geo on 'at'; persistent on 'x', 'y'
                      empty       _jobs
                      view        search  arangosearch
                      graph       net
                      checked     every byte read; 31 compared, 0 differ, 0 undetermined

                    """)
        }
    }

    @Test func eachProblemIsALine() async throws {
        try await withTemporaryFolder { folder in
            try await makeDump("\(folder)/map", edges: [#"{"_key":"1","_from":"towns/a","_to":"towns/z"}"#, "{"])
            try FileManager.default.removeItem(atPath: "\(folder)/map/_jobs.data.json")
            let ended = try await verify("map", in: folder)
            #expect(ended.code == 2)
            let problems = ended.output.split(separator: "\n").filter { $0.hasPrefix("  PROBLEM") }
            #expect(
                problems.joined(separator: "\n") == """
                      PROBLEM     collection _jobs, data: expected a file, also when it is empty, found none: it would be restored as empty
                      PROBLEM     collection roads, lines: expected a document each, found line 2: the text ends too early, at byte 1
                      PROBLEM     collection roads, documents that edges lead to: expected in the dump, found 1 of 2 ends lead to no document: 'roads/1' to towns/z
                    """)
            #expect(ended.output.contains("  edges       roads    1 document read  1 end leads to no document\n"), "\(ended.output)")
            #expect(ended.output.contains("  collection  _jobs    not read\n"), "\(ended.output)")
        }
    }

    @Test func edgesMayLeadNowhereWhenThatIsSaid() async throws {
        try await withTemporaryFolder { folder in
            try await makeDump("\(folder)/map", edges: [#"{"_key":"1","_from":"towns/a","_to":"towns/z"}"#])
            #expect(try await verify("map", in: folder).code == 2)
            #expect(try await verify("map", "--dangling-edges", "refused", in: folder).code == 2)
            let allowed = try await verify("map", "--dangling-edges=allowed", in: folder)
            #expect(allowed.code == 0)
            #expect(allowed.output.contains("1 end leads to no document"))
        }
    }

    @Test func eachDatabaseIsToldAndTheWorstDecides() async throws {
        try await withTemporaryFolder { folder in
            try await makeDump("\(folder)/all/map")
            try await makeDump("\(folder)/all/other", edges: ["x"])
            let both = try await verify("all", "gone", in: folder)
            #expect(both.code == 2)
            #expect(both.output.contains("SOUND  all/map: database map"))
            #expect(both.output.contains("NOT SOUND  all/other: database map"))
            #expect(both.errors.contains("there is no folder gone"))
            #expect(try await verify("gone", in: folder).code == 66)
            try await write([], to: "\(folder)/all/stray")
            let stray = try await verify("all", "--json", in: folder)
            #expect(stray.code == 2)
            let dumps = try JSONValue(parsing: stray.output)["dumps"]?.array ?? []
            #expect(dumps.map { $0["folder"]?.string } == ["all/map", "all/other", "all"])
            #expect(dumps.map { $0["sound"]?.bool } == [true, false, false])
            #expect(dumps[0]["collections"]?.array?.compactMap { $0["documents"]?.int } == [1, 0, 1, 2])
            #expect(dumps[2]["failure"]?["kind"]?.string == "damaged")
        }
    }

    @Test func whatIsNoDumpIsToldAsWhatItIs() async throws {
        try await withTemporaryFolder { folder in
            try await write([], to: "\(folder)/file")
            let file = try await verify("file", in: folder)
            #expect(file.code == 2)
            #expect(file.output.contains("NOT SOUND  file is a file: a dump of arangodump is a folder\n  hint"))
            #expect(try await verify(".", in: folder).output.contains("neither dump.json nor a structure"))
        }
    }

    @Test(arguments: [
        ([], "what to do is missing"), (["verify-dum", "f"], "arangodb has no verb 'verify-dum'"),
        (["verify-dump"], "the folder of a dump is missing"),
        (["verify-dump", "f", "--dangling-edges", "yes"], "--dangling-edges 'yes' is neither allowed nor refused"),
    ]) func mistypedWordsAreToldAs64(_ words: [String], _ problem: String) async throws {
        let ended = try await Program("lifeboat").run(["arangodb"] + words)
        #expect(ended.code == 64)
        #expect(ended.errors.contains(problem), "\(ended.errors)")
    }

    @Test func hostileNamesDoNothingToATerminal() async throws {
        try await withTemporaryFolder { folder in
            let evil = "\u{1B}]0;owned\u{202E}gnp"
            let escaped = #"\u001b]0;owned\u0007\u202egnp"#
            try await makeDump(
                "\(folder)/map", edges: [#"{"_key":"\#(escaped)"}"#, #"{"_key":"1","_from":"\#(escaped)","_to":"\#(escaped)/1"}"#])
            try await write(
                Array(#"{"name":"v","type":"\#(escaped)","links":{"\#(escaped)":{}}}"#.utf8), to: "\(folder)/map/v.view.json")
            try await write([], to: "\(folder)/map/\(evil)")
            try await write(
                Array(#"{"indexes":[{"type":"\#(escaped)","fields":["\#(escaped)"]}],"parameters":{"name":"n","type":2}}"#.utf8),
                to: "\(folder)/map/n.structure.json")
            let ended = try await verify("map", in: folder)
            #expect(ended.code == 2)
            for scalar in (ended.output + ended.errors).unicodeScalars where scalar != "\n" {
                #expect(scalar.properties.generalCategory != .control && scalar.value != 0x202E)
            }
            #expect(ended.output.contains(#"\u{1B}]0;owned"#))
        }
    }
}
