import Bindings
import Documents
import Recovery

/// What reading one document has shown.
struct LintedFile: Sendable {
    enum Kind: String, Sendable { case runbook, drill, configuration }

    let path: String
    /// Nil when that could not be told.
    let kind: Kind?
    let mistakes: InvalidDocument?
    /// Why it could not be read at all, or what it names is not there.
    let troubles: [Failure]

    /// Whether nothing is wrong.
    var isSound: Bool { mistakes == nil && troubles.isEmpty }
}

extension Services {
    /// Reads a document of any kind, by its first words.
    func lint(_ path: String) -> LintedFile {
        var kind: LintedFile.Kind?
        do {
            let file = try DocumentFile.read(path, digests)
            kind = Self.kind(of: file)
            switch kind {
            case .runbook: _ = try Runbook(file.document, file.source, registry)
            case .drill: _ = try drill(at: path)
            case .configuration:
                return lintConfiguration(file, called: path)
            case nil:
                throw InvalidDocument("expected a runbook, a drill or a configuration", at: file.document.root).attributed(
                    to: file.document.source)
            }
            return LintedFile(path: path, kind: kind, mistakes: nil, troubles: [])
        } catch let invalid as InvalidDocument {
            return LintedFile(path: path, kind: kind, mistakes: invalid, troubles: [])
        } catch {
            return LintedFile(path: path, kind: kind, mistakes: nil, troubles: [Failure.wrapping(error, while: "reading \(path)")])
        }
    }

    /// The configuration that every command uses. Throws `Failure(.configuration)` when there is none.
    func lintConfiguration() throws -> LintedFile {
        let path: String
        do { path = try requiredConfiguration().source.path } catch let invalid as InvalidConfiguration {
            path = invalid.mistakes.diagnostics.first?.file ?? "lifeboat.yaml"
        }
        do { return lintConfiguration(try DocumentFile.read(path, digests), called: path) } catch let invalid as InvalidDocument {
            return LintedFile(path: path, kind: .configuration, mistakes: invalid, troubles: [])
        }
    }

    /// With the runbooks that it names, whatever else is wrong with it.
    private func lintConfiguration(_ file: DocumentFile, called path: String) -> LintedFile {
        var broken: [InvalidDocument] = []
        var troubles: [Failure] = []
        do { _ = try ConfigurationFile.read(file, environment: environment, engines: registry.engines) } catch let invalid
            as InvalidConfiguration
        {
            broken.append(invalid.mistakes)
        } catch {
            troubles.append(Failure.wrapping(error, while: "reading \(path)"))
        }
        let names = ConfigurationNames(file.document, ConfigurationFile.reading(environment))
        // Only a backup fails for these; no recovery has to wait until they are mended.
        let refused = names.refusedOptions(by: engines)
        if !refused.isEmpty { broken.append(InvalidDocument(refused).attributed(to: file.document.source)) }
        var seen: Set<String> = []
        for named in names.runbooks {
            let path = file.source.resolve(named.path)
            guard seen.insert(path).inserted else { continue }
            do {
                _ = try runbook(at: path, restoring: named.target.text, policy: named.policy.text)
            } catch let invalid as InvalidDocument {
                broken.append(invalid)
            } catch {
                troubles.append(Failure.wrapping(error, while: "reading \(path)"))
            }
        }
        return LintedFile(
            path: path, kind: .configuration, mistakes: broken.isEmpty ? nil : InvalidDocument(combining: broken), troubles: troubles)
    }

    private static func kind(of file: DocumentFile) -> LintedFile.Kind? {
        guard case YAMLNode.Content.mapping(let entries) = file.document.root.content else { return nil }
        let keys = entries.map(\.name)
        return keys.contains("runbook") ? .runbook : keys.contains("drill") ? .drill : .configuration
    }
}
