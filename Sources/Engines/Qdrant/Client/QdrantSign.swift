import Recovery

/// What the words of a refusal tell beyond its status. The first that fits counts.
struct QdrantSign: Sendable {
    let status: Int
    /// All of them stand in the text.
    private let words: [String]
    let kind: Failure.Kind
    let hint: String

    private init(_ status: Int, _ words: String..., means kind: Failure.Kind, _ hint: String) {
        self.status = status
        self.words = words
        self.kind = kind
        self.hint = hint
    }

    func fits(_ refusal: QdrantRefusal) -> Bool { refusal.status == status && words.allSatisfy { refusal.text.contains($0) } }

    static let all = asked + source + forbidden + absent + broken + archive + surroundings

    // MARK: 400, how it was asked

    private static let asked = [
        QdrantSign(
            400, "hecksum mismatch", means: .damaged,
            "what the server read is not what was captured: the file was changed on its way or where it lies; nothing was replaced"),
        QdrantSign(
            400, "not compatible with existing collection", means: .unfit,
            "recreate the collection from the backup (qdrant.create-collection with like:), or drop it and recover: the server then makes it as it was"
        ),
        QdrantSign(
            400, "Vectors configuration is not compatible", means: .unfit,
            "the snapshot has other vectors than the collection that is there; drop it and recover: the server then makes it as it was"),
        QdrantSign(
            400, "malformed snapshot archive", means: .damaged,
            "the server cannot read the snapshot as an archive: it is damaged or no snapshot"),
        QdrantSign(
            400, "expected Some(ManualRecovery)", means: .engine,
            "the snapshot lacks its write-ahead log, or somebody else recovers the collection; `lifeboat qdrant verify-snapshot` tells what it holds"
        ),
        QdrantSign(400, "larger than allowed", means: .engine, "the server takes no larger request (service.max_request_size_mb)"),
        QdrantSign(400, "Distributed mode disabled", means: .engine, "the server is no cluster"),
        QdrantSign(400, "dimension", means: .engine, "the vectors have another size than the collection"),
        QdrantSign(
            400, "Not existing vector name", means: .engine,
            "the collection has no vector of that name; was it created without `vectors`? See its configuration"),
        QdrantSign(400, "Shard key", means: .engine, "the collection has custom sharding, and has no such shard key"),
        QdrantSign(
            400, "Alias with the same name", means: .engine,
            "an alias has that name: name the collection otherwise, or change the alias with qdrant.switch-alias"),
        QdrantSign(
            400, "Max collections limit", means: .engine, "drop a collection that nobody needs, or raise the server's max_collections"),
        QdrantSign(400, "Limit exceeded", means: .engine, "the collection's strict mode allows less; see its strict_mode_config"),
        QdrantSign(
            400, "Multipart", means: .engine, "the upload was cut off on its way: is there a proxy between that limits size or time?"),
        QdrantSign(400, "Required field is missing", means: .engine, "the upload did not arrive as it was sent: is there a proxy between?"),
        QdrantSign(400, "Content-Type header", means: .engine, "the upload did not arrive as it was sent: is there a proxy between?"),
        QdrantSign(400, "plain HTTP request", means: .engine, "the server wants TLS: write https:// in the target's url"),
    ]

    // MARK: Where a snapshot is to come from

    private static let wrongLocation =
        "`location:` is file:///PATH below the server's own snapshots folder, http://… or https://…; without it the snapshot is uploaded"
    private static let source = [
        QdrantSign(400, "Failed to download", "status - 401", means: .engine, sourceRefuses),
        QdrantSign(400, "Failed to download", "status - 403", means: .engine, sourceRefuses),
        QdrantSign(
            400, "Failed to download", means: .engine,
            "the server could not fetch the snapshot from that address: it must be reachable from the server itself, and what was dropped there is gone"
        ),
        QdrantSign(
            400, "Snapshot file", "does not exist", means: .engine,
            "the server sees no such file: the path is that on its own disk (in its container); or recover by upload"),
        QdrantSign(400, "relative URL without a base", means: .engine, wrongLocation),
        QdrantSign(400, "Invalid snapshot UR", means: .engine, wrongLocation),
        QdrantSign(400, "with schem", "is not supported", means: .engine, wrongLocation),
        QdrantSign(400, "Format error in JSON body", means: .engine, notUnderstood),
        QdrantSign(400, "Deserialize error", means: .engine, notUnderstood),
        QdrantSign(500, "Http request error", means: .engine, "the server could not reach the address that the snapshot is to come from"),
    ]
    private static let sourceRefuses =
        "the address refuses the server: does it want a key, or has what it was signed with expired? Or recover by upload"
    private static let notUnderstood = "the server does not understand how this was asked; its version may not know it"

