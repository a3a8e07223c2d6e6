# What is done to the connections to a store that is another process, a scenario a function, as in scenarios.py.
import signal
from dataclasses import replace

from link import CUTS, LinkFaults
from scenarios import plain, random_ends

# There is always one to be caught in the middle.
SMALL_CALLS = ["--store-delay-ms", 2, "--batch-max", 10]


def late(context, name, seconds=5):
    """Connections freeze with writes in them and work goes on over new ones; then the writes arrive after all, at the
    latest when all is done. Most are of one product, which others have changed meanwhile."""
    # The driver gives up the call after a second, and the connection by which it looks for servers after another.
    link = LinkFaults(freeze_every=20, freezes=5, freeze_seconds=seconds, spares_new=True)
    stage = context.stage(name, 4000, link=link, hot_share=0.5, hot_pace=0.9)
    stage.run(context.flags(name, *SMALL_CALLS))
    stage.store.link.settle()
    stage.need("freezes", "late updates")
    return stage


def table(context):
    """name → what to call, in order."""
    cut = LinkFaults(cut_every=15)
    times, count, kills = (3, 2000, (4000, 5)) if context.short else (10, 4000, (20_000, 30))
    frozen = LinkFaults(freeze_every=20, freezes=times)
    found = {
        "connections cut": (cut, CUTS),
        "connections slow": (LinkFaults(delay=0.02), ["delayed"]),
        "connections frozen": (frozen, ["freezes", "held"]),
        "server frozen": (replace(frozen, stops_server=True), ["freezes"]),
        "cut and frozen": (replace(frozen, freezes=1, cut_every=11), ["freezes", *CUTS]),
    }
    scenarios = {
        name: lambda name=name, link=link, needs=needs: plain(
            context, name.replace(" ", "-"), *SMALL_CALLS, link=link, needs=needs, count=count
        )
        for name, (link, needs) in found.items()
    }
    scenarios["writes come late"] = lambda: late(context, "late")
    scenarios["kill at random, cut"] = lambda: random_ends(context, "random-kills-cut", signal.SIGKILL, *kills, link=cut)
    return scenarios
