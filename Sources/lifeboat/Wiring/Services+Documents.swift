import Bindings
import Documents
import Outlets
import Recovery

extension Services {
    /// Throws `InvalidConfiguration`, or `Failure(.configuration)` when there is none.
    func requiredConfiguration() throws -> ConfigurationFile {
        if let configurationTrouble { throw configurationTrouble }
        guard let configuration else { throw noConfiguration }
        return configuration
    }

    var noConfiguration: Failure {
        let places = ConfigurationFile.places(environment).map { $0.hasPrefix("/") ? "no \($0)" : "no ./\($0)" }
        return Failure(
            .configuration, "there is no configuration: \(places.dropLast().joined(separator: ", ")) and \(places.last ?? "")",
            hint:
                "write one of these, or name another with --config or $LIFEBOAT_CONFIG; `lifeboat schema configuration` says what it holds")
    }

    func runbook(at path: String) throws -> Runbook {
        let file = try DocumentFile.read(path, digests)
        return try Runbook(file.document, file.source, registry)
    }

    func drill(at path: String) throws -> Drill {
        let file = try DocumentFile.read(path, digests)
        return try Drill(file.document, file.source, registry, configuration: configuration?.document) { try runbook(at: $0) }
    }

    /// The runbook that a policy names for a target. Throws `Failure(.configuration)` when it is not there.
    func runbook(at path: String, restoring target: String, policy: String) throws -> Runbook {
        do { return try runbook(at: path) } catch let failure as Failure where failure.kind == .notFound {
            throw Failure(
                .configuration, "the runbook that policy '\(policy)' names for '\(target)' is not there: \(failure.problem)",
                hint: failure.hint?.hasPrefix("did you") == true
                    ? failure.hint : "paths in the configuration are relative to its own folder")
        }
    }

    func schema(_ kind: String) throws -> String {
        let id = "urn:lifeboat:schema:\(kind):1"
        if let output = OutputSchema(rawValue: kind) { return try output.text() }
        return switch kind {
        case "runbook": registry.runbookSchema(id: id).text(.pretty)
        case "drill": registry.drillSchema(id: id).text(.pretty)
        case "configuration":
            ConfigurationDocument.fields.schema(expanding: true).document(id: id, title: "The configuration of Lifeboat").text(.pretty)
        default: ResultSchema.text
        }
    }
}
