"""What the recording script did between the exchanges: fills, drops, damaged files, restarts. By titles, which both versions share."""

import gzip
import hashlib
import io
import os
import random
import re
import shutil
import struct
import tarfile

from running import BOUNDARY, form, touch, until

ADMIN_KEY = "the-admin-key-0123456789"
ORDER = ("service", "collections", "points", "snapshots", "recover", "upload", "shards", "full", "auth", "limits", "dotdot", "crash")


class Scene:
    environment = {}
    each_in_its_second = False

    def __init__(self, server, replay):
        self.server = server
        self.replay = replay
        self.titles = {}

    def begin(self):
        pass

    def noted(self, note):
        pass

    def unsupported(self, title, number):
        return None

    def before(self, title, request):
        pass

    def body(self, title, request):
        return None

    def after(self, title, request, answer):
        pass

    def until_done(self):
        self.server.until_quiet()

    # --- for all ----------------------------------------------------------------------------------------------------------------

    def recorded_names(self):
        """The snapshot names in the requests of this group, in order, that no exchange makes."""
        from replay import NAME

        found = []
        for exchange in self.replay.exchanges:
            for text in (exchange["request"]["path"], exchange["request"].get("body") or "") if "request" in exchange else ():
                found += NAME.findall(text)
        return list(dict.fromkeys(found))

    def take(self, collection):
        """A snapshot of our own; never two in one second."""
        self.server.next_second()
        return self.server.snapshot(collection)

    def read(self, collection, name):
        with open(os.path.join(self.server.snapshots, collection, name), "rb") as file:
            return file.read()


class Service(Scene):
    def unsupported(self, title, number):
        if title.startswith("GET /telemetry?details_level"):
            return "telemetry in detail: the stand-in has no such parts"
        return None


class Collections(Scene):
    pass


class Points(Scene):
    def begin(self):
        self.server.put("/collections/p", {"vectors": {"size": 4, "distance": "Cosine"}})

    def unsupported(self, title, number):
        if title == "(rich) multi query":
            return "a query of a multivector is refused by the real servers here, for a reason not known; the engine answers it"
        return None

    def body(self, title, request):
        if title == "body of 33 MiB":
            return b" " * request["body_length"]
        return None


class Snapshots(Scene):
    each_in_its_second = True

    def begin(self):
        self.server.fill("s", 20)

    def before(self, title, request):
        if title.startswith("list after three creates"):
            for _ in range(3):
                self.server.snapshot("s")
        if title == "download, open range":
            request["headers"]["Range"] = f"bytes={len(self.first()) - 100}-"
        if title == "download, range beyond the end":
            request["headers"]["Range"] = f"bytes={len(self.first()) + 5}-"
        if title == "list with a file copied in by hand":
            self.write("by-hand.snapshot", self.first())
        if title == "a second, different snapshot":
            self.server.add("s", 5, 21)
        if title == "list after the drop":
            self.server.delete("/collections/s")
        if title.startswith("list after a collection of that name"):
            self.server.fill("s", 5)

    def body(self, title, request):
        if title.startswith("upload the second"):
            second = max(name for name in os.listdir(os.path.join(self.server.snapshots, "s")) if name.startswith("s-") and name.endswith(".snapshot"))
            return form(self.read("s", second), self.first_name())
        return None

    def first_name(self):
        return min(name for name in os.listdir(os.path.join(self.server.snapshots, "s")) if name.startswith("s-") and name.endswith(".snapshot"))

    def first(self):
        return self.read("s", self.first_name())

    def write(self, name, content):
        with open(os.path.join(self.server.snapshots, "s", name), "wb") as file:
            file.write(content)


