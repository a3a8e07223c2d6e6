#!/usr/bin/python3
# `make run-stack`: starts the instances of productd on the servers of `make stack-up`, and says how to speak to them.
import sys

import stack
import stack_instances
import stack_servers
from sources import ROOT

HINT = """
Try it:

  curl --cacert {certificate} https://localhost:{port}/api/v1/products -H 'Content-Type: application/json' \\
    -d '{{"name":"Chair","description":"A wooden chair","price":10.5,"quantity":3,"rating":5}}'
  build/release/productd doctor --config {configuration}

Their logs are {folders}. `make stack-status{small}` shows what is up; `make stack-down{small}` stops all of it."""


def shown(path):
    return path.relative_to(ROOT)


def main():
    instances = [stack.Running(server) for server in stack_instances.SERVERS]
    failed = stack.up(instances)
    for error in failed:
        print(f"stack: {error}", file=sys.stderr)
    if failed:
        return 1
    first = instances[0]
    print(
        HINT.format(
            certificate=shown(first.folder / "data/tls/server.crt"),
            port=first.state()["port"],
            configuration=shown(stack_instances.configuration(first.folder)),
            small=" SMALL=1" if stack_servers.SMALL else "",
            folders=" and ".join(str(shown(running.folder / "log")) for running in instances),
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
