internal import Documents

/// A run with everything its roles stand for at hand. What it has opened is given back by `targets.release`.
struct BoundRun: Sendable {
    let request: RunRequest
    let names: RunNames
    let backups: RunBackups
    let parts: [KeptPart]
    let program: Program
    let targets: HeldTargets
    let redact: Redactor
    /// Logins that could not be looked up: a plan goes on without, a run does not.
    let troubles: [String]

    /// The targets by role.
    var targetsByRole: [String: TargetBinding] { (program.parts.first?.bindings.targets ?? [:]).mapValues(\.binding) }
    /// Each target once, by name.
    var distinctTargets: [TargetBinding] {
        var seen: Set<String> = []
        return targetsByRole.values.filter { seen.insert($0.name).inserted }.sorted { $0.name < $1.name }
    }
}

/// Opens what the names of a run stand for.
struct RunBinder: Sendable {
    let world: World
    let places: ConfiguredPlaces
    /// With the recovery logins; without, a login that cannot be looked up is no error.
    let isRecovering: Bool

    func bind(_ names: RunNames, _ backups: RunBackups, met: [String: Identified]) async throws -> BoundRun {
        var members: [HeldTargets.Member] = []
        var targets: [String: any EngineTarget] = [:]
        var byName: [String: any EngineTarget] = [:]
        var secrets: [Secret] = []
        var troubles: [String] = []
        var dangerous: [String: [KnownServer]] = [:]
        for (role, name) in names.targets.sorted(by: { $0.key < $1.key }) {
            if let target = byName[name.text] {
                targets[role] = target
                continue
            }
            let configured = try await logIn(name, &troubles)
            secrets += configured.address.secrets
            let target = try world.engine(configured.engine).target(.configured(role: role, configured))
            targets[role] = target
            byName[name.text] = target
            members.append(HeldTargets.Member(target: target, configured: configured, lastSeen: await lastSeen(name.text)))
            dangerous[name.text] = try await dangers(to: name, backups)
        }
        let request = names.request
        let redact = Redactor(secrets)
        let bindings = RoleBindings(
            targets: targets, backups: backups.byRole, apps: names.apps.compactMapValues { app($0) }, alerts: places.stores.alerts)
        let program = RunbookProgram(runbook: request.runbook, number: 1, given: request.inputs)
        let parts = [program.listed(shown(names, backups)), program.listedAlways()].compactMap { $0 }
        return BoundRun(
            request: request, names: names, backups: backups, parts: parts,
            program: Program(parts: parts.map { program.part($0, bound: bindings) }, generation: 0),
            targets: HeldTargets(members, dangerous: dangerous, met: met, progress: world.progress, redact: redact), redact: redact,
            troubles: troubles)
    }

    private func logIn(_ name: Name, _ troubles: inout [String]) async throws -> ConfiguredTarget {
        guard let document = places.configuration.targets[name] else { throw Failure(.bug, "target '\(name)' was bound and is not there") }
        let engine = try world.engine(EngineName(document.engine.text))
        do { return try await places.logIn(name.text, document, engine, isRecovering) } catch let failure as Failure where !isRecovering {
            troubles.append(failure.problem)
            return ConfiguredTarget(
                name: name.text, engine: engine.name, stage: document.stage,
                address: try engine.address(url: document.url, target: name.text), container: document.container?.text,
                storage: document.storage?.text)
        }
    }

    private func app(_ name: Name) -> AppBinding? {
        places.configuration.apps[name].map { .control(world.control(of: name.text, $0)) }
    }

    private func shown(_ names: RunNames, _ backups: RunBackups) -> [RunResult.Part.Binding] {
        names.targets.sorted { $0.key < $1.key }.map { .init(.target, $0.key, $0.value.text) }
            + names.apps.sorted { $0.key < $1.key }.map { .init(.app, $0.key, $0.value.text) }
            + backups.inOrder.map { .init(.backup, $0.role, "\($0.manifest.id)") }
    }

    // MARK: What is known of servers

    /// What the newest readable manifests say of a target, newest policy first. Nothing, when the stores do not answer.
    private func lastSeen(_ target: String) async -> [SourceIdentity] {
        var seen: [SourceIdentity] = []
        for policy in places.policies(capturing: target) {
            guard let catalog = places.stores.catalog(of: policy), let sets = try? await catalog.sets(of: policy) else { continue }
            for set in sets.prefix(5) {
                guard let read = try? await catalog.manifest(BackupID(policy: policy, set: set, target: target)) else { continue }
                seen.append(read.manifest.source)
                break
            }
        }
        return seen
    }

    /// The servers that this target must not turn out to be: production ones, and those that the backups were taken of.
    private func dangers(to name: Name, _ backups: RunBackups) async throws -> [KnownServer] {
        var servers = backups.inOrder.map { KnownServer(words: "the source of backup \($0.manifest.id)", identities: [$0.manifest.source]) }
        for entry in places.configuration.targets.entries where entry.key != name && (entry.value.stage ?? .production) == .production {
            guard let engine = world.engines[EngineName(entry.value.engine.text)] else { continue }
            var identities = await lastSeen(entry.key.text)
            if let address = try? engine.address(url: entry.value.url, target: entry.key.text) {
                identities.append(SourceIdentity(engine: engine.name, address: address.text, system: nil, database: address.database))
            }
            servers.append(KnownServer(words: "production target '\(entry.key)'", identities: identities))
        }
        return servers
    }
}
