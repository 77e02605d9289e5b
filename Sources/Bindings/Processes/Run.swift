import CSystem
import Glibc

/// Runs a command to its end.
///
/// Both streams are read while it runs; `onStandardErrorLine` gets each line of standard error as it comes, on another
/// thread. The command runs under a guardian: it ends when we end, even by SIGKILL.
///
/// - Parameters:
///   - outputLimit: how many bytes of standard output are kept; the rest is read and dropped.
///   - errorLimit: how many bytes from the end of standard error are kept.
///   - grace: how long a cancelled command may take to obey SIGTERM before it gets SIGKILL.
/// - Throws: `ProcessError` if it could not be started; `CancellationError` if the task was cancelled and the command ended
///   because of that, after it and all its descendants are gone.
package func run(
    _ command: Command, onStandardErrorLine: (@Sendable (String) -> Void)? = nil, outputLimit: Int = 1 << 20,
    errorLimit: Int = 64 << 10, grace: Duration = .seconds(5)
) async throws -> CommandResult {
    try Task.checkCancellation()
    return try await blocking { flag in
        var reader = StreamReader(outputLimit: outputLimit, errorLimit: errorLimit, onLine: onStandardErrorLine)
        let result = try reader.run(command, flag, grace)
        if flag.isRaised, !result.status.isSuccess { throw CancellationError() }
        return result
    }
}

/// Reads both streams and the guardian's reports in one loop, so none of them can fill up while another is waited for.
private struct StreamReader {
    private var output: [UInt8] = []
    private var outputIsTruncated = false
    private var tail: [UInt8] = []
    private var tailIsTruncated = false
    private var line: [UInt8] = []
    private let outputLimit: Int
    private let errorLimit: Int
    private let onLine: (@Sendable (String) -> Void)?

    /// Longer lines are handed on in pieces.
    private static let lineLimit = 64 << 10
    private static let bufferSize = 64 << 10

    init(outputLimit: Int, errorLimit: Int, onLine: (@Sendable (String) -> Void)?) {
        self.outputLimit = outputLimit
        self.errorLimit = errorLimit
        self.onLine = onLine
    }

    mutating func run(_ command: Command, _ flag: CancellationFlag, _ grace: Duration) throws(ProcessError) -> CommandResult {
        let input = try command.openInput()
        let errorPipe = try command.openPipe()
        let errors = errorPipe.reading
        let errorsOfCommand = errorPipe.writing
        let outputs: Descriptor
        let outputOfCommand: Descriptor
        switch command.output {
        case .captured:
            let pipe = try command.openPipe()
            outputs = pipe.reading
            outputOfCommand = pipe.writing
        case .newFile(let path):
            outputOfCommand = try command.openNew(path)
            outputs = .none
        case .discarded:
            outputOfCommand = try command.openNowhere()
            outputs = .none
        }
        let began = ContinuousClock.now
        let guardian = try Guardian(
            command, input: input, output: outputOfCommand, errorOutput: errorsOfCommand, stopSignal: SIGTERM, grace: grace,
            removing: [])
        // From here on only the command holds these, so their end means the end of its output.
        _ = consume input
        _ = consume errorsOfCommand
        _ = consume outputOfCommand

        flag.onRaise { guardian.stop(signal: SIGTERM, grace: grace) }
        defer { flag.onRaise(nil) }

        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        cs_set_nonblocking(errors.number)
        if outputs.isOpen { cs_set_nonblocking(outputs.number) }

        var ended: (status: ExitStatus, cpuTime: Duration)?
        var wallTime = Duration.zero
        var sources = [outputs.number, errors.number, guardian.reportsDescriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            if poll(&sources, nfds_t(sources.count), -1) < 0 { continue }
            if sources[0].revents != 0, !readOutput(outputs, buffer) { sources[0].fd = -1 }
            if sources[1].revents != 0, !readErrors(errors, buffer) { sources[1].fd = -1 }
            guard sources[2].revents != 0 else { continue }
            guard let report = guardian.nextReport() else { break }
            ended = report
            wallTime = .now - began
        }
        // Everybody is dead or let go: what they wrote is in the pipes, and more is not waited for.
        if outputs.isOpen { while readOutput(outputs, buffer), !isEmpty(outputs) {} }
        while readErrors(errors, buffer), !isEmpty(errors) {}
        finishLine()
        guardian.reap()

        guard let ended else { throw ProcessError(.guardianLost, command, Guardian.lostWords) }
        return CommandResult(
            status: ended.status, output: output, outputIsTruncated: outputIsTruncated,
            errorTail: String(decoding: tail.suffix(errorLimit), as: UTF8.self),
            errorTailIsTruncated: tailIsTruncated || tail.count > errorLimit, wallTime: wallTime, cpuTime: ended.cpuTime)
    }

    private func isEmpty(_ pipe: borrowing Descriptor) -> Bool {
        var source = pollfd(fd: pipe.number, events: Int16(POLLIN), revents: 0)
        return poll(&source, 1, 0) <= 0
    }

    /// Whether there may be more.
    private mutating func readOutput(_ pipe: borrowing Descriptor, _ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard let bytes = readable(pipe, buffer) else { return false }
        let kept = bytes.prefix(outputLimit - output.count)
        output.append(contentsOf: kept)
        if kept.count < bytes.count { outputIsTruncated = true }
        return true
    }

    private mutating func readErrors(_ pipe: borrowing Descriptor, _ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard let bytes = readable(pipe, buffer) else { return false }
        tail.append(contentsOf: bytes)
        if tail.count > 2 * errorLimit + Self.bufferSize {
            tail.removeFirst(tail.count - errorLimit)
            tailIsTruncated = true
        }
        guard onLine != nil else { return true }
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || line.count == Self.lineLimit { finishLine() }
            if byte != UInt8(ascii: "\n") { line.append(byte) }
        }
        return true
    }

    private func readable(_ pipe: borrowing Descriptor, _ buffer: UnsafeMutableRawBufferPointer) -> Slice<UnsafeRawBufferPointer>? {
        do throws(ErrorNumber) {
            let count = try pipe.read(into: buffer)
            return count == 0 ? nil : UnsafeRawBufferPointer(buffer).prefix(count)
        } catch {
            return error.code == EAGAIN ? UnsafeRawBufferPointer(buffer).prefix(0) : nil
        }
    }

    private mutating func finishLine() {
        guard let onLine, !line.isEmpty else { return }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        onLine(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
    }
}
