#!/usr/bin/python3
# Makes the root file system of the runtime image: image_root.py PROGRAM FOLDER. The Dockerfile copies FOLDER into an empty
# image, and tools/try_image.py runs it in a bare chroot, so that both have the very same files. In it is only what runs:
# the program, the shared objects that it needs, whom to trust, a user, and who made which part under which licence. No shell.
import os
import pathlib
import shutil
import sys

import image_closure
import image_sbom
from sources import ROOT

USER = 10001  # productd, whoever else there is on the machine.
PROGRAM = "usr/bin/productd"
PASSWD = f"root:x:0:0:root:/:/nonexistent\nproductd:x:{USER}:{USER}:productd:/data:/nonexistent\n"
GROUP = f"root:x:0:\nproductd:x:{USER}:\n"
# Names of hosts: the engine's own /etc/hosts before a name server.
NSSWITCH = "passwd: files\ngroup: files\nhosts: files dns\n"
# Where OpenSSL (the MongoDB driver, Redis, Kafka) and gRPC (traces) look for whom to trust.
TRUST = ("usr/lib/ssl/cert.pem", "usr/share/grpc/roots.pem")
# What every file is as old as, so that two builds of one source are the same to the byte.
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))


def put(root, name, source=None, text=None, mode=0o644):
    """A file of the image, from `source` or with `text`."""
    place = root / name.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    if source is not None:
        shutil.copyfile(source, place)
    else:
        place.write_text(text)
    place.chmod(mode)


def link_usr(root):
    """As Debian has it: /lib is usr/lib, so that each path of a library leads to one file."""
    for name in ("lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")


def put_libraries(root, program):
    for path, file in image_closure.shared_objects(program).items():
        put(root, path, source=file, mode=0o755)


def put_trust(root):
    put(root, image_closure.CERTIFICATES, source=image_closure.CERTIFICATES)
    for name in TRUST:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(image_closure.CERTIFICATES)


def put_origins(root, program):
    """Where each part is from: for scanners dpkg's own words (the folder that images without dpkg have them in), for people
    the licences, for both the list of all parts."""
    for package in image_closure.packages(program):
        put(root, f"var/lib/dpkg/status.d/{package.name}", text=package.status)
    for package in [*image_closure.packages(program), *image_closure.compiled_in()]:
        put(root, str(package.copyright_file()), source=package.copyright_file())
    put(root, "usr/share/doc/productd/sbom.cdx.json", text=image_sbom.sbom(program))
    put(root, "etc/os-release", source="/etc/os-release")
    if (ROOT / "LICENSE").exists():
        put(root, "usr/share/doc/productd/LICENSE", source=ROOT / "LICENSE")


def settle(root):
    """Nothing in it tells when, or in which order, it was made."""
    for place in [*root.rglob("*"), root]:
        if place.is_dir() and not place.is_symlink():
            place.chmod(0o755)
        os.utime(place, (EPOCH, EPOCH), follow_symlinks=False)


def make(program, root):
    """Fails when the folder is there already: an image must have nothing from before."""
    root.mkdir(parents=True)
    link_usr(root)
    put(root, PROGRAM, source=program, mode=0o755)
    put_libraries(root, program)
    put_trust(root)
    put_origins(root, program)
    put(root, "etc/passwd", text=PASSWD)
    put(root, "etc/group", text=GROUP)
    put(root, "etc/nsswitch.conf", text=NSSWITCH)
    for name in ("data", "proc", "sys", "dev"):  # Where the engine, or a chroot, mounts.
        (root / name).mkdir()
    settle(root)


def main(program, root):
    try:
        make(pathlib.Path(program).resolve(), pathlib.Path(root))
    except (OSError, RuntimeError) as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: image_root.py PROGRAM FOLDER")
    sys.exit(main(*sys.argv[1:]))
