import Outlets
import Recovery
import TestSupport
import Testing

@Suite struct TextPlanTests {
    private func plan(hostile: String = "app") -> Plan {
        let object = ObjectName(target: "app-db", kind: "database", name: hostile)
        let drop = Effect(
            .destroy, object, .known(count: 12, unit: "tables", bytes: 1 << 30), refill: .init(backupRole: "dump", nameInBackup: hostile))
        return Plan(
            runbook: .init(
                name: "rebuild", title: "Rebuild a database", path: "/runbook.yaml", sha256: "00", version: 3, owner: "dba",
                reviewed: "2026-11-01", contacts: [.init(name: "Database on call", phone: "+49 30 1234", mail: nil)]),
            madeAt: Timestamp(millisecondsSince1970: 1_795_000_000_000),
            targets: [
                .init(
                    role: "db", name: "app-db", engine: "postgres", stage: "production", address: "db:5432", system: "7301",
                    unreachable: nil,
                    guarded: "it is production"),
                .init(
                    role: "old", name: "old-db", engine: "postgres", stage: nil, address: "old:5432", system: nil,
                    unreachable: "connection refused", guarded: "it has no stage, and counts as production"),
            ], apps: ["shop": "shop"], containers: ["shop": "container web runs and is healthy"], inputs: ["database": hostile],
            backups: [
                .init(
                    role: "dump", id: "nightly/20261120T020000Z-abc/app-db", engine: "postgres", engineVersion: "16.1",
                    recoveryPoint: Timestamp(millisecondsSince1970: 1_794_996_400_000), ageSeconds: 3600, bytes: 4096,
                    totals: ["rows": 15000],
                    chosen: "latest",
                    proof: .init(at: Timestamp(millisecondsSince1970: 1_794_998_000_000), run: "r1", words: "drill monthly: passed"))
            ],
            parts: [
                .init(
                    kind: .runbook, title: "Rebuild a database",
                    steps: [
                        .init(
                            path: "1.1", name: "Prove", kind: "backup.verify", duration: .init(lastSeconds: 2, medianSeconds: 3, runs: 4)),
                        .init(path: "1.2", name: "Drop", kind: "postgres.drop-database", effects: [drop]),
                        .init(
                            path: "1.3", name: "Create", kind: "postgres.create-database",
                            effects: [Effect(.create, object, .known(count: nil, unit: nil, bytes: nil))]),
                        .init(
                            path: "1.4", name: "Restore", kind: "postgres.restore",
                            effects: [Effect(.change, object, .known(count: 15000, unit: "rows", bytes: nil))]),
                        .init(path: "1.5", name: "Call", kind: "exec", unknown: "lifeboat cannot see what exec does"),
                        .init(path: "1.6", name: "Unplug", kind: "manual", needsPerson: true),
                        .init(path: "1.7", name: "Look", kind: "exec", skipped: "left out with --skip 1.7"),
                    ])
            ], duration: .init(lastSeconds: 41, medianSeconds: 39, runs: 6), missing: ["target 'old-db' does not answer"],
            confirmations: [.init(target: "app-db", because: "it is production", effects: [drop])], unproven: ["app-db/cache"])
    }

    @Test func saysLineByLineWhatWouldHappen() {
        #expect(
            TextPlan().text(plan()) == """
                Plan of   rebuild: Rebuild a database
                Runbook   /runbook.yaml, version 3, owner dba, reviewed 2026-11-01
                Contact   Database on call, +49 30 1234
                Target    db: app-db, postgres at db:5432, system 7301, production
                          guarded: it is production
                Target    old: old-db, postgres at old:5432, no stage
                          unknown (connection refused)
                          guarded: it has no stage, and counts as production
                App       shop: shop
                          container web runs and is healthy
                Input     database = app
                Backup    dump: nightly/20261120T020000Z-abc/app-db, latest
                          postgres 16.1, 4.0 KiB (15\u{202F}000 rows), 1 h 00 min old
                          proven 2026-11-18 10:33:20 UTC by drill monthly: passed (run r1)
                Takes     last 41.0 s, median 39.0 s of 6 runs and drills

                Steps
                  1.1  Prove  (last 2.0 s, median 3.0 s)
                  1.2  Drop
                       - database app-db/app (12 tables, 1.0 GiB), filled again from dump
                  1.3  Create
                       + database app-db/app
                  1.4  Restore
                       ~ database app-db/app (15\u{202F}000 rows)
                  1.5  Call
                       ? unknown (lifeboat cannot see what exec does)
                  1.6  Unplug  waits for a person
                  1.7  Look
                       left out: left out with --skip 1.7

                Missing
                  - target 'old-db' does not answer

                Will be asked
                  - the name 'app-db', typed or with --confirm app-db: it is production
                      - database app-db/app (12 tables, 1.0 GiB)
                  - somebody at step 1.6, Unplug

                Will be refused, unless it is accepted by name
                  - app-db/cache would be destroyed, and no backup fills it again: --accept-unproven app-db/cache

                Plan: 1 to create, 1 to change, 1 to destroy; 1 step unknown.

                """)
    }

    @Test func whatCannotBeReadIsSaidToBeUnknown() {
        var unread = plan()
        let object = ObjectName(target: "app-db", kind: "database", name: "app")
        unread.parts[0].steps[1].effects = [
            Effect(.destroy, object, .unknown(because: "unreachable: connection refused")), Effect(.destroy, object, .absent),
        ]
        let lines = TextPlan().text(unread).split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(lines.contains("- database app-db/app, unknown (unreachable: connection refused)"))
        #expect(lines.contains("- database app-db/app (not there: nothing to do)"))
        #expect(lines.last == "Plan: 1 to create, 1 to change, 1 to destroy; 1 step unknown.")
    }

    @Test func namesCannotCommandATerminal() {
        let text = TextPlan(style: .plain).text(plan(hostile: "a\u{1B}[2Jb\nPlan: 0 to destroy.\u{202E}"))
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("\u{202E}"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("Plan: ") } == 1)
    }

    @Test func survivesBeingReadBack() throws {
        #expect(try CanonicalJSON.decode(Plan.self, from: CanonicalJSON.encode(plan())) == plan())
    }
}
