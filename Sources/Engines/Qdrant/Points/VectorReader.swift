import Documents

/// Reads what stands under `vector`: `[f,…]`, `[[f,…],…]`, or an object of such by name, sparse ones among them.
struct VectorReader {
    var cursor: JSONCursor
    private(set) var hasUnreadableValues = false

    init(cursor: JSONCursor) { self.cursor = cursor }

    mutating func vectors() throws(JSONSyntaxError) -> [Point.Vector] {
        if cursor.isAt("n") {
            try cursor.skipNull()
            return []
        }
        if cursor.isAt("[") { return [Point.Vector(name: "", value: try list())] }
        guard cursor.isAt("{") else { throw cursor.failure("a vector is neither a list nor an object") }
        try cursor.enterObject()
        var vectors: [Point.Vector] = []
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            let name = String(decoding: key, as: UTF8.self)
            guard !vectors.contains(where: { $0.name.utf8.elementsEqual(key) }) else {
                throw cursor.failure("vector '\(name)' appears twice")
            }
            vectors.append(Point.Vector(name: name, value: try cursor.isAt("{") ? .sparse(sparse()) : list()))
        }
        return vectors
    }

    private mutating func list() throws(JSONSyntaxError) -> PointVector {
        var ahead = cursor
        try ahead.enterArray()
        ahead.skipSpace()
        guard ahead.isAt("[") else { return .dense(try values()) }
        cursor = ahead
        var rows: [[Float]] = []
        repeat {
            rows.append(try values())
            var isFirst = false
            guard try cursor.nextItem(isFirst: &isFirst) else { return .multi(rows) }
        } while true
    }

    private mutating func values() throws(JSONSyntaxError) -> [Float] {
        try cursor.enterArray()
        var values: [Float] = []
        // A value takes about eleven bytes.
        values.reserveCapacity(min((cursor.end - cursor.position) / 11, 4096))
        var isFirst = true
        while try cursor.nextItem(isFirst: &isFirst) {
            if cursor.isAt("n") {
                try cursor.skipNull()
                values.append(.nan)
                hasUnreadableValues = true
            } else {
                let value = try cursor.float()
                if value.isInfinite { hasUnreadableValues = true }
                values.append(value)
            }
        }
        return values
    }

    private mutating func sparse() throws(JSONSyntaxError) -> SparseVector {
        let start = cursor.position
        try cursor.enterObject()
        var indices: [UInt32]?
        var values: [Float]?
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            switch String(decoding: key, as: UTF8.self) {
            case "indices" where indices == nil: indices = try self.indices()
            case "values" where values == nil: values = try self.values()
            default: throw cursor.failure("a sparse vector has more than indices and values")
            }
        }
        guard let indices, let values, indices.count == values.count else {
            throw JSONSyntaxError(problem: "a sparse vector has not one value per index", offset: start)
        }
        let vector = SparseVector(indices: indices, values: values)
        guard zip(vector.indices, vector.indices.dropFirst()).allSatisfy(<) else {
            throw JSONSyntaxError(problem: "a sparse vector has an index twice", offset: start)
        }
        return vector
    }

    private mutating func indices() throws(JSONSyntaxError) -> [UInt32] {
        try cursor.enterArray()
        var indices: [UInt32] = []
        var isFirst = true
        while try cursor.nextItem(isFirst: &isFirst) {
            guard let index = try cursor.unsigned().flatMap(UInt32.init(exactly:)) else {
                throw cursor.failure("the index of a sparse value is no whole number of 32 bits")
            }
            indices.append(index)
        }
        return indices
    }
}
