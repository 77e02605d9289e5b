import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// How documents get into a collection.
@Suite(.timeLimit(.minutes(5))) struct CollectionFillingTests {
    private func dump(_ lines: [String]) -> TestDump {
        var dump = TestDump()
        dump.add("c", lines: lines)
        return dump
    }

    @Test func plainLinesGoSideBySideAndNoMoreThanSoMany() async throws {
        let documents = TestDump.documents(500)
        let server = try RestoringServer()
        let outcome = try await server.restoration(of: dump(documents), .init(jobs: 3, requestBytes: 1000)).restore()
        #expect(outcome.documents == 500)
        #expect(server.now.bytes.count > 20)
        #expect(server.now.bytes.allSatisfy { $0 <= 1000 })
        #expect((server.now.mostInFlight["c"] ?? 0) <= 3)
        #expect(server.now.collections["c"]?.documents.values.sorted() == documents.sorted())
    }

    @Test func envelopesGoOneAfterTheOtherAndTheLastOneWins() async throws {
        var lines: [String] = []
        for round in 0..<40 {
            for key in 0..<5 { lines.append(#"{"type":2300,"data":{"_key":"k\#(key)","round":\#(round)}}"#) }
            lines.append(#"{"type":2302,"key":"k4","rev":"1"}"#)
        }
        lines.append(#"{"type":2301,"key":"k0","data":{"_key":"k0","_from":"a/1","_to":"a/2","round":99}}"#)
        let server = try RestoringServer()
        let outcome = try await server.restoration(of: dump(lines), .init(jobs: 4, requestBytes: 300)).restore()
        #expect(server.now.mostInFlight["c"] == 1)
        #expect(outcome.documents == 4)
        #expect(outcome.checks.allSatisfy { !$0.isFinding })
        let kept = try #require(server.now.collections["c"]?.documents)
        #expect(kept["k1"]?.contains("39") == true && kept["k0"]?.contains("99") == true && kept["k4"] == nil)
    }

    @Test func aLineLongerThanARequestGoesAlone() async throws {
        let long = #"{"_key":"long","text":"\#(String(repeating: "x", count: 5000))"}"#
        let lines = TestDump.documents(3) + [long] + [#"{"_key":"z"}"#]
        let server = try RestoringServer()
        let outcome = try await server.restoration(of: dump([lines.joined(separator: "\n")]), .init(jobs: 1, requestBytes: 1000)).restore()
        #expect(outcome.documents == 5)
        #expect(server.now.bytes.sorted().last == long.utf8.count + 1)
        #expect(server.now.collections["c"]?.documents["long"] == long)
    }

    @Test func numbersArriveLetterByLetter() async throws {
        let line = #"{"_key":"n","a":18446744073709551615,"b":-0.0,"c":1e400,"d":0.1000000000000000055511151231257827,"e":"\u00fc😀"}"#
        let seen = Mutex<String>("")
        let server = try RestoringServer { request in
            guard request.target.contains("restore-data") else { return nil }
            seen.withLock { $0 = request.text }
            return nil
        }
        _ = try await server.restoration(of: dump([line])).restore()
        #expect(seen.withLock { $0 } == line + "\n")
    }

    @Test func aServerThatGoesAwayForAWhileIsWaitedFor() async throws {
        let asked = Mutex(0)
        let server = try RestoringServer { request in
            guard request.target.contains("restore-data") else { return nil }
            let number = asked.withLock { count in
                count += 1
                return count
            }
            return number < 8 ? .arangoError(503, 503, "service unavailable") : nil
        }
        let said = Mutex<[String]>([])
        let outcome = try await server.restoration(of: dump(TestDump.documents(3)), say: { text in said.withLock { $0.append(text) } })
            .restore()
        #expect(outcome.documents == 3)
        #expect(said.withLock { $0 }.contains { $0.hasSuffix("; trying again") })
    }

    @Test func aClusterIsSentNothingTwice() async throws {
        let asked = Mutex(0)
        let server = try RestoringServer { request in
            if request.target.hasSuffix("/role") { return .arango(#"{"role":"COORDINATOR"}"#) }
            guard request.target.contains("restore-data") else { return nil }
            asked.withLock { $0 += 1 }
            return .nothing
        }
        let failure = try #require(await failureOf { _ = try await server.restoration(of: dump(TestDump.documents(3))).restore() })
        #expect(failure.kind == .unreachable)
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func aFailureNamesTheCollectionTheLinesAndTheDocument() async throws {
        let words = "unique constraint violated - in index idx_1 of type persistent over 'n'; conflicting key: k17"
        let asked = Mutex(0)
        let server = try RestoringServer { request in
            guard request.target.contains("restore-data") else { return nil }
            let number = asked.withLock { count in
                count += 1
                return count
            }
            return number == 2 ? .arangoError(409, 1210, words) : nil
        }
        let failure = try #require(
            await failureOf {
                _ = try await server.restoration(of: dump(TestDump.documents(100)), .init(jobs: 1, requestBytes: 500)).restore()
            })
        #expect(failure.kind == .engine)
        let lines = try #require(failure.problem.firstMatch(of: /lines ([0-9]+) to ([0-9]+)/))
        #expect(lines.1 == "12" && lines.2 == "21", "\(failure.problem)")
        #expect(failure.problem.hasPrefix("cannot restore collection 'c' of database 'app': lines "))
        #expect(failure.problem.hasSuffix("of it in the dump were not taken (the server names document 'k17')"))
        #expect(failure.causes.last == "status 409, error 1210: \(words)")
        #expect(failure.advice?.hasPrefix("a unique index forbids it") == true)
    }

    @Test func aLineThatIsNoDocumentIsRefusedAsDamage() async throws {
        for (line, problem) in [
            (#"{"name":"x"}"#, "no document and no removal of one"), (#"{"_key":5}"#, "no document and no removal of one"),
            (#"{"type":2300,"key":"x"}"#, "no document and no removal of one"),
            (#"{"type":2305,"data":{"_key":"x"}}"#, "no document and no removal of one"),
            (#"{"name":"x"#, "a text is not closed"), ("[1]", "expected an object"),
        ] {
            let server = try RestoringServer()
            let lines = TestDump.documents(2) + [line]
            let failure = try #require(
                await failureOf { _ = try await server.restoration(of: dump([lines.joined(separator: "\n")])).restore() })
            #expect(failure.kind == .damaged)
            #expect(failure.problem == "line 3 of collection 'c' in the dump is no document: \(problem)", "\(line)")
        }
    }
}
