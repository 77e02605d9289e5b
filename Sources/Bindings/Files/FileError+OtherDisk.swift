import Glibc

extension FileError {
    /// A file cannot be renamed from one file system to another, nor between two mounts of one.
    package var isOtherDisk: Bool { errorNumber == EXDEV }
}
