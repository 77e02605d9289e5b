import TestSupport
import Testing

@testable import Environments

@Suite struct DockerWayTests {
    private static let id = String(repeating: "4f1c", count: 16)
    private static let other = String(repeating: "9a0b", count: 16)

    @Test func ourOwnContainerIsKnownByItsFilesWhateverItsNameIs() {
        let mounts = """
            610 590 0:49 / /proc rw,nosuid - proc proc rw
            640 590 8:1 /var/lib/docker/containers/\(Self.id)/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/sda1 rw
            641 590 8:1 /var/lib/docker/containers/\(Self.id)/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw
            """
        #expect(DockerWay.ownIDs(hostName: "backup-runner", mounts: mounts, groups: "0::/\n") == [Self.id])
        let podman = "7 6 0:3 /containers/storage/overlay-containers/\(Self.id)/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw"
        #expect(DockerWay.ownIDs(hostName: "x", mounts: podman, groups: "") == [Self.id])
    }

    @Test func onTheMachineItselfOtherPeoplesContainersAreNotOurs() {
        let mounts = "99 20 0:51 / /var/lib/docker/containers/\(Self.other)/mounts/shm rw - tmpfs shm rw"
        #expect(DockerWay.ownIDs(hostName: "db1.internal", mounts: mounts, groups: "9:pids:/user.slice\n") == [])
    }

    @Test func controlGroupsAndTheNameThatEnginesGiveAreTriedToo() {
        #expect(DockerWay.ownIDs(hostName: "x", mounts: "", groups: "9:pids:/docker/\(Self.id)\n8:cpu:/docker/\(Self.id)\n") == [Self.id])
        #expect(DockerWay.ownIDs(hostName: "4f1c4f1c4f1c", mounts: "", groups: "") == ["4f1c4f1c4f1c"])
        #expect(DockerWay.ownIDs(hostName: "deadbeef", mounts: "", groups: "") == [])
    }

    @Test func portsThatAreOpenToAllAreRemarkedUpon() {
        #expect(DockerWay.published(on: "127.0.0.1", at: "127.0.0.1").remark == nil)
        #expect(DockerWay.namespace.remark == nil)
        #expect(
            DockerWay.published(on: "", at: "engine.internal").remark
                == "their ports are open on all addresses of the engine's machine (engine.internal), behind a password of this run")
    }
}
