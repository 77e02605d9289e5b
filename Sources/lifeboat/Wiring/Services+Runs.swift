import Bindings
import Documents
import Environments
import Outlets
import Recovery
import Stores

extension Services {
    var world: World {
        World(
            engines: engines, registry: registry, time: time, digests: digests, inventories: inventories, commands: commands, web: web,
            appContainers: appContainers, people: people, progress: progress, interruption: interruption, host: host, folders: folders,
            localStore: { [owner] name, folder in
                do { try await blocking { _ throws(FileError) in try Files.makeFolders(folder) } } catch {
                    throw Failure(.localStorage, "cannot make the folder \(folder)", cause: error)
                }
                return DirectoryStore(name: name, path: folder, owner: owner)
            },
            render: { result, format in try AllReportFormats.render(result, format) },
            notify: { [self] alert, standing, words in try await Notices(web: web, commands: commands).send(standing, to: alert, words) })
    }

    func conductor(of drill: Drill, _ options: DrillConductor.Options) async throws -> DrillConductor {
        DrillConductor(drill, in: world, on: try environments, from: try await storesForRecovery(requiredConfiguration()), options)
    }

    /// Takes up the named run, or the newest one that can go on, from the documents in its journal.
    func resume(_ name: String?, confirmed: [String], _ choices: StepChoices) async throws -> RunSession.Ended {
        let id: RunID
        if let name {
            id = RunID(rawValue: name)
        } else {
            guard
                let newest = try await Sweeper(folders: folders, providers: [], now: time.now).resumable().max(by: {
                    $0.rawValue < $1.rawValue
                })
            else { throw Failure(.notFound, "no run can be resumed", hint: "`lifeboat report` shows the newest one") }
            id = newest
        }
        let session = try await RunSession.resume(id, in: world, choosing: choices) { started in
            started.documents.filter(\.source.isFile).filter { (try? DocumentFile.read($0.path, digests).source.sha256) != $0.sha256 }.map(
                \.path)
        }
        do {
            switch session.started.kind {
            case .drill:
                let drill = try drill(from: session.started.documents)
                return try await DrillConductor(
                    drill, in: world, on: EnvironmentChoice(allEnvironments), from: try await storesForRecovery(requiredConfiguration()),
                    .init()
                ).resume(session)
            case .run: return try await runConductor(resuming: session.started, confirmed: confirmed).resume(session)
            }
        } catch {
            await session.folder.close()
            throw error
        }
    }

    /// Gives back what a run holds that is given up. Returns what could not be, in words.
    func giveBack(_ started: RunStarted) async -> [String] {
        do {
            let kept = try started.documents.first { $0.kind == "configuration" }.map {
                try ConfigurationFile.read(try DocumentFile($0), environment: environment, engines: registry.engines)
            }
            guard let file = kept ?? configuration else { return [] }
            return await HeldBackups.giveBack(started.backups, in: try await storesForRecovery(file), of: started.run, world)
        } catch {
            return ["the backups of the run are still held for it, until that expires: \(error)"]
        }
    }

    func locks(of file: ConfigurationFile) -> HostLocks {
        HostLocks(
            folder: file.document.locks ?? environment["LIFEBOAT_LOCKS"] ?? HostLocks.standardFolder, owner: owner, digests: digests,
            time: time)
    }

    /// The drill as the journal kept it; the files may have changed since.
    private func drill(from documents: [KeptDocument]) throws -> Drill {
        guard let kept = documents.first(where: { $0.kind == "drill" }) else {
            throw Failure(.damaged, "the journal does not hold the drill's document")
        }
        return try Drill(Document(kept.text, name: kept.path), kept.source, registry, configuration: configuration?.document) { path in
            guard let runbook = documents.first(where: { $0.kind == "runbook" && $0.path == path }) else {
                throw Failure(.damaged, "the journal does not hold the runbook \(path)")
            }
            return try Runbook(Document(runbook.text, name: runbook.path), runbook.source, registry)
        }
    }

    /// Everything that dead owners left, and where nobody could look.
    func leftovers(includingKept: Bool = false) async throws -> Sweeper.Found {
        let sweeper = Sweeper(folders: folders, providers: allEnvironments, now: time.now)
        let spared = try await sweeper.resumable()
        var found = try await sweeper.leftovers()
        if includingKept {
            let containers = containers
            try await found.look(
                "kept", for: { try await containers.kept(sparing: spared) }, removing: { try await containers.remove(kept: $0) })
        }
        let folders = folders
        try await found.look(
            "folders of runs", for: { try await folders.leftovers(sparing: spared) }, removing: { try await folders.remove($0) })
        for container in Set((configuration?.document.targets.entries ?? []).compactMap(\.value.container?.text)).sorted() {
            // One that does not run holds nothing that runs; it is looked at when it is used again.
            guard let left = try? await toolContainers.leftovers(in: container) else { continue }
            try await found.look(
                "folders in container '\(container)'", for: { left },
                removing: { [toolContainers] in try await toolContainers.remove($0, in: container) })
        }
        if let configuration {
            var notes: [String] = []
            for case let store as DirectoryStore in try stores(of: configuration) {
                try await found.look(
                    "work folders of store '\(store.name)'",
                    for: {
                        notes += try await store.staleNotes()
                        return try await store.staleWorkFolders()
                    },
                    removing: { try await store.removeStale($0) })
            }
            try await lookAtTargets(of: configuration, sparing: spared, notes: notes, &found)
        }
        return found
    }

