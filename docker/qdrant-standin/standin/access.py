"""Who may do what: the full key, the read-only key, and tokens signed with the full one (contract 2.1)."""

import base64
import hashlib
import hmac
import json
import time

from .answers import Failure, forbidden

OPEN = {"/", "/healthz", "/livez", "/readyz"}
LEEWAY = 30


class Access:
    """`level` is "manage" or "read" for everything, or None with rights on single collections."""

    def __init__(self, level, collections=None):
        self.level = level
        self.collections = collections or {}

    def must_manage(self):
        if self.level is None:
            raise forbidden("Global access is required")
        if self.level != "manage":
            raise forbidden("Global manage access is required")

    def must_read_all(self):
        if self.level is None:
            raise forbidden("Global access is required")

    def must_read(self, name):
        if self.level is None and name not in self.collections:
            raise forbidden(f"Access to collection {name} is required")

    def must_write(self, name, points=False):
        if self.level == "read":
            raise forbidden("Global manage access is required")
        if self.level is None:
            self.must_read(name)
            if self.collections[name] not in (("rw", "prw") if points else ("rw",)):
                raise forbidden(f"Write access to collection {name} is required")

    def sees(self, name):
        return self.level is not None or name in self.collections


def of_request(request, settings):
    """Looks at the header api-key first; when it is there, the bearer is not looked at."""
    if not settings.api_key and not settings.read_only_api_key:
        return Access("manage")
    if not request.segments or "/" + request.segments[0] in OPEN:
        return Access("manage")
    key = request.headers.get("api-key")
    if key is None:
        authorization = request.headers.get("authorization", "")
        if not authorization.startswith("Bearer "):
            raise Failure(401, "Must provide an API key or an Authorization bearer token", plain=True, untyped=True)
        key = authorization.removeprefix("Bearer ")
    if _is(key, settings.api_key):
        return Access("manage")
    if _is(key, settings.read_only_api_key):
        return Access("read")
    if settings.jwt and settings.api_key and key.count(".") == 2:
        return _of_token(key, settings.api_key)
    raise _unknown()


def _is(given, key):
    return bool(key) and hmac.compare_digest(given.encode(), key.encode())


def _unknown():
    return Failure(401, "Invalid API key or JWT", plain=True, untyped=True)


def _of_token(token, secret):
    head, claims, signature = token.split(".")
    try:
        head, claims, signature = json.loads(_decoded(head)), json.loads(_decoded(claims)), _decoded(signature)
    except ValueError:
        raise _unknown() from None
    if head.get("alg") != "HS256":
        raise _unknown()
    expected = hmac.new(secret.encode(), token.rpartition(".")[0].encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(expected, signature):
        raise Failure(403, "InvalidSignature", plain=True, untyped=True)
    if "exp" in claims and claims["exp"] < time.time() - LEEWAY:
        raise Failure(403, "ExpiredSignature", plain=True, untyped=True)
    access = claims.get("access", "m")
    if access in ("m", "r"):
        return Access("manage" if access == "m" else "read")
    if not isinstance(access, list):
        raise _unknown()
    for place, one in enumerate(access):
        if "payload" in one:
            raise Failure(401, f"access[{place}].payload: The 'payload' constraint is deprecated and should not be used",
                          plain=True, untyped=True)
    return Access(None, {one["collection"]: one["access"] for one in access})


def _decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
