/// What a dump's count and the server's own counts before and after it say together.
struct CountAgreement {
    let dumped: Int64
    /// Nil: the server did not show the collection.
    let before: Int64?
    let after: Int64?

    var wasWrittenTo: Bool { before != after }

    /// Why the dump cannot be all of it. Of one that was written to it lies between the counts, or as far beyond these as they lie apart, or by
    /// one in a hundred: somebody may have added and removed.
    var problem: String? {
        guard let low = [before, after].compactMap(\.self).min(), let high = [before, after].compactMap(\.self).max() else { return nil }
        let slack = wasWrittenTo ? max(high - low, high / 100) : 0
        // One that was made or dropped meanwhile may have had any number up to that.
        let least = before == nil || after == nil ? 0 : low - slack
        guard !(least...high + slack).contains(dumped) else { return nil }
        let counted = low == high ? "\(high)" : "\(low) to \(high)"
        return "has \(counted) documents on the server, and \(dumped) came out of it"
    }
}
