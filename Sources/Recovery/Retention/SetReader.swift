/// Reads recovery sets as retention needs them. What is damaged is told in the standing; a store that does not answer throws,
/// since nothing is to be decided on half of the truth.
struct SetReader: Sendable {
    let store: any ReadableStore
    let digests: any Digesting

    /// A note and where it lies.
    struct StoredNote: Sendable {
        let key: String
        /// Nil when it cannot be read.
        let note: Note?
    }

    func sets(of policy: String) async throws -> [String] {
        try await store.list(policy).filter { $0.isFolder && !$0.name.hasPrefix(".") }.map(\.name)
    }

    func standings(of policy: String) async throws -> [SetStanding] {
        var standings: [SetStanding] = []
        for set in try await sets(of: policy) { standings.append(try await standing(of: policy, set)) }
        return standings
    }

    func standing(of policy: String, _ set: String) async throws -> SetStanding {
        var standing = SetStanding(policy: policy, set: set)
        let entries = try await store.list(standing.path)
        let begin = try await read(SetBegin.self, "\(standing.path)/begin.json", if: entries)
        let end = try await readEnd(of: policy, set, if: entries)
        if case .unreadable(let words) = end { standing.unreadable.append(words) }
        standing.recoveryPoint = end.value?.recoveryPoint
        let renewedUntil = try await addNotes(to: &standing, entries, end.value)
        try await addBackups(to: &standing, entries, end.value)
        addBegin(begin, renewedUntil, hasEnd: !end.isMissing, to: &standing)
        standing.isForeign = begin.isMissing && end.isMissing && standing.marks.isEmpty
        return standing
    }

    func notes(of policy: String, _ set: String) async throws -> [StoredNote] {
        let folder = "\(policy)/\(set)/notes"
        var notes: [StoredNote] = []
        for entry in try await store.list(folder) {
            let key = "\(folder)/\(entry.name)"
            guard entry.isObject else {
                notes.append(StoredNote(key: key, note: nil))
                continue
            }
            switch try await read(Note.self, key) {
            case .read(let note): notes.append(StoredNote(key: key, note: note))
            case .unreadable: notes.append(StoredNote(key: key, note: nil))
            // Released or withdrawn since the folder was listed.
            case .missing: continue
            }
        }
        return notes
    }

    // MARK: - Parts of a standing

    private func addBegin(_ begin: Content<SetBegin>, _ renewedUntil: Timestamp?, hasEnd: Bool, to standing: inout SetStanding) {
        switch begin {
        case .missing: break
        case .unreadable(let words):
            // Of a finished set it no longer matters, but for the parts it may point to.
            if !hasEnd { standing.unreadable.append(words) }
        case .read(let begin):
            guard !hasEnd else { return }
            standing.claims.append(.init(.writing, until: max(begin.expires, renewedUntil ?? begin.expires)))
            standing.references.formUnion(begin.references)
        }
    }

    /// Returns the end of the longest renewal.
    private func addNotes(to standing: inout SetStanding, _ entries: [StoreEntry], _ end: SetEnd?) async throws -> Timestamp? {
        let hashes = Dictionary((end?.members ?? []).map { ($0.target, $0.manifestSHA256) }) { first, _ in first }
        guard let folder = entries.first(where: { $0.name == "notes" }) else { return nil }
        guard folder.isFolder else {
            standing.unreadable.append("\(standing.path)/notes is no folder, so nothing is removed")
            return nil
        }
        var renewedUntil: Timestamp?
        for stored in try await notes(of: standing.policy, standing.set) {
            guard let note = stored.note else {
                standing.unreadable.append("\(stored.key) cannot be read, so nothing is removed")
                continue
            }
            switch note.kind {
            case .proof:
                let by = note.text.split(separator: ":").first.map(String.init) ?? "a drill"
                // A proof speaks of the very manifest it names.
                standing.proofs += note.manifests.filter { hashes[$0.key] == $0.value }.keys.sorted().map {
                    .init(target: $0, at: note.writtenAt, by: by)
                }
            case .rehearsal: break
            case .pin: standing.pins.append(note.text)
            case .hold: standing.claims.append(.init(.hold, run: note.run, until: note.expires))
            case .deletion:
                standing.marks.append(.init(key: stored.key, at: note.writtenAt, byHand: note.byHand == true, text: note.text))
            case .renewal: renewedUntil = [renewedUntil, note.expires].compactMap(\.self).max()
            }
        }
        return renewedUntil
    }

