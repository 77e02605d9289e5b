import Bindings
import Recovery

/// Qdrant: collections, captured as snapshots or point by point, recovered by the server from snapshots or by writing the points.
package struct QdrantEngine: Engine {
    private let http: HTTPClient
    private let time: any TimeSource
    private let commands: any CommandRunner
    private let toolFolders: [String]
    private let path: String

    package init(_ parts: EngineParts) {
        http = HTTPClient()
        time = parts.time
        commands = parts.commands
        toolFolders = parts.toolFolders
        path = parts.path
    }

    package var name: EngineName { .qdrant }
    package var login: LoginKind { .key }
    /// An upload stays where it was put.
    package var leavesThingsOnServers: Bool { true }

    package var steps: [any Step.Type] {
        [
            QdrantWaitUntilReadyStep.self, WaitUntilGreenStep.self, DropCollectionStep.self, CreateCollectionStep.self,
            RecoverSnapshotStep.self, RecoverPointsStep.self, CreatePayloadIndexesStep.self, SwitchAliasStep.self,
            UpsertPointsStep.self, StageStorageStep.self, ReplaceStorageStep.self, QdrantVerifyStep.self,
        ]
    }

    package func serverRecipe(version: String?, image: String?, holding backups: [BackupInHand]) async throws -> any ServerRecipe {
        var wanted = try version.map(Self.version)
        if version == nil {
            // A storage folder need not tell.
            let known = backups.map(\.manifest.engineVersion).filter { $0 != StorageCapture.unknownVersion }
            wanted = try known.map(Self.version).max()
        }
        return QdrantServerRecipe(
            http: http, programs: QdrantPrograms(folders: toolFolders, path: path, commands: commands), version: wanted, image: image)
    }

    package func address(url: String, target: String) throws -> ServerAddress { try QdrantAddress.read(url, of: target) }

    package func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] {
        QdrantCapture.refusals(of: options, target: target)
    }

    package func target(_ binding: TargetBinding) -> any EngineTarget { QdrantTarget(binding, http: http, time: time) }

    package func examine(_ backup: BackupInHand, scratch: String) async throws -> [CheckResult] {
        try await QdrantExamine(backup).examine(scratch: scratch)
    }

    package func instructions(for manifest: Manifest) -> String { QdrantInstructions(manifest).text }

    package func connectionURL(_ address: ServerAddress, database: String?) -> Secret { Secret(QdrantServer.base(address)) }

    private static func version(_ text: String) throws -> QdrantVersion {
        guard let version = QdrantVersion(text) else {
            throw Failure(.document, "'\(text)' is not a version of Qdrant", hint: "write it as 1.18.3")
        }
        return version
    }
}
