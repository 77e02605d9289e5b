import Foundation
import Recovery
import TestSupport
import Testing

/// The nth call of pg_dump or pg_restore goes wrong, for every n of an undisturbed backup and recovery: it refuses, is killed, does
/// half of its work, or nothing, and says that all is well.
@Suite(.serialized, .requires(TestPostgres.missing), .timeLimit(.minutes(Soak.isOn ? 20 : 5))) struct ToolFaultTests {
    enum Trouble: String, CaseIterable { case refuse, die, half, nothing }

    @Test(arguments: Trouble.allCases) func aBackupWhoseToolFails(_ trouble: Trouble) async throws {
        let site = try await FaultSite.make()
        let tools = try Tools(site)
        #expect(try await site.run("backup", "nightly").code == 0)
        let calls = try tools.calls
        #expect(calls == 1)
        let before = site.manifests(below: "nightly")
        try tools.fail(1, trouble)
        let backup = try await site.run("backup", "nightly")
        let comment: Comment = "\(trouble): \(backup.code), \(backup.output)\(backup.errors)"
        try tools.heal()
        switch trouble {
        case .refuse:
            #expect(backup.code == 1, comment)
            #expect(backup.errors.contains("it broke on purpose"), comment)
        case .die:
            #expect(backup.code == 1, comment)
            #expect(backup.errors.contains("was killed by signal 9"), comment)
            #expect(backup.errors.contains("hint: "), comment)
        case .nothing: #expect([1, 2, 74].contains(backup.code), comment)
        case .half: try await isFoundOut(site, newerThan: before, comment)
        }
        if trouble != .half { #expect(site.manifests(below: "nightly") == before, comment) }
        #expect(try await site.run("backup", "nightly").code == 0, comment)
        #expect(try await site.run("restore", "nightly", "--confirm", "app-db").code == 0, comment)
        #expect(try await site.isClean(), comment)
        try await site.remove()
    }

    /// A dump that lacks half of its data is a backup like others until somebody looks into it: verify does, and so does a recovery
    /// before it drops anything.
    private func isFoundOut(_ site: FaultSite, newerThan before: Set<String>, _ comment: Comment) async throws {
        guard let new = site.manifests(below: "nightly").subtracting(before).first else { return }
        let verified = try await site.run("backups", "verify", "nightly/\(new.dropLast("/manifest.json".count))", "--deep")
        #expect(verified.code == 2, "\(comment); \(verified.output)\(verified.errors)")
        let restored = try await site.run("restore", "nightly", "--confirm", "app-db")
        #expect(restored.code == 2, "\(comment); \(restored.output)\(restored.errors)")
        #expect(try await site.ask("SELECT count(*) FROM notes") == "500", comment)
    }

    @Test(arguments: Trouble.allCases) func aRecoveryWhoseToolFails(_ trouble: Trouble) async throws {
        let site = try await FaultSite.make()
        let tools = try Tools(site)
        #expect(try await site.run("backup", "nightly").code == 0)
        let before = try tools.calls
        let trial = try await site.run("restore", "nightly", "--confirm", "app-db")
        #expect(trial.code == 0, "\(trial.output)\(trial.errors)")
        let calls = try tools.calls - before
        #expect(calls > 4)
        // Those that lie are the ones to be found out.
        for n in Soak.spread(calls, atMost: trouble == .half || trouble == .nothing ? 4 : 2) {
            try await site.ask("DELETE FROM notes WHERE id > 100")
            let kept = site.manifests(below: "_safety").count
            try tools.fail(n, trouble)
            let run = try await site.run("restore", "nightly", "--confirm", "app-db")
            let comment: Comment = "call \(n) of \(calls), \(trouble): \(run.code), \(run.output)\(run.errors)"
            try tools.heal()
            #expect([0, 1, 2, 74].contains(run.code), comment)
            let rows = try? await site.ask("SELECT count(*) FROM notes")
            if run.code == 0 {
                #expect(rows == "500", comment)
                continue
            }
            #expect(run.output.contains("What went wrong") || run.output.contains("Findings ("), comment)
            if rows != "100" { #expect(site.manifests(below: "_safety").count == kept + 1, comment) }
            let again = try await site.run("restore", "nightly", "--confirm", "app-db")
            #expect(again.code == 0, "\(again.output)\(again.errors), after \(comment)")
            #expect(try await site.ask("SELECT count(*) FROM notes") == "500", comment)
        }
        try await eventually { try await site.sessionsOfOurs() == 0 }
        #expect(try await site.isClean())
        try await site.remove()
    }

    /// pg_dump and pg_restore that do as they are told, and otherwise as the real ones do. Being asked for their version does not count.
    private struct Tools {
        let folder: String

        init(_ site: FaultSite) throws {
            folder = "\(site.folder)/tools"
            for (name, half) in [("pg_dump", Self.halfDump), ("pg_restore", Self.halfRestore)] {
                let path = "\(folder)/\(name)"
                let script = Self.script.replacing("@REAL@", with: "\(site.server.programs)/\(name)").replacing("@HERE@", with: folder)
                    .replacing("@HALF@", with: half)
                try Data(script.utf8).write(to: URL(filePath: path))
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            }
            try heal()
        }

        private static let script = """
            #!/bin/sh
            real=@REAL@ here=@HERE@
            [ "$1" = --version ] && exec "$real" "$@"
            echo x >> "$here/calls"
            [ "$(wc -l < "$here/calls")" -eq "$(cat "$here/failing")" ] || exec "$real" "$@"
            for argument; do case $argument in
                --file=*) file=${argument#--file=} ;;
                --use-list=*) list=${argument#--use-list=} ;;
            esac; done
            case $(cat "$here/how") in
                refuse) echo "${0##*/}: error: it broke on purpose" >&2; exit 1 ;;
                die) kill -KILL $$ ;;
                half) @HALF@ ;;
                nothing) exit 0 ;;
            esac
            """

        /// The largest file of the dump loses its second half.
        private static let halfDump = """
            "$real" "$@" || exit; victim=$(ls -S "$file"/*.dat.gz | head -n 1); truncate -s $(($(wc -c < "$victim") / 2)) "$victim"
            """

        /// Half of what it was told to restore, or to list.
        private static let halfRestore = """
            if [ -n "$list" ]; then
                head -n $(($(wc -l < "$list") / 2)) "$list" > "$list.half" && cat "$list.half" > "$list" && rm "$list.half"; exec "$real" "$@"
            fi
            "$real" "$@" || exit; [ -z "$file" ] || truncate -s $(($(wc -c < "$file") / 2)) "$file"
            """

        /// How often they were called since the last time they were healed or told to fail.
        var calls: Int { get throws { try String(contentsOfFile: "\(folder)/calls", encoding: .utf8).count { $0 == "\n" } } }

        func fail(_ call: Int, _ trouble: Trouble) throws {
            for (name, text) in [("calls", ""), ("failing", "\(call)"), ("how", trouble.rawValue)] {
                try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
            }
        }

        func heal() throws { try fail(-1, .refuse) }
    }
}
