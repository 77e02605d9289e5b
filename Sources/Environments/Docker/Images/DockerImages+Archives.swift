import Bindings
import Documents
import Recovery

/// Images in files, for sites that reach no registry.
extension DockerImages {
    /// Writes the images into a new file, whole or not at all. Returns its size.
    ///
    /// - Throws: `Failure(.environmentUnavailable)` when the engine does not have one of them, `.localStorage` when the file cannot be
    ///   written, or is there already.
    ///
    /// - Parameter owner: us. What dead ones left unfinished of the same file is removed.
    func save(_ names: [ImageName], to file: String, by owner: Owner) async throws -> Int64 {
        for name in names {
            guard name.digest == nil else {
                throw Failure(
                    .environmentUnavailable, "cannot save \(name.short) into a file: a file does not keep the digest that the name pins",
                    hint: "name it by its tag alone where there is no registry, or bring a registry along")
            }
            guard try await look(for: name) != nil else {
                throw Failure(
                    .environmentUnavailable, "cannot save \(name.short): the container engine at \(engine.host.address) does not have it",
                    hint: "fetch it first: `lifeboat images pull DRILL`, or docker pull \(name.short)")
            }
        }
        return try await writing(file) {
            // Before gigabytes are on their way; publishing never replaces it either.
            try await blocking { _ in
                if try Files.status(of: file) != nil { throw taken(file) }
            }
            let part = UnfinishedFile(of: file)
            let writer = try await blocking { _ in
                part.removeThoseOfTheDead(seenFrom: owner)
                return try FileWriter(creating: part.name(for: owner), mode: 0o644)
            }
            do {
                try await stream(names, into: writer, for: file)
                try await blocking { _ in
                    try writer.finish()
                    try publish(writer.path, as: file)
                }
            } catch {
                await blocking { _ in writer.abort() }
                throw error
            }
            return writer.bytesWritten
        }
    }

    private func stream(_ names: [ImageName], into writer: FileWriter, for file: String) async throws {
        let end = TarEnd()
        try await engine.stream(
            "GET", "/images/get", names.map { ("names", $0.reference) }, silentFor: DockerEngine.patienceWithArchives,
            attempt: "save images into \(file)"
        ) { bytes in
            end.take(bytes)
            try await blocking { _ in try writer.write(bytes) }
        }
        guard end.isWhole else {
            throw Failure(
                .environmentUnavailable,
                "cannot save images into \(file): the container engine broke off after \(ByteSize(writer.bytesWritten))",
                hint: "try again; the engine's log (journalctl -u docker) tells more",
                cause: end.words.map { Failure(.environmentUnavailable, $0) })
        }
    }

    /// Reads images out of a file, as `save` and `docker save` write it. Returns their names.
    ///
    /// - Throws: `Failure(.notFound)` when the file cannot be read, `.environmentUnavailable` when the engine makes nothing of it.
    func load(from file: String) async throws -> [String] {
        let bytes: Int64
        do {
            bytes = try await blocking { _ in try FileReader(file).status().bytes }
        } catch let error as FileError {
            throw Failure(
                .notFound, "cannot load images: \(error)", hint: "name a file that `lifeboat images save` or `docker save` has written")
        }
        let answer = LoadAnswer()
        do {
            try await engine.stream(
                "POST", "/images/load", [("quiet", "1")], .file(path: file, length: bytes),
                headers: [HTTPHeader("Content-Type", "application/x-tar")], silentFor: DockerEngine.patienceWithArchives,
                attempt: "load images out of \(file)"
            ) { try answer.take($0) }
            return try answer.end()
        } catch let refusal as DockerRefusal {
            guard !refusal.isOutOfSpace else { throw refusal.asFailure }
            throw Failure(
                .environmentUnavailable, "cannot load images out of \(file): the container engine makes nothing of it",
                hint: "see that it is whole, and that `lifeboat images save` or `docker save` has written it",
                cause: Failure(.environmentUnavailable, refusal.message))
        }
    }

    private func writing<Result>(_ file: String, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let error as FileError {
            throw Failure(
                .localStorage, "cannot save images into \(file)",
                hint: error.isOutOfSpace ? "free some space there, or name another file" : "name a file in a folder that you may write to",
                cause: Failure(.localStorage, error.description))
        } catch let refusal as DockerRefusal {
            throw refusal.asFailure
        }
    }
}

private func publish(_ part: String, as file: String) throws {
    do { try Files.publish(from: part, to: file) } catch {
        _ = try? Files.removeFile(part)
        throw error.reason == .exists ? taken(file) : error
    }
}

private func taken(_ file: String) -> Failure {
    Failure(.localStorage, "cannot save images into \(file): there is such a file", hint: "name another one, or remove it")
}
