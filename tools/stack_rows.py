# All servers that tools/stack.py knows, and which of them are meant.
import re

import stack_instances
import stack_kafka
import stack_mongodb
import stack_telemetry
from stack_servers import Server, redis_arguments, redis_ready

SERVERS = [
    Server("redis", "/usr/bin/redis-check-rdb", redis_arguments, redis_ready, "tools/setup.sh stack"),
    *stack_mongodb.SERVERS,
    *stack_kafka.BROKERS,
    *stack_telemetry.SERVERS,
]
KNOWN = [*SERVERS, *stack_instances.SERVERS]  # Those started by their names too.


def named(name):
    return next(server for server in KNOWN if server.name == name)


def group(server):
    """What it is called without its number."""
    return re.sub(r"-?\d+$", "", server.name)


def chosen_servers(names, action="status"):
    """Of these names or groups; none: all, but those to be started by name are not started."""
    known = {server.name for server in KNOWN} | {group(server) for server in KNOWN}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RuntimeError(f"there is no server {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    if names:
        return [server for server in KNOWN if server.name in names or group(server) in names]
    return SERVERS if action == "up" else [*stack_instances.SERVERS, *SERVERS]
