# Builds and runs every libFuzzer target of tests/fuzz for a while: fuzz.py [--seconds 20] [NAME...]
# New inputs are kept under build/fuzz-corpus; a crash leaves its input there and fails the run.
import argparse
import os
import subprocess
import sys

from sources import ROOT

BUILD = "build/fuzz"


def run(name, seconds):
    corpus = ROOT / "build/fuzz-corpus" / name
    seeds = ROOT / "tests/fuzz/seeds" / name
    corpus.mkdir(parents=True, exist_ok=True)
    print(f"fuzz: {name} for {seconds} s", flush=True)
    done = subprocess.run(
        [
            ROOT / BUILD / "fuzz" / name,
            f"-max_total_time={seconds}",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
            "-verbosity=0",
            f"-artifact_prefix={corpus}/../{name}-",
            corpus,
            *([seeds] if seeds.is_dir() else []),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"},
    )
    if done.returncode:
        print(done.stdout)
        print(f"fuzz: {name} failed; its input is named above")
        return False
    executed = [line.split()[-1] for line in done.stdout.splitlines() if "number_of_executed_units" in line]
    print(
        f"fuzz: {name} took {executed[0] if executed else ' an unknown number of'} inputs without a finding", flush=True
    )
    return True


def main():
    options = argparse.ArgumentParser()
    options.add_argument("names", nargs="*")
    options.add_argument("--seconds", type=int, default=20)
    chosen = options.parse_args()
    names = chosen.names or sorted(path.stem for path in (ROOT / "tests/fuzz").glob("*_fuzz.cpp"))
    if not names:
        print("fuzz: SKIPPED, tests/fuzz has no *_fuzz.cpp")
        return 0
    subprocess.run(["ninja", "-C", BUILD, *names], cwd=ROOT, check=True)
    return 0 if all([run(name, chosen.seconds) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
