import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// A restore that goes on where another was cut off.
@Suite(.timeLimit(.minutes(5))) struct RestoreResumeTests {
    private static let app = DatabaseRestorationTests.app

    /// Fails the nth order for every n, then restores again.
    @Test func whereverItIsCutOffTheNextOneBringsItToTheSameEnd() async throws {
        let whole = try RestoringServer()
        _ = try await whole.restoration(of: Self.app).restore()
        for n in 1... {
            let count = Mutex(0)
            let server = try RestoringServer { request in
                guard request.method == "PUT" else { return nil }
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return number == n ? .arangoError(500, 4, "disk on fire") : nil
            }
            let memory = TestMemory()
            let failure = await failureOf { _ = try await server.restoration(of: Self.app, .init(), memory).restore() }
            if failure == nil {
                #expect(n > 15, "no order was failed")
                return
            }
            let finished = memory.marks.keys.filter { $0.hasPrefix("filled ") }.map { String($0.dropFirst(7)) }
            let before = server.now.acts.count
            let outcome = try await server.restoration(of: Self.app, .init(), memory).restore()
            #expect(outcome.checks.allSatisfy { !$0.isFinding }, "after order \(n): \(outcome.checks)")
            #expect(outcome.documents == 15)
            let again = server.now.acts.dropFirst(before)
            for name in finished {
                #expect(!again.contains("make \(name)") && !again.contains("data \(name)"), "after order \(n): \(again)")
            }
            let (made, expected) = (server.now, whole.now)
            for (name, collection) in expected.collections {
                #expect(made.collections[name]?.documents == collection.documents, "after order \(n): \(name)")
                #expect(made.collections[name]?.indexes.count == collection.indexes.count, "after order \(n): \(name)")
            }
            #expect(made.views == expected.views)
        }
    }

    @Test func aCollectionThatHasLostDocumentsSinceIsRestoredAgain() async throws {
        let server = try RestoringServer()
        let memory = TestMemory()
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        server.change { $0.collections["Books"]?.documents["k1"] = nil }
        let before = server.now.acts.count
        let outcome = try await server.restoration(of: Self.app, .init(), memory).restore()
        #expect(outcome.documents == 15)
        #expect(
            server.now.acts.dropFirst(before).filter { $0.hasPrefix("make ") || $0.hasPrefix("data ") } == ["make Books", "data Books"])
    }

    @Test func aCollectionThatSomebodyHasWrittenToSinceIsLeftToAPerson() async throws {
        let server = try RestoringServer()
        let memory = TestMemory()
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        server.change { $0.collections["Books"]?.documents["new"] = "{}" }
        let before = server.now.acts
        let paused = await #expect(throws: Paused.self) { try await server.restoration(of: Self.app, .init(), memory).restore() }
        #expect(paused?.words.contains("collection 'Books' of database 'app'") == true)
        #expect(server.now.acts == before)
    }

    @Test func whatTheServerHasWrittenByItselfSinceStopsNothing() async throws {
        let server = try RestoringServer()
        let memory = TestMemory()
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        server.change { $0.collections["_apps"]?.documents["theirs"] = "{}" }
        let before = server.now.acts.count
        let outcome = try await server.restoration(of: Self.app, .init(), memory).restore()
        #expect(outcome.checks.allSatisfy { !$0.isFinding }, "\(outcome.checks)")
        #expect(!server.now.acts.dropFirst(before).contains("make _apps"))
    }

    /// By its name it could be ours, by its number it is not.
    @Test func oneThatSomebodyHasMadeAnewIsLeftToAPerson() async throws {
        let server = try RestoringServer()
        let memory = TestMemory()
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        server.change { state in
            state.made += 1
            state.collections["visits"]?.id = state.made
            state.collections["visits"]?.documents = ["theirs": "{}"]
        }
        let before = server.now.acts
        let paused = await #expect(throws: Paused.self) { try await server.restoration(of: Self.app, .init(), memory).restore() }
        #expect(
            paused?.words.hasPrefix("database 'app' on") == true
                && paused?.words.contains("has 'visits', which this restore has not made") == true)
        #expect(server.now.acts == before)
        // An empty one is nobody's loss.
        server.change { $0.collections["visits"]?.documents = [:] }
        let outcome = try await server.restoration(of: Self.app, .init(), memory).restore()
        #expect(outcome.checks.allSatisfy { !$0.isFinding })
        #expect(server.now.collections["visits"]?.documents.count == 3)
    }

    /// What is remembered of a collection is not remembered of the one that took its place.
    @Test func aCollectionThatWasMadeAnewIsFilledAnew() async throws {
        let server = try RestoringServer()
        let memory = TestMemory()
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        var state = server.now
        state.collections["visits"] = nil
        let cutOff = try RestoringServer(state) { request in
            request.target.contains("restore-data?collection=visits") ? .arangoError(500, 4, "disk on fire") : nil
        }
        #expect(await failureOf { _ = try await cutOff.restoration(of: Self.app, .init(), memory).restore() } != nil)
        let later = try RestoringServer(cutOff.now)
        #expect(later.now.collections["visits"]?.documents.isEmpty == true)
        let outcome = try await later.restoration(of: Self.app, .init(), memory).restore()
        #expect(outcome.checks.allSatisfy { !$0.isFinding })
        #expect(later.now.collections["visits"]?.documents.count == 3)
    }

    /// Cut off before it has made anything, it has nothing.
    @Test func whatAppearsBeforeItIsMadeIsNotOverwritten() async throws {
        let server = try RestoringServer { request in
            request.target.contains("restore-collection") ? .arangoError(500, 4, "disk on fire") : nil
        }
        let memory = TestMemory()
        _ = await failureOf { _ = try await server.restoration(of: Self.app, .init(), memory).restore() }
        let later = try RestoringServer(server.now)
        later.change { $0.collections["Books"] = .init(id: 99, documents: ["theirs": "{}"]) }
        await #expect(throws: Paused.self) { try await later.restoration(of: Self.app, .init(), memory).restore() }
        #expect(later.now.collections["Books"]?.documents.count == 1 && later.now.acts.isEmpty)
    }

    @Test func whatHasExpiredSinceIsNotRestoredAgain() async throws {
        let server = try RestoringServer()
        let memory = TestMemory()
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        server.change { $0.collections["visits"]?.documents = [:] }
        let before = server.now.acts.count
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        #expect(!server.now.acts.dropFirst(before).contains("data visits"))
        // Only where the server may have taken documents out.
        memory.set(RestoreMemory.Mark.expiring("visits"), nil)
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        #expect(server.now.collections["visits"]?.documents.count == 3)
    }

    @Test func aViewThatSomebodyHasMadeSinceIsLeftToAPerson() async throws {
        let server = try RestoringServer {
            $0.target.contains("restore-data?collection=Books") ? .arangoError(500, 4, "disk on fire") : nil
        }
        let memory = TestMemory()
        #expect(await failureOf { _ = try await server.restoration(of: Self.app, .init(), memory).restore() } != nil)
        let later = try RestoringServer(server.now)
        later.change { $0.views["found"] = "search-alias" }
        let before = later.now.acts
        let paused = await #expect(throws: Paused.self) { try await later.restoration(of: Self.app, .init(), memory).restore() }
        #expect(paused?.words.contains("has view 'found', which this restore has not made") == true)
        #expect(later.now.acts == before)
    }

    @Test func aViewThatIsThereIsNotBuiltAgain() async throws {
        let server = try RestoringServer()
        let memory = TestMemory()
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        server.change { $0.views["found"] = nil }
        let before = server.now.acts.count
        _ = try await server.restoration(of: Self.app, .init(), memory).restore()
        #expect(server.now.acts.dropFirst(before).filter { $0.hasPrefix("view") } == ["view found"])
    }
}
