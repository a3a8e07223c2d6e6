# `make test-stack`: all that needs the servers of `make stack-up`, named where it is skipped. In CI nothing may be.
import os
import subprocess
import sys

import stack
import stack_kafka
from sources import ROOT

CI = bool(os.environ.get("CI"))
# Of files that only the embedded store has.
NOT_OF_MONGODB = "not store.db and not test_doctor_names_a_damaged_file"


def run(*command, **environment):
    return subprocess.run([*map(str, command)], cwd=ROOT, env=os.environ | environment).returncode


def delete_topics():
    """Those of the C++ tests, which have no command for it: hundreds of topics make brokers slow."""
    state = stack.Running(stack.named("kafka1")).state()
    if state:
        stack_kafka.delete_topics(f"127.0.0.1:{state['port']}", "test-[0-9]+")


def main(arguments):
    tests = [sys.executable, "-m", "pytest", "-rs", *arguments]
    codes = [run("ctest", "--preset", "dev", "--label-regex", "stack"), run(*tests, "tests/stack")]
    delete_topics()
    states = {name: stack.Running(stack.named(name)).state() for name in ("mongodb", "redis")}
    if all(states.values()):
        print("stack: the tests of the real binary, on MongoDB and Redis", flush=True)
        address = {name: f"127.0.0.1:{state['port']}" for name, state in states.items()}
        environment = {
            "PRODUCTD_E2E_MONGODB": f"mongodb://{address['mongodb']}",
            "PRODUCTD_E2E_REDIS": address["redis"],
        }
        codes.append(run(*tests, "tests/e2e", "-k", NOT_OF_MONGODB, **environment))
    else:
        print("stack: SKIPPED: the tests of the real binary on MongoDB and Redis; start them with `make stack-up`")
        codes.append(1 if CI else 0)
    return 1 if any(codes) else 0


sys.exit(main(sys.argv[1:]))
