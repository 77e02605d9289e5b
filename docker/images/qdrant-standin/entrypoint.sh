#!/bin/sh
# The official one stays, and forwards TERM and INT.
exec ./qdrant "$@"
