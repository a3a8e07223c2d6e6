#!/bin/sh
# What a newcomer meets: tools/fresh.sh bookworm|trixie [--only run|test] [--keep] [--root FOLDER] [--as-root]; fresh.py has the rest.
exec /usr/bin/python3 "$(dirname "$0")/fresh.py" "$@"
