import Documents

/// What one data file came to.
struct FileTally: Sendable {
    var lines: Int64 = 0
    /// Lines that hold a document, superseded ones too.
    var documents: Int64 = 0
    var removals: Int64 = 0
    var unpackedBytes: Int64 = 0
    /// Envelopes may hold a document more than once.
    var isEnveloped = false
    /// Ends of edges without an envelope that lead into collections that the dump does not hold.
    var outsideEnds: Int64 = 0
    /// Lists of the right length, for each vector index.
    var vectors: Int64 = 0
    var complaints = Complaints()
    /// Why it could not be read to its end.
    var damage: String?
    /// Named graphs by their names.
    var graphs: [String: GraphDefinition] = [:]
    var digest: ContentDigest?

    mutating func combine(_ other: FileTally) {
        lines += other.lines
        documents += other.documents
        removals += other.removals
        unpackedBytes += other.unpackedBytes
        isEnveloped = isEnveloped || other.isEnveloped
        outsideEnds += other.outsideEnds
        vectors += other.vectors
        complaints.combine(other.complaints)
        damage = damage ?? other.damage
        graphs.merge(other.graphs) { $1 }
        guard let one = digest, let two = other.digest else { return }
        var both = one
        both.combine(two)
        digest = both
    }
}
