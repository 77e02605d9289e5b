"""Sections 11 and 12 of the contract: dumps that real servers made, restored in the order of arangorestore, have every document."""

import glob
import gzip
import json
import os
import re
import unittest

import recordings
from running import DUMP, StandIn

# What is in each, as its README counts it. Removals are done: of 1,226 lines of flights 104 documents are left.
EXPECTED = {
    "2.8-debian-envelope": {
        "Breaks": 400, "Pre-Depends": 400, "_aqlfunctions": 0, "_frontend": 0, "_graphs": 1, "_modules": 0, "_routing": 3},
    "2.x-airline-markers-2301-2302": {"airports": 0, "flights": 104},
    "2.x-marvel-no-hash": {"marvel_edges": 0, "marvel_vertices": 2500},
    "3.10-got-system-plain-gzip": {
        "Characters": 43, "ChildOf": 14, "Locations": 8, "Traits": 18, "_analyzers": 0, "_appbundles": 0, "_apps": 0, "_aqlfunctions": 0,
        "_fishbowl": 35, "_frontend": 0, "_graphs": 1, "_users": 1},
    "3.10-imdb-mixed-stale-files": None,
    "3.6-fraud-envelope-gzip": {
        "account": 54, "accountHolder": 54, "bank": 3, "branch": 10, "customer": 17, "transaction": 62, "_graphs": 2, "_apps": 0,
        "_appbundles": 0, "_aqlfunctions": 0, "_modules": 0},
    "3.7-cluster-movielens-envelope-gzip": {"Movies": 200, "Ratings": 200, "Users": 200},
    "3.8-imdb-envelope": {"imdb_edges": 0, "imdb_vertices": 0, "_graphs": 1},
    "derived-split-files-gzip": {"Characters": 43, "ChildOf": 14, "Traits": 18},
}


class Folder:
    def __init__(self, name):
        self.path = recordings.dump(name)

    def structures(self):
        found = []
        for path in glob.glob(os.path.join(glob.escape(self.path), "*.structure.json")):
            with open(path) as file:
                found.append(json.load(file))
        return sorted(found, key=self._order)

    @staticmethod
    def _order(structure):
        parameters = structure["parameters"]
        return parameters["type"], not parameters["name"].startswith("_"), parameters["name"].lower()

    def views(self):
        return [json.loads(_read(path)) for path in glob.glob(os.path.join(glob.escape(self.path), "*.view.json"))]

    def data(self, name):
        """The content of its data files; of two that are of one collection, the one that arangorestore would take."""
        pattern = re.compile(rf"{re.escape(name)}(_[0-9a-f]{{32}})?(\.\d+)?\.data\.json(\.gz)?")
        files = [os.path.join(self.path, one) for one in os.listdir(self.path) if pattern.fullmatch(one)]
        plain = [path for path in files if path.endswith(".json")]
        return b"".join(_read(path) for path in sorted(plain or files))


def _read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return file.read()


def restore(server, folder):
    """The answers that were none of success."""
    refused = []

    def put(path, body, headers=None):
        answer = server.put(f"/_db/restored/_api/replication/{path}", body, headers=headers)
        if answer.status != 200:
            refused.append((path, answer.text))

    for structure in folder.structures():
        put("restore-collection?overwrite=true&force=false", structure)
    for structure in folder.structures():
        name = structure["parameters"]["name"]
        put("restore-indexes?force=false", structure)
        put(f"restore-data?collection={name}&force=false", folder.data(name), DUMP)
    for view in folder.views():
        put("restore-view?overwrite=true", view)
    return refused


@unittest.skipIf(recordings.folder() is None, "there are no dumps of real servers here")
class DumpTests(unittest.TestCase):
    def test_12_every_dump_of_a_real_server_is_restored_whole(self):
        with StandIn() as server:
            for name, expected in EXPECTED.items():
                with self.subTest(name):
                    server.post("/_api/database", {"name": "restored"})
                    folder = Folder(name)
                    self.assertEqual(restore(server, folder), [])
                    counts = {one["parameters"]["name"]: server.count(one["parameters"]["name"], "restored") for one in folder.structures()}
                    if expected is None:
                        self._stale(folder, counts)
                    else:
                        self.assertEqual({one: counts.get(one) for one in expected}, expected)
                    server.delete("/_api/database/restored")

    def _stale(self, folder, counts):
        """Files of two runs: the plain ones win, whatever is in the packed ones."""
        for name, count in counts.items():
            self.assertEqual(count, len({json.loads(line)["_key"] for line in _plain_lines(folder.data(name))}), name)
        self.assertEqual(len(counts), 4)

    def test_11_and_12_what_was_restored_is_dumped_with_the_same_content(self):
        with StandIn() as server:
            server.post("/_api/database", {"name": "restored"})
            folder = Folder("3.10-got-system-plain-gzip")
            restore(server, folder)
            for name in ("Characters", "ChildOf", "Locations", "_graphs"):
                theirs = [json.loads(line) for line in folder.data(name).splitlines()]
                ours = [json.loads(line) for line in server.dump(name, "restored")]
                for document in theirs + ours:
                    document.pop("_rev")
                self.assertEqual(ours, theirs, name)
            graph = server.get("/_db/restored/_api/gharial/GameOfThrones").json["graph"]
            self.assertEqual(graph["orphanCollections"], ["Locations", "Traits"])


def _plain_lines(data):
    """Out of the envelope, where there is one."""
    for line in data.splitlines():
        read = json.loads(line)
        yield line if isinstance(read.get("_key"), str) else json.dumps(read["data"])


if __name__ == "__main__":
    unittest.main()
