import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// Twenty drills at once, as on the first of the month.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(5))) struct ManyDrillsTests {
    @Test func twentyAtOnceDoNotCollideAndLeaveNothing() async throws {
        try await EnvironmentUnderTest.docker.withPlace(readyWithin: .seconds(120)) { place in
            let environments = try await withThrowingTaskGroup(of: (any RunningEnvironment).self) { group in
                for number in 1...20 {
                    group.addTask {
                        try await place.provider.start(
                            place.request([("db", FakeServer())], run: "20261120T020000Z-many-\(number)"))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let addresses = environments.flatMap { $0.servers.values.map(\.address) }
            #expect(Set(addresses.map(\.text)).count == 20)
            #expect(Set(addresses.compactMap { $0.password?.reveal { $0 } }).count == 20)
            for address in addresses { _ = try await FakeServer.ask(address) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for environment in environments { group.addTask { try await environment.stop() } }
                try await group.waitForAll()
            }
            try await place.expectNothingLeft()
        }
    }
}
