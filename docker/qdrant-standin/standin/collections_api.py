"""Collections and aliases over REST (contract 3)."""

from . import config as configuration
from .answers import Failure, bad_json, bad_request, ok, to_text


def listing(server, request):
    names = sorted(name for name in list(server.storage.collections) if request.access.sees(name))
    return ok(to_text({"collections": [{"name": name} for name in names]}), request.began)


def exists(server, request, name):
    request.access.must_read(server.storage.resolved(name))
    there = server.storage.resolved(name) in server.storage.collections
    return ok(to_text({"exists": there}), request.began)


def info(server, request, name):
    return ok(to_text(server.reading(request, name).info()), request.began)


def create(server, request, name):
    server.storage.refuse_name(name)
    config = configuration.from_create(request.json(), server.settings)
    request.access.must_manage()
    server.storage.create(name, config)
    return ok("true", request.began)


def patch(server, request, name):
    body = request.json()
    request.access.must_manage()
    collection = server.storage.get(name)
    collection.config = configuration.patched(collection.config, body)
    collection.save()
    return ok("true", request.began)


def drop(server, request, name):
    request.access.must_manage()
    return ok(to_text(server.storage.drop(name)), request.began)


def cluster_info(server, request, name):
    return ok(to_text(server.reading(request, name).cluster_info()), request.began)


def no_cluster(server, request, name):
    raise bad_request("Distributed mode disabled")


def aliases(server, request):
    return ok(to_text({"aliases": _listed(server.storage.aliases)}), request.began)


def aliases_of(server, request, name):
    collection = server.reading(request, name)
    own = {alias: target for alias, target in server.storage.aliases.items() if target == collection.name}
    return ok(to_text({"aliases": _listed(own)}), request.began)


def _listed(aliases):
    return [{"alias_name": alias, "collection_name": target} for alias, target in aliases.items()]


def change_aliases(server, request):
    body = request.json()
    if not isinstance(body, dict) or not isinstance(body.get("actions"), list):
        raise bad_json("missing field `actions`")
    request.access.must_manage()
    try:
        server.storage.change_aliases(body["actions"])
    except (KeyError, TypeError):
        raise bad_json("data did not match any variant of untagged enum AliasOperations") from None
    except OSError as error:
        # After `..` on 1.16 there is no folder left to write to (contract 0.8).
        raise Failure(500, f"Service internal error: {error.strerror} (os error {error.errno}) at path") from None
    return ok("true", request.began)
