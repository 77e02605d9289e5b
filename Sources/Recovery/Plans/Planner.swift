internal import Documents

/// Puts a plan together from what can be read.
struct Planner: Sendable {
    let world: World
    let places: ConfiguredPlaces

    func plan(_ bound: BoundRun, _ forecast: Forecast, steering: Steering) async -> Plan {
        let runbook = bound.request.runbook
        let now = world.time.now
        let times = await PastTimes.read(of: runbook.name.text, from: world.folders)
        let targets = await shownTargets(bound)
        let confirmations = await confirmations(bound, forecast)
        let unproven = forecast.unproven(accepted: Set(bound.request.acceptedUnproven))
        let containers = await containers(bound)
        return Plan(
            runbook: await shown(runbook), madeAt: now, targets: targets, apps: bound.names.apps.mapValues(\.text),
            containers: containers.words,
            inputs: RunbookProgram(runbook: runbook, number: 1, given: bound.request.inputs).inputs,
            backups: await bound.backups.inOrder.asyncMap { await shown($0, now) },
            parts: parts(bound, forecast, steering, times), duration: times.expectation,
            missing: await missing(bound, forecast, targets) + containers.missing, confirmations: confirmations, unproven: unproven)
    }

    private func shown(_ runbook: Runbook) async -> Plan.RunbookShown {
        var contacts: [Plan.Contact] = []
        for name in named(in: runbook) {
            guard let contact = places.configuration.contacts[name] else { continue }
            contacts.append(Plan.Contact(name: contact.name, phone: await phone(contact), mail: contact.mail))
        }
        return Plan.RunbookShown(
            name: runbook.name.text, title: runbook.title, path: runbook.source.path, sha256: runbook.source.sha256,
            version: runbook.version,
            owner: runbook.owner, reviewed: runbook.reviewed?.canonical, contacts: contacts)
    }

    /// The contacts that the runbook lists, and its owner when that is one.
    private func named(in runbook: Runbook) -> [Name] {
        let owner = places.configuration.contacts.keys.first { $0.text == runbook.owner }
        return runbook.contacts + [owner].compactMap { $0 }.filter { !runbook.contacts.contains($0) }
    }

    private func phone(_ contact: ContactDocument) async -> String? {
        guard let reference = contact.phone else { return nil }
        do { return try await places.phone(reference).reveal { $0 } } catch {
            return "not known (\(Failure.wrapping(error, while: "looking up a phone number").problem))"
        }
    }

    private func shownTargets(_ bound: BoundRun) async -> [Plan.TargetShown] {
        var shown: [Plan.TargetShown] = []
        for (role, binding) in bound.targetsByRole.sorted(by: { $0.key < $1.key }) {
            var target = Plan.TargetShown(
                role: role, name: binding.name, engine: binding.engine.text, stage: nil, address: binding.address.text, system: nil,
                unreachable: nil, guarded: await bound.targets.guardedBecause(binding.name))
            if case .configured(_, let configured) = binding { target.stage = configured.stage?.rawValue }
            do { target.system = try await bound.targets.identity(of: binding.name).system } catch {
                let failure = Failure.wrapping(error, while: "asking it")
                target.unreachable = ([failure.problem] + failure.causes).joined(separator: ": ")
            }
            shown.append(target)
        }
        return shown
    }

    private func shown(_ backup: BackupInHand, _ now: Timestamp) async -> Plan.BackupShown {
        let manifest = backup.manifest
        let catalog = Catalog(store: backup.store, digests: world.digests, inventories: world.inventories)
        let notes = (try? await catalog.notes(of: manifest.id.policy, manifest.id.set)) ?? []
        let proof = notes.filter { $0.kind == .proof && $0.manifests[manifest.id.target] == backup.manifestSHA256 }
            .max { $0.writtenAt < $1.writtenAt }
        return Plan.BackupShown(
            role: backup.role, id: manifest.id.description, engine: manifest.engine.text, engineVersion: manifest.engineVersion,
            recoveryPoint: manifest.recoveryPoint, ageSeconds: now.seconds(since: manifest.recoveryPoint), bytes: manifest.storedBytes,
            totals: manifest.totals, chosen: backup.chosen, proof: proof.map { .init(at: $0.writtenAt, run: $0.run, words: $0.text) })
    }

