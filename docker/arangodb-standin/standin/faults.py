"""Mishaps that a test asks for, through PUT /_standin/faults or --standin.faults (contract 16)."""

import os
import re
import threading
import time

from .answers import Failure

# kind -> what it needs besides
KINDS = {
    "unavailable": (),  # 503, as while starting
    "refuse": ("status", "errorNum"),
    "drop": (),  # the connection ends, and nothing was done
    "lost": (),  # it was done, and the connection ends without an answer
    "cut": (),  # the connection ends in the middle of the answer's body: after `bytes`, or half of it
    "expire": (),  # every batch, dump, cursor and transaction is gone before the request is looked at
    "unique": (),  # restore-data fails with 1210 after `documents` of the request
    "empty-chunk": (),  # a dump answers without any document, and that there is more
    "delay": ("seconds",),
    "hold": ("file",),  # while that file exists; FILE.waiting says that it holds. `when`: before or after it is done
}
_MEMBERS = {"kind", "path", "method", "times", "after", "status", "errorNum", "errorMessage", "bytes", "documents", "seconds", "file", "when"}


class Fault:
    def __init__(self, given):
        if not isinstance(given, dict) or given.get("kind") not in KINDS:
            raise Failure(400, 400, f"a fault has a kind: {', '.join(KINDS)}")
        unknown = given.keys() - _MEMBERS
        missing = [name for name in KINDS[given["kind"]] if name not in given]
        if unknown or missing:
            raise Failure(400, 400, f"fault '{given['kind']}': unknown {sorted(unknown)}, missing {missing}")
        self.given = given
        self.kind = given["kind"]
        self.path = re.compile(given.get("path", ""))
        self.method = given.get("method")
        self.times = given.get("times", 1)
        self.after = given.get("after", 0)
        self.seen = 0
        self.fired = 0

    def meets(self, request, target):
        if self.method not in (None, request.method) or not self.path.search(target):
            return False
        self.seen += 1
        if self.seen <= self.after or self.fired >= self.times:
            return False
        self.fired += 1
        return True

    def shown(self):
        return {**self.given, "seen": self.seen, "fired": self.fired}


class Faults:
    def __init__(self, server, given):
        self.server = server
        self.lock = threading.Lock()
        self.all = []
        self.set(given)

    def set(self, given):
        faults = [Fault(one) for one in (given if isinstance(given, list) else [given])]
        with self.lock:
            self.all = faults

    def shown(self):
        with self.lock:
            return [one.shown() for one in self.all]

    def around(self, request, handle):
        """None: the connection is to end without an answer."""
        target = request.path + "?" + "&".join(f"{name}={value}" for name, value in request.query.items())
        with self.lock:
            meeting = [one for one in self.all if one.meets(request, target)]
        inner = None
        for fault in meeting:
            if fault.kind == "unavailable":
                return Failure(503, 503, "service unavailable").answer()
            if fault.kind == "refuse":
                words = fault.given.get("errorMessage", "a fault that was asked for")
                return Failure(fault.given["status"], fault.given["errorNum"], words).answer()
            if fault.kind == "drop":
                return None
            if fault.kind == "expire":
                self.server.contexts.expire_all()
            elif fault.kind == "delay":
                time.sleep(fault.given["seconds"])
            elif fault.kind in ("unique", "empty-chunk"):
                inner = fault
        _hold(meeting, "before")
        answer = handle(inner)
        _hold(meeting, "after")
        for fault in meeting:
            if fault.kind == "lost":
                return None
            if fault.kind == "cut":
                answer.cut_after = fault.given.get("bytes", len(answer.body) // 2)
        return answer


def _hold(meeting, when):
    for fault in meeting:
        if fault.kind != "hold" or fault.given.get("when", "before") != when:
            continue
        file, waiting = fault.given["file"], fault.given["file"] + ".waiting"
        if not os.path.exists(file):
            continue
        with open(waiting, "w"):
            pass
        while os.path.exists(file):
            time.sleep(0.005)
        os.remove(waiting)
