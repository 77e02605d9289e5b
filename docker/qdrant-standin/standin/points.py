"""Reading and writing points (contract 7)."""

import heapq
import json
import operator

import qdrant_edge as edge

from . import config as configuration
from . import indexes, strict
from .activity import hold
from .answers import Failure, bad_json, bad_request, invalid, not_found, ok, to_text, wrong_input
from .filters import read_filter
from .ids import id_in_path, id_text, order, read_id, shard_of
from .records import record_text, scored_text
from .vectors import check_unnamed, first_unfit, read_vector

UPDATE_MODES = {"upsert": edge.UpdateMode.Upsert, "insert_only": edge.UpdateMode.InsertOnly, "update_only": edge.UpdateMode.UpdateOnly}


# --- reading ------------------------------------------------------------------------------------------------------------------


def scroll(server, request, name):
    body = _object(request)
    _timeout(request)
    collection = server.reading(request, name)
    limit = _limit(body, "scroll_request.limit")
    strict.check_read(collection, request, limit)
    by, offset = body.get("order_by"), body.get("offset")
    if by is not None and offset is not None:
        raise wrong_input(
            "Cannot use an `offset` when using `order_by`. The alternative for paging is to use `order_by.start_from` and a filter to "
            "exclude the IDs that you've already seen for the `order_by.start_from` value")
    asked = edge.ScrollRequest(
        offset=None if offset is None else read_id(offset), limit=limit, filter=read_filter(body.get("filter")),
        with_payload=_with_payload(body, True), with_vector=_with_vector(body), order_by=None if by is None else _order_by(by))
    records, following = [], []
    for shard in collection.shards:
        with shard.reading("Scroll", len(collection.shards)) as handle:
            found, after = handle.scroll(asked)
        records += found
        if after is not None:
            following.append(after)
    if len(collection.shards) > 1:
        records.sort(key=(lambda one: order(one.id)) if by is None else operator.attrgetter("order_value"),
                     reverse=by is not None and asked.order_by.direction == edge.Direction.Desc)
    following += [record.id for record in records[limit:]]
    after = id_text(min(following, key=order)) if following and by is None else "null"
    texts = ",".join([record_text(record) for record in records[:limit]])
    return ok(f'{{"points":[{texts}],"next_page_offset":{after}}}', request.began)


def retrieve(server, request, name):
    body = _object(request)
    if "ids" not in body:
        raise bad_json("missing field `ids` at line 1 column 2")
    collection = server.reading(request, name)
    ids = [read_id(one) for one in body["ids"]]
    # The documentation says true, the server does false (contract 7).
    records = _retrieve(collection, ids, _with_payload(body, False), _with_vector(body))
    return ok(f"[{','.join([record_text(record) for record in records])}]", request.began)


def get(server, request, name, point):
    collection = server.reading(request, name)
    records = _retrieve(collection, [id_in_path(point)], True, True)
    if not records:
        raise not_found(f"Point with id {point} does not exists!")
    return ok(record_text(records[0]), request.began)


def _retrieve(collection, ids, with_payload, with_vector):
    found = {}
    for shard in collection.shards:
        with shard.reading("Retrieve", len(collection.shards)) as handle:
            found.update((record.id, record) for record in handle.retrieve(ids, with_payload, with_vector))
    return [found[one] for one in dict.fromkeys(ids) if one in found]


def count(server, request, name):
    body = _object(request)
    collection = server.reading(request, name)
    exact = body.get("exact")
    asked = edge.CountRequest(exact=True if exact is None else exact, filter=read_filter(body.get("filter")))
    total = 0
    for shard in collection.shards:
        with shard.reading("count", len(collection.shards)) as handle:
            total += handle.count(asked)
    return ok(to_text({"count": total}), request.began)


def query(server, request, name):
    body = _object(request)
    _timeout(request)
    points = _query(server.reading(request, name), request, body, body.get("query"), body.get("using"))
    return ok(f'{{"points":{points}}}', request.began)


def query_batch(server, request, name):
    searches = _object(request).get("searches")
    collection = server.reading(request, name)
    answers = [f'{{"points":{_query(collection, request, one, one.get("query"), one.get("using"))}}}' for one in searches]
    return ok(f"[{','.join(answers)}]", request.began)


def search(server, request, name):
    body = _object(request)
    return ok(_search(server.reading(request, name), request, body), request.began)


