import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Folders of stopped servers are captured whole; those that somebody is at work on are not.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(5))) struct StorageCaptureTests {
    @Test func whatAStoppedServerHasIsAllInTheBackup() async throws {
        try await StorageUnderTest.with(hasEverything: true) { storage in
            let there = try await storage.contents(of: storage.folder)
            let taken = try await storage.take()
            let listing = try await StorageListing.read(taken.hand)
            #expect(listing.files.mapValues(\.sha256) == there.filter { $0.value != "folder" })
            #expect(listing.folders == Set(there.filter { $0.value == "folder" && !$0.key.isEmpty }.keys))

            let known = try await QdrantBackup.read(taken.hand)
            #expect(known.collections.keys.sorted() == ["books", "everything"])
            #expect(known.collections["books"]?.points == 60)
            #expect(known.collections["books"]?.config["params"]?["vectors"]?["size"]?.int == 8)
            #expect(known.indexes["books"]?.keys.sorted() == ["page", "shelf"])
            #expect(known.aliases == ["shelf": "books"])
            #expect(taken.captured.totals == ["collections": 2, "aliases": 1, "files": Int64(listing.files.count)])
            #expect(taken.captured.problems == [])
            // What a stand-in has played is told as such, also by its folder.
            #expect(taken.captured.standIn == (TestQdrant.missingStandIn == nil))

            // Who it is stands in its folder, whether it runs or not.
            let stopped = try await storage.target.identity()
            #expect(stopped.system != nil && stopped == taken.captured.source)
            try await storage.server.start()
            #expect(try await storage.target.identity() == stopped)
        }
    }

    @Test func itIsReadDeepWithoutAServer() async throws {
        try await StorageUnderTest.with { storage in
            let taken = try await storage.take()
            let checks = try await storage.examine(taken.hand)
            #expect(checks.filter(\.isFinding) == [])
            #expect(checks.contains { $0.subject == "storage folder" && $0.aspect == "files" && $0.compared > 10 })
            #expect(checks.contains { $0.subject == "collection books" && $0.aspect == "configuration" })
            #expect(checks.contains { $0.subject == "payload index books/shelf" })
        }
    }

    @Test func aFlippedBitAnywhereIsFound() async throws {
        try await StorageUnderTest.with { storage in
            let taken = try await storage.take()
            let size = try #require(taken.hand.manifest.artifacts.first { $0.key == PartName.storage }?.stored.bytes)
            for share in 1...8 {
                let place = Int(size) * share / 9
                let backup = try await storage.damaged(taken) { $0[place] ^= 1 << UInt8(share % 8) }
                let failure = await #expect(throws: Failure.self) { try await storage.examine(backup) }
                #expect(failure?.kind == .damaged, "at \(place): \(String(describing: failure))")
                _ = try await storage.damaged(taken) { $0[place] ^= 1 << UInt8(share % 8) }
            }
            let short = try await storage.damaged(taken) { $0.removeLast(9) }
            let failure = await #expect(throws: Failure.self) { try await storage.examine(short) }
            #expect(failure?.kind == .damaged)
        }
    }

    /// The archive is whole, and one of its files is another than the inventory says.
    @Test func aFileThatWasExchangedIsFoundByItsHash() async throws {
        try await StorageUnderTest.with { storage in
            let taken = try await storage.take()
            let items = taken.items.map { item in
                guard item.name == "raft_state.json" else { return item }
                return InventoryItem(
                    kind: item.kind, name: item.name, count: item.count, facts: ["sha256": String(repeating: "0", count: 64)])
            }
            let exchanged = await taken.sink.backup(taken.captured, of: .qdrant, asRole: "storage", inventory: items)
            let failure = await #expect(throws: Failure.self) { try await storage.examine(exchanged) }
            #expect(
                failure?.problem.hasSuffix("is damaged: file 'raft_state.json' is not as it was captured") == true,
                "\(String(describing: failure))")
            let fewer = await taken.sink.backup(
                taken.captured, of: .qdrant, asRole: "storage", inventory: taken.items.filter { $0.name != "raft_state.json" })
            let foreign = await #expect(throws: Failure.self) { try await storage.examine(fewer) }
            #expect(foreign?.problem.hasSuffix("file 'raft_state.json' is in it, and was not captured") == true)
            let more = await taken.sink.backup(
                taken.captured, of: .qdrant, asRole: "storage",
                inventory: taken.items + [InventoryItem(kind: "file", name: "zz", count: 1, facts: ["sha256": "0"])])
            let missing = await #expect(throws: Failure.self) { try await storage.examine(more) }
            #expect(missing?.problem.hasSuffix("1 of what was captured is not in it") == true)
        }
    }

    // MARK: Live folders

    @Test func aServerThatAnswersIsLive() async throws {
        try await StorageUnderTest.with(isStopped: false) { storage in
            let failure = await #expect(throws: Failure.self) { try await storage.take() }
            #expect(failure?.kind == .refused)
            #expect(
                failure?.problem == "cannot capture \(storage.folder.path): \(storage.target.server.words) answers, so the folder is live",
                "\(String(describing: failure))")
        }
    }

    /// Also one that does not know who asks, or that is no Qdrant at all.
    @Test(arguments: ["HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "220 mail.example.com\r\n"])
    func anyAnswerWillDo(answer: String) async throws {
        try await StorageUnderTest.with { storage in
            let other = try RawServer { connection, _ in
                connection.read(until: "\r\n\r\n")
                connection.write(answer)
            }
            defer { other.stop() }
            let address = try QdrantAddress.read("http://127.0.0.1:\(other.port)", of: "vectors")
            let client = QdrantClient(QdrantServer("vectors", at: address), http: HTTPClient(), time: RealTime())
            let failure = await #expect(throws: Failure.self) {
                try await LiveStorage(client: client).refuse([storage.folder], to: "capture")
            }
            #expect(failure?.problem.hasSuffix("answers, so the folder is live") == true, "\(String(describing: failure))")
        }
    }

    /// Only a refused connection says that nobody is there.
    @Test func anAddressThatLeadsNowhereSaysNothing() {
        func meaning(_ kind: HTTPError.Kind, _ words: String) -> LiveStorage.Answer { LiveStorage.meaning(of: HTTPError(kind, words)) }
        #expect(meaning(.unreachable, "GET http://h: Couldn't connect to server") == .none)
        #expect(meaning(.unreachable, "GET http://h: Could not resolve host: h") == .silence)
        #expect(meaning(.timedOut, "GET http://h: timed out") == .silence)
        #expect(meaning(.protocolError, "GET http://h: no HTTP") == .something)
        #expect(meaning(.tlsFailed, "GET http://h: a certificate") == .something)
    }

    /// Left out, it would be missed by nobody until the day it is needed.
    @Test func aCollectionThatHasLostItsConfigurationIsNoBackup() async throws {
        try await StorageUnderTest.with { storage in
            try await blocking { [path = storage.folder.path] _ in
                _ = try Files.removeFile("\(path)/collections/books/config.json")
            }
            let failure = await #expect(throws: Failure.self) { try await storage.take() }
            #expect(failure?.kind == .damaged)
            #expect(failure?.problem.contains("collection 'books'") == true, "\(String(describing: failure))")
            #expect(failure?.problem.hasSuffix("has data and no config.json") == true, "\(String(describing: failure))")
        }
    }

    /// The server that answers is elsewhere, and some other program has the folder.
    @Test(arguments: Holding.allCases) func aFileThatSomebodyHasIsLive(holding: Holding) async throws {
        try await StorageUnderTest.with { storage in
            let log = "\(storage.server.folder)/holder"
            let holder = try await GuardedProcess.start(
                Command("/usr/bin/python3", ["-c", holding.program], workingFolder: storage.folder.path), log: log)
            while try await read(log).isEmpty {
                try Task.checkCancellation()
                await Task.yield()
            }
            let failure = await #expect(throws: Failure.self) { try await storage.take() }
            #expect(
                failure?.problem
                    == "cannot capture \(storage.folder.path): process \(holder.pid) (python3) has files in it open",
                "\(String(describing: failure))")
            await holder.stop()
            _ = try await storage.take()
        }
    }

    enum Holding: String, CaseIterable {
        case open, mapped

        /// Says so when it has it, and keeps it for ever.
        var program: String {
            let map = self == .mapped ? "m=mmap.mmap(f,0,prot=mmap.PROT_READ); os.close(f); " : ""
            return "import mmap,os,signal; f=os.open('raft_state.json',os.O_RDONLY); \(map)print('held',flush=True); signal.pause()"
        }
    }

    @Test func whatChangesWhileItIsReadIsLive() async throws {
        try await StorageUnderTest.with { storage in
            for (what, change) in Self.changes {
                let sink = try await FolderSink()
                let changing = ChangingSink(sink) { try change(storage.folder.path) }
                let failure = await #expect(throws: Failure.self) {
                    try await storage.target.capture(
                        object: nil, CaptureOptions(collections: CollectionOptions(way: .storage)), into: changing)
                }
                #expect(
                    failure?.problem.hasSuffix("changed while the folder was read, so it is live") == true,
                    "\(what): \(String(describing: failure))")
                #expect(try await sink.leftInWorkFolder() == [], "\(what)")
            }
        }
    }

    private static let changes: [(String, @Sendable (String) throws -> Void)] = [
        ("a new file", { try Files.create("\($0)/new", [1]) }),
        ("a file that is gone", { _ = try Files.removeFile("\($0)/new") }),
        ("another content", { try Files.replace("\($0)/raft_state.json", Array("{\"this_peer_id\":5}".utf8)) }),
    ]

    // MARK: Refusals

    @Test func linksAndSocketsAreRefusedByName() async throws {
        try await StorageUnderTest.with { storage in
            _ = try await run(Command("/bin/ln", ["-s", "/etc/passwd", "\(storage.folder.path)/collections/link"]))
            let failure = await #expect(throws: Failure.self) { try await storage.take() }
            #expect(
                failure?.problem == "cannot capture \(storage.folder.path): 'collections/link' is a link, which no server of Qdrant makes")
        }
    }

    @Test func nothingIsChosenFromAWholeServer() async throws {
        try await StorageUnderTest.with { storage in
            let failure = await #expect(throws: Failure.self) {
                try await storage.take(CollectionOptions(include: ["books"], way: .storage))
            }
            #expect(failure?.kind == .configuration)
            let nowhere = try StorageUnderTest.target(storage.server, storage: nil)
            let unknown = await #expect(throws: Failure.self) {
                try await nowhere.capture(
                    object: nil, CaptureOptions(collections: CollectionOptions(way: .storage)), into: try await FolderSink())
            }
            #expect(unknown?.problem == "nothing says where the storage folder of target 'vectors' is")
            let elsewhere = try StorageUnderTest.target(storage.server, storage: storage.server.folder + "/snapshots")
            let foreign = await #expect(throws: Failure.self) {
                try await elsewhere.capture(
                    object: nil, CaptureOptions(collections: CollectionOptions(way: .storage)), into: try await FolderSink())
            }
            #expect(foreign?.problem.hasSuffix("so it is no storage folder of Qdrant") == true, "\(String(describing: foreign))")
        }
    }

    @Test func oneNodeOfAClusterIsNoServer() async throws {
        try await StorageUnderTest.with { storage in
            try await blocking { [folder = storage.folder.path] _ in
                try Files.replace(
                    "\(folder)/raft_state.json",
                    Array(#"{"this_peer_id":1,"peer_address_by_id":{"1":"http://a:6335/","2":"http://b:6335/"}}"#.utf8))
            }
            let failure = await #expect(throws: Failure.self) { try await storage.take() }
            #expect(failure?.problem.contains("one node of a cluster") == true, "\(String(describing: failure))")
        }
    }

    @Test func aCollectionWhoseRecoverWasCutOffIsNoBackup() async throws {
        try await StorageUnderTest.with { storage in
            try await write([], to: "\(storage.folder.path)/collections/books/shard_0.initializing")
            let failure = await #expect(throws: Failure.self) { try await storage.take() }
            #expect(failure?.problem.contains("a recover of collection 'books' was cut off") == true, "\(String(describing: failure))")
        }
    }
}

/// Does something as soon as the folder is being read.
private struct ChangingSink: CaptureSink {
    private let sink: FolderSink
    private let change: @Sendable () throws -> Void

    init(_ sink: FolderSink, _ change: @escaping @Sendable () throws -> Void) { (self.sink, self.change) = (sink, change) }

    var workFolder: String { sink.workFolder }
    func adopt(file path: String, as key: String) async throws { try await sink.adopt(file: path, as: key) }
    func record(_ items: [InventoryItem]) async throws { try await sink.record(items) }
    func makeNotesFolder() async throws -> String { try await sink.makeNotesFolder() }
    func removeNotesFolder(_ path: String) async throws { try await sink.removeNotesFolder(path) }

    /// The folder has been listed when this is said, and nothing of it was read.
    func progress(_ words: String) {
        if words.hasPrefix("reading ") {
            do { try change() } catch { Issue.record(error) }
        }
    }
}
