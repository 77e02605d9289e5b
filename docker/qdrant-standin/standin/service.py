"""Service endpoints (contract 2.4). It does not pass itself off as Qdrant."""

import os
import time
import uuid

from . import answers
from .answers import ok, text, to_text

TITLE = "qdrant stand-in (not Qdrant)"
_ID = str(uuid.uuid4())


def root(server, request):
    body = {"title": TITLE, "version": server.settings.introduces_itself_as}
    return answers.Answer(200, answers.compact(body), [("content-type", "application/json")])


def healthz(server, request):
    return text(200, "healthz check passed")


def readyz(server, request):
    return text(200, "all shards are ready")


def cluster(server, request):
    return ok(to_text({"status": "disabled"}), request.began)


def issues(server, request):
    return ok(to_text({"issues": []}), request.began)


def telemetry(server, request):
    request.access.must_read_all()
    level = int(request.query.get("details_level", "0"))
    app = {"name": TITLE, "version": server.settings.introduces_itself_as}
    if server.settings.jwt:
        app["jwt_rbac"] = True
    app["startup"] = _moment(server.started)
    collections = {"number_of_collections": len(server.storage.collections)}
    if level > 0:
        collections["collections"] = [{"id": name} for name in sorted(server.storage.collections)]
        collections["snapshots"] = [_of_snapshots(server, name) for name in server.storage.activity.names()]
    with server.lock:
        responses = {route: {str(status): _statistics(*counted, level) for status, counted in by_status.items()}
                     for route, by_status in server.responses.items()}
    result = {
        "id": _ID, "app": app, "collections": collections,
        "cluster": {"enabled": False} if server.settings.is_1_16 else {"enabled": False, "resharding_enabled": False},
        "requests": {"rest": {"responses": responses}, "grpc": {"responses": {}}},
    }
    return ok(to_text(result), request.began)


def _of_snapshots(server, name):
    creating, recovering, created = server.storage.activity.counts(name)
    return {"id": name, "running_snapshots": creating, "running_snapshot_recovery": recovering, "total_snapshot_creations": created}


def _statistics(count, seconds, level):
    statistics = {"count": count, "avg_duration_micros": round(seconds * 1e6 / count, 2)}
    if level > 0:
        statistics["total_duration_micros"] = int(seconds * 1e6)
    return statistics


def _moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03}Z"


def metrics(server, request):
    request.access.must_read_all()
    lines = []

    def metric(name, kind, explanation, *values):
        if not values:  # as recorded: a family without members is left out altogether
            return
        lines.extend([f"# HELP {name} {explanation}", f"# TYPE {name} {kind}"])
        lines.extend(f"{name}{labels} {value}" for labels, value in values)

    names = server.storage.activity.names()
    activity = {name: server.storage.activity.counts(name) for name in names}
    version = server.settings.introduces_itself_as
    metric("app_info", "gauge", "information about qdrant server", (f'{{name="{TITLE}",version="{version}"}}', 1))
    metric("app_status_recovery_mode", "gauge", "features enabled in qdrant server", ("", int(bool(server.settings.recovery_mode))))
    metric("collections_total", "gauge", "number of collections", ("", len(server.storage.collections)))
    for place, (name, kind, explanation) in enumerate((
        ("snapshot_creation_running", "gauge", "amount of snapshot creations that are currently running"),
        ("snapshot_recovery_running", "gauge", "amount of snapshot recovery operations currently running"),
        ("snapshot_created_total", "counter", "total amount of snapshots created"),
    )):
        metric(name, kind, explanation, *((f'{{id="{_quoted(one)}"}}', activity[one][place]) for one in names))
    metric("cluster_enabled", "gauge", "is cluster support enabled", ("", 0))
    metric("process_open_fds", "gauge", "count of currently open file descriptors", ("", len(os.listdir("/proc/self/fd"))))
    return text(200, "\n".join(lines) + "\n")


def _quoted(name):
    return name.replace("\\", "\\\\").replace('"', '\\"')