    /// How the containers stand that applications are, by role, and what is wrong with them.
    private func containers(_ bound: BoundRun) async -> (words: [String: String], missing: [String]) {
        var words: [String: String] = [:]
        var missing: [String] = []
        for (role, name) in bound.names.apps.sorted(by: { $0.key < $1.key }) {
            guard case .contained(let contained)? = places.configuration.apps[name] else { continue }
            do {
                let standings = try await world.appContainers.find(contained.which, of: name.text)
                words[role] = standings.map(\.words).joined(separator: "; ")
            } catch {
                let failure = Failure.wrapping(error, while: "looking at the containers of application '\(name)'")
                missing.append(([failure.problem] + failure.causes).joined(separator: ": "))
            }
        }
        return (words, missing)
    }

    private func parts(_ bound: BoundRun, _ forecast: Forecast, _ steering: Steering, _ times: PastTimes) -> [Plan.Part] {
        let byPath = Dictionary(forecast.steps.map { ($0.kept.path, $0) }) { first, _ in first }
        return bound.parts.map { part in
            Plan.Part(
                kind: part.kind, title: part.title,
                steps: part.steps.map { step in
                    Plan.StepShown(
                        path: step.path, name: step.name, kind: step.kind, effects: byPath[step.path]?.act?.effects ?? [],
                        unknown: byPath[step.path]?.unknown, skipped: steering.skipped[step.path], needsPerson: step.phase == .human,
                        duration: part.kind == .runbook ? times.expectation(of: step) : nil)
                })
        }
    }

    private func confirmations(_ bound: BoundRun, _ forecast: Forecast) async -> [Plan.Confirmation] {
        var confirmations: [Plan.Confirmation] = []
        for target in bound.distinctTargets {
            let effects = forecast.toConfirm(on: target)
            guard !effects.isEmpty, let because = await bound.targets.guardedBecause(target.name) else { continue }
            confirmations.append(Plan.Confirmation(target: target.name, because: because, effects: effects))
        }
        return confirmations
    }

    private func missing(_ bound: BoundRun, _ forecast: Forecast, _ targets: [Plan.TargetShown]) async -> [String] {
        var missing = bound.troubles
        for target in targets {
            guard let reason = target.unreachable else { continue }
            missing.append("what is on target '\(target.name)' is not known: \(reason)")
        }
        for backup in bound.backups.inOrder {
            let catalog = Catalog(store: backup.store, digests: world.digests, inventories: world.inventories)
            do {
                if let flaw = try await catalog.look(at: backup.manifest.id).flaw {
                    let isPartlyUsable = flaw.kind == .incomplete && backup.manifest.isWholeInParts
                    missing.append(
                        "backup \(backup.manifest.id) \(isPartlyUsable ? "can be used for what it holds only" : "cannot be used"): \(flaw.words)"
                    )
                }
            } catch {
                missing.append(
                    "backup \(backup.manifest.id) could not be looked at: \(Failure.wrapping(error, while: "reading it").problem)")
            }
        }
        missing += bound.backups.passedOver.map(\.words)
        for name in bound.request.runbook.contacts where places.configuration.contacts[name] == nil {
            missing.append("the runbook's contact '\(name)' is not in the configuration")
        }
        for (role, name) in bound.names.apps.sorted(by: { $0.key < $1.key }) {
            guard let app = places.configuration.apps[name] else { continue }
            for program in app.programs where world.commands.find(program) == nil {
                missing.append("the program \(program), for application '\(role)', is not installed here")
            }
        }
        for step in forecast.steps { missing += step.lacks.map { "step \(step.kept.path) '\(step.kept.name)': \($0.words)" } }
        var seen: Set<String> = []
        return missing.filter { seen.insert($0).inserted }
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async -> Result) async -> [Result] {
        var results: [Result] = []
        for element in self { results.append(await transform(element)) }
        return results
    }
}
