"""HTTP/1.1 over TCP and Unix sockets: one thread for each connection, kept alive, and the headers of every recorded answer (contract 1)."""

import gzip
import http.client
import os
import socket
import threading
import urllib.parse
import zlib

from .answers import Failure

HEAD_LIMIT = 1024 * 1024
BODY_LIMIT = 1024 * 1024 * 1024
BODY_TIMEOUT = 90.0
_CONSTANT = (
    "cache-control: no-cache, no-store, must-revalidate, pre-check=0, post-check=0, max-age=0, s-maxage=0",
    "content-security-policy: frame-ancestors 'self'; form-action 'self';",
    "expires: 0",
    "pragma: no-cache",
    "server: ArangoDB",
    "strict-transport-security: max-age=31536000 ; includeSubDomains",
    "x-arango-queue-time-seconds: 0.000000",
    "x-content-type-options: nosniff",
)


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        path, _, query = target.partition("?")
        self.path = path
        # A slash that is part of a name is written %2F and stays inside its segment.
        self.segments = [urllib.parse.unquote(part) for part in path.split("/") if part]
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.headers = headers
        self.body = body
        self.database_name = "_system"
        self.user = None
        if len(self.segments) >= 2 and self.segments[0] == "_db":
            self.database_name = self.segments[1]
            self.segments = self.segments[2:]

    def flag(self, name, otherwise=False):
        value = self.query.get(name)
        return otherwise if value is None else value.lower() in ("true", "yes", "on", "1", "y")

    def number(self, name, otherwise):
        try:
            return int(self.query[name])
        except (KeyError, ValueError):
            return otherwise


class Connection:
    def __init__(self, client, options, stand_in, respond):
        self.client = client
        self.options = options
        self.introduction = f"x-lifeboat-standin: {stand_in}"
        self.respond = respond
        self.buffer = b""

    def serve(self):
        try:
            if self.client.family != socket.AF_UNIX:
                self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._one():
                pass
        except (OSError, ValueError):
            pass  # the client is gone, or speaks no HTTP
        finally:
            self.client.close()

    def _one(self):
        head = self._head()
        if head is None:
            return False
        method, target, headers = _parse(head)
        try:
            request = Request(method, target, headers, self._body(headers))
        except Failure as failure:
            self._send(method, failure.answer(), False, headers)
            return False
        answer = self.respond(request)
        if answer is None:
            return False  # a fault that was asked for: the connection ends without a word
        stays = headers.get("connection", "").lower() != "close"
        return self._send(method, answer, stays, headers) and stays

    def _head(self):
        self.client.settimeout(self.options.keep_alive)
        while b"\r\n\r\n" not in self.buffer:
            try:
                data = self.client.recv(65536)
            except TimeoutError:
                return None
            if not data or len(self.buffer) > HEAD_LIMIT:
                return None
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head

    def _body(self, headers):
        self.client.settimeout(BODY_TIMEOUT)
        if headers.get("expect", "").lower() == "100-continue":
            self.client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body = self._chunks()
        else:
            length = int(headers.get("content-length") or 0)
            if length > BODY_LIMIT:
                raise Failure(413, 413, "request entity too large")
            body = self._exactly(length)
        packing = headers.get("content-encoding", "").lower()
        try:
            if packing == "gzip" and self.options.is_3_12:
                return gzip.decompress(body)
            if packing == "deflate" and self.options.is_3_12:
                return zlib.decompress(body)
        except (OSError, EOFError, zlib.error):
            raise Failure(400, 400, f"the body is no {packing}") from None
        return body

    def _exactly(self, length):
        parts, left = [self.buffer[:length]], length - len(self.buffer[:length])
        self.buffer = self.buffer[length:]
        while left:
            data = self.client.recv(min(left, 1 << 20))
            if not data:
                raise ConnectionError("the client went away in the middle of a body")
            parts.append(data)
            left -= len(data)
        return b"".join(parts)

    def _chunks(self):
        parts = []
        while size := int(self._line().split(b";")[0], 16):
            parts.append(self._exactly(size))
            self._line()
        while self._line():
            pass
        return b"".join(parts)

    def _line(self):
        while b"\r\n" not in self.buffer:
            data = self.client.recv(65536)
            if not data:
                raise ConnectionError("the client went away in the middle of a body")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _send(self, method, answer, stays, asked):
        self.client.settimeout(None)
        body, headers = answer.body, list(answer.headers)
        threshold = self.options.compress_from
        if threshold and len(body) >= threshold and "gzip" in asked.get("accept-encoding", ""):
            body = gzip.compress(body, 1)
            headers.append(("content-encoding", "gzip"))
        lines = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, '')}"]
        if answer.kind is not None:
            lines.append(f"content-type: {answer.kind}")
        lines += [f"{name}: {value}" for name, value in headers]
        if answer.status != 304:
            lines.append(f"content-length: {len(body)}")
        lines += [f"connection: {'Keep-Alive' if stays else 'Close'}", *_CONSTANT, self.introduction, "", ""]
        head = "\r\n".join(lines).encode("utf-8", "replace")
        if method == "HEAD" or answer.status in (204, 304):
            body = b""
        if answer.cut_after is not None:
            self.client.sendall(head + body[:answer.cut_after])
            return False
        self.client.sendall(head + body)
        return True


def _parse(head):
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in rest:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return method, target, headers


def listen(endpoint):
    if endpoint[0] == "unix":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.unlink(endpoint[1])  # left by one that was killed
        except FileNotFoundError:
            pass
        listener.bind(endpoint[1])
    else:
        _, host, port = endpoint
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    listener.listen(256)
    return listener


def accept(listener, options, stand_in, respond):
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=Connection(client, options, stand_in, respond).serve, daemon=True).start()
