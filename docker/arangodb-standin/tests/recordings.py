"""The recorded exchanges and the real dumps, and where they are."""

import json
import os

GROUPS = (
    "server", "databases", "collections", "indexes", "views", "analyzers", "graphs", "documents", "edges", "import", "cursor", "transactions",
    "users", "replication", "hotbackup",
)


def folder():
    """LIFEBOAT_ARANGODB_CONTRACT, or beside the checkout; None where there are no recordings."""
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    for place in (os.environ.get("LIFEBOAT_ARANGODB_CONTRACT"), os.path.join(os.path.dirname(root), "shared", "contracts", "arangodb")):
        if place and os.path.isdir(os.path.join(place, "transcripts")):
            return place
    return None


def group(name):
    with open(os.path.join(folder(), "transcripts", f"{name}.json")) as file:
        return json.load(file)


def dump(name):
    return os.path.join(folder(), "dumps", name)
