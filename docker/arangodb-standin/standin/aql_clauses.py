"""The clauses of AQL: each makes of a stream of variables another one."""

from . import aql_collect, aql_graph, aql_write
from .aql_expressions import Expressions
from .aql_values import elements, number, order, truth
from .aql_words import Cannot
from .answers import Failure


class Clauses(Expressions):
    def all(self):
        """From the first clause to RETURN: a function from the variables outside to the results."""
        steps, result = [], None
        while result is None:
            word = self.token.text if self.token.kind == "word" else None
            if word == "RETURN":
                result = self._return()
            elif word in _CLAUSES:
                self.take()
                steps.append(_CLAUSES[word](self))
            elif word in ("SEARCH", "WINDOW"):
                raise Cannot(word)
            elif word == "WITH" and not steps:
                self._with()
            elif self.query.writes and (self.token.kind == "end" or self.at(")")):
                result = _nothing
            else:
                raise self.wrong()

        def run(env):
            stream = iter([env])
            for step in steps:
                stream = step(stream)
            return result(stream)

        return run

    def _with(self):
        """Collections that are read besides: of no use outside a cluster, but they have to be there."""
        self.take()
        while True:
            self.query.collection(self._collection_name())
            if not self.skip(","):
                return

    def _collection_name(self):
        if self.token.kind == "bind" and self.token.text.startswith("@@"):
            return self.query.bound_collection(self.take().text[1:])
        return self.name()

    # --- clauses ---------------------------------------------------------------------------------------------------------------------

    def _for(self):
        names = [self.name()]
        while self.skip(","):
            names.append(self.name())
        self.expect("IN")
        traversal = aql_graph.traversal(self, names)
        if traversal is not None:
            return traversal
        if self.at("SHORTEST_PATH", "K_SHORTEST_PATHS", "K_PATHS", "ALL_SHORTEST_PATHS", "ANY", "OUTBOUND", "INBOUND") or len(names) > 1:
            raise Cannot(f"FOR {', '.join(names)} IN {self.token.text}")
        values = self._range()
        name = self.query.declare(names[0])
        if self.at("SEARCH"):
            raise Cannot("SEARCH")
        self._options()

        def each(stream):
            for env in stream:
                found = elements(values(env))
                if found is None:
                    raise Failure(400, 1563, "collection or array expected as operand to FOR loop")
                for one in found:
                    yield {**env, name: one}

        return each

    def _filter(self):
        condition = self.expression()

        def kept(stream):
            for env in stream:
                if truth(condition(env)):
                    yield env
                else:
                    self.query.stats["filtered"] += 1

        return kept

    def _let(self):
        steps = []
        while True:
            name = self.name()
            self.expect("=")
            value = self.expression()
            steps.append((self.query.declare(name), value))
            if not self.skip(","):
                break

        def with_more(stream):
            for env in stream:
                env = dict(env)
                for name, value in steps:
                    env[name] = value(env)
                yield env

        return with_more

    def _sort(self):
        keys = []
        while True:
            key = self.expression()
            keys.append((key, self.skip("DESC") is not None or (self.skip("ASC") is not None and False)))
            if not self.skip(","):
                break

        def ordered(stream):
            rows = list(stream)
            for key, is_descending in reversed(keys):
                rows.sort(key=lambda env: order(key(env)), reverse=is_descending)
            return iter(rows)

        return ordered

    def _limit(self):
        first = self.expression()
        offset, count = (first, self.expression()) if self.skip(",") else (None, first)

        def limited(stream):
            start = int(number(offset({}))) if offset else 0
            most = int(number(count({})))
            passed = 0
            for env in stream:
                passed += 1
                if start < passed <= start + most:
                    yield env
                elif passed > start + most and not self.query.options.get("fullCount"):
                    break
            if self.query.options.get("fullCount"):
                self.query.full_count = passed

        return limited

    def _collect(self):
        return aql_collect.collect(self)

    def _return(self):
        self.take()
        is_distinct = self.skip("DISTINCT") is not None
        value = self.expression()

        def results(stream):
            seen = set()
            for env in stream:
                found = value(env)
                if is_distinct:
                    key = order(found)
                    if key in seen:
                        continue
                    seen.add(key)
                yield found

        return results

    def _options(self):
        """What stands behind OPTIONS, and means nothing here unless it is of a write."""
        if not self.at("OPTIONS"):
            return {}
        self.take()
        return self.expression()({})


def _nothing(stream):
    for _ in stream:
        pass
    return iter(())


def _write(kind):
    return lambda clauses: aql_write.write(clauses, kind)


_CLAUSES = {
    "FOR": Clauses._for, "FILTER": Clauses._filter, "LET": Clauses._let, "SORT": Clauses._sort, "LIMIT": Clauses._limit,
    "COLLECT": Clauses._collect, **{kind: _write(kind) for kind in ("INSERT", "UPDATE", "REPLACE", "REMOVE", "UPSERT")},
}
