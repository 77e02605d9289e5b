import Bindings
import Documents
import Recovery

/// A snapshot as its server lists it.
struct ServerSnapshot: Sendable, Equatable {
    let name: String
    let size: Int64
    /// Lower-case hexadecimal; nil where the server kept none (S3, uploaded files, servers before 1.8).
    let checksum: String?

    init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let size = json["size"]?.int else { return nil }
        self.name = name
        self.size = size
        checksum = json["checksum"]?.string?.lowercased()
    }
}

/// Which replica wins in a cluster when the snapshot and they differ. Without effect on a single node; always sent, since the default of
/// servers has changed (1.9.3).
enum RecoveryPriority: String, Sendable {
    case snapshot
    case replica
    case noSync = "no_sync"
}

extension QdrantClient {
    func snapshots(of collection: String) async throws -> [ServerSnapshot] {
        try QdrantName.check(collection)
        let call = QdrantCall("list the snapshots of collection '\(collection)'", "GET", ["collections", collection, "snapshots"])
        return try await failing { try await result(call).array ?? [] }.compactMap { ServerSnapshot($0) }
    }

    /// Makes a snapshot; the server chooses its name. It takes as long as it takes, and goes on when nobody listens any more.
    func createSnapshot(of collection: String) async throws -> ServerSnapshot {
        try QdrantName.check(collection)
        let call = QdrantCall.creatingSnapshot(of: collection)
        let result = try await result(call)
        guard let snapshot = ServerSnapshot(result) else { throw foreign(call, Array(result.text().utf8)) }
        return snapshot
    }

    /// Streams the file, as it is: compressed on its way it would no longer have its checksum.
    func download(_ snapshot: ServerSnapshot, of collection: String, onBody: @escaping @Sendable ([UInt8]) async throws -> Void)
        async throws
    {
        try QdrantName.check(collection)
        try QdrantName.check(snapshot.name, as: "snapshot")
        _ = try await failing { try await download(.downloading(snapshot.name, of: collection), onBody: onBody) }
    }

    /// False when there was none of that name.
    @discardableResult
    func deleteSnapshot(_ name: String, of collection: String) async throws -> Bool {
        try QdrantName.check(collection)
        try QdrantName.check(name, as: "snapshot")
        let call = QdrantCall(
            "delete snapshot '\(name)' of collection '\(collection)'", "DELETE", ["collections", collection, "snapshots", name],
            query: [("wait", "true")])
        return try await absenceAsNil { _ = try await send(call) } != nil
    }

    /// Recovers from an address that the server itself reads: `file:///…` below its snapshots folder, `http://…`.
    func recover(
        _ collection: String, from location: String, sha256: String?, _ priority: RecoveryPriority, sourceKey: Secret? = nil
    ) async throws {
        try QdrantName.check(collection)
        var body: [JSONValue.Member] = [.init("location", .string(location)), .init("priority", .string(priority.rawValue))]
        if let sha256 { body.append(.init("checksum", .string(sha256))) }
        if let sourceKey { body.append(.init("api_key", .string(sourceKey.reveal { $0 }))) }
        guard try await result(QdrantCall.recovering(collection).json(.object(body))).bool == true else {
            throw Failure(.engine, "\(server.words) did not recover collection '\(collection)', and does not say why")
        }
    }

    /// Recovers from a file of ours. It stays on the server under `name`, and replaces what has that name there.
    func upload(
        _ path: String, bytes: Int64, as name: String, into collection: String, sha256: String?, _ priority: RecoveryPriority,
        boundary: String
    ) async throws {
        try QdrantName.check(collection)
        try QdrantName.check(name, as: "snapshot")
        var query = [("wait", "true"), ("priority", priority.rawValue)]
        if let sha256 { query.append(("checksum", sha256)) }
        var call = QdrantCall.uploading(into: collection, query)
        call.headers.append(HTTPHeader("Content-Type", "multipart/form-data; boundary=\(boundary)"))
        let head =
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"snapshot\"; filename=\"\(name)\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n"
        call.body = .framed(before: Array(head.utf8), path: path, length: bytes, after: Array("\r\n--\(boundary)--\r\n".utf8))
        guard try await result(call).bool == true else {
            throw Failure(.engine, "\(server.words) did not recover collection '\(collection)', and does not say why")
        }
    }
}

/// What takes as long as the data are large, and is limited by nobody but who waits for it.
extension QdrantCall {
    static func creatingSnapshot(of collection: String) -> QdrantCall {
        QdrantCall(
            "make a snapshot of collection '\(collection)'", "POST", ["collections", collection, "snapshots"], query: [("wait", "true")]
        ).unhurried
    }

    static func downloading(_ snapshot: String, of collection: String) -> QdrantCall {
        QdrantCall(
            "download snapshot '\(snapshot)' of collection '\(collection)'", "GET", ["collections", collection, "snapshots", snapshot]
        ).unhurried
    }

    static func recovering(_ collection: String) -> QdrantCall {
        QdrantCall(
            "recover collection '\(collection)'", "PUT", ["collections", collection, "snapshots", "recover"], query: [("wait", "true")]
        ).unhurried
    }

    static func uploading(into collection: String, _ query: [(String, String)]) -> QdrantCall {
        QdrantCall(
            "recover collection '\(collection)' from an upload", "POST", ["collections", collection, "snapshots", "upload"], query: query
        ).unhurried
    }
}
