# The one place that waits: until something is true, or a deadline says it never was.
import time


def eventually(probe, seconds=10, what="the condition", pause=0.02):
    """What `probe` returns once that is true-ish; AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} was not true within {seconds} s; last seen: {value!r}"
        time.sleep(pause)
