# Fails on an include against the arrow: cli → runtime → {inbound, outbound} → app → {async, codec} → domain, telemetry
# beside inbound, outbound, runtime and cli; and through a wall inside app, inbound and outbound. A technology (boost,
# grpc, sqlite…) may appear only where the table allows it.
import pathlib
import re
import sys

from sources import CPP, files, report, text

# What each wing may include, beside itself and what those may. src/CMakeLists.txt links by the same table.
USES = {
    "domain": [],
    "async": ["domain"],
    "codec": ["domain"],
    "tracing": ["codec"],
    "telemetry": ["codec", "tracing"],  # Its lines are JSON, and there is one writer of it. Exemplars name traces.
    "app/ports": ["async", "codec", "tracing"],
    "app/events": ["app/ports", "codec"],
    "app/catalog": ["app/events"],
    "app/feed": ["app/ports"],
    "app/letters": ["app/events"],
    "app/worker/offsets": ["app/ports", "codec"],
    "app/worker/core": ["app/worker/offsets", "app/catalog"],
    "app/worker": ["app/worker/core", "app/letters"],
    "app/health": ["async"],
    "inbound/tls": ["domain"],
    "inbound/http/message": ["codec", "tracing"],
    "inbound/http": ["inbound/tls", "inbound/http/message", "async", "telemetry"],
    "inbound/rest": ["inbound/http", "app/catalog", "app/feed", "app/health"],
    "inbound/grpc": ["app/catalog", "app/feed", "telemetry"],
    "inbound/admin": ["inbound/http", "app/ports"],
    "outbound": [],
    "outbound/sqlite": ["outbound", "async"],
    "outbound/sqlite/log": ["outbound/sqlite", "app/letters"],
    "outbound/sqlite/store": ["outbound/sqlite", "app/ports", "codec", "telemetry"],
    "outbound/kafka": ["outbound", "app/events", "telemetry"],
    "outbound/mongo": ["outbound", "app/ports", "codec", "telemetry"],
    "outbound/memory": ["app/ports"],
    "outbound/redis": ["outbound/memory", "app/catalog", "telemetry"],
    "outbound/admin": ["app/ports", "codec"],
    "outbound/observed": ["app/events", "tracing", "telemetry"],
    "outbound/otlp": ["async", "tracing", "telemetry"],
    "runtime": ["app/worker", "app/health", "inbound/rest", "inbound/grpc", "inbound/admin"]
    + ["outbound/sqlite/log", "outbound/sqlite/store", "outbound/kafka", "outbound/mongo", "outbound/redis"]
    + ["outbound/observed", "outbound/otlp"],
    "cli": ["runtime", "outbound/admin"],
}
SPREAD = ("codec", "telemetry", "runtime", "cli")  # Their folders are rooms without walls between them.
ROOMS = {f"inbound/http/{room}": "inbound/http" for room in ("http1", "http2")}  # Of the wing that chooses between them.
PROGRAM = ("src/main.cpp", "src/asio.cpp", "src/allocator.cpp")
# Third-party headers of the inner wings: the domain and the worker's core have none, the use cases know Asio's
# coroutines only.
TECHNOLOGY = {
    "domain": r"^$",
    "codec": r"^(simdjson|fmt/|openssl/|unicode/|bson/|google/protobuf/)",
    "async": r"^(boost/asio|pthread\.h$)",
    "app/worker/core": r"^$",
    "app": r"^boost/asio",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def wing_of(path):
    """The wing a file below src is in; nothing where the design has none."""
    parts = pathlib.PurePath(path).parts[:-1]
    folder = "/".join(parts)
    if parts and parts[0] in SPREAD:
        return parts[0]
    return folder if folder in USES else ROOMS.get(folder)


def below(wing):
    """The wing and all it may include."""
    found, todo = set(), [wing]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += USES[here]
    return found


def problems_of(name, source):
    """The includes of `source`, the file src/<wing>/…, that the arrow or a wall forbids."""
    wing = wing_of(name.removeprefix("src/"))
    is_test = name.endswith(("_test.cpp", "_fixture.hpp"))
    if wing is None:
        return [] if name in PROGRAM else [f"{name}: is in no wing of the design"]
    found = []
    allowed = below(wing)
    for match in INCLUDE.finditer(source):
        line = source[: match.start(2)].count("\n") + 1
        header, quoted = match[2], match[1] == '"'
        target = wing_of(header)
        if quoted and target is None and header.split("/")[0] in {known.split("/")[0] for known in USES}:
            found.append(f"{name}:{line}: {header} is in no wing of the design")
        elif quoted and target and target not in allowed:
            found.append(f"{name}:{line}: {wing} may not include {header}: {target} is not below {wing} on the arrow")
        elif not quoted and not is_test and not is_standard(header):
            known = TECHNOLOGY.get(wing, TECHNOLOGY.get(wing.split("/")[0]))
            if known and not re.match(known, header):
                found.append(f"{name}:{line}: {wing} may not know <{header}>; put it behind a port")
    return found


def is_standard(header):
    return "/" not in header and not header.endswith((".h", ".hpp"))


def main():
    names = [name for name in files(*CPP, under=("src/",)) if len(pathlib.PurePath(name).parts) >= 2]
    found = [problem for name in names for problem in problems_of(name, text(name))]
    return report("layers", found, f"{len(names)} files follow the arrow")


if __name__ == "__main__":
    sys.exit(main())
