"""What a drill costs beyond the work it is there for."""
import datetime
import glob
import re
import statistics
import threading

from table import seconds
from watching import has_children, processor_seconds, watch

TIMES = 5


def overhead(world, table):
    """Wall time of a drill in which neither a child process nor a server was at work for it. Its journal says when the servers, the
    steps and the reading of the backup began and ended: within these it is the processor time of our own process; outside of them, all
    the time in which it has no child."""
    world.newest_backup("big")
    shares, times = [], []
    for _ in range(TIMES):
        process = world.start("drill", f"{world.folder}/big.yaml")
        words, seen = watch(process, lambda pid: (processor_seconds(pid), has_children(pid)), every=0.01)
        world.demand(process.returncode == 0, ("drill",), process.returncode, words)
        seen = [(at, used, helped) for at, (used, helped) in seen if used is not None]
        own, wall = own_time(world.journal(), seen)
        shares.append(own / wall)
        times.append(own)
    share = statistics.median(shares)
    table.add("own share of a drill's time", f"{share:.1%}", seconds(statistics.median(times)), "", "<= 2 %", share <= 0.02)


def own_time(events, seen):
    work = working_intervals(events)
    servers_run = (work[0][0], work[-1][1])
    own = 0.0
    for (since, _, _), (until, _, helped) in zip(seen, seen[1:]):
        # Between the steps the servers are children too, and have nothing to do.
        is_waiting = helped and not servers_run[0] <= since < servers_run[1]
        if not is_waiting:
            own += (until - since) - sum(max(0.0, min(until, end) - max(since, begin)) for begin, end, _ in work)
    for since, until, is_reading in work:
        # Reading and hashing the backup is what the runbook asks for, and a child process would need as long.
        if not is_reading:
            own += spent(seen, until) - spent(seen, since)
    return own, seen[-1][0] - seen[0][0]


def spent(seen, moment):
    """Processor time used until a moment, between two looks."""
    before = max((look for look in seen if look[0] <= moment), default=seen[0])
    after = min((look for look in seen if look[0] >= moment), default=seen[-1])
    if after[0] == before[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * (moment - before[0]) / (after[0] - before[0])


def working_intervals(events):
    """When servers and children were at work, as (since, until, whether it was the reading of the backup); no two overlap."""
    work = []
    begun = {}
    last_step = 0.0
    for event in events:
        at, kind, data = moment(event["at"]), event["event"]["event"], event["event"]["data"]
        if kind in ("environment.starting", "step.started"):
            begun = {"at": at}
        elif kind in ("environment.started", "step.ended") and begun:
            is_reading = kind == "step.ended" and any(phase["phase"] == "prove" for phase in data["phases"])
            work.append((begun["at"], at, is_reading))
            begun = {}
            last_step = at
        elif kind == "backup.proven" and not begun:
            work.append((at - data["seconds"], at, True))
        elif kind == "environment.ended":
            work.append((last_step, at, False))
    return work


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


READY = re.compile(rb"^(\S+ \S+) (?:UTC|GMT) \[\d+\].*ready to accept connections", re.MULTILINE)


def readiness(world, table):
    """From the moment that the server writes into its log that it is ready, to the journal's line that it has started."""
    world.newest_backup("small")
    late = [noticed_after(world) for _ in range(TIMES)]
    table.add("a server's readiness noticed after", seconds(statistics.median(late)), "", "", "<= 50 ms", statistics.median(late) <= 0.05)


def noticed_after(world):
    logs = LogKeeper([f"{world.folder}/lifeboat-*/db-*.log", "/var/lib/lifeboat/servers/db-*.log"])
    world.run("drill", f"{world.folder}/small.yaml")
    events = world.journal()
    log = logs.end(run=events[0]["event"]["data"]["run"])
    ready = READY.search(log)
    if not ready:
        raise SystemExit(f"bench: the server's log does not say when it was ready:\n{log.decode(errors='replace')}")
    started = next(event for event in events if event["event"]["event"] == "environment.started")
    return max(0.0, moment(started["at"]) - moment(ready.group(1).decode().replace(" ", "T") + "+00:00"))


class LogKeeper:
    """Remembers what stands in the logs of servers, which go when their servers go."""

    def __init__(self, patterns):
        self.patterns = patterns
        self.logs = {}
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.keep)
        self.thread.start()

    def keep(self):
        while not self.ended.wait(0.01):
            for path in [path for pattern in self.patterns for path in glob.glob(pattern)]:
                try:
                    with open(path, "rb") as log, open(path.removesuffix(".log") + ".owner", "rb") as owner:
                        self.logs[path] = (owner.read(), log.read())
                except FileNotFoundError:
                    pass

    def end(self, run):
        """The log of that run's server: others may have theirs beside it."""
        self.ended.set()
        self.thread.join()
        return next((log for owner, log in self.logs.values() if run.encode() in owner), b"")
