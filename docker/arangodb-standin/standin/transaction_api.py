"""Stream transactions over HTTP (contract 9)."""

from . import answers
from .answers import bad_parameter
from .transactions import ABORTED, RUNNING, Transaction


def _names(given, kind):
    names = given.get(kind, [])
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or any(not isinstance(one, str) for one in names):
        raise bad_parameter(f"'{kind}' attribute must be a string or an array")
    return names


def begin(call):
    body = call.object({})
    given = body.get("collections")
    if not isinstance(given, dict):
        raise bad_parameter("missing 'collections' attribute")
    reads = [call.collection(name) for name in _names(given, "read")]
    writes = [call.collection(name, "rw") for kind in ("write", "exclusive") for name in _names(given, kind)]
    transaction = Transaction(call.server.contexts.new_id(), call, reads, writes)
    call.server.contexts.transactions[transaction.id] = transaction
    return _told(transaction, 201)


def _told(transaction, status=200):
    return answers.json({"code": status, "error": False, "result": {"id": transaction.id, "status": transaction.status}}, status)


def listing(call):
    running = [one for one in call.server.contexts.transactions.values() if one.status == RUNNING and one.database is call.database]
    return answers.json({"transactions": [{"id": one.id, "state": one.status} for one in running]})


def status(call, id):
    return _told(call.server.contexts.transaction(id, call))


def commit(call, id):
    transaction = call.server.contexts.transaction(id, call)
    if transaction.status == ABORTED:
        raise answers.Failure(400, 1653, "transaction has already been aborted")
    if transaction.status == RUNNING:
        transaction.commit()
    return _told(transaction)


def abort(call, id):
    transaction = call.server.contexts.transaction(id, call)
    if transaction.status == RUNNING:
        transaction.status = ABORTED
    elif transaction.status != ABORTED:
        raise answers.Failure(400, 1653, "transaction has already been committed")
    return _told(transaction)


def in_javascript(call):
    given = call.object().get("collections")
    if isinstance(given, dict):
        for kind in ("read", "write", "exclusive"):
            for name in _names(given, kind):
                call.collection(name)
    raise answers.not_here("transactions in JavaScript")
