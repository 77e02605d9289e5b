import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(1))) struct CollectionTallyTests {
    /// Its count is asked for, and the server says that there is no such collection.
    private func tallies(isGone: Bool) async throws -> [String: CollectionTally] {
        let asked = Mutex(false)
        let server = try RestoringServer { request in
            if request.target.hasSuffix("/ghost/count") {
                asked.withLock { $0 = true }
                return .arangoError(404, 1203)
            }
            return isGone && asked.withLock { $0 } ? .arango(#"{"result":[]}"#) : nil
        }
        server.change { $0.collections = ["ghost": .init()] }
        return try await server.wire.arango().tallies(in: "app") { _ in true }
    }

    /// Databases are captured while people work.
    @Test func aCollectionThatGoesBetweenTwoQuestionsIsNotThere() async throws {
        #expect(try await tallies(isGone: true).isEmpty)
    }

    @Test func oneThatIsThereAndCannotBeCountedIsAFailure() async throws {
        let failure = await failureOf { _ = try await tallies(isGone: false) }
        #expect(failure?.problem.contains("'ghost'") == true, "\(String(describing: failure))")
    }
}
