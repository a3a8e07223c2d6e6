# That setup embeds no other Swagger UI than the one that was looked at, from whichever registry it comes, and that the
# build goes on without it.
import hashlib
import subprocess
import tarfile
import zipfile

import fetch_swagger
import pytest


@pytest.fixture
def registries(tmp_path, monkeypatch):
    """Says what npm and pip do; returns the commands that were run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(fetch_swagger.shutil, "which", lambda name: f"/usr/bin/{name}")
    ran = []

    def answer(npm, pypi):
        def run(command, cwd, **_):
            ran.append(command[0])
            answers = npm if command[0] == "npm" else pypi
            if answers:
                (make_archive if command[0] == "npm" else make_wheel)(cwd)
            return type("Done", (), {"returncode": not answers, "stderr": "first line\nno such package"})

        monkeypatch.setattr(fetch_swagger.subprocess, "run", run)
        return ran

    return answer


def make_archive(folder):
    with tarfile.open(folder / "swagger-ui-dist.tgz", "w:gz") as made:
        for name in fetch_swagger.FILES:
            (folder / name).write_text(f"{name} of npm")
            made.add(folder / name, f"package/{name}")


def make_wheel(folder):
    with zipfile.ZipFile(folder / "flask_swagger_ui.whl", "w") as made:
        for name in fetch_swagger.FILES:
            made.writestr(f"flask_swagger_ui/dist/{name}", f"{name} of PyPI")


def trust(monkeypatch, of):
    hashes = {name: hashlib.sha256(f"{name} of {of}".encode()).hexdigest() for name in fetch_swagger.FILES}
    monkeypatch.setattr(fetch_swagger, "FILES", hashes)


def fetched():
    return {file.name: file.read_text() for file in fetch_swagger.place().iterdir()}


@pytest.mark.parametrize("npm, source, commands", [(True, "npm", 1), (False, "PyPI", 2)])
def test_npm_gives_it_else_pypi_and_it_is_fetched_once(registries, monkeypatch, npm, source, commands):
    ran = registries(npm=npm, pypi=True)
    trust(monkeypatch, source)
    for _ in range(2):
        assert fetch_swagger.main([]) == 0
    assert fetched() == {name: f"{name} of {source}" for name in fetch_swagger.FILES} and len(ran) == commands


def test_without_npm_pypi_gives_it(registries, monkeypatch):
    ran = registries(npm=True, pypi=True)
    monkeypatch.setattr(fetch_swagger.shutil, "which", lambda name: None)
    trust(monkeypatch, "PyPI")
    assert fetch_swagger.main([]) == 0 and fetched() and "npm" not in ran


def test_other_files_are_refused_and_leave_nothing(registries, capsys, tmp_path):
    registries(npm=True, pypi=True)
    assert fetch_swagger.main([]) == 1
    assert "is not the file that was looked at" in capsys.readouterr().err
    assert list((tmp_path / "productd").iterdir()) == []


def test_where_no_registry_answers_the_build_goes_on(registries, capsys):
    registries(npm=False, pypi=False)
    assert fetch_swagger.main([]) == 0
    said = capsys.readouterr().err
    assert "its page will be a plain one (npm: no such package; pip: no such package)" in said
    assert not fetch_swagger.place().exists()


def test_a_registry_that_hangs_is_given_up(registries, monkeypatch, capsys):
    registries(npm=True, pypi=True)

    def hang(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(fetch_swagger.subprocess, "run", hang)
    assert fetch_swagger.main([]) == 0 and "timed out" in capsys.readouterr().err
