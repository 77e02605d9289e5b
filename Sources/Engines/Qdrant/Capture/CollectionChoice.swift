import Documents
import Recovery

/// Which collections of a server a policy wants.
struct CollectionChoice: Sendable {
    let chosen: [String]
    /// Left out as private, in words for the progress.
    let isPrivate: [String]
    /// Patterns that fit nothing.
    let idle: [String]
    /// Collections that somebody counts on, named without `*`, and that are not there: what is missing from the backup.
    let missing: [FailedObject]

    init(_ options: CollectionOptions, from collections: [String], on server: QdrantServer) throws {
        func fits(_ name: String, _ patterns: [String]) -> Bool { patterns.contains { Glob($0).matches(name) } }
        let included = collections.filter { options.include.isEmpty || fits($0, options.include) }.filter { !fits($0, options.exclude) }
        isPrivate = options.takesPrivate ? [] : included.filter { fits($0, options.isPrivate) }
        chosen = included.filter { [isPrivate] in !isPrivate.contains($0) }
        idle = options.include.filter { pattern in !collections.contains { Glob(pattern).matches($0) } }
        missing = idle.filter { !$0.contains("*") }.map { name in
            let words = "there is no collection '\(name)', and the policy names it"
            return FailedObject(
                kind: CapturedCollection.kind, name: name, because: words + (collections.suggestion(for: name).map { " (\($0))" } ?? ""))
        }
        if chosen.isEmpty, let words = missing.first?.because {
            throw Failure(.engine, "\(words) on \(server.words)", hint: "change `include:`, or find out who dropped it")
        }
        guard !chosen.isEmpty || (options.include.isEmpty && collections.isEmpty) else {
            throw Failure(
                .engine, "no collection of \(server.words) is left to capture",
                hint: isPrivate.isEmpty
                    ? "it has: \(collections.prefix(10).joined(separator: ", ")); see `include:` and `exclude:`"
                    : "all that are left are private; `--all` takes them too")
        }
    }
}
