# Tests of what `make mutants` changes.
import pytest
from mutants import EQUAL, all_mutants, known_equal
from mutations import changes_of


@pytest.mark.parametrize(
    "line, after",
    [
        ("    if (a < b) return;", "    if (a <= b) return;"),
        ("    if (lane.is_free()) go();", "    if (!(lane.is_free())) go();"),
        ("    return !is_open;", "    return is_open;"),
        ("    if (f(a) && g(b)) go();", "    if (!(f(a) && g(b))) go();"),
        ("    return a && b;", "    return a || b;"),
        ("constexpr int early_attempts = 5;", "constexpr int early_attempts = 6;"),
        ("    parts_.lanes.unpark(lane);", ""),
        ("    lane.due = due;", ""),
    ],
)
def test_a_line_is_changed(line, after):
    assert after in list(changes_of(line))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "// a < b",
        '#include "app/ports/clock.hpp"',
        '    return fail("1 < 2 && true");',
        "    std::vector<Result<Stored>> found;",
        "    return found;",
    ],
)
def test_what_is_no_condition_stays(line):
    assert list(changes_of(line)) == []


def test_the_rules_and_the_worker_have_many():
    paths = {mutant.path for mutant in all_mutants(["src/"])}
    assert {"src/domain/decide.cpp", "src/codec/resp.cpp", "src/app/worker/core/isolation.cpp"} <= paths
    assert not any(path.endswith("_test.cpp") for path in paths)


def test_what_is_listed_as_equal_is_a_mutant_and_has_a_reason():
    keys = {mutant.key for mutant in all_mutants(["src/"])}
    for key, reason in known_equal().items():
        assert key in keys, f"{EQUAL.name}: no such mutant: {key}"
        assert reason.strip()
