/// An attribute on which a collection has a vector index: its lists all have the same length, or the index cannot be made again.
struct VectorAttribute: Sendable, Equatable {
    /// `embedding`, `text.embedding`.
    let words: String
    let dimension: Int
    let path: [[UInt8]]

    init(_ words: String, dimension: Int) {
        self.words = words
        self.dimension = dimension
        path = words.split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }

    /// What stands there in a document.
    enum Found: Equatable {
        /// Nothing, or `null`.
        case nothing
        case numbers(Int)
        case somethingElse
    }
}
