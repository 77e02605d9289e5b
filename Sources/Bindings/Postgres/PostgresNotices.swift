import CPostgres
import CSystem

/// Where libpq's notices go; without it libpq writes them to standard error.
final class PostgresNotices {
    private let handler: @Sendable (PostgresNotice) -> Void

    init(_ handler: @escaping @Sendable (PostgresNotice) -> Void) { self.handler = handler }

    /// The connection must not outlive this object.
    func receive(from connection: OpaquePointer) {
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let result else { return }
                func field(_ code: Int) -> String? { PQresultErrorField(result, Int32(code)).map { String(cString: $0) } }
                let notice = PostgresNotice(
                    severity: field(PostgresFieldSeverity) ?? "NOTICE", sqlState: field(PostgresFieldSQLState),
                    message: field(PostgresFieldMessage) ?? String(cString: PQresultErrorMessage(result)).trimmingNewlines,
                    detail: field(PostgresFieldDetail), hint: field(PostgresFieldHint))
                Unmanaged<PostgresNotices>.fromOpaque(context).takeUnretainedValue().handler(notice)
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
