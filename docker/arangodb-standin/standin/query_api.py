"""What is asked about a query without running it, and edges of a vertex (contract 9; deprecated, and recorded)."""

from . import answers, aql
from .aql_words import words
from .cursor_api import stats_of
from .documents import Document, ends_of, split_handle


class _Anything(dict):
    """Whatever bind parameter is asked for."""

    def __init__(self, text):
        super().__init__({token.text[1:]: None for token in words(text) if token.kind == "bind"})

    def __getitem__(self, name):
        return "" if name.startswith("@") else None


def parse(call):
    """Its mistakes. What a real server answers for one that has none is its syntax tree, which the stand-in does not have."""
    text = call.object({}).get("query")
    if isinstance(text, str) and aql.words_of(text):
        aql.make(call, text, _Anything(text), {})
    else:
        aql.make(call, text or "", {}, {})
    raise answers.not_here("the syntax tree of a query")


def edges(call, collection):
    found = call.collection(collection)
    if not found.is_edge:
        raise answers.Failure(400, 1218, "collection type invalid: it has no edges")
    vertex = call.request.query.get("vertex", "")
    if split_handle(vertex) is None:
        raise answers.Failure(400, 1205, "illegal document handle")
    direction = call.request.query.get("direction", "any")
    if direction not in ("any", "in", "out"):
        raise answers.bad_parameter("<direction> must by any, in, or out")
    kept = []
    for text in found.texts.values():
        source, target = ends_of(text)
        if vertex == source and direction in ("any", "out") or vertex == target and direction in ("any", "in"):
            kept.append(Document(text))
    counted = {"writesExecuted": 0, "writesIgnored": 0, "scannedFull": 0, "scannedIndex": len(kept), "filtered": 0}
    return answers.json({"edges": kept, "error": False, "code": 200, "stats": stats_of(call, counted, None, 0.0001)})
