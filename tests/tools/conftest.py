import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("tools", "tests/e2e"):
    sys.path.insert(0, str(ROOT / folder))
