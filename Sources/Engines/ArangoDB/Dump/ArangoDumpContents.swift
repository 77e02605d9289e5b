import Bindings
import Documents
import Recovery

/// What a dump holds by its small files, and which data belongs to which collection. What does not fit together is a finding each.
struct ArangoDumpContents: Sendable {
    /// As `dump.json` has it; dumps of 2.x have none.
    let database: String?
    /// When it was made, as 3.12 writes it.
    let createdAt: String?
    /// By name.
    let collections: [CollectionInDump]
    /// By name.
    let views: [ViewInDump]
    let checks: [CheckResult]
    /// What is no mistake, and good to know.
    let notes: [String]

    var findings: [CheckResult] { checks.filter(\.isFinding) }

    /// Structures are small. More is none.
    private static let largest = 16 << 20

    /// Throws `Failure(.unfit)` for a dump that only ArangoDB's own tools can read.
    static func read(_ files: some ArangoDumpFiles) async throws -> ArangoDumpContents {
        let names = files.sizes.keys.sorted()
        let kinds = names.map { (name: $0, kind: DumpFileKind($0)) }
        // Of an encrypted dump nothing else is readable.
        if files.sizes[DumpFileNames.encryption] != nil {
            try DumpEncryption.check(try await text(DumpFileNames.encryption, files), of: files.words)
        }
        var reading = DumpReading(files.words)
        if files.sizes[DumpFileNames.description] != nil { try reading.take(description: try await text(DumpFileNames.description, files)) }
        if let packed = kinds.first(where: { $0.kind == .velocyPack }) { throw DumpReading.velocyPack(files.words, packed.name) }
        for (name, kind) in kinds {
            if case .structure(let stem) = kind { reading.take(structure: try await text(name, files), name, stem: stem) }
        }
        for (name, kind) in kinds {
            switch kind {
            case .view(let stem): reading.take(view: try await text(name, files), name, stem: stem)
            case .data(let stem, let variant, let number): reading.take(data: name, stem: stem, variant, number)
            case .foreign: reading.refuse(name, because: "it is no file of a dump")
            case .structure, .description, .encryption, .progress, .velocyPack: break
            }
        }
        for (name, reason) in files.unreadable.sorted(by: { $0.key < $1.key }) { reading.refuse(name, because: reason) }
        return reading.contents
    }

    private static func text(_ name: String, _ files: some ArangoDumpFiles) async throws -> [UInt8] {
        try await files.withFile(name) { path in
            try await blocking { _ in
                do throws(FileError) { return try Files.read(path, limit: largest) } catch {
                    // It is told as what it is: no JSON.
                    if error.reason == .tooLarge { return [] }
                    throw Failure(.localStorage, "cannot read \(name) of the dump", cause: error)
                }
            }
        }
    }
}
