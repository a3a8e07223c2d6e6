# clang-tidy over every C++ file of the dev build, in parallel. What passed is remembered in build/tidy-cache under a
# hash of all it depends on (the file, our headers it includes, .clang-tidy, how it is compiled), so a second run looks
# only at what changed. Some files: check_tidy.py src/app/catalog/catalog.cpp …
import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

from sources import ROOT, report, text

CACHE = ROOT / "build/tidy-cache"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
# Where a quoted include is looked for; what is found in none is generated from proto/ or a library's.
INCLUDE_FOLDERS = ("src", "tests")
# Test macros set off many checks for what no reader sees, and gtest's headers are slow to walk.
TEST_CHECKS = "-*," + ",".join(
    [
        "bugprone-dangling-handle",
        "bugprone-unused-return-value",
        "bugprone-use-after-move",
        "misc-coroutine-hostile-raii",
        "modernize-use-override",
        "performance-for-range-copy",
        "performance-unnecessary-copy-initialization",
        "readability-container-size-empty",
        "readability-identifier-naming",
    ]
)


@functools.lru_cache(None)
def headers_of(name):
    """Our headers that `name` includes directly; for a generated one the .proto it comes from."""
    found = set()
    for header in INCLUDE.findall(text(name)):
        folders = [str(pathlib.PurePath(name).parent), *INCLUDE_FOLDERS]
        found |= {f"{folder}/{header}" for folder in folders if (ROOT / folder / header).is_file()}
        proto = "proto/" + re.sub(r"\.(grpc\.)?pb\.h$", ".proto", header)
        found |= {proto} if (ROOT / proto).is_file() else set()
    return found


def dependencies(name):
    """`name` and all our files it includes, directly or not."""
    seen, todo = set(), [name]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += headers_of(here)
    return sorted(seen)


def fingerprint(name, command):
    # The same for every checkout and build folder.
    parts = [text(".clang-tidy"), TEST_CHECKS, re.sub(r"build/\w[\w-]*/", "build/", command.replace(str(ROOT), ""))]
    parts += [f"{file}\n{text(file)}" for file in dependencies(name)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def compiled(build):
    """{file of ours: how it is compiled}, generated code left out."""
    database = ROOT / build / "compile_commands.json"
    if not database.exists():
        sys.exit(f"tidy: {build}/compile_commands.json is missing; run `cmake --preset dev` first")
    found = {}
    for entry in json.loads(database.read_text()):
        name = os.path.relpath(entry["file"], ROOT)
        if name.startswith(("src/", "tests/", "chaos/", "bench/")) and (ROOT / name).is_file():
            found[name] = entry["command"]
    return found


def generate_headers(build):
    """The code made from proto/ must be there before what includes it can be read."""
    targets = subprocess.run(
        ["ninja", "-C", build, "-t", "targets", "all"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    generated = re.findall(r"^(\S+\.pb\.h): CUSTOM_COMMAND", targets, re.M)
    if generated:
        subprocess.run(["ninja", "-C", build, "--quiet", *generated], cwd=ROOT, check=True)


def tidy(build, name):
    """What clang-tidy says of one file, a text for each finding."""
    is_test = name.startswith("tests/") or name.endswith("_test.cpp")
    checks = [f"--checks={TEST_CHECKS}"] if is_test else []
    done = subprocess.run(
        ["clang-tidy-19", "-p", build, "--quiet", *checks, name], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode == 0:
        return []
    said = done.stdout.replace(f"{ROOT}/", "").strip() or done.stderr.strip()
    said = said.replace("-warnings-as-errors", "").replace(",]", "]")
    return re.split(r"\n(?=\S+:\d+:\d+: (?:error|warning):)", said)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("files", nargs="*")
    options.add_argument("--build", default="build/dev", help="the build folder whose compile commands are used")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = options.parse_args()

    commands = compiled(chosen.build)
    names = chosen.files or sorted(commands)
    prints = {name: fingerprint(name, commands[name]) for name in names if name in commands}
    CACHE.mkdir(parents=True, exist_ok=True)
    todo = [name for name, print_ in prints.items() if not (CACHE / print_).exists()]
    if todo:
        generate_headers(chosen.build)
        print(f"tidy: {len(todo)} of {len(prints)} files to look at", flush=True)

    problems, began, done = [], time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        running = {pool.submit(tidy, chosen.build, name): name for name in todo}
        for future in concurrent.futures.as_completed(running):
            name, done = running[future], done + 1
            if future.result():
                problems += [found for found in future.result() if found not in problems]  # Headers are seen often.
            else:
                (CACHE / prints[name]).touch()
            if done % 10 == 0:
                print(f"tidy: {done} of {len(todo)}, {time.monotonic() - began:.0f} s", flush=True)
    return report("tidy", problems, f"{len(prints)} files")


if __name__ == "__main__":
    sys.exit(main())
