# Builds the programs of tests with one file changed, beside the build they belong to and without touching it: only what
# includes the file is compiled again, by the build's own commands, and the programs are linked from that and the rest.
import hashlib
import os
import pathlib
import shlex
import shutil
import subprocess

from sources import ROOT

SEEDS = 30  # Of the simulation, for each mutant.
MEMORY_BYTES = 4 << 30  # A mutant that asks for more has gone wild.


class Build:
    """A folder of CMake's, and what it knows of the programs named."""

    def __init__(self, preset, programs, root=ROOT):
        self.root = root
        self.folder = root / "build" / preset
        self.programs = programs
        self.sanitized = preset == "dev"

    def make(self):
        """Configures and builds what is not there yet. Returns what went wrong, or nothing."""
        for command in (
            ["cmake", "--preset", self.folder.name],
            ["cmake", "--build", self.folder, "--target", *self.programs],
        ):
            if command[1] == "--preset" and (self.folder / "build.ninja").is_file():
                continue
            done = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
            if done.returncode:
                return done.stdout + done.stderr
        self.commands = {name: self._commands(name) for name in self.programs}
        self.included = self._included()
        return ""

    def _ninja(self, *arguments):
        return subprocess.run(
            ["ninja", "-C", self.folder, "-t", *arguments], check=True, capture_output=True, text=True
        ).stdout.splitlines()

    def _commands(self, program):
        """What compiles each object of the program, and what links it: the last command of all."""
        lines = [line for line in self._ninja("commands", program) if " -o " in line]
        compiled = {}
        for line in lines[:-1]:
            words = shlex.split(line)
            if "-c" in words and words[words.index("-c") + 1].endswith((".cpp", ".cxx")):
                compiled[words[words.index("-o") + 1]] = without_launcher(words)
        return compiled, [word for word in shlex.split(lines[-1]) if word not in (":", "&&")]

    def _included(self):
        """File → the objects it is a part of."""
        found, made = {}, None
        for line in self._ninja("deps"):
            if not line.startswith(" "):
                made = line.split(":")[0]
            elif line.strip():
                path = pathlib.Path(os.path.normpath(self.folder / line.strip()))
                if path.is_relative_to(ROOT):
                    found.setdefault(str(path.relative_to(ROOT)), set()).add(made)
        return found

    def command(self, program, only="", at=None):
        """What runs it, or only some of its tests, from another place than the build's."""
        made = self.commands[program][1]
        file = at or self.folder / made[made.index("-o") + 1]
        told = ["--seeds", str(SEEDS), "--brief"] if program == "simulation" else [f"--gtest_filter={only or '*'}"]
        bound = [] if self.sanitized else [f"--as={MEMORY_BYTES}"]
        return ["prlimit", "--core=0", *bound, "--", file, *told]

    def environment(self):
        return {
            **os.environ,
            "GTEST_FAIL_FAST": "1",
            "ASAN_OPTIONS": f"hard_rss_limit_mb={MEMORY_BYTES >> 20}:symbolize=0",
        }


def without_launcher(words):
    """The compiler's own command, which writes no list of headers over the build's."""
    words = words[next(at for at, word in enumerate(words) if "clang++" in word) :]
    kept, skip = [], 0
    for word in words:
        if skip or word in ("-MT", "-MF"):
            skip = 0 if skip else 1
        elif word != "-MD":
            kept.append(word)
    return kept


def linked_anew(link, changed, there):
    """What links the program to another place, with the changed objects (of the build → ours)."""
    words = [str(there) if link[at - 1] == "-o" else word for at, word in enumerate(link)]
    # In front of all, which may be none but these: what is defined there is not looked for in its library, and of inline
    # functions the first one counts.
    first = next(at for at, word in enumerate(words) if word.endswith(".o"))
    return [*words[:first], *changed.values(), *(word for word in words[first:] if word not in changed)]


class Changed:
    """One file changed, in a folder of its own, for as long as the mutant is tried."""

    def __init__(self, build, folder, path, text):
        self.build, self.folder, self.path = build, folder, path
        shutil.rmtree(folder, ignore_errors=True)
        self.there = folder / "src" / path
        self.there.parent.mkdir(parents=True)
        self.there.write_text(text, encoding="utf-8")
        self.objects = {}  # Of the build → ours.

    def program(self, name, is_near=False):
        """Where it is; nothing when it does not compile. Near: with the change in the files of its own name alone."""
        compiled, link = self.build.commands[name]
        stale = sorted(self.build.included.get(self.path, set()) & compiled.keys())
        if is_near:
            own = pathlib.Path(self.path).with_suffix("")
            near = [self.build.included.get(f"{own}{end}", set()) for end in (".cpp", "_test.cpp")]
            stale = [made for made in stale if made in near[0] | near[1]]
        for made in stale:
            if made not in self.objects and not self._compile(compiled[made], made):
                return None
        there = self.folder / name
        words = linked_anew(link, {made: str(self.objects[made]) for made in stale}, there)
        return there if self._runs(words) else None

    def _compile(self, words, made):
        ours = self.folder / (hashlib.sha256(made.encode()).hexdigest()[:16] + ".o")
        words = list(words)
        words[words.index("-o") + 1] = str(ours)
        source = words.index("-c") + 1
        words[source] = self.source_of(pathlib.Path(os.path.normpath(self.build.folder / words[source])))
        # Tests are to notice, not warnings. Headers are looked for among the changed ones first.
        words[1:1] = ["-w", "-iquote", str(self.folder / "src" / "src")]
        if not self._runs(words):
            return False
        self.objects[made] = ours
        return True

    def source_of(self, source):
        """What is compiled in place of `source`, which is a file of ours or includes several (CMake's unity build)."""
        original = str(ROOT / self.path)
        if str(source) == original:
            return str(self.there)
        if source.suffix != ".cxx":
            return str(source)
        batch = self.folder / f"{hashlib.sha256(str(source).encode()).hexdigest()[:16]}.cxx"
        batch.write_text(source.read_text(encoding="utf-8").replace(f'"{original}"', f'"{self.there}"'), encoding="utf-8")
        return str(batch)

    def _runs(self, words):
        return subprocess.run(words, cwd=self.build.folder, capture_output=True).returncode == 0
