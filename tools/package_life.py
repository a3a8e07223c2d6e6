#!/usr/bin/python3
# The life of the Debian package on a machine, after `make package`: installed into a fresh Debian, run by systemd there,
# used by curl, killed, given another port and another folder, upgraded with data and with an edited configuration, removed, installed again, purged. As root; takes
# some two minutes, most of them for the fresh Debian. Ends with 0 when all of it holds, and says how long the first answer took.
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from booted_root import BootedRoot, bootstrap
from package_drop_ins import API, CONFIG, DropIns, expect
from sources import ROOT

README = ROOT / "README.md"
DATA = "/var/lib/productd"
CHAIR = {"name": "Chair", "description": "A wooden chair", "price": 10.5, "quantity": 3, "rating": 5}
# Without what a smaller Debian lacks: systemd to run it, curl to ask it.
PACKAGES = ["systemd-sysv", "ca-certificates", "curl"]


def another_version(package, mark, folder):
    """The same package as a newer version, whose configuration has one more line."""
    tree = folder / f"tree-{mark}"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control, config = tree / "DEBIAN/control", tree / CONFIG.lstrip("/")
    control.write_text(re.sub(r"^(Version: .*)$", rf"\1+{mark}", control.read_text(), flags=re.M))
    config.write_text(f"{config.read_text()}# New in {mark}.\n")
    (tree / "DEBIAN/md5sums").unlink()
    made = folder / f"productd-{mark}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, made], check=True, stdout=subprocess.DEVNULL)
    return made


class Life:
    def __init__(self, root):
        self.root, self.run = root, root.run

    # --------------------------------------------------------------------------------------- what is asked

    def apt(self, *arguments):
        self.run("apt-get", "-qq", "-y", *arguments, network=True)

    def install(self, package, *options):
        shutil.copy(package, self.root.folder)
        self.apt("install", *options, f"/{package.name}")
        self.run("rm", f"/{package.name}")

    def property(self, name):
        return self.run("systemctl", "show", "--value", f"--property={name}", "productd").stdout.strip()

    def curl(self, *arguments):
        """What the service says, or nothing."""
        command = ["curl", "-sS", "--fail", "--cacert", f"{DATA}/tls/server.crt", *arguments]
        return self.run(*command, check=False).stdout

    def create(self, product):
        body = ["-H", "Content-Type: application/json", "-d", json.dumps(product)]
        return json.loads(self.root.wait(lambda: self.curl(*body, API)))

    def has(self, product):
        def stored():
            return self.curl(f"{API}/{product['productId']}")

        expect(json.loads(self.root.wait(stored)) == product, "the product is not as it was")

    def journal(self):
        lines = self.run("journalctl", "--unit=productd", "--identifier=productd", "--output=cat").stdout
        return [json.loads(line) for line in lines.splitlines()]

    def path(self, name):
        return self.root.folder / name.lstrip("/")

    def mode(self, name):
        return self.run("stat", "--format=%a %U:%G", name).stdout.strip()

    # ----------------------------------------------------------------------------------- what must hold

    def is_first_answered(self, package):
        began = time.monotonic()
        self.install(package)
        product = self.create(CHAIR)
        self.has(product)
        print(f"life: {time.monotonic() - began:.1f} s from apt-get install to the first product created and read by curl")
        return product

    def does_as_the_readme_says(self, package):
        shutil.copy(package, self.root.folder)
        (block,) = re.findall(r"<!-- proven in a fresh Debian -->\n```sh\n(.*?)```", README.read_text(), re.S)
        for line in block.splitlines():
            # With the network only who needs it: curl is to ask the service of this root.
            self.run("bash", "-c", line, network=line.startswith("apt "))
        self.run("rm", f"/{package.name}")

    def is_shut_off(self):
        expect(self.property("ActiveState") == "active", "the service is not active")
        expect(self.property("StatusText").startswith("Serving REST on port 5007"), "it has not told that it serves")
        status = self.run("cat", f"/proc/{self.property('MainPID')}/status").stdout
        for line in (r"Uid:\t(?!0\t)", r"CapEff:\t0+\n", r"CapBnd:\t0+\n", r"NoNewPrivs:\t1\n", r"Seccomp:\t2\n"):
            expect(re.search(line, status), f"its process is not as the unit wants: {line}")
        mounts = self.run("cat", f"/proc/{self.property('MainPID')}/mounts").stdout
        expect(re.search(r"^\S+ / \S+ ro,", mounts, re.M), "it may write to the system")
        expect(re.search(rf"^\S+ {DATA} \S+ rw,", mounts, re.M), "it may not write to its data")
        expect(self.mode(DATA) == "700 productd:productd", f"{DATA} is {self.mode(DATA)}")
        expect(self.mode(f"{DATA}/tls/server.pem") == "600 productd:productd", "the key is for others to read")
        expect(self.mode(CONFIG) == "640 root:productd", f"{CONFIG} is {self.mode(CONFIG)}")
        expect(any(line["message"] == "The service has started" for line in self.journal()), "the journal lacks the start")

    def is_reloaded(self):
        process = self.property("MainPID")
        for old, new in (("info", "debug"), ("debug", "info")):
            self.edit(f"  Level: {old}", f"  Level: {new}")
            self.run("systemctl", "reload", "productd")

            def took_level(new=new):
                return any(line.get("by") == "SIGHUP" and line["to"] == new for line in self.journal())

            self.root.wait(took_level)
        expect(self.property("MainPID") == process, "a reload has ended the process")

    def is_back_after_a_kill(self, product):
        process = self.property("MainPID")
        self.run("kill", "-KILL", process)
        self.root.wait(lambda: self.property("MainPID") not in (process, "0"))
        self.has(product)
        expect(self.property("NRestarts") == "1", "systemd has not restarted it once")

    def edit(self, old, new):
        text = self.path(CONFIG).read_text()
        expect(old in text, f"{CONFIG} has no line {old}")
        self.path(CONFIG).write_text(text.replace(old, new))

    def is_upgraded(self, package, product, mark):
        """With a configuration that nobody has touched, which the new one replaces."""
        process = self.property("MainPID")
        self.install(package)
        self.has(product)
        expect(self.property("MainPID") != process, "an upgrade has not restarted it")
        expect(f"# New in {mark}." in self.path(CONFIG).read_text(), "the new configuration is not there")
        expect(self.mode(CONFIG) == "640 root:productd", "an upgrade has changed who may read the configuration")

    def keeps_edits(self, package, product, mark):
        self.edit("  ApplyWait: 2s", "  ApplyWait: 3s")
        self.install(package, "-o", "Dpkg::Options::=--force-confold")
        self.has(product)
        expect("  ApplyWait: 3s" in self.path(CONFIG).read_text(), "the edit is lost")
        expect(f"# New in {mark}." in self.path(f"{CONFIG}.dpkg-dist").read_text(), "the new one is not beside it")
        in_force = self.run("productd", "config", "--config", CONFIG).stdout
        expect(re.search(r"ApplyWait: 3s\b", in_force), "the edit is not in force")

    def keeps_data_when_removed(self, package, product):
        self.apt("remove", "productd")
        expect(self.run("pgrep", "productd", check=False).returncode == 1, "the service still runs")
        expect(self.journal()[-1]["message"] == "The service has stopped", "it was not stopped in order")
        expect(self.path(f"{DATA}/store.db").exists() and self.path(CONFIG).exists(), "data or configuration are gone")
        self.install(package, "-o", "Dpkg::Options::=--force-confold")
        self.has(product)

    def leaves_nothing_when_purged(self):
        self.apt("purge", "productd")
        places = ["/etc", "/lib", "/usr", "/var/lib", "/var/cache"]
        left = self.run("find", *places, "-xdev", "-name", "*productd*").stdout.split()
        expect(not left, f"left behind: {left}")
        expect(self.run("getent", "passwd", "productd", check=False).returncode == 0, "the user is gone")


