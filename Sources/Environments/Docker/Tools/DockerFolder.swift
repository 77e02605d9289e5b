import Bindings
import Recovery

/// A private folder inside a container. Files go in and out as archives, never over the streams of a program.
struct DockerFolder: PrivateFolder {
    let path: String
    let container: String
    /// Of the account that programs run as there.
    let uid: Int
    let gid: Int
    let engine: DockerEngine

    func write(_ name: String, _ bytes: [UInt8]) async throws {
        guard let header = header(name, bytes: Int64(bytes.count)), let head = header.encoded else { throw tooLong(name) }
        try await put(.bytes(head + bytes + [UInt8](repeating: 0, count: header.padding) + TarHeader.end), "a file")
    }

    func makeFolder(_ name: String) async throws {
        guard let head = TarHeader(name: name + "/", kind: .folder, mode: 0o700, uid: uid, gid: gid).encoded else { throw tooLong(name) }
        try await put(.bytes(head + TarHeader.end), "a folder")
    }

    /// Copies a file of this machine.
    func write(_ name: String, file: String) async throws {
        let length: Int64
        do { length = try await blocking { _ throws(FileError) in try FileReader(file).status().bytes } } catch {
            throw Failure(.localStorage, "cannot read \(file)", cause: error)
        }
        guard let header = header(name, bytes: length), let head = header.encoded else { throw tooLong(name) }
        let after = [UInt8](repeating: 0, count: header.padding) + TarHeader.end
        try await put(.framed(before: head, path: file, length: length, after: after), name)
    }

    func read(_ name: String, limit: Int) async throws -> [UInt8] {
        let gathered = GatheredFile(limit: limit)
        try await inside("read a file") {
            try await engine.stream(
                "GET", "/containers/\(container)/archive", [("path", "\(path)/\(name)")], silentFor: DockerEngine.patienceWithArchives,
                attempt: "read out of a container"
            ) { try await gathered.take($0) }
        }
        return try await gathered.content()
    }

    func remove(_ name: String) async { _ = try? await script(#"rm -f "$1""#, "\(path)/\(name)", "remove a file") }

    /// Sends a signal to all programs whose mark begins with `$1`. By `tr`, since not every `grep` looks beyond a zero byte.
    static func sending(_ signal: String) -> String {
        """
        for p in /proc/[0-9]*; do
            tr '\\0' '\\n' 2>/dev/null <"$p/environ" | grep -qF "\(mark)=$1" && kill -\(signal) "${p#/proc/}" 2>/dev/null
        done
        true
        """
    }
    static let mark = "LIFEBOAT_PLACE"

    /// Ends what runs with this folder as its mark, twice, since something may just have been starting, and removes the folder.
    static let removal = "\(sending("KILL"))\n\(sending("KILL"))\nrm -rf \"$1\""

    /// A dump of gigabytes is not gone in a moment.
    static let removalMayTake = Duration.seconds(600)

    func removeAll() async { _ = try? await script(Self.removal, path, "remove a folder", within: Self.removalMayTake) }

    @discardableResult
    func script(
        _ text: String, _ argument: String, _ attempt: String, within limit: Duration = .seconds(60)
    ) async throws -> DockerEngine.Executed {
        let answer = try await inside(attempt) {
            try await engine.execute(["sh", "-c", text, "sh", argument], in: container, within: limit)
        }
        guard answer.status == 0 else {
            throw Failure(
                .environmentUnavailable, "cannot \(attempt) in container '\(container)'",
                cause: Failure(.environmentUnavailable, answer.errors.isEmpty ? "status \(answer.status)" : answer.errors))
        }
        return answer
    }

    func inside<Result>(_ attempt: String, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let refusal as DockerRefusal {
            throw Failure(
                .environmentUnavailable, "cannot \(attempt) in container '\(container)': the container engine refused",
                hint: refusal.isOutOfSpace
                    ? "free some space on the engine's disk: the dump lies in the container for a while"
                    : "see with `docker ps -a` whether it still runs",
                cause: Failure(.environmentUnavailable, refusal.message))
        }
    }

    private func header(_ name: String, bytes: Int64) -> TarHeader? {
        name.contains("..") ? nil : TarHeader(name: name, bytes: bytes, uid: uid, gid: gid)
    }

    private func tooLong(_ name: String) -> Failure { Failure(.bug, "'\(name)' is no name for a file in a container") }

    private func put(_ body: HTTPRequest.Body, _ what: String) async throws {
        try await inside("write \(what)") {
            try await engine.send(
                "PUT", "/containers/\(container)/archive", [("path", path)], content: body, type: "application/x-tar",
                silentFor: DockerEngine.patienceWithArchives, attempt: "write into a container")
        }
    }
}

/// The one file of an archive, small enough for memory.
private actor GatheredFile {
    private let limit: Int
    private var bytes: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    func take(_ more: [UInt8]) throws {
        guard bytes.count + more.count <= limit + 8 * TarHeader.block else {
            throw Failure(.environmentUnavailable, "a file in a container is larger than \(limit) bytes, which no such file is")
        }
        bytes += more
    }

    func content() throws -> [UInt8] {
        var rest = bytes[...]
        while rest.count >= TarHeader.block, let header = TarHeader(Array(rest.prefix(TarHeader.block))) {
            rest = rest.dropFirst(TarHeader.block)
            guard Int64(rest.count) >= header.bytes else { break }
            if header.kind == .file { return Array(rest.prefix(Int(header.bytes))) }
            rest = rest.dropFirst(Int(header.bytes) + header.padding)
        }
        throw Failure(.environmentUnavailable, "the container engine broke off in the middle of a file, or sent none")
    }
}
