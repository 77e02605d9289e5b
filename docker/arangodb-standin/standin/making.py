"""Databases, collections and users as the server makes them, and what a first start puts into `_system`."""

import re
import secrets

from . import documents, jsontext
from .access import WRITE, hashed, permissions
from .answers import Failure, bad_parameter, duplicate
from .collection import DOCUMENT, EDGE
from .database import Database
from .store import described

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,255}")
GENERATORS = ("traditional", "autoincrement", "uuid", "padded")
# Of every database, and of _system besides. _jobs, _queues and _apps have indexes on a real server; nothing here reads them.
_SYSTEM = ("_analyzers", "_appbundles", "_apps", "_aqlfunctions", "_frontend", "_graphs", "_jobs", "_queues")
_ONLY_IN_SYSTEM = ("_users", "_statistics", "_statistics15", "_statisticsRaw")


def is_name(name, allow_system=False, extended=False):
    if not isinstance(name, str) or (name.startswith("_") and not allow_system):
        return False
    if _NAME.fullmatch(name):
        return True
    return extended and 0 < len(name.encode("utf-8", "replace")) <= 256 and "/" not in name and not name[0].isdigit() \
        and not any(one < " " for one in name) and name == name.strip()


def properties(store, given, options, type=DOCUMENT):
    """Of a new collection. What `given` does not say is as the server would have it."""
    name = given["name"]
    id = str(store.ticks.next())
    made = {
        "writeConcern": 1, "waitForSync": bool(given.get("waitForSync", False)), "usesRevisionsAsDocumentIds": True, "syncByRevision": True,
        "id": id, "isSmartChild": False, "schema": given.get("schema"), "name": name, "type": type, "status": 3,
        "cacheEnabled": bool(given.get("cacheEnabled", False)), "isSystem": name.startswith("_"), "internalValidatorType": 0,
        "globallyUniqueId": name if name.startswith("_") else f"h{int(store.server_id):X}/{id}",
        "keyOptions": key_options(given.get("keyOptions") or {}), "computedValues": given.get("computedValues"),
        "objectId": str(store.ticks.next()),
    }
    if options.version == "3.12.10":
        made["supportsRBAC"] = True
    return made


def key_options(given):
    kind = given.get("type", "traditional")
    if kind not in GENERATORS:
        raise Failure(400, 1232, "invalid key generator type")
    options = {"allowUserKeys": bool(given.get("allowUserKeys", True)), "type": kind}
    if kind == "autoincrement":
        options["offset"] = int(given.get("offset", 0))
        options["increment"] = int(given.get("increment", 1))
        if options["increment"] < 1:
            raise Failure(400, 1232, "increment value must be greater than zero")
    if kind != "uuid":
        options["lastValue"] = given.get("lastValue", 0)
    return options


def make_collection(store, changes, database, given, options, allow_system=False):
    name = given.get("name")
    if not is_name(name, allow_system, options.is_3_12):
        raise Failure(400, 1208, "illegal name: collection name is invalid")
    type = given.get("type", DOCUMENT)
    if type in ("edge", "document"):
        type = EDGE if type == "edge" else DOCUMENT
    if type not in (DOCUMENT, EDGE) or isinstance(type, bool):
        raise Failure(400, 1218, "collection type invalid")
    if name in database.collections or name in database.views:
        raise duplicate(f"duplicate collection name '{name}'" if name in database.collections else "duplicate name")
    _check_schema(given.get("schema"))
    if given.get("computedValues") is not None and not isinstance(given["computedValues"], list):
        raise bad_parameter("computed values are not an array")
    collection = database.add(properties(store, given, options, type), [])
    changes.note(described(collection), lambda: database.collections.pop(name))
    return collection


def _check_schema(schema):
    if schema in (None, {}):
        return
    if not isinstance(schema, dict) or not isinstance(schema.get("rule"), dict) \
            or schema.get("level", "strict") not in ("none", "new", "moderate", "strict"):
        raise Failure(400, 1621, "schema validation specification is invalid")


def drop_collection(changes, collection):
    database = collection.database
    database.collections.pop(collection.name, None)
    changes.note({"op": "drop-collection", "id": collection.id}, lambda: database.collections.__setitem__(collection.name, collection))
    for view in database.views.values():
        if view.get("links", {}).pop(collection.name, None) is not None:
            changes.note({"op": "view", "database": database.name, "view": view})


# --- databases ----------------------------------------------------------------------------------------------------------------------


def make_database(store, changes, name, given, options):
    id = "1" if name == "_system" else str(store.ticks.next())
    database = Database(id, name, given)
    store.databases[name] = database
    changes.note(database.described(), lambda: store.databases.pop(name))
    for one in sorted(_SYSTEM + (_ONLY_IN_SYSTEM if name == "_system" else ())):
        collection = make_collection(store, changes, database, {"name": one}, options, allow_system=True)
        if one == "_users":
            collection.indexes.append({
                "cacheEnabled": False, "deduplicate": True, "estimates": True, "fields": ["user"], "id": str(store.ticks.next()),
                "name": f"idx_{store.ticks.next()}", "selectivityEstimate": 1, "sparse": True, "type": "hash", "unique": True,
            })
            changes.note(described(collection))
    return database


def first_start(store, options, root_password):
    with store.changes() as changes:
        store.server_id = str(1 + secrets.randbelow(1 << 47))
        changes.note({"op": "server", "id": store.server_id})
        make_database(store, changes, "_system", {}, options)
        everything = {"*": {"permissions": permissions(WRITE), "collections": {"*": {"permissions": permissions(WRITE)}}}}
        save_user(store, changes, {
            "user": "root", "source": "LOCAL", "authData": {"active": True, "simple": hashed(root_password)},
            "databases": {"_system": everything["*"], **everything},
        })


# --- users ---------------------------------------------------------------------------------------------------------------------------


def users_of(store):
    return store.databases["_system"].collection("_users")


def user_text(store, name):
    """(key, members) of a user; (None, None) if there is none."""
    for key, text in users_of(store).texts.items():
        members = documents.Document(text).members
        if members.get("user") == name:
            return key, members
    return None, None


def save_user(store, changes, members):
    """One row for each user: what had the name before keeps its key."""
    collection = users_of(store)
    key, _ = user_text(store, members["user"])
    key = key or str(store.ticks.next())
    changes.put(collection, key, documents.text(collection, key, store.ticks.revision(), members))


def grant_new_database(store, changes, database, given):
    if not isinstance(given, dict) or not isinstance(given.get("username"), str):
        raise bad_parameter("users must be an array of objects with a username")
    _, members = user_text(store, given["username"])
    if members is None:
        members = {
            "user": given["username"], "source": "LOCAL",
            "authData": {"active": bool(given.get("active", True)), "simple": hashed(given.get("passwd") or "")},
        }
        if given.get("extra"):
            members["userData"] = given["extra"]
    members = {**members, "databases": {**(members.get("databases") or {}), database: {
        "permissions": permissions(WRITE), "collections": {"*": {"permissions": permissions(WRITE)}}}}}
    save_user(store, changes, members)


def forget_database(store, changes, database):
    for text in list(users_of(store).texts.values()):
        members = jsontext.read(text)
        if database in (members.get("databases") or {}):
            save_user(store, changes, {**members, "databases": {k: v for k, v in members["databases"].items() if k != database}})