    /// For looking at backups: nobody is told of anything.
    private func backupStores() throws -> BackupStores {
        let file = try requiredConfiguration()
        return BackupStores(
            try stores(of: file), byPolicy: storesByPolicy(file), alerts: [:], digests: digests, inventories: inventories)
    }

    func storesByPolicy(_ file: ConfigurationFile) -> [String: String] {
        Dictionary(file.document.policies.entries.map { ($0.key.text, $0.value.store.value.text) }) { first, _ in first }
    }

    func stores(of file: ConfigurationFile) throws -> [any Store] {
        file.document.stores.entries.map { entry in
            switch entry.value {
            case .directory(let path): DirectoryStore(name: entry.key.text, path: file.source.resolve(path), owner: owner)
            }
        }
    }

    func alert(_ name: String, _ document: AlertDocument) async throws -> AlertBinding {
        switch document {
        case .command(let words): AlertBinding(name: name, way: .command(words))
        case .webhook(let reference):
            AlertBinding(name: name, way: .webhook(try await secrets.resolve(reference, of: "the address of alert '\(name)'")))
        }
    }

    /// Tells whom a policy names that its backup failed; nobody when it names nobody.
    func tell(of failure: Failure, policy name: String) async throws {
        guard let document = configuration?.document,
            let alertName = document.policies.entries.first(where: { $0.key.text == name })?.value.notify?.value,
            let alertDocument = document.alerts[alertName]
        else { return }
        let notice = FailureNotice(.backup(policy: name), host: host.host, at: time.now, kind: failure.kind)
        try await Notices(web: web, commands: commands).send(notice.body(), to: alert(alertName.text, alertDocument))
    }

    /// Tells whom a drill names that it could not begin; nobody when it names nobody.
    func tell(of failure: Failure, drill: Drill) async throws {
        guard let alertName = drill.document.notify?.to.value, let alertDocument = configuration?.document.alerts[alertName] else { return }
        let notice = FailureNotice(.drill(drill.document.name.text), host: host.host, at: time.now, kind: failure.kind)
        try await Notices(web: web, commands: commands).send(notice.body(), to: alert(alertName.text, alertDocument))
    }

    func catalog(of policy: String) async throws -> Catalog {
        guard let catalog = try backupStores().catalog(of: policy) else { throw noPolicy(policy, in: try requiredConfiguration()) }
        return catalog
    }

    func catalogs(_ policy: String?) async throws -> [(String, Catalog)] {
        if let policy { return [(policy, try await catalog(of: policy))] }
        return try backupStores().catalogs.sorted { $0.key < $1.key }
    }

    func examine(_ backup: BackupInHand) async throws -> [CheckResult] {
        let scratch = try TemporaryFolder(environment: environment)
        do {
            let checks = try await world.engine(backup.manifest.engine).examine(backup, scratch: scratch.path)
            scratch.remove()
            return checks
        } catch {
            scratch.remove()
            throw error
        }
    }

    /// The result that a run's journal tells; of the newest run when none is named.
    func result(of run: String?) async throws -> RunResult {
        if let run { return try await result(of: RunID(rawValue: run)) }
        for run in try await folders.list().reversed() {
            // One that died before it had done anything is nothing to report.
            guard try await folders.journal(of: run).contains(UInt8(ascii: "\n")) else { continue }
            return try await result(of: run)
        }
        throw Failure(.notFound, "there are no runs yet", hint: "`lifeboat drill DRILL` makes one")
    }

    private func result(of run: RunID) async throws -> RunResult {
        let history = try RunHistory(JournalReader.read(await folders.journal(of: run), of: run).lines, of: run)
        return RunResult(history, journalPath: "\(folders.path(of: run))/journal.jsonl", journalSHA256: nil)
    }

