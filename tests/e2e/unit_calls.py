# The system calls that the package's unit leaves to the service, and how a process of a test has no others.
import errno
import functools
import os
import re
import socket
import subprocess

import seccomp

from service import ROOT

UNIT = ROOT / "debian/productd.service"


def settings(name):
    """The values of a setting, line by line."""
    return [line.split() for line in re.findall(rf"^{name}=(.*)", UNIT.read_text(), re.M)]


@functools.cache
def set_of_calls(name):
    """The system calls of one of systemd's sets, with those of the sets in it."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True).stdout
    return set().union(*map(set_of_calls, re.findall(r"^    ([@\w-]+)$", said, re.M)))


def calls_of_the_unit():
    allowed = set()
    for names in settings("SystemCallFilter"):
        is_taken = names[0].startswith("~")
        calls = set().union(*(set_of_calls(name.lstrip("~")) for name in names))
        allowed = allowed - calls if is_taken else allowed | calls
    # SQLite gives its files to the owner of the database where it runs as root, as the service does not.
    return allowed | ({"fchown"} if os.geteuid() == 0 else set())


def only(allowed):
    """For a process before it starts: any other call ends it, where systemd would refuse it. Of sockets it has the unit's families."""
    rules = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
    for call in allowed - {"socket"}:
        try:
            rules.add_rule(seccomp.ALLOW, call)
        except RuntimeError:  # Of another kind of machine.
            continue
    (families,) = settings("RestrictAddressFamilies")
    for family in (getattr(socket, name) for name in families):
        rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, family))
    for family in set(socket.AddressFamily) - {getattr(socket, name) for name in families}:
        rules.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", seccomp.Arg(0, seccomp.EQ, family))
    return rules.load
