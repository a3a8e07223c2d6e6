# The package without building it: its unit, its version, what it says of licences, what it needs.
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

import fetch_swagger
import sources

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "debian/productd.service"
EXPOSURE_MAX = 2.0


def text(name):
    return (ROOT / name).read_text()


# ---------------------------------------------------------------------------------------------- the unit


def exposure(unit):
    """How exposed systemd-analyze finds a unit: from 0, shut off, to 10."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", unit]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])


def test_the_unit_is_shut_off_from_the_machine():
    assert exposure(UNIT) <= EXPOSURE_MAX


def test_a_unit_that_lacks_some_of_it_would_be_noticed(tmp_path):
    for setting in ("User", "SystemCallFilter", "CapabilityBoundingSet", "Private\\w+"):
        weaker = tmp_path / "productd.service"
        weaker.write_text(re.sub(rf"^{setting}=.*\n", "", UNIT.read_text(), flags=re.M))
        assert exposure(weaker) > exposure(UNIT)


def verified(unit, folder):
    """What systemd says of a unit on a machine that has no more than what it starts."""
    for program in ("usr/bin/productd", "bin/kill"):
        (folder / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", folder / program)
    units = folder / "usr/lib/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    for target in ("sysinit", "basic", "shutdown", "multi-user", "network-online"):
        (units / f"{target}.target").write_text("[Unit]\n")
    (units / "productd.service").write_text(unit)
    command = ["systemd-analyze", "verify", f"--root={folder}", "--man=no", "productd.service"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_systemd_finds_nothing_in_the_unit(tmp_path):
    assert verified(UNIT.read_text(), tmp_path) == ""


def test_systemd_would_find_a_setting_that_is_misspelled(tmp_path):
    assert "PrivateTemp" in verified(UNIT.read_text().replace("PrivateTmp", "PrivateTemp"), tmp_path)


# ------------------------------------------------------------------------------------------- the version


def test_there_is_one_version():
    versions = {
        "CMakeLists.txt": re.search(r"^project\(productd VERSION (\S+)", text("CMakeLists.txt"), re.M)[1],
        "CHANGELOG.md": re.search(r"^## \[(\d\S*)\]", text("CHANGELOG.md"), re.M)[1],
        "README.md": re.search(r"apt install \./productd_(\S+)-\d+_amd64\.deb", text("README.md"))[1],
        "debian/changelog": re.match(r"productd \((\S+)-\d+\)", text("debian/changelog"))[1],
    }
    assert len(set(versions.values())) == 1, versions


# ------------------------------------------------------------------------------------------ the licences


def paragraphs(control):
    """Each paragraph of a file in Debian's control format: {field: value}."""
    for paragraph in re.split(r"\n(?:[ \t]*\n)+", control.strip()):
        fields = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", paragraph, re.M)
        assert len(fields) == len(dict(fields)), f"a field stands twice in {fields}"
        yield dict(fields)


def licences(names):
    return re.split(r" and | or ", names)


def copyright_problems(copyright):
    """What the machine-readable format does not allow, and what of our files it does not cover."""
    head, *others = paragraphs(copyright)
    if not head["Format"].endswith("/copyright-format/1.0/"):
        yield "the format is another"
    about_files = [one for one in others if "Files" in one]
    texts = {one["License"].split("\n")[0]: one["License"] for one in others if "Files" not in one}
    for one in about_files:
        if not {"Copyright", "License"} <= one.keys():
            yield f"{one['Files']} lacks a holder or a licence"
        yield from (f"{name} has no text" for name in licences(one["License"]) if "\n" not in texts.get(name, ""))
        for pattern in one["Files"].split():
            tracked = any(name.startswith(pattern.rstrip("*")) for name in sources.files())
            if not tracked and pattern != "debian/swagger-ui/*":  # Put there when it is built.
                yield f"{pattern} is nowhere"
    if about_files[0]["Files"] != "*":
        yield "the first is not all files"


def test_the_copyright_file_can_be_read_and_fits_the_files():
    assert list(copyright_problems(text("debian/copyright"))) == []


def test_a_copyright_file_that_lacks_something_is_noticed():
    whole = text("debian/copyright")
    for lacking in (
        re.sub(r"\n\nLicense: Expat\n.*?\n\n", "\n\n", whole, flags=re.S),
        whole.replace("Files: proto/grpc/*", "Files: prot/grpc/*"),
        whole.replace("Copyright: Google LLC\n", ""),
    ):
        assert lacking != whole and list(copyright_problems(lacking))


def build_packages():
    return [name for names in re.findall(r"^build (\S+)", text("tools/packages.txt"), re.M) for name in names.split("|")]


def test_the_copyright_file_names_every_library_of_the_build_and_the_swagger_ui_that_is_embedded():
    copyright = text("debian/copyright")
    tests_alone = {"libgtest-dev", "libgmock-dev", "librapidcheck-dev", "libclang-rt-19-dev"}
    for package in build_packages():
        if package.endswith("-dev") and package not in tests_alone:
            name = re.sub(r"^lib|[\d.]*-dev$|\+\+|\d-dev$|1g-dev$", "", package)
            assert name in copyright.lower(), f"{package} ({name})"
    # Another version may have other parts: look at its LICENSE.txt and NOTICE.
    assert f"Swagger UI {fetch_swagger.VERSION}" in copyright


def test_the_licence_is_whole():
    assert text("LICENSE") == pathlib.Path("/usr/share/common-licenses/Apache-2.0").read_text()


# --------------------------------------------------------------------------------------- what it is made of


def test_the_package_needs_for_its_build_what_set_up_installs():
    source, _ = paragraphs(text("debian/control"))
    needed = set(re.findall(r"[\w.+-]+-[\w.+-]+|ccache|cmake", source["Build-Depends"]))
    # pip fetches Swagger UI, which set-up does and a build of the package does not.
    assert set(build_packages()) - {"python3-pip"} <= needed


def test_no_script_of_the_package_is_in_bash_or_goes_on_after_a_failure():
    for name in ("postinst", "postrm"):
        assert text(f"debian/productd.{name}").startswith("#!/bin/sh\nset -e\n")
    assert os.access(ROOT / "debian/rules", os.X_OK)


@pytest.mark.parametrize("name", ["limits", "logs", "metrics", "operations", "runbook", "security"])
def test_documents_it_installs_are_there(name):
    assert f"docs/{name}.md" in text("debian/productd.docs").split() and (ROOT / f"docs/{name}.md").exists()


def test_the_dashboards_and_descriptions_it_installs_are_there():
    for name in text("debian/productd.examples").split():
        assert (ROOT / name).exists(), name
    assert yaml.safe_load(text("api/openapi.yaml"))["openapi"]
