import Recovery

/// Which facts are compared as they are, and which are only written down.
enum ComparedFacts {
    /// Kinds that describe the backup's surroundings.
    static let uncomparedKinds: Set<String> = ["server", "note", "role"]

    /// What differs between two sound copies: sizes, places on a disk, what the operating system says of a locale; and what has a
    /// comparison of its own.
    static func isCompared(_ fact: String, of kind: String) -> Bool {
        switch (kind, fact) {
        case (_, "bytes") where kind != "large objects": false
        case ("database", "collation version"), ("database", "tablespace"), ("database", "allows connections"), ("database", "is template"):
            false
        case ("table", "tablespace"), ("index", "tablespace"), ("materialized view", "tablespace"): false
        case ("sequence", "last value"), ("sequence", "called"): false
        case (_, "on"): false
        case ("materialized view", "populated"), ("materialized view", queryRows): false
        case (_, Fingerprints.fact): false
        default: true
        }
    }

    /// How many rows a materialised view's query gives, read when the view has another number than the backup's.
    static let queryRows = "rows of its query"

    /// Whether a value may be shown in a report: applications keep secrets in settings of their own, whose names have a dot.
    static func isShown(_ fact: String, of item: InventoryItem) -> Bool {
        !(item.kind == "setting" && fact == "value" && item.name.contains("."))
    }
}

extension InventoryItem {
    /// The table, view or type that this object is part of, by its name; nil for what stands for itself.
    var parent: String? { facts["on"] }

    /// How reports call it.
    var subject: String { "\(kind) \(name)" }
}
