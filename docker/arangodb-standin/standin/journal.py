"""What was acknowledged outlives SIGTERM and SIGKILL: every request that changes something is one record of an append-only file.

A record is its length, its checksum and its operations. Each operation is a line of JSON, and the lines of documents that it announces.
A record that was torn by a kill is dropped when the file is read: its request was not answered.
"""

import fcntl
import json
import os
import struct
import zlib

_HEAD = struct.Struct(">QI")
NAME = "JOURNAL"


class Locked(Exception):
    pass


class Journal:
    def __init__(self, directory):
        os.makedirs(directory, exist_ok=True)
        self.directory = directory
        self.path = os.path.join(directory, NAME)
        self.lock = os.open(os.path.join(directory, "LOCK"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Locked(f"database directory '{directory}' is already locked: another server runs in it") from None
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.size = os.fstat(self.file).st_size

    @property
    def is_new(self):
        return self.size == 0

    def records(self):
        """Each a list of (operation, lines). Ends where the file is whole no longer, and cuts off the rest."""
        whole = 0
        with open(self.path, "rb") as file:
            while True:
                head = file.read(_HEAD.size)
                if len(head) < _HEAD.size:
                    break
                length, checksum = _HEAD.unpack(head)
                body = file.read(length)
                if len(body) < length or zlib.crc32(body) != checksum:
                    break
                whole = file.tell()
                yield _operations(body.decode("utf-8"))
        if whole < self.size:
            os.ftruncate(self.file, whole)
            self.size = whole

    def append(self, operations):
        self.size += _write(self.file, _body(operations))

    def sync(self):
        os.fdatasync(self.file)

    def rewrite(self, records):
        """The same state without its history."""
        path = self.path + ".new"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        size = sum(_write(file, _body(operations)) for operations in records)
        os.fsync(file)
        os.rename(path, self.path)
        os.close(self.file)
        self.file, self.size = file, size

    def close(self):
        os.fsync(self.file)
        os.close(self.file)
        os.close(self.lock)


def _write(file, body):
    data = memoryview(_HEAD.pack(len(body), zlib.crc32(body)) + body)
    written = 0
    while written < len(data):
        written += os.write(file, data[written:])
    return len(data)


def _body(operations):
    parts = []
    for operation, lines in operations:
        parts.append(json.dumps({**operation, "lines": len(lines)}, ensure_ascii=False, separators=(",", ":")))
        parts.extend(lines)
    return "\n".join(parts).encode("utf-8", "json-escape")


def _operations(text):
    # Not splitlines, which knows more ends of lines than we write.
    lines = text.split("\n")
    operations, at = [], 0
    while at < len(lines):
        operation = json.loads(lines[at])
        end = at + 1 + operation.pop("lines")
        operations.append((operation, lines[at + 1:end]))
        at = end
    return operations