    // MARK: 403, 404

    private static let forbidden = [
        QdrantSign(
            403, "inside the snapshots directory", means: .refused,
            "the server recovers files of its own snapshots folder only; recover by upload"),
        QdrantSign(
            403, "remote URLs is disabled", means: .refused,
            "the server does not fetch snapshots itself (enable_snapshot_url_recovery); recover by upload"),
        QdrantSign(403, "ExpiredSignature", means: .credentials, "the target's token has expired: have a new one made"),
        QdrantSign(403, "InvalidSignature", means: .credentials, "the target's token was not signed with this server's key"),
    ]

    private static let absent = [
        QdrantSign(
            404, "Not found: Snapshot", means: .notFound,
            "somebody deleted it, or another node answers: a snapshot lies on the node that made it, so address nodes and no load balancer"),
        QdrantSign(404, "Not found: Collection", means: .notFound, "was it dropped or renamed meanwhile, or is this another server?"),
        QdrantSign(404, "Not found:", means: .notFound, "was it deleted meanwhile, or is this another server?"),
    ]

    // MARK: 500

    private static let lost =
        "the collection has no usable data at this moment: a recover is under way or was cut off; another recover mends it"
    private static let broken = [
        QdrantSign(500, "Dirty shard", means: .engine, lost),
        QdrantSign(500, "Failed to restore local replica", means: .engine, lost),
        QdrantSign(500, "Local shard", means: .engine, lost),
        QdrantSign(
            500, "Directory not empty", means: .engine,
            "somebody made a snapshot of the collection at the same time, and its data may be gone; stop that job, then recover it again"),
    ]

    private static let noArchive = "the server cannot read the snapshot as an archive: it is damaged or no snapshot"
    private static let lacksFiles = "the snapshot lacks files: it is damaged, or that of a single shard"
    private static let archive = [
        QdrantSign(500, "No space left", means: .engine, "the server's disk is full: make room there"),
        QdrantSign(500, "disk full", means: .engine, "the server's disk is full: make room there"),
        QdrantSign(500, "rocks_db", means: .unfit, rocks),
        QdrantSign(500, "RocksDB", means: .unfit, rocks),
        QdrantSign(500, "Malformed tar", means: .damaged, noArchive),
        QdrantSign(500, "failed to read snapshot archive", means: .damaged, noArchive),
        QdrantSign(500, "Forbidden entry type", means: .damaged, noArchive),
        QdrantSign(
            500, "missing data at shard", means: .unfit,
            "the snapshot is that of one node of a cluster and holds a part of the shards only"),
        QdrantSign(500, "missing field `params`", means: .unfit, "this is a snapshot of a whole server, and not of a collection"),
        QdrantSign(500, "failed to open file", "-recovery-", "/config.json", means: .damaged, lacksFiles),
        QdrantSign(500, "failed to read directory", "-recovery-", means: .damaged, lacksFiles),
        QdrantSign(500, "Can't read shard config", "-recovery-", means: .damaged, lacksFiles),
        // The same words for a file that is cut off and for a disk that is full; and our bytes were proven before.
        QdrantSign(
            500, "failed to unpack", "-recovery-", means: .engine,
            "is there room on the server's disk? If there is, the snapshot is cut off: `lifeboat backups verify` proves it"),
    ]
    private static let rocks =
        "the snapshot holds RocksDB parts of a server before 1.16; recover it on a server of 1.16, and take a new backup there"

    private static let recoveryMode =
        "the server runs in recovery mode (out of memory at its last start?) and gives out no data until QDRANT__STORAGE__RECOVERY_MODE is gone"
    private static let surroundings = [
        QdrantSign(500, "out of memory", means: .engine, recoveryMode),
        QdrantSign(500, "Out-of-Memory", means: .engine, recoveryMode),
        QdrantSign(500, "recovery mode", means: .engine, recoveryMode),
        QdrantSign(
            500, "Tonic status error", means: .unreachable, "another node of the cluster does not answer; see that all of them run"),
        QdrantSign(
            500, "consensus operation", means: .timedOut, "the nodes of the cluster did not agree in time: see that most of them run"),
        QdrantSign(
            500, "S3 error", means: .engine, "the server keeps its snapshots in S3 and cannot reach it; see its snapshots_config"),
        QdrantSign(
            500, "No such file or directory", means: .engine,
            "files of the server's own storage are missing; its log says more, and its disk may need a look"),
    ]
}
