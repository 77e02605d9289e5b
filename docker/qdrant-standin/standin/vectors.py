"""Vectors of every kind in JSON, and whether they fit a collection."""

import qdrant_edge as edge

from . import config as configuration
from .answers import bad_json, invalid, wrong_input


def read_vector(given, place=0, settings=None):
    """A list, a list of lists, or named ones. What is NaN, null or text is refused by the engine's own reading of the list."""
    if isinstance(given, list):
        if given and isinstance(given[0], list):
            _check_rows(given, place)
        return given
    if isinstance(given, dict):
        if set(given) == {"indices", "values"} and isinstance(given["indices"], list):
            return _sparse(given, place)
        return {name: _named(vector, place, settings) for name, vector in given.items()}
    raise bad_json("data did not match any variant of untagged enum VectorStruct")


def _named(given, place, settings):
    if isinstance(given, dict) and "indices" in given and "values" in given:
        return _sparse(given, place)
    if not isinstance(given, list):
        raise bad_json("data did not match any variant of untagged enum VectorStruct")
    if not given and not (settings and settings.is_1_16):
        raise invalid(f"points[{place}].vector.?.vector: dense vector must not be empty")
    if given and isinstance(given[0], list):
        _check_rows(given, place)
    if None in given:
        raise bad_json("data did not match any variant of untagged enum VectorStruct")
    return given


def _check_rows(rows, place):
    if any(not isinstance(row, list) or len(row) != len(rows[0]) for row in rows):
        raise invalid(f"points[{place}].vector.?.values: Validation error: must be the same length as indices [{{}}]")


def _sparse(given, place):
    indices, values = given["indices"], given["values"]
    if len(set(indices)) != len(indices):
        raise invalid(f"points[{place}].vector.?.indices: Validation error: must be unique [{{}}]")
    if len(indices) != len(values):
        raise invalid(f"points[{place}].vector.?.values: Validation error: must be the same length as indices [{{}}]")
    try:
        return edge.SparseVector(indices, values)
    except (TypeError, OverflowError):
        raise bad_json("data did not match any variant of untagged enum VectorStruct") from None


def check_unnamed(collection, given):
    """1.18's check before everything else: the dimensions of the unnamed vector."""
    vectors = collection.config["params"].get("vectors") or {}
    if not configuration.is_single(vectors) or vectors.get("multivector_config"):
        return
    size = vectors["size"]
    for point in given:
        vector = point["vector"]
        if type(vector) is list and len(vector) != size and not (vector and type(vector[0]) is list):
            raise _dimensions(size, len(vector))


def first_unfit(collection, given):
    """(how many points fit, what is wrong with the next)"""
    dense = configuration.vectors_by_name(collection.config)
    sparse = configuration.sparse_by_name(collection.config)
    unnamed = dense.get("")
    for place, point in enumerate(given):
        vector = point["vector"]
        if type(vector) is list:
            if unnamed is None:
                return place, wrong_input("Not existing vector name error: ")
            complaint = _misfit(unnamed, vector)
            if complaint:
                return place, complaint
            continue
        for name, one in vector.items():
            if name not in dense and name not in sparse:
                return place, wrong_input(f"Not existing vector name error: {name}")
            complaint = _misfit(dense[name], one) if name in dense and type(one) is list else None
            if complaint:
                return place, complaint
    return len(given), None


def _misfit(expected, vector):
    rows = vector if vector and type(vector[0]) is list else [vector]
    for row in rows:
        if len(row) != expected["size"]:
            return _dimensions(expected["size"], len(row))
    return None


def _dimensions(expected, got):
    return wrong_input(f"Vector dimension error: expected dim: {expected}, got {got}")
