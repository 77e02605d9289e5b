import Recovery
import Testing

@Suite struct OwnerTests {
    @Test func anOwnerIsReadBackFromAFileName() {
        let owner = Owner(host: "db1.internal", pid: 4711, processStart: 8_823_121)
        #expect(owner.text == "db1.internal+4711+8823121")
        #expect(Owner(owner.text) == owner)
    }

    @Test func aHostileHostNameCannotLeaveItsFolder() {
        #expect(Owner(host: "../etc+1", pid: 2, processStart: 3).text == ".._etc_1+2+3")
    }

    /// A name in a file has lost what a file's name cannot hold.
    @Test func onlyAProcessOfThisHostThatIsGoneIsDead() {
        let owner = Owner(host: "db 1", pid: 4711, processStart: 8)
        let us = Owner(host: "db 1", pid: 1, processStart: 1)
        #expect(owner.isDead(seenFrom: us) { _, _ in false })
        #expect(Owner(owner.text)?.isDead(seenFrom: us) { pid, start in pid != 4711 || start != 8 } == true)
        #expect(!owner.isDead(seenFrom: us) { _, _ in true })
        #expect(!owner.isDead(seenFrom: Owner(host: "db 2", pid: 1, processStart: 1)) { _, _ in false })
    }

    /// With the network of its host a container has its name too, and numbers of its own for its processes.
    @Test func aProcessOfAnotherContainerIsNeverDead() {
        let owner = Owner(host: "db1", pid: 7, processStart: 8, namespace: 4_026_532_201)
        #expect(owner.text == "db1+7+8+4026532201")
        #expect(Owner(owner.text) == owner)
        #expect(owner.isDead(seenFrom: Owner(host: "db1", pid: 1, processStart: 1, namespace: 4_026_532_201)) { _, _ in false })
        #expect(!owner.isDead(seenFrom: Owner(host: "db1", pid: 1, processStart: 1)) { _, _ in false })
        #expect(!owner.isDead(seenFrom: Owner(host: "db1", pid: 1, processStart: 1, namespace: 4_026_532_202)) { _, _ in false })
        #expect(!Owner(host: "db1", pid: 7, processStart: 8).isDead(seenFrom: owner) { _, _ in false })
    }

    @Test(arguments: ["", "host", "host+1", "host+0+1", "host+-1+1", "host+x+1", "host+1+2+", "host+1+2+x", "host+1+2+3+4"])
    func otherNamesHaveNoOwner(_ text: String) { #expect(Owner(text) == nil) }
}
