# What the Dockerfile says, for those who do it without a container engine. It knows the instructions that are used there, and
# refuses any other, so that none is passed over.
import dataclasses
import fnmatch
import json
import re
import shlex

from sources import ROOT, text

TOLD = ("EXPOSE", "LABEL", "STOPSIGNAL")  # What changes nothing of how it runs here.


@dataclasses.dataclass
class Stage:
    base: str
    name: str
    steps: list = dataclasses.field(default_factory=list)  # (instruction, what follows), those that change files
    settings: dict = dataclasses.field(default_factory=dict)  # instruction: what the last one says
    environment: dict = dataclasses.field(default_factory=dict)
    labels: dict = dataclasses.field(default_factory=dict)


def instructions(source):
    """(instruction, what follows) of each, comments left out and lines put together."""
    kept = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("#"))
    for line in kept.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, re.sub(r"\s+", " ", rest.strip())


def pairs(rest):
    """{key: value} of `ENV a=b c="d e"`."""
    return dict(word.split("=", 1) for word in shlex.split(rest))


def read(source=None):
    """The stages of the Dockerfile, in order."""
    stages, arguments = [], {}
    for name, rest in instructions(source or text("Dockerfile")):
        for key, value in arguments.items():
            rest = rest.replace(f"${{{key}}}", value) if name in ("FROM", "LABEL") else rest
        if name == "FROM":
            base, _, named = rest.partition(" AS ")
            stages.append(Stage(base, named))
        elif name == "ARG":
            arguments |= pairs(rest) if "=" in rest else {}  # One without a value is that of the beginning.
        elif name in ("RUN", "COPY", "WORKDIR"):
            stages[-1].steps.append((name, rest))
        elif name == "ENV":
            stages[-1].environment |= pairs(rest)
        elif name in ("SHELL", "ENTRYPOINT", "CMD", "VOLUME"):
            stages[-1].settings[name] = json.loads(rest)
        elif name == "HEALTHCHECK":
            stages[-1].settings[name] = json.loads(rest.split(" CMD ", 1)[1])
        elif name == "LABEL":
            stages[-1].labels |= pairs(rest)
        elif name == "USER":
            stages[-1].settings[name] = rest
        elif name not in TOLD:
            raise RuntimeError(f"Dockerfile: nobody here knows what {name} does")
    return stages, arguments


def is_ignored(path, patterns):
    """As .dockerignore says of a file, relative to the context: the last pattern that it or a folder above it matches wins."""
    parts = path.split("/")
    above = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    ignored = False
    for pattern in patterns:
        bare = pattern.removeprefix("!").removeprefix("**/")
        if pattern.startswith("**/"):
            matched = any(fnmatch.fnmatchcase(part, bare) for part in parts)
        else:
            matched = any(one.count("/") == bare.count("/") and fnmatch.fnmatchcase(one, bare) for one in above)
        if matched:
            ignored = not pattern.startswith("!")
    return ignored


def context():
    """The files that a build gets to see, relative to the root of the sources."""
    lines = [line.strip() for line in text(".dockerignore").splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    tops = {pattern.removeprefix("!").split("/")[0] for pattern in patterns if pattern.startswith("!")}
    # No other file can be in it, as the first pattern leaves all out; so the folders of builds are not walked.
    assert patterns[0] == "*", ".dockerignore begins by leaving all out"
    places = [place for top in sorted(tops) for place in ((ROOT / top).rglob("*") if (ROOT / top).is_dir() else [ROOT / top])]
    names = [str(place.relative_to(ROOT)) for place in places if place.is_file()]
    return [name for name in names if not is_ignored(name, patterns)]
