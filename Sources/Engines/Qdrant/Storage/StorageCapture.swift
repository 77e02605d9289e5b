import Bindings
import Documents
import Recovery

/// Captures the storage folder of a server that is stopped.
struct StorageCapture: Sendable {
    private let target: QdrantTarget
    private let folder: StorageFolder
    private let sink: any CaptureSink

    /// What nobody knows of a folder.
    static let unknownVersion = "unknown"

    /// Throws `Failure(.configuration)` for what cannot be done by this way.
    init(_ target: QdrantTarget, object: String?, options: CaptureOptions, into sink: any CaptureSink) throws {
        self.target = target
        self.sink = sink
        folder = try target.requiredStorage()
        guard object == nil else {
            throw Failure(
                .configuration,
                "one collection of target '\(target.binding.name)' is asked for, and its storage folder is the whole server",
                hint: "capture it by snapshot or by points")
        }
        if let refusal = QdrantCapture.refusals(of: options, target: target.binding.name).first { throw refusal.failure }
    }

    /// What only this way cannot do.
    static func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] {
        let collections = options.collections
        let isChoosy =
            !collections.include.isEmpty || !collections.exclude.isEmpty || !collections.isPrivate.isEmpty
            || !collections.embeddings.isEmpty || collections.goldenQueries != nil
        let words = "the policy captures the storage folder of target '\(target)', which is the whole server"
        var refusals: [CaptureOptions.Refusal] = []
        if isChoosy {
            refusals.append(
                .init(
                    .collections, words,
                    hint:
                        "leave out what chooses collections (include, exclude, private), and what only a server can tell (golden_queries, embeddings)"
                ))
        }
        if !options.fingerprint.isEmpty {
            refusals.append(
                .init(.fingerprint, words, hint: "leave out `fingerprint:`: a stopped server tells no points; every file is hashed"))
        }
        return refusals
    }

    func capture() async throws -> Captured {
        let live = LiveStorage(client: target.client)
        guard let status = try await folder.status(), status.kind == .folder else {
            throw Failure(
                .localStorage, "there is no storage folder \(folder.path)",
                hint: "check `storage:` of target '\(target.binding.name)'; lifeboat has to run where the folder is")
        }
        var notes = try await live.refuse([folder], to: "capture")
        let recoveryPoint = target.time.now
        let before = try await list()
        try refuseWhatIsNoData(before)
        sink.progress("reading \(before.count) files and folders of \(folder.path)")
        let files = CapturedFiles(folder: sink.workFolder)
        do {
            let path = files.add(PartName.storage)
            let listing = try await archive(before, to: path)
            try refuseChange(before, try await list())
            _ = try await live.refuse([folder], to: "capture")
            // Out of the archive, so that what the inventory says is what can be had back.
            let contents = try await StorageContents.read(
                StorageArchive(path: path, name: "\(PartName.storage) of this backup", sha256: nil, listing: listing))
            try refuseWhatIsNotWhole(contents)
            try await sink.adopt(file: path, as: PartName.storage)
            notes += remarks(on: contents)
            return try await record(contents, listing, status, recoveryPoint, notes)
        } catch {
            await files.remove()
            throw error
        }
    }

    // MARK: Reading

    private func list() async throws -> [FolderTree.Entry] {
        do { return try await blocking { [folder] flag in try FolderTree.list(folder.path, until: flag) } } catch let error as FileError {
            throw folder.unreadable(error)
        }
    }

    private func refuseWhatIsNoData(_ entries: [FolderTree.Entry]) throws {
        guard entries.count <= EntryNames.limit else {
            throw Failure(
                .unfit,
                "cannot capture \(folder.path): it has \(entries.count) files and folders, and an archive of it may have \(EntryNames.limit)",
                hint: "is it the right folder? Capture the collections by snapshot, each by itself")
        }
        guard let strange = entries.first(where: { !$0.pathIsExact || ![.file, .folder].contains($0.status.kind) }) else { return }
        let what =
            !strange.pathIsExact
            ? "has a name that is not UTF-8" : strange.status.kind == .symbolicLink ? "is a link" : "is a socket, a pipe or a device"
        throw Failure(
            .unfit, "cannot capture \(folder.path): '\(strange.path)' \(what), which no server of Qdrant makes",
            hint: "is it the right folder? Move what does not belong into it elsewhere")
    }

    private func refuseChange(_ before: [FolderTree.Entry], _ after: [FolderTree.Entry]) throws {
        func marks(_ entries: [FolderTree.Entry]) -> [String: [Int64]] {
            Dictionary(
                entries.map {
                    (
                        $0.path,
                        [
                            Int64(bitPattern: $0.status.inode), $0.status.kind == .folder ? 0 : $0.status.bytes,
                            $0.status.modified.secondsSince1970, Int64($0.status.modified.nanoseconds),
                        ]
                    )
                }
            ) { first, _ in first }
        }
        let (first, second) = (marks(before), marks(after))
        let changed = Set(first.keys).union(second.keys).filter { first[$0] != second[$0] }.min()
        guard let changed else { return }
        throw self.changed(changed)
    }

    private func changed(_ path: String) -> Failure {
        Failure(
            .refused, "cannot capture \(folder.path): '\(path.isEmpty ? "." : path)' changed while the folder was read, so it is live",
            hint: "find out who writes there, stop it, and take the backup again")
    }

    private func archive(_ entries: [FolderTree.Entry], to path: String) async throws -> StorageListing {
        do {
            return try await blocking { [folder] flag in
                var listing = StorageListing()
                let writer = try ArchiveWriter(creating: path)
                for entry in entries {
                    guard entry.status.kind == .file else {
                        try writer.addFolder(entry.path.isEmpty ? "." : entry.path, entry.status)
                        if !entry.path.isEmpty { listing.folders.insert(entry.path) }
                        continue
                    }
                    let reader: FileReader
                    let hash: String
                    do {
                        reader = try FileReader("\(folder.path)/\(entry.path)")
                        guard OpenFiles.Identity(try reader.status()) == OpenFiles.Identity(entry.status) else { throw changed(entry.path) }
                    } catch let error as FileError {
                        throw error.reason == .missing ? changed(entry.path) : folder.unreadable(error)
                    }
                    do { hash = try writer.addFile(entry.path, entry.status, from: reader, until: flag) } catch let error as FileError
                        where error.path == reader.path
                    { throw error.errorNumber == 0 ? changed(entry.path) : folder.unreadable(error) }
                    let hasHoles = entry.status.diskBytes < entry.status.bytes
                    listing.files[entry.path] = StorageListing.File(
                        bytes: entry.status.bytes, sha256: hash, diskBytes: hasHoles ? entry.status.diskBytes : nil)
                }
                try writer.finish()
                return listing
            }
        } catch is CancellationError { throw CancellationError() } catch let failure as Failure { throw failure } catch {
            throw Failure(
                .localStorage, "cannot write the archive of \(folder.path)", hint: "check the disk of the store",
                cause: "\(error)" as PlainReason)
        }
    }

    // MARK: What it holds

    private func refuseWhatIsNotWhole(_ contents: StorageContents) throws {
        guard contents.peer != nil || !contents.collections.isEmpty else {
            throw Failure(
                .unfit,
                "cannot capture \(folder.path): it has neither raft_state.json nor collections, so it is no storage folder of Qdrant",
                hint: "check `storage:` of target '\(target.binding.name)'")
        }
        guard !contents.isPartOfCluster, target.otherNodes.isEmpty else {
            throw Failure(
                .unfit, "cannot capture \(folder.path): it is that of one node of a cluster, and of no use without the others",
                hint: "capture the cluster by points (`way: points`)")
        }
        if let name = contents.dirty.min() {
            throw Failure(
                .engine,
                "cannot capture \(folder.path): a recover of collection '\(name)' was cut off, and no server reads what is left of it",
                hint: "start the server, recover or drop the collection, stop it again")
        }
        for (name, collection) in contents.collections.sorted(by: { $0.key < $1.key }) {
            guard let finding = collection.contents.checks(isOutline: false).first(where: \.isFinding) else { continue }
            throw Failure(
                .engine,
                "cannot capture \(folder.path): collection '\(name)' is not whole: \(finding.subject): \(finding.aspect) is \(finding.actual), expected \(finding.expected)",
                hint: "start the server and see in its log whether it reads the collection; stop it, and take the backup again")
        }
    }

    private func remarks(on contents: StorageContents) -> [String] {
        contents.collections.filter { $0.value.unfinishedSegments > 0 }.keys.sorted().map {
            "collection '\($0)' has segments that were never finished: the server was killed, and makes them again from its log when it starts"
        }
    }

    private func record(
        _ contents: StorageContents, _ listing: StorageListing, _ status: FileStatus, _ recoveryPoint: Timestamp, _ notes: [String]
    ) async throws -> Captured {
        try await sink.record(listing.items(of: status, at: folder.path))
        for (name, collection) in contents.collections.sorted(by: { $0.key < $1.key }) {
            try await sink.record(
                [CapturedCollection(name: name, inStorage: collection.contents).item]
                    + collection.contents.registeredIndexes.sorted { $0.key < $1.key }.map {
                        QdrantBackup.index(of: $0.key, $0.value, in: name, isRegistered: true)
                    })
        }
        try await sink.record(contents.aliases.sorted { $0.key < $1.key }.map { QdrantBackup.alias($0.key, of: $0.value) })
        for words in notes { sink.progress(words) }
        try await sink.record(
            notes.enumerated().map { InventoryItem(kind: QdrantBackup.Kind.note, name: "\($0 + 1)", facts: ["text": $1]) })
        var facts = ["version": contents.version ?? Self.unknownVersion, "cluster": "no"]
        facts["peer"] = contents.peer
        if contents.isStandIn { facts["stand-in"] = "yes" }
        try await sink.record([InventoryItem(kind: QdrantBackup.Kind.server, name: target.binding.address.text, facts: facts)])
        return Captured(
            engineVersion: contents.version ?? Self.unknownVersion, standIn: contents.isStandIn,
            source: SourceIdentity(engine: .qdrant, address: target.binding.address.text, system: contents.peer, database: nil),
            recoveryPoint: recoveryPoint,
            totals: [
                "collections": Int64(contents.collections.count), "aliases": Int64(contents.aliases.count),
                "files": Int64(listing.files.count),
            ], problems: [])
    }
}
