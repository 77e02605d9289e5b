import Bindings
import Documents
import Recovery

/// Reads one data file of a dump from its first byte to its last, in memory that does not grow with it. Blocking.
struct DataFileScan: Sendable {
    /// The collection's place among those of the dump, and the file's among all data files.
    let collection: Int
    let place: Int
    let file: CollectionInDump.DataFile
    let dumped: CollectionInDump
    let places: CollectionPlaces
    let hash: KeyHash
    let pile: MarkPile
    let wantsDigest: Bool

    /// Throws when the file cannot be read at all; what is wrong inside of it is in the tally.
    func read(_ path: String, _ flag: CancellationFlag) throws -> FileTally {
        var state = State(self)
        do {
            var lines = try DataLines(path, isPacked: file.isPacked)
            repeat { try flag.check() } while try lines.next { bytes, range in try state.take(bytes, range) }
        } catch DataLines.Trouble.damaged(let words) {
            state.tally.damage = words
        } catch DataLines.Trouble.unreadable(let error) {
            throw Failure(.localStorage, "cannot read the data of collection '\(dumped.name)'", cause: error)
        }
        try state.handOver(atLeast: 1)
        return state.tally
    }
}

extension DataFileScan {
    private struct State {
        let scan: DataFileScan
        var tally = FileTally()
        var line: LineScan
        var places: CollectionPlaces
        var marks: [DocumentMark] = []
        /// `books/`, with which the `_id` of its documents begins.
        let prefix: [UInt8]
        let holdsGraphs: Bool
        var canonical = CanonicalDocument()

        /// So many go to the pile at once.
        static let batch = 8192

        init(_ scan: DataFileScan) {
            self.scan = scan
            line = LineScan(vectors: scan.dumped.vectors)
            places = scan.places
            prefix = Array("\(scan.dumped.name)/".utf8)
            holdsGraphs = scan.dumped.name == GraphDefinition.collection
            if scan.wantsDigest { tally.digest = ContentDigest() }
            marks.reserveCapacity(Self.batch + 3)
        }

        var place: DocumentMark.Place { DocumentMark.Place(file: scan.place, line: tally.lines) }

        mutating func handOver(atLeast least: Int) throws {
            guard marks.count >= least else { return }
            try scan.pile.add(marks)
            marks.removeAll(keepingCapacity: true)
        }

        mutating func take(_ bytes: [UInt8], _ range: Range<Int>) throws {
            tally.unpackedBytes += Int64(range.count)
            var start = range.lowerBound
            while start < range.upperBound {
                let end = bytes.endOfLine(from: start, before: range.upperBound)
                tally.lines += 1
                guard tally.lines < DocumentMark.mostLines else { throw DataLines.Trouble.damaged("it has too many lines") }
                do throws(JSONSyntaxError) {
                    try line.read(bytes, start..<end)
                    try take(bytes)
                } catch {
                    tally.complaints.add(.line, at: place, "\(error.problem), at byte \(error.offset - start)")
                }
                start = end + 1
            }
            try handOver(atLeast: Self.batch)
        }

        private mutating func take(_ bytes: [UInt8]) throws(JSONSyntaxError) {
            guard line.kind != .blank, let key = line.document.key else { return }
            if line.kind != .plain { tally.isEnveloped = true }
            guard let mark = try mark(bytes, key) else { return }
            marks.append(mark)
            guard line.kind != .removal else {
                tally.removals += 1
                if holdsGraphs { tally.graphs[LineText.words(bytes, key)] = nil }
                return
            }
            tally.documents += 1
            if let id = line.document.id { try check(id: id, of: key, bytes) }
            if scan.dumped.isEdge {
                try takeEnd(line.document.from, "_from", bytes)
                try takeEnd(line.document.to, "_to", bytes)
            }
            if !scan.dumped.vectors.isEmpty { checkVectors(bytes) }
            if holdsGraphs { try takeGraph(bytes) }
            if tally.digest != nil {
                try canonical.read(bytes, line.document.whole)
                tally.digest?.add(canonical)
            }
        }

