import CPostgres
import CSystem

/// Owns `PGresult *`.
struct PostgresResult: ~Copyable {
    private let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    enum Status {
        case rows
        /// One of many, in single-row mode.
        case row
        case done
        case empty
        case copyIn
        case copyOut
        case failed
        /// Replication, or something newer than this program.
        case unusable
    }

    var status: Status {
        switch PQresultStatus(pointer) {
        case PGRES_TUPLES_OK: .rows
        case PGRES_SINGLE_TUPLE: .row
        case PGRES_COMMAND_OK: .done
        case PGRES_EMPTY_QUERY: .empty
        case PGRES_COPY_IN: .copyIn
        case PGRES_COPY_OUT: .copyOut
        case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE: .failed
        default: .unusable
        }
    }

    /// Columns and what was done, without the rows.
    var summary: PostgresRows {
        var summary = PostgresRows()
        summary.columns = (0..<PQnfields(pointer)).map {
            PostgresRows.Column(name: String(cString: PQfname(pointer, $0)), type: PQftype(pointer, $0))
        }
        summary.commandTag = String(cString: PQcmdStatus(pointer))
        summary.affectedRows = Int(String(cString: PQcmdTuples(pointer)))
        return summary
    }

    func rows() throws(PostgresError) -> PostgresRows {
        var answer = summary
        let count = PQntuples(pointer)
        answer.rows.reserveCapacity(Int(count))
        for row in 0..<count { answer.rows.append(try self.row(row)) }
        return answer
    }

    func row(_ row: Int32 = 0) throws(PostgresError) -> PostgresRow {
        var values: PostgresRow = []
        for column in 0..<PQnfields(pointer) {
            guard PQgetisnull(pointer, row, column) == 0 else {
                values.append(nil)
                continue
            }
            let bytes = UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: Int(PQgetlength(pointer, row, column)))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                // Replacing what is wrong would make different values equal.
                let name = String(cString: PQfname(pointer, column))
                throw PostgresError(.queryFailed, "column \"\(name)\" holds bytes that are not UTF-8")
            }
            values.append(text)
        }
        return values
    }

    var error: PostgresError {
        let state = field(PostgresFieldSQLState)
        let message = field(PostgresFieldMessage) ?? String(cString: PQresultErrorMessage(pointer)).trimmingNewlines
        var error = PostgresError(PostgresError.kind(ofSQLState: state), message, sqlState: state)
        error.severity = field(PostgresFieldSeverity)
        error.detail = field(PostgresFieldDetail)
        error.hint = field(PostgresFieldHint)
        error.position = field(PostgresFieldPosition).flatMap { Int($0) }
        error.context = field(PostgresFieldContext)
        return error
    }

    func field(_ code: Int) -> String? {
        PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
    }
}
