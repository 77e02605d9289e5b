import Documents
import Recovery
import Testing

@testable import lifeboat

/// What the demo hands to the lifeboat that it calls.
@Suite struct DrillServersTextTests {
    @Test func everythingThatWasSaidOfServersIsHandedOn() throws {
        let said: DrillServersDocument = try Document(
            """
            environment: auto
            folder: /srv/servers
            ready_within: 2min
            disk: 20GiB
            keep_free: 3GiB
            docker: {pull: never, registry: "mirror.local:5000/hub", isolation: required, memory: 512MiB, cpus: 1.5, processes: 99}
            """, name: "servers.yaml"
        ).read()
        let text = said.text(environment: "docker", folder: said.folder)
        let read: DrillServersDocument = try Document(text, name: "child.yaml").read()
        #expect(read.environment == .docker)
        #expect(read.folder == "/srv/servers")
        #expect(read.readyWithin == .seconds(120))
        #expect(read.disk == DiskLimits(most: 20 << 30, reserve: 3 << 30))
        #expect(read.docker.pull == .never)
        #expect(read.docker.registry == "mirror.local:5000/hub")
        #expect(read.docker.isolation == .required)
        #expect(read.docker.memory == ByteSize(512 << 20))
        #expect(read.docker.processors == 1.5)
        #expect(read.docker.processes == 99)
    }

    @Test func whatWasNotSaidStaysSo() throws {
        let read: DrillServersDocument = try Document(
            DrillServersDocument.standard.text(environment: "process", folder: nil), name: "child.yaml"
        ).read()
        #expect(read.environment == .process)
        #expect(read.folder == nil && read.disk == DiskLimits() && read.docker.registry == nil && read.docker.processors == nil)
    }
}
