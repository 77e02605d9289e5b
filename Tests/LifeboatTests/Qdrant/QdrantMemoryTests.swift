import FoundationEssentials
import TestSupport
import Testing

/// Memory does not grow with the collection: snapshots and points stream.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(15))) struct QdrantMemoryTests {
    /// Pages of 8 MiB, some of them at a time; the 60,000 points are 260 MB of JSON, and the peak is the same for them as for the few.
    private static let ceiling = 96 << 20
    /// A debug build reads a thousand of them in a second.
    private static let points = Soak.isOn ? 60_000 : 8_000

    /// Written from templates: nobody prints that many vectors just for this. Only every hundredth vector is another one.
    private static let loader = """
        import http.client, json, random, sys, urllib.parse
        url, key, count = urllib.parse.urlparse(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        connection = http.client.HTTPConnection(url.hostname, url.port)
        def call(method, path, body):
            connection.request(method, path, body, {"api-key": key, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 200, text[:500]
        random.seed(1)
        vectors = [json.dumps([random.uniform(-1, 1) for _ in range(384)]) for _ in range(100)]
        call("PUT", "/collections/large", '{"vectors":{"size":384,"distance":"Dot"}}')
        for start in range(0, count, 1000):
            points = ",".join('{"id":%d,"vector":%s,"payload":{"n":%d}}' % (n, vectors[n % 100], n) for n in range(start, min(start + 1000, count)))
            call("PUT", "/collections/large/points?wait=true", '{"points":[' + points + "]}")
        """

    @Test func aLargeCollectionPassesThroughByEitherWayInLittleMemory() async throws {
        try await QdrantSite.with { site in
            let loaded = try await Python.run(
                Self.loader, [site.production.url, site.production.key, "\(Self.points)"], needing: "http.client")
            try #require(loaded.succeeded, "\(loaded.errors)")
            try await site.addPolicyByPoints()
            var peaks: [(String, Int)] = []
            for (policy, runbook, role) in [("nightly", "qdrant-collection", "snapshot"), ("by-points", "qdrant-points", "points")] {
                let backup = try await site.lifeboat.peakMemory(of: ["backup", policy])
                #expect(backup.code == 0, "\(backup.words)")
                let named = ["--backup", "\(role)=\(try await site.newest(policy))"]
                let dimensions = role == "snapshot" ? ["--input", "dimensions=384"] : []
                let run = try await site.lifeboat.peakMemory(of: site.arguments(runbook, "collection=large") + named + dimensions)
                #expect(run.code == 0, "\(run.words)")
                #expect(try await site.production.count("large") == Int64(Self.points))
                peaks += [("backup \(policy)", backup.bytes), ("run \(runbook)", run.bytes)]
            }
            for (words, peak) in peaks {
                // Less than a mebibyte, and it was not our process that was looked at.
                #expect(peak > 1 << 20 && peak < Self.ceiling, "\(words): \(peak >> 20) MiB")
            }
        }
    }
}
