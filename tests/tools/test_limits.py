# docs/limits.md has every bound of the configuration, with its default, and names tests that are there.
import pathlib
import re

import yaml

from every_test import every_test

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Numbers, sizes and times of the configuration that bound nothing: how much of something there is, and how often.
NO_BOUNDS = {
    "Server.Port", "Server.Threads", "Server.KeepaliveTime",
    "Http.Port", "Http.Threads",
    "Metrics.Port",
    "Feed.Heartbeat",
    "Worker.Parallelism", "Worker.CommitInterval", "Worker.BackoffMin", "Worker.BackoffMax",
    "Log.Partitions", "Log.Retention",
    "Store.TombstoneTtl", "Store.ReaderThreads",
    "Cache.Ttl", "Cache.NegativeTtl",
    "Kafka.Replicas", "Kafka.MinInsyncReplicas",
    "Redis.DB",
    "Logger.AccessSample", "Logger.AccessSlow",
    "Tracing.SampleRatio", "Tracing.Interval",
}  # fmt: skip
AMOUNT = re.compile(r"\d+(ms|s|m|h|d|KiB|MiB|GiB)?")


def bounds_of(text):
    """Each bound of the reference file with its default."""
    found = {}
    for section, members in yaml.load(text, yaml.BaseLoader).items():
        if not isinstance(members, dict):
            continue
        for name, value in members.items():
            if isinstance(value, str) and AMOUNT.fullmatch(value):
                found[f"{section}.{name}"] = value
    return {key: value for key, value in found.items() if key not in NO_BOUNDS}


def rows_of(text):
    """The cells of each row whose first cell is a key, by that key."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines()]
    return {row[0].strip("`"): row[1:] for row in rows if re.fullmatch(r"`[A-Z]\w+\.\w+`", row[0])}


REFERENCE = (ROOT / "config/productd.yaml").read_text()
DOCUMENT = (ROOT / "docs/limits.md").read_text()


def test_every_bound_of_the_configuration_has_its_row_and_every_row_its_key():
    assert set(rows_of(DOCUMENT)) == set(bounds_of(REFERENCE))


def test_what_bounds_nothing_is_a_key_too():
    keys = {f"{section}.{name}" for section, members in yaml.load(REFERENCE, yaml.BaseLoader).items()
            if isinstance(members, dict) for name in members}  # fmt: skip
    assert NO_BOUNDS <= keys


def test_the_defaults_are_those_of_the_configuration():
    defaults = bounds_of(REFERENCE)
    assert {key: row[0] for key, row in rows_of(DOCUMENT).items()} == defaults


def test_each_row_says_what_happens_and_names_tests_that_are_there():
    names = set()
    for key, row in rows_of(DOCUMENT).items():
        assert len(row) == 3 and row[1], key
        tests = re.findall(r"`([^`]+)`", row[2])
        assert tests or row[2].startswith("none: "), key
        names |= set(tests)
    assert sorted(names - every_test()) == []


def test_a_bound_without_a_row_would_be_noticed():
    added = REFERENCE.replace("Server:\n", "Server:\n  # New.\n  StringsMax: 7\n")
    assert set(bounds_of(added)) - set(rows_of(DOCUMENT)) == {"Server.StringsMax"}
