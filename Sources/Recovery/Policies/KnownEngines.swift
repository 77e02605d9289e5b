/// The engines there are, as far as a configuration is held against them.
package struct KnownEngines: Sendable, ExpressibleByArrayLiteral {
    /// Sorted.
    package let names: [String]
    private let refusals: [String: @Sendable (CaptureOptions) -> [Failure]]

    package init(_ engines: [any Engine]) {
        names = engines.map(\.name.text).sorted()
        refusals = Dictionary(engines.map { engine in (engine.name.text, { @Sendable in engine.refusals(of: $0) }) }) { first, _ in first }
    }

    /// Names alone: engines that take whatever a policy says.
    package init(arrayLiteral names: String...) {
        self.names = names.sorted()
        refusals = [:]
    }

    /// What of a policy's options the engine cannot do.
    func refusals(of options: CaptureOptions, by engine: String) -> [Failure] { refusals[engine]?(options) ?? [] }
}
