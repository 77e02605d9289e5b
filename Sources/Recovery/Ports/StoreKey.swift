/// What may be a key. One rule for all stores, so that a backup can move from one to another.
package enum StoreKey {
    package static let longest = 1024
    /// What file systems allow in one component.
    package static let longestComponent = 255
    /// Folders in the root of a store that begin like this are the store's own and hold no objects.
    package static let reservedPrefix = ".lifeboat-"

    /// The components of a key. Throws `Failure(.refused)` for one that must not be used: it may come out of a damaged or
    /// forged manifest, and is judged before any path is made of it.
    package static func components(of key: String) throws -> [String] {
        if let problem = problem(with: key) {
            throw Failure(
                .refused, "'\(key)' cannot be the key of a stored object: \(problem)",
                hint: "keys are relative paths such as nightly/20261120T020000Z-4f1c9a/app-db/manifest.json")
        }
        return split(key)
    }

    /// The components of what a listing starts from: a folder, or nothing for the root.
    package static func components(ofPrefix prefix: String) throws -> [String] {
        prefix.isEmpty ? [] : try components(of: prefix)
    }

    /// Whether a name found in a store can be part of a key. Other names are not ours, and no listing shows them.
    package static func isComponent(_ name: String, inRoot: Bool) -> Bool {
        problem(withComponent: name) == nil && !(inRoot && name.utf8.starts(with: reservedPrefix.utf8))
    }

    /// The order of listings: that of the bytes, which is not the order of Swift's strings.
    package static func isBefore(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    /// By bytes: as characters, a slash with an accent on it is not a slash. To the kernel it is.
    private static func split(_ key: String) -> [String] {
        key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    private static func problem(with key: String) -> String? {
        if key.isEmpty { return "it is empty" }
        if key.utf8.count > longest { return "it is longer than \(longest) bytes" }
        if key.utf8.first == UInt8(ascii: "/") { return "it begins with a slash" }
        if let problem = split(key).lazy.compactMap(problem(withComponent:)).first { return problem }
        return key.utf8.starts(with: reservedPrefix.utf8) ? "names that begin with \(reservedPrefix) belong to the store itself" : nil
    }

    private static func problem(withComponent name: String) -> String? {
        if name.isEmpty { return "it has an empty component" }
        if name == "." || name == ".." { return "it has the component '\(name)'" }
        if name.utf8.count > longestComponent { return "it has a component longer than \(longestComponent) bytes" }
        if name.utf8.contains(UInt8(ascii: "/")) { return "it has a slash inside a component" }
        return name.unicodeScalars.contains(where: isControl) ? "it has a control character" : nil
    }

    /// Unicode's control characters, for good; its tables are slow to ask for ten thousand names.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) }
}
