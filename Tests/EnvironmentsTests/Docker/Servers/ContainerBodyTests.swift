import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// Whatever an engine did with what it was told: a container that is less confined than asked for is not used.
@Suite struct ContainerBodyTests {
    private let body = ContainerBody(
        plan: ContainerPlan(
            image: "postgres:16", environment: ["POSTGRES_PASSWORD": Secret("hunter2")], passwordVariable: "POSTGRES_PASSWORD", port: 5432,
            capabilities: ["CHOWN", "SETUID"], sharedMemory: 1 << 30, login: ServerAddress(host: "", port: 0, user: nil, password: nil)),
        image: "sha256:1", network: DrillNetwork(id: "n1", name: "drill-net"), way: .published(on: "127.0.0.1", at: "127.0.0.1"),
        limits: ContainerLimits(memory: 1 << 30, processors: 1, processes: 100), volumes: ["/var/lib/postgresql/data": "vol-1"],
        labels: ["io.lifeboat.managed": "true"], alias: "db")

    private static let host: [JSONValue.Member] = [
        .init("CapDrop", ["ALL"]), .init("CapAdd", ["CAP_CHOWN", "SETUID"]), .init("Privileged", false),
        .init("SecurityOpt", ["no-new-privileges"]), .init("PidsLimit", 100), .init("Memory", .int(1 << 30)),
        .init("MemorySwap", .int(1 << 30)), .init("NanoCpus", 1_000_000_000), .init("Binds", nil), .init("Devices", nil),
        .init("DeviceRequests", nil), .init("DeviceCgroupRules", nil), .init("PidMode", ""), .init("IpcMode", "private"),
        .init("UTSMode", ""), .init("UsernsMode", ""), .init("Dns", ["127.0.0.1"]),
    ]
    private static let mount: JSONValue = [["Type": "volume", "Name": "vol-1", "Destination": "/var/lib/postgresql/data"]]
    private static let network: JSONValue = [
        "Networks": ["drill-net": ["IPAddress": ""]], "Ports": ["5432/tcp": [["HostIp": "127.0.0.1", "HostPort": "49001"]]],
    ]

    private static func inspected(
        _ changes: [JSONValue.Member] = [], mounts: JSONValue = mount, network: JSONValue = network
    ) -> ContainerFacts {
        let host = host.map { member in changes.first { $0.key == member.key } ?? member }
        return ContainerFacts(["Id": "c1", "HostConfig": .object(host), "Mounts": mounts, "NetworkSettings": network])
    }

    @Test func whatIsAsAskedForIsUsed() throws {
        try body.check(Self.inspected())
        // Podman names the capabilities one by one.
        let each: JSONValue = ["CAP_A", "CAP_B", "CAP_C", "CAP_D", "CAP_E", "CAP_F", "CAP_G", "CAP_H", "CAP_I"]
        try body.check(Self.inspected([.init("CapDrop", each)]))
        try body.check(Self.inspected([.init("SecurityOpt", ["no-new-privileges:true"])]))
        // A kernel that cannot limit swap.
        try body.check(Self.inspected([.init("MemorySwap", -1)]))
    }

    @Test(
        arguments: [
            ("CapDrop", nil, "capabilities were not dropped"), ("CapDrop", ["NET_RAW"], "capabilities were not dropped"),
            ("CapAdd", ["CHOWN", "CAP_SYS_ADMIN"], "it has the capabilities SYS_ADMIN"), ("Privileged", true, "it is privileged"),
            ("SecurityOpt", nil, "its programs may gain privileges"), ("SecurityOpt", ["no-new-privileges:false"], "its programs may gain"),
            ("PidsLimit", nil, "the number of its processes is not limited"), ("PidsLimit", 0, "the number of its processes"),
            ("Memory", 0, "its memory is not limited"), ("NanoCpus", 0, "its processor time is not limited"),
            ("Binds", ["/:/host"], "folders of the machine are mounted into it"),
            ("MemorySwap", 0, "the swap that it may use is not limited"), ("MemorySwap", .int(2 << 30), "the swap that it may use"),
            ("Devices", [["PathOnHost": "/dev/sda"]], "it may use devices of the machine (Devices)"),
            ("DeviceRequests", [["Driver": "nvidia"]], "it may use devices of the machine (DeviceRequests)"),
            ("PidMode", "host", "it shares what is not its own (PidMode host)"),
            ("IpcMode", "container:4711", "it shares what is not its own (IpcMode container:4711)"),
            ("UTSMode", "host", "it shares what is not its own"), ("UsernsMode", "host", "it shares what is not its own"),
            ("Dns", nil, "names of other networks may be asked for"), ("Dns", ["10.0.0.53"], "names of other networks may be asked for"),
        ] as [(String, JSONValue, String)])
    func anEngineThatLeavesASettingOutIsFoundOut(key: String, value: JSONValue, words: String) throws {
        let failure = #expect(throws: Failure.self) { try body.check(Self.inspected([.init(key, value)])) }
        #expect(failure?.kind == .environmentUnavailable)
        #expect(failure?.problem.contains(words) == true, "\(failure?.problem ?? "")")
    }

    @Test func foreignMountsNetworksAndPortsAreFoundOut() throws {
        let bind: JSONValue = [["Type": "bind", "Source": "/etc", "Destination": "/host"]]
        let mounted = #expect(throws: Failure.self) { try body.check(Self.inspected(mounts: bind)) }
        #expect(mounted?.problem.contains("'/etc' is mounted at /host") == true)
        let unnamed: JSONValue = [["Type": "volume", "Name": "somebody-elses", "Destination": "/data"]]
        #expect(throws: Failure.self) { try body.check(Self.inspected(mounts: unnamed)) }
        let two: JSONValue = ["Networks": ["bridge": [:], "drill-net": [:]], "Ports": [:]]
        let networks = #expect(throws: Failure.self) { try body.check(Self.inspected(network: two)) }
        #expect(networks?.problem.contains("it is in the networks bridge, drill-net") == true)
        let open: JSONValue = ["Networks": ["drill-net": [:]], "Ports": ["5432/tcp": [["HostIp": "0.0.0.0", "HostPort": "49001"]]]]
        let port = #expect(throws: Failure.self) { try body.check(Self.inspected(network: open)) }
        #expect(port?.problem.contains("its port can be reached from elsewhere than this machine") == true)
    }

    @Test func everythingWrongIsSaidAtOnce() throws {
        let failure = #expect(throws: Failure.self) {
            try body.check(Self.inspected([.init("Privileged", true), .init("Memory", 0), .init("PidsLimit", 0)]))
        }
        #expect(failure?.problem.split(separator: ";").count == 3)
    }
}