def search_batch(server, request, name):
    searches = _object(request).get("searches")
    collection = server.reading(request, name)
    return ok(f"[{','.join([_search(collection, request, one) for one in searches])}]", request.began)


def _search(collection, request, body):
    vector, using = body.get("vector"), None
    if isinstance(vector, dict):
        using, vector = vector.get("name"), vector.get("vector")
    return _query(collection, request, body, vector, using)


def _query(collection, request, body, wanted, using):
    limit = _limit(body, "limit")
    strict.check_read(collection, request, limit)
    using = using or ""
    wanted_filter = read_filter(body.get("filter"))
    vector, excluded = _query_vector(collection, wanted, using)
    if excluded is not None:
        others = edge.Filter(must_not=[edge.HasIdCondition({excluded})])
        wanted_filter = edge.Filter(must=[wanted_filter, others]) if wanted_filter else others
    offset = body.get("offset") or 0
    asked = edge.QueryRequest(
        limit=limit + offset, query=None if vector is None else edge.Query.Nearest(vector, using), filter=wanted_filter,
        with_payload=_with_payload(body, False), with_vector=_with_vector(body), score_threshold=body.get("score_threshold"),
        params=_search_params(body.get("params")))
    found = []
    for shard in collection.shards:
        with shard.reading("Query", len(collection.shards)) as handle:
            found.append(handle.query(asked))
    if vector is None:
        points = heapq.merge(*found, key=lambda one: order(one.id))
    else:
        nearest_first = _distance(collection, using) in ("Euclid", "Manhattan")
        points = heapq.merge(*found, key=lambda one: one.score if nearest_first else -one.score)
    return f"[{','.join([scored_text(point) for point in list(points)[offset:offset + limit]])}]"


def _query_vector(collection, wanted, using):
    """The vector, and the id whose vector it is if an id was given."""
    if isinstance(wanted, dict) and "nearest" in wanted:
        wanted = wanted["nearest"]
    if isinstance(wanted, dict) and "indices" not in wanted:
        raise bad_request(f"the stand-in knows no query but the nearest, and not {next(iter(wanted), '{}')}")
    if wanted is None or not isinstance(wanted, (int, str)):
        return None if wanted is None else read_vector(wanted), None
    point = read_id(wanted)
    records = _retrieve(collection, [point], False, True)
    vector = records[0].vector if records else None
    if isinstance(vector, dict):
        vector = vector.get(using)
    if vector is None:
        raise not_found(f"No point with id {wanted} found")
    return vector, point


def _distance(collection, using):
    return configuration.vectors_by_name(collection.config).get(using, {}).get("distance")


# --- writing ------------------------------------------------------------------------------------------------------------------


def upsert(server, request, name):
    collection = server.writing(request, name)
    body = _object(request)
    given = _batch(body["batch"]) if "batch" in body else body.get("points")
    if not isinstance(given, list):
        raise bad_json("data did not match any variant of untagged enum PointInsertOperations")
    if not given:
        raise bad_request("Empty update request")
    points = [_point(one, place, server.settings) for place, one in enumerate(given)]
    return _upsert(server, request, collection, body, given, points)


def _upsert(server, request, collection, body, given, points):
    wait = request.flag("wait", False)
    _timeout(request, server.settings)
    _check_shard_key(collection, body)
    strict.check_write(collection, len(points))
    if not server.settings.is_1_16:
        # For the whole request and before anything is applied, with or without wait (contract 7).
        check_unnamed(collection, given)
    condition, mode = read_filter(body.get("update_filter")), body.get("update_mode")
    if mode is not None and mode not in UPDATE_MODES:
        raise bad_json(f"unknown variant `{mode}`, expected one of `upsert`, `insert_only`, `update_only`")
    # As the server, in order and up to the first that does not fit.
    fitting, complaint = first_unfit(collection, given)

    def work():
        hold(server.settings.upsert_pause)
        for shard, chosen in _by_shard(collection, points[:fitting]):
            with shard.updating(wait) as handle:
                handle.update(edge.UpdateOperation.upsert_points(chosen, condition, mode and UPDATE_MODES[mode]))
        if complaint:
            raise complaint

    return _done(request, collection, wait, work)


