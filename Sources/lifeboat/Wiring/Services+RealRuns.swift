import Documents
import Recovery

/// Runs on configured targets.
extension Services {
    /// What carries a runbook out on the targets of the configuration.
    func runConductor(_ request: RunRequest) async throws -> RunConductor { try await runConductor(request, requiredConfiguration()) }

    /// With the runbook and the configuration that the run began with; the files may have changed since.
    func runConductor(resuming started: RunStarted, confirmed: [String]) async throws -> RunConductor {
        func kept(_ kind: String) throws -> DocumentFile {
            guard let document = started.documents.first(where: { $0.kind == kind }) else {
                throw Failure(.damaged, "the journal of run \(started.run) does not hold its \(kind)")
            }
            return try DocumentFile(document)
        }
        let file = try kept("runbook")
        let request = RunRequest(resuming: started, try Runbook(file.document, file.source, registry), confirmed: confirmed)
        return try await runConductor(
            request, try ConfigurationFile.read(try kept("configuration"), environment: environment, engines: registry.engines))
    }

    private func runConductor(_ request: RunRequest, _ file: ConfigurationFile) async throws -> RunConductor {
        let places = ConfiguredPlaces(
            configuration: file.document, source: file.source, stores: try await storesForRecovery(file),
            logIn: { [self] name, document, engine, recovering in try await configuredTarget(name, document, engine, recovering: recovering)
            },
            phone: { [secrets] reference in try await secrets.resolve(reference, of: "a phone number") })
        return RunConductor(request, in: world, with: places, locks: locks(of: file))
    }

    /// A notice that cannot be sent keeps no recovery from beginning: an alert whose address is not known is left out, and said.
    func storesForRecovery(_ file: ConfigurationFile) async throws -> BackupStores {
        var alerts: [String: AlertBinding] = [:]
        for entry in file.document.alerts.entries {
            do { alerts[entry.key.text] = try await alert(entry.key.text, entry.value) } catch let failure as Failure {
                progress.say(.warning("alert '\(entry.key)' will reach nobody: \(failure.problem)"))
            }
        }
        return BackupStores(
            try stores(of: file), byPolicy: storesByPolicy(file), alerts: alerts, digests: digests, inventories: inventories)
    }
}
