"""Point ids: unsigned 64-bit integers and UUIDs, exactly (contract 7)."""

import uuid
import zlib

from .answers import bad_json, wrong_input

LARGEST = 2**64 - 1


def read_id(given):
    """From a body, where digits in quotes are no id."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= LARGEST:
        return given
    if isinstance(given, str):
        parsed = _uuid(given)
        if parsed is not None:
            return parsed
    raise bad_json(f"value {given} is not a valid point ID, valid values are either an unsigned integer or a UUID")


def id_in_path(given):
    if given.isascii() and given.isdigit() and int(given) <= LARGEST:
        return int(given)
    parsed = _uuid(given)
    if parsed is None:
        raise wrong_input(f'Can not recognize "{given}" as point id')
    return parsed


def _uuid(given):
    try:
        return uuid.UUID(given) if len(given) >= 32 else None
    except ValueError:
        return None


def id_text(point_id):
    return str(point_id) if isinstance(point_id, int) else f'"{point_id}"'


def order(point_id):
    """Numbers ascending, then UUIDs."""
    return (0, point_id) if isinstance(point_id, int) else (1, point_id.int)


def shard_of(point_id, count):
    """Which shard gets a new point: any spread that stays the same will do, since nobody sees it."""
    return zlib.crc32(str(point_id).encode()) % count
