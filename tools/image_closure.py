# What a program needs to run, and which of Debian's packages that is from: for the image and its list of parts.
import dataclasses
import functools
import pathlib
import re
import subprocess

# Compiled into the program, as they are headers alone: in no shared object that could tell of them.
HEADERS = r"^(libboost[0-9.]+-dev|libcli11-dev)$"
# Files beside the shared objects: whom to trust over TLS, for all libraries that ask for it at their own place.
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    source: str
    architecture: str
    status: str  # Its paragraph of dpkg's status.

    def copyright_file(self):
        return pathlib.Path(f"/usr/share/doc/{self.name}/copyright")

    def licences(self):
        """The short names in a copyright file of the machine-readable form; nothing for another form."""
        text = self.copyright_file().read_text(errors="replace")
        if not text.startswith("Format:"):
            return []
        return sorted({line.strip() for line in re.findall(r"^License:[ \t]*(\S[^\n]*)$", text, re.M)})


def run(*command):
    return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout


@functools.cache
def shared_objects(program):
    """{where it is looked for: the file}, the loader among them; fails on one that is missing."""
    found = {}
    for line in run("ldd", program).splitlines():
        if "not found" in line:
            raise RuntimeError(f"{program} lacks {line.split()[0]}; install the packages of tools/packages.txt")
        if match := re.search(r"(?:^|=> )\s*(/\S+) \(0x", line):
            found[match[1]] = pathlib.Path(match[1]).resolve()
    return found


def owners(files):
    """The packages that have the files, whichever of /lib and /usr/lib each was packed under."""
    packed = {path: file for file in files for path in (str(file), str(file).removeprefix("/usr"))}
    # It fails as well when it knows but some of them.
    done = subprocess.run(["dpkg-query", "--search", *packed], capture_output=True, text=True)
    found = dict(line.rsplit(": ", 1)[::-1] for line in done.stdout.splitlines())
    known = {packed[path]: names for path, names in found.items() if path in packed}
    if unknown := set(files) - known.keys():
        raise RuntimeError(f"{sorted(map(str, unknown))[0]} is of no package of Debian, so nobody knows what it is")
    return {names.split(",")[0].split(":")[0] for names in known.values()}


def described(names):
    """The packages of these names, sorted."""
    form = "${Package}\t${Version}\t${source:Package}\t${Architecture}\n"
    shown = run("dpkg-query", "--show", f"--showformat={form}", *names).splitlines()
    # One name may be of several architectures: the machine's own is first.
    rows = {row.split("\t")[0]: row.split("\t") for row in reversed(shown)}
    paragraphs = run("dpkg-query", "--status", *sorted(rows)).strip().split("\n\n")
    status = {re.match(r"Package: (\S+)", paragraph)[1]: paragraph.strip() + "\n" for paragraph in paragraphs}
    return [Package(*rows[name], status=status[name]) for name in sorted(rows)]


@functools.cache
def packages(program):
    """Of what is beside the program: shared objects and certificates."""
    return described(owners(set(shared_objects(program).values())) | {"ca-certificates"})


@functools.cache
def compiled_in():
    installed = run("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n").splitlines()
    names = [line.split()[1] for line in installed if line.startswith("installed ")]
    return described(name for name in names if re.match(HEADERS, name))
