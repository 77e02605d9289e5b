"""HTTP/1.1: one thread for each connection, which goes on when the client hangs up (contract 0.6), and closes when it is idle."""

import http.client
import json
import socket
import threading
import time
import urllib.parse
import zlib
from email.utils import formatdate

from .answers import Answer, Failure, bad_json

HEAD_LIMIT = 64 * 1024
HEAD_TIMEOUT = 5.0
DRAINED_AT_MOST = 1024 * 1024


class Request:
    def __init__(self, connection, method, target, headers):
        self.connection = connection
        self.method = method
        path, _, query = target.partition("?")
        # A doubled or trailing slash makes no difference (contract 2.2); %2F stays inside its segment.
        self.segments = [urllib.parse.unquote(part) for part in path.split("/") if part]
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.headers = headers
        self.began = time.monotonic()
        self.access = None
        self.left = 0 if "transfer-encoding" in headers else int(headers.get("content-length") or 0)
        self.chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        self.continued = headers.get("expect", "").lower() != "100-continue"

    def flag(self, name, otherwise):
        value = self.query.get(name)
        if value is None:
            return otherwise
        if value not in ("true", "false"):
            raise Failure(400, f"Deserialize error in query parameters: provided string was not `true` or `false`: {value}")
        return value == "true"

    def read(self, most):
        """Some of the body, b"" at its end. Whoever hangs up in its middle raises ConnectionError."""
        if not self.continued:
            self.continued = True
            self.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self.chunked and self.left == 0:
            self._next_chunk()
        if self.left == 0:
            return b""
        data = self.connection.receive(min(most, self.left))
        if not data:
            raise ConnectionError("the client went away in the middle of a body")
        self.left -= len(data)
        if self.chunked and self.left == 0:
            self.connection.line()
        return data

    def _next_chunk(self):
        self.left = int(self.connection.line().split(b";")[0] or b"0", 16)
        if self.left == 0:
            while self.connection.line():
                pass
            self.chunked = False

    def body(self):
        limit = self.connection.settings.largest_body
        if self.left > limit:
            before = "Payload error: " if self.connection.settings.is_1_16 else ""
            raise Failure(
                400, f"{before}JSON payload ({self.left} bytes) is larger than allowed (limit: {limit} bytes).", closes=True)
        parts, length = [], 0
        while data := self.read(1 << 20):
            parts.append(data)
            length += len(data)
            if length > limit:
                raise Failure(400, f"JSON payload has exceeded limit ({limit} bytes).", closes=True)
        return b"".join(parts)

    def json(self):
        text = self.body()
        try:
            return json.loads(text, parse_constant=_no_constant)
        except UnicodeDecodeError as error:
            raise bad_json(f"invalid unicode code point at line 1 column {error.start}") from None
        except json.JSONDecodeError as error:
            what = "EOF while parsing a value" if error.pos >= len(error.doc.rstrip()) else "expected value"
            column = min(error.colno, len(error.doc)) if error.doc else 0
            raise bad_json(f"{what} at line {error.lineno} column {column}") from None


def _no_constant(word):
    # Python reads NaN and Infinity, which are not JSON.
    raise bad_json("expected value at line 1 column 0")


class Connection:
    def __init__(self, client, settings, respond):
        self.client = client
        self.settings = settings
        self.respond = respond
        self.buffer = b""

    def serve(self):
        try:
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
        self.client.settimeout(None)
        request = Request(self, method, target, headers)
        answer = self.respond(request)
        stays = headers.get("connection", "").lower() != "close" and not answer.closes
        if stays and (request.left or request.chunked):
            stays = self._drain(request)
        self._send(request, answer, stays)
        return stays

    def _head(self):
        self.client.settimeout(self.settings.keep_alive)
        while b"\r\n\r\n" not in self.buffer:
            try:
                data = self.client.recv(65536)
            except TimeoutError:
                if self.buffer:
                    self.send(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                return None
            if not data or len(self.buffer) > HEAD_LIMIT:
                return None
            if not self.buffer:
                self.client.settimeout(HEAD_TIMEOUT)
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head

    def receive(self, most):
        if self.buffer:
            data, self.buffer = self.buffer[:most], self.buffer[most:]
            return data
        return self.client.recv(most)

    def line(self):
        while b"\r\n" not in self.buffer:
            data = self.client.recv(65536)
            if not data:
                raise ConnectionError("the client went away in the middle of a body")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _drain(self, request):
        drained = 0
        request.continued = True
        while drained <= DRAINED_AT_MOST and request.left <= DRAINED_AT_MOST:
            data = request.read(65536)
            if not data:
                return True
            drained += len(data)
        return False

    def _send(self, request, answer, stays):
        compressed = "gzip" in request.headers.get("accept-encoding", "") and _has_body(answer)
        reason = http.client.responses.get(answer.status, "")
        lines = [f"HTTP/1.1 {answer.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if compressed or answer.chunks is not None:
            lines.append("transfer-encoding: chunked")
        elif answer.part is not None:
            lines.append(f"content-length: {answer.part[1]}")
        elif answer.status != 304:
            lines.append(f"content-length: {len(answer.body)}")
        if compressed:
            lines.append("content-encoding: gzip")
        if not stays:
            lines.append("connection: close")
        lines += ["vary: accept-encoding, Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
                  f"date: {formatdate(usegmt=True)}", "", ""]
        head = "\r\n".join(lines).encode("utf-8", "replace")
        if compressed:
            self.send(head)
            self._send_chunks(_gzip(_pieces(answer)))
        elif answer.chunks is not None:
            self.send(head)
            self._send_chunks(answer.chunks)
        elif answer.part is not None:
            file, length = answer.part
            with file:
                self.send(head)
                # Not the loop of a copy: the kernel does it, and other threads run meanwhile.
                self.client.sendfile(file, file.tell(), length)
        else:
            self.send(head + answer.body)

    def _send_chunks(self, chunks):
        for chunk in chunks:
            if chunk:
                self.send(b"%x\r\n" % len(chunk) + chunk + b"\r\n")
        self.send(b"0\r\n\r\n")

    def send(self, data):
        self.client.sendall(data)


def _has_body(answer):
    return answer.status not in (206, 304) and (answer.body or answer.part is not None or answer.chunks is not None)


def _pieces(answer):
    if answer.part is not None:
        file, length = answer.part
        with file:
            while length:
                data = file.read(min(length, 1 << 20))
                if not data:
                    return
                length -= len(data)
                yield data
    elif answer.chunks is not None:
        yield from answer.chunks
    else:
        yield answer.body


def _gzip(pieces):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _parse(head):
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in rest:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return method, target, headers


def listen(settings):
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    listener.listen(256)
    return listener


def accept(listener, settings, respond):
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        connection = Connection(client, settings, respond)
        threading.Thread(target=connection.serve, daemon=True).start()
