import Bindings
import Recovery

/// Which tables and columns have their content compared, not only counted.
package struct Fingerprints: Sendable, Equatable {
    /// Names as the server writes them, `public.books` or `public.loans.amount`, with `*` for any characters.
    package let patterns: [String]

    package init(_ patterns: [String]) { self.patterns = patterns }

    package static let none = Fingerprints([])

    /// Those that an inventory has.
    package init(of inventory: [InventoryItem]) {
        patterns = inventory.filter { $0.facts[Self.fact] != nil }.map(\.name)
    }

    /// Patterns that nothing in these items has the name of.
    func idle(in items: [InventoryItem]) -> [String] {
        let names = items.filter { $0.isCounted || $0.kind == "column" }.map(\.name)
        return patterns.filter { pattern in !names.contains(where: Glob(pattern).matches) }
    }

    func includes(_ name: String) -> Bool { patterns.contains { Glob($0).matches(name) } }

    /// The fact that a table's item (whole rows) or a column's item has.
    static let fact = "fingerprint"

    /// A hash over all values that does not depend on their order: the sum of 64 bits of each value's MD5, and a fixed number for NULL.
    static func aggregate(_ text: String) -> String {
        "coalesce(sum(coalesce(('x' || substr(md5(\(text)), 1, 16))::bit(64)::bigint, 4611686018427387905)::numeric), 0)::text"
    }
}
