import Bindings
import Recovery

/// The lines of a collection out of its data files, one file after the other.
actor DumpFilesLines: DumpedLines {
    private let collection: String
    private let files: any ArangoDumpFiles
    private var waiting: ArraySlice<DumpedCollection.DataFile>
    private var current: (path: String, lines: OpenLines)?

    init(_ data: [DumpedCollection.DataFile], of collection: String, in files: any ArangoDumpFiles) {
        (waiting, self.collection, self.files) = (data[...], collection, files)
    }

    func next() async throws -> [UInt8]? {
        while true {
            if current == nil {
                guard let file = waiting.popFirst() else { return nil }
                let path = try await files.localPath(of: file.name)
                do {
                    current = (path, try await naming(file.name) { _ in try OpenLines(path, isPacked: file.isPacked) })
                } catch {
                    await files.release(path)
                    throw error
                }
                name = file.name
            }
            guard let open = current?.lines else { return nil }
            if let lines = try await naming(name, { _ in try open.next() }) { return lines }
            await close()
        }
    }
    private var name = ""

    func close() async {
        guard let path = current?.path else { return }
        current = nil
        await files.release(path)
    }

    private func naming<R: Sendable>(_ file: String, _ body: @escaping @Sendable (CancellationFlag) throws -> R) async throws -> R {
        do { return try await blocking(body) } catch DataLines.Trouble.damaged(let words) {
            throw Failure(
                .damaged, "the data of collection '\(collection)' in the dump cannot be read: \(file) \(words)",
                hint: "choose another backup; `lifeboat arangodb verify-dump` tells what else is wrong with this one")
        } catch DataLines.Trouble.unreadable(let error) {
            throw Failure(.localStorage, "cannot read the data of collection '\(collection)'", cause: error)
        }
    }
}
