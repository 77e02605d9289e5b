/// An object that was to be captured and was not.
package struct FailedObject: Sendable, Codable, Equatable {
    /// As in the inventory: `collection`.
    package let kind: String
    package let name: String
    package let because: String

    package init(kind: String, name: String, because: String) {
        self.kind = kind
        self.name = name
        self.because = because
    }
}

extension Manifest {
    /// Whether what its inventory lists is whole, though other objects may have failed.
    package var isWholeInParts: Bool { complete || failed != nil }

    /// In words; nil when it is complete.
    package var incompleteness: String? {
        complete ? nil : "backup \(id) is incomplete: \(problems.joined(separator: "; "))"
    }

    /// Why an object that was to be captured is not in it; nil when nothing is known of that.
    package func failure(of kind: String, _ name: String) -> Failure? {
        guard let object = failed?.first(where: { $0.name == name && ($0.kind == kind || kind == ObjectName.anyKind) }) else { return nil }
        return Failure(
            .unfit, "backup \(id) does not hold \(object.kind) '\(name)': it could not be captured: \(object.because)",
            hint: "choose another backup; `lifeboat backups list` shows them")
    }
}
