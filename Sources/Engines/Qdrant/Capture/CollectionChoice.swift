import Documents
import Recovery

/// Which collections of a server a policy wants.
struct CollectionChoice: Sendable {
    let chosen: [String]
    /// Left out as private, in words for the progress.
    let isPrivate: [String]
    /// Patterns that fit nothing: a collection that is to be in every backup may have been renamed.
    let idle: [String]

    init(_ options: CollectionOptions, from collections: [String], on server: QdrantServer) throws {
        func fits(_ name: String, _ patterns: [String]) -> Bool { patterns.contains { Glob($0).matches(name) } }
        let included = collections.filter { options.include.isEmpty || fits($0, options.include) }.filter { !fits($0, options.exclude) }
        isPrivate = options.takesPrivate ? [] : included.filter { fits($0, options.isPrivate) }
        chosen = included.filter { [isPrivate] in !isPrivate.contains($0) }
        idle = options.include.filter { pattern in !collections.contains { Glob(pattern).matches($0) } }
        // A name without `*` is a collection that somebody counts on.
        if let missing = idle.first(where: { !$0.contains("*") }) {
            throw Failure(
                .engine, "there is no collection '\(missing)' on \(server.words), and the policy names it",
                hint: collections.suggestion(for: missing) ?? "change `include:`, or find out who dropped it")
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
