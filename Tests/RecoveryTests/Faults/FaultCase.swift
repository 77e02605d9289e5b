import Recovery
import TestSupport

/// One way in which the world fails a run: the nth call of this port, for every n.
struct FaultCase: Sendable, CustomStringConvertible {
    let port: Faults.Port
    let kind: Failure.Kind
    var moment = Faults.Moment.beforeTheEffect
    var extent = Faults.Extent.once

    init(_ port: Faults.Port, _ kind: Failure.Kind, _ moment: Faults.Moment = .beforeTheEffect, _ extent: Faults.Extent = .once) {
        self.port = port
        self.kind = kind
        self.moment = moment
        self.extent = extent
    }

    var description: String { "\(port) \(kind.rawValue) \(extent) \(moment)" }

    var failure: Failure { Failure(kind, "\(port) failed on purpose", hint: "this is a test") }

    /// Everything once and for good, unanswered before and after the effect.
    static func all(_ port: Faults.Port, _ kind: Failure.Kind) -> [FaultCase] {
        [FaultCase(port, kind), FaultCase(port, kind, .afterTheEffect), FaultCase(port, kind, .beforeTheEffect, .forGood)]
    }

    /// The hiccup without an effect; in a soak all the others too.
    static func some(_ port: Faults.Port, _ kind: Failure.Kind) -> [FaultCase] { Soak.isOn ? all(port, kind) : [FaultCase(port, kind)] }

    /// Whether a store could fail this call in this way: only what is read can be missing.
    func isPossible(_ struck: String) -> Bool {
        kind != .notFound || struck.hasPrefix("store open ") || struck.hasPrefix("store read ")
    }

    /// What the exit code may be; `struck` is the call that failed.
    func codes(_ struck: String) -> Set<Int32> {
        var codes: Set<Int32> = [0, 3, kind.exitCode]
        // A part that is missing is a damaged backup.
        if kind == .notFound { codes.insert(2) }
        // A command that fails is the application's failure, whatever the command was.
        if port == .people { codes = [5, kind.exitCode] }
        return codes
    }
}
