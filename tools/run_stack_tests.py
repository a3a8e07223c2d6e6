# `make test-stack`: all that needs the servers of `make stack-up`, named where it is skipped. In CI nothing may be.
import os
import subprocess
import sys

import stack
import stack_kafka
import stack_mongodb
from sources import ROOT

CI = bool(os.environ.get("CI"))


def run(*command, **environment):
    return subprocess.run([*map(str, command)], cwd=ROOT, env=os.environ | environment).returncode


def delete_topics():
    """Those of the C++ tests, which have no command for it: hundreds of topics make brokers slow."""
    state = stack.Running(stack.named("kafka1")).state()
    if state:
        stack_kafka.delete_topics(f"127.0.0.1:{state['port']}", "test-[0-9]+")


def delete_databases():
    """Those of the tests: the members keep them otherwise, each index a file."""
    if all(stack.Running(stack.named(name)).state() for name in stack_mongodb.MEMBERS):
        stack_mongodb.delete_databases("test_", "e2e_", "test-kafka-")


def main(arguments):
    tests = [sys.executable, "-m", "pytest", "-rs", *arguments]
    codes = [run("ctest", "--preset", "dev", "--label-regex", "stack"), run(*tests, "tests/stack")]
    delete_topics()
    states = {name: stack.Running(stack.named(name)).state() for name in (*stack_mongodb.MEMBERS, "redis")}
    if all(states.values()):
        print("stack: the tests of the real binary, on MongoDB and Redis", flush=True)
        environment = {
            "PRODUCTD_E2E_MONGODB": stack_mongodb.uri(),
            "PRODUCTD_E2E_REDIS": f"127.0.0.1:{states['redis']['port']}",
        }
        at_once = (os.cpu_count() or 1) + 1  # They mostly wait.
        codes.append(run(*tests, "--numprocesses", at_once, "--dist", "loadfile", "tests/e2e", **environment))
    else:
        print("stack: SKIPPED: the tests of the real binary on MongoDB and Redis; start them with `make stack-up`")
        codes.append(1 if CI else 0)
    delete_databases()
    return 1 if any(codes) else 0


sys.exit(main(sys.argv[1:]))
