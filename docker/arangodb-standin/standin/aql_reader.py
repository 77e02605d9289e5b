"""Reads AQL word by word."""

from .aql_words import is_name, name_of, unexpected, words


class Reader:
    """`query` knows the bind parameters, the collections and which variables there are."""

    def __init__(self, text, query):
        self.text = text
        self.query = query
        self.tokens = words(text)
        self.place = 0
        self.stops_at_in = False  # of a write: what is behind IN is its collection

    @property
    def token(self):
        return self.tokens[self.place]

    def ahead(self, by=1):
        return self.tokens[min(self.place + by, len(self.tokens) - 1)]

    def take(self):
        token = self.token
        self.place += 1
        return token

    def at(self, *texts):
        return self.token.kind in ("word", "sign") and self.token.text in texts

    def skip(self, *texts):
        if self.at(*texts):
            return self.take()
        return None

    def expect(self, *texts):
        found = self.skip(*texts)
        if found is None:
            raise self.wrong(f", expecting {' or '.join(texts)}")
        return found

    def wrong(self, more=""):
        token = self.token
        what = {"end": "unexpected end of query string", "sign": f"unexpected '{token.text}'"}.get(token.kind, f"unexpected {token.kind}")
        if token.text == "=":
            what = "unexpected assignment"
        if token.kind == "word":
            what = f"unexpected {token.text} declaration"
        return unexpected(self.text, token.at, what + more)

    def name(self):
        if not is_name(self.token):
            raise self.wrong(", expecting identifier")
        return name_of(self.take())

    def inside(self, read):
        """What `read` makes of something in parentheses, where IN is an operator again."""
        before, self.stops_at_in = self.stops_at_in, False
        try:
            return read()
        finally:
            self.stops_at_in = before
