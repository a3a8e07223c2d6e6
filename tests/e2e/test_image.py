# What the Dockerfile puts into the image, made here by the same program and run in a bare chroot.
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import image_closure
import image_root
import try_image
from service import BINARY, ROOT

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts and chroot need root")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    place = tmp_path_factory.mktemp("image") / "root"
    image_root.make(BINARY, place)
    yield place
    shutil.rmtree(place)


def files(root):
    return {str(place.relative_to(root)): place for place in root.rglob("*") if place.is_file() or place.is_symlink()}


@needs_root
def test_the_image_serves_as_a_plain_user_on_a_root_it_cannot_write(capfd):
    assert try_image.main(BINARY) == 0, capfd.readouterr()
    said = capfd.readouterr().out
    assert "is ready." in said and '"name":"Chair"' in said and "stopped: exit code 0" in said


@needs_root
@pytest.mark.parametrize(
    "part, instead, told",
    [
        ("bind,ro,", "bind,", "/ can be written"),
        ('--userspec="$user"', "--userspec=0:0", "the program ended before it was ready"),
        ("--no-new-privs ", "", "it can get new privileges"),
    ],
)
def test_a_container_that_is_not_shut_is_seen(capfd, monkeypatch, part, instead, told):
    assert part in try_image.INSIDE
    monkeypatch.setattr(try_image, "INSIDE", try_image.INSIDE.replace(part, instead))
    assert try_image.main(BINARY) == 1
    assert f"WRONG: {told}" in capfd.readouterr().err


def test_only_what_runs_is_in_it(root):
    inside = files(root)
    programs = {name for name, place in inside.items() if place.stat().st_mode & 0o111 and not place.is_symlink()}
    libraries = {name for name in programs if re.search(r"\.so(\.[0-9.]+)?$", name)}
    assert programs - libraries == {image_root.PROGRAM}
    assert len(libraries) == len(image_closure.shared_objects(BINARY)) >= 40
    assert not [name for name in inside if name.endswith((".pem", ".key")) and not inside[name].is_symlink()], "a key"
    for name in image_root.TRUST:
        assert os.readlink(inside[name]) == image_closure.CERTIFICATES
    assert "BEGIN CERTIFICATE" in inside[image_closure.CERTIFICATES[1:]].read_text()


def test_two_of_the_same_program_are_the_same(root, tmp_path):
    again = tmp_path / "root"
    image_root.make(BINARY, again)
    assert files(again).keys() == files(root).keys()
    for name, place in files(root).items():
        other = again / name
        assert (place.lstat().st_mode, place.lstat().st_mtime) == (other.lstat().st_mode, other.lstat().st_mtime)
        assert place.is_symlink() or place.read_bytes() == other.read_bytes()
    shutil.rmtree(again)


def test_every_part_is_in_the_list_with_its_version_and_licence(root):
    told = json.loads((root / "usr/share/doc/productd/sbom.cdx.json").read_text())
    parts = {part["name"]: part for part in told["components"]}
    for file in image_closure.shared_objects(BINARY).values():
        (name,) = image_closure.owners({file})
        assert parts[name]["version"] and parts[name]["purl"].startswith("pkg:deb/debian/")
        assert (root / f"var/lib/dpkg/status.d/{name}").read_text().startswith(f"Package: {name}\n")
        assert (root / f"usr/share/doc/{name}/copyright").stat().st_size > 100
    assert {"swagger-ui-dist", "libcli11-dev", "ca-certificates"} <= parts.keys()
    assert [name for name in parts if name.startswith("libboost")], "Asio and Beast are compiled in"
    assert told["dependencies"][0]["dependsOn"] == [part["bom-ref"] for part in told["components"]]


def test_a_library_of_no_package_is_refused(tmp_path):
    stranger = tmp_path / "libstranger.so.1"
    stranger.touch()
    with pytest.raises(RuntimeError, match="is of no package of Debian"):
        image_closure.owners({pathlib.Path(stranger)})


def test_a_folder_that_is_there_is_not_filled(root):
    command = [ROOT / "tools/image_root.py", BINARY, root]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("image: ")
