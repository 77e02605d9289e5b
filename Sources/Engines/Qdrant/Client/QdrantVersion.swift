/// The version of a server as it tells it: `1.18.3`, `1.18.3-standin`, `1.19.0-dev`.
package struct QdrantVersion: Sendable, Comparable, Hashable, CustomStringConvertible {
    package let major: Int
    package let minor: Int
    package let patch: Int
    /// What stands behind the numbers.
    package let suffix: String

    package init(major: Int, minor: Int, patch: Int = 0, suffix: String = "") {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.suffix = suffix
    }

    package init?(_ text: String) {
        let text = text.hasPrefix("v") ? String(text.dropFirst()) : text
        let numbers = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let parts = numbers.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(parts.count), let major = parts[0], let minor = parts[1] else { return nil }
        guard let patch = parts.count > 2 ? parts[2] : 0 else { return nil }
        self.init(major: major, minor: minor, patch: patch, suffix: String(text.dropFirst(numbers.count)))
    }

    package var description: String { numbers + suffix }
    /// Without what stands behind them: the tag of an image.
    var numbers: String { "\(major).\(minor).\(patch)" }
    /// What snapshots and features are told apart by: `1.18`.
    package var minorNumbers: String { "\(major).\(minor)" }

    package static func < (a: QdrantVersion, b: QdrantVersion) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }

    func isAtLeast(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
        (self.major, self.minor, self.patch) >= (major, minor, patch)
    }
}