def live(root, package, folder):
    life = Life(root)
    first, second = another_version(package, "one", folder), another_version(package, "two", folder)
    drop_ins = DropIns(life)
    life.apt("update")
    product = life.is_first_answered(package)
    for step, arguments in (
        (life.does_as_the_readme_says, [package]),
        (life.is_shut_off, []),
        (life.is_reloaded, []),
        (life.is_back_after_a_kill, [product]),
        (drop_ins.serves_on_a_port_below_1024, [product]),
        (drop_ins.has_its_data_elsewhere, [product]),
        (life.is_upgraded, [first, product, "one"]),
        (life.keeps_edits, [second, product, "two"]),
        (life.keeps_data_when_removed, [second, product]),
        (life.leaves_nothing_when_purged, []),
    ):
        step(*arguments)
        print(f"life: {step.__name__.replace('_', ' ')}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("package", nargs="?", type=pathlib.Path, help="the .deb; build/package's without it")
    parser.add_argument("--suite", default="bookworm", choices=["bookworm", "trixie"], help="the Debian it was built on")
    parser.add_argument("--base", type=pathlib.Path, help="a root to copy instead of making a fresh one")
    asked = parser.parse_args()
    package = asked.package or next((ROOT / "build/package").glob("productd_*.deb"), None)
    if package is None:
        sys.exit("life: there is no package in build/package; make one with `make package`")
    with tempfile.TemporaryDirectory(prefix="productd-life-") as temporary:
        folder = pathlib.Path(temporary)
        if asked.base:
            subprocess.run(["cp", "--archive", asked.base, folder / "root"], check=True)
        else:
            bootstrap(folder / "root", asked.suite, PACKAGES)
        try:
            with BootedRoot(folder / "root") as root:
                live(root, package, folder)
        except (AssertionError, RuntimeError) as failed:
            print(f"life: {failed}", file=sys.stderr)
            return 1
    print("life: all good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
