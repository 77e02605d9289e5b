import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// What is made of what was seen from inside. A stand-in of an engine tells what a container reached.
@Suite(.timeLimit(.minutes(1))) struct IsolationProbeTests {
    private static let local = DockerWay.published(on: "127.0.0.1", at: "127.0.0.1")
    private static let control = "127.0.0.1 5432"

    /// - Parameters:
    ///   - lines: what the program inside prints.
    ///   - later: what it prints from the third time on.
    ///   - network: what the engine says of the drill's network beside its gateway, 10.9.0.1.
    private func findings(
        _ lines: [String], _ way: DockerWay = local, network: String = "", others: String = "[]", later: [String]? = nil
    ) async throws -> (IsolationProbe.Findings, asked: [String]) {
        let attempts = Mutex(0)
        let answers = FakeDocker.Answers { request in
            switch request.path.trimmingPrefix("/v1.41") {
            case "/networks/n1":
                return HTTPServerResponse(200, #"{"IPAM": {"Config": [{"Gateway": "10.9.0.1"}]}\#(network)}"#)
            case "/containers/json": return HTTPServerResponse(200, others)
            // Lifeboat's own, where it is in one.
            case "/containers/us/json":
                return HTTPServerResponse(200, #"{"Id": "us", "NetworkSettings": {"Networks": {"bridge": {"Gateway": "198.51.100.1"}}}}"#)
            case "/containers/c1/exec": return HTTPServerResponse(201, #"{"Id": "e1"}"#)
            case "/exec/e1/start":
                let attempt = attempts.withLock { count in
                    count += 1
                    return count
                }
                let lines = attempt < 3 ? lines : later ?? lines
                let text = Array((lines.joined(separator: "\n") + "\n").utf8)
                let head: [UInt8] = [1, 0, 0, 0, 0, 0, UInt8(text.count >> 8), UInt8(text.count & 0xFF)]
                return HTTPServerResponse(200, body: .bytes(head + text))
            case "/exec/e1/json": return HTTPServerResponse(200, #"{"Running": false, "ExitCode": 0}"#)
            default: return HTTPServerResponse(404, #"{"message": "not known"}"#)
            }
        }
        return try await withFakeDocker(answering: answers) { docker in
            let probe = IsolationProbe(
                engine: try await docker.connected(), container: ContainerFacts(["Id": "c1"]),
                network: DrillNetwork(id: "n1", name: "drill"), way: way, port: 5432)
            let findings = try await probe.findings()
            let exec = docker.requests.first { $0.path.hasSuffix("/c1/exec") }?.text ?? ""
            return (findings, try JSONValue(parsing: Array(exec.utf8))["Cmd"]?.array?.compactMap(\.string) ?? [])
        }
    }

    private func level(_ findings: IsolationProbe.Findings) -> IsolationLevel { IsolationLevel(findings) }

    @Test func ofAnEngineElsewhereNothingIsSaidOfItsMachine() async throws {
        // Our own door is not reached there, which says nothing; nor is any process of ours that container.
        for way in [Self.local, .published(on: "", at: "engine.internal")] {
            let (found, _) = try await findings([Self.control], way)
            #expect(found.machine == nil)
            #expect(level(found) == .machine)
            #expect(level(found).words(found).contains("whether they reach the machine that they run on could not be found out"))
        }
    }

    @Test func theEnginesMachineIsFoundAtTheGatewayWhereverItIs() async throws {
        let (found, asked) = try await findings([Self.control, "10.9.0.1 9"], .published(on: "", at: "engine.internal"))
        #expect(asked.contains("10.9.0.1 9"))
        #expect(found.machine == true)
    }

    /// It has an address in the network in which ports are published: silent may be a filter, or who has too much to do.
    @Test func silenceOfAMachineThatPublishesPortsProvesNothing() async throws {
        let (found, _) = try await findings([Self.control], later: [Self.control, "10.9.0.1 9"])
        #expect(found == IsolationProbe.Findings(outside: false, names: false, neighbours: false, machine: true))
        // What was found in the meantime stands.
        let (deaf, _) = try await findings([Self.control], later: [])
        #expect(deaf == IsolationProbe.Findings(outside: false, names: false, neighbours: false, machine: nil))
        let (leaking, _) = try await findings([Self.control, "8.8.8.8 53"], later: [Self.control])
        #expect(leaking.outside == true)
    }

    @Test func inAContainerOurOwnAddressesAreNotTheMachine() async throws {
        let sealed = #", "Internal": true, "Options": {"com.docker.network.bridge.inhibit_ipv4": "true"}"#
        let (found, asked) = try await findings([Self.control], .joined(container: "us"), network: sealed)
        for address in Machine.addresses { #expect(!asked.contains { $0.hasPrefix("\(address) ") && !$0.hasSuffix(" 53") }, "\(address)") }
        #expect(asked.contains("198.51.100.1 9"), "an address of the machine in a network of ours")
        #expect(found == IsolationProbe.Findings(outside: false, names: false, neighbours: false, machine: false))
        #expect(level(found) == .sealed)

        let (reached, _) = try await findings([Self.control, "198.51.100.1 9"], .joined(container: "us"), network: sealed)
        #expect(reached.machine == true)
        // An engine that has left out what it did not know.
        let (open, _) = try await findings([Self.control], .joined(container: "us"), network: #", "Internal": true"#)
        #expect(open.machine == nil)
    }

    @Test func namesNeighboursAndWaysOutAreEachALeak() async throws {
        let (names, _) = try await findings([Self.control, "example.com"])
        #expect(names.names == true && level(names) == .open)
        #expect(level(names).words(names) == "they reach somebody who looks names up outside")
        let others = """
            [{"Id": "c2", "Labels": {}, "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.5"}, "host": {"IPAddress": ""}}}}]
            """
        let (neighbours, asked) = try await findings([Self.control, "172.17.0.5 9"], others: others)
        #expect(asked.contains("172.17.0.5 9"))
        #expect(neighbours.neighbours == true)
        #expect(level(neighbours).words(neighbours) == "they reach containers that are not of this drill")
        let (outside, _) = try await findings([Self.control, "8.8.8.8 53"])
        #expect(outside.outside == true && level(outside) == .open)
    }

    @Test func whatCouldNotBeTriedCountsAsReachable() async throws {
        let (blind, _) = try await findings([])
        #expect(blind == IsolationProbe.Findings())
        #expect(level(blind) == .open)
        #expect(level(blind).words(blind) == "what they reach could not be tried")
        let (noNames, _) = try await findings([Self.control, "no names"])
        #expect(noNames.names == nil && noNames.outside == false)
        #expect(level(noNames) == .open)
        #expect(IsolationLevel.leaks(noNames).isEmpty)
    }
}
