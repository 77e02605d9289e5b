import Bindings
import Foundation
import Recovery
import TestSupport
import Testing

/// What the built program says and leaves when the places that it works with are not as they should be: disks, folders, programs.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(5))) struct PlaceTroubleTests {
    /// Runs a script that makes a small disk of its own; it is gone with the script. `$0` is lifeboat.
    private func onASmallDisk(_ site: TroubleSite, _ script: String) async throws -> (code: Int32, output: String, errors: String) {
        let result = try await Bindings.run(
            Command(
                "/usr/bin/unshare", Self.namespace + ["/bin/sh", "-c", script, site.lifeboat.path],
                environment: site.lifeboat.environment, workingFolder: site.folder))
        guard case .exited(let code) = result.status else { throw TestFailure("the script did not end by itself: \(result.errorTail)") }
        return (code, result.outputText, result.errorTail)
    }

    private static let namespace = NSUserName() == "root" ? ["-m"] : ["-rm"]
    private static let noSmallDisks: String? = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = namespace + ["/bin/sh", "-c", "mount -t tmpfs tmpfs /mnt"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return "there is no unshare here" }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? nil : "this account may not mount a small disk of its own"
    }()

    @Test(.requires(noSmallDisks)) func aFullDiskUnderTheStore() async throws {
        let site = try await TroubleSite.make()
        try await site.ask("CREATE TABLE big AS SELECT i, md5(i::text) || md5((i + 1)::text) AS t FROM generate_series(1, 20000) AS i")
        let small = try await onASmallDisk(
            site, "mount -t tmpfs -o size=64k tmpfs store && { \"$0\" backup nightly; code=$?; find store -type f; exit $code; }")
        #expect(small.code == 74, "\(small.errors)")
        #expect(small.output == "", "no file is left")
        let lines = small.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("error: there is no room for a dump of ") == true, "\(small.errors)")
        #expect(
            lines.first?.contains("KiB at the very least, and the disk of \(site.folder)/store has ") == true,
            "\(small.errors)")
        #expect(lines.last == "  hint: make room there, or let old backups go with `lifeboat backups prune`")

        let full = try await onASmallDisk(
            site,
            """
            mount -t tmpfs -o size=64k tmpfs store && mkdir store/.lifeboat-work && { dd if=/dev/zero of=store/fill bs=1k count=64 2>/dev/null
            "$0" backup nightly; code=$?; find store -type f; exit $code; }
            """)
        #expect(full.code == 74, "\(full.errors)")
        #expect(full.output == "store/fill\n")
        #expect(
            full.errors.contains(
                "No space left on device\n  hint: the disk of \(site.folder)/store is full: free some space and try again\n"),
            "\(full.errors)")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test(.requires(noSmallDisks)) func aFullDiskUnderTheJournal() async throws {
        let site = try await TroubleSite.make(on: try await TestPostgres.start())
        _ = try await site.backUp()
        let full = try await onASmallDisk(
            site,
            "mkdir state && mount -t tmpfs -o size=16k tmpfs state && { \"$0\" restore nightly --confirm app-db --quiet; code=$?; find state -type f; exit $code; }"
        )
        #expect(full.code == 74, "\(full.errors)")
        #expect(full.output == "")
        #expect(full.errors.contains("\nerror: cannot start the journal of run "), "\(full.errors)")
        #expect(
            full.errors.hasSuffix(
                """
                No space left on device
                  hint: free some space: nothing is done without a journal; `state:` in the configuration (or $LIFEBOAT_STATE) moves the state folder elsewhere

                """), "\(full.errors)")
        #expect(try await site.notes == "500")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aLimitOnTheSizeOfFilesUnderTheJournal() async throws {
        let site = try await TroubleSite.make()
        _ = try await site.backUp()
        let result = try await Bindings.run(
            Command(
                "/bin/sh", ["-c", "ulimit -f 2; exec \"$0\" drill monthly.yaml", site.lifeboat.path],
                environment: site.lifeboat.environment, workingFolder: site.folder))
        #expect(result.status == .exited(74))
        #expect(
            result.errorTail.hasSuffix(
                """
                File too large
                  hint: make room, or point `state:` (or $LIFEBOAT_STATE) at another disk

                """), "\(result.errorTail)")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aStateFolderThatCannotBeWritten() async throws {
        let site = try await TroubleSite.make(on: try await TestPostgres.start())
        _ = try await site.backUp()
        let files = FileManager.default
        try files.createDirectory(atPath: "\(site.folder)/state", withIntermediateDirectories: true)
        try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: "\(site.folder)/state")
        // Root may write everywhere.
        let isRoot = NSUserName() == "root"
        if isRoot {
            let owned = try await Bindings.run(Command("/bin/chown", ["-R", "nobody", site.folder]))
            try #require(owned.status.isSuccess)
        }
        let prefix = isRoot ? ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : []
        for words in [["drill", "monthly.yaml"], ["restore", "nightly", "--confirm", "app-db", "--quiet"]] {
            let command = prefix + [site.lifeboat.path] + words
            let result = try await Bindings.run(
                Command(command[0], Array(command.dropFirst()), environment: site.lifeboat.environment, workingFolder: site.folder))
            #expect(result.status == .exited(74), "\(result.errorTail)")
            let user = isRoot ? "nobody" : NSUserName()
            #expect(
                result.errorTail.hasSuffix(
                    """
                    cannot make folder \(site.folder)/state/runs: Permission denied
                      hint: '\(user)' needs a state folder to write to: nothing is done without a journal; `state:` in the configuration (or $LIFEBOAT_STATE) moves the state folder elsewhere

                    """), "\(result.errorTail)")
        }
        let command = prefix + [site.lifeboat.path, "doctor"]
        let doctor = try await Bindings.run(
            Command(command[0], Array(command.dropFirst()), environment: site.lifeboat.environment, workingFolder: site.folder))
        #expect(doctor.status == .exited(1))
        #expect(doctor.outputText.contains("MISSING  state folder: cannot write journals: "), "\(doctor.outputText)")
        #expect(try await site.notes == "500")
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(site.folder)/state")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aStoreThatIsNotThere() async throws {
        let site = try await TroubleSite.make()
        try site.configure("gone.yaml", replacing: "{directory: store}", with: "{directory: \(site.folder)/gone}")
        for words in [["backup", "nightly"], ["backups"], ["drill", "monthly.yaml"], ["restore", "nightly"]] {
            let ended = try await site.lifeboat.run(words + ["--config", "gone.yaml"])
            #expect(ended.code == 69, "\(words)")
            #expect(ended.errors.hasPrefix("error: cannot "), "\(words)")
            #expect(
                ended.errors.hasSuffix(
                    """
                     in store 'main': its folder \(site.folder)/gone is not there
                      hint: create the folder, or mount the disk that it lies on

                    """), "\(ended.errors)")
        }
        let check = try await site.lifeboat("check", "--config", "gone.yaml")
        #expect(check.code == 3)
        #expect(check.output.inOneLine.contains("its folder \(site.folder)/gone is not there"))
        #expect(!FileManager.default.fileExists(atPath: "\(site.folder)/gone"))
        try site.expectNothingLeft()
        try await site.remove()
    }

    /// Debian's folders are looked into whatever anybody says.
    private static let toolsAreEverywhere: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.compactMap { Int($0) }.max() ?? 0
        return newest < 16 ? nil : "there is PostgreSQL \(newest) in /usr/lib/postgresql, where it is always found"
    }()

    @Test(.requires(toolsAreEverywhere)) func programsThatAreMissing() async throws {
        var site = try await TroubleSite.make(on: try await TestPostgres.start())
        try #require(try await site.ask("SELECT current_setting('server_version_num')")?.hasPrefix("16") == true)
        _ = try await site.backUp()
        try FileManager.default.createDirectory(atPath: "\(site.folder)/empty", withIntermediateDirectories: false)
        try site.configure("bare.yaml", replacing: "locks:", with: "tools: [\(site.folder)/empty]\nlocks:")
        site.lifeboat.environment["PATH"] = "\(site.folder)/empty"
        site.lifeboat.environment["LIFEBOAT_TOOLS"] = nil
        for (words, what, package) in [
            (["backup", "nightly"], "no pg_dump of version 16 or newer was found", "postgresql-client-16"),
            (["drill", "monthly.yaml"], "no PostgreSQL server of version 16 or newer was found", "postgresql-16"),
        ] {
            let ended = try await site.lifeboat.run(words + ["--config", "bare.yaml"])
            #expect(ended.code == 1)
            #expect(ended.errors.hasPrefix("error: \(what)"), "\(ended.errors)")
            #expect(
                ended.errors.hasSuffix(
                    """

                      hint: install the Debian package \(package) (apt.postgresql.org has the versions that Debian lacks), or name the folder of the programs with `tools:` in the configuration

                    """), "\(ended.errors)")
        }
        let restore = try await site.lifeboat("restore", "nightly", "--confirm", "app-db", "--config", "bare.yaml", "--quiet")
        #expect(restore.code == 1)
        #expect(restore.errors.contains("no pg_restore of version 16"), "\(restore.errors)")
        let doctor = try await site.lifeboat("doctor", "--config", "bare.yaml")
        #expect(doctor.code == 1)
        #expect(doctor.output.contains("MISSING  target 'app-db': no pg_dump of version 16 or newer was found"), "\(doctor.output)")
        #expect(try await site.notes == "500")
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func backupsThatAreNotThere() async throws {
        let site = try await TroubleSite.make()
        try await site.lifeboat("restore", "nightly").expect(
            66,
            """
            error: there is no usable backup of 'app-db' under policy 'nightly' in store 'main'
              hint: take one with `lifeboat backup nightly`
            """)
        let drill = try await site.lifeboat("drill", "monthly.yaml")
        #expect(drill.code == 66)
        #expect(drill.errors.contains("\n  hint: "), "\(drill.errors)")
        _ = try await site.backUp()
        for words in [
            ["restore", "nightly", "nightly/20200101T000000Z-aaaaaa/app-db"],
            ["backups", "show", "nightly/20200101T000000Z-aaaaaa/app-db"],
            ["run", "rebuild.yaml", "--input", "database=x", "--backup", "dump=nightly/20200101T000000Z-aaaaaa/app-db"],
        ] {
            let ended = try await site.lifeboat.run(words)
            #expect(ended.code == 66, "\(words)")
            #expect(
                ended.errors.hasPrefix("error: there is no backup nightly/20200101T000000Z-aaaaaa/app-db in store 'main'\n"),
                "\(ended.errors)")
            #expect(ended.errors.hasSuffix("  hint: `lifeboat backups list` shows what there is\n"))
        }
        try await site.lifeboat("restore", "nightly/app-bd").expect(
            66,
            """
            error: policy 'nightly' does not capture 'app-bd'
              hint: did you mean 'app-db'?
            """)
        try await site.lifeboat("restore", "nigthly").expect(
            66,
            """
            error: there is no policy 'nigthly' in \(site.folder)/lifeboat.yaml
              hint: did you mean 'nightly'?
            """)
        try await site.lifeboat("plan", "rebild.yaml").expect(
            66,
            """
            error: cannot read rebild.yaml: No such file or directory
              hint: did you mean rebuild.yaml?
            """)
        try site.expectNothingLeft()
        try await site.remove()
    }

    /// Whatever lies where a note was may have been a pin: it counts as one, is told, and nobody waits for a pipe.
    @Test func aNoteThatIsNoFileAnyMore() async throws {
        let site = try await TroubleSite.make()
        let id = try await site.backUp()
        let set = id.split(separator: "/").dropLast().joined(separator: "/")
        #expect(try await site.lifeboat("backups", "pin", set, "--reason", "for the auditor").code == 0)
        try site.configure("keep.yaml", replacing: "    expect:", with: "    keep: {last: 1}\n    expect:")
        let notes = "\(site.folder)/store/\(set)/notes"
        let note = try #require(try FileManager.default.contentsOfDirectory(atPath: notes).first)
        let ways = [["/bin/mkdir"], ["/bin/ln", "-s", "/nowhere"], ["/usr/bin/mkfifo"]]
        for way in ways {
            try FileManager.default.removeItem(atPath: "\(notes)/\(note)")
            try #require(try await Bindings.run(Command(way[0], way.dropFirst() + ["\(notes)/\(note)"])).status.isSuccess)
            let words = "\(set)/notes/\(note) cannot be read, so nothing is removed"
            let show = try await site.lifeboat("backups", "show", id)
            #expect(show.output.contains(words), "\(way): \(show.output)\(show.errors)")
            let prune = try await site.lifeboat("backups", "prune", "--config", "keep.yaml")
            #expect(prune.output.contains(words), "\(way): \(prune.output)\(prune.errors)")
            #expect(try await site.lifeboat("backups", "verify", id).code == 0)
        }
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func aDamagedBackup() async throws {
        let site = try await TroubleSite.make(on: try await TestPostgres.start())
        let id = try await site.backUp()
        let folder = "\(site.folder)/store/\(id)"
        let files = FileManager.default
        let data = try #require(try files.subpathsOfDirectory(atPath: folder).first { $0.hasSuffix(".dat.gz") })
        let whole = try Data(contentsOf: URL(filePath: "\(folder)/\(data)"))
        var flipped = whole
        flipped[whole.count / 2] ^= 1
        let cases: [(String, Data?)] = [
            ("a flipped bit", flipped), ("truncated", whole.dropLast(10)), ("deleted", nil), ("longer", whole + Data([0])),
        ]
        for (what, bytes) in cases {
            try files.removeItem(atPath: "\(folder)/\(data)")
            try bytes?.write(to: URL(filePath: "\(folder)/\(data)"))
            for words in [
                ["restore", "nightly", id, "--confirm", "app-db", "--quiet"], ["backups", "verify", id],
            ] {
                let ended = try await site.lifeboat.run(words)
                #expect(ended.code == 2, "\(what) \(words): \(ended.output)\(ended.errors)")
                let told = (ended.output + ended.errors).replacing(/\n +/, with: " ")
                #expect(told.contains(data), "\(what) \(words): the words name the file: \(told)")
            }
            try? files.removeItem(atPath: "\(folder)/\(data)")
            try whole.write(to: URL(filePath: "\(folder)/\(data)"))
            #expect(try await site.notes == "500", "\(what)")
        }
        try site.expectNothingLeft()
        try await site.remove()
    }
}
