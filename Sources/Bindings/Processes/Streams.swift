import CSystem
import Glibc

/// The files a command gets as its standard streams.
extension Command {
    func openInput() throws(ProcessError) -> Descriptor {
        do throws(ErrorNumber) {
            switch input {
            case .none: return try Descriptor.open("/dev/null", O_RDONLY).aboveStreams()
            case .file(let path): return try Descriptor.open(path, O_RDONLY).aboveStreams()
            case .bytes(let bytes):
                // A file in memory rather than a pipe: nobody has to feed it while the command runs.
                let number = cs_memory_file("input")
                guard number >= 0 else { throw .last }
                let file = Descriptor(number)
                try file.write(bytes)
                guard lseek(file.number, 0, SEEK_SET) == 0 else { throw .last }
                return try file.aboveStreams()
            }
        } catch {
            let what = if case .file(let path) = input { "its input \(path)" } else { "its input" }
            throw ProcessError(.inputUnreadable, self, "\(what) cannot be opened: \(error)")
        }
    }

    func openNew(_ path: String) throws(ProcessError) -> Descriptor {
        try openOutput(path, O_WRONLY | O_CREAT | O_EXCL)
    }

    func openLog(_ path: String) throws(ProcessError) -> Descriptor {
        try openOutput(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
    }

    func openNowhere() throws(ProcessError) -> Descriptor { try openOutput("/dev/null", O_WRONLY) }

    private func openOutput(_ path: String, _ flags: Int32) throws(ProcessError) -> Descriptor {
        do throws(ErrorNumber) {
            return try Descriptor.open(path, flags, mode: 0o600).aboveStreams()
        } catch {
            throw ProcessError(.outputUnwritable, self, "its output \(path) cannot be opened: \(error)")
        }
    }

    func openPipe() throws(ProcessError) -> Pipe {
        do throws(ErrorNumber) {
            return try Pipe()
        } catch {
            throw ProcessError(.outOfResources, self, "the system has no more pipes: \(error)")
        }
    }
}
