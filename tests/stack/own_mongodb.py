# A server of MongoDB that one test runs by itself.
import os

import pytest

import stack


def own(server, folder):
    """Not started yet; skipped where there is none, failed in CI."""
    if not os.access(server.program, os.X_OK):
        assert not os.environ.get("CI"), f"MongoDB is not there: run {server.install}"
        pytest.skip(f"MongoDB is not there; run {server.install}")
    return stack.Running(server, folder)