def _point(given, place, settings):
    if not isinstance(given, dict):
        raise bad_json("invalid type: expected struct PointStruct")
    if "id" not in given:
        raise bad_json("missing field `id`")
    if "vector" not in given:
        raise bad_json("missing field `vector`")
    payload = given.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise bad_json("invalid type: sequence, expected a map")
    vector = given["vector"]
    if type(vector) is not list or not vector or type(vector[0]) is list:
        vector = read_vector(vector, place, settings)
    try:
        return edge.Point(read_id(given["id"]), vector, payload)
    except TypeError:
        raise bad_json("data did not match any variant of untagged enum VectorStruct") from None


def _batch(batch):
    ids, vectors = batch["ids"], batch["vectors"]
    payloads = batch.get("payloads") or [None] * len(ids)
    if isinstance(vectors, dict):
        vectors = [{name: column[place] for name, column in vectors.items()} for place in range(len(ids))]
    if not len(ids) == len(vectors) == len(payloads):
        raise invalid("batch: number of ids, vectors and payloads must be the same")
    return [{"id": one, "vector": vector, "payload": payload} for one, vector, payload in zip(ids, vectors, payloads)]


def _by_shard(collection, points):
    """A point goes where it is already: a recovered collection was spread by the real server's hash, which is not ours."""
    shards = collection.shards
    if not points:
        return []
    if len(shards) == 1:
        return [(shards[0], points)]
    places = {}
    ids = [point.id for point in points]
    for number, shard in enumerate(shards):
        with shard.reading("Update Points", len(shards)) as handle:
            places.update((record.id, number) for record in handle.retrieve(ids, False, False))
    chosen = {}
    for point in points:
        number = places.get(point.id)
        chosen.setdefault(shard_of(point.id, len(shards)) if number is None else number, []).append(point)
    return [(shards[number], some) for number, some in sorted(chosen.items())]


def delete(server, request, name):
    collection = server.writing(request, name)
    body = _object(request)
    operation = _on_points(body, edge.UpdateOperation.delete_points, edge.UpdateOperation.delete_points_by_filter)
    return _everywhere(request, collection, operation)


def set_payload(server, request, name):
    return _change_payload(server, request, name, edge.UpdateOperation.set_payload, edge.UpdateOperation.set_payload_by_filter)


def overwrite_payload(server, request, name):
    return _change_payload(
        server, request, name, edge.UpdateOperation.overwrite_payload, edge.UpdateOperation.overwrite_payload_by_filter)


def _change_payload(server, request, name, of_points, by_filter):
    collection = server.writing(request, name)
    body = _object(request)
    if not isinstance(body.get("payload"), dict):
        raise bad_json("missing field `payload`")
    return _everywhere(request, collection, _on_points(body, of_points, by_filter, body["payload"], body.get("key")), body)


def delete_payload(server, request, name):
    collection = server.writing(request, name)
    body = _object(request)
    operation = _on_points(
        body, edge.UpdateOperation.delete_payload, edge.UpdateOperation.delete_payload_by_filter, body.get("keys") or [])
    return _everywhere(request, collection, operation, body)


def clear_payload(server, request, name):
    collection = server.writing(request, name)
    body = _object(request)
    return _everywhere(
        request, collection, _on_points(body, edge.UpdateOperation.clear_payload, edge.UpdateOperation.clear_payload_by_filter), body)


def update_vectors(server, request, name):
    collection = server.writing(request, name)
    body = _object(request)
    points = []
    for place, one in enumerate(body.get("points") or []):
        points.append(edge.PointVectors(read_id(one["id"]), read_vector(one.get("vector"), place, server.settings)))
    if not points:
        raise bad_request("Empty update request")

    wait = request.flag("wait", False)

    def work():
        for shard, chosen in _by_shard(collection, points):
            with shard.updating(wait) as handle:
                handle.update(edge.UpdateOperation.update_vectors(chosen))

    return _done(request, collection, wait, work)


def delete_vectors(server, request, name):
    collection = server.writing(request, name)
    body = _object(request)
    operation = _on_points(
        body, edge.UpdateOperation.delete_vectors, edge.UpdateOperation.delete_vectors_by_filter, body.get("vector") or [])
    return _everywhere(request, collection, operation, body)


