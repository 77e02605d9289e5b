import FoundationEssentials

/// Whether loops run over everything there is (`make soak`) or over a spread of it that fits into every run of the tests.
package enum Soak {
    package static let isOn: Bool = {
        let value = ProcessInfo.processInfo.environment["LIFEBOAT_SOAK"] ?? ""
        return !value.isEmpty && value != "0"
    }()

    /// All of `1...count` in a soak; otherwise so many of them, evenly spread, the first and the last among them.
    package static func spread(_ count: Int, atMost limit: Int) -> [Int] {
        guard count > limit, !isOn, limit > 1 else { return count < 1 ? [] : Array(1...count) }
        return (0..<limit).map { 1 + $0 * (count - 1) / (limit - 1) }
    }
}
