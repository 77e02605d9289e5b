import Bindings
import Recovery

extension FileError {
    /// What the system answered, as a failure with what to do about it.
    /// - Parameters:
    ///   - attempt: what was being done, as in `cannot store a/b in store 'main'`.
    ///   - place: the folder whose disk or permissions it is about.
    func asFailure(_ kind: Failure.Kind, _ attempt: String, where place: String, hint: String? = nil) -> Failure {
        let advice: String? =
            switch reason {
            case .diskFull: "the disk of \(place) is full: free some space and try again"
            case .quotaExceeded: "the quota of our account on the disk of \(place) is used up: free some space or have it raised"
            case .readOnly: "the disk of \(place) is mounted read-only, which Linux also does after errors: see `dmesg`"
            case .forbidden: "the account we run as ('\(UserAccount.current.name)') needs access to \(place)"
            default: nil
            }
        return Failure(kind, "\(attempt): \(self)", hint: hint ?? advice)
    }
}
