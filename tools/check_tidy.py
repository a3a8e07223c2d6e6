# clang-tidy over every C++ file of ours, in parallel. A file that was clean is looked at again only when
# something has changed that its verdict depends on (tidy_cache.py). Some files: check_tidy.py src/main.cpp …
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time

import tidy_batches
import tidy_cache
import tidy_compile
from sources import ROOT

# Test macros set off many checks for what no reader sees.
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
SAY_EVERY_SECONDS = 5


def generate_headers(build):
    """The code made from proto/ must be there before what includes it can be read."""
    targets = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], cwd=ROOT, capture_output=True, text=True)
    generated = re.findall(r"^(\S+\.pb\.h): CUSTOM_COMMAND", targets.stdout, re.M)
    if generated:
        subprocess.run(["ninja", "-C", build, "--quiet", *generated], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


class Tidy:
    """One run: which files there are, what their verdicts depend on, and how clang-tidy is called."""

    def __init__(self, build, clang_tidy):
        self.build, self.clang_tidy = build, clang_tidy
        self.found = tidy_compile.commands(build)
        self.around = tidy_cache.surroundings(clang_tidy)
        self.verdicts = tidy_cache.Verdicts.of_user() if self.around else tidy_cache.Verdicts(None)
        self.ways = []

    def examine(self, name, sources):
        """(the fingerprint of all that the verdict on `name` depends on, the checks for it)."""
        words = self.found[name][1]
        forced = [word for word in words[:-1] if os.path.isabs(word) and os.path.isfile(word)]
        paths = sources.dependencies(name, tidy_compile.include_folders(words), forced)
        checks = [f"--checks={TEST_CHECKS}"] if sources.is_test(paths) else []
        parts = [self.around or "", *checks, *words[1:], *[f"{path}\n{sources.text(path)}" for path in paths]]
        return tidy_cache.fingerprint([tidy_cache.without_place(part, self.build) for part in parts]), checks

    def prepare(self, todo):
        """Builds what makes looking quick; returns the batches that the tests of `todo` can be looked at in."""
        tests = [name for name, (_, checks) in todo.items() if checks]
        batches = tidy_batches.batches(ROOT / self.build / "tidy/batches", tests, self.found)
        found = self.found | {batch.name: batch.compiled for batch in batches}
        self.ways = tidy_compile.prepare(self.build, self.around, found)
        return batches

    def look_at_batch(self, batch, todo):
        """What look() says of each of its files."""
        options = next(options for options, files in self.ways if batch.name in files)
        if self.run(options, batch.name, todo[batch.names[0]][1]).returncode == 0:
            for name in batch.names:
                self.keep(name, todo[name][0])
            return []
        return [problem for name in batch.names for problem in self.look(name, *todo[name])]

    def run(self, options, name, checks):
        return subprocess.run(
            [self.clang_tidy, *options, "--quiet", *checks, name], cwd=ROOT, capture_output=True, text=True
        )

    def keep(self, name, print_):
        """As clean. A file that was edited meanwhile is looked at again the next time."""
        if self.examine(name, tidy_cache.Sources())[0] == print_:
            self.verdicts.keep(print_)

    def look(self, name, print_, checks):
        """What clang-tidy says of `name`, a text for each finding. A finding counts only without the quick ways."""
        for options, files in self.ways:
            if name in files:
                done = self.run(options, name, checks)
                if done.returncode == 0:
                    self.keep(name, print_)
                    return []
        said = done.stdout.replace(f"{ROOT}/", "").strip() or done.stderr.strip() or f"{name}: clang-tidy failed"
        said = said.replace("-warnings-as-errors", "").replace(",]", "]")
        return re.split(r"\n(?=\S+:\d+:\d+: (?:error|warning):)", said)


def look_at_all(tidy, todo, unchanged, jobs):
    """Looks at each of `todo`, says how far it is and prints what is found once; returns how much that was."""
    said, problems, files, done = time.monotonic(), set(), len(todo) + unchanged, 0
    batches = tidy.prepare(todo)
    together = {name for batch in batches for name in batch.names}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(tidy.look_at_batch, batch, todo): len(batch.names) for batch in batches}
        alone = [name for name in todo if name not in together]
        running |= {pool.submit(tidy.look, name, *todo[name]): 1 for name in alone}
        for future in concurrent.futures.as_completed(running):
            done += running[future]
            for problem in future.result():
                if problem not in problems:  # A header is seen from many files.
                    problems.add(problem)
                    print(problem, flush=True)
            if time.monotonic() - said > SAY_EVERY_SECONDS:
                said = time.monotonic()
                print(f"tidy: {unchanged + done} of {files} ({unchanged} unchanged)", flush=True)
    return len(problems)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("files", nargs="*")
    options.add_argument("--build", default="build/tidy", help="the build folder whose compile commands are used")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--clang-tidy", default="clang-tidy-19")
    chosen = options.parse_args()
    if not (ROOT / chosen.build / "compile_commands.json").exists():
        sys.exit(f"tidy: {chosen.build}/compile_commands.json is missing; run `cmake --preset tidy` first")

    generate_headers(chosen.build)
    tidy = Tidy(chosen.build, chosen.clang_tidy)
    unknown = set(chosen.files) - set(tidy.found)
    if unknown:
        sys.exit(f"tidy: not compiled in {chosen.build}: {', '.join(sorted(unknown))}")
    sources = tidy_cache.Sources()
    examined = {name: tidy.examine(name, sources) for name in chosen.files or sorted(tidy.found)}
    todo = {name: each for name, each in examined.items() if not tidy.verdicts.clean(each[0])}
    problems, unchanged = 0, len(examined) - len(todo)
    if todo:
        print(f"tidy: {len(todo)} of {len(examined)} files to look at ({unchanged} unchanged)", flush=True)
        problems = look_at_all(tidy, todo, unchanged, chosen.jobs)
        tidy.verdicts.prune()
    good = f"{len(examined)} files, {unchanged} unchanged"
    print(f"tidy: {f'{problems} problem(s) in ' if problems else ''}{good}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
