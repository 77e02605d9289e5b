import Bindings
import Documents
import FoundationEssentials
import Recovery

/// Finds and reads `lifeboat.yaml`. Configurations are not merged: the first one found wins.
struct ConfigurationFile: Sendable {
    let document: ConfigurationDocument
    let source: DocumentSource

    /// Throws `Failure(.configuration)` when one that was asked for by name is not there.
    static func find(option: String?, environment: [String: String], digests: any Digesting, engines: [String]) throws -> ConfigurationFile?
    {
        guard let path = try path(option: option, environment: environment) else { return nil }
        return try read(path, environment: environment, digests: digests, engines: engines)
    }

    private static func path(option: String?, environment: [String: String]) throws -> String? {
        for (named, origin) in [(option, "--config"), (environment["LIFEBOAT_CONFIG"], "$LIFEBOAT_CONFIG")] {
            guard let named, !named.isEmpty else { continue }
            guard try Files.status(of: named) != nil else {
                throw Failure(
                    .configuration, "there is no configuration at \(named)", hint: "\(origin) names it; correct that, or create the file")
            }
            return named
        }
        return try places(environment).first { try Files.status(of: $0) != nil }
    }

    /// Where it is looked for when nobody says where it is.
    static func places(_ environment: [String: String]) -> [String] {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.config" }
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home
        return ["lifeboat.yaml"] + [base].compactMap { $0 }.map { "\($0)/lifeboat/lifeboat.yaml" } + ["/etc/lifeboat/lifeboat.yaml"]
    }

    static func read(_ path: String, environment: [String: String], digests: any Digesting, engines: [String]) throws -> ConfigurationFile {
        let text: DocumentFile
        do { text = try DocumentFile.read(path, digests) } catch let invalid as InvalidDocument {
            throw InvalidConfiguration(mistakes: invalid)
        } catch let failure as Failure {
            throw Failure(.configuration, failure.problem, hint: failure.hint)
        }
        return try read(text, environment: environment, engines: engines)
    }

    /// One whose text is at hand; throws `InvalidConfiguration` for one with mistakes. A run goes on with the configuration that it began with.
    static func read(_ text: DocumentFile, environment: [String: String], engines: [String]) throws -> ConfigurationFile {
        do { return try reading(text, environment, engines) } catch let invalid as InvalidDocument {
            throw InvalidConfiguration(mistakes: invalid)
        }
    }

    private static func reading(_ text: DocumentFile, _ environment: [String: String], _ engines: [String]) throws -> ConfigurationFile {
        ConfigurationFile(document: try .read(text.document, reading(environment), engines: engines), source: text.source)
    }

    /// `${env.NAME}` is replaced.
    static func reading(_ environment: [String: String]) -> Reading {
        Reading(namespaces: ["env"]) { _, name in
            environment[name].map { .value($0) } ?? .unknown(candidates: environment.keys.filter { $0.hasPrefix("LIFEBOAT") }.sorted())
        }
    }
}

/// A document with its text and hash.
struct DocumentFile {
    let document: Document
    let source: DocumentSource

    private init(document: Document, source: DocumentSource) {
        self.document = document
        self.source = source
    }

    /// As a journal has kept it.
    init(_ kept: KeptDocument) throws { self.init(document: try Document(kept.text, name: kept.path), source: kept.source) }

    /// Throws `Failure(.notFound)` when it is not there, `InvalidDocument` when it is not YAML.
    static func read(_ path: String, _ digests: any Digesting) throws -> DocumentFile {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 1 << 20) } catch {
            throw Failure(
                .notFound, "cannot read \(path): \(error.words)",
                hint: neighbour(of: path).map { "did you mean \($0)?" } ?? "check the path, and that you may read it")
        }
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let document = try Document(bytes, name: path)
        return DocumentFile(
            document: document,
            source: DocumentSource(path: absolute, text: String(decoding: bytes, as: UTF8.self), sha256: digests.sha256(bytes)))
    }

    /// The file beside it that somebody who mistyped a name may have meant.
    private static func neighbour(of path: String) -> String? {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? ""
        let names = (try? Files.list(folder.isEmpty ? "." : folder))?.filter { $0.status.kind == .file }.map(\.name) ?? []
        return names.sorted().closest(to: slash.map { String(path[path.index(after: $0)...]) } ?? path).map { folder + $0 }
    }
}
