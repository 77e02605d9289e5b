"""Who the server is and whether it is ready (contract 3). It does not pass itself off as ArangoDB: `standin` says what it is."""

import os
import time

from . import answers, jsontext
from .answers import ok

_INDEXES = ["primary", "edge", "hash", "skiplist", "ttl", "persistent", "geo", "fulltext"]


def license_of(options):
    """From 3.12.5 on there is one common build (contract 3)."""
    return "enterprise" if tuple(int(part) for part in options.version.split(".")) >= (3, 12, 5) else "community"


def introduction():
    from .server import NAME
    return NAME


def log_in(call):
    try:
        body = jsontext.read(call.request.body)
    except jsontext.Malformed:
        body = None
    with call.store.lock:
        return answers.json(call.server.access.log_in(body))


def availability(call):
    return ok({"mode": "default"})


def role(call):
    return ok({"role": "SINGLE", "mode": "default"})


def version(call):
    members = {"server": "arango", "license": license_of(call.options), "version": call.options.version}
    if call.options.version == "3.12.10":
        members.update({"apiVersions": ["v0"], "deprecatedApiVersions": [], "requestedApiVersion": "v0"})
    members["standin"] = introduction()
    if call.request.flag("details"):
        if not call.administers():
            raise answers.forbidden()
        members["details"] = {
            "architecture": "64bit", "endianness": "little", "license": members["license"], "mode": "server", "platform": "linux",
            "rocksdb-version": "none", "server-version": call.options.version, "host": os.uname().nodename,
        }
    return answers.json(members)


def engine(call):
    if call.options.is_3_12:
        supports = {
            "indexes": [*_INDEXES, "mdi", "mdi-prefixed", "inverted"],
            "aliases": {"indexes": {"hash": "persistent", "skiplist": "persistent", "zkd": "mdi"}},
        }
        return answers.json({"name": "rocksdb", "supports": supports, "endianness": "big"})
    supports = {
        "dfdb": False, "indexes": [*_INDEXES, "zkd", "inverted"], "aliases": {"indexes": {"hash": "persistent", "skiplist": "persistent"}},
    }
    return answers.json({"name": "rocksdb", "supports": supports})


def status(call):
    info = {
        "progress": {"phase": "in wait", "feature": "", "recoveryTick": 0}, "maintenance": False, "role": "SINGLE", "writeOpsEnabled": True,
        "readOnly": False,
    }
    return answers.json({
        "server": "arango", "version": call.options.version, "pid": os.getpid(), "license": license_of(call.options), "mode": "server",
        "operationMode": "server", "foxxApi": True, "host": "localhost", "hostname": os.uname().nodename, "serverInfo": info,
        "standin": introduction(),
    })


def license(call):
    if not call.options.is_3_12:
        return answers.json({"upgrading": False, "features": {"expires": int(time.time()) + 86400 * 365}, "version": 1, "status": "good"})
    used = call.store.journal.size
    return answers.json({"upgrading": False, "diskUsage": {
        "bytesUsed": used, "bytesLimit": 100 << 30, "limitReached": False, "secondsUntilReadOnly": 315569520,
        "secondsUntilShutDown": 315569520, "status": "good",
    }})


def compact(call):
    call.must("rw", "_system")
    return answers.json({})


def endpoint(call):
    names = []
    for one in call.options.endpoints:
        names.append(f"unix://{one[1]}" if one[0] == "unix" else f"http://{one[1]}:{one[2]}")
    return answers.json([{"endpoint": name} for name in names])


def heal(call):
    """There are no services to look for."""
    return answers.empty(204)


def key_generators(call):
    if not call.options.is_3_12:
        raise answers.unknown_path(call.request.path)
    return answers.json({"keyGenerators": ["upgrade", "padded", "uuid", "autoincrement", "traditional"]})
