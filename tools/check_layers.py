# Fails on an include against the arrow: cli → runtime → {inbound, outbound} → app → codec → domain, telemetry beside
# inbound, outbound, runtime and cli. A technology (boost, grpc, sqlite…) may appear only where the table allows it.
import pathlib
import re
import sys

from sources import CPP, files, report, text

BELOW = {
    "domain": set(),
    "codec": {"domain"},
    "app": {"domain", "codec"},
    "telemetry": set(),
    "inbound": {"domain", "codec", "app", "telemetry"},
    "outbound": {"domain", "codec", "app", "telemetry"},
    "runtime": {"domain", "codec", "app", "telemetry", "inbound", "outbound"},
    "cli": {"domain", "codec", "app", "telemetry", "inbound", "outbound", "runtime"},
}
# Third-party headers of the inner modules: the domain has none, the use cases know Asio's coroutines only.
TECHNOLOGY = {"domain": r"^$", "codec": r"^(simdjson|fmt/|openssl/|unicode/|bson/|google/protobuf/)", "app": r"^boost/asio"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def problems_of(name, source):
    """The includes of `source`, the file src/<module>/…, that the arrow forbids."""
    module = pathlib.PurePath(name).parts[1]
    is_test = name.endswith(("_test.cpp", "_fixture.hpp"))
    if module not in BELOW:
        return [] if name in ("src/main.cpp", "src/asio.cpp", "src/allocator.cpp") else [f"{name}: is in no module of the design"]
    found = []
    for match in INCLUDE.finditer(source):
        line = source[: match.start(2)].count("\n") + 1
        header, quoted = match[2], match[1] == '"'
        target = header.split("/")[0]
        if target in BELOW:
            if target != module and target not in BELOW[module]:
                found.append(f"{name}:{line}: {module} may not include {header}: it is not below {module} on the arrow")
        elif not quoted and not is_test and not is_standard(header) and module in TECHNOLOGY:
            if not re.match(TECHNOLOGY[module], header):
                found.append(f"{name}:{line}: {module} may not know <{header}>; put it behind a port")
    return found


def is_standard(header):
    return "/" not in header and not header.endswith((".h", ".hpp"))


def main():
    names = [name for name in files(*CPP, under=("src/",)) if len(pathlib.PurePath(name).parts) >= 2]
    found = [problem for name in names for problem in problems_of(name, text(name))]
    return report("layers", found, f"{len(names)} files follow the arrow")


if __name__ == "__main__":
    sys.exit(main())
