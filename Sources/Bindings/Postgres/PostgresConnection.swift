/// A connection to a PostgreSQL server, on a thread of its own.
///
/// Every call takes an optional deadline, counted from when it begins. A call that is late or cancelled is stopped on the
/// server, and throws a `PostgresError` of kind `timedOut` or `cancelled`; the connection then takes the next query, and no
/// late cancel request reaches that one. If the server does not react within `PostgresParameters.cancelGrace`, the
/// connection is cut: the call still ends, and `isBroken` is true.
package actor PostgresConnection {
    private let parameters: PostgresParameters
    private let notices: PostgresNotices
    private var handle: PostgresHandle?
    private var isWorking = false
    private let queue = BlockingQueue(label: "postgres")

    package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    /// Connects and logs in within `parameters.connectTimeout`. Nothing is taken from the environment, a service file or
    /// the home folder. The notices' handler runs on the connection's thread and should be short.
    package static func connect(
        _ parameters: PostgresParameters, onNotice: @escaping @Sendable (PostgresNotice) -> Void = { _ in }
    ) async throws -> PostgresConnection {
        let connection = PostgresConnection(parameters, onNotice)
        try await connection.open()
        return connection
    }

    private init(_ parameters: PostgresParameters, _ onNotice: @escaping @Sendable (PostgresNotice) -> Void) {
        self.parameters = parameters
        notices = PostgresNotices(onNotice)
    }

    /// Not in the initializer, which runs on its caller's thread.
    private func open() async throws {
        let flag = CancellationFlag()
        handle = try await withTaskCancellationHandler {
            try PostgresHandle.connect(parameters, notices: notices, unless: { flag.isRaised })
        } onCancel: {
            flag.raise()
        }
    }

    // MARK: Queries

    /// How long a server may think about a small question: three times as long as about a login.
    package nonisolated var patience: Duration { parameters.connectTimeout * 3 }

    /// Runs a statement; without parameters it may be a script of several statements, which is one transaction unless it
    /// says otherwise, and of which the last answer is returned.
    @discardableResult
    package func query(
        _ sql: String, _ parameters: [PostgresParameter] = [], deadline: Duration? = nil
    ) async throws -> PostgresRows {
        try await stoppable(deadline) { handle in
            try handle.send(sql, parameters)
            return try handle.rows()
        }
    }

    /// Runs a statement for its effect. Returns how many rows it wrote, where the command has such a number.
    @discardableResult
    package func execute(
        _ sql: String, _ parameters: [PostgresParameter] = [], deadline: Duration? = nil
    ) async throws -> Int? {
        try await query(sql, parameters, deadline: deadline).affectedRows
    }

    /// Hands the rows over one by one as they come, in flat memory; the next one is read when `each` has returned. What `each`
    /// throws stops the query and is thrown on. Until then the connection takes no other call. Returns columns and command
    /// tag, without rows.
    @discardableResult
    package func stream(
        _ sql: String, _ parameters: [PostgresParameter] = [], deadline: Duration? = nil,
        each: @Sendable (PostgresRow) async throws -> Void
    ) async throws -> PostgresRows {
        try await stoppable(deadline) { handle in
            try handle.send(sql, parameters)
            handle.deliverRowByRow()
            var summary = PostgresRows()
            while let result = handle.nextResult() {
                switch result.status {
                case .row:
                    let row = try result.row()
                    try await consuming(handle) { try await each(row) }
                case .rows, .done: summary = result.summary
                case .empty: summary = PostgresRows()
                case .failed: throw handle.error(of: result)
                case .copyIn, .copyOut, .unusable: throw PostgresError(.invalidInput, "only a query that returns rows can be streamed")
                }
            }
            return summary
        }
    }

    // MARK: COPY

    /// Runs a `COPY … TO STDOUT` and hands its bytes over in pieces of some 64 KiB, not cut at rows. Otherwise as `stream`.
    /// Returns how many rows were copied.
    @discardableResult
    package func copyOut(
        _ sql: String, deadline: Duration? = nil, each: @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Int? {
        try await stoppable(deadline) { handle in
            try handle.send(sql, [])
            guard let result = handle.nextResult() else { return nil }
            guard result.status == .copyOut else {
                throw result.status == .failed
                    ? handle.error(of: result) : PostgresError(.invalidInput, "the statement is no COPY TO STDOUT")
            }
            var bytes: [UInt8] = []
            while try handle.readCopy(into: &bytes) == .copying {
                guard bytes.count >= 64 << 10 else { continue }
                let piece = bytes
                bytes = []
                try await consuming(handle) { try await each(piece) }
            }
            if !bytes.isEmpty {
                let piece = bytes
                try await consuming(handle) { try await each(piece) }
            }
            return try handle.rows().affectedRows
        }
    }

    /// Runs a `COPY … FROM STDIN` with what `next` returns until it returns nil; pieces need not end with a row. What `next`
    /// throws makes the server throw the copy away, and is thrown on. Returns how many rows were copied.
    @discardableResult
    package func copyIn(
        _ sql: String, deadline: Duration? = nil, next: @Sendable () async throws -> [UInt8]?
    ) async throws -> Int? {
        try await stoppable(deadline) { handle in
            try handle.send(sql, [])
            guard let result = handle.nextResult() else { return nil }
            guard result.status == .copyIn else {
                throw result.status == .failed
                    ? handle.error(of: result) : PostgresError(.invalidInput, "the statement is no COPY FROM STDIN")
            }
            while let piece = try await consuming(handle, { try await next() }) { try handle.writeCopy(piece) }
            try handle.endCopy()
            return try handle.rows().affectedRows
        }
    }

    // MARK: About the connection

    /// As a number: 160014 is 16.14.
    package var serverVersion: Int { handle?.serverVersion ?? 0 }

    /// The process that serves this connection.
    package var backendPID: Int32 { handle?.backendPID ?? 0 }

    /// A setting that the server reports by itself, such as `server_encoding` or `TimeZone`.
    package func parameterStatus(_ name: String) -> String? { handle?.parameterStatus(name) }

    /// Whether no further query can succeed.
    package var isBroken: Bool { handle?.isAlive != true }

    /// Logs out. Calls after this fail; calling it again does nothing.
    package func close() {
        // A stream that is under way, waiting for its consumer, ends with its next row.
        if isWorking { handle?.gate.cut() }
        handle = nil
    }

    // MARK: Stopping

    private func stoppable<R: Sendable>(_ deadline: Duration?, _ body: (PostgresHandle) async throws -> R) async throws -> R {
        guard !isWorking else { throw PostgresError(.busy, "the connection is in the middle of a stream or a copy; use another one") }
        guard let handle, handle.isAlive else { throw PostgresError(.connectionLost, "the connection to \(parameters) is closed") }
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "cancelled before anything was sent") }
        isWorking = true
        defer { isWorking = false }

        let gate = handle.gate
        let pass = gate.open(deadline: deadline)
        let result: Result<R, any Error>
        do {
            let value = try await withTaskCancellationHandler {
                try await onMyThread(body, handle)
            } onCancel: {
                gate.interrupt(pass, because: .cancelled)
            }
            result = .success(value)
        } catch {
            // After an error of the server nothing more comes. Otherwise it may have much left to say.
            if handle.isBusy, (error as? PostgresError)?.sqlState == nil { gate.interrupt(pass, because: .unwanted) }
            handle.drain()
            result = .failure(error)
        }
        let stopped = gate.close()
        let state = stopped.wasSent || stopped.isCut ? handle.settle() : .quiet

        switch (result, stopped.reason) {
        case (.success(let value), _) where state == .quiet: return value
        case (.failure(let failure as ConsumerFailure), let reason):
            if reason == .cancelled, failure.cause is CancellationError { throw Self.interruption(.cancelled, state) }
            throw failure.cause
        case (.failure(is Stopped), let reason?), (.success, let reason?): throw Self.interruption(reason, state)
        case (.failure(let error as PostgresError), let reason?) where error.sqlState == "57014" || error.kind == .connectionLost:
            throw Self.interruption(reason, state, sqlState: error.sqlState)
        default: return try result.get()
        }
    }

    /// The handler's closure has to mention the actor: one that does not would run on the cooperative pool, and block it.
    private func onMyThread<R>(_ body: (PostgresHandle) async throws -> R, _ handle: PostgresHandle) async throws -> R {
        try await body(handle)
    }

    /// Lets the other side of a stream work, and ends the stream if it was stopped meanwhile.
    private func consuming<R>(_ handle: PostgresHandle, _ body: () async throws -> R) async throws -> R {
        guard handle.gate.reason == nil else { throw Stopped() }
        handle.gate.isWithConsumer(true)
        let value: R
        do {
            value = try await body()
        } catch {
            handle.gate.isWithConsumer(false)
            throw ConsumerFailure(cause: error)
        }
        handle.gate.isWithConsumer(false)
        guard handle.gate.reason == nil else { throw Stopped() }
        return value
    }

    private struct Stopped: Error {}
    private struct ConsumerFailure: Error { let cause: any Error }

    private static func interruption(
        _ reason: CancelGate.Reason, _ state: PostgresHandle.Settled, sqlState: String? = nil
    ) -> PostgresError {
        let end =
            state == .lost
            ? "the server did not react to the request to stop, so the connection was closed" : "the query was stopped on the server"
        return switch reason {
        case .timedOut(let limit): PostgresError(.timedOut, "no answer within \(limit); \(end)", sqlState: sqlState)
        case .cancelled, .unwanted: PostgresError(.cancelled, "cancelled; \(end)", sqlState: sqlState)
        }
    }
}
