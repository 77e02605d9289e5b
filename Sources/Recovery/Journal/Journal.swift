/// The truth about one run while it goes on: every event is on disk before `record` returns.
package actor Journal {
    private let folder: any RunFolder
    private let time: any TimeSource
    private let boot: String
    private var lines: [JournalLine]
    private var broken: Failure?
    /// The last write that was asked for. Steps of several runs write at once; each line waits until those before it are on disk.
    private var lastWrite: Task<Failure?, Never>?

    /// - Parameter lines: what the journal held before, for a run that goes on.
    package init(_ folder: any RunFolder, time: any TimeSource, boot: String, continuing lines: [JournalLine] = []) {
        self.folder = folder
        self.time = time
        self.boot = boot
        self.lines = lines
    }

    package var events: [JournalLine] { lines }

    /// The failure that made the journal unusable, if one did. From then on no further destructive step may start.
    package var failure: Failure? { broken }

    /// Writes the event to disk. Throws `Failure(.journal)`; an event that could not be written is still part of
    /// `events`, so that this process reports truthfully.
    package func record(_ event: JournalEvent) async throws {
        let line = JournalLine(
            seq: (lines.last?.seq ?? 0) + 1, at: time.now, uptime: (time.uptime.inSeconds * 1_000_000).rounded() / 1_000_000, boot: boot,
            event: event)
        lines.append(line)
        // A task of its own: what a cancelled step has done is written down too, and no line may overtake another.
        let write = Task { [lastWrite] in
            _ = await lastWrite?.value
            return await put(line)
        }
        lastWrite = write
        if let failure = await write.value { throw failure }
    }

    /// Nothing is written after a line that could not be: a journal has no holes.
    private func put(_ line: JournalLine) async -> Failure? {
        if let broken { return broken }
        do {
            try await folder.append(try CanonicalJSON.encode(line) + [UInt8(ascii: "\n")])
            return nil
        } catch {
            let failure = Failure(
                .journal, "the journal of this run cannot be written",
                hint: "make room, or point `state:` (or $LIFEBOAT_STATE) at another disk; then `lifeboat resume`",
                cause: Failure.wrapping(error, while: "writing to the journal"))
            broken = failure
            return failure
        }
    }
}
