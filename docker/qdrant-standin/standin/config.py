"""A collection's configuration: read from a create body, filled up as the server does, compared as a recover does (contract 3, 6.3)."""

from .answers import bad_json, invalid, wrong_input

DISTANCES = ("Cosine", "Dot", "Euclid", "Manhattan")
# In the server's order. What is null is left out.
VECTOR_KEYS = ("size", "distance", "hnsw_config", "quantization_config", "on_disk", "datatype", "multivector_config")
HNSW = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000, "max_indexing_threads": 0, "on_disk": False}
OPTIMIZERS = {
    "deleted_threshold": 0.2, "vacuum_min_vector_number": 1000, "default_segment_number": 0, "max_segment_size": None,
    "memmap_threshold": None, "indexing_threshold": 10000, "flush_interval_sec": 5, "max_optimization_threads": None,
}


def from_create(body, settings):
    """Unknown keys pass, and without a known one the collection has no vectors (contract 1)."""
    if not isinstance(body, dict):
        raise bad_json("invalid type: expected struct CreateCollection")
    params = {"vectors": _vectors(body.get("vectors"), settings)}
    params["shard_number"] = _count(body, "shard_number", 1)
    if body.get("sharding_method"):
        params["sharding_method"] = body["sharding_method"]
    params["replication_factor"] = _count(body, "replication_factor", 1)
    params["write_consistency_factor"] = _count(body, "write_consistency_factor", 1)
    on_disk_payload = body.get("on_disk_payload")
    params["on_disk_payload"] = True if on_disk_payload is None else on_disk_payload
    if body.get("sparse_vectors"):
        params["sparse_vectors"] = {name: _present(value or {}) for name, value in sorted(body["sparse_vectors"].items())}
    config = {
        "params": params,
        "hnsw_config": {**HNSW, **_present(body.get("hnsw_config"))},
        "optimizer_config": {**_optimizers(settings), **_present(body.get("optimizers_config") or body.get("optimizer_config"))},
        "wal_config": {"wal_capacity_mb": settings.wal_capacity, "wal_segments_ahead": 0, "wal_retain_closed": 1,
                       **_present(body.get("wal_config"))},
        "quantization_config": body.get("quantization_config"),
    }
    if body.get("strict_mode_config"):
        config["strict_mode_config"] = body["strict_mode_config"]
    if body.get("metadata"):
        config["metadata"] = body["metadata"]
    config["uuid"] = None
    return config


def _optimizers(settings):
    return dict(OPTIMIZERS) if settings.is_1_16 else {**OPTIMIZERS, "prevent_unoptimized": None}


def _count(body, key, otherwise):
    value = body.get(key)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_json(f"invalid type: expected u32 for {key}")
    if value < 1:
        raise invalid(f"{key}: value {value} invalid, must be 1 or larger")
    return value


def _present(section):
    return {key: value for key, value in (section or {}).items() if value is not None}


def _vectors(given, settings):
    if given is None:
        return {}
    wrong = bad_json("data did not match any variant of untagged enum VectorsConfig at line 1 column 0")
    if not isinstance(given, dict):
        raise wrong
    if "size" in given and not isinstance(given["size"], dict):
        return _vector(given, "vectors", wrong, settings)
    if "size" in given or "distance" in given and not isinstance(given["distance"], dict):
        raise wrong
    return {name: _vector(value, f"vectors.{name}", wrong, settings) for name, value in sorted(given.items())}


def _vector(given, where, wrong, settings):
    if not isinstance(given, dict):
        raise wrong
    size = given.get("size")
    if isinstance(size, bool) or not isinstance(size, int) or size < 1 or given.get("distance") not in DISTANCES:
        raise wrong
    if size > 65536:
        raise invalid(f"{where}.size: value {size} invalid, must be from 1 to 65536")
    vector = {key: given[key] for key in VECTOR_KEYS if given.get(key) is not None}
    if settings.vectors_on_disk is not None:
        vector.setdefault("on_disk", settings.vectors_on_disk)
    return vector


# --- looking at it ------------------------------------------------------------------------------------------------------------


def is_single(vectors):
    return isinstance(vectors.get("size"), int)


def vectors_by_name(config):
    vectors = config["params"].get("vectors") or {}
    return {"": vectors} if is_single(vectors) else vectors


def sparse_by_name(config):
    return config["params"].get("sparse_vectors") or {}


def shown(config):
    """As the collection's info shows it."""
    return {key: value for key, value in config.items()
            if key != "uuid" and (value is not None or key == "quantization_config")}


def patched(config, patch):
    """The configuration after PATCH. Dimensions and distance cannot change."""
    names = vectors_by_name(config)
    for name, change in (patch.get("vectors") or {}).items():
        if name not in names:
            raise wrong_input(f"Not existing vector name error: {name}")
        for key in ("hnsw_config", "quantization_config", "on_disk"):
            if change.get(key) is not None:
                names[name][key] = change[key]
    for name, change in (patch.get("sparse_vectors") or {}).items():
        if name not in sparse_by_name(config):
            raise wrong_input(f"Not existing vector name error: {name}")
        sparse_by_name(config)[name].update(_present(change))
    config["params"].update(_present(patch.get("params")))
    config["hnsw_config"].update(_present(patch.get("hnsw_config")))
    config["optimizer_config"].update(_present(patch.get("optimizers_config")))
    if patch.get("quantization_config") is not None:
        given = patch["quantization_config"]
        config["quantization_config"] = None if given == "Disabled" else given
    if patch.get("strict_mode_config"):
        config["strict_mode_config"] = {**(config.get("strict_mode_config") or {}), **patch["strict_mode_config"]}
    if patch.get("metadata"):
        config["metadata"] = {**(config.get("metadata") or {}), **patch["metadata"]}
    return config


# --- comparing ----------------------------------------------------------------------------------------------------------------


def check_compatible(existing, snapshot):
    """Deep equality of the vectors, and the number of shards; nothing else (contract 6.3)."""
    ours, theirs = existing["params"], snapshot["params"]
    begins = "Snapshot is not compatible with existing collection"
    if _comparable(ours["vectors"]) != _comparable(theirs["vectors"]):
        raise wrong_input(f"{begins}: Collection vectors: {_as_rust(ours['vectors'])} Snapshot Vectors: {_as_rust(theirs['vectors'])}")
    if ours["shard_number"] != theirs["shard_number"]:
        raise wrong_input(
            f"{begins}: Collection shard number: {ours['shard_number']} Snapshot shard number: {theirs['shard_number']}")


def _comparable(vectors):
    if is_single(vectors):
        return _without_null(vectors)
    # A named vector called "" is not the unnamed one.
    return ("named", {name: _without_null(vector) for name, vector in vectors.items()})


def _without_null(value):
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return value


def _as_rust(vectors):
    if is_single(vectors):
        return f"Single({_vector_as_rust(vectors)})"
    inside = ", ".join(f'"{name}": {_vector_as_rust(vector)}' for name, vector in vectors.items())
    return f"Multi({{{inside}}})"


def _vector_as_rust(vector):
    def member(key):
        value = vector.get(key)
        if key in ("size", "distance"):
            return f"{key}: {value}"
        return f"{key}: None" if value is None else f"{key}: Some({_value_as_rust(value)})"

    return f"VectorParams {{ {', '.join(member(key) for key in VECTOR_KEYS)} }}"


def _value_as_rust(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: Some({_value_as_rust(item)})" for key, item in value.items()) + " }"
    return str(value)
