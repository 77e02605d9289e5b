import Recovery

/// The files of one dumped database, wherever they are.
protocol ArangoDumpFiles: Sendable {
    /// Follows "verify": `the dump in /srv/dumps/app`.
    var words: String { get }
    /// By name, with their sizes; folders are none.
    var sizes: [String: Int64] { get }
    /// Why a name among them cannot be read: `it is a folder`.
    var unreadable: [String: String] { get }
    /// Where a file can be read until it is released. Throws `Failure`.
    func localPath(of name: String) async throws -> String
    /// Nobody reads the file at that path any more.
    func release(_ path: String) async
}

extension ArangoDumpFiles {
    var unreadable: [String: String] { [:] }

    func withFile<Result>(_ name: String, _ use: (_ path: String) async throws -> Result) async throws -> Result {
        let path = try await localPath(of: name)
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await use(path)) } catch { outcome = .failure(error) }
        await release(path)
        return try outcome.get()
    }
}
