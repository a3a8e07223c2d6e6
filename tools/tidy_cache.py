# What check_tidy.py knows from earlier runs: the files that were clean, each under a hash of all that its verdict
# depends on. Kept for the user, not for a checkout, so that clones share it. Any damage here costs only time.
import hashlib
import os
import pathlib
import re
import subprocess
import time

from sources import ROOT, files

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
KEPT_DAYS = 30
KEPT_MAX = 20_000


class Sources:
    """Our files as they are now, read once each."""

    def __init__(self):
        self.texts, self.included = {}, {}

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
        return self.texts[path]

    def includes(self, path):
        return {quoted or angled for quoted, angled in INCLUDE.findall(self.text(path))}

    def direct(self, path, inside):
        """What `path` includes from every place it may come from: too many are safe, too few are not."""
        if (path, inside) not in self.included:
            places = {os.path.join(place, header) for header in self.includes(path) for place in (os.path.dirname(path), *inside)}
            self.included[path, inside] = {os.path.normpath(place) for place in places if os.path.isfile(place)}
        return self.included[path, inside]

    def dependencies(self, name, folders, forced=()):
        """`name` and all it includes that lies in this checkout, generated headers too, as sorted paths."""
        inside = tuple(folder for folder in folders if pathlib.Path(folder).is_relative_to(ROOT))
        seen, todo = set(), {str(ROOT / name), *forced}
        while todo:
            here = todo.pop()
            if here not in seen and pathlib.Path(here).is_relative_to(ROOT):
                seen.add(here)
                todo |= self.direct(here, inside)
        return sorted(seen)

    def is_test(self, paths):
        return any(re.match("(gtest|gmock)/", header) for path in paths for header in self.includes(path))


def without_place(words, build):
    """The same in every checkout and build folder."""
    return words.replace(str(ROOT / build), "BUILD").replace(str(ROOT), "ROOT")


def surroundings(clang_tidy):
    """What all verdicts depend on: the checks, clang-tidy itself, and the packages that bring headers."""
    parts = [f"{name}\n{(ROOT / name).read_text()}" for name in files(".clang-tidy")]
    parts.append(subprocess.run([clang_tidy, "--version"], capture_output=True, text=True, check=True).stdout)
    try:
        listed = subprocess.run(["dpkg-query", "-W"], capture_output=True, text=True, check=True).stdout
        parts += [line for line in listed.splitlines() if re.search(r"^\S*-dev\b|clang|llvm", line)]
    except (OSError, subprocess.CalledProcessError):
        return None
    return "\0".join(parts)


def fingerprint(parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Verdicts:
    """Which fingerprints were clean. A folder of None keeps nothing."""

    def __init__(self, folder):
        self.folder = folder

    @classmethod
    def of_user(cls):
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        return cls(pathlib.Path(base) / "productd" / "tidy" if os.path.isabs(base) else None)

    def clean(self, print_):
        """Whether it is known to be clean; an entry that does not say so in full is none."""
        if not self.folder:
            return False
        try:
            entry = self.folder / print_
            if entry.read_text() != f"clean {print_}\n":
                return False
            os.utime(entry)
            return True
        except (OSError, ValueError):
            return False

    def keep(self, print_):
        if not self.folder:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            half = self.folder / f".{print_}.{os.getpid()}"
            half.write_text(f"clean {print_}\n")
            os.replace(half, self.folder / print_)
        except OSError:
            pass

    def prune(self, now=None):
        """Forgets what was not used for a month, and the oldest of too many."""
        try:
            used = sorted(((entry.stat().st_mtime, entry.path) for entry in os.scandir(self.folder)), reverse=True)
            limit = (now or time.time()) - KEPT_DAYS * 24 * 3600
            for at, (when, path) in enumerate(used):
                if at >= KEPT_MAX or when < limit:
                    os.unlink(path)
        except (OSError, TypeError):
            pass
