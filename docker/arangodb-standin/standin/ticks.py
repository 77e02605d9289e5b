"""Numbers that only grow: ids of everything, generated keys, and the revisions of documents."""

import functools
import threading
import time

_DIGITS = "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Ticks:
    def __init__(self):
        self.last = 100
        self.clock = 0
        self.lock = threading.Lock()

    def next(self):
        with self.lock:
            self.last += 1
            return self.last

    def seen(self, number):
        """Of a journal that is read: what comes is beyond it."""
        self.last = max(self.last, number)

    def revision(self):
        """`_l6zhVYK---`: milliseconds and a counter, as the server's hybrid logical clock writes them."""
        return revision(self.revision_number())

    def revision_number(self):
        with self.lock:
            self.clock = max(self.clock + 1, int(time.time() * 1000) << 20)
            return self.clock


def revision(number):
    return _digits(number >> 12) + _DIGITS[number >> 6 & 63] + _DIGITS[number & 63]


@functools.lru_cache(16)
def _digits(number):
    """Of the part that many revisions have in common."""
    digits = []
    while number:
        digits.append(_DIGITS[number & 63])
        number >>= 6
    return "".join(reversed(digits))
