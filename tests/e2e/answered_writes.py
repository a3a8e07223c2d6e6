# An independent record of what a service was asked and what it answered, and the comparison with what it holds.
# Each product belongs to one writer that waits for every answer, so at most one outcome of it is unknown at a time.
import http.client
import random
import ssl
import threading
from dataclasses import dataclass, field

from products import a_product
from service import PRODUCTS, call
from waiting import eventually

BROKEN = (OSError, http.client.HTTPException, ssl.SSLError)


@dataclass
class Entry:
    name: str  # Part of every state's name: a search for it finds this product alone.
    key: str | None = None  # Idempotency-Key of the create.
    path: str | None = None  # Known once an answer named it.
    content: dict | None = None  # What is stored for certain; None: nothing is.
    version: int = 0
    pending: tuple | None = None  # (verb, content): asked, and the answer did not say it is stored.
    promised: bool = False  # The pending change was answered with success (`accepted`): it must come.


@dataclass
class Ledger:
    seed: int
    entries: list = field(default_factory=list)
    touched: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    answered: int = 0

    def __post_init__(self):
        self.lock = threading.Lock()

    # ------------------------------------------------------------------------------------------ writing

    def write(self, service, round_, writer, stop):
        """Changes products until `stop` is set or the service is gone."""
        dice = random.Random(f"{self.seed} {round_} {writer}")
        own = []
        try:
            connection = service.connection()
            while not stop.is_set():
                settled = [entry for entry in own if entry.content and not entry.pending]
                if not settled or dice.random() < 0.4:
                    entry = Entry(
                        f"r{round_:03}w{writer:02}n{len(own):05}",
                        dice.choice([None, f"key-{self.seed}-{round_}-{writer}-{len(own)}"]),
                    )
                    own.append(entry)
                    with self.lock:
                        self.entries.append(entry)
                        self.touched.append(entry)
                    self.ask(connection, entry, "POST", self.state(entry, dice))
                else:
                    entry = dice.choice(settled)
                    verb = dice.choice(["PUT", "PUT", "PUT", "DELETE"])
                    self.ask(connection, entry, verb, self.state(entry, dice) if verb == "PUT" else None)
        except BROKEN:
            pass  # Killed or stopped; what was asked last stays pending.
        except Exception as error:  # Must fail the test, not only this thread.
            self.wrong.append(repr(error))

    @staticmethod
    def state(entry, dice):
        return a_product(
            name=f"{entry.name} {dice.random()}",
            description="x" * dice.randint(3, 400),
            price=dice.uniform(0.01, 1e6),
            quantity=dice.randint(0, 2**63 - 1),
            photos=[str(dice.random()) for _ in range(dice.randint(0, 5))],
        )

    def ask(self, connection, entry, verb, content):
        entry.pending = (verb, content)
        headers = {"Idempotency-Key": entry.key} if verb == "POST" and entry.key else {}
        status, answer, body = call(connection, verb, PRODUCTS if verb == "POST" else entry.path, content, headers)
        if status in (503, 504):
            entry.path = entry.path or answer.get("Location")  # The outcome is not known.
        elif status in (200, 201, 204):
            with self.lock:
                self.answered += 1
            entry.path = entry.path or f"{PRODUCTS}/{body['productId']}"
            entry.promised = True
            if answer["Product-State"] == "applied":
                self.settle(entry, body if content else None)
        else:
            self.wrong.append(f"{verb} {entry.name}: {status} {body}")

    @staticmethod
    def settle(entry, stored):
        entry.content, entry.version = entry.pending[1], stored["version"] if stored else 0
        entry.pending, entry.promised = None, False

    # ------------------------------------------------------------------------------------------ comparing

    def compare(self, service, entries):
        """Every entry is as it was answered; pending changes are there wholly or not at all,
        promised ones are there."""
        connection = service.connection()
        for entry in entries:
            if not entry.path:
                continue  # Its create was never answered; `compare_names` counts it.
            eventually(lambda: self.is_as_answered(connection, entry), 20, f"the answered state of {entry}")
        connection.close()

    def is_as_answered(self, connection, entry):
        status, _, stored = call(connection, "GET", entry.path, headers={"Cache-Control": "no-cache"})
        assert status in (200, 404), (status, stored)
        if entry.pending and holds(stored, status, entry.pending[1]):
            # A change takes the version up by one, a product made again after its deletion does not occur here.
            if status == 200:
                assert stored["version"] == entry.version + 1, (entry, stored)
            self.settle(entry, stored if status == 200 else None)
            return True
        if not entry.promised and holds(stored, status, entry.content):
            assert status == 404 or stored["version"] == entry.version, (entry, stored)
            return True
        assert entry.pending, (entry, status, stored)
        return False  # Promised and not there yet.

    def resolve(self, service, entries):
        """Asks again for each change whose outcome is unknown, so that every entry is settled afterwards."""
        connection = service.connection()
        for entry in [e for e in entries if e.pending and (e.path or e.key)]:
            verb, content = entry.pending
            if verb == "POST" and not entry.key:
                continue  # Asking again would make another one.
            version, headers = entry.version, {"Idempotency-Key": entry.key} if verb == "POST" else {}
            status, _, body = call(connection, verb, PRODUCTS if verb == "POST" else entry.path, content, headers)
            assert status in ((204, 404) if verb == "DELETE" else (200, 201)), (entry, status, body)
            entry.path = entry.path or f"{PRODUCTS}/{body['productId']}"
            stored = eventually(
                lambda: self.stored_as(connection, entry.path, content), 20, f"the repeated {verb} of {entry}"
            )
            if content:
                assert stored["version"] - version <= (1 if verb == "POST" else 2), (entry, stored)
            self.settle(entry, stored if content else None)
        connection.close()

    @staticmethod
    def stored_as(connection, path, content):
        status, _, stored = call(connection, "GET", path, headers={"Cache-Control": "no-cache"})
        return (stored or True) if holds(stored, status, content) else None

    def compare_names(self, service, round_):
        """By search: the products of a round are there once each, and no others."""
        listed, page = [], 1
        while True:
            answer = service.get(
                f"{PRODUCTS}/search", params={"search": f"r{round_:03}w", "page": page, "size": 100}
            ).json()
            listed += answer["products"]
            if not answer["hasMore"]:
                break
            page += 1
        names = [product["name"].split()[0] for product in listed]
        assert len(names) == len(set(names)), "a product is there twice"
        of_round = [entry for entry in self.entries if entry.name.startswith(f"r{round_:03}w")]
        certain = {entry.name for entry in of_round if entry.content and not entry.pending}
        possible = certain | {entry.name for entry in of_round if entry.pending}
        assert certain <= set(names) <= possible


def holds(stored, status, content):
    """Whether the answer shows exactly `content` (None: nothing)."""
    if content is None or status == 404:
        return content is None and status == 404
    return all(stored[name] == value for name, value in content.items())


def load(ledger, service, round_, writers):
    """Starts `writers` threads on the service; returns what ends them and waits for them."""
    stop = threading.Event()
    threads = [threading.Thread(target=ledger.write, args=(service, round_, writer, stop)) for writer in range(writers)]
    for thread in threads:
        thread.start()

    def end():
        stop.set()
        for thread in threads:
            thread.join()
        assert not ledger.wrong, ledger.wrong[:5]

    return end
