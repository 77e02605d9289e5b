/// Which parts of a run come to their end before others begin, by place. What is always done at the end is not among them.
struct PartOrder: Sendable {
    /// All that a part waits for, directly or through others; each stands above it.
    let before: [Set<Int>]

    /// - Parameter parts: without those that are always done at the end.
    init(_ parts: [KeptPart]) {
        var before: [Set<Int>] = []
        var places: [Int: Int] = [:]
        for (place, part) in parts.enumerated() {
            var direct = Set(0..<place)
            if part.kind == .runbook {
                if let numbers = part.waitsFor {
                    direct = direct.filter { parts[$0].kind != .runbook }.union(numbers.compactMap { places[$0] })
                }
                places[places.count + 1] = place
            }
            before.append(direct.reduce(into: direct) { all, place in all.formUnion(before[place]) })
        }
        self.before = before
    }

    /// All that waits for a part.
    func after(_ place: Int) -> [Int] { before.indices.filter { before[$0].contains(place) } }

    /// Whether any two may be under way at once.
    var goesSideBySide: Bool { before.indices.contains { before[$0].count < $0 } }
}
