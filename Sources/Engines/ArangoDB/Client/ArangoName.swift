import Recovery

/// Names as ArangoDB takes them, held against its rules before anything is sent (contract 4, 5). They are those of 3.12; what an older server
/// does not take it refuses itself.
enum ArangoName {
    static let databaseRule = "names of databases have 1 to 128 bytes, without '/' and ':' and control characters, and begin with no digit"
    static let collectionRule = "names of collections have 1 to 256 bytes, without '/' and control characters, and begin with no digit"

    /// Throws `Failure(.refused)` for what no server may be asked to touch.
    static func check(database name: String) throws {
        guard let problem = problem(withDatabase: name) else { return }
        throw Failure(.refused, "'\(name)' cannot be the name of a database: \(problem)", hint: databaseRule)
    }

    /// - Parameter noun: `view`, which has the same rules.
    static func check(collection name: String, as noun: String = "collection") throws {
        guard let problem = problem(withCollection: name) else { return }
        throw Failure(.refused, "'\(name)' cannot be the name of a \(noun): \(problem)", hint: collectionRule)
    }

    static func problem(withDatabase name: String) -> String? { problem(with: name, longest: 128, forbidden: ["/", ":"]) }
    static func problem(withCollection name: String) -> String? { problem(with: name, longest: 256, forbidden: ["/"]) }

    private static func problem(with name: String, longest: Int, forbidden: Set<Unicode.Scalar>) -> String? {
        if name.isEmpty { return "it is empty" }
        if name == "." || name == ".." { return "it could be taken for a folder" }
        if name.utf8.count > longest { return "it has \(name.utf8.count) bytes" }
        for scalar in name.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F { return "it holds a control character" }
            if forbidden.contains(scalar) { return "it holds '\(scalar)'" }
        }
        if let first = name.unicodeScalars.first, ("0"..."9").contains(first) { return "it begins with a digit, as only ids do" }
        if name.hasPrefix(" ") || name.hasSuffix(" ") { return "it begins or ends with a blank" }
        return nil
    }

    /// Whether it fits the rules that all versions have: only then a dump's files are called by it (contract 12).
    static func isTraditional(_ name: String, longest: Int) -> Bool {
        guard let first = name.utf8.first, first.isLetter || first == UInt8(ascii: "_"), name.utf8.count <= longest else { return false }
        return name.utf8.allSatisfy { $0.isLetter || (48...57).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (65...90).contains(self) || (97...122).contains(self) }
}
