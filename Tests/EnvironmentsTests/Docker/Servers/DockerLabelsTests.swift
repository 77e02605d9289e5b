import Recovery
import TestSupport
import Testing

@testable import Environments

@Suite struct DockerLabelsTests {
    private let labels = DockerLabels(
        run: RunID(rawValue: "20261120T020000Z-monthly-4f1c9a"), drill: "monthly", generation: 2,
        owner: Owner(host: "db1.internal", pid: 4711, processStart: 99), expires: Timestamp(millisecondsSince1970: 1_800_000_000_000),
        isKept: false, state: "/var/lib/lifeboat")

    private var written: [String: String] { Dictionary(uniqueKeysWithValues: labels.text(for: "db").map { ($0.key, $0.value) }) }

    @Test func whatIsWrittenIsRead() {
        #expect(DockerLabels(written) == labels)
        #expect(DockerLabels.service(written) == "db")
        #expect(written["io.lifeboat.state"] == "/var/lib/lifeboat")
        #expect(written["io.lifeboat.owner"] == "db1.internal+4711+99")
    }

    @Test(arguments: ["managed", "run", "owner", "generation", "expires"])
    func withoutOneOfThemItIsNotOurs(name: String) {
        var labels = written
        labels["io.lifeboat.\(name)"] = nil
        #expect(DockerLabels(labels) == nil)
        labels["io.lifeboat.\(name)"] = "nonsense here"
        #expect(name == "run" || DockerLabels(labels) == nil)
    }
}
