"""Where a snapshot comes from: file:// or http(s):// (contract 4.2)."""

import hashlib
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request

from .answers import bad_json, bad_request, broken, forbidden, invalid, wrong_input

PRIORITIES = ("no_sync", "snapshot", "replica")
NOTHING_FOR = 60


class Source:
    def __init__(self, location, checksum, key):
        self.location = location
        self.checksum = checksum
        self.key = key


def read_body(body, bare_names=False):
    if not isinstance(body, dict):
        raise bad_json("invalid type: expected struct SnapshotRecover")
    location = body.get("location")
    if not isinstance(location, str):
        raise bad_json("missing field `location` at line 1 column 2")
    priority = body.get("priority")
    if priority is not None and priority not in PRIORITIES:
        raise bad_json(f"unknown variant `{priority}`, expected one of `no_sync`, `snapshot`, `replica` at line 1 column 0")
    if not urllib.parse.urlsplit(location).scheme and not bare_names:
        raise bad_json(f'relative URL without a base: "{location}" at line 1 column 0')
    checksum = read_checksum(body.get("checksum"), "JSON body")
    return Source(location, checksum, body.get("api_key"))


def read_checksum(given, where):
    if given is None:
        return None
    text = given.strip()
    if len(text) != 64:
        raise invalid('checksum: Validation error: invalid_sha256_hash [{"expected_length": Number(64), '
                      f'"value": String("{given}"), "length": Number({len(text)})}}]', where)
    if any(character not in "0123456789abcdefABCDEF" for character in text):
        raise invalid("checksum: Validation error: invalid_sha256_hash", where)
    return text.lower()


def fetch(source, storage, folder):
    """The path of the file: the one that was named, or a copy in `folder` of what the URL gives."""
    url = urllib.parse.urlsplit(source.location)
    if url.scheme == "file":
        return local(url, storage)
    if url.scheme in ("http", "https"):
        return _download(source, storage, folder)
    word = "schema" if storage.settings.is_1_16 else "scheme"
    raise bad_request(f"URL {source.location} with {word} {url.scheme} is not supported")


def local(url, storage):
    if url.netloc not in ("", "localhost") or not url.path.startswith("/"):
        raise bad_request("Invalid snapshot URI, file path must be absolute or on localhost")
    path = urllib.parse.unquote(url.path)
    if not os.path.exists(path):
        raise bad_request(f'Snapshot file "{path}" does not exist')
    root = os.path.realpath(storage.snapshots)
    real = os.path.realpath(path)
    # Since 1.17.1.
    if not storage.settings.is_1_16 and os.path.commonpath([root, real]) != root:
        raise forbidden(f'Snapshot file path must be inside the snapshots directory "{root}"')
    return path


def _download(source, storage, folder):
    if not storage.settings.url_recovery and not storage.settings.is_1_16:
        raise forbidden("Snapshot recovery from remote URLs is disabled in the configuration")
    what = "snapshot" if storage.settings.is_1_16 else "tar"
    request = urllib.request.Request(source.location, headers={"api-key": source.key} if source.key else {})
    path = os.path.join(folder, f"{secrets.token_hex(3)}.download")
    try:
        # Straight to the address: a proxy of the environment is not meant.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=NOTHING_FOR) as answer, open(path, "wb") as file:
            while data := answer.read(1 << 20):
                file.write(data)
    except urllib.error.HTTPError as error:
        raise wrong_input(f"Failed to download {what} from {source.location}: status - {error.code} {error.reason}") from None
    except (OSError, ValueError):
        raise broken(f"Http request error: error sending request for url ({source.location})") from None
    return path


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()
