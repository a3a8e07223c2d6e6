# `make check`: runs every check, the quick ones first, and ends with what failed. One check: check.py layers
import pathlib
import subprocess
import sys
import time

CHECKS = ["format", "layers", "sizes", "words", "data", "deploy", "tidy"]


def main(wanted):
    tools = pathlib.Path(__file__).resolve().parent
    failed = []
    for check in wanted or CHECKS:
        began = time.monotonic()
        code = subprocess.run([sys.executable, tools / f"check_{check}.py"]).returncode
        if code:
            failed.append(check)
        if time.monotonic() - began > 5:
            print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    if failed:
        print(f"check: failed: {', '.join(failed)}")
        return 1
    print(f"check: all good ({', '.join(wanted or CHECKS)})")
    return 0


sys.exit(main(sys.argv[1:]))
