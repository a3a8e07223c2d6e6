# The log of a service of a test's own, as a machine reads it.
import json


def lines_of(service):
    """What this start has written so far, line by line; the welcome is no line of the log."""
    return [json.loads(line) for line in service.output(tail=10**8).splitlines() if line.startswith("{")]


def lines_with(service, **fields):
    return [line for line in lines_of(service) if line.items() >= fields.items()]
