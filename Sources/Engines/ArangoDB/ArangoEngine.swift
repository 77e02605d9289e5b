import Bindings
import Recovery

/// ArangoDB: databases, captured and restored over HTTP in arangodump's format, with graphs, views, analyzers and indexes.
package struct ArangoEngine: Engine {
    private let http: HTTPClient
    private let time: any TimeSource
    private let commands: any CommandRunner
    private let tools: ArangoTools
    private let toolFolders: [String]

    package init(_ parts: EngineParts) {
        http = HTTPClient()
        time = parts.time
        commands = parts.commands
        toolFolders = parts.toolFolders
        tools = ArangoTools(folders: parts.toolFolders, path: parts.path, commands: parts.commands)
    }

    package var name: EngineName { .arangodb }

    package var steps: [any Step.Type] {
        [
            ArangoWaitUntilReadyStep.self, ArangoDropDatabaseStep.self, ArangoCreateDatabaseStep.self, ArangoDropCollectionStep.self,
            ArangoCreateCollectionStep.self,
            ArangoRestoreStep.self, ArangoRestoreFolderStep.self, AQLStep.self, ArangoVerifyStep.self,
        ]
    }

    package func serverRecipe(version: String?, image: String?, holding backups: [BackupInHand]) async throws -> any ServerRecipe {
        let wanted = try version.map(Self.version) ?? (try backups.map { try Self.version($0.manifest.engineVersion) }.max())
        var recipe = ArangoServerRecipe(http: http, commands: commands, folders: toolFolders, version: wanted, image: image)
        for backup in backups where try await ArangoBackup.read(backup).hasVectorIndexes { recipe.needsVectors = true }
        return recipe
    }

    package func address(url: String, target: String) throws -> ServerAddress { try ArangoAddress.read(url, of: target) }

    package func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] {
        ArangoCapture.refusals(of: options, target: target)
    }

    package func target(_ binding: TargetBinding) -> any EngineTarget { ArangoTarget(binding, http: http, time: time, tools: tools) }

    package func examine(_ backup: BackupInHand, scratch: String) async throws -> [CheckResult] {
        try await ArangoExamine(backup).examine(scratch: scratch)
    }

    package func instructions(for manifest: Manifest) -> String { ArangoInstructions(manifest).text }

    /// As drivers take it, with the database behind the host.
    package func connectionURL(_ address: ServerAddress, database: String?) -> Secret {
        let base = ArangoServer.base(address)
        let user = (address.user ?? "root").percentEncoded
        let login = address.password.map { "\(user):\($0.reveal(\.percentEncoded))@" } ?? "\(user)@"
        let mark = base.firstRange(of: "://").map { base[..<$0.upperBound] } ?? ""
        let place = base.dropFirst(mark.count)
        return Secret("\(mark)\(login)\(place)/\((database ?? address.database ?? ArangoTarget.systemDatabase).percentEncoded)")
    }

    private static func version(_ text: String) throws -> ArangoVersion {
        guard let version = ArangoVersion(text) else {
            throw Failure(.document, "'\(text)' is not a version of ArangoDB", hint: "write it as 3.12.5")
        }
        return version
    }
}
