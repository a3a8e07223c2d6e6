# clang-format over every C++ file: says which differ, or with --fix makes them right.
import concurrent.futures
import os
import re
import subprocess
import sys

from sources import CPP, ROOT, files, report

AT_ONCE = 40  # Starting clang-format takes longer than most files do.


def run(names):
    """Those of `names` that differ, or that it could not read."""
    mode = ["-i"] if "--fix" in sys.argv else ["--dry-run", "-Werror"]
    done = subprocess.run(["clang-format-19", *mode, *names], cwd=ROOT, capture_output=True, text=True)
    told = set(re.findall(r"^(.+?):\d+:\d+: error:", done.stderr, re.M)) & set(names)
    return sorted(told) or ([done.stderr.strip()] if done.returncode else [])


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    names = files(*CPP)
    parts = [names[at : at + AT_ONCE] for at in range(0, len(names), AT_ONCE)]
    bad = [f"{name}: is not formatted (make fmt)" for part in pool.map(run, parts) for name in part]
sys.exit(report("format", bad, f"{len(names)} files"))
