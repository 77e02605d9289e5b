/// The names of sets: `20261120T020000Z-4f1c9a`.
package enum SetName {
    /// When the set was begun; nil for a name that is not ours.
    package static func begun(_ set: String) -> Timestamp? {
        guard let match = set.prefixMatch(of: /([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z/) else { return nil }
        let parts = match.output
        return Timestamp("\(parts.1)-\(parts.2)-\(parts.3)T\(parts.4):\(parts.5):\(parts.6)Z")
    }
}
