"""What the environment says, by the names of the official image. Names that the stand-in does not know are ignored, as there."""

import os


class Settings:
    def __init__(self, environment):
        get = environment.get
        self.host = get("QDRANT__SERVICE__HOST", "0.0.0.0")
        self.port = int(get("QDRANT__SERVICE__HTTP_PORT", "6333"))
        self.api_key = get("QDRANT__SERVICE__API_KEY", "")
        self.read_only_api_key = get("QDRANT__SERVICE__READ_ONLY_API_KEY", "")
        self.jwt = _is_true(get("QDRANT__SERVICE__JWT_RBAC", "false"))
        self.largest_body = int(float(get("QDRANT__SERVICE__MAX_REQUEST_SIZE_MB", "32")) * 1024 * 1024)
        self.url_recovery = _is_true(get("QDRANT__SERVICE__ENABLE_SNAPSHOT_URL_RECOVERY", "true"))
        self.storage = get("QDRANT__STORAGE__STORAGE_PATH", "./storage")
        self.snapshots = get("QDRANT__STORAGE__SNAPSHOTS_PATH", "./snapshots")
        self.recovery_mode = get("QDRANT__STORAGE__RECOVERY_MODE", "")
        self.wal_capacity = int(get("QDRANT__STORAGE__WAL__WAL_CAPACITY_MB", "32"))
        self.vectors_on_disk = _optional_bool(get("QDRANT__STORAGE__COLLECTION__VECTORS__ON_DISK"))
        self.most_collections = _optional_int(get("QDRANT__STORAGE__MAX_COLLECTIONS"))

        # The stand-in's own: for tests that must meet it in the middle of something.
        self.version = get("QDRANT_STANDIN_VERSION", "1.18.3")
        self.recover_pause = get("QDRANT_STANDIN_RECOVER_PAUSE", "")
        self.snapshot_pause = get("QDRANT_STANDIN_SNAPSHOT_PAUSE", "")
        self.upsert_pause = get("QDRANT_STANDIN_UPSERT_PAUSE", "")
        self.clock = get("QDRANT_STANDIN_CLOCK", "")
        self.keep_alive = float(get("QDRANT_STANDIN_KEEP_ALIVE", "5"))

    @property
    def is_1_16(self):
        return self.version.startswith("1.16")

    @property
    def introduces_itself_as(self):
        return self.version if self.version.endswith("-standin") else f"{self.version}-standin"


def from_environment():
    return Settings(os.environ)


def _is_true(text):
    return text.strip().lower() in ("1", "true", "yes", "on")


def _optional_bool(text):
    return None if text is None else _is_true(text)


def _optional_int(text):
    return None if not text else int(text)
