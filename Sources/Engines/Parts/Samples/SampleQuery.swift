import Recovery

/// A question whose answer is known, put to a restored database in the engine's own language.
package struct SampleQuery: Sendable {
    package let name: String
    package let expectation: Expectation
    package let limit: Duration

    package init(name: String, expectation: Expectation, limit: Duration = .seconds(60)) {
        self.name = name
        self.expectation = expectation
        self.limit = limit
    }

    /// A value that a document says is expected.
    package enum Value: Sendable, Equatable {
        case null
        case text(String)
        case integer(Int64)
        /// As written.
        case number(String)
        case flag(Bool)
    }

    package enum Answer: Sendable, Equatable {
        /// One row with one column.
        case value(Value)
        /// One column, a value per row; or one row, a value per column.
        case list([Value])
        case rows([[Value]])
    }

    /// How far a number may be off.
    package enum Tolerance: Sendable, Equatable {
        case exact
        case plusMinus(Double)
        case percent(Double)
    }

    package enum Moment: Sendable, Equatable {
        /// When the backup's snapshot was taken, by the clock of the server it was taken from.
        case backup
        case now
        case time(Timestamp)
    }

    package enum Expectation: Sendable, Equatable {
        case equals(Answer, Tolerance = .exact)
        /// A time in the first column of the only row, at most this far from a moment, before or after.
        case within(Duration, of: Moment)
        /// Numbers as written, compared exactly.
        case atLeast(String)
        case atMost(String)
        case between(String, String)
        case rowCount(Int64)
        /// A regular expression that the whole text matches somewhere; anchors are the author's.
        case matches(String)
        case notEmpty
    }
}

/// What sample queries are judged by beside their answers.
package struct SampleContext: Sendable {
    /// The snapshot's time by the source server's clock, for `within … of backup`.
    package let backup: Timestamp
    package let now: Timestamp
    /// In which the source server's times without a zone are read: its own `timezone`.
    package let zone: String

    package init(backup: Timestamp, now: Timestamp, zone: String = "UTC") {
        self.backup = backup
        self.now = now
        self.zone = zone
    }
}
