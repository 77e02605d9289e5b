/// A version of the Engine API, as in `1.41`.
struct APIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Nil for anything but two numbers with a dot between.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]), major >= 0, minor >= 0 else { return nil }
        self.init(major, minor)
    }

    var description: String { "\(major).\(minor)" }

    static func < (one: APIVersion, other: APIVersion) -> Bool { (one.major, one.minor) < (other.major, other.minor) }

    /// What these calls were written against and are tried with: Debian's Engine 20.10 and Podman serve 1.41, Docker 29 nothing below
    /// 1.44. All of them exist in every version between.
    static let oldest = APIVersion(1, 40)
    static let newest = APIVersion(1, 48)
}
