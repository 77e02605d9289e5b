internal import Documents

/// What a policy expects of its backups. What is not said is not judged.
package struct CheckLimits: Sendable, Equatable {
    package var every: Duration?
    package var maxAge: Duration?
    package var minBytes: Int64?
    /// 0.5: half as large or half as large again as the backups before.
    package var sizeChange: Double?
    package var provenWithin: Duration?

    package init(
        every: Duration? = nil, maxAge: Duration? = nil, minBytes: Int64? = nil, sizeChange: Double? = nil, provenWithin: Duration? = nil
    ) {
        self.every = every
        self.maxAge = maxAge
        self.minBytes = minBytes
        self.sizeChange = sizeChange
        self.provenWithin = provenWithin
    }

    package init(_ expectations: Expectations?) {
        self.init(
            every: expectations?.every, maxAge: expectations?.maxAge, minBytes: expectations?.minSize?.bytes,
            sizeChange: expectations?.sizeChange?.fraction, provenWithin: expectations?.provenWithin)
    }
}
