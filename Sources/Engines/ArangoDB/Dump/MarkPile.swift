import Bindings
import Recovery
import Synchronization

/// The marks of a whole dump, in parts that are looked at one by one. What does not fit memory goes to a file without a name.
final class MarkPile: Sendable {
    static let parts = 256

    /// Marks that were put away together, ordered by their parts.
    private struct Run {
        enum Store {
            case memory([DocumentMark])
            case file(Int64)
        }
        let store: Store
        /// Where each part ends.
        let ends: [Int]

        func range(of part: Int) -> Range<Int> { (part == 0 ? 0 : ends[part - 1])..<ends[part] }
    }

    private struct State {
        var marks: [DocumentMark] = []
        var runs: [Run] = []
        var file: ScratchFile?
    }

    private let state = Mutex(State())
    private let scratch: String
    private let most: Int

    /// - Parameters:
    ///   - memory: how many bytes it may take.
    ///   - scratch: the folder of the file.
    init(memory: Int, scratch: String) {
        most = max(1, memory / MemoryLayout<DocumentMark>.stride)
        self.scratch = scratch
    }

    /// Whether memory sufficed.
    var isInMemory: Bool { state.withLock { $0.file == nil } }

    /// Throws `Failure(.localStorage)`.
    func add(_ marks: [DocumentMark]) throws {
        try state.withLock { state in
            // A list that grows by doubling takes the room of three.
            if state.marks.isEmpty { state.marks.reserveCapacity(most + marks.count) }
            if state.marks.count + marks.count > state.marks.capacity, !state.marks.isEmpty { try putAway(&state, toFile: true) }
            state.marks += marks
            if state.marks.count >= most { try putAway(&state, toFile: true) }
        }
    }

    /// Nothing is added any more.
    func finish() throws {
        try state.withLock { state in
            try putAway(&state, toFile: !state.runs.isEmpty)
            state.marks = []
        }
    }

    private func putAway(_ state: inout State, toFile: Bool) throws {
        guard !state.marks.isEmpty else { return }
        let ends = Self.order(&state.marks)
        guard toFile else {
            state.runs.append(Run(store: .memory(state.marks), ends: ends))
            return
        }
        do throws(FileError) {
            let file: ScratchFile
            if let known = state.file { file = known } else { file = try ScratchFile(in: scratch) }
            state.file = file
            state.runs.append(Run(store: .file(try file.append(state.marks)), ends: ends))
        } catch { throw Self.failure(error) }
        // The room is used again.
        state.marks.removeAll(keepingCapacity: true)
    }

    /// By their parts, in the room that they have. Returns where each part ends.
    private static func order(_ marks: inout [DocumentMark]) -> [Int] {
        var ends = [Int](repeating: 0, count: parts)
        for mark in marks { ends[mark.part] += 1 }
        var next = ends
        var start = 0
        for part in 0..<parts {
            next[part] = start
            start += ends[part]
            ends[part] = start
        }
        for part in 0..<parts {
            while next[part] < ends[part] {
                let own = marks[next[part]].part
                if own != part { marks.swapAt(next[part], next[own]) }
                next[own] += 1
            }
        }
        return ends
    }

    /// Hands out the marks of a part in their order, all marks of a document at once, at most about as many at a time as fit `memory` bytes.
    func marks(of part: Int, memory: Int, _ use: ([DocumentMark]) throws -> Void) throws {
        let (runs, file) = state.withLock { ($0.runs, $0.file) }
        let count = runs.reduce(0) { $0 + $1.range(of: part).count }
        let most = max(1, memory / MemoryLayout<DocumentMark>.stride)
        let turns = UInt64(max(1, (count + most - 1) / most))
        var marks: [DocumentMark] = []
        for turn in 0..<turns {
            marks.removeAll(keepingCapacity: true)
            for run in runs {
                let range = run.range(of: part)
                guard !range.isEmpty else { continue }
                let some = try Self.marks(range, of: run, in: file)
                if turns == 1 { marks += some } else { marks += some.lazy.filter { $0.spread % turns == turn } }
            }
            guard !marks.isEmpty else { continue }
            marks.sort()
            try use(marks)
        }
    }

    private static func marks(_ range: Range<Int>, of run: Run, in file: ScratchFile?) throws -> ArraySlice<DocumentMark> {
        switch run.store {
        case .memory(let marks): return marks[range]
        case .file(let start):
            guard let file else { return [] }
            let offset = start + Int64(range.lowerBound * MemoryLayout<DocumentMark>.stride)
            do throws(FileError) { return try file.values(DocumentMark.self, from: offset, count: range.count)[...] } catch {
                throw failure(error)
            }
        }
    }

    private static func failure(_ error: FileError) -> Failure {
        Failure(
            .localStorage, "cannot keep the keys of the dump on a disk for a while",
            hint: "they take 24 bytes for each document and 48 for each edge; $TMPDIR says where", cause: error)
    }
}
