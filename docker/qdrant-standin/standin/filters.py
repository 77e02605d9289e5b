"""Filters in JSON to filters of the engine."""

import qdrant_edge as edge

from .answers import bad_json
from .ids import read_id

CLAUSES = ("must", "should", "must_not", "min_should")


def read_filter(given):
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad_json("invalid type: expected struct Filter")
    try:
        return _filter(given)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise bad_json("data did not match any variant of untagged enum Condition") from None


def _filter(given):
    least = given.get("min_should")
    return edge.Filter(
        must=_conditions(given.get("must")),
        should=_conditions(given.get("should")),
        must_not=_conditions(given.get("must_not")),
        min_should=least and edge.MinShould(_conditions(least["conditions"]), least["min_count"]),
    )


def _conditions(given):
    if given is None:
        return None
    return [_condition(one) for one in (given if isinstance(given, list) else [given])]


def _condition(given):
    if "has_id" in given:
        return edge.HasIdCondition({read_id(one) for one in given["has_id"]})
    if "has_vector" in given:
        return edge.HasVectorCondition(given["has_vector"])
    if "nested" in given:
        return edge.NestedCondition(given["nested"]["key"], _filter(given["nested"]["filter"]))
    if isinstance(given.get("is_empty"), dict):
        return edge.IsEmptyCondition(given["is_empty"]["key"])
    if isinstance(given.get("is_null"), dict):
        return edge.IsNullCondition(given["is_null"]["key"])
    if "key" in given:
        return _field(given)
    if any(clause in given for clause in CLAUSES):
        return _filter(given)
    raise KeyError("no condition")


def _field(given):
    parts = {}
    if given.get("match") is not None:
        parts["match"] = _match(given["match"])
    if given.get("range") is not None:
        parts["range"] = _range(given["range"])
    if given.get("values_count") is not None:
        parts["values_count"] = edge.ValuesCount(**_bounds(given["values_count"]))
    if given.get("geo_bounding_box") is not None:
        box = given["geo_bounding_box"]
        parts["geo_bounding_box"] = edge.GeoBoundingBox(_place(box["top_left"]), _place(box["bottom_right"]))
    if given.get("geo_radius") is not None:
        parts["geo_radius"] = edge.GeoRadius(_place(given["geo_radius"]["center"]), given["geo_radius"]["radius"])
    if given.get("geo_polygon") is not None:
        polygon = given["geo_polygon"]
        parts["geo_polygon"] = edge.GeoPolygon(
            _line(polygon["exterior"]), [_line(one) for one in polygon.get("interiors") or []] or None)
    for name in ("is_empty", "is_null"):
        if isinstance(given.get(name), bool):
            parts[name] = given[name]
    if not parts:
        raise KeyError("a field without a condition")
    return edge.FieldCondition(given["key"], **parts)


def _match(given):
    for name, make in (
        ("value", edge.MatchValue), ("text", edge.MatchText), ("text_any", edge.MatchTextAny), ("phrase", edge.MatchPhrase),
        ("prefix", edge.MatchPrefix), ("any", edge.MatchAny), ("except", edge.MatchExcept),
    ):
        if name in given:
            return make(given[name])
    raise bad_json("data did not match any variant of untagged enum MatchInterface at line 1 column 0")


def _bounds(given):
    return {name: given[name] for name in ("gte", "gt", "lte", "lt") if given.get(name) is not None}


def _range(given):
    bounds = _bounds(given)
    if any(isinstance(value, str) for value in bounds.values()):
        return edge.RangeDateTime(**bounds)
    return edge.RangeFloat(**bounds)


def _place(given):
    return edge.GeoPoint(given["lon"], given["lat"])


def _line(given):
    return [_place(one) for one in given["points"]]
