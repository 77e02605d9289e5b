/// An archive that cannot be read.
package struct ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// It ends too early.
        case truncated
        /// It contradicts itself.
        case damaged
        /// It does not begin as an archive.
        case notAnArchive
        /// An entry is larger than its reader wants.
        case tooLarge
        /// The library refused to work.
        case failed
    }

    package let reason: Reason
    /// The file, or what else the archive was called.
    package let path: String
    /// What is the matter with it: `is cut off: …`.
    package let words: String

    package var description: String { "\(path) \(words)" }

    init(_ reason: Reason, _ path: String, _ words: String) {
        self.reason = reason
        self.path = path
        self.words = words
    }
}
