import FoundationEssentials
import TestSupport
import Testing

/// Files that somebody edits while a run waits: it goes on with the text that it began with, and says so.
@Suite(.timeLimit(.minutes(2))) struct ChangedDocumentsTests {
    private let lifeboat: Program
    private let folder: String
    private let configuration = "stores: {main: {directory: store}}\n"
    private var runbook: String {
        """
        runbook: mark
        title: Leave a mark
        steps:
          - name: Mark
            exec: {command: [touch, \(folder)/as-it-was], in_drills: run, destroys: []}

        """
    }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/lifeboat-changed-\(UUID().uuidString)"
        for path in [folder, "\(folder)/store", "\(folder)/locks"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: "\(folder)/locks")
        lifeboat = try Program(
            "lifeboat", in: folder, environment: ["LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_LOCKS": "\(folder)/locks", "HOME": folder])
        try write("lifeboat.yaml", configuration)
        try write("mark.yaml", runbook)
        try write("monthly.yaml", "drill: monthly\nenvironment: {}\nruns:\n  - runbook: mark.yaml\n")
    }

    private func done() { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    private func warnings(_ ended: TestSupport.Program.Ended) -> [String] {
        ended.errors.split(separator: "\n").filter { $0.contains("has changed") }.map(String.init)
    }

    /// The journal of the only run, as if the run had died right after it had begun.
    private func dieAtTheBeginning() throws {
        let runs = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/state/runs")
        let path = "\(folder)/state/runs/\(try #require(runs.first))/journal.jsonl"
        let journal = try #require(FileManager.default.contents(atPath: path))
        let first = try #require(journal.firstIndex(of: UInt8(ascii: "\n")))
        try journal[...first].write(to: URL(filePath: path))
        try FileManager.default.removeItem(atPath: "\(folder)/as-it-was")
    }

    @Test(arguments: ["run": ["mark.yaml", "lifeboat.yaml"], "drill": ["monthly.yaml", "mark.yaml"]])
    func aRunGoesOnWithTheTextThatItBeganWith(kind: String, files: [String]) async throws {
        defer { done() }
        let whole = try await lifeboat(kind, kind == "run" ? "mark.yaml" : "monthly.yaml")
        // Nothing was compared.
        let code: Int32 = kind == "run" ? 3 : 2
        #expect(whole.code == code, "\(whole.errors)")
        try dieAtTheBeginning()
        let same = try await lifeboat("resume")
        #expect(same.code == code, "\(same.errors)")
        #expect(warnings(same) == [], "nothing has changed yet")

        try dieAtTheBeginning()
        try write("mark.yaml", runbook.replacing("as-it-was", with: "as-it-is"))
        try write("lifeboat.yaml", configuration + "# edited\n")
        try FileManager.default.removeItem(atPath: "\(folder)/monthly.yaml")
        let changed = try await lifeboat("resume")
        #expect(changed.code == code)
        #expect(
            warnings(changed)
                == files.map {
                    "warning: \(folder)/\($0) has changed since the run began; it goes on with the text that it began with"
                })
        #expect(FileManager.default.fileExists(atPath: "\(folder)/as-it-was"), "\(changed.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/as-it-is"))
    }
}
