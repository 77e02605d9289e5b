import Glibc

/// What the operating system answered, as a number and in its words.
package struct ErrorNumber: Error, Sendable, Hashable, CustomStringConvertible {
    package let code: Int32

    package init(_ code: Int32) { self.code = code }

    /// What the last failed call of this thread left behind.
    static var last: ErrorNumber { ErrorNumber(errno) }

    package static let missing = ErrorNumber(ENOENT)
    package static let exists = ErrorNumber(EEXIST)
    package static let forbidden = ErrorNumber(EACCES)
    package static let diskFull = ErrorNumber(ENOSPC)
    package static let quotaExceeded = ErrorNumber(EDQUOT)
    package static let readOnly = ErrorNumber(EROFS)
    package static let notAFolder = ErrorNumber(ENOTDIR)
    package static let isAFolder = ErrorNumber(EISDIR)
    package static let notEmpty = ErrorNumber(ENOTEMPTY)
    package static let symbolicLink = ErrorNumber(ELOOP)

    /// The system's words for it, as in `No such file or directory`.
    package var description: String { String(cString: strerror(code)) }
}
