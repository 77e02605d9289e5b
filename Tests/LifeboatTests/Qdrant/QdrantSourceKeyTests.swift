import Bindings
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

/// The server fetches the snapshot from a place that wants a key: it is shown there, and written down nowhere.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(5))) struct QdrantSourceKeyTests {
    private static let key = "sesame-4711-source"

    /// Serves the store to whoever has the key.
    private func withSource(of site: QdrantSite, _ use: (String) async throws -> Void) async throws {
        let server = try HTTPServer { [folder = site.folder] request in
            guard request.header("api-key") == Self.key else {
                return HTTPServerResponse(403, "who has \(request.header("api-key") ?? "no key")?")
            }
            guard let bytes = try? Files.read("\(folder)/store\(request.path)", limit: 1 << 30) else { return HTTPServerResponse(404, "") }
            return HTTPServerResponse(200, body: .bytes(bytes))
        }
        try await use("http://127.0.0.1:\(server.port)/{key}")
        await server.stop()
    }

    /// Everything that a run has written, and the server's answers in it.
    private func written(below folder: String) throws -> [(path: String, text: String)] {
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return files.compactMap { path in
            FileManager.default.contents(atPath: "\(folder)/\(path)").map { (path, String(decoding: $0, as: UTF8.self)) }
        }
    }

    @Test(arguments: [key, "wrong-key-4711"]) func theKeyIsShownToTheSourceAndInNothingThatIsWritten(_ given: String) async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            try await site.damage()
            try await withSource(of: site) { location in
                try await site.put("source-key", given)
                try await blocking { _ in try Files.changeMode(of: "\(site.folder)/source-key", to: 0o600) }
                try await site.put(
                    "lifeboat.yaml",
                    site.configuration.replacing(
                        "api_key: {file: \(site.folder)/key}",
                        with: "api_key: {file: \(site.folder)/key}, source_key: {file: \(site.folder)/source-key}"))
                let path = "runbooks/qdrant-collection.yaml"
                let text = try String(contentsOfFile: "\(site.folder)/\(path)", encoding: .utf8)
                try await site.put(path, text.replacing("from: snapshot}", with: "from: snapshot, location: \"\(location)\"}"))

                let run = try await site.lifeboat.run(site.run)
                if given == Self.key {
                    #expect(run.code == 0, "\(run.output)\(run.errors)")
                    #expect(try await site.production.count("books") == QdrantSite.points)
                } else {
                    #expect(run.code != 0, "\(run.output)")
                    #expect((run.output + run.errors).contains("403"), "\(run.output)\(run.errors)")
                }
                let report = try await site.lifeboat("report", "--json")
                for text in [run.output, run.errors, report.output, report.errors] { #expect(!text.contains(given), "\(text)") }
                let files = try written(below: "\(site.folder)/state") + written(below: "\(site.folder)/store")
                #expect(files.contains { $0.path.hasSuffix("journal.jsonl") })
                #expect(files.filter { $0.text.contains(given) }.map(\.path) == [])
            }
        }
    }
}
