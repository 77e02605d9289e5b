import Bindings
import Documents
import Outlets
import Recovery

extension Services {
    func requiredConfiguration() throws -> ConfigurationFile {
        guard let configuration else {
            throw Failure(
                .configuration, "there is no configuration",
                hint:
                    "write ./lifeboat.yaml, or name one with --config or $LIFEBOAT_CONFIG; `lifeboat schema configuration` says what it holds"
            )
        }
        return configuration
    }

    func runbook(at path: String) throws -> Runbook {
        let file = try DocumentFile.read(path, digests)
        return try Runbook(file.document, file.source, registry)
    }

    func drill(at path: String) throws -> Drill {
        let file = try DocumentFile.read(path, digests)
        return try Drill(file.document, file.source, registry, configuration: configuration?.document) { try runbook(at: $0) }
    }

    /// Reads a document of any kind, by its first words. Returns what it was.
    func lint(_ path: String) throws -> String {
        let file = try DocumentFile.read(path, digests)
        guard case YAMLNode.Content.mapping(let entries) = file.document.root.content else {
            throw InvalidDocument("expected a runbook, a drill or a configuration", at: file.document.root).attributed(
                to: file.document.source)
        }
        let keys = entries.map(\.name)
        if keys.contains("runbook") {
            _ = try Runbook(file.document, file.source, registry)
            return "runbook"
        }
        if keys.contains("drill") {
            _ = try drill(at: path)
            return "drill"
        }
        _ = try ConfigurationFile.read(path, environment: environment, digests: digests, engines: registry.engines)
        return "configuration"
    }

    func schema(_ kind: String) -> String {
        let id = "urn:lifeboat:schema:\(kind):1"
        return switch kind {
        case "runbook": registry.runbookSchema(id: id).text(.pretty)
        case "drill": registry.drillSchema(id: id).text(.pretty)
        case "configuration":
            ConfigurationDocument.fields.schema(expanding: true).document(id: id, title: "The configuration of Lifeboat").text(.pretty)
        default: ResultSchema.text
        }
    }
}
