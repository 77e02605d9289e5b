import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization

package struct MemoryEngine: Engine {
    package static let engineName = EngineName("memory")
    package let servers: MemoryProvider
    package let machines: MemoryMachines

    package init(_ servers: MemoryProvider, _ machines: MemoryMachines = MemoryMachines()) {
        self.servers = servers
        self.machines = machines
    }

    package var name: EngineName { Self.engineName }
    package var steps: [any Step.Type] {
        [
            MemoryDropStep.self, MemoryRestoreStep.self, MemoryVerifyStep.self, MemoryFailStep.self, MemoryFlakyStep.self,
            MemoryMeetStep.self,
        ]
    }
    package func serverRecipe(version: String?, image: String?, holding backups: [BackupInHand]) async throws -> any ServerRecipe {
        MemoryRecipe()
    }
    package func mistake(in place: IdentifierPlace) -> Mistake? { place.mistake(of: name, needs: ["database"]) }
    package func target(_ binding: TargetBinding) -> any EngineTarget {
        switch binding {
        case .disposable: MemoryTarget(binding: binding, server: servers.server(at: binding.address.port))
        case .configured: MemoryTarget(binding: binding, server: machines[binding.address.host] ?? MemoryServer())
        }
    }
    package func examine(_ backup: BackupInHand, scratch: String) async throws -> [CheckResult] { [] }
    package func instructions(for manifest: Manifest) -> String { "copy it back" }
    package func connectionURL(_ address: ServerAddress, database: String?) -> Secret { Secret("memory://\(address.text)") }
    package func address(url: String, target: String) throws -> ServerAddress {
        guard url.hasPrefix("memory://") else {
            throw Failure(.configuration, "target '\(target)': '\(url)' is not the address of a memory server")
        }
        return ServerAddress(host: String(url.dropFirst("memory://".count)), port: 1, user: nil, password: nil)
    }
}

private struct MemoryRecipe: ServerRecipe {
    let engine = MemoryEngine.engineName
    func processPlan(in place: ProcessPlace) throws -> ProcessPlan { throw Failure(.bug, "memory servers are no processes") }
    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        ServerIdentity(version: "1.0", system: nil, standIn: false)
    }
}
