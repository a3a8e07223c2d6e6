# A fresh Debian in a folder, in which commands run by chroot, with this machine's network, devices and ways to its package
# servers: what a builder of the Dockerfile has (try_dockerfile.py), and a newcomer (fresh.py). Needs root and debootstrap.
import os
import pathlib
import shutil

import booted_root

# What a machine has beside its sources to reach its package servers; copied in where it is there.
MACHINES_OWN = (
    "usr/share/keyrings",
    "usr/local/share/ca-certificates",
    "etc/hosts",
    "etc/pip.conf",
    "root/.npmrc",
)
PROXIES = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy") or name.startswith("PIP_")}
# In name spaces that end with what runs, so that no mount is left, whatever becomes of it. $1 the root, $2 who runs there.
INSIDE = """set -e
root=$1 user=$2
shift 2
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$user" "$root" "$@"
"""


def make(suite, root, packages=()):
    booted_root.bootstrap(root, suite, packages)
    for name in MACHINES_OWN:
        source, place = pathlib.Path("/", name), root / name
        if source.is_dir():
            shutil.copytree(source, place, dirs_exist_ok=True, symlinks=True)
        elif source.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)


def inside(root, command, user="root"):
    """The words that run `command` there; it and all that it started end with them."""
    spaces = ["--mount", "--pid", "--fork", "--kill-child"]
    return ["unshare", *spaces, "/bin/sh", "-c", INSIDE, "inside", root, user, *command]
