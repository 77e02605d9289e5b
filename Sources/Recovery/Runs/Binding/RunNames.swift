internal import Documents

/// The roles of a runbook bound to names of the configuration. Nothing has been opened or asked yet.
struct RunNames: Sendable {
    let request: RunRequest
    /// By role.
    private(set) var targets: [String: Name] = [:]
    private(set) var apps: [String: Name] = [:]
    private(set) var backups: [String: BackupSource] = [:]

    enum BackupSource: Sendable, Equatable {
        case named(BackupID)
        /// The newest usable one.
        case newest(policy: String, target: String)
    }

    /// A mistake, and whether it lies in the words of the command or in the configuration.
    private struct Problem {
        let isUsage: Bool
        let mistake: Mistake
    }

    private let configuration: ConfigurationDocument
    private var problems: [Problem] = []

    /// Throws everything that is wrong at once: `Failure(.usage)` when the command says something that does not fit, `.configuration` when
    /// only the configuration lacks something.
    init(_ request: RunRequest, _ configuration: ConfigurationDocument) throws {
        self.request = request
        self.configuration = configuration
        bindTargets()
        bindBackups()
        bindApps()
        checkInputs()
        checkAlerts()
        checkAgreements()
        let program = RunbookProgram(runbook: request.runbook, number: 1, given: request.inputs)
        let parts = [program.listed([]), program.listedAlways()].compactMap { $0 }
        for mistake in request.choices.mistakes(in: parts) { problems.append(Problem(isUsage: true, mistake: mistake)) }
        if problems.isEmpty { foreseeSteps(program, parts) }
        guard problems.isEmpty else {
            throw Failure(
                problems.contains(where: \.isUsage) ? .usage : .configuration, mistakes: problems.map(\.mistake),
                in: "runbook \(request.runbook.name) cannot run like this")
        }
    }

    private mutating func say(_ problem: String, hint: String?, isUsage: Bool) {
        problems.append(Problem(isUsage: isUsage, mistake: Mistake(problem, hint: hint)))
    }

