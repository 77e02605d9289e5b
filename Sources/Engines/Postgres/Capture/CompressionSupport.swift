import Recovery

/// What a pg_dump can pack with, or a pg_restore unpack: that depends on its version and on what it was built with.
struct CompressionSupport: Sendable {
    let tool: PostgresTool
    let commands: any CommandRunner

    /// Other methods than gzip came with this major version.
    private static let methodsSince = 16

    /// As pg_dump of that version wants to be told.
    static func argument(_ compression: DumpCompression, for version: PostgresVersion) -> String {
        if version.major >= methodsSince { return compression.canonical }
        return compression.method == .none ? "0" : "\(compression.level ?? 6)"
    }

    /// Throws `Failure(.configuration)` when the tool cannot pack like that.
    func check(_ compression: DumpCompression) async throws {
        guard compression.method == .lz4 || compression.method == .zstd else { return }
        guard tool.version.major >= Self.methodsSince else {
            throw refusal(compression, "it can only do gzip; \(compression.method) came with version \(Self.methodsSince)")
        }
        // It looks at the method before it connects, and there is no server in a folder that is not there.
        let nowhere = "host=/nonexistent/lifeboat connect_timeout=1"
        let outcome = try await commands.run(
            CommandSpec(tool.path, ["--compress=\(compression.canonical)", "--no-password", "--dbname=\(nowhere)"]))
        if outcome.errors.contains("does not support compression") {
            throw refusal(compression, "it was built without \(compression.method)")
        }
    }

    /// Throws `Failure(.toolMissing)` when pg_restore cannot unpack the dump in that folder of this machine.
    func check(unpacking dump: String, of backup: BackupInHand) async throws {
        let packed = backup.manifest.artifacts.first { $0.key.hasSuffix(".zst") || $0.key.hasSuffix(".lz4") }
        guard let packed else { return }
        let outcome = try await commands.run(CommandSpec(tool.path, ["--list", "--file=/dev/null", dump]))
        guard outcome.errors.contains("does not support compression") else { return }
        throw Failure(
            .toolMissing,
            "pg_restore \(tool.version) (\(tool.path)) was built without what unpacks \(packed.key) of backup \(backup.manifest.id)",
            hint: "name the folder of a pg_restore that can with `tools:` in the configuration")
    }

    private func refusal(_ compression: DumpCompression, _ why: String) -> Failure {
        Failure(
            .configuration, "pg_dump \(tool.version) (\(tool.path)) cannot pack a dump with \(compression.canonical): \(why)",
            hint: "write `compression: gzip` at the policy's target, or name the folder of a pg_dump that can with `tools:`")
    }
}