class Recover(Scene):
    """Files damaged in every way the recordings have, and collections that are dropped and made anew."""

    def begin(self):
        self.server.fill("s", 20)
        self.map_snapshot("s", 0)
        good = self.read("s", self.name)
        os.makedirs(os.path.join(self.server.folder, "outside"))
        os.makedirs(os.path.join(self.server.snapshots, "elsewhere"))
        for path in ("../outside/x.snapshot", "elsewhere/y.snapshot"):
            with open(os.path.join(self.server.snapshots, path), "wb") as file:
                file.write(good)
        os.symlink(os.path.join(self.server.folder, "outside", "x.snapshot"), os.path.join(self.server.snapshots, "s", "link.snapshot"))

    def map_snapshot(self, collection, which):
        recorded = [name for name in self.recorded_names() if name.startswith(f"{collection}-")][which]
        self.name = self.replay.names[recorded] = self.take(collection)

    def before(self, title, request):
        server = self.server
        if title.startswith("damaged: "):
            self.damage(title.removeprefix("damaged: "))
        elif title == "damaged file into a missing collection":
            server.delete("/collections/t")
        elif title == "file without segments into a missing collection":
            self.damage("without the segments")
        elif title == "drop":
            server.put("/collections/s/index?wait=true", {"field_name": "city", "field_schema": "keyword"})
            server.put("/collections/s/index?wait=true", {"field_name": "n", "field_schema": {
                "type": "integer", "lookup": True, "range": True, "is_principal": None}})
            server.post("/collections/aliases", {"actions": [{"create_alias": {"collection_name": "s", "alias_name": "live"}}]})
            self.map_snapshot("s", 1)
        elif title.startswith("recreate"):
            server.delete("/collections/s")
        elif title == "info after new points":
            server.add("s", 3, 101)
        elif title == "recover to an alias name":
            server.post("/collections/aliases", {"actions": [{"create_alias": {"collection_name": "s", "alias_name": "live"}}]})
        elif title == "two shards into a missing collection":
            server.fill("two", 40, shard_number=2)
            self.map_snapshot("two", 0)
            server.delete("/collections/two")
        elif title == "one of two shards missing in the file":
            server.delete("/collections/two")
            self.write("two", "half.snapshot", without(self.read("two", self.name), "1/"))
        elif title == "custom sharding: recover into a missing collection":
            server.delete("/collections/cust")

    def damage(self, how):
        good = self.read("s", self.name)
        whole = {
            "empty file": lambda: b"",
            "random bytes": lambda: random.Random(1).randbytes(len(good)),
            "first half": lambda: good[:len(good) // 2],
            "last 1 KiB missing": lambda: good[:-1024],
            # The recorded file lost its configuration by that; ours has other sizes.
            "last 200 KiB missing": lambda: good[:good.index(b"config.json\0", good.index(b"version.info\0")) - 512],
            "gzipped": lambda: gzipped(good),
            "a byte flipped in the middle of a segment": lambda: flipped(good),
            "rewritten unchanged (control)": lambda: without(good, "nothing"),
            "with a symbolic link entry": lambda: with_link(good),
            "with an entry climbing out": lambda: with_climbing(good),
        }
        parts = {
            "without config.json": "config.json", "without version.info": "version.info", "without the segments": "0/segments",
            "without the WAL": "0/wal", "without replica_state.json": "0/replica_state.json",
            "without shard_config.json": "0/shard_config.json", "without the shard folder": "0/",
        }
        content = whole[how]() if how in whole else without(good, parts[how])
        self.write("s", "damaged.snapshot", content)

    def write(self, collection, name, content):
        with open(os.path.join(self.server.snapshots, collection, name), "wb") as file:
            file.write(content)


def gzipped(content):
    return gzip.compress(content)


def flipped(content):
    """A byte of the vector of point 1: the snapshot stays readable."""
    damaged = bytearray(content)
    length = (1 + 1 + 4 + 9) ** 0.5
    # Two equal numbers in a row has no other point.
    place = content.index(struct.pack("<2f", 1 / length, 1 / length))
    damaged[place] ^= 1
    return bytes(damaged)


def entries(content):
    """(name, kind, raw bytes of header and data) of every entry: copied as they are, holes too."""
    found, place = [], 0
    while place + 512 <= len(content) and content[place:place + 512] != bytes(512):
        header = content[place:place + 512]
        name = header[:100].split(b"\0")[0].decode()
        stored = int(header[124:136].split(b"\0")[0] or b"0", 8)
        end = place + 512
        more = header[156:157] == b"S" and header[482]
        while more:
            more = content[end + 504]
            end += 512
        end += -(-stored // 512) * 512
        found.append((name, header[156:157], content[place:end]))
        place = end
    return found


def without(content, beginning):
    return b"".join(raw for name, _, raw in entries(content) if not name.startswith(beginning)) + bytes(1024)


def with_link(content):
    return _with(content, tarfile.TarInfo("0/link"), tarfile.SYMTYPE)


def with_climbing(content):
    return _with(content, tarfile.TarInfo("../../../climbed"), tarfile.REGTYPE)


def _with(content, entry, kind):
    entry.type = kind
    entry.linkname = "/etc/passwd" if kind == tarfile.SYMTYPE else ""
    raw = b"".join(raw for _, _, raw in entries(content))
    buffer = io.BytesIO()
    buffer.write(raw + entry.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    return buffer.getvalue()


class Upload(Scene):
    def begin(self):
        self.server.fill("s", 20)
        self.content = self.read("s", self.take("s"))

    def before(self, title, request):
        if title == "wrong size in the way":
            self.server.delete("/collections/up")

    def body(self, title, request):
        whole = form(self.content)
        bodies = {
            "part with another name": lambda: form(self.content, name="file"),
            "part without a file name": lambda: form(self.content, file_name=None),
            "file name climbing": lambda: form(self.content, "../../climb.snapshot"),
            "file name without .snapshot": lambda: form(self.content, "other.bin"),
            "an extra form field before it": lambda: form(self.content, before=extra_field()),
            "another part content type": lambda: form(self.content, kind="text/plain"),
            "junk": lambda: form(b"junk" * 1000, "junk.snapshot"),
            "truncated": lambda: form(self.content[:len(self.content) // 2]),
            "raw body instead of a form": lambda: self.content,
            "form cut off": lambda: whole[:-40],
        }
        if title in bodies:
            return bodies[title]()
        return whole if "multipart" in request["headers"].get("Content-Type", "") else None


def extra_field():
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="priority"\r\n\r\nsnapshot\r\n'.encode()


class UploadOfOurChecksum(Upload):
    """The checksum in the query is that of the recorded file."""

    def before(self, title, request):
        super().before(title, request)
        request["path"] = re.sub(
            r"checksum=(?!0000)[0-9a-f]{64}", "checksum=" + hashlib.sha256(self.content).hexdigest(), request["path"])


class RecoverWithOurChecksum(Recover):
    def before(self, title, request):
        super().before(title, request)
        sum_of = hashlib.sha256(self.read(self.name.split("-")[0], self.name)).hexdigest()

        def replaced(found):
            return found.group(1) + (sum_of.upper() if found.group(2).isupper() else sum_of) + '"'

        if request.get("body"):
            request["body"] = re.sub(r'("checksum": ?")(?!0000)([0-9a-fA-F]{64})"', replaced, request["body"])


class Shards(Scene):
    def begin(self):
        self.server.fill("s", 40, shard_number=2)

    def after(self, title, request, answer):
        if title == "download":
            self.whole = answer.body
        if title == "stream":
            self.streamed = answer.body
        if title == "upload":
            self.of_collection = self.read("s", self.take("s"))

    def body(self, title, request):
        if "body_length" not in request:
            return None
        if title == "streamed form uploaded":
            return form(self.streamed)
        if title == "collection snapshot sent to the shard endpoint":
            return form(self.of_collection)
        return form(self.whole)


class Full(Scene):
    each_in_its_second = True

    def begin(self):
        self.server.fill("a", 10)
        self.server.fill("b", 10)
        self.server.post("/collections/aliases", {"actions": [{"create_alias": {"collection_name": "a", "alias_name": "live"}}]})

    def after(self, title, request, answer):
        if title == "download":
            self.write("full.snapshot", answer.body)

    def write(self, name, content):
        with open(os.path.join(self.server.folder, name), "wb") as file:
            file.write(content)

    def before(self, title, request):
        if title.startswith("after three more points: info"):
            self.server.add("a", 3, 101)

    def noted(self, note):
        """Every note of this group is a start with options, and its outcome."""
        server, folder = self.server, self.server.folder
        if not note.partition(": `qdrant ")[1] or "--" not in note:
            return
        title, outcome = note.split(": `qdrant ")[0], "exited 101" if "exited 101" in note.split("log:")[0] else "serving"
        keep = title in ("the same again without --force-snapshot", "the same with --force-snapshot",
                         "with --force-snapshot after that folder was removed")
        if server.process.poll() is None:
            if title == "one collection by --snapshot":
                content = self.read("a", self.take("a"))
                self.write("a.snapshot", content)
            server.stop()
        if not keep:
            shutil.rmtree(server.storage, ignore_errors=True)
        if title == "with --force-snapshot after that folder was removed":
            shutil.rmtree(os.path.join(server.storage, "snapshots_recovery_tmp"))
        if title == "damaged full snapshot":
            with open(os.path.join(folder, "full.snapshot"), "rb") as file:
                content = file.read()
            self.write("bad.snapshot", content[:len(content) // 2])
        words = note.split("`qdrant ")[1].split("`")[0].replace("/qdrant/", folder + "/").split()
        if "temp_path" in title:
            self.replay.unsupported["a start with temp_path: the stand-in knows no temp_path"] += 1
            return
        server.options = words
        if outcome == "serving":
            server.start()
            self.replay.same += 1
            server.options = []
            return
        code, errors = server.start(expecting_failure=True)
        server.options = []
        if code == 101 and "Panic" in errors:
            self.replay.same += 1
        else:
            self.replay.different.append((title, "start", " ".join(words), [f"exit {code}, and should be 101: {errors[-200:]}"]))


class Auth(Scene):
    environment = {
        "QDRANT__SERVICE__API_KEY": ADMIN_KEY, "QDRANT__SERVICE__READ_ONLY_API_KEY": "the-read-only-key",
        "QDRANT__SERVICE__JWT_RBAC": "true",
    }

    def unsupported(self, title, number):
        # There the snapshot before it was still running, and the collection was lost until the third recover.
        if self.replay.version == "1.18.3" and title in ("JWT expired 10 s ago: recover", "JWT global read: info", "JWT global manage: info"):
            return "the outcome of a race, which the replay waits out"
        return None

    def until_done(self):
        self.server.headers = {"api-key": ADMIN_KEY}
        try:
            self.server.until_quiet()
        finally:
            self.server.headers = {}


class Limits(Scene):
    """One start for each limit."""

    def begin(self):
        self.server.fill("s", 5)
        self.take_all()
        self.with_limits(QDRANT__SERVICE__ENABLE_SNAPSHOT_URL_RECOVERY="false")

    def take_all(self):
        name = self.take("s")
        for recorded in self.recorded_names():
            self.replay.names[recorded] = name

    def with_limits(self, **environment):
        kept = {"QDRANT__STORAGE__WAL__WAL_CAPACITY_MB": "1"}
        self.server.environment = {**kept, **environment}
        self.server.restart()

    def before(self, title, request):
        if title.startswith("body over a limit"):
            self.with_limits(QDRANT__SERVICE__MAX_REQUEST_SIZE_MB="1")
        elif title == "recovery mode: list":
            self.with_limits(QDRANT__STORAGE__RECOVERY_MODE="out of memory, recovering")
        elif title.startswith("server default vectors.on_disk"):
            self.with_limits(QDRANT__STORAGE__COLLECTION__VECTORS__ON_DISK="true")
            self.server.fill("s", 5)
            self.take_all()
        elif title == "recover after the drop":
            self.server.delete("/collections/s")
        elif title == "one collection too many":
            self.with_limits(QDRANT__STORAGE__MAX_COLLECTIONS="1")

    def body(self, title, request):
        return b" " * request["body_length"] if "body_length" in request else None


class Dotdot(Scene):
    def begin(self):
        self.server.fill("keep", 5)

    def noted(self, note):
        if note.startswith("restart served"):
            self.server.restart()


class Crash(Scene):
    """The exchanges while a snapshot is made: it is held until the drop was answered."""

    def begin(self):
        self.server.fill("big", 50)
        self.take("big")
        self.take("big")
        self.held = os.path.join(self.server.folder, "hold")
        self.server.environment["QDRANT_STANDIN_SNAPSHOT_PAUSE"] = self.held
        self.server.restart()
        self.server.until_quiet()

    def before(self, title, request):
        if title == "info while a snapshot is made":
            touch(self.held)
            self.server.post("/collections/big/snapshots?wait=false")
            until(lambda: os.path.exists(self.held + ".waiting"))

    def body(self, title, request):
        if title.startswith("upsert while"):
            return b'{"points":[{"id":1000000001,"vector":[1,2,3,4]}]}'
        return None

    def after(self, title, request, answer):
        if title.startswith("drop while"):
            os.remove(self.held)

SCENES = {
    "service": Service, "points": Points, "snapshots": Snapshots, "recover": RecoverWithOurChecksum, "upload": UploadOfOurChecksum,
    "shards": Shards, "full": Full, "auth": Auth, "limits": Limits, "dotdot": Dotdot, "crash": Crash,
}
