"""A file as actix hands it out: ranges, validators, and If-Range not honoured (contract 4.1)."""

import os
import re
from email.utils import formatdate

from .answers import Answer


def answer(request, path):
    file = open(path, "rb")
    status = os.fstat(file.fileno())
    seconds, nanoseconds = divmod(status.st_mtime_ns, 10**9)
    tag = f'"{status.st_ino:x}:{status.st_size:x}:{seconds:x}:{nanoseconds:x}"'
    headers = [
        ("content-type", "application/octet-stream"),
        ("content-disposition", f'attachment; filename="{os.path.basename(path)}"'),
        ("etag", tag), ("last-modified", formatdate(status.st_mtime, usegmt=True)), ("accept-ranges", "bytes"),
    ]
    start, length, code = 0, status.st_size, 200
    wanted = request.headers.get("range")
    if wanted:
        found = _first_range(wanted, status.st_size)
        if found is None:
            file.close()
            return Answer(416, headers=[*headers, ("content-range", f"bytes */{status.st_size}")])
        start, length = found
        code = 206
        headers.append(("content-range", f"bytes {start}-{start + length - 1}/{status.st_size}"))
    expected = request.headers.get("if-match")
    if expected and expected != "*" and tag not in expected:
        file.close()
        return Answer(412, headers=headers)
    known = request.headers.get("if-none-match")
    if known and tag in known:
        file.close()
        return Answer(304, headers=headers)
    file.seek(start)
    result = Answer(code, headers=headers)
    result.part = (file, length)
    return result


def _first_range(wanted, size):
    """Of several ranges only the first is given."""
    match = re.match(r"bytes=(\d*)-(\d*)", wanted)
    if not match or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        start = max(0, size - int(last))
        return (start, size - start) if size else None
    start = int(first)
    if start >= size:
        return None
    end = min(int(last), size - 1) if last else size - 1
    return (start, end - start + 1) if end >= start else None
