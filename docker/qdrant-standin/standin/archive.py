"""Tar as the server reads and writes it (contract 9): regular files, folders and old-GNU sparse files, nothing else."""

import os

from .answers import broken

BLOCK = 512
COPIED_AT_ONCE = 1 << 20
KINDS = {b"1": "Link", b"2": "Symlink", b"3": "Char", b"4": "Block", b"6": "Fifo"}


class Malformed(Exception):
    """Its text is the server's."""


# --- writing ----------------------------------------------------------------------------------------------------------------


class Writer:
    """Writes entries to `sink`, which has write(bytes)."""

    def __init__(self, sink):
        self.sink = sink

    def data(self, name, content):
        self.sink.write(_header(name, len(content), 0, b"0"))
        self.sink.write(content)
        self._pad(len(content))

    def folder(self, name, mtime):
        self.sink.write(_header(name.rstrip("/") + "/", 0, mtime, b"5", mode=0o755))

    def file(self, name, path, mtime=None):
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            size, mtime = status.st_size, int(status.st_mtime) if mtime is None else mtime
            extents = _extents(file.fileno(), size)
            if extents is None:
                self.sink.write(_header(name, size, mtime, b"0"))
                self._copy(file, 0, size)
                self._pad(size)
                return
            stored = sum(length for _, length in extents)
            # The last extent says how long the file is, data or not.
            if not extents or sum(extents[-1]) != size:
                extents.append((size, 0))
            self.sink.write(_header(name, stored, mtime, b"S", sparse=extents, real_size=size))
            for block in _sparse_blocks(extents[4:]):
                self.sink.write(block)
            for offset, length in extents:
                self._copy(file, offset, length)
            self._pad(stored)

    def end(self):
        self.sink.write(bytes(2 * BLOCK))

    def _copy(self, file, offset, length):
        file.seek(offset)
        while length:
            data = file.read(min(length, COPIED_AT_ONCE))
            if not data:
                raise OSError("a file became shorter while it was read")
            self.sink.write(data)
            length -= len(data)

    def _pad(self, length):
        self.sink.write(bytes(-length % BLOCK))


def _extents(descriptor, size):
    """Where the data of a file with holes is; None if it has no hole worth mentioning."""
    extents, end = [], 0
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError:
            break  # a hole up to the end
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        extents.append((start, end - start))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return None if size - sum(length for _, length in extents) < BLOCK else extents