def _on_points(body, of_points, by_filter, *more):
    if isinstance(body.get("points"), list):
        if not body["points"]:
            raise bad_request("Empty update request")
        return of_points([read_id(one) for one in body["points"]], *more)
    if isinstance(body.get("filter"), dict):
        return by_filter(read_filter(body["filter"]), *more)
    raise bad_json("data did not match any variant of untagged enum PointsSelector")


def _everywhere(request, collection, operation, body=None):
    """Where a point is not, nothing happens."""
    wait = request.flag("wait", False)
    if body is not None:
        _check_shard_key(collection, body)

    def work():
        complaints = []
        for shard in collection.shards:
            try:
                with shard.updating(wait) as handle:
                    handle.update(operation)
            except Exception as complaint:
                if len(collection.shards) == 1 or getattr(complaint, "status", 500) != 404:
                    raise
                complaints.append(complaint)
        if complaints and len(complaints) == len(collection.shards):
            raise complaints[0]

    return _done(request, collection, wait, work)


def _done(request, collection, wait, work):
    """Without wait nobody hears that it failed (contract 7)."""
    try:
        work()
    except Exception:
        if wait or any(shard.handle is None for shard in collection.shards):
            raise
    number = next(collection.operations)
    return ok(to_text({"operation_id": number, "status": "completed" if wait else "acknowledged"}), request.began)


# --- the payload index ----------------------------------------------------------------------------------------------------------


def create_index(server, request, name):
    collection = server.writing(request, name)
    body = _object(request)
    field, schema = body.get("field_name"), body.get("field_schema")
    if not isinstance(field, str):
        raise bad_json("missing field `field_name`")
    operation = edge.UpdateOperation.create_field_index(field, indexes.to_engine(schema))
    collection.schema = {**collection.schema, field: indexes.registered_form(schema)}
    collection.save()
    return _everywhere(request, collection, operation)


def delete_index(server, request, name, field):
    collection = server.writing(request, name)
    collection.schema = {key: value for key, value in collection.schema.items() if key != field}
    collection.save()
    return _everywhere(request, collection, edge.UpdateOperation.delete_field_index(field))


# --- parts of a request -----------------------------------------------------------------------------------------------------------


def _object(request):
    body = request.json()
    if not isinstance(body, dict):
        raise bad_json("invalid type: expected a map")
    return body


def _limit(body, where):
    limit = body.get("limit")
    if limit is None:
        return 10
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise bad_json("invalid value: expected usize")
    if limit < 1:
        raise invalid(f"{where}: value {limit} invalid, must be 1 or larger")
    return limit


def _timeout(request, settings=None):
    given = request.query.get("timeout")
    if given is None:
        return
    if settings is not None and settings.is_1_16:
        raise _bad_query(f'invalid type: string "{given}", expected struct Duration')
    if not given.isdigit():
        raise _bad_query("invalid digit found in string")
    if int(given) == 0:
        raise _bad_query("invalid value: integer `0`, expected a nonzero u64")


def _bad_query(text):
    return Failure(400, f"Deserialize error in query parameters: {text}")


def _with_payload(body, otherwise):
    given = body.get("with_payload")
    if given is None:
        return otherwise
    if isinstance(given, dict):
        if "include" in given:
            return edge.PayloadSelector.Include(given["include"])
        return edge.PayloadSelector.Exclude(given.get("exclude") or [])
    return given


def _with_vector(body):
    given = body.get("with_vector", body.get("with_vectors"))
    return False if given is None else given


def _order_by(given):
    if isinstance(given, str):
        return edge.OrderBy(given)
    direction = edge.Direction.Desc if given.get("direction") == "desc" else edge.Direction.Asc
    return edge.OrderBy(given["key"], direction, given.get("start_from"))


def _search_params(given):
    if not given:
        return None
    quantization = given.get("quantization")
    return edge.SearchParams(
        hnsw_ef=given.get("hnsw_ef"), exact=bool(given.get("exact")), indexed_only=bool(given.get("indexed_only")),
        quantization=quantization and edge.QuantizationSearchParams(
            ignore=bool(quantization.get("ignore")), rescore=quantization.get("rescore"), oversampling=quantization.get("oversampling")))


def _check_shard_key(collection, body):
    if collection.config["params"].get("sharding_method") != "custom":
        return
    key = body.get("shard_key")
    if key is None:
        raise wrong_input("Shard key not specified")
    raise wrong_input(f"Shard key {json.dumps(key)} not found")
