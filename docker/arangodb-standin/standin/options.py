"""The options of the program, named and written as those of arangod: --server.endpoint tcp://127.0.0.1:8529 or with a `=`."""

import json
import os
import re

VERSIONS = ("3.10.14", "3.11.11", "3.12.5")
NAME = "arangodb-standin"


class Wrong(Exception):
    """`code` is the one that the real program ends with (contract 13)."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code = code


class Options:
    def __init__(self):
        self.endpoints = []
        self.directory = "/var/lib/arangodb3"
        self.authentication = True
        self.session_timeout = 3600.0
        self.version = "3.12.5"
        self.keep_alive = 300.0
        self.compress_from = 0
        self.batch_ttl_most = None
        self.shows_statistics = False
        self.vector_index = True
        self.faults = []
        self.log_file = None

    @property
    def is_3_12(self):
        return self.version.startswith("3.12")

    @property
    def is_3_10(self):
        return self.version.startswith("3.10")


def _boolean(text):
    if text in ("true", "yes", "on", "1"):
        return True
    if text in ("false", "no", "off", "0"):
        return False
    raise Wrong(4, f"'{text}' is no boolean")


def _seconds(text):
    try:
        return float(text)
    except ValueError:
        raise Wrong(4, f"'{text}' is no number") from None


def _version(text):
    if not re.fullmatch(r"3\.(10|11|12)\.\d+", text):
        raise Wrong(4, f"the stand-in knows versions such as {', '.join(VERSIONS)}, not '{text}'")
    return text


def _faults(text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise Wrong(4, f"--standin.faults is no JSON: {error}") from None


_KNOWN = {
    "--server.endpoint": ("endpoints", None),
    "--database.directory": ("directory", str),
    "--server.authentication": ("authentication", _boolean),
    "--server.session-timeout": ("session_timeout", _seconds),
    "--http.keep-alive-timeout": ("keep_alive", _seconds),
    "--http.compress-response-threshold": ("compress_from", lambda text: int(_seconds(text))),
    "--experimental-vector-index": ("vector_index", _boolean),
    "--vector-index": ("vector_index", _boolean),
    "--log.file": ("log_file", str),
    "--standin.version": ("version", _version),
    "--standin.batch-ttl": ("batch_ttl_most", _seconds),
    "--standin.faults": ("faults", _faults),
}
# Of the real program, without any effect here.
_IGNORED = re.compile(r"--(configuration|log\.|javascript\.|foxx\.|frontend\.|rocksdb\.|server\.|database\.|dump\.|tcp\.|http\.|c$)")
# Those may stand without a value.
_FLAGS = {"--server.authentication", "--vector-index", "--experimental-vector-index"}


def read(arguments):
    options = Options()
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("--"):
            options.directory = name  # as the real program takes it
            continue
        if not equals:
            if rest and not rest[0].startswith("--"):
                value = rest.pop(0)
            elif name in _FLAGS:
                value = "true"
            elif name not in _KNOWN and _IGNORED.match(name):
                continue
            else:
                raise Wrong(4, f"option {name} needs a value")
        if name not in _KNOWN:
            if _IGNORED.match(name):
                continue
            raise Wrong(3, f"unknown option '{name}'")
        attribute, reader = _KNOWN[name]
        if reader is None:
            options.endpoints.append(endpoint(value))
        else:
            setattr(options, attribute, reader(_expanded(value)))
    options.endpoints = options.endpoints or [endpoint("tcp://127.0.0.1:8529")]
    return options


def _expanded(value):
    """`@NAME@` is the variable of that name, `@@` is an `@` (contract 13)."""
    return re.sub(r"@(\w*)@", lambda found: os.environ.get(found[1], "") if found[1] else "@", value)


def endpoint(text):
    """("unix", path) or ("tcp", host, port)."""
    found = re.fullmatch(r"(?:http\+)?unix://(/.+)", text)
    if found:
        return ("unix", found[1])
    found = re.fullmatch(r"(?:http\+)?(?:tcp|http)://(\[[^\]]+\]|[^:/]+)(?::(\d+))?/?", text)
    if not found:
        raise Wrong(4, f"the stand-in cannot listen on '{text}'; it knows tcp://HOST:PORT and unix:///PATH")
    return ("tcp", found[1].strip("[]"), int(found[2] or 8529))
