import Bindings
import Recovery
import Synchronization

/// Holds the marks of a dump against each other: no document is there twice, and every edge leads to one.
struct MarkSettlement: Sendable {
    let pile: MarkPile
    let collections: Int
    let files: Int
    /// Collections of which not every document could be read: whether an edge leads to one of them is not known.
    let unread: Set<Int>
    /// Files with envelopes that hold edges: a later line may have taken the place of one of theirs.
    let mayBeSuperseded: Bool
    let memory: Int
    /// So many parts are looked at side by side.
    let width: Int

    func settle() async throws -> SettledMarks {
        var settled = SettledMarks(collections: collections, files: files)
        guard mayBeSuperseded else {
            try await run {
                SettlingMarks(self, documents: true, ends: true)
            } into: {
                settled.combine($0)
            }
            return settled
        }
        try await run {
            SettlingMarks(self, documents: true, ends: false)
        } into: {
            settled.combine($0)
        }
        let superseded = settled.superseded
        try await run {
            SettlingMarks(self, documents: false, ends: true, superseded: superseded)
        } into: {
            settled.combine($0)
        }
        return settled
    }

    private func run(_ make: () -> SettlingMarks, into combine: (SettledMarks) -> Void) async throws {
        try await withThrowingTaskGroup(of: SettledMarks.self) { group in
            for worker in 0..<width {
                let settling = make()
                group.addTask {
                    try await blocking { flag in
                        var settling = settling
                        for part in stride(from: worker, to: MarkPile.parts, by: width) {
                            try flag.check()
                            try pile.marks(of: part, memory: memory / width) { settling.take($0) }
                        }
                        return settling.settled
                    }
                }
            }
            for try await settled in group { combine(settled) }
        }
    }
}

/// Some parts of the marks on their way.
struct SettlingMarks: Sendable {
    private(set) var settled: SettledMarks
    private let documents: Bool
    private let ends: Bool
    private let unread: Set<Int>
    private let superseded: [Int: LineSet]
    private let keepsSuperseded: Bool

    init(_ settlement: MarkSettlement, documents: Bool, ends: Bool, superseded: [Int: LineSet] = [:]) {
        settled = SettledMarks(collections: settlement.collections, files: settlement.files)
        (self.documents, self.ends, self.superseded) = (documents, ends, superseded)
        unread = settlement.unread
        keepsSuperseded = settlement.mayBeSuperseded
    }

    /// - Parameter marks: in their order, all of a document at once.
    mutating func take(_ marks: [DocumentMark]) {
        let all = marks.span
        var at = 0
        while at < all.count {
            let first = all[at]
            // The document that is there so far: by which mark.
            var alive = -1
            while at < all.count, !all[at].isEnd, all[at].isOfTheSameDocument(as: first) {
                let mark = all[at]
                if documents { take(mark, after: alive < 0 ? nil : all[alive]) }
                alive = mark.kind == .removal ? -1 : at
                at += 1
            }
            if documents, alive >= 0 { settled.documents[first.collection] += 1 }
            while at < all.count, all[at].isEnd, all[at].isOfTheSameDocument(as: first) {
                if ends { takeEnd(all[at], leadsToADocument: alive >= 0) }
                at += 1
            }
        }
    }

    private mutating func take(_ mark: DocumentMark, after earlier: DocumentMark?) {
        guard let earlier else { return }
        if keepsSuperseded { settled.superseded[earlier.place.file, default: LineSet()].insert(earlier.place.line) }
        // The last one wins among envelopes; lines without one are a document each (contract 12).
        guard mark.kind == .plain || (earlier.kind == .plain && mark.kind != .removal) else { return }
        settled.repeated[mark.collection].add(SettledMarks.Pair(earlier: earlier.place, later: mark.place))
    }

    private mutating func takeEnd(_ end: DocumentMark, leadsToADocument: Bool) {
        let place = end.place
        if !superseded.isEmpty, let lines = superseded[place.file], lines.contains(place.line) { return }
        guard end.collection != DocumentMark.outside else {
            settled.outsideEnds[place.file] += 1
            return
        }
        settled.ends[place.file] += 1
        if leadsToADocument { return }
        guard !unread.contains(end.collection) else {
            settled.unknownEnds[place.file] += 1
            return
        }
        settled.dangling[place.file].add(SettledMarks.End(place: place, isTo: end.kind == .to))
    }
}
