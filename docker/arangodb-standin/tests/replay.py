"""Replays what was recorded on real servers against the stand-in, and compares status, headers, members, types and numbers of errors.

    replay.py [GROUP …]          exit 0: all alike; 1: something differs; 77: there are no recordings here

What an example did before its first request is not in the recordings; scenes.py does it again. What cannot be replayed is listed by
name with its reason, and never counted as alike.
"""

import json
import sys

import recordings
import scenes
import shapes
from running import StandIn

SKIPPED = 77


class Replay:
    def __init__(self):
        self.servers = {}
        self.same = 0
        self.different = []
        self.unsupported = []

    def server(self, version):
        if version not in self.servers:
            self.servers[version] = StandIn(version)
            self.servers[version].start()
        return self.servers[version]

    def end(self):
        for server in self.servers.values():
            server.__exit__()

    def group(self, name):
        before = self.same, len(self.different), len(self.unsupported)
        exchanges = recordings.group(name)
        for example in _examples(exchanges):
            reason = scenes.unsupported(name, example[0])
            if reason:
                self.unsupported += [(name, one["name"], one["version"], reason) for one in example]
            else:
                self._example(name, example)
        counts = self.same - before[0], len(self.different) - before[1], len(self.unsupported) - before[2]
        print(f"{name:14} {len(exchanges):9} {counts[0]:6} {counts[1]:9} {counts[2]:13}", flush=True)

    def _example(self, group, example):
        server = self.server(example[0]["version"])
        scene = scenes.Scene(server, group, example)
        scene.begin()
        for one in example:
            method, path, body, headers = scene.request(one)
            answer = server.ask(method, path, body, headers)
            scene.learn(answer)
            if one["response"] is None:
                self.unsupported.append((group, one["name"], one["version"], "sent, but its answer was not recorded"))
                continue
            found = shapes.differences(one["response"], answer)
            if found:
                self.different.append((one["name"], one["version"], method, path, found))
            else:
                self.same += 1


def _examples(exchanges):
    """Those of one example and one version together, in order."""
    found = {}
    for one in exchanges:
        found.setdefault((one["name"].split("#")[0], one["version"]), []).append(one)
    return found.values()


def body_of(request):
    """Some were recorded as a quoted text."""
    body = request.get("body")
    if body and body.startswith('"'):
        return json.loads(body)
    return body or None


def main(groups):
    if recordings.folder() is None:
        print("skipped: there are no recordings here; LIFEBOAT_ARANGODB_CONTRACT names the folder that holds them")
        return SKIPPED
    replay = Replay()
    try:
        print(f"{'group':14} {'exchanges':>9} {'same':>6} {'different':>9} {'not supported':>13}")
        for name in groups:
            replay.group(name)
    finally:
        replay.end()
    for name, version, method, path, found in replay.different:
        print(f"differs: {name} {version} | {method} {path[:90]}")
        for one in found:
            print(f"    {one}")
    print("\nnot supported:")
    for group, name, version, reason in replay.unsupported:
        print(f"{group:14} {name} {version}: {reason}")
    print(f"\n{replay.same} alike, {len(replay.different)} different, {len(replay.unsupported)} not supported")
    return 1 if replay.different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or recordings.GROUPS))
