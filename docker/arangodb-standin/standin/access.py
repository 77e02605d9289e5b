"""Who asks, and what they may: Basic, JWT, and the grants in `_users` (contract 2 and 7)."""

import base64
import hashlib
import hmac
import json
import secrets
import time

from . import answers
from .answers import Failure
from .documents import Document

NONE, READ, WRITE = "none", "ro", "rw"
_ORDER = {NONE: 0, READ: 1, WRITE: 2}


def allows(level, wanted):
    return _ORDER[level] >= _ORDER[wanted]


def hashed(password):
    """`authData` as the server keeps it."""
    salt = secrets.token_hex(4)
    return {"hash": _hash(salt, password), "salt": salt, "method": "sha256"}


def _hash(salt, password):
    return hashlib.sha256((salt + password).encode()).hexdigest()


def refused(request):
    headers = []
    if "x-omit-www-authenticate" not in request.headers:
        headers = [("www-authenticate", 'Bearer token_type="JWT", realm="ArangoDB"'), ("www-authenticate", 'Basic realm="ArangoDB"')]
    return Failure(401, 11, "not authorized to execute this request", headers)


class Access:
    def __init__(self, store, options):
        self.store = store
        self.options = options
        # Tokens of before a restart are worth nothing, as where no secret was configured.
        self.secret = secrets.token_bytes(32)
        self._read = (None, {})

    # --- users -------------------------------------------------------------------------------------------------------------------

    def users(self):
        """By name, the documents of `_users`."""
        collection = self.store.databases["_system"].collections.get("_users")
        texts = tuple(collection.texts.values()) if collection is not None else ()
        # While a restore has emptied it, those of before are still known: the server reads them anew with the data that comes.
        if texts and texts != self._read[0]:
            documents = (Document(text).members for text in texts)
            self._read = (texts, {one["user"]: one for one in documents if isinstance(one.get("user"), str)})
        return self._read[1]

    def knows(self, name, password):
        user = self.users().get(name)
        data = (user or {}).get("authData") or {}
        simple = data.get("simple") or {}
        return bool(data.get("active")) and hmac.compare_digest(str(simple.get("hash")), _hash(simple.get("salt", ""), password))

    # --- a request ---------------------------------------------------------------------------------------------------------------

    def user_of(self, request):
        """The name, or a refusal. None where authentication is off."""
        if not self.options.authentication:
            return None
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        name = None
        if scheme.lower() == "basic":
            name = self._by_password(given.strip())
        elif scheme.lower() == "bearer":
            name = self._by_token(given.strip())
        if name is None:
            raise refused(request)
        return name

    def _by_password(self, given):
        try:
            name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except ValueError:
            return None
        return name if self.knows(name, password) else None

    def _by_token(self, token):
        try:
            signed, _, signature = token.rpartition(".")
            if not hmac.compare_digest(self._signature(signed), signature):
                return None
            claims = json.loads(_unpadded(signed.split(".")[1]))
        except (ValueError, IndexError):
            return None
        user = self.users().get(claims.get("preferred_username"))
        if user is None or not user["authData"].get("active") or claims.get("exp", 0) <= time.time():
            return None
        return user["user"]

    def log_in(self, body):
        """POST /_open/auth."""
        if not self.options.authentication:
            raise answers.unknown_path("/_open/auth")
        if not isinstance(body, dict) or not isinstance(body.get("username"), str) or not isinstance(body.get("password"), str):
            raise Failure(400, 400, "invalid JSON")
        if not self.knows(body["username"], body["password"]):
            raise Failure(401, 401, "Wrong credentials")
        return {"jwt": self.token(body["username"])}

    def token(self, name):
        now = time.time()
        claims = {"preferred_username": name, "iss": "arangodb", "iat": int(now), "exp": now + self.options.session_timeout}
        if self.options.session_timeout == int(self.options.session_timeout):
            claims["exp"] = int(claims["exp"])
        signed = ".".join(_padded(json.dumps(one, separators=(",", ":")).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, signed):
        return _padded(hmac.new(self.secret, signed.encode(), hashlib.sha256).digest())

    # --- what they may ---------------------------------------------------------------------------------------------------------------

    def on_database(self, user, database):
        """`none`, `ro` or `rw`."""
        if user is None:
            return WRITE
        granted = (self.users().get(user) or {}).get("databases") or {}
        return _level(granted.get(database) or granted.get("*"))

    def on_collection(self, user, database, collection):
        if user is None:
            return WRITE
        granted = (self.users().get(user) or {}).get("databases") or {}
        if collection.startswith("_"):
            return self.on_database(user, database)
        for place in (database, "*"):
            collections = (granted.get(place) or {}).get("collections") or {}
            for name in (collection, "*"):
                if name in collections and (collections[name] or {}).get("permissions"):
                    return _level(collections[name])
        return self.on_database(user, database)


def _level(grant):
    permissions = (grant or {}).get("permissions") or {}
    return WRITE if permissions.get("write") else READ if permissions.get("read") else NONE


def permissions(level):
    """As `_users` has a grant."""
    return {"read": level in (READ, WRITE), "write": level == WRITE}


def _padded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
