import Documents
import Environments
import Outlets
import Recovery
import Stores

/// Looks at everything a backup, drill or recovery will need, and says what is missing and how to get it.
struct DoctorCommand: Command {
    static let name = "doctor"
    static let usage = ""
    static let summary = "say what is missing and how to get it; reach every configured target and store"
    static let bearsMistakesOfTheConfiguration = true

    init(_ arguments: inout Arguments) throws(Failure) {}

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let findings = await Examination(services: services).everything()
        for finding in findings {
            switch finding.state {
            case .well: output.show("well     \(finding.what): \(finding.words)")
            case .remark: output.show("remark   \(finding.what): \(finding.words)")
            case .missing:
                output.show("MISSING  \(finding.what): \(finding.words)")
                if let hint = finding.hint { output.show("         hint: \(hint)") }
            }
        }
        try output.show(json: findings)
        return findings.contains { $0.state == .missing } ? 1 : 0
    }
}

/// What `doctor` looks at, one thing after the other; nothing that is missing keeps it from looking at the rest.
private struct Examination {
    struct Finding: Encodable {
        enum State: String, Encodable {
            case well, missing
            /// Nothing is wrong with it, and somebody should know.
            case remark
        }

        let state: State
        let what: String
        let words: String
        let hint: String?

        /// The same where something else does in its place.
        var asRemark: Finding { Finding(state: .remark, what: what, words: words, hint: hint) }
    }

    let services: Services

    func everything() async -> [Finding] {
        var findings = [
            await look("state folder") {
                try await services.folders.tryOut()
                let runs = try await services.folders.list().count
                return "\(services.folders.stateFolder) can be written, "
                    + (runs == 0 ? "no runs yet" : "\(Readable.count(runs, "run", "runs"))")
            }
        ]
        if let configuration = services.configuration {
            findings.append(Finding(state: .well, what: "configuration", words: configuration.source.path, hint: nil))
            findings += await stores(configuration)
            findings += await targets(configuration)
            findings += await apps(configuration)
            findings += await alerts(configuration)
        } else {
            let trouble = services.configurationTrouble.map(CommandFailure.init)?.failure ?? services.noConfiguration
            findings.append(
                Finding(
                    state: .missing, what: "configuration", words: trouble.problem,
                    hint: trouble.advice ?? "`lifeboat lint` shows every mistake"))
        }
        return findings + (await servers())
    }

    private func stores(_ file: ConfigurationFile) async -> [Finding] {
        var findings: [Finding] = []
        for store in (try? services.stores(of: file)) ?? [] {
            findings.append(
                await look("store '\(store.name)'") {
                    _ = try await store.list("", after: nil, limit: 1)
                    let folder = try await store.makeWorkFolder(owner: "doctor")
                    try await store.removeWorkFolder(folder)
                    return "\(store.location) can be read and written"
                })
        }
        return findings
    }

    private func targets(_ file: ConfigurationFile) async -> [Finding] {
        var findings: [Finding] = []
        for entry in file.document.targets.entries {
            let name = entry.key.text
            var remarks: [String] = []
            findings.append(
                await look("target '\(name)'") {
                    let engine = try services.world.engine(EngineName(entry.value.engine.text))
                    let configured = try await services.configuredTarget(name, entry.value, engine, recovering: false)
                    let target = engine.target(.configured(role: name, configured))
                    do {
                        let identity = try await target.identity()
                        if let lack = try await target.lacks().first { throw lack }
                        remarks = try await target.remarksOnDrills()
                        await target.close()
                        let tools = configured.container.map { "; its programs are used in container '\($0)'" } ?? ""
                        guard let system = identity.system else {
                            return "\(identity.address) answers, but its account may not know which installation it is, so that every"
                                + " recovery on it asks for its name\(tools)"
                        }
                        return "\(identity.address) answers, installation \(system)\(tools)"
                    } catch {
                        await target.close()
                        throw error
                    }
                })
            findings += remarks.map { Finding(state: .remark, what: "drills of '\(name)'", words: $0, hint: nil) }
        }
        return findings
    }

    /// Whether they could be stopped and started, and how those stand that are containers.
    private func apps(_ file: ConfigurationFile) async -> [Finding] {
        var findings: [Finding] = []
        for entry in file.document.apps.entries {
            findings.append(
                await look("application '\(entry.key)'") {
                    for program in entry.value.programs where services.commands.find(program) == nil {
                        throw Failure(
                            .toolMissing, "the program \(program) is not installed here", hint: "install it, or correct its path")
                    }
                    guard case .contained(let contained) = entry.value else { return "its programs are here" }
                    return try await services.appContainers.find(contained.which, of: entry.key.text).map(\.words).joined(separator: "; ")
                })
        }
        return findings
    }

    /// Whether somebody could be told; nobody is.
    private func alerts(_ file: ConfigurationFile) async -> [Finding] {
        var findings: [Finding] = []
        for entry in file.document.alerts.entries {
            findings.append(
                await look("alert '\(entry.key)'") {
                    switch try await services.alert(entry.key.text, entry.value).way {
                    case .webhook: return "its address is known"
                    case .command(let words):
                        guard services.commands.find(words[0]) != nil else {
                            throw Failure(
                                .toolMissing, "the program \(words[0]) is not installed here", hint: "install it, or correct its path")
                        }
                        return "\(words[0]) is here"
                    }
                })
        }
        return findings
    }

    /// Disposable servers for drills: where one way is enough, the other that is missing is a remark.
    private func servers() async -> [Finding] {
        let word: EnvironmentWord
        do { word = try services.environmentWord() } catch {
            return [await look("disposable servers") { throw error }]
        }
        switch word {
        case .docker: return [await containerEngine()]
        case .process: return await serverPrograms()
        case .auto:
            let (engine, programs) = (await containerEngine(), await serverPrograms())
            if engine.state == .well { return [engine] + programs.map { $0.state == .missing ? $0.asRemark : $0 } }
            return [programs.allSatisfy { $0.state == .well } ? engine.asRemark : engine] + programs
        }
    }

    private func containerEngine() async -> Finding {
        await look("container engine") { "\(try await services.containers.engineName()) answers" }
    }

    private func serverPrograms() async -> [Finding] {
        var findings: [Finding] = []
        for engine in services.engines.values.sorted(by: { $0.name.text < $1.name.text }) {
            findings.append(
                await look("disposable \(engine.name)") {
                    try await engine.serverRecipe(version: nil, image: nil, holding: []).requirePrograms()
                    return "its server programs are here; servers get their folders in \(services.processes.folder)"
                })
        }
        return findings
    }

    private func look(_ what: String, _ body: () async throws -> String) async -> Finding {
        do { return Finding(state: .well, what: what, words: try await body(), hint: nil) } catch {
            let failure = Failure.wrapping(error, while: what)
            let words = ([failure.problem] + failure.causes).joined(separator: "; because: ")
            return Finding(state: .missing, what: what, words: words, hint: failure.advice)
        }
    }
}
