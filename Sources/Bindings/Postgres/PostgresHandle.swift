import CPostgres
import CSystem
import Glibc

/// Owns `PGconn *`, logged in, in blocking mode. Belongs to one actor; what may be called from elsewhere is in the gate.
final class PostgresHandle {
    private let pointer: OpaquePointer
    private let notices: PostgresNotices
    let gate: CancelGate

    /// Takes the connection over, also when it throws.
    init(adopting pointer: OpaquePointer, notices: PostgresNotices, grace: Duration) throws(PostgresError) {
        guard let gate = CancelGate(pointer, grace: grace) else {
            PQfinish(pointer)
            throw PostgresError(.unreachable, "cannot keep the connection: out of memory or of file descriptors")
        }
        self.pointer = pointer
        self.notices = notices
        self.gate = gate
    }

    deinit { PQfinish(pointer) }

    var isAlive: Bool { PQstatus(pointer) == CONNECTION_OK && !gate.isCut }
    /// Whether the server has not yet said that it is ready for the next query.
    var isBusy: Bool { PQtransactionStatus(pointer) == PQTRANS_ACTIVE }
    var serverVersion: Int { Int(PQserverVersion(pointer)) }
    var backendPID: Int32 { PQbackendPID(pointer) }
    func parameterStatus(_ name: String) -> String? { PQparameterStatus(pointer, name).map { String(cString: $0) } }

    // MARK: Sending

    /// Without parameters a script of several statements is allowed.
    func send(_ sql: String, _ parameters: [PostgresParameter]) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.invalidInput, "the statement contains a NUL byte") }
        guard !parameters.isEmpty else { return try check(PQsendQuery(pointer, sql)) }
        guard parameters.count <= 65535 else {
            throw PostgresError(.invalidInput, "a statement takes at most 65535 parameters, not \(parameters.count)")
        }
        var values: [UnsafeMutablePointer<CChar>?] = []
        defer { for value in values { free(value) } }
        for (index, parameter) in parameters.enumerated() {
            switch parameter {
            case .null: values.append(nil)
            case .text(let text):
                guard !text.utf8.contains(0) else {
                    throw PostgresError(.invalidInput, "parameter $\(index + 1) contains a NUL byte, which PostgreSQL cannot store")
                }
                guard let copy = strdup(text) else { throw PostgresError(.invalidInput, "out of memory for parameter $\(index + 1)") }
                values.append(copy)
            }
        }
        let sent = values.map { UnsafePointer($0) }.withUnsafeBufferPointer {
            PQsendQueryParams(pointer, sql, Int32(parameters.count), nil, $0.baseAddress, nil, nil, 0)
        }
        try check(sent)
    }

    func deliverRowByRow() { PQsetSingleRowMode(pointer) }

    private func check(_ code: Int32) throws(PostgresError) {
        guard code == 1 else { throw lastError }
    }

    // MARK: Receiving

    /// The next result of what was sent; nil when there is none left.
    func nextResult() -> PostgresResult? {
        PQgetResult(pointer).map(PostgresResult.init(adopting:))
    }

    /// Everything up to the end: the last statement's rows, or the first error.
    func rows() throws(PostgresError) -> PostgresRows {
        var last = PostgresRows()
        while let result = nextResult() {
            switch result.status {
            case .rows: last = try result.rows()
            case .done, .row: last = result.summary
            case .empty: last = PostgresRows()
            case .failed: throw error(of: result)
            case .copyIn: throw PostgresError(.invalidInput, "a COPY FROM STDIN was sent as a query; use copyIn")
            case .copyOut: throw PostgresError(.invalidInput, "a COPY TO STDOUT was sent as a query; use copyOut")
            case .unusable:
                gate.cut()
                throw PostgresError(.connectionLost, "the server answered something that was not asked for; the connection was closed")
            }
        }
        return last
    }

    /// Brings the connection back to where it takes the next query, whatever state it was left in.
    func drain() {
        while let result = nextResult() {
            switch result.status {
            case .rows, .row, .done, .empty, .failed: continue
            case .copyOut: discardCopy()
            case .copyIn:
                // Without this the same result would come again for ever.
                if PQputCopyEnd(pointer, "stopped") != 1 { return gate.cut() }
            case .unusable: return gate.cut()
            }
        }
    }

    enum Settled {
        case quiet
        /// A request to stop came after the query had ended, and stopped this instead; a transaction would be aborted by it.
        case hit
        case lost
    }

    /// After a request to stop was sent: a short exchange which takes the blow if it arrives late after all (through a
    /// connection pooler, say; the server itself has acted on it before the sender hears back).
    func settle() -> Settled {
        var settled = Settled.quiet
        for _ in 0..<3 where isAlive {
            gate.openToSettle()
            var isHit = false
            if PQsendQuery(pointer, "SELECT 1") == 1 {
                while let result = nextResult() { isHit = isHit || result.field(PostgresFieldSQLState) == "57014" }
            }
            _ = gate.close()
            if !isHit { break }
            settled = .hit
        }
        return isAlive ? settled : .lost
    }

    // MARK: Copying

    enum CopyState { case copying, ended }

    /// Appends the next piece of a COPY to `bytes`. Throws what the server says instead.
    func readCopy(into bytes: inout [UInt8]) throws(PostgresError) -> CopyState {
        var buffer: UnsafeMutablePointer<CChar>?
        let count = PQgetCopyData(pointer, &buffer, 0)
        switch count {
        case 1...:
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: buffer, count: Int(count)))
            PQfreemem(buffer)
            return .copying
        case -1: return .ended
        default: throw lastError
        }
    }

    func writeCopy(_ bytes: [UInt8]) throws(PostgresError) {
        // libpq counts in 32 bits.
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 << 24)
            let code = piece.withUnsafeBytes {
                PQputCopyData(pointer, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
            }
            try check(code)
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Ends a COPY FROM STDIN; with a reason, the server throws it away.
    func endCopy(failing reason: String? = nil) throws(PostgresError) {
        try check(PQputCopyEnd(pointer, reason))
    }

    private func discardCopy() {
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(pointer, &buffer, 0) > 0 { PQfreemem(buffer) }
    }

    // MARK: Errors

    func error(of result: borrowing PostgresResult) -> PostgresError {
        if isAlive || result.field(PostgresFieldSQLState) != nil { return result.error }
        return lastError
    }

    private var lastError: PostgresError {
        PostgresError(isAlive ? .queryFailed : .connectionLost, String(cString: PQerrorMessage(pointer)).trimmingNewlines)
    }
}
