# The names of all tests there are, for documents that name some.
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def every_test():
    command = ["git", "ls-files", "-co", "--exclude-standard", "src", "tests"]
    tracked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    sources = (ROOT / file for file in tracked if file.endswith((".cpp", ".hpp", ".py")) and (ROOT / file).exists())
    there = set()
    for text in (source.read_text(errors="replace") for source in sources):
        found = re.findall(r"^(?:TYPED_)?TEST(?:_[FP])?\((\w+),\s*(\w+)\)", text, re.M)
        there |= {f"{suite}.{name}" for suite, name in found} | set(re.findall(r"^def (test_\w+)\(", text, re.M))
    return there