    private func addBackups(to standing: inout SetStanding, _ entries: [StoreEntry], _ end: SetEnd?) async throws {
        let folders = entries.filter { $0.isFolder && $0.name != "notes" }.map(\.name)
        for target in Set(folders + (end?.members.map(\.target) ?? [])).sorted() {
            let member = end?.members.first { $0.target == target }
            let id = BackupID(policy: standing.policy, set: standing.set, target: target)
            let bytes: [UInt8]
            do { bytes = try await store.bytes(of: "\(id)/\(ManifestFile.name)") } catch let failure as Failure
                where failure.isAboutTheObject
            {
                guard member != nil else { continue }
                if standing.marks.isEmpty || failure.kind != .notFound {
                    standing.flaws[target] = failure.kind == .notFound ? "its manifest is missing" : failure.problem
                    standing.unreadable.append("the manifest of \(id) is missing or cannot be read")
                    standing.hidesReferences = true
                } else {
                    standing.isBeingRemoved = true
                }
                continue
            }
            try await add(bytes, of: id, member, to: &standing)
        }
    }

    private func add(_ bytes: [UInt8], of id: BackupID, _ member: SetEnd.Member?, to standing: inout SetStanding) async throws {
        let key = "\(id)/\(ManifestFile.name)"
        let manifest: Manifest
        do {
            let read = try ManifestFile.read(bytes, key: key, digests)
            guard read.manifest.id == id else { throw Failure(.damaged, "\(key) says that it is backup \(read.manifest.id)") }
            if let member, member.manifestSHA256 != read.sha256 {
                throw Failure(.damaged, "\(key) is not the manifest that set.json names")
            }
            manifest = read.manifest
        } catch let failure as Failure {
            standing.flaws[id.target] = failure.problem
            standing.unreadable.append(failure.problem)
            standing.hidesReferences = true
            return
        }
        for artifact in manifest.artifacts {
            if let owner = artifact.owner, owner != id { standing.references.insert("\(owner)/\(artifact.key)") }
        }
        if !manifest.complete {
            standing.flaws[id.target] = "incomplete"
        } else if let flaw = try await PartSizes.flaw(in: manifest, store) {
            standing.flaws[id.target] = flaw
        } else {
            standing.whole.insert(id.target)
        }
    }

    // MARK: - Files

    private enum Content<Value> {
        case read(Value)
        case missing
        case unreadable(String)

        var value: Value? { if case .read(let value) = self { value } else { nil } }
        var isMissing: Bool { if case .missing = self { true } else { false } }
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ key: String, if entries: [StoreEntry]) async throws -> Content<Value> {
        guard entries.contains(where: { key.hasSuffix("/\($0.name)") }) else { return .missing }
        return try await read(type, key)
    }

    private func readEnd(of policy: String, _ set: String, if entries: [StoreEntry]) async throws -> Content<SetEnd> {
        let key = "\(policy)/\(set)/\(SetFile.name)"
        guard entries.contains(where: { $0.name == SetFile.name }) else { return .missing }
        do { return .read(try SetFile.read(try await store.bytes(of: key), of: policy, set, digests)) } catch let failure as Failure {
            if failure.kind == .notFound { return .missing }
            guard failure.isAboutTheObject else { throw failure }
            return .unreadable(failure.problem)
        }
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ key: String) async throws -> Content<Value> {
        do { return .read(try CanonicalJSON.decode(type, from: try await store.bytes(of: key))) } catch let failure as Failure {
            if failure.kind == .notFound { return .missing }
            guard failure.isAboutTheObject else { throw failure }
            return .unreadable("\(key) cannot be read: \(failure.problem)")
        } catch let error as DecodingError {
            return .unreadable("\(key) cannot be read: \(Self.words(error))")
        }
    }

    private static func words(_ error: DecodingError) -> String {
        switch error {
        case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            context.debugDescription
        @unknown default: "it is not what it should be"
        }
    }
}

extension Failure {
    /// The object is missing or damaged; the store itself answered.
    fileprivate var isAboutTheObject: Bool { kind == .notFound || kind == .damaged || kind == .unfit || kind == .refused }
}