    /// Options for roles that the runbook does not have.
    private mutating func refuseUndeclared(_ option: String, _ what: String, _ given: [String: String], _ declared: [Name]) {
        let known = declared.map(\.text)
        for name in given.keys.sorted() where !known.contains(name) {
            say(
                "\(option) \(name)=…: the runbook has no \(what) '\(name)'",
                hint: known.suggestion(for: name) ?? (known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"),
                isUsage: true)
        }
    }

    // MARK: Targets

    private mutating func bindTargets() {
        let runbook = request.runbook
        refuseUndeclared("--target", "target role", request.targets, runbook.targets.keys)
        for role in runbook.targets.entries {
            let engine = role.value.text
            let fitting = configuration.targets.entries.filter { $0.value.engine.text == engine }.map(\.key)
            let names = fitting.map(\.text)
            guard let given = request.targets[role.key.text] else {
                switch fitting.count {
                case 1: targets[role.key.text] = fitting.first
                case 0:
                    say(
                        "target role '\(role.key)' has nothing to stand for: the configuration has no \(engine) target",
                        hint: "add it under `targets:`", isUsage: false)
                default:
                    say(
                        "target role '\(role.key)' is not bound",
                        hint: "add --target \(role.key)=NAME, with one of \(names.joined(separator: ", "))",
                        isUsage: true)
                }
                continue
            }
            let all = configuration.targets.entries
            guard let entry = all.first(where: { $0.key.text == given }) else {
                say(
                    "--target \(role.key)=\(given): the configuration has no target '\(given)'",
                    hint: names.suggestion(for: given)
                        ?? (names.isEmpty ? "add it under `targets:`" : "there are: \(names.joined(separator: ", "))"),
                    isUsage: true)
                continue
            }
            guard entry.value.engine.text == engine else {
                say(
                    "--target \(role.key)=\(given): '\(given)' is \(entry.value.engine.text), and role '\(role.key)' wants \(engine)",
                    hint: names.isEmpty ? nil : "there are: \(names.joined(separator: ", "))", isUsage: true)
                continue
            }
            targets[role.key.text] = entry.key
        }
    }

    // MARK: Backups

    private mutating func bindBackups() {
        let runbook = request.runbook
        refuseUndeclared("--backup", "backup role", request.backups, runbook.backups.keys)
        for role in runbook.backups.entries {
            guard let given = request.backups[role.key.text] else {
                bindToPolicy(role.key.text, engine: role.value.text)
                continue
            }
            guard let id = BackupID(given) else {
                say(
                    "--backup \(role.key)=\(given): that is not the id of a backup",
                    hint: "ids are POLICY/SET/TARGET; `lifeboat backups list` shows them", isUsage: true)
                continue
            }
            let policies = configuration.policies.keys.map(\.text)
            guard id.policy == Catalog.safety || policies.contains(id.policy) else {
                say(
                    "--backup \(role.key)=\(given): the configuration has no policy '\(id.policy)'",
                    hint: policies.suggestion(for: id.policy)
                        ?? (policies.isEmpty ? "add it under `policies:`" : "there are: \(policies.joined(separator: ", "))"),
                    isUsage: true)
                continue
            }
            backups[role.key.text] = .named(id)
        }
    }

    /// The one policy that captures a target of this run; else the one that captures any target of the engine.
    private mutating func bindToPolicy(_ role: String, engine: String) {
        var pairs: [(policy: String, target: String)] = []
        for policy in configuration.policies.entries {
            for target in policy.value.targets.keys where configuration.targets[target]?.engine.text == engine {
                pairs.append((policy.key.text, target.text))
            }
        }
        let bound = Set(targets.values.map(\.text))
        let own = pairs.filter { bound.contains($0.target) }
        let fitting = own.isEmpty ? pairs : own
        switch fitting.count {
        case 1: backups[role] = .newest(policy: fitting[0].policy, target: fitting[0].target)
        case 0:
            say(
                "backup role '\(role)' has nothing to stand for: no policy of the configuration captures a \(engine) target",
                hint: "add one under `policies:`, or name a backup with --backup \(role)=ID", isUsage: false)
        default:
            say(
                "backup role '\(role)' could come from \(fitting.map { "\($0.policy)/\($0.target)" }.joined(separator: " or "))",
                hint: "name the backup with --backup \(role)=ID; `lifeboat backups list` shows them", isUsage: true)
        }
    }

    // MARK: The rest

    private mutating func bindApps() {
        refuseUndeclared("--app", "application role", request.apps, request.runbook.apps)
        let names = configuration.apps.keys.map(\.text)
        for role in request.runbook.apps {
            let wanted = request.apps[role.text] ?? role.text
            if let name = configuration.apps.keys.first(where: { $0.text == wanted }) {
                apps[role.text] = name
            } else if let given = request.apps[role.text] {
                say(
                    "--app \(role)=\(given): the configuration has no application '\(given)'",
                    hint: names.suggestion(for: given)
                        ?? (names.isEmpty ? "add it under `apps:`" : "there are: \(names.joined(separator: ", "))"),
                    isUsage: true)
            } else {
                say(
                    "application role '\(role)' has nothing to stand for: the configuration has no application '\(role)'",
                    hint: names.isEmpty
                        ? "add it under `apps:`"
                        : "add it under `apps:`, or say --app \(role)=NAME, with one of \(names.joined(separator: ", "))",
                    isUsage: false)
            }
        }
    }

    private mutating func checkInputs() {
        let runbook = request.runbook
        refuseUndeclared("--input", "input", request.inputs, runbook.inputs.keys)
        for input in runbook.inputs.entries {
            guard let given = request.inputs[input.key.text] else {
                if input.value.fallback == nil {
                    say(
                        "input '\(input.key)' is not given\(input.value.means.map { ": \($0)" } ?? "")",
                        hint: "add --input \(input.key)=VALUE",
                        isUsage: true)
                }
                continue
            }
            if let mistake = input.value.mistake(in: given) {
                say("--input \(input.key)=\(given): \(mistake.problem)", hint: mistake.hint, isUsage: true)
            }
        }
    }

    private mutating func checkAlerts() {
        let known = configuration.alerts.keys.map(\.text)
        let runbook = request.runbook
        let program = RunbookProgram(runbook: runbook, number: 1, given: request.inputs)
        let steps = [program.listed([]), program.listedAlways()].compactMap { $0 }.flatMap { program.part($0, bound: RoleBindings()).steps }
        let used = Set(steps.compactMap { try? $0.foresee() }.flatMap(\.uses.alerts))
        for name in used.sorted() where !known.contains(name) {
            say(
                "the runbook tells alert '\(name)', which the configuration does not have",
                hint: known.suggestion(for: name) ?? "add it under `alerts:`", isUsage: false)
        }
    }

    private mutating func checkAgreements() {
        let bound = Set(targets.values.map(\.text)).sorted()
        for name in request.confirmed where !bound.contains(name) && targets.count == request.runbook.targets.entries.count {
            say(
                "--confirm \(name): the run does not touch a target '\(name)'",
                hint: bound.suggestion(for: name) ?? (bound.isEmpty ? nil : "it touches \(bound.joined(separator: ", "))"), isUsage: true)
        }
        for object in request.acceptedUnproven where object.split(separator: "/", maxSplits: 1).count < 2 {
            say("--accept-unproven \(object): that is not an object", hint: "write TARGET/OBJECT, as the plan prints it", isUsage: true)
        }
    }

    /// A value that makes a step unreadable is found now and not in the middle of the run.
    private mutating func foreseeSteps(_ program: RunbookProgram, _ parts: [KeptPart]) {
        for step in parts.flatMap({ program.part($0, bound: RoleBindings()).steps }) {
            do { _ = try step.foresee() } catch {
                say(Failure.wrapping(error, while: step.kept.name).problem, hint: "see the --input it uses", isUsage: true)
            }
        }
    }
}
