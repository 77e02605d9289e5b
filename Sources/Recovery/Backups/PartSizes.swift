/// Whether every part of a backup is there at its size. The folder is listed instead of asking for every part: a dump of
/// many tables has thousands.
package enum PartSizes {
    /// The first part that is not, in words; nil when all are.
    package static func flaw(in manifest: Manifest, _ store: any ReadableStore) async throws -> String? {
        let own = try await sizes(below: "\(manifest.id)", in: store)
        for artifact in manifest.artifacts {
            let key = artifact.storeKey(in: manifest.id)
            let isOwn = artifact.owner == nil || artifact.owner == manifest.id
            let size = isOwn ? own[key] : try await store.size(of: key)
            guard size == artifact.stored.bytes else {
                return size.map { "\(artifact.key) has \($0) bytes instead of \(artifact.stored.bytes)" } ?? "\(artifact.key) is missing"
            }
        }
        return nil
    }

    /// Sizes of all objects below a folder, by key.
    static func sizes(below folder: String, in store: any ReadableStore) async throws -> [String: Int64] {
        var sizes: [String: Int64] = [:]
        var folders = [folder]
        while let next = folders.popLast() {
            for entry in try await store.list(next) {
                switch entry.kind {
                case .folder: folders.append("\(next)/\(entry.name)")
                case .object(let bytes): sizes["\(next)/\(entry.name)"] = bytes
                case .foreign: break
                }
            }
        }
        return sizes
    }
}
