"""A server that is asked like ArangoDB over HTTP, for tests where there is none. See README.md."""
