import Bindings
import Documents
import Recovery

/// What a container is created from, and whether it came out so.
struct ContainerBody: Sendable {
    let plan: ContainerPlan
    let image: String
    let network: DrillNetwork
    let way: DockerWay
    let limits: ContainerLimits
    /// Our volumes, by the path where the image declares one.
    let volumes: [String: String]
    let labels: JSONValue
    /// Its name in the drill's network.
    let alias: String

    var json: JSONValue {
        var host: [JSONValue.Member] = [
            .init("NetworkMode", .string(network.name)), .init("CapDrop", ["ALL"]),
            .init("CapAdd", .array(plan.capabilities.map { .string($0) })), .init("SecurityOpt", ["no-new-privileges"]),
            .init("PidsLimit", .int(limits.processes)), .init("Memory", .int(limits.memory)), .init("MemorySwap", .int(limits.memory)),
            .init("NanoCpus", .int(nanoProcessors)), .init("ShmSize", .int(min(plan.sharedMemory, limits.memory / 2))), .init("Init", true),
            .init("RestartPolicy", ["Name": "no"]), .init("Dns", .array(Self.deadResolver.map { .string($0) })),
            .init("LogConfig", ["Type": "json-file", "Config": ["max-size": "16m", "max-file": "2"]]),
            .init(
                "Mounts",
                .array(
                    volumes.sorted { $0.key < $1.key }.map {
                        // An engine that makes it anew, since it was removed in between, makes it ours too.
                        [
                            "Type": "volume", "Source": .string($0.value), "Target": .string($0.key), "VolumeOptions": ["Labels": labels],
                        ]
                    })),
        ]
        let port = "\(plan.port)/tcp"
        if case .published(let address, _) = way {
            host.append(.init("PortBindings", .object([.init(port, [["HostIp": .string(address), "HostPort": ""]])])))
        }
        var body: [JSONValue.Member] = [
            .init("Image", .string(image)), .init("Hostname", .string(alias)), .init("Labels", labels),
            .init(
                "Env",
                .array(
                    plan.environment.sorted { $0.key < $1.key }.map { entry in
                        .string(entry.value.reveal { "\(entry.key)=\($0)" })
                    })),
            .init("ExposedPorts", .object([.init(port, .object([]))])), .init("HostConfig", .object(host)),
            .init(
                "NetworkingConfig",
                ["EndpointsConfig": .object([.init(network.name, ["Aliases": [.string(alias)]])])]),
        ]
        if let command = plan.command { body.append(.init("Cmd", .array(command.map { .string($0) }))) }
        return .object(body)
    }

    /// An engine's own resolver knows the servers of the drill, and asks those of the machine for all else, from outside of the drill's
    /// network: data could leave in the names (CVE-2024-29018). Asked for here, nobody answers: it is the container's own loopback.
    static let deadResolver = ["127.0.0.1"]

    private var nanoProcessors: Int64 {
        let all = Double(Machine.processorCount)
        return Int64((min(limits.processors ?? all, all) * 1_000_000_000).rounded())
    }

    /// What the engine made of it must be at least as narrow as what was asked for; an engine that does not know a setting leaves it out
    /// without a word. Throws `Failure(.environmentUnavailable)` that names each difference.
    func check(_ facts: ContainerFacts) throws {
        let host = facts.hostConfiguration
        var problems: [String] = []
        func require(_ holds: Bool, _ problem: String) { if !holds { problems.append(problem) } }

        let dropped = Set((host["CapDrop"]?.array ?? []).compactMap(\.string).map(Self.capability))
        // Podman names each of them.
        require(dropped.contains("ALL") || dropped.count > 8, "capabilities were not dropped")
        let added = Set((host["CapAdd"]?.array ?? []).compactMap(\.string).map(Self.capability)).subtracting(plan.capabilities)
        require(added.isEmpty, "it has the capabilities \(added.sorted().joined(separator: ", "))")
        require(host["Privileged"]?.bool != true, "it is privileged")
        let options = (host["SecurityOpt"]?.array ?? []).compactMap(\.string)
        require(options.contains { $0.hasPrefix("no-new-privileges") && !$0.hasSuffix("false") }, "its programs may gain privileges")
        require((host["PidsLimit"]?.int ?? 0) == limits.processes, "the number of its processes is not limited")
        require((host["Memory"]?.int ?? 0) == limits.memory, "its memory is not limited")
        // -1: this kernel cannot limit it, which the engine says in a warning.
        require([limits.memory, -1].contains(host["MemorySwap"]?.int ?? 0), "the swap that it may use is not limited")
        require((host["NanoCpus"]?.int ?? 0) > 0 || (host["CpuQuota"]?.int ?? 0) > 0, "its processor time is not limited")
        require((host["Binds"]?.array ?? []).isEmpty, "folders of the machine are mounted into it")
        for devices in ["Devices", "DeviceRequests", "DeviceCgroupRules"] {
            require((host[devices]?.array ?? []).isEmpty, "it may use devices of the machine (\(devices))")
        }
        // What is not private is the machine's, or another container's.
        for mode in ["PidMode", "IpcMode", "UTSMode", "UsernsMode"] {
            let word = host[mode]?.string ?? ""
            require(
                word != "host" && !word.hasPrefix("container:") && !word.hasPrefix("ns:"), "it shares what is not its own (\(mode) \(word))"
            )
        }
        require(
            (host["Dns"]?.array ?? []).compactMap(\.string) == Self.deadResolver,
            "names of other networks may be asked for through the engine's resolver")
        for mount in facts.mounts {
            let source = mount["Name"]?.string ?? mount["Source"]?.string ?? ""
            require(
                mount["Type"]?.string == "volume" && volumes.values.contains(source),
                "'\(source)' is mounted at \(mount["Destination"]?.string ?? "")")
        }
        require(Set(facts.networks.keys) == [network.name], "it is in the networks \(facts.networks.keys.sorted().joined(separator: ", "))")
        if case .published(let address, _) = way, !address.isEmpty {
            require(
                facts.published(plan.port).allSatisfy { $0.address == address }, "its port can be reached from elsewhere than this machine")
        }
        guard problems.isEmpty else {
            throw Failure(
                .environmentUnavailable,
                "the container engine did not confine a container as it was told: \(problems.joined(separator: "; "))",
                hint:
                    "what is restored may run code; use an engine that knows these settings (Docker 20.10 or later), or --environment process"
            )
        }
    }

    /// `CAP_CHOWN` and `CHOWN` are the same.
    private static func capability(_ name: String) -> String {
        let upper = name.uppercased()
        return upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
    }
}
