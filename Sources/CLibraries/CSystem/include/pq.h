#pragma once
#include <libpq-fe.h>

// The fields of an error are character literals, which Swift does not import.
enum {
    PostgresFieldSeverity = PG_DIAG_SEVERITY_NONLOCALIZED,
    PostgresFieldSQLState = PG_DIAG_SQLSTATE,
    PostgresFieldMessage = PG_DIAG_MESSAGE_PRIMARY,
    PostgresFieldDetail = PG_DIAG_MESSAGE_DETAIL,
    PostgresFieldHint = PG_DIAG_MESSAGE_HINT,
    PostgresFieldPosition = PG_DIAG_STATEMENT_POSITION,
    PostgresFieldContext = PG_DIAG_CONTEXT,
};
