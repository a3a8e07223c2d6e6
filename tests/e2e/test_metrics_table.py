# docs/metrics.md and /metrics tell the same, both ways; tests/stack asks it of the servers of the stack.
import re
import shutil
import subprocess

import pytest

import load
import topics
from metrics_table import COLUMNS, TABLE, differences, exported, rows
from service import ROOT
from store_under_test import MONGODB, REDIS

# The contract's spelling, which the older service's dashboards ask for.
KEPT_SPELLING = "http_microservice_total_requests"
UNITS = {"_seconds": "seconds", "_bytes": "bytes", "_ratio": "ratio"}


def engines():
    return {
        "bus": "sqlite",
        "store": "mongodb" if MONGODB else "sqlite",
        "cache": "redis" if REDIS else "memory",
    }


@pytest.fixture(scope="module")
def scrape(tmp_path_factory, proto):
    """What /metrics says after a load."""
    from service import Service

    service = Service(tmp_path_factory.mktemp("metrics"), environment=load.ENVIRONMENT).start()
    try:
        load.load(service, proto, lambda topic, payload: topics.publish(service, topic, payload))
        yield service.metrics_text()
        service.stop()
    finally:
        service.ensure_stopped()


def test_the_table_lists_what_is_exported_and_nothing_else(scrape):
    assert list(differences(scrape, engines())) == []


def test_each_stage_and_call_of_a_write_is_timed(scrape):
    for series in (
        'productd_write_stage_duration_seconds_count{operation="create",stage="publish"}',
        'productd_write_stage_duration_seconds_count{operation="create",stage="wait"}',
        'productd_log_call_duration_seconds_count{operation="publish",result="ok"}',
        'productd_log_call_duration_seconds_count{operation="commit",result="ok"}',
        'productd_store_call_duration_seconds_count{operation="write",result="ok"}',
    ):
        count = re.search(rf"^{re.escape(series)} (\d+)$", scrape, re.M)
        assert count and int(count[1]) > 0, series


def test_what_only_one_of_both_has_is_told(scrape):
    """Of the comparison itself."""
    line = "# HELP products_new_total New\n# TYPE products_new_total counter\nproducts_new_total 1\n"
    lacking = re.sub(r"^.*productd_ready.*\n", "", scrape, flags=re.M)
    other = scrape.replace('productd_check_passed{check="log"}', 'productd_check_passed{check="log",more="1"}')
    assert list(differences(scrape + line, engines())) == ["products_new_total is exported and not in the table"]
    assert list(differences(lacking, engines())) == ["productd_ready is in the table and not exported"]
    assert len(list(differences(other, engines()))) == 1


def test_each_row_says_type_unit_meaning_and_a_version_that_was():
    names = [row.name for row in rows()]
    assert len(names) > 50 and len(names) == len(set(names))
    version = re.search(r"^project\(productd VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
    number = lambda text: [int(part) for part in text.split(".")]
    for row in rows():
        assert row.type in ("counter", "gauge", "histogram"), row
        assert all(getattr(row, column) for column in COLUMNS), row
        assert number(row.since) <= number(version), row
        for suffix, unit in UNITS.items():
            if re.search(rf"{suffix}(_total|_max)?$", row.name):
                assert row.unit.startswith(unit), row
    assert f"productd {version}" in TABLE.read_text()


def test_promtool_finds_nothing_but_the_contracts_one_spelling(scrape):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed; run tools/setup.sh check")
    done = subprocess.run(["promtool", "check", "metrics"], input=scrape, capture_output=True, text=True)
    told = (done.stdout + done.stderr).splitlines()
    assert told == [f'{KEPT_SPELLING} counter metrics should have "_total" suffix']
    assert KEPT_SPELLING in exported(scrape)
