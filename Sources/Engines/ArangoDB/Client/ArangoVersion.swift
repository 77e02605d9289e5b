/// The version of a server as it tells it: `3.12.10`, `3.12.4-2`, `3.13.0-devel`.
struct ArangoVersion: Sendable, Comparable, Hashable, CustomStringConvertible {
    let major: Int
    let minor: Int
    let patch: Int
    /// What stands behind the numbers.
    let suffix: String

    init?(_ text: String) {
        let numbers = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let parts = numbers.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(parts.count), let major = parts[0], let minor = parts[1] else { return nil }
        guard let patch = parts.count > 2 ? parts[2] : 0 else { return nil }
        (self.major, self.minor, self.patch, suffix) = (major, minor, patch, String(text.dropFirst(numbers.count)))
    }

    init(_ major: Int, _ minor: Int) { (self.major, self.minor, patch, suffix) = (major, minor, 0, "") }

    var description: String { numbers + suffix }
    /// Without what stands behind them: the tag of an image.
    var numbers: String { "\(major).\(minor).\(patch)" }

    static func < (a: ArangoVersion, b: ArangoVersion) -> Bool { (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch) }
}
