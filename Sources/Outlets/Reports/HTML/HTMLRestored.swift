import Recovery

/// Which backups were restored, into what.
struct HTMLRestored {
    let result: RunResult

    var markup: HTMLText { .section("restored", "What was restored", "\(backups)\n\(sets)\n\(passedOver)\n\(servers)\n\(bindings)") }

    private var backups: HTMLText {
        guard !result.backups.isEmpty else { return "<p>No backup was used.</p>" }
        return result.backups.map { backup in
            let age = Readable.age(result.objectives.referenceTime.seconds(since: backup.recoveryPoint), before: "the \(result.noun)")
            return """
                <h3>\(HTMLText.foreign(backup.target)), as <q>\(backup.role)</q> of \(HTMLText.foreign(backup.runbook))</h3>
                \(HTMLText.facts([
                    ("Backup", .code(backup.id)),
                    ("Recovery point", "\(HTMLText.longTime(backup.recoveryPoint)), \(age)"),
                    ("Size", "\(Readable.bytes(backup.bytes)) in \(Readable.count(backup.artifacts, "artifact", "artifacts"))"),
                    ("Engine", .foreign("\(backup.engine) \(backup.engineVersion)")),
                    ("Chosen", .foreign(backup.chosen)),
                    ("Policy", .foreign(backup.policy)),
                ]))
                """
        }.joined()
    }

    private var sets: HTMLText {
        result.sets.map { set in
            """
            <h3>Recovery set of \(HTMLText.foreign(set.targets.joined(separator: ", ")))</h3>
            \(HTMLText.facts([
                ("Set", .code(set.id)),
                ("Recovery point", "\(HTMLText.longTime(set.recoveryPoint)), the oldest of its members'"),
                ("Spread", "\(Readable.duration(set.spreadSeconds)) from the oldest recovery point to the newest"),
                ("Complete", set.complete ? "yes" : "<strong>no: some target is missing or not whole</strong>"),
            ]))
            """
        }.joined()
    }

    private var passedOver: HTMLText {
        guard !result.passedOver.isEmpty else { return "" }
        let backups = result.passedOver.map { "\(HTMLText.code($0.id)): \(HTMLText.foreign($0.why.shortened(to: 600)))" as HTMLText }
        return "<h3>Passed over</h3>\n\(HTMLText.list(backups))"
    }

    private var servers: HTMLText {
        let servers = result.environment.servers.map { server in
            let remark: HTMLText = server.standIn ? ", <strong>a stand-in</strong>" : ""
            let image: HTMLText = server.image.map { ", image \(HTMLText.code($0.shortened(to: 400)))" } ?? ""
            return "\(HTMLText.foreign(server.name)): \(HTMLText.foreign("\(server.engine) \(server.version)"))\(remark)\(image)"
                as HTMLText
        }
        return """
            <h3>Into</h3>
            \(HTMLText.facts([
                ("Servers", servers.isEmpty ? nil : .list(servers)),
                ("Kind", .foreign(result.environment.kind == "real" ? "real: configured servers" : "disposable: \(result.environment.kind)")),
                ("Isolation", .foreign(result.environment.isolation)),
            ]))
            """
    }

    private var bindings: HTMLText {
        let bound = result.parts.filter { !$0.bindings.isEmpty }
        return bound.map { part in
            let rows = part.bindings.map { binding in
                """
                <tr>\(HTMLText.cell("kind", "\(binding.kind.rawValue)"))<th scope="row">\(HTMLText.foreign(binding.name))</th>\
                \(HTMLText.cell("is", .code(binding.value.shortened(to: 400))))</tr>
                """ as HTMLText
            }
            let about = [part.version.map { "version \($0)" }, part.owner.map { "owner \($0)" }, part.reviewed.map { "reviewed \($0)" }]
                .compactMap { $0 }.joined(separator: ", ")
            return """
                <details><summary>What the names in runbook \(HTMLText.foreign(part.name)) stood for</summary>
                \(HTMLText.table("\(HTMLText.foreign(part.title))\(about.isEmpty ? "" : ", \(about)")", ["kind", "name", "is"], rows))
                </details>
                """
        }.joined()
    }
}
