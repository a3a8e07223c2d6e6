# What the package has beside the binary, made of what the binary says: manual pages, completions, the configuration.
import re
import subprocess

import pytest
import yaml

import make_manual
import package_files
from service import BINARY, ROOT, run_cli


@pytest.fixture(scope="module")
def made():
    return package_files.made(BINARY)


def section(text, name):
    """The left column of a section of a --help, read in another way than tools/cli_help.py does."""
    found = re.search(rf"^{name}:\n((?:  .*\n)+)", text, re.M)
    return re.findall(r"^  (\S+)", found[1], re.M) if found else []


@pytest.fixture(scope="module")
def offered():
    """{"dlq list": [its flags, and the commands below it]}, of every command there is."""
    found, unread = {}, [""]
    while unread:
        path = unread.pop()
        text = run_cli(*path.split(), "--help").stdout
        below = section(text, "Subcommands")
        found[path] = [flag for entry in section(text, "Options") for flag in entry.split(",")] + below
        unread += [f"{path} {name}".strip() for name in below]
    assert {"", "serve", "dlq replay", "topics publish"} <= found.keys() and "--http-port" in found["serve"]
    return found


# ------------------------------------------------------------------------------------------- manual pages


def plain(roff):
    return roff.replace("\\-", "-").replace("\\fB", "").replace("\\fI", "").replace("\\fR", "").replace("\\(aq", "'")


def test_the_manual_has_every_command_with_every_flag(made, offered):
    _, *parts = re.split(r"^\.S[HS] ", plain(made["productd.1"]), flags=re.M)
    for path, words in offered.items():
        (part,) = [p for p in parts if p.startswith(f"productd {path} [OPTIONS]" if path else "OPTIONS\n")]
        for flag in (word for word in words if word.startswith("-")):
            assert re.search(rf"^(-\S, )?{flag}(,| |$)", part, re.M), f"{path} {flag}"


def test_the_manual_has_the_examples_as_they_are_typed(made):
    assert "\n    productd dlq replay --filter 'code=retry_exhausted' --rate 100\n" in plain(made["productd.1"])


def test_the_manual_of_the_configuration_has_every_key_with_its_default(made):
    page = plain(made["productd.yaml.5"])
    for name, value in yaml.safe_load((ROOT / "config/productd.yaml").read_text()).items():
        for path in [f"{name}.{key}" for key in value] if isinstance(value, dict) else [name]:
            assert f"\n.TP\n{path}: " in page, path
    assert "\n.TP\nHttp.Port: 5007\nREST over HTTPS; 0 takes a free port" in page


def test_what_a_manual_could_take_for_a_request_is_text():
    assert make_manual.escaped(".SH -a\\b'c") == "\\&.SH \\-a\\eb\\(aqc"


def test_a_configuration_that_cannot_be_read_makes_no_manual():
    with pytest.raises(ValueError, match="line 3"):
        list(make_manual.settings("Http:\n  Port: 1\n- something else\n"))


# -------------------------------------------------------------------------------------------- completions


def completed(script, line):
    """What bash offers behind the words of a line, the last of which is begun."""
    words = " ".join(f"'{word}'" for word in line.split(" "))
    ask = f'{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _productd; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return subprocess.run(["bash", "-c", ask], check=True, capture_output=True, text=True).stdout.split()


def test_bash_offers_the_flags_and_commands_of_each_command(made, offered):
    for path, words in offered.items():
        assert sorted(completed(made["bash/productd"], " ".join(["productd", *path.split(), ""]))) == sorted(words), path


def test_bash_finishes_what_is_begun_behind_flags_and_values(made):
    script = made["bash/productd"]
    assert completed(script, "productd dlq re") == ["replay"]
    assert completed(script, "productd serve --config dlq --http") == ["--http-port"]
    assert completed(script, f"productd serve --config {ROOT}/config/prod") == [f"{ROOT}/config/productd.yaml"]
    assert completed(script, f"productd serve --data-dir {ROOT}/conf") == [f"{ROOT}/config"]
    assert completed(script, "productd topics publish --key ") == []


def test_zsh_and_fish_know_every_command_and_flag(made, offered):
    for path, words in offered.items():
        command = f"productd {path}".strip()
        zsh = re.search(rf"^ +\('{command}'\)\n(.*?);;$", made["zsh/_productd"], re.M | re.S)[1]
        fish = "\n".join(re.findall(rf"^complete -c productd -n '__productd_at {command}' (.*)", made["fish/productd.fish"], re.M))
        for word in words:
            assert f"'*{word}[" in zsh or f"'{word}:" in zsh, f"zsh: {command} {word}"
            kind = "-l " if word.startswith("--") else "-s " if word.startswith("-") else "-a "
            assert re.search(rf"{kind}{word.lstrip('-')}( |$)", fish, re.M), f"fish: {command} {word}"


# ------------------------------------------------------------------------------------------ configuration


def test_the_packages_configuration_is_the_defaults_but_for_the_folder_of_its_data(made):
    packaged, ours = made["productd.yaml"].splitlines(), (ROOT / "config/productd.yaml").read_text().splitlines()
    assert len(packaged) == len(ours)
    assert [(a, b) for a, b in zip(ours, packaged) if a != b] == [('  Dir: "./data"', '  Dir: "/var/lib/productd"')]


def test_the_service_takes_the_packages_configuration(made, tmp_path):
    file = tmp_path / "productd.yaml"
    file.write_text(made["productd.yaml"])
    shown = run_cli("config", "--config", file)
    assert shown.returncode == 0 and '"/var/lib/productd"' in shown.stdout, shown.stdout + shown.stderr


def test_defaults_without_a_folder_make_no_configuration():
    with pytest.raises(ValueError, match="Data.Dir"):
        package_files.configuration("Http:\n  Port: 1\n")
