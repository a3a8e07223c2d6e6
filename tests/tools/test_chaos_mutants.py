# A mutant whose text is no longer there, or is there more than once, stops the build with its name.
import pathlib
import subprocess

import pytest

MUTATE = pathlib.Path(__file__).resolve().parents[2] / "chaos/node/mutate.cmake"


def mutate(folder, text):
    """What CMake said, and what it made of the text; None when it failed."""
    (folder / "original.cpp").write_text(text)
    (folder / "script.cmake").write_text(
        f"""include({MUTATE})
productd_mutate(breaks_it FILE {folder}/original.cpp OUTPUT text FROM "return a;
    }}" TO "return b; // [x]
    }}")
file(WRITE {folder}/changed.cpp "${{text}}")
"""
    )
    done = subprocess.run(["cmake", "-P", folder / "script.cmake"], capture_output=True, text=True)
    return done.stderr, (folder / "changed.cpp").read_text() if done.returncode == 0 else None


def test_the_one_place_is_replaced_and_the_rest_is_kept(tmp_path):
    said, changed = mutate(tmp_path, "int f() {\n    return a;\n    }\nchar g[] = {1; 2};\n")
    assert changed == "int f() {\n    return b; // [x]\n    }\nchar g[] = {1; 2};\n", said


@pytest.mark.parametrize("text", ["return c;\n    }\n", "return a;\n    }\nreturn a;\n    }\n", ""])
def test_a_text_that_does_not_occur_exactly_once_stops_the_build(tmp_path, text):
    said, changed = mutate(tmp_path, text)
    assert changed is None
    assert "mutant breaks_it" in said and "exactly once" in said
