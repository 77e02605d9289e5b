/// A version of a server or a program: `16.14`. Dumps, tools and data folders fit together by the major number.
package struct PostgresVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int

    package init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// As a server reports it: 160014 is 16.14.
    package init(number: Int) {
        self.init(major: number / 10_000, minor: number % 10_000)
    }

    /// Reads `16.14`, `16`, `17beta1`, `15.20 (Debian 15.20-0+deb12u1)`; nil for what does not begin with a number.
    package init?(_ text: String) {
        let digits = text.utf8.prefix { (48...57).contains($0) }
        guard let major = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        let rest = text.utf8.dropFirst(digits.count)
        guard rest.first == UInt8(ascii: ".") else {
            self.init(major: major, minor: 0)
            return
        }
        let minor = rest.dropFirst().prefix { (48...57).contains($0) }
        self.init(major: major, minor: Int(String(decoding: minor, as: UTF8.self)) ?? 0)
    }

    /// Reads `pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`.
    init?(saidBy words: String) {
        guard let text = words.split(separator: ") ", maxSplits: 1).last else { return nil }
        self.init(String(text))
    }

    package static func < (a: PostgresVersion, b: PostgresVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

    package var description: String { "\(major).\(minor)" }
}
