# What a command says of a value that it does not take, and by which names one is taken.
import re

import pytest

from service import run_cli


@pytest.mark.parametrize("name", ["GRPC_PORT", "PRODUCTD_GRPC_PORT", "PRODUCTD_SERVER_PORT"])
def test_the_port_of_grpc_has_its_older_name_too(name):
    done = run_cli("config", environment={name: "6000"})
    assert re.search(rf"  Port: 6000 +# {name}\n", done.stdout) and done.stderr == "", done
