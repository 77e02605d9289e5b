import Glibc

extension Files {
    /// Whether it is there and our account may not write it, or not get to it: a socket of somebody else.
    package static func isForbidden(_ path: String) -> Bool { access(path, W_OK) != 0 && (errno == EACCES || errno == EPERM) }
}
