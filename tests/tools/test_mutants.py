# Tests of what `make mutants` changes.
import pytest
from mutant_build import linked_anew, without_launcher
from mutant_trials import COMPILER, Killer
from mutants import EQUAL, Mutant, all_mutants, equal_of, judge, known_equal, sample, whole
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
        ("constexpr std::size_t told_max = 1'000;", "constexpr std::size_t told_max = 1001;"),
        ("    return std::ranges::all_of(all, is_free);", "    return std::ranges::any_of(all, is_free);"),
        ("    parts_.lanes.unpark(lane);", ""),
        ("    lane.due = due;", ""),
        ("    int failures = 0;  ///< In a row.", "    int failures = 1;  ///< In a row."),
        ("    void go(int times = 3);", "    void go(int times = 4);"),
        ("    void null(std::string_view name) { member(name) += \"null\"; }", "    void null(std::string_view name) {}"),
        ("    bool ok() const { return ok_; }  ///< So far.", "    bool ok() const { return !(ok_); }  ///< So far."),
        ("    return is_late ? late : early;", "    return is_late ? early : late;"),
        ("    return f(is_late ? late(at) : early);", "    return f(is_late ? early : late(at));"),
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
        "    return call_of(truest);",
        "    virtual bool holds() const = 0;",
        '    return "no " + what;',
        "    text.reserve(2 * size);",
        "    std::size_t size() const { return size_; }",
        "    return found ? *found : std::array<int, N>{};",
    ],
)
def test_what_is_no_condition_stays(line):
    assert list(changes_of(line)) == []


def test_the_rules_and_the_worker_have_many():
    paths = {mutant.path for mutant in all_mutants(["src/"])}
    assert {"src/domain/decide.cpp", "src/codec/resp.cpp", "src/app/worker/core/isolation.cpp"} <= paths
    assert not any(path.endswith("_test.cpp") for path in paths)


@pytest.mark.parametrize("after", ["    return 0 | b;", ""])
def test_a_line_of_the_list_names_its_mutant_whatever_the_code_has(after):
    mutant = Mutant("src/codec/a.cpp", 7, "    return a | b;", after)
    assert equal_of(f"{mutant.key} → a is 0 → always") == (mutant.key, "a is 0 → always")


def test_a_line_of_the_list_without_a_reason_is_refused():
    with pytest.raises(SystemExit, match="four parts"):
        equal_of("src/codec/a.cpp → return a | b; → return 0;")


def test_what_has_something_finer_is_not_turned_round_as_a_whole():
    assert list(changes_of("    bool is_full() const { return size_ > max_; }")) == [
        "    bool is_full() const { return size_ >= max_; }"
    ]


@pytest.mark.parametrize("killer, code", [(COMPILER, 1), (None, 1), (Killer("codec_test", "Resp.Reads"), 0)])
def test_mutants_of_which_none_compiles_prove_nothing(killer, code):
    assert judge([(Mutant("src/codec/a.cpp", 7, "    return a;", ""), killer, 1)]) == code


def test_the_whole_is_some_hundred_and_one_of_a_line():
    mutants = whole(all_mutants(["src/"]))
    assert 400 < len(mutants) < 900
    assert len({(mutant.path, mutant.line) for mutant in mutants}) == len(mutants)


def test_a_condition_is_turned_round_only_where_nothing_finer_can_be_changed():
    coarse = Mutant("a.cpp", 1, "    if (a < b) go();", "    if (!(a < b)) go();")
    fine = Mutant("a.cpp", 1, "    if (a < b) go();", "    if (a <= b) go();")
    assert whole([coarse, fine]) in ([fine], [])


def test_a_change_elsewhere_leaves_the_whole_as_it_is():
    mutants = [Mutant("a.cpp", line, f"    go({line});", "") for line in range(1, 100)]
    moved = [Mutant("a.cpp", line + 7, f"    go({line});", "") for line in range(1, 100) if line % 10]
    kept = {mutant.key for mutant in whole(mutants)}
    assert {mutant.key for mutant in whole(moved)} == kept & {mutant.key for mutant in moved}
    assert 30 < len(kept) < 70


def test_another_seed_draws_others_of_the_whole():
    mutants = whole(all_mutants(["src/"]))
    assert sample(mutants, 5, "1") == sample(mutants[:], 5, "1") != sample(mutants, 5, "2")


def test_a_mutant_is_compiled_by_the_builds_command_without_its_cache_and_its_list_of_headers():
    words = "cmake -E env A=1 ccache /usr/bin/clang++-19 -O1 -MD -MT a.o -MF a.o.d -o a.o -c a.cpp".split()
    assert without_launcher(words) == "/usr/bin/clang++-19 -O1 -o a.o -c a.cpp".split()


@pytest.mark.parametrize(
    "changed, objects",
    [
        ({"b.o": "/m/1.o"}, ["/m/1.o", "a.o"]),
        ({"a.o": "/m/0.o", "b.o": "/m/1.o"}, ["/m/0.o", "/m/1.o"]),
        ({"of_the_library.o": "/m/2.o"}, ["/m/2.o", "a.o", "b.o"]),
        ({}, ["a.o", "b.o"]),
    ],
)
def test_what_changed_is_linked_in_front_also_where_nothing_else_is_left(changed, objects):
    link = "clang++ -O1 a.o b.o -o src/made of.a".split()
    assert linked_anew(link, changed, "/m/made") == ["clang++", "-O1", *objects, "-o", "/m/made", "of.a"]


def test_what_is_listed_as_equal_is_a_mutant_and_has_a_reason():
    keys = {mutant.key for mutant in all_mutants(["src/"])}
    for key, reason in known_equal().items():
        assert key in keys, f"{EQUAL.name}: no such mutant: {key}"
        assert reason.strip()
