# The negative controls: variants of the service that break one promise each (chaos/node/mutants.cmake), the scenario
# that brings it to light, and a verdict the oracle must give. An oracle that stays silent is worth nothing.
from dataclasses import replace

from connections import SMALL_CALLS, late
from findings import DOUBLED, LOST, REORDERED, STUCK, UNSAFE
from link import LinkFaults
from scenarios import hang_at_stop, held, made_anew, named_kills, overtaken, plain, redelivered

OUTAGE = ["--store-down-ms", 300, "--store-down-from", 10]
ITEMS_FAIL = ["--items-fail-ms", 1000, "--store-down-from", 10, "--item-attempts-max", 3]
# More than the failing product has, less than there is: the others can only end if reading goes on.
ROOMY = ["--in-flight-max", 1000]
# So little that reading has to wait for room.
CRAMPED = ["--in-flight-max", 100]
PATIENCE = 5  # Seconds: what stands still here does so because it was broken.

# variant: (scenario, one of these verdicts at least)
CONTROLS = {
    "commits_highest": (lambda c: named_kills(c, "control", "before-write"), {LOST, UNSAFE}),
    "acknowledges_early": (lambda c: plain(c, "control", "--letters-down-ms", 1000, count=1500), {UNSAFE}),
    "drops_fence": (lambda c: redelivered(c, "control"), {DOUBLED}),
    "unordered": (lambda c: plain(c, "control", count=1500), {REORDERED, LOST}),
    "forgets_epoch": (lambda c: made_anew(c, "control"), {UNSAFE}),
    "letters_in_outage": (lambda c: plain(c, "control", *OUTAGE, count=1500), {LOST}),
    "counts_without_proof": (lambda c: plain(c, "control", *ITEMS_FAIL, count=1500), {LOST}),
    "forgets_deletion": (lambda c: overtaken(c, "control"), {DOUBLED, REORDERED}),
    "drains_without_end": (lambda c: hang_at_stop(c, "control", lives=1), {STUCK}),
    "reads_nothing_more": (lambda c: plain(c, "control", *CRAMPED, count=1500), {STUCK}),
    "holds_up_others": (lambda c: held(c, "control", "--block", *ROOMY, count=3000), {STUCK}),
}
# The same of what breaks only with the connections to the store; the others do not know which store it is.
CUT = LinkFaults(cut_every=15)
OF_CONNECTIONS = {
    "believes_lost_calls": (lambda c: plain(c, "control", *SMALL_CALLS, link=CUT, count=1500), {LOST, UNSAFE}),
    # What arrives while work goes on may be written over in its turn, by chance.
    "overwrites": (lambda c: late(c, "control", seconds=600), {LOST, REORDERED, DOUBLED}),
}


def table(context):
    """name → (what to call, the verdicts of which one must be given)."""
    found = {}
    for mutant, (scenario, verdicts) in (OF_CONNECTIONS if context.mongodb else CONTROLS).items():
        one = replace(context, mutant=mutant, patience=PATIENCE)
        found[mutant] = (lambda scenario=scenario, one=one: scenario(one), verdicts)
    return found
