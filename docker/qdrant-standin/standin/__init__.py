"""A Qdrant stand-in: the REST interface in Python, the data in Qdrant's own engine (the wheel qdrant-edge-py). See README.md."""
