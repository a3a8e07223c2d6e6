# A seed repeats what is decided: every scenario is run twice without a service, and what it would have done compared.
from types import SimpleNamespace

import made_up_history  # noqa: F401 Makes the tool's modules known.
import connections
import pytest
import scenarios
from evidence import Snapshot
from scenarios import Context

NOW = 1_700_000_000_000


class Recorded:
    """A stage that only writes down what it is told."""

    def __init__(self, folder, ledger, open_store, mutant=None):
        self.ledger, self.folder, self.data, self.decisions, self.published = ledger, folder, folder, [], 0
        self.kills = self.stops = 1
        self.snapshots, self.unproven, self.told = [], [], {}
        link = SimpleNamespace(faults=None, settle=lambda: None)
        self.store = SimpleNamespace(
            end=lambda: Served.writes,
            writes=lambda place: place,
            link=link,
            damage=lambda product: self.decisions.append(f"damage {product}"),
            mend=lambda product: self.decisions.append(f"mend {product}"),
        )

    def publish(self):
        records = self.ledger.records[self.published :]
        self.ledger.stamp(records, NOW)
        ends = {source: len(found) for source, found in self.ledger.by_source().items()}
        for record in records:
            ends[record.source] = ends.get(record.source, 0) + 1
            self.ledger.placed(record, ends[record.source] - 1)
            self.decisions.append(record.line())
        self.published = len(self.ledger.records)

    def snapshot(self, kind):
        return Snapshot(kind, {}, Served.writes, {})

    def run(self, flags, meanwhile=None):
        self.decisions.append((flags, self.store.link.faults))
        return True

    def need(self, *counts):
        pass

    def is_finished(self):
        return False

    def forget_commits(self):
        self.decisions.append("forget commits")

    def ended(self, code, how):
        self.decisions.append(how)


class Served:
    def __init__(self, stage, settings):
        stage.decisions.append(settings)
        self.stage = stage

    def wait(self, probe, seconds):
        """Asks with a rising number of writes: how many are waited for is a decision."""
        while not probe():
            Served.writes += 1
        self.stage.decisions.append(Served.writes)
        return True

    def end(self, how):
        return 0


def decisions(monkeypatch, folder, seed):
    """name of each scenario → all it decided, in order."""
    Served.writes = 0
    monkeypatch.setattr(scenarios, "Stage", Recorded)
    monkeypatch.setattr(scenarios, "Served", Served)
    context = Context(seed, True, folder, lambda text: None)
    table = scenarios.table(context) | connections.table(context)
    return {name: scenario().decisions for name, scenario in table.items()}


@pytest.mark.parametrize("seed", [1, 20_261_126])
def test_a_seed_makes_the_same_messages_and_the_same_decisions(monkeypatch, tmp_path, seed):
    one, other = decisions(monkeypatch, tmp_path, seed), decisions(monkeypatch, tmp_path, seed)
    assert list(one) == list(other)
    for name in one:
        assert one[name] == other[name], name


def test_another_seed_makes_others_in_every_scenario(monkeypatch, tmp_path):
    one, other = decisions(monkeypatch, tmp_path, 1), decisions(monkeypatch, tmp_path, 2)
    for name in one:
        assert one[name] != other[name], name
