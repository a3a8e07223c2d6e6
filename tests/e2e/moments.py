# A ledger that also knows when it asked and when it was answered, so that a copy of the service's data as of some moment
# can be judged: nothing answered before is missing, nothing asked later is there, and all of it is of one moment.
import itertools
from dataclasses import dataclass

from answered_writes import Ledger, holds
from service import PRODUCTS, call
from waiting import eventually


@dataclass
class Step:
    content: dict | None  # What the product was asked to be; None: gone.
    asked: int
    answered: int | None = None  # Nothing: not, or not with success.


class DatedLedger(Ledger):
    def __post_init__(self):
        super().__post_init__()
        self.moments = itertools.count()
        self.steps = {}

    def moment(self):
        return next(self.moments)

    def ask(self, connection, entry, verb, content):
        step = Step(content, self.moment())
        self.steps.setdefault(entry.name, []).append(step)
        super().ask(connection, entry, verb, content)
        if entry.promised or not entry.pending:
            step.answered = self.moment()

    def judge(self, service, began, ended):
        """`service` holds what was answered before `began`, and nothing that was asked after `ended`."""
        connection = service.connection()
        judged = 0
        for entry in self.entries:
            steps = self.steps[entry.name]
            least = max((n for n, step in enumerate(steps) if step.answered and step.answered < began), default=-1)
            most = max((n for n, step in enumerate(steps) if step.asked < ended), default=-1)
            if not entry.path:
                assert least == -1, entry
                continue
            # What the log had and the store had not is applied once the service runs.
            eventually(lambda: self.is_between(connection, entry, steps, least, most), 20, f"a state of {entry}")
            judged += 1
        connection.close()
        return judged

    @staticmethod
    def is_between(connection, entry, steps, least, most):
        status, _, stored = call(connection, "GET", entry.path, headers={"Cache-Control": "no-cache"})
        if status == 404:
            return any(n == -1 or steps[n].content is None for n in range(least, most + 1))
        assert status == 200, (status, stored)
        step = stored["version"] - 1  # Each step is one version more.
        assert step <= most and holds(stored, status, steps[step].content), (entry, stored)
        return least <= step

    def names_are_once(self, service, round_):
        listed, page = [], 1
        while True:
            asked = {"search": f"r{round_:03}w", "page": page, "size": 100}
            answer = service.get(f"{PRODUCTS}/search", params=asked).json()
            listed += [product["name"].split()[0] for product in answer["products"]]
            if not answer["hasMore"]:
                break
            page += 1
        assert len(listed) == len(set(listed)), "a product is there twice"
        assert set(listed) <= {entry.name for entry in self.entries}
        return len(listed)
