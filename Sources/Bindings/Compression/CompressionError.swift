/// Packed data that cannot be read, or not written.
package struct CompressionError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// It ends too early.
        case truncated
        /// It contradicts itself or its checksum.
        case damaged
        /// It is packed in another way than its name or manifest says.
        case unexpected
        /// The library refused to work.
        case failed
    }

    package let reason: Reason
    /// The file, or what else the data was called.
    package let path: String
    private let words: String

    package var description: String { "\(path) \(words)" }

    init(_ reason: Reason, _ path: String, _ words: String) {
        self.reason = reason
        self.path = path
        self.words = words
    }
}
