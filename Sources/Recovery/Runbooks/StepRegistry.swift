internal import Documents

/// Every kind of step there is, and the engines they come from. Made once, at the composition root.
package struct StepRegistry: Sendable {
    package let engines: [String]
    private let byKind: [String: any Step.Type]

    package init(engines: [any Engine]) {
        self.engines = engines.map(\.name.text).sorted()
        let all = allGeneralSteps + engines.flatMap(\.steps)
        byKind = Dictionary(all.map { ($0.kind, $0) }) { first, _ in first }
    }

    /// Sorted.
    package var kinds: [String] { byKind.keys.sorted() }
    package subscript(kind: String) -> (any Step.Type)? { byKind[kind] }
}