        private mutating func mark(_ bytes: [UInt8], _ key: Range<Int>) throws(JSONSyntaxError) -> DocumentMark? {
            let kind: DocumentMark.Kind =
                switch line.kind {
                case .enveloped: .enveloped
                case .removal: .removal
                case .plain, .blank: .plain
                }
            // What is valid has no escapes.
            if DocumentKey.isValid(bytes, key) { return DocumentMark(scan.hash(bytes, key), of: scan.collection, kind, at: place) }
            let plain = try LineText.text(bytes, key)
            guard DocumentKey.isValid(plain, plain.indices) else {
                tally.complaints.add(.key, at: place, "\(String(decoding: plain, as: UTF8.self).quoted) cannot be a key")
                return nil
            }
            return DocumentMark(scan.hash(plain, plain.indices), of: scan.collection, kind, at: place)
        }

        private mutating func check(id: Range<Int>, of key: Range<Int>, _ bytes: [UInt8]) throws(JSONSyntaxError) {
            if id.count == prefix.count + key.count {
                let (text, start) = (bytes.span, prefix.span)
                var isEqual = true
                for index in 0..<prefix.count where text[id.lowerBound + index] != start[index] { isEqual = false }
                let rest = id.lowerBound + prefix.count
                for index in 0..<key.count where text[rest + index] != text[key.lowerBound + index] { isEqual = false }
                if isEqual { return }
            }
            let (said, meant) = (try LineText.text(bytes, id), prefix + (try LineText.text(bytes, key)))
            guard said != meant else { return }
            tally.complaints.add(
                .id, at: place,
                "_id \(String(decoding: said, as: UTF8.self).quoted) in place of \(String(decoding: meant, as: UTF8.self).quoted)")
        }

        // MARK: - Ends of edges

        private mutating func takeEnd(_ end: Range<Int>?, _ name: String, _ bytes: [UInt8]) throws(JSONSyntaxError) {
            guard let end else {
                tally.complaints.add(.edge, at: place, "an edge without \(name)")
                return
            }
            if LineText.hasEscapes(bytes, end) {
                let plain = try LineText.text(bytes, end)
                takePlainEnd(plain.indices, name, plain)
            } else {
                takePlainEnd(end, name, bytes)
            }
        }

        private mutating func takePlainEnd(_ end: Range<Int>, _ name: String, _ bytes: [UInt8]) {
            let text = bytes.span
            var slash = end.lowerBound
            while slash < end.upperBound, text[slash] != UInt8(ascii: "/") { slash += 1 }
            let key = min(slash + 1, end.upperBound)..<end.upperBound
            guard slash > end.lowerBound, DocumentKey.isValid(bytes, key) else {
                tally.complaints.add(
                    .edge, at: place, "\(name) \(String(decoding: bytes[end], as: UTF8.self).quoted) names no document")
                return
            }
            let isTo = name == "_to"
            let target = places.place(of: end.lowerBound..<slash, in: bytes, isTo: isTo)
            guard target != nil || line.kind == .enveloped else {
                tally.outsideEnds += 1
                return
            }
            marks.append(
                DocumentMark(scan.hash(bytes, key), of: target ?? DocumentMark.outside, isTo ? .to : .from, isEnd: true, at: place))
        }

        // MARK: - Vectors and graphs

        private mutating func checkVectors(_ bytes: [UInt8]) {
            for (vector, found) in zip(scan.dumped.vectors, line.found) {
                switch found {
                case .nothing: break
                case .numbers(vector.dimension): tally.vectors += 1
                case .numbers(let count):
                    tally.complaints.add(
                        .vector, at: place,
                        "\(vector.words) of '\(LineText.words(bytes, line.document.key))' has \(count) numbers in place of \(vector.dimension)"
                    )
                case .somethingElse:
                    tally.complaints.add(
                        .vector, at: place, "\(vector.words) of '\(LineText.words(bytes, line.document.key))' is no list of numbers")
                }
            }
        }

        private mutating func takeGraph(_ bytes: [UInt8]) throws(JSONSyntaxError) {
            let name = LineText.words(bytes, line.document.key)
            guard let document = try? JSONValue(parsing: bytes[line.document.whole]) else {
                throw JSONSyntaxError(problem: "the definition of a graph cannot be read", offset: line.document.whole.lowerBound)
            }
            tally.graphs[name] = GraphDefinition(name: name, document: document)
        }
    }
}
