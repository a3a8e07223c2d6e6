# The defects that `make simulation-controls` puts back can still be put back.
import simulation_controls
from sources import text


def test_each_defect_changes_one_place_that_is_there():
    defects = [*simulation_controls.of_chaos(), *simulation_controls.KNOWN]
    assert len({defect.name for defect in defects}) == len(defects) >= 16
    for defect in defects:
        assert text(defect.path).count(defect.before) == 1, f"{defect.name}: mend tools/simulation_controls.py"
        assert defect.before != defect.after
