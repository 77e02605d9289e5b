"""Views over HTTP (contract 7)."""

from . import answers, views
from .answers import Failure, ok


def listing(call):
    names = ("globallyUniqueId", "id", "name", "type")
    return answers.result([{name: view[name] for name in names} for view in call.database.views.values()])


def get(call, name):
    view = call.database.view(name)
    return ok({member: view[member] for member in ("type", "name", "id", "globallyUniqueId")})


def properties(call, name):
    return ok(call.database.view(name))


def create(call):
    call.must("rw")
    body = call.object()
    with call.store.changes() as changes:
        view = views.make(call.store, call.database, body, call.options)
        add(changes, call.database, view)
    return answers.json(view, 201)


def replace(call, name):
    return _change(call, name, False)


def update(call, name):
    return _change(call, name, True)


def _change(call, name, is_patch):
    call.must("rw")
    view = call.database.view(name)
    now = views.changed(call.database, view, call.object(), call.options, is_patch)
    with call.store.changes() as changes:
        add(changes, call.database, now)
    return answers.json(now)


def rename(call, name):
    call.must("rw")
    view = call.database.view(name)
    new = call.object().get("name")
    if not views.is_name(new, extended=call.options.is_3_12):
        raise Failure(400, 1208, "illegal name")
    if new in call.database.views or new in call.database.collections:
        raise answers.duplicate()
    now = {**view, "name": new}
    with call.store.changes() as changes:
        remove(changes, call.database, view)
        add(changes, call.database, now)
    return answers.json(now)


def drop(call, name):
    call.must("rw")
    with call.store.changes() as changes:
        remove(changes, call.database, call.database.view(name))
    return answers.result(True)


def add(changes, database, view):
    before = database.views.get(view["name"])
    database.views[view["name"]] = view

    def undo():
        if before is None:
            database.views.pop(view["name"], None)
        else:
            database.views[view["name"]] = before

    changes.note({"op": "view", "database": database.name, "view": view}, undo)


def remove(changes, database, view):
    del database.views[view["name"]]
    changes.note({"op": "drop-view", "database": database.name, "name": view["name"]}, lambda: database.views.__setitem__(view["name"], view))
