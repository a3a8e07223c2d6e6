# clang-format over every C++ file: says which differ, or with --fix makes them right.
import concurrent.futures
import os
import subprocess
import sys

from sources import CPP, ROOT, files, report


def run(name):
    mode = ["-i"] if "--fix" in sys.argv else ["--dry-run", "-Werror"]
    done = subprocess.run(["clang-format-19", *mode, name], cwd=ROOT, capture_output=True, text=True)
    return name if done.returncode else None


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    names = files(*CPP, under=("src/", "tests/", "chaos/", "bench/"))
    bad = [f"{name}: is not formatted (make fmt)" for name in pool.map(run, names) if name]
sys.exit(report("format", bad, f"{len(names)} files"))
