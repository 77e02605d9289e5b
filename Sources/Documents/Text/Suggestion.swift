extension Sequence<String> {
    /// The candidate nearest to a misspelling, if any is near enough to be worth suggesting.
    package func closest(to misspelling: String) -> String? {
        // Nobody mistypes a name of this length, and comparing takes time in the square of it.
        guard misspelling.utf8.count <= 200 else { return nil }
        let typed = Array(misspelling.lowercased())
        return map { (candidate: $0, distance: typed.editDistance(to: Array($0.lowercased()))) }
            .filter { $0.distance <= Swift.max(1, Swift.min(typed.count, $0.candidate.count) / 3) && $0.distance < typed.count }
            .min { $0.distance < $1.distance }?
            .candidate
    }

    /// "did you mean 'engine'?", if a candidate is near enough.
    package func suggestion(for misspelling: String) -> String? { closest(to: misspelling).map { "did you mean \($0.quoted)?" } }
}

extension [Character] {
    /// Damerau-Levenshtein distance: insertions, deletions, substitutions, and swaps of two neighbours.
    func editDistance(to target: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = [Int](0...target.count)
        for i in indices {
            var row = [i + 1]
            row.reserveCapacity(target.count + 1)
            for j in target.indices {
                var best = Swift.min(last[j] + (self[i] == target[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, self[i] == target[j - 1], self[i - 1] == target[j] { best = Swift.min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[target.count]
    }
}
