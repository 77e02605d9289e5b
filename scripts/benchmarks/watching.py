"""Looks at a process from outside while it runs."""
import os
import time

TICK = os.sysconf("SC_CLK_TCK")


def anonymous_bytes(pid):
    """What the process itself has in memory that is no file's: its children's is not in it. None when it has ended."""
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return None


def processor_seconds(pid):
    """Of the process itself, without its children."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK
    except (FileNotFoundError, ProcessLookupError):
        return None


def has_children(pid):
    """Whether another process is at work for it."""
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                if children.read().strip():
                    return True
    except (FileNotFoundError, ProcessLookupError):
        pass
    return False


def watch(process, look, every=0.005):
    """Calls `look(pid)` until the process has ended; returns what it wrote and every answer with its moment."""
    seen = []
    try:
        while process.poll() is None:
            answer = look(process.pid)
            if answer is not None:
                seen.append((time.time(), answer))
            time.sleep(every)
    except BaseException:
        # It clears up after itself, as long as its folder is there.
        process.terminate()
        process.wait()
        raise
    output, errors = process.communicate()
    return output + errors, seen
