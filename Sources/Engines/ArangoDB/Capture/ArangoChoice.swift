import Recovery

/// Which collections of a database a policy wants. The system's own always come along: graphs, analyzers and functions are in them.
struct ArangoChoice: Sendable {
    private let options: CollectionOptions
    /// The only one to take, when one was asked for.
    private let only: String?

    init(_ options: CollectionOptions, only: String?) { (self.options, self.only) = (options, only) }

    /// Whether anything of a database may be left out.
    var leavesOut: Bool {
        only != nil || !options.include.isEmpty || !options.exclude.isEmpty || !(options.takesPrivate || options.isPrivate.isEmpty)
    }

    func takes(_ name: String) -> Bool {
        func fits(_ patterns: [String]) -> Bool { patterns.contains { Glob($0).matches(name) } }
        if let only { return name == only }
        if name.hasPrefix("_statistics") { return false }
        if name.hasPrefix("_") { return true }
        guard options.include.isEmpty || fits(options.include), !fits(options.exclude) else { return false }
        return options.takesPrivate || !fits(options.isPrivate)
    }

    /// Names that the policy counts on, written without `*`, and that no database has.
    func missing(among names: Set<String>) -> [String] {
        (only.map { [$0] } ?? options.include).filter { !$0.contains("*") && !names.contains($0) }
    }
}
