"""Snapshots that come as a form: written to the disk as they arrive (contract 4.3)."""

import hashlib
import os
import re
import secrets

from .answers import Failure


class Upload:
    def __init__(self, path, file_name, sha256):
        self.path = path
        self.file_name = file_name
        self.sha256 = sha256


def receive(request, folder):
    """The part `snapshot`; others are read and forgotten."""
    kind = request.headers.get("content-type")
    if not kind:
        raise _plain(400, "Could not find Content-Type header")
    if not kind.lower().startswith("multipart/form-data"):
        raise _plain(415, "ContentTypeIncompatible")
    boundary = re.search(r'boundary="?([^";]+)"?', kind)
    if not boundary:
        raise _plain(400, "Could not find multipart boundary")
    os.makedirs(folder, exist_ok=True)
    form = _Form(request, b"--" + boundary.group(1).encode())
    found = None
    while (headers := form.next_part()) is not None:
        disposition = headers.get("content-disposition", "")
        name = re.search(r'(?<!file)name="([^"]*)"', disposition)
        if not name or name.group(1) != "snapshot":
            for _ in form.content():
                pass
            continue
        file_name = re.search(r'filename="((?:[^"\\]|\\.)*)"', disposition)
        path = os.path.join(folder, secrets.token_hex(8))
        digest = hashlib.sha256()
        with open(path, "wb") as file:
            for data in form.content():
                file.write(data)
                digest.update(data)
        base = os.path.basename(file_name.group(1).replace("\\", "/")) if file_name else ""
        found = Upload(path, base or f"{secrets.token_hex(16)}.snapshot", digest.hexdigest())
    if found is None:
        raise _plain(400, "Required field is missing: snapshot")
    return found


def _plain(status, words):
    return Failure(status, words, plain=True)


class _Form:
    def __init__(self, request, delimiter):
        self.request = request
        self.delimiter = delimiter
        self.buffer = b"\r\n"  # the first delimiter has no line before it
        self.started = False

    def next_part(self):
        if not self.started:
            for _ in self.content():
                pass
            self.started = True
        self._need(2)
        if self.buffer.startswith(b"--"):
            while self.request.read(1 << 20):
                pass
            return None
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        headers = {}
        for line in head.decode("utf-8", "replace").split("\r\n"):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    def content(self):
        end = b"\r\n" + self.delimiter
        while True:
            place = self.buffer.find(end)
            if place >= 0:
                data, self.buffer = self.buffer[:place], self.buffer[place + len(end):]
                yield data
                return
            # The delimiter may lie across two reads.
            keep = len(end) - 1
            if len(self.buffer) > keep:
                data, self.buffer = self.buffer[:-keep], self.buffer[-keep:]
                yield data
            self._more()

    def _need(self, length):
        while len(self.buffer) < length:
            self._more()

    def _more(self):
        data = self.request.read(1 << 20)
        if not data:
            raise _plain(400, "Multipart stream is incomplete")
        self.buffer += data
