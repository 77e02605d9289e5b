package import Bindings
package import Documents

/// Where drills get their disposable servers from.
package enum EnvironmentWord: String, Choice {
    /// Containers where an engine answers and has the images, or can get them; local processes otherwise.
    case auto
    case docker
    case process
}

/// `servers:` of the configuration: how the disposable servers of drills are made.
package struct DrillServersDocument: DocumentMapping {
    package static let fields = Fields(
        Field.optional(
            "environment", as: EnvironmentWord.self, default: .auto,
            "`docker`, `process` (local processes), or `auto`: Docker where it answers and has the images or can get them"),
        Field.maybe(
            "folder", as: String.self, "in which servers as local processes get theirs; the account they run as has to reach it"),
        Field.optional(
            "ready_within", as: Duration.self, default: .seconds(60), limit: .positive,
            "how long a server may take from its start to the first login"),
        Field.maybe("disk", as: ByteSize.self, limit: .positive, "how much of the disk the servers of a drill may take together"),
        Field.optional(
            "keep_free", as: ByteSize.self, default: ByteSize(1 << 30),
            "how much of the servers' disk has to stay free for others; a drill that takes more is ended"),
        Field.optional("docker", as: DockerDocument.self, default: .standard, "containers: images, limits, isolation"))

    package let environment: EnvironmentWord
    package let folder: String?
    package let readyWithin: Duration
    package let disk: DiskLimits
    package let docker: DockerDocument

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (most, reserve): (ByteSize?, ByteSize)
        (environment, folder, readyWithin, most, reserve, docker) = try Self.fields.read(node, reading)
        disk = DiskLimits(most: most?.bytes, reserve: reserve.bytes)
    }

    package static let standard = DrillServersDocument()

    private init() {
        environment = .auto
        folder = nil
        readyWithin = .seconds(60)
        disk = DiskLimits()
        docker = .standard
    }
}

package struct DockerDocument: DocumentMapping {
    package enum Pull: String, Choice { case missing, always, never }
    package enum Isolation: String, Choice { case measured, required }

    package static let fields = Fields(
        Field.optional("pull", as: Pull.self, default: .missing, "when images are fetched from their registries"),
        Field.maybe("registry", as: String.self, "a mirror for the images of Docker Hub: `mirror.local:5000/hub`"),
        Field.optional(
            "isolation", as: Isolation.self, default: .measured,
            "`required`: refuse where the servers could reach the machine they run on, or that cannot be found out, and take no processes in "
                + "their place; they never may reach beyond it"),
        Field.optional("memory", as: ByteSize.self, default: ByteSize(4 << 30), limit: .positive, "of one server, swap included"),
        Field.maybe("cpus", as: Double.self, limit: .range(0.01...4096), "processors of one server; all when left out"),
        Field.optional("processes", as: Int.self, default: 512, limit: .range(16...1_000_000), "of one server"))

    package let pull: Pull
    package let registry: String?
    package let isolation: Isolation
    package let memory: ByteSize
    package let processors: Double?
    package let processes: Int

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (pull, registry, isolation, memory, processors, processes) = try Self.fields.read(node, reading)
    }

    package static let standard = DockerDocument()

    private init() {
        pull = .missing
        registry = nil
        isolation = .measured
        memory = ByteSize(4 << 30)
        processors = nil
        processes = 512
    }
}
