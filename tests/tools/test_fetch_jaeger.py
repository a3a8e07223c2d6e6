# What setup does where Jaeger cannot be built, and that it builds no other than the one that was looked at.
import json

import fetch_jaeger
import pytest


@pytest.fixture
def go(tmp_path, monkeypatch):
    """What `go` says, command by command; each may be changed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    module = tmp_path / "module"
    module.mkdir()
    says = {"env": "go1.23.2", "mod": json.dumps({"Sum": fetch_jaeger.MODULE_SUM, "Dir": str(module)}), "build": ""}

    def run(command, **_):
        if says["env"] is None:
            raise FileNotFoundError
        if "-o" in command:
            command[command.index("-o") + 1].write_text("made by go")
        return type("Done", (), {"returncode": 0, "stdout": says[command[2]], "stderr": ""})

    monkeypatch.setattr(fetch_jaeger.subprocess, "run", run)
    return says


def test_it_is_built_once(go, monkeypatch):
    assert fetch_jaeger.main() == 0
    assert fetch_jaeger.place().read_text() == "made by go"
    monkeypatch.setattr(fetch_jaeger, "build", None)
    assert fetch_jaeger.main() == 0


@pytest.mark.parametrize("version, why", [(None, "there is no Go"), ("go1.19.8", "Go is go1.19.8, and 1.22 is needed")])
def test_without_a_fitting_go_it_is_left_out_loudly_and_in_ci_that_is_an_error(go, monkeypatch, capsys, version, why):
    go["env"] = version
    assert fetch_jaeger.main() == 0
    assert f"JAEGER IS LEFT OUT: {why}" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    assert fetch_jaeger.main() == 1
    assert f"Jaeger must be there in CI: {why}" in capsys.readouterr().err
    assert not fetch_jaeger.place().exists()


def test_another_module_is_refused_and_leaves_nothing(go, capsys, tmp_path):
    go["mod"] = json.dumps({"Sum": "h1:other=", "Dir": str(tmp_path)})
    assert fetch_jaeger.main() == 1
    assert "is not the one that was looked at" in capsys.readouterr().err
    assert list((tmp_path / "productd").iterdir()) == []
