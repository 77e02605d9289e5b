"""Which snapshots and recovers are under way, and what becomes of those that meet (contract 0.2)."""

import contextlib
import os
import threading
import time

from .answers import broken


class Work:
    def __init__(self, name):
        self.name = name
        self.met_other = False  # the other kind of work began on the same collection meanwhile


class Activity:
    def __init__(self, settings):
        self.settings = settings
        self.lock = threading.Lock()
        self.creating = []
        self.recovering = []
        self.created = {}
        self.seen = set()  # collections that a snapshot or a recover was ever begun of; a drop takes none away
        self.local = threading.local()

    def tell(self, begun):
        """The event is set when this thread's work has begun."""
        self.local.begun = begun

    def _has_begun(self):
        begun = getattr(self.local, "begun", None)
        if begun:
            begun.set()

    @contextlib.contextmanager
    def snapshot(self, name):
        with self.lock:
            self.seen.add(name)
            work = Work(name)
            met = self._meet(self.recovering, name)
            if not met:
                self.creating.append(work)
        self._has_begun()
        if met:
            raise broken("failed to create snapshot: Service internal error: Can't read WAL directory: failed to read directory "
                         f"`./storage/collections/{name}/0/wal`: No such file or directory (os error 2)")
        try:
            yield work
            if work.met_other:
                raise broken("failed to create snapshot: Service internal error: Failed to remove segment: failed to rename file "
                             f"from ./storage/collections/{name}/0/segments")
            with self.lock:
                self.created[name] = self.created.get(name, 0) + 1
        finally:
            with self.lock:
                self.creating.remove(work)

    @contextlib.contextmanager
    def recover(self, name):
        with self.lock:
            self.seen.add(name)
            work = Work(name)
            self._meet(self.creating, name)
            self.recovering.append(work)
        self._has_begun()
        try:
            yield work
        finally:
            with self.lock:
                self.recovering.remove(work)

    def _meet(self, others, name):
        """1.16 survives every meeting."""
        met = [other for other in others if other.name == name and not self.settings.is_1_16]
        for other in met:
            other.met_other = True
        return bool(met)

    def names(self):
        with self.lock:
            return sorted(self.seen)

    def counts(self, name):
        with self.lock:
            return (sum(work.name == name for work in self.creating), sum(work.name == name for work in self.recovering),
                    self.created.get(name, 0))


def hold(path):
    """Waits for as long as the file is there, and says so by FILE.waiting: a test then knows that it meets us in the middle."""
    if not path or not os.path.exists(path):
        return
    with open(path + ".waiting", "w"):
        pass
    while os.path.exists(path):
        time.sleep(0.005)
    with contextlib.suppress(FileNotFoundError):
        os.remove(path + ".waiting")
