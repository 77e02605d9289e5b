internal import Documents

/// Every kind of step there is, and the engines they come from. Made once, at the composition root.
package struct StepRegistry: Sendable {
    package let engines: [String]
    private let enginesByName: [String: any Engine]
    private let byKind: [String: any Step.Type]

    package init(engines: [any Engine]) {
        self.engines = engines.map(\.name.text).sorted()
        enginesByName = Dictionary(engines.map { ($0.name.text, $0) }) { first, _ in first }
        let all = allGeneralSteps + engines.flatMap(\.steps)
        byKind = Dictionary(all.map { ($0.kind, $0) }) { first, _ in first }
    }

    /// Sorted.
    package var kinds: [String] { byKind.keys.sorted() }

    /// What is wrong with a place on a target of that engine. Of an engine that there is not, something else is said.
    func mistake(in place: IdentifierPlace, on engine: String) -> Mistake? { enginesByName[engine]?.mistake(in: place) }

    package subscript(kind: String) -> (any Step.Type)? { byKind[kind] }
}
