import FoundationEssentials
import Testing

/// A drill reaches only servers that its own environment started: nothing else can be written down.
@Suite struct DisposableOnlyTests {
    private static let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().path

    private func sources(below folder: String) throws -> [(path: String, text: String)] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: "\(Self.checkout)/\(folder)").sorted()
        return try names.filter { $0.hasSuffix(".swift") }.map {
            ($0, try String(contentsOfFile: "\(Self.checkout)/\(folder)/\($0)", encoding: .utf8))
        }
    }

    @Test func onlyAnEnvironmentMakesDisposableServers() throws {
        let all = try sources(below: "Sources")
        #expect(all.count > 100)
        #expect(all.filter { $0.text.contains("DisposableServer(") }.map(\.path) == ["Recovery/Drills/DisposableServer.swift"])
        #expect(
            all.filter { $0.text.contains("fileprivate init(name: String, started: StartedServer)") }.map(\.path) == [
                "Recovery/Drills/DisposableServer.swift"
            ])
    }

    @Test func noDrillKnowsConfiguredTargets() throws {
        let drills = try sources(below: "Sources/Recovery/Drills")
        #expect(drills.count >= 8)
        for word in ["ConfiguredTarget", ".configured(", "TargetDocument", "ConfiguredApp", "ConfiguredPlaces"] {
            #expect(drills.filter { $0.text.contains(word) }.map(\.path) == [], "\(word)")
        }
    }
}
