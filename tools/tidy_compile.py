# How check_tidy.py makes clang-tidy quick: compile commands without what only the build needs, a precompiled header of
# the libraries' headers, and the plug-in tidy_scope.cpp. All of it lies in the build folder and costs only time if lost.
import collections
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess

from sources import CPP, ROOT, files, text

PLUGIN = "tools/tidy_scope.cpp"
ANGLED = re.compile(r"^\s*#\s*include\s*<([^>]+)>", re.M)
# Headers that so many of our files name are precompiled. Fewer would load quicker, more would save more parsing.
NAMED_BY_MIN = 3
WARNINGS = ("-Wno-everything", "-Wshadow")  # The build gives the others, and compiles files in batches.
WITH_VALUE = ("-o", "-MF", "-MT", "-MQ", "-include-pch")
DROPPED = re.compile(r"-(c|w|pthread|M[DMPG]*|[OWg].*|f.*pch.*|o.+)")


def commands(build):
    """{file of ours: (folder, arguments)} from the compile commands of `build`, generated code left out."""
    ours, found = set(files(".cpp")), {}
    for entry in json.loads((ROOT / build / "compile_commands.json").read_text()):
        name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        if name in ours:
            words = entry.get("arguments") or shlex.split(entry["command"])
            found.setdefault(name, (entry["directory"], arguments(words, entry["file"])))
    return found


def arguments(words, file):
    """`words` without optimisation, the build's warnings, outputs and the build's precompiled header; compiler first, file last."""
    compiler = next((at for at, word in enumerate(words) if re.search(r"(clang|g|c)\+\+[^/]*$", word)), 0)
    kept, todo = [words[compiler], "-pthread", *WARNINGS], [word for word in words[compiler + 1 :] if word != file]
    while todo:
        word = todo.pop(0)
        if word == "-Xclang":
            word = todo.pop(0)
            if word == "-include-pch":
                del todo[:2]
            elif "pch" not in word or not word.startswith("-"):
                kept += ["-Xclang", word]
        elif word in WITH_VALUE:
            del todo[:1]
        elif word == "-include":  # Not by the driver, which would look for a precompiled one beside it.
            kept += ["-Xclang", "-include", "-Xclang", todo.pop(0)]
        elif not DROPPED.fullmatch(word):
            kept.append(word)
    return [*kept, file]


def include_folders(words):
    """Where `words` have headers looked for."""
    joined = [word[2:] for word in words if word.startswith("-I") and len(word) > 2]
    apart = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-I", "-isystem", "-iquote")]
    return joined + apart


def language(words):
    """What a precompiled header must agree on with who uses it."""
    return tuple(word for word in words if re.match(r"-(f|m|std|-target|x|stdlib)", word))


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def built(path, command):
    """`path`, made by `command` unless it is there; None, with the reason printed, if that fails."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name.split('-')[0]}-*{path.suffix}"):
        old.unlink(missing_ok=True)
    half = path.with_suffix(f".{os.getpid()}")
    try:
        done = run(*command, "-o", str(half))
    except OSError as error:
        done = subprocess.CompletedProcess(command, 1, "", str(error))
    if done.returncode:
        print(f"tidy: could not build {path.name}, so this takes longer: {(done.stderr.strip().splitlines() or [''])[0]}")
        return None
    os.replace(half, path)
    return path


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def plugin(folder, version):
    try:
        headers = run("llvm-config-19", "--includedir").stdout.strip()
    except OSError:
        headers = ""
    command = ["clang++-19", "-std=c++17", "-O1", "-fno-rtti", "-fPIC", "-shared", "-isystem", headers, PLUGIN]
    return built(folder / f"scope-{digest(text(PLUGIN), version)}.so", command)


def library_headers(folders):
    """The headers of libraries that many of our files include, none of ours and none that is generated."""
    named = collections.Counter(header for name in files(*CPP) for header in set(ANGLED.findall(text(name))))
    inside = [folder for folder in map(pathlib.Path, folders) if folder.is_relative_to(ROOT)]
    return sorted(
        header
        for header, count in named.items()
        if count >= NAMED_BY_MIN and not any((folder / header).exists() for folder in inside)
    )


def precompiled(folder, version, found):
    """(precompiled header or None, the files that may use it)."""
    spoken = collections.Counter(language(words) for _, words in found.values())
    common = spoken.most_common(1)[0][0]
    users = {name for name, (_, words) in found.items() if language(words) == common}
    places, macros = {}, {}
    for name in sorted(users):
        words = found[name][1]
        places |= dict.fromkeys(include_folders(words))
        macros |= {word.split("=")[0]: word for word in words if word.startswith("-D")}
    headers = library_headers(places)
    where = [word for place in places for word in ("-isystem", place)]
    command = [found[min(users)][1][0], *common, "-pthread", "-w", *macros.values(), *where, "-x", "c++-header"]
    source = "".join(f"#include <{header}>\n" for header in headers)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"libraries-{digest(source, command, version)}.pch"
    header = folder / "libraries.hpp"
    if not header.exists() or header.read_text() != source:
        header.write_text(source)
        path.unlink(missing_ok=True)
    return built(path, [*command, str(header)]), users


def write_database(folder, found, extra=()):
    entries = [
        {"directory": where, "file": words[-1], "arguments": [words[0], *extra, *words[1:]]}
        for where, words in found.values()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(entries, indent=1))
    return str(folder)


def prepare(build, version, found):
    """The ways to run clang-tidy, quickest first: (its options, the files they are for)."""
    folder = ROOT / build / "tidy"
    plain = ["-p", write_database(folder / "plain", found)]
    loaded = plugin(folder, version)
    if not loaded:
        return [(plain, set(found))]
    load = f"--load={loaded}"
    header, users = precompiled(folder, version, found)
    ways = [([load, *plain], set(found))]
    if header:
        extra = ["-Xclang", "-include-pch", "-Xclang", str(header)]
        chosen = {name: found[name] for name in users}
        ways.insert(0, ([load, "-p", write_database(folder / "quick", chosen, extra)], users))
    return ways
