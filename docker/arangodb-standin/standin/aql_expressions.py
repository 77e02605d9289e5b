"""AQL expressions: read from words into functions of the variables, `f({"d": …})`."""

from . import aql_functions
from .aql_operators import ARITHMETIC, COMPARE, attribute_of, both, either, element_of, literal, matches, negated
from .aql_reader import Reader
from .aql_values import equal, finite, number, plain, truth
from .aql_words import Cannot, is_name, name_of


class Expressions(Reader):
    # --- from the weakest operator to the strongest -------------------------------------------------------------------------------------

    def expression(self):
        condition = self._or()
        if not self.skip("?"):
            return condition
        if self.skip(":"):
            otherwise = self.expression()
            return lambda env: (lambda value: value if truth(value) else otherwise(env))(condition(env))
        then = self.expression()
        self.expect(":")
        otherwise = self.expression()
        return lambda env: then(env) if truth(condition(env)) else otherwise(env)

    def _or(self):
        left = self._and()
        while self.skip("OR", "||"):
            left = either(left, self._and())
        return left

    def _and(self):
        left = self._equality()
        while self.skip("AND", "&&"):
            left = both(left, self._equality())
        return left

    def _equality(self):
        left = self._comparison()
        while True:
            if self.at("NOT") and self.ahead().text in ("IN", "LIKE"):
                self.take()
                left = negated(self._one_equality(left))
            elif self.stops_at_in and self.at("IN"):
                return left
            elif self.at("==", "!=", "IN", "LIKE", "=~", "!~"):
                left = self._one_equality(left)
            elif self.at("ANY", "ALL", "NONE") and self.ahead().text in ("==", "!=", "<", "<=", ">", ">=", "IN", "NOT"):
                raise Cannot("comparing arrays with ANY, ALL or NONE")
            else:
                return left

    def _one_equality(self, left):
        sign = self.take().text
        right = self._comparison()
        if sign == "==":
            return lambda env: equal(left(env), right(env))
        if sign == "!=":
            return lambda env: not equal(left(env), right(env))
        if sign == "IN":
            return lambda env: aql_functions.is_in(left(env), right(env))
        if sign == "LIKE":
            return lambda env: aql_functions.like(left(env), right(env))
        found = lambda env: matches(left(env), right(env))
        return found if sign == "=~" else negated(found)

    def _comparison(self):
        left = self._range()
        while self.at("<", "<=", ">", ">="):
            left = COMPARE[self.take().text](left, self._range())
        return left

    def _range(self):
        left = self._sum()
        if not self.skip(".."):
            return left
        right = self._sum()

        def numbers(env):
            first, last = int(number(left(env))), int(number(right(env)))
            return list(range(first, last + 1) if first <= last else range(first, last - 1, -1))

        return numbers

    def _sum(self):
        left = self._product()
        while self.at("+", "-"):
            left = ARITHMETIC[self.take().text](left, self._product())
        return left

    def _product(self):
        left = self._unary()
        while self.at("*", "/", "%"):
            left = ARITHMETIC[self.take().text](left, self._unary())
        return left

    def _unary(self):
        if self.skip("-"):
            if self.token.kind == "number" and not self.ahead().text == "..":
                value = literal("-" + self.take().text)
                return self._postfix(lambda env: value)
            inside = self._unary()
            return lambda env: finite(-number(inside(env)))
        if self.skip("+"):
            inside = self._unary()
            return lambda env: number(inside(env))
        if self.skip("NOT", "!"):
            return negated(self._unary())
        return self._postfix(self._primary())

    # --- attributes and elements ----------------------------------------------------------------------------------------------------

    def _postfix(self, value):
        while True:
            if self.skip("."):
                value = attribute_of(value, self._attribute_name())
            elif self.skip("["):
                place = self.inside(self.expression)
                self.expect("]")
                value = element_of(value, place)
            elif self.token.kind == "sign" and self.token.text == "[*]":
                self.take()
                value = self._expanded(value)
            elif self.token.text == "[**]":
                raise Cannot("[**]")
            else:
                return value

    def _attribute_name(self):
        if self.token.kind == "bind" and not self.token.text.startswith("@@"):
            name = str(self.query.bound(self.take().text[1:]))
        elif self.token.kind in ("name", "word"):
            name = name_of(self.take())
        else:
            raise self.wrong(", expecting identifier")
        return lambda env: name

    def _expanded(self, array):
        """`array[*].a.b`: the same of each element."""
        hidden = f"*{self.place}"
        inside = self._postfix(lambda env: env[hidden])
        return lambda env: [inside({**env, hidden: one}) for one in plain(array(env)) or [] if isinstance(plain(array(env)), list)]

    # --- the smallest parts --------------------------------------------------------------------------------------------------------------

    def _primary(self):
        token = self.token
        if token.kind in ("number", "string"):
            self.take()
            value = literal(token.text) if token.kind == "number" else token.value
            return lambda env: value
        if token.kind == "bind":
            self.take()
            if token.text.startswith("@@"):
                return self.query.collection_value(self.query.bound_collection(token.text[1:]))
            value = self.query.bound(token.text[1:])
            return lambda env: value
        if self.at("NULL", "TRUE", "FALSE"):
            value = {"NULL": None, "TRUE": True, "FALSE": False}[self.take().text]
            return lambda env: value
        if self.skip("("):
            return self.inside(self._in_parentheses)
        if self.skip("["):
            return self.inside(self._array)
        if self.skip("{"):
            return self.inside(self._object)
        if is_name(token) or token.kind == "word" and self.ahead().text == "(":
            return self.inside(self._named)
        raise self.wrong()

    def _in_parentheses(self):
        if self.at("FOR", "LET", "RETURN", "INSERT", "UPDATE", "REPLACE", "REMOVE", "UPSERT"):
            inside = self.query.subquery(self)
        else:
            inside = self.expression()
        self.expect(")")
        return inside

    def _array(self):
        parts = []
        while not self.at("]"):
            parts.append(self.expression())
            if not self.skip(","):
                break
        self.expect("]")
        return lambda env: [one(env) for one in parts]

    def _object(self):
        parts = []
        while not self.at("}"):
            parts.append(self._member())
            if not self.skip(","):
                break
        self.expect("}")
        return lambda env: {name(env): value(env) for name, value in parts}

    def _member(self):
        token = self.take()
        if token.kind == "sign" and token.text == "[":
            name = self.expression()
            self.expect("]")
        elif token.kind == "bind":
            bound = self.query.bound(token.text[1:])
            name = lambda env: bound
        elif token.kind in ("name", "word", "string"):
            known = token.value if token.kind == "string" else name_of(token)
            name = lambda env: known
            if not self.at(":") and token.kind == "name" and self.query.is_variable(known):
                return name, lambda env: env[known]
        else:
            self.place -= 1
            raise self.wrong(", expecting attribute name")
        self.expect(":")
        return name, self.expression()

    def _named(self):
        name = name_of(self.take())
        if self.at("::"):
            raise Cannot(f"functions of one's own ({name}::…)")
        if not self.skip("("):
            if self.query.is_variable(name):
                return lambda env: env[name]
            return self.query.collection_value(name)
        arguments = []
        while not self.at(")"):
            if self.at("FOR"):
                arguments.append(self.query.subquery(self))
            else:
                arguments.append(self.expression())
            if not self.skip(","):
                break
        self.expect(")")
        return aql_functions.call(name.upper(), arguments, self.query)
