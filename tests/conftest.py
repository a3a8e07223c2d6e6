# What the tests in Python share: the tools they test, and the fixtures' own modules.
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
for folder in ("tools", "tests/e2e"):
    sys.path.insert(0, str(ROOT / folder))
