# What a fresh root is made of, and how what is said in it is read (tools/fresh.py, tools/booted_root.py).
import booted_root
import fresh
import pytest

WELCOME = """setup: done
Try it:

  curl --cacert data/tls/server.crt https://localhost:5007/api/v1/products -H 'Content-Type: application/json' \\
    -d '{"name":"Chair"}'

Ctrl-C stops it.
"""


def test_the_printed_curl_line_is_taken_when_it_is_whole():
    curl = fresh.printed_curl(WELCOME)
    assert curl.startswith("curl --cacert data/tls/server.crt ") and curl.endswith("""\\\n    -d '{"name":"Chair"}'""")
    for end in range(WELCOME.index("\n\nCtrl-C") + 2):
        assert not fresh.printed_curl(WELCOME[:end]), "half of it"


def test_the_closing_lines_of_the_runners_are_found():
    said = """99% tests passed, 1 tests failed out of 2345
Total Test time (real) = 12.00 sec
test_a.py ...  [100%]
============ 1 failed, 900 passed, 12 skipped in 99.01s (0:01:39) ============
3 passed in 0.50s
nobody passed in here
"""
    assert fresh.closing_lines(said) == [
        "99% tests passed, 1 tests failed out of 2345",
        "1 failed, 900 passed, 12 skipped in 99.01s (0:01:39)",
        "3 passed in 0.50s",
    ]


@pytest.mark.parametrize(
    "own, there",
    [
        ("Suites: bookworm bookworm-updates", "Suites: trixie trixie-updates"),
        ("deb http://mirror/debian-security bookworm-security main", "deb http://mirror/debian-security trixie-security main"),
        ("URIs: http://mirror/bookworms", "URIs: http://mirror/bookworms"),
    ],
)
def test_the_sources_of_this_machine_are_those_of_the_other_suite_in_its_root(own, there):
    assert booted_root.of_suite(own, "bookworm", "trixie") == there
    assert booted_root.of_suite(own, "bookworm", "bookworm") == own
    assert booted_root.of_suite(own, "", "trixie") == own, "a machine that has no name for its release"
