"""Strict mode, as far as the recordings have it: limits of a request, and rates (contract 2.3)."""

import threading
import time

from .answers import Failure, bad_request

_lock = threading.Lock()


def check_read(collection, request, limit):
    mode = _mode(collection)
    if not mode:
        return
    _at_most(limit, mode.get("max_query_limit"), "limit")
    if request.query.get("timeout"):
        _at_most(int(request.query["timeout"]), mode.get("max_timeout"), "timeout")
    _spend(collection, "Read", mode.get("read_rate_limit"), 1)


def check_write(collection, points):
    mode = _mode(collection)
    if not mode:
        return
    _at_most(points, mode.get("upsert_max_batchsize"), "upsert limit")
    _spend(collection, "Write", mode.get("write_rate_limit"), points)


def _mode(collection):
    mode = collection.config.get("strict_mode_config")
    return mode if mode and mode.get("enabled") else None


def _at_most(value, limit, name):
    if limit is not None and value > limit:
        raise bad_request(f'Limit exceeded {value} > {limit} for "{name}". Help: Reduce the "{name}" parameter to or below {limit}.')


def _spend(collection, kind, per_minute, cost):
    """A bucket that fills up in a minute. The write one begins empty, as seen."""
    if per_minute is None:
        return
    with _lock:
        buckets = collection.__dict__.setdefault("buckets", {})
        now = time.monotonic()
        left, since = buckets.get(kind, (float(per_minute) if kind == "Read" else 0.0, now))
        left = min(float(per_minute), left + (now - since) * per_minute / 60)
        if left < cost:
            buckets[kind] = (left, now)
            seconds = max(1, round((cost - left) * 60 / per_minute))
            raise Failure(429, f"Rate limiting exceeded: {kind} rate limit exceeded: Operation requires {cost} tokens but only "
                               f"{left:.1f} were available. Retry after {seconds}s", headers=[("retry-after", str(seconds))])
        buckets[kind] = (left - cost, now)
