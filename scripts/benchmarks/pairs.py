"""Two ways to the same end, timed in turns."""
import statistics
import time


def alternate(ours, rival, times=5):
    """Medians of both. Whoever begins changes every time, so that neither always finds the files in memory."""
    taken = ([], [])
    for turn in range(times):
        for which in ((0, 1) if turn % 2 == 0 else (1, 0)):
            begun = time.monotonic()
            (ours, rival)[which]()
            taken[which].append(time.monotonic() - begun)
    return statistics.median(taken[0]), statistics.median(taken[1])