def _header(name, size, mtime, kind, mode=0o644, sparse=(), real_size=0):
    raw = name.encode()
    prefix = b""
    if len(raw) > 100:
        # GNU's long name: an entry of its own before the real one.
        prefix = _header("././@LongLink", len(raw) + 1, 0, b"L") + (raw + b"\0").ljust(-(-(len(raw) + 1) // BLOCK) * BLOCK, b"\0")
        raw = raw[:100]
    header = bytearray(BLOCK)
    header[0:len(raw)] = raw
    header[100:108] = b"%07o\0" % mode
    header[108:124] = b"0000000\0" * 2
    header[124:136] = _number(size)
    header[136:148] = _number(mtime)
    header[148:156] = b" " * 8
    header[156:157] = kind
    header[257:265] = b"ustar  \0"
    for place, (offset, length) in enumerate(sparse[:4]):
        start = 386 + 24 * place
        header[start:start + 24] = _number(offset) + _number(length)
    if sparse:
        header[482] = 1 if len(sparse) > 4 else 0
        header[483:495] = _number(real_size)
    header[148:156] = b"%06o\0 " % sum(header)
    return prefix + bytes(header)


def _sparse_blocks(extents):
    while extents:
        now, extents = extents[:21], extents[21:]
        block = b"".join(_number(offset) + _number(length) for offset, length in now).ljust(504, b"\0")
        yield block + (b"\1" if extents else b"\0") + bytes(7)


def _number(value):
    return b"%011o\0" % value if value < 8**11 else b"\x80" + value.to_bytes(11, "big")


# --- reading ----------------------------------------------------------------------------------------------------------------


class Entry:
    def __init__(self, name, kind, size, extents):
        self.name = name
        self.kind = kind
        self.size = size  # of the file, holes included
        self.extents = extents


class Reader:
    """Goes through a tar once. `source` has read(n)."""

    def __init__(self, source):
        self.source = source
        self.left = 0  # of the present entry's bytes
        self.padding = 0

    def __iter__(self):
        return self

    def __next__(self):
        long_name = None
        while True:
            self._skip()
            block = self.source.read(BLOCK)
            # What ends without the two empty blocks is accepted (contract 0.1).
            if len(block) < BLOCK or block == bytes(BLOCK):
                raise StopIteration
            if not _sum_is_right(block):
                raise Malformed("Malformed tar archive, reached unknown entry")
            kind, stored = block[156:157], _value(block[124:136])
            if kind == b"L":
                long_name = self._take(stored).rstrip(b"\0")
                continue
            if kind in (b"x", b"g"):
                self._take(stored)
                continue
            name = long_name or _name(block)
            extents, size = [(0, stored)], stored
            if kind == b"S":
                extents, size = self._sparse(block)
            self.left, self.padding = stored, -stored % BLOCK
            return Entry(name.decode("utf-8", "surrogateescape"), kind, size, extents)

    def _sparse(self, block):
        extents = _pairs(block[386:482])
        size, more = _value(block[483:495]), block[482]
        while more:
            block = self._exactly(BLOCK)
            extents += _pairs(block[:504])
            more = block[504]
        return extents, size

    def read(self, most):
        if not self.left:
            return b""
        data = self.source.read(min(most, self.left))
        if not data:
            raise Malformed("unexpected EOF during skip" if self.padding else "failed to write entire file")
        self.left -= len(data)
        return data

    def extract(self, entry, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            for offset, length in entry.extents:
                file.seek(offset)
                while length:
                    data = self.source.read(min(length, COPIED_AT_ONCE))
                    if not data:
                        raise Malformed(f"failed to unpack `{path}`")
                    file.write(data)
                    length -= len(data)
                    self.left -= len(data)
            file.truncate(entry.size)

    def _take(self, length):
        data = self._exactly(length)
        self._exactly(-length % BLOCK)
        return data

    def _exactly(self, length):
        data = self.source.read(length)
        if len(data) < length:
            raise Malformed("Malformed tar archive, reached unknown entry")
        return data

    def _skip(self):
        while self.left:
            self.read(COPIED_AT_ONCE)
        self.source.read(self.padding)
        self.padding = 0


def _sum_is_right(block):
    stated = _value(block[148:156])
    return stated == sum(block) - sum(block[148:156]) + 8 * 32


def _value(field):
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        return -1


def _name(block):
    name = block[0:100].split(b"\0")[0]
    # Only POSIX archives have a prefix there; in GNU ones something else is.
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].split(b"\0")[0] + b"/" + name
    return name


def _pairs(fields):
    pairs = []
    for start in range(0, len(fields) - 23, 24):
        if not fields[start]:
            break
        pairs.append((_value(fields[start:start + 12]), _value(fields[start + 12:start + 24])))
    return pairs


def unpack(source, folder):
    """Unpacks into `folder`. Entries that climb out of it are left out; links and devices are an error."""
    reader = Reader(source)
    for entry in reader:
        parts = [part for part in entry.name.split("/") if part not in ("", ".")]
        if ".." in parts or entry.name.startswith("/"):
            continue
        path = os.path.join(folder, *parts)
        if entry.kind == b"5":
            os.makedirs(path, exist_ok=True)
        elif entry.kind in (b"0", b"\0", b"S", b"7"):
            reader.extract(entry, path)
        else:
            raise Malformed(f"Forbidden entry type in tar archive: {KINDS.get(entry.kind, 'Other')}")


def unpack_file(path, folder):
    try:
        with open(path, "rb") as file:
            unpack(file, folder)
    except (Malformed, IsADirectoryError) as error:
        text = str(error) if isinstance(error, Malformed) else "Malformed tar archive, reached unknown entry"
        raise broken(f"File IO error: {text}") from None
