# A fresh Debian in a folder, with systemd as the first process of its own namespaces: what a package does on a machine can be
# seen there without one. Its network is its own loopback alone, so that its ports are nobody else's; only who asks for it
# gets this machine's. Needs root and debootstrap.
import contextlib
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import tempfile
import time

START_SECONDS = 60
# How this machine reaches Debian's packages: not only where they are.
APT = ("sources.list", "sources.list.d", "keyrings", "auth.conf.d", "apt.conf.d", "trusted.gpg.d")

# What the first process finds: the usual file systems, a few devices, and its part of the control groups as their root.
BOOT = r"""
set -eu
root=$1; shift
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
[ "$1" = /sys/fs/cgroup ] || mount -t tmpfs tmpfs sys/fs/cgroup
while [ $# -gt 0 ]; do
    mkdir -p ".$1"
    mount -t "$2" -o "$3" cgroup ".$1"
    shift 3
done
ip link set lo up
mkdir -p .before
pivot_root . .before
umount -l /.before
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=productd-life \
    /lib/systemd/systemd --log-level=warning systemd.unit=multi-user.target </dev/null
"""


def mirror(suite):
    """Where this machine has `suite` from."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Suite: {suite}"]
    for by in (command, [*command[:-1], f"Codename: {suite}"]):
        found = subprocess.run(by, check=True, capture_output=True, text=True).stdout.split()
        if found:
            return found[0]
    return None


def own_suite():
    """What this machine runs: bookworm. Empty where it is no Debian of a name."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def of_suite(text, own, suite):
    """Sources of packages as they are written for a machine that runs `own`, for one that runs `suite`."""
    return re.sub(rf"\b{re.escape(own)}\b", suite, text) if own else text


def of_packages(folder, names):
    """Those of `names` in `folder` that packages of this machine brought: the same of another release would ask which to keep."""
    found = subprocess.run(["dpkg-query", "--search", f"{folder}/*"], capture_output=True, text=True).stdout
    owned = {line.partition(": ")[2] for line in found.splitlines()}
    return [name for name in names if f"{folder}/{name}" in owned and pathlib.Path(folder, name).is_file()]


def bootstrap(folder, suite, packages=()):
    """A new root of `suite` at `folder`, which reaches packages as this machine does."""
    included = [f"--include={','.join(packages)}"] if packages else []
    command = ["debootstrap", "--variant=minbase", *included, suite, folder]
    place = mirror(suite) or mirror(own_suite())
    with tempfile.TemporaryFile("w+") as said:
        if subprocess.run([*command, *filter(None, [place])], stdout=said, stderr=said).returncode:
            said.seek(0)
            raise RuntimeError(f"debootstrap failed: {said.read()[-2000:]}")
    (folder / "etc/apt/sources.list").unlink(missing_ok=True)  # What debootstrap wrote there is in ours too.
    for name in APT:
        source, target = pathlib.Path("/etc/apt", name), folder / "etc/apt" / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=of_packages)
        elif source.exists():
            shutil.copy(source, target)
    for file in filter(pathlib.Path.is_file, [folder / "etc/apt/sources.list", *(folder / "etc/apt/sources.list.d").glob("*")]):
        file.write_text(of_suite(file.read_text(), own_suite(), suite))
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")


def hierarchies():
    """(mount point, type, options) of the control groups that systemd wants."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, at, type_, options, *_ = line.split()
        if type_ == "cgroup2":
            yield at, type_, "rw"
        elif type_ == "cgroup" and "name=systemd" in options.split(","):
            yield at, type_, "none,name=systemd"


class BootedRoot:
    """A root that runs. As a context: ended with all its processes, and its control groups are gone, when it is left."""

    def __init__(self, folder):
        self.folder = folder
        self.groups = [pathlib.Path(at, f"productd-life-{os.getpid()}") for at, _, _ in hierarchies()]

    def __enter__(self):
        for group in self.groups:
            group.mkdir()
        mounts = [part for one in hierarchies() for part in one]
        namespaces = ["--mount", "--pid", "--fork", "--kill-child=KILL", "--uts", "--ipc", "--net", "--cgroup"]
        command = ["unshare", *namespaces, "sh", "-c", BOOT, "sh", self.folder, *mounts]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=self.join_groups)
        try:
            self.wait(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() == "running")
        except BaseException:
            self.__exit__()
            raise
        return self

    def join_groups(self):
        for group in self.groups:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for group in self.groups:
            self.remove(group)

    def remove(self, group):
        """The processes of a namespace that was killed leave their groups a moment later."""

        def gone():
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
            return not group.exists()

        self.wait(gone)

    def first_process(self):
        """The number that systemd has outside; None before it is there."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return children[0] if children else None

    def run(self, *command, check=True, network=False, stdin=None):
        """A command inside, to its end; with `network` it has this machine's."""
        process = self.first_process()
        if process is None:
            return subprocess.CompletedProcess(command, 1, "", "it has not started")
        spaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", *([] if network else ["--net"])]
        inside = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
        whole = ["nsenter", "--target", process, *spaces, "--root", "--wd", *inside, *command]
        done = subprocess.run(whole, capture_output=True, text=True, input=stdin or "")
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def wait(self, is_so, seconds=START_SECONDS, pause=0.05):
        end = time.monotonic() + seconds
        while not (found := is_so()):
            if self.process.poll() is not None and self.process.returncode > 0:
                raise RuntimeError(f"the root ended with {self.process.returncode}")
            if time.monotonic() > end:
                raise RuntimeError(f"waited {seconds} s in vain for {is_so.__qualname__}")
            time.sleep(pause)
        return found
