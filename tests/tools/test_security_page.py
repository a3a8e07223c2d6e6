# docs/security.md names tests that are there, and configuration keys that are.
import pathlib
import re

import yaml

from every_test import every_test

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
KEYS = yaml.safe_load((ROOT / "config/productd.yaml").read_text())


def test_each_test_it_names_is_there():
    named = set(re.findall(r"`(test_\w+|[A-Z]\w+\.[A-Z]\w+)`", PAGE))
    # A key has the form of a C++ test's name.
    tests = {name for name in named if not (name.split(".")[0] in KEYS)}
    assert len(tests) > 15 and sorted(tests - every_test()) == []


def test_each_key_it_names_is_there():
    named = set(re.findall(r"`([A-Z]\w+)\.(\w+)(?:: [^`]*)?`", PAGE))
    keys = {(section, key) for section, key in named if section in KEYS}
    assert len(keys) > 5 and [key for key in keys if key[1] not in KEYS[key[0]]] == []
