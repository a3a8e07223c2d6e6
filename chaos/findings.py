# The verdicts, and how a message is told of.
from dataclasses import dataclass, field

LOST, DOUBLED, REORDERED, CORRUPT = "LOST", "DOUBLED", "REORDERED", "CORRUPT"
UNSAFE, STUCK = "UNSAFE COMMIT", "STUCK"
VERDICTS = (LOST, DOUBLED, REORDERED, CORRUPT, UNSAFE, STUCK)
EVIDENCE_LINES = 5


@dataclass
class Findings:
    found: dict = field(default_factory=lambda: {verdict: [] for verdict in VERDICTS})
    settled: dict = field(default_factory=dict)  # Message → where what became of it is on record.

    def add(self, verdict, sentence):
        self.found[verdict].append(sentence)

    def counts(self):
        return {verdict: len(lines) for verdict, lines in self.found.items()}

    def show(self, say):
        for verdict, lines in self.found.items():
            for line in lines[:EVIDENCE_LINES]:
                say(f"  {verdict}: {line}")
            if len(lines) > EVIDENCE_LINES:
                say(f"  {verdict}: … and {len(lines) - EVIDENCE_LINES} more")

    @property
    def clean(self):
        return not any(self.found.values())


def told(record):
    return f"#{record.id} {record.cls} {record.message_id} (product {record.product}, sequence {record.seq})"
