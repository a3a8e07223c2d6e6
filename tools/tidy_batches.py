# Tests that check_tidy.py looks at together, so that what they all include is parsed once. Where something is found each is
# looked at alone. Only production code is always looked at alone, by which a file that lacks an include is found.
import pathlib

from sources import ROOT

FILES_MAX = 8


class Batch:
    """Files with one compile command, as one more file that includes them."""

    def __init__(self, folder, number, names, found):
        self.names = names
        path = folder / f"{number}.cpp"
        self.name = str(path.relative_to(ROOT))
        where, words = found[names[0]]
        self.compiled = (where, [*words[:-1], str(path)])
        path.write_text("".join(f'#include "{ROOT / name}"\n' for name in names), encoding="utf-8")


def batches(folder, names, found):
    """Of those of `names` that have a like; written into `folder`."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    alike = {}
    for name in sorted(names):
        where, words = found[name]
        alike.setdefault((where, *words[:-1]), []).append(name)
    cut = [group[at : at + FILES_MAX] for group in alike.values() for at in range(0, len(group), FILES_MAX)]
    return [Batch(folder, number, group, found) for number, group in enumerate(cut) if len(group) > 1]
