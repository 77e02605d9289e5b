/// Makes vectors to search for out of stored ones: a query from nowhere would find everything equally far.
package enum QueryVectors {
    package struct Query: Sendable, Equatable {
        package let vectorName: String
        package let vector: PointVector
    }

    /// A search with many rows costs as many searches.
    private static let mostRows = 8

    /// Up to `count` queries for every vector name that the points have, in the order of names.
    ///
    /// A dense query lies in the middle between two stored vectors: it is near to both and equal to neither, so that its neighbours say
    /// more than that a point finds itself. Sparse and multi queries are stored vectors. Vectors that are zero, empty or unreadable are
    /// left out: every point would be as near as any other, or the server would refuse them.
    package static func make(from points: [Point], count: Int) -> [Query] {
        var usable: [(name: String, vectors: [PointVector])] = []
        for vector in points.flatMap(\.vectors) where vector.value.canBeSearched {
            if let place = usable.firstIndex(where: { $0.name.utf8.elementsEqual(vector.name.utf8) }) {
                usable[place].vectors.append(vector.value)
            } else {
                usable.append((vector.name, [vector.value]))
            }
        }
        usable.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return usable.flatMap { name, vectors in
            vectors.indices.prefix(count).map { place in
                Query(vectorName: name, vector: query(vectors[place], vectors[(place + 1) % vectors.count]))
            }
        }
    }

    private static func query(_ vector: PointVector, _ next: PointVector) -> PointVector {
        switch (vector, next) {
        case (.dense(let one), .dense(let two)) where one.count == two.count:
            let middle = PointVector.dense(zip(one, two).map { $0 / 2 + $1 / 2 })
            return middle.canBeSearched ? middle : vector
        case (.multi(let rows), _): return .multi(Array(rows.prefix(mostRows)))
        default: return vector
        }
    }
}

extension PointVector {
    fileprivate var canBeSearched: Bool {
        switch self {
        case .dense(let values): !hasUnreadableValues && values.contains { $0 != 0 }
        case .multi(let rows): !hasUnreadableValues && !rows.isEmpty && rows.allSatisfy { $0.contains { $0 != 0 } }
        case .sparse(let vector): !hasUnreadableValues && vector.values.contains { $0 != 0 }
        }
    }
}
