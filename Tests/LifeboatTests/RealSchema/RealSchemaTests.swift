import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// A database with something of everything, under the worst names there are, goes the whole way with the built program.
@Suite(.requires(TestPostgres.missing), .serialized, .timeLimit(.minutes(10))) struct RealSchemaTests {
    @Test(.requires(TestPostgres.missingVectors)) func everythingComesBackOnPostgres16() async throws {
        try await RealSchemaSite.with(nil, RealSchema.vectors) { try await goesTheWholeWay($0) }
    }

    @Test(.requires(TestPostgres.missingTLS)) func everythingComesBackWithTheExtensionsOfDebian() async throws {
        let programs = try #require(TestPostgres.allPrograms.first { $0.contains("/15/") })
        try await RealSchemaSite.with(programs, RealSchema.contrib) { try await goesTheWholeWay($0) }
    }

    private func goesTheWholeWay(_ site: RealSchemaSite) async throws {
        let before = try await site.counts()
        #expect(before.count > 20)
        let backup = try await site.lifeboat("backup", "nightly")
        #expect(backup.code == 0, "\(backup.errors)")
        let deep = try await site.lifeboat("backups", "verify", try await site.newestBackup(), "--deep")
        #expect(deep.code == 0, "\(deep.output)\(deep.errors)")

        let drill = try await site.lifeboat("drill", "rebuild-drill.yaml")
        #expect(drill.code == 0, "\(drill.output)\(drill.errors)")
        let result = try await site.newestResult()
        let checks = result.parts.flatMap(\.steps).flatMap(\.checks)
        #expect(checks.filter(\.isFinding) == [])
        for (table, count) in before {
            let proof = checks.first { $0.subject.hasSuffix(" \(table)") && $0.aspect == "rows" }
            #expect(proof?.expected == "\(count)" && proof?.actual == "\(count)", "the rows of \(table)")
        }
        #expect(checks.contains { $0.subject == "large objects all" && $0.aspect == "number" && $0.actual == "3" })
        let leftOut = Set(result.notExercised.map { $0.what.split(separator: " ").prefix(2).joined(separator: " ") })
        #expect(leftOut.contains("user mapping") && leftOut.contains("event trigger"), "\(leftOut)")
        #expect(leftOut.contains { $0.hasPrefix("subscription") }, "\(leftOut)")

        try await nothingHostileGetsOut(of: site, [backup, deep, drill])
        // A database with subscriptions is not dropped; what the refusal advises is done.
        let refused = try await site.recoverForReal()
        #expect(refused.code == 1 && refused.output.contains("cannot be dropped"), "\(refused.output)\(refused.errors)")
        #expect(try await site.counts() == before)
        try await site.run("DROP SUBSCRIPTION {rtl}", in: HostileName.database)
        let real = try await site.recoverForReal()
        #expect(real.code == 0, "\(real.output)\(real.errors)")
        #expect(try await site.counts() == before)
        #expect(
            try await site.ask("SELECT count(*) FROM pg_subscription WHERE subname LIKE '%gpj.exe%'") == "1",
            "a real recovery leaves nothing out")
        try await nothingHostileGetsOut(of: site, [refused, real])
    }

    private func nothingHostileGetsOut(of site: RealSchemaSite, _ ended: [TestSupport.Program.Ended]) async throws {
        let escape = ["\u{1B}", "\u{7}", "\u{9B}", "\u{202E}", "\u{2067}", "\u{200B}"]
        for text in ended.flatMap({ [$0.output, $0.errors] }) {
            for harm in escape { #expect(!text.unicodeScalars.contains(harm.unicodeScalars.first ?? " "), "in what was printed") }
            #expect(!text.contains("sekrit"), "a secret was printed")
        }
        let pages = try site.files(ending: ".html")
        #expect(!pages.isEmpty)
        for page in pages {
            for harm in HostileName.harmful { #expect(!page.contains(harm), "\(harm.debugDescription) in a page") }
            #expect(!page.contains("sekrit"))
        }
        for journal in try site.files(ending: "journal.jsonl") { #expect(!journal.contains("sekrit"), "a secret in a journal") }
    }
}

extension RealSchemaTests {
    /// Two gigabytes of rows: the same, and the memory stays as flat as with a few.
    @Test(
        .requires(TestPostgres.missingVectors), .enabled(if: Soak.isOn),
        .timeLimit(.minutes(60)))
    func twoGigabytesComeBackInLittleMemory() async throws {
        let rows = """
            CREATE TABLE sales.many (id bigint PRIMARY KEY, words text, more jsonb);
            INSERT INTO sales.many SELECT i, md5(i::text) || repeat(md5((i / 5)::text), 9), jsonb_build_object('n', i, 'of', md5((i % 99)::text)) FROM generate_series(1, 4600000) AS i;
            """
        try await RealSchemaSite.with(nil, RealSchema.vectors + rows) { site in
            let before = try await site.counts()
            #expect(Int(try await site.ask("SELECT pg_total_relation_size('sales.many')") ?? "") ?? 0 > 2_000_000_000)
            for arguments in [["backup", "nightly"], ["backups", "verify", "NEWEST", "--deep"], ["drill", "rebuild-drill.yaml"]] {
                let named = try await arguments.asyncMap { $0 == "NEWEST" ? try await site.newestBackup() : $0 }
                let (code, peak, words) = try await site.lifeboat.peakMemory(of: named)
                #expect(code == 0, "\(arguments): \(words)")
                #expect(peak > 1 << 20 && peak < 64 << 20, "\(arguments): \(peak >> 20) MiB")
            }
            let checks = try await site.newestResult().parts.flatMap(\.steps).flatMap(\.checks)
            #expect(checks.filter(\.isFinding) == [])
            let rows = checks.first { $0.subject == "table sales.many" && $0.aspect == "rows" }
            #expect(rows?.actual == "4600000" && before["sales.many"] == 4_600_000)
        }
    }
}

extension Array {
    fileprivate func asyncMap<Other>(_ transform: (Element) async throws -> Other) async rethrows -> [Other] {
        var others: [Other] = []
        for element in self { others.append(try await transform(element)) }
        return others
    }
}