    /// What `lifeboat backup POLICY` will do, with its connections.
    ///
    /// - Parameter takingPrivate: collections too that the policy calls private.
    func capture(_ name: String, takingPrivate: Bool = false) async throws -> Capture {
        let file = try requiredConfiguration()
        guard let policy = file.document.policies.entries.first(where: { $0.key.text == name })?.value else {
            throw noPolicy(name, in: file)
        }
        guard let store = try stores(of: file).first(where: { $0.name == policy.store.value.text }) else {
            throw Failure(.configuration, "there is no store '\(policy.store.value)'")
        }
        var members: [BackupTaker.Member] = []
        for entry in policy.targets.entries {
            guard let document = file.document.targets[entry.key] else {
                throw Failure(.configuration, "there is no target '\(entry.key)'")
            }
            let engine = try world.engine(EngineName(document.engine.text))
            let target = try await configuredTarget(entry.key.text, document, engine, recovering: false)
            var reference: RunbookReference?
            if let path = entry.value.runbook {
                let runbook = try runbook(at: file.source.resolve(path), restoring: entry.key.text, policy: name)
                reference = RunbookReference(name: runbook.name.text, sha256: runbook.source.sha256, text: runbook.source.text)
            }
            var options = entry.value.capture
            options.collections.takesPrivate = takingPrivate
            members.append(
                BackupTaker.Member(
                    name: entry.key.text, target: engine.target(.configured(role: entry.key.text, target)), engine: engine,
                    options: options, runbook: reference))
        }
        return Capture(policy: name, members: members, store: store, limit: policy.timeout, locks: locks(of: file), services: self)
    }

    func configuredTarget(_ name: String, _ document: TargetDocument, _ engine: any Engine, recovering: Bool) async throws
        -> ConfiguredTarget
    {
        var address = try engine.address(url: document.url, target: name)
        let login = Login(document, recovering: recovering)
        try login.check(fits: engine, target: name)
        if let user = login.user { address.user = user }
        if let secret = login.secret {
            address.password = try await secrets.resolve(
                secret, of: "the \(recovering ? "recovery " : "")\(login.noun) of target '\(name)'")
        }
        if login.isToken { address.options["bearer"] = "yes" }
        // Only recoveries have the server fetch anything.
        if let key = document.sourceKey {
            guard engine.login == .key else {
                throw Failure(
                    .configuration, "target '\(name)' has `source_key:`, and servers of \(engine.name) fetch nothing by themselves")
            }
            if recovering { address.sourceKey = try await secrets.resolve(key, of: "the source key of target '\(name)'") }
        }
        if !document.nodes.isEmpty {
            guard engine.login == .key else {
                throw Failure(
                    .configuration, "target '\(name)' has `nodes:`, and \(engine.name) has no clusters that lifeboat captures node by node")
            }
            for node in document.nodes { _ = try engine.address(url: node, target: name) }
            address.options["nodes"] = document.nodes.joined(separator: ",")
        }
        return ConfiguredTarget(
            name: name, engine: engine.name, stage: document.stage, address: address, container: document.container?.text,
            storage: document.storage?.text)
    }
}

/// One capture with everything it holds: its locks and its connections.
struct Capture: Sendable {
    let policy: String
    let members: [BackupTaker.Member]
    let store: any Store
    let limit: Duration
    let locks: HostLocks
    let services: Services

    func take() async throws -> BackupTaker.Taken {
        let holder = "backup of policy '\(policy)'"
        let own = try await locks.take(["policy-\(store.location)-\(policy)"], .exclusive, as: holder)
        do {
            let taken = try await takeUnderTargetLocks(holder)
            await own.release()
            return taken
        } catch {
            await own.release()
            throw error
        }
    }

    private func takeUnderTargetLocks(_ holder: String) async throws -> BackupTaker.Taken {
        let keys = members.map { "\($0.engine.name)-at-\($0.target.binding.address.text)" }
        let held = try await locks.take(keys, .shared, as: holder)
        do {
            let taker = BackupTaker(
                store: store, digests: services.digests, inventories: services.inventories, time: services.time, host: services.host,
                say: { [progress = services.progress] in progress.say(.detail($0)) })
            let taken = try await services.interruption.cancelling {
                try await withTimeout(limit, services.time, "the \(holder)") {
                    for member in members {
                        try await held.add(member.target.identity().lockKeys)
                        try await member.target.lockOnServer(.shared, as: holder)
                    }
                    return try await taker.take(members, into: policy)
                }
            }
            await held.release()
            return taken
        } catch {
            await held.release()
            throw error
        }
    }

    func close() async { for member in members { await member.target.close() } }
}

/// How one logs in to a target of the configuration.
private struct Login {
    let user: String?
    let secret: SecretReference?
    let noun: String
    let isToken: Bool
    private let kind: LoginKind?

    init(_ document: TargetDocument, recovering: Bool) {
        let other = recovering ? document.recoverAs : nil
        let (password, key, token) =
            other.map { ($0.password, $0.apiKey, $0.token) } ?? (document.password, document.apiKey, document.token)
        user = other?.user
        secret = password ?? key ?? token
        noun = password != nil ? "password" : key != nil ? "key" : "token"
        isToken = token != nil
        kind = user != nil || password != nil ? .user : secret != nil ? .key : nil
    }

    func check(fits engine: any Engine, target: String) throws {
        guard let kind, kind != engine.login else { return }
        throw Failure(
            .configuration,
            "target '\(target)' logs in by \(kind == .user ? "a user's password" : "a key"), and \(engine.name) knows \(engine.login == .user ? "users" : "keys")",
            hint: engine.login == .user ? "write the user into the address and `password:` beside it" : "write `api_key:` or `token:`")
    }
}
