# The examples of api/openapi.yaml are no decoration: each of its x-requests is sent, from the first to the last, and is
# answered as it says.
import pytest

from openapi import check_described, document, operations, resolved
from service import Service
from store_under_test import MONGODB


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A service that nobody else has written to: an example finds what the ones before it have made."""
    service = Service(tmp_path_factory.mktemp("examples")).start()
    yield service
    service.stop()


def parameters(path, operation):
    shared = document()["paths"][path].get("parameters", [])
    return [resolved(one) for one in shared + operation.get("parameters", [])]


def target_of(path, operation, asked):
    for one in parameters(path, operation):
        if one["in"] == "path":
            path = path.replace("{%s}" % one["name"], asked.get("path", {}).get(one["name"], one.get("example")))
    return path


def body_of(operation, asked):
    """What httpx is told of the body."""
    if "body" in asked:
        return {"content": asked["body"], "headers": {"Content-Type": "application/json", **asked.get("headers", {})}}
    described = resolved(operation.get("requestBody"))
    if not described:
        return {}
    return {"json": resolved(described["content"]["application/json"]["examples"][asked["example"]])["value"]}


def send(service, path, method, operation, asked):
    options = {"params": asked.get("query"), "headers": asked.get("headers"), **body_of(operation, asked)}
    return service.request(method.upper(), target_of(path, operation, asked), **options)


def members(value):
    """What an example and an answer must have in common: the names of all members."""
    if isinstance(value, dict):
        return {name: members(value[name]) for name in value}
    return [members(value[0])] if isinstance(value, list) and value else None


def shown(described, asked):
    """The example of this answer, if there is one of the request's name."""
    for content in described.get("content", {}).values():
        example = content.get("examples", {}).get(asked.get("example"))
        if example:
            return resolved(example)["value"]
    return None


def problems(service):
    for path, method, operation in operations():
        for asked in operation["x-requests"]:
            answer = send(service, path, method, operation, asked)
            if MONGODB and answer.status_code == 501:
                continue  # It has no feed of changes yet.
            told = f"{method.upper()} {path} {asked}: {answer.status_code} {answer.text[:300]}"
            if answer.status_code != asked["status"]:
                yield told
                continue
            described = check_described(answer, method, target_of(path, operation, asked))
            example = shown(described, asked)
            # Which fields are wrong differs by what is sent.
            if example and "errors" not in example and members(example) != members(answer.json()):
                yield f"{told}: the example has other members"


def test_every_example_is_answered_as_it_says(fresh):
    assert list(problems(fresh)) == []


def test_every_example_of_a_body_and_of_an_answer_is_of_a_request_that_is_sent():
    for path, method, operation in operations():
        sent = {asked.get("example") for asked in operation["x-requests"]}
        body = resolved(operation.get("requestBody", {}))
        for content in body.get("content", {}).values():
            assert set(content["examples"]) <= sent, f"{method} {path}"
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                for content in resolved(answer).get("content", {}).values():
                    assert set(content.get("examples", {})) <= sent, f"{method} {path} {status}"
