"""Payload indexes: JSON to the engine's and back."""

import qdrant_edge as edge

from .answers import bad_json

TYPES = {
    "keyword": (edge.PayloadSchemaType.Keyword, edge.KeywordIndexParams, ("is_tenant", "on_disk", "enable_hnsw", "prefix")),
    "integer": (edge.PayloadSchemaType.Integer, edge.IntegerIndexParams,
                ("lookup", "range", "is_principal", "on_disk", "enable_hnsw")),
    "float": (edge.PayloadSchemaType.Float, edge.FloatIndexParams, ("is_principal", "on_disk", "enable_hnsw")),
    "geo": (edge.PayloadSchemaType.Geo, edge.GeoIndexParams, ("on_disk", "enable_hnsw")),
    "text": (edge.PayloadSchemaType.Text, edge.TextIndexParams,
             ("tokenizer", "min_token_len", "max_token_len", "lowercase", "ascii_folding", "phrase_matching", "on_disk",
              "enable_hnsw")),
    "bool": (edge.PayloadSchemaType.Bool, edge.BoolIndexParams, ("on_disk", "enable_hnsw")),
    "datetime": (edge.PayloadSchemaType.Datetime, edge.DatetimeIndexParams, ("is_principal", "on_disk", "enable_hnsw")),
    "uuid": (edge.PayloadSchemaType.Uuid, edge.UuidIndexParams, ("is_tenant", "on_disk", "enable_hnsw")),
}


def to_engine(schema):
    wrong = bad_json("data did not match any variant of untagged enum PayloadFieldSchema at line 1 column 0")
    name = schema.get("type") if isinstance(schema, dict) else schema
    if not isinstance(name, str) or name not in TYPES:
        raise wrong
    plain, params, keys = TYPES[name]
    if not isinstance(schema, dict):
        return plain
    given = {key: schema[key] for key in keys if schema.get(key) is not None}
    if "tokenizer" in given:
        given["tokenizer"] = getattr(edge.TokenizerType, given["tokenizer"].capitalize())
    try:
        return params(**given)
    except TypeError:
        raise wrong from None


def registered_form(schema):
    """As the server writes it down: of an integer's parameters one is there even if it is null."""
    if isinstance(schema, dict) and schema.get("type") == "integer":
        return {"type": "integer", **{key: schema.get(key) for key in ("lookup", "range", "is_principal")}, **schema}
    return schema


def add_to(shown, of_engine, registered):
    """Adds what one shard's segments have to a collection's `payload_schema`."""
    for field, index in of_engine.items():
        name = _name(index.data_type)
        if field in shown:
            shown[field]["points"] += index.points
            continue
        shown[field] = {"data_type": name}
        params = registered.get(field)
        if not isinstance(params, dict):
            params = _params(name, index.params)
        if params:
            shown[field]["params"] = params
        shown[field]["points"] = index.points


def _name(data_type):
    return next(name for name, (plain, _, _) in TYPES.items() if plain == data_type)


def _params(name, params):
    if params is None:
        return None
    shown = {"type": name}
    for key in TYPES[name][2]:
        value = getattr(params, key, None)
        if value is not None:
            shown[key] = value if isinstance(value, (bool, int, float, str)) else str(value).split(".")[-1].lower()
    return registered_form(shown)
