import Documents
import Recovery

extension DrillServersDocument {
    /// The whole of it as a value in YAML, with another kind and folder.
    func text(environment kind: String, folder: String?) -> String {
        func text(_ value: some ScalarValue) -> JSONValue { .string(value.canonical) }
        var containers: [JSONValue.Member] = [
            .init("pull", .string(docker.pull.rawValue)), .init("isolation", .string(docker.isolation.rawValue)),
            .init("memory", text(docker.memory)), .init("processes", .int(Int64(docker.processes))),
        ]
        if let registry = docker.registry { containers.append(.init("registry", .string(registry))) }
        if let processors = docker.processors { containers.append(.init("cpus", .double(processors))) }
        var all: [JSONValue.Member] = [
            .init("environment", .string(kind)), .init("ready_within", text(readyWithin)), .init("keep_free", text(ByteSize(disk.reserve))),
            .init("docker", .object(containers)),
        ]
        if let most = disk.most { all.append(.init("disk", text(ByteSize(most)))) }
        if let folder { all.append(.init("folder", .string(folder))) }
        // JSON is YAML.
        return JSONValue.object(all).text()
    }
}
