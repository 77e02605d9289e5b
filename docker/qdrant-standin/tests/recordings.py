"""The recorded exchanges, and where they are."""

import json
import os

VERSIONS = ("1.18.3", "1.16.3")


def folder():
    """LIFEBOAT_QDRANT_CONTRACT, or beside the checkout; None where there are no recordings."""
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    for place in (os.environ.get("LIFEBOAT_QDRANT_CONTRACT"), os.path.join(os.path.dirname(root), "shared", "contracts", "qdrant")):
        if place and os.path.isdir(os.path.join(place, "transcripts")):
            return place
    return None


def group(version, name):
    path = os.path.join(folder(), "transcripts", version, f"{name}.json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def snapshot(version, name):
    """The path of a packed fixture."""
    return os.path.join(folder(), "snapshots", version, f"{name}.snapshot.zst")


def index(version):
    with open(os.path.join(folder(), "snapshots", version, "index.json")) as file:
        return json.load(file)
