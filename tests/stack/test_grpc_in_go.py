# A client on Go's own gRPC, which knows the contract's file alone (grpcurl): every call, what may go wrong, and reflection.
import json
import os
import subprocess

import fetch_go_tools
import pytest

from service import ROOT, Service

SERVICE = "productsService.ProductsService"
HEALTH = "grpc.health.v1.Health/Check"
CHAIR = {"Name": "Chair", "Description": "A wooden chair", "Price": 10.5, "Quantity": "3", "Rating": "5"}


@pytest.fixture(scope="module")
def grpcurl():
    program = fetch_go_tools.GRPCURL.place()
    if not os.access(program, os.X_OK):
        assert not os.environ.get("CI"), "grpcurl is missing: tools/setup.sh stack"
        pytest.skip("grpcurl is missing: tools/setup.sh stack")
    return program


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    running = Service(tmp_path_factory.mktemp("go") / "service").start()
    yield running
    running.ensure_stopped()


def messages_in(text):
    """The JSON objects of `text`, which stand one behind the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        message, end = decoder.raw_decode(text)
        found.append(message)
        text = text[end:]
    return found


class Caller:
    def __init__(self, program, service, *flags):
        self.program, self.service, self.flags = program, service, flags

    def run(self, *words, flags=(), message=None, ca=None):
        """(code or nothing, what it said) of a call, or of `list` and `describe`."""
        trusted = ["-cacert", ca or self.service.certificate]
        data = ["-d", "@"] if message is not None else []
        at = f"localhost:{self.service.ready['grpc_port']}"
        command = [self.program, "-format-error", *trusted, *self.flags, *flags, *data, at, *words]
        told = "" if message is None else json.dumps(message)
        done = subprocess.run(list(map(str, command)), input=told, capture_output=True, text=True, timeout=60)
        if done.returncode == 0:
            told = messages_in(done.stdout) if done.stdout.startswith("{") else [done.stdout]
            return None, told if words[0].endswith("/Watch") else told[0]
        try:
            return json.loads(done.stderr)["code"], done.stderr
        except ValueError:
            return "no answer", done.stderr

    def call(self, method, message):
        """The answer, or of a stream all its messages."""
        code, said = self.run(f"{SERVICE}/{method}", message=message)
        assert code is None, said
        return said


@pytest.fixture
def caller(grpcurl, service):
    files = ["product/product.proto", "google/rpc/error_details.proto"]
    return Caller(grpcurl, service, "-import-path", ROOT / "proto", *(word for file in files for word in ("-proto", file)))


@pytest.fixture
def by_reflection(grpcurl, service):
    return Caller(grpcurl, service)


def test_every_call_by_the_contracts_file_alone(caller):
    made = caller.call("Create", CHAIR)["Product"]["ProductID"]
    read = caller.call("GetByID", {"ProductID": made})["Product"]
    assert read["Name"] == "Chair" and read["Price"] == 10.5 and read["Version"] == "1"
    caller.call("Update", {**CHAIR, "ProductID": made, "Name": "Armchair", "ExpectedVersion": "1"})
    found = caller.call("Search", {"Search": "armch", "page": "1", "size": "5"})
    assert [product["ProductID"] for product in found["Products"]] == [made]
    caller.call("Delete", {"ProductID": made})
    code, _ = caller.run(f"{SERVICE}/GetByID", message={"ProductID": made})
    assert code == 5  # NOT_FOUND


def test_a_stream_of_changes_to_its_end(caller):
    made = caller.call("Create", CHAIR)["Product"]["ProductID"]
    told = caller.call("Watch", {"UntilEnd": True})
    kinds = [message.get("Kind", "CHANGE") for message in told]
    assert kinds == ["SNAPSHOT"] * (len(kinds) - 2) + ["SNAPSHOT_END", "UP_TO_DATE"]
    assert made in [message.get("ProductID") for message in told]
    caller.call("Delete", {"ProductID": made})
    told = caller.call("Watch", {"Since": told[-1]["Position"], "UntilEnd": True})
    assert [(message.get("ProductID"), message.get("Deleted", False)) for message in told] == [(made, True), (None, False)]
    code, said = caller.run(f"{SERVICE}/Watch", message={"Since": "nonsense"})
    assert code == 3 and "Since" in said


def test_what_is_wrong_is_told_field_by_field(caller):
    code, said = caller.run(f"{SERVICE}/Create", message={**CHAIR, "Name": "", "Price": -1})
    assert code == 3 and "BadRequest" in said
    assert {violation["field"] for detail in json.loads(said)["details"] for violation in detail["fieldViolations"]} == {
        "Name",
        "Price",
    }


def test_a_deadline_that_is_over_a_message_too_large_and_a_stranger(caller, tmp_path):
    code, said = caller.run(f"{SERVICE}/GetByID", flags=("-max-time", "0.000001"), message={"ProductID": "0" * 24})
    assert code in (4, "no answer") and "deadline" in said.lower()
    code, said = caller.run(f"{SERVICE}/Create", message={**CHAIR, "Photos": ["x" * 1_000] * 700})
    assert code == 8, said  # RESOURCE_EXHAUSTED
    other = tmp_path / "other"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run(
        [*command, "-out", f"{other}.crt", "-keyout", f"{other}.key"], check=True, capture_output=True
    )
    code, said = caller.run(f"{SERVICE}/GetByID", message={"ProductID": "0" * 24}, ca=f"{other}.crt")
    assert code == "no answer" and "certificate" in said
    assert caller.call("Search", {"Search": "chair", "page": "1", "size": "1"}) is not None


def test_reflection_describes_all_that_it_lists(by_reflection):
    _, listed = by_reflection.run("list")
    services = set(listed.split())
    assert {SERVICE, "grpc.health.v1.Health"} <= services
    for name in services - {"grpc.reflection.v1alpha.ServerReflection"}:
        code, said = by_reflection.run("describe", name)
        assert code is None and f"{name} is a service" in said, said
    made = by_reflection.call("Create", CHAIR)["Product"]["ProductID"]
    assert by_reflection.call("GetByID", {"ProductID": made})["Product"]["Name"] == "Chair"


@pytest.mark.parametrize("name", ["", SERVICE])
def test_health_is_told_through_reflection(by_reflection, name):
    code, said = by_reflection.run(HEALTH, message={"service": name})
    assert code is None and said == {"status": "SERVING"}, said
    code, _ = by_reflection.run(HEALTH, message={"service": "nobody"})
    assert code == 5  # NOT_FOUND
