# Makes the modules of tools/ known: the native stack, the readings of a process, where the sources are.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
