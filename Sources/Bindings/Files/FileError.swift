import Glibc

/// A file operation that did not work: what was tried on which path, and why not.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case missing
        case exists
        case forbidden
        case diskFull
        case quotaExceeded
        case readOnly
        case notAFolder
        case isAFolder
        case notEmpty
        /// A symbolic link where none is followed.
        case symbolicLink
        /// More bytes than the reader's limit.
        case tooLarge
        /// A device, pipe or socket where a file is wanted.
        case notAFile
        case other
    }

    /// What was tried, as in `read` or `make folder`.
    package let operation: String
    package let path: String
    package let reason: Reason
    /// The system's error number; 0 if it was not the system that refused.
    package let errorNumber: Int32
    /// What the system answered: `No such file or directory`.
    package let words: String

    /// As in `cannot read /srv/backups/x: No such file or directory`.
    package var description: String { "cannot \(operation) \(path): \(words)" }

    /// Whether there is no room left, on the disk or in the account's quota.
    package var isOutOfSpace: Bool { reason == .diskFull || reason == .quotaExceeded }

    init(_ operation: String, _ path: String, _ error: ErrorNumber) {
        self.operation = operation
        self.path = path
        self.errorNumber = error.code
        self.words = error.description
        self.reason =
            switch error.code {
            case ENOENT: .missing
            case EEXIST: .exists
            case EACCES, EPERM: .forbidden
            case ENOSPC: .diskFull
            case EDQUOT: .quotaExceeded
            case EROFS: .readOnly
            case ENOTDIR: .notAFolder
            case EISDIR: .isAFolder
            case ENOTEMPTY: .notEmpty
            case ELOOP: .symbolicLink
            default: .other
            }
    }

    init(_ operation: String, _ path: String, _ reason: Reason, _ words: String) {
        self.operation = operation
        self.path = path
        self.reason = reason
        self.errorNumber = 0
        self.words = words
    }

    /// Names operation and path for what the system answers.
    @discardableResult
    static func naming<R: ~Copyable>(
        _ operation: String, _ path: String, _ body: () throws(ErrorNumber) -> R
    ) throws(FileError) -> R {
        do throws(ErrorNumber) {
            return try body()
        } catch {
            throw FileError(operation, path, error)
        }
    }
}

/// The result of a call that answers -1 and `errno`.
@discardableResult
func checked<R: SignedInteger>(_ call: () -> R) throws(ErrorNumber) -> R {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw .last }
    }
}
