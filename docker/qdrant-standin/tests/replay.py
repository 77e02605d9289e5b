"""Replays what was recorded on real servers against the stand-in, group by group in recorded order, and compares status and shape.

    replay.py [VERSION …]          exit 0: all alike; 1: something differs; 77: there are no recordings here

What the recording script did between two exchanges is not in the recordings; scenes.py does it again. An exchange that cannot be
replayed is counted with its reason.
"""

import base64
import collections
import hashlib
import hmac
import json
import re
import sys
import time
from email.utils import parsedate_to_datetime

import recordings
import scenes
import shapes
from running import StandIn

SKIPPED = 77
NOT_REPLAYED = {
    "cluster": "two nodes with consensus: the stand-in is one node",
    "s3": "snapshots in S3: the stand-in keeps them in files",
    "races": "notes only, no exchanges: outcomes of races, which the tests bring about by holding one side",
    "damage": "notes only, no exchanges: 500 trials with damaged files",
    "restore-of-1.15.5": "notes only, no exchanges: test_fixtures.py recovers the fixtures",
    "restore-of-1.16.3": "notes only, no exchanges: test_fixtures.py recovers the fixtures",
    "restore-of-1.18.3": "notes only, no exchanges: test_fixtures.py recovers the fixtures",
}
NAME = re.compile(r"[\w-]+-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.snapshot")
TOKEN = re.compile(r"Bearer (\S+\.\S+\.\S+)")


class Replay:
    def __init__(self, version, group):
        self.version = version
        self.group = group
        self.exchanges = recordings.group(version, group)
        self.same = 0
        self.different = []
        self.unsupported = collections.Counter()
        self.names = {}  # recorded snapshot name -> ours
        self.tag = None

    def run(self):
        scene_type = scenes.SCENES.get(self.group, scenes.Scene)
        with StandIn(self.version, {"QDRANT__STORAGE__WAL__WAL_CAPACITY_MB": "1", **scene_type.environment}) as server:
            scene = scene_type(server, self)
            scene.begin()
            for number, exchange in enumerate(self.exchanges):
                if "request" not in exchange:
                    scene.noted(exchange["note"])
                    continue
                reason = scene.unsupported(exchange["title"], number)
                if reason:
                    self.unsupported[reason] += 1
                    continue
                self._one(server, scene, exchange)

    def _one(self, server, scene, exchange):
        title, request = exchange["title"], exchange["request"]
        scene.before(title, request)
        body, headers = scene.body(title, request), self._headers(server, request["headers"], exchange["response"])
        if body is None and "body" in request:
            body = self.translated(server, request["body"])
        path = self.translated(server, request["path"])
        answer = server.ask(request["method"], path, body, headers)
        found = shapes.differences(exchange["response"], answer)
        if found:
            self.different.append((title, request["method"], request["path"], found))
        else:
            self.same += 1
        self._learn(exchange["response"], answer)
        scene.after(title, request, answer)
        if answer.status == 202:
            scene.until_done()
        if request["method"] == "POST" and request["path"].endswith("/snapshots") and scene.each_in_its_second:
            server.next_second()

    # --- recorded names and ours ----------------------------------------------------------------------------------------------

    def translated(self, server, text):
        text = NAME.sub(lambda found: self.names.get(found.group(), found.group()), text)
        text = text.replace("/qdrant/snapshots", server.snapshots).replace("/qdrant/outside", server.folder + "/outside")
        return text.replace("127.0.0.1:6333", f"127.0.0.1:{server.port}")

    def _headers(self, server, recorded, response):
        headers = {}
        for name, value in recorded.items():
            if self.tag and name in ("If-Match", "If-None-Match") and value != '"x"':
                value = self.tag
            headers[name] = TOKEN.sub(lambda found: "Bearer " + _at_present(found.group(1), response), value)
        return headers

    def _learn(self, recorded, answer):
        tag = dict(answer.headers).get("etag")
        if tag:
            self.tag = tag
        if recorded["status"] != 200 or "body" not in recorded or answer.status != 200:
            return
        theirs, own = NAME.findall(recorded["body"]), NAME.findall(answer.body.decode("utf-8", "replace"))
        if len(theirs) == 1 and len(own) == 1:
            self.names[theirs[0]] = own[0]


def _at_present(token, response):
    """The token with its time of expiry as far from now as it was from the recording."""
    head, claims, _ = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    if "exp" not in decoded:
        return token
    recorded_at = next(parsedate_to_datetime(value).timestamp() for name, value in response["headers"] if name == "date")
    decoded["exp"] = int(decoded["exp"] - recorded_at + time.time())
    claims = base64.urlsafe_b64encode(json.dumps(decoded).encode()).rstrip(b"=").decode()
    signed = f"{head}.{claims}"
    digest = hmac.new(scenes.ADMIN_KEY.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


# --- the table ------------------------------------------------------------------------------------------------------------------


def main(versions):
    if recordings.folder() is None:
        print("skipped: there are no recordings here; LIFEBOAT_QDRANT_CONTRACT names the folder that holds them")
        return SKIPPED
    wrong = 0
    reasons = collections.Counter()
    print(f"{'server':8} {'group':14} {'exchanges':>9} {'same':>6} {'different':>9} {'not supported':>13}")
    for version in versions:
        for group in scenes.ORDER:
            if recordings.group(version, group) is None:
                continue
            replay = Replay(version, group)
            replay.run()
            total = replay.same + len(replay.different) + sum(replay.unsupported.values())
            print(f"{version:8} {group:14} {total:9} {replay.same:6} {len(replay.different):9} {sum(replay.unsupported.values()):13}",
                  flush=True)
            for title, method, path, found in replay.different:
                print(f"    differs: {title} | {method} {path[:90]}")
                for one in found:
                    print(f"        {one}")
            wrong += len(replay.different)
            reasons.update({(version, group, reason): count for reason, count in replay.unsupported.items()})
        for group, reason in NOT_REPLAYED.items():
            exchanges = recordings.group(version, group)
            if exchanges is not None:
                count = sum("request" in exchange for exchange in exchanges)
                print(f"{version:8} {group:14} {count:9} {0:6} {0:9} {count:13}")
                reasons[(version, group, reason)] = count
    print("\nnot supported:")
    for (version, group, reason), count in reasons.items():
        print(f"{version:8} {group:14} {count:4}  {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or recordings.VERSIONS))
