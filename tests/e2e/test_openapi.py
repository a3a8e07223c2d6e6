# api/openapi.yaml is true: each answer the service gives is described there, and its body fits the description.
import re

import jsonschema
import pytest

from openapi import METHODS, check_described, document, operations, resolved, validate
from products import UNKNOWN_ID, a_full_product, a_product
from service import PRODUCTS, ROOT


@pytest.fixture(scope="module")
def asked(service):
    """(answer, method, path) of about every kind of answer."""
    stored = service.created(a_full_product())
    path = f"{PRODUCTS}/{stored['productId']}"
    tag = service.get(path).headers["ETag"]
    requests = [
        ("POST", PRODUCTS, {"json": a_product()}),
        ("POST", PRODUCTS, {"json": {}}),
        ("POST", PRODUCTS, {"content": "{", "headers": {"Content-Type": "text/plain"}}),
        ("POST", PRODUCTS, {"json": a_product(photos=["x" * 1000] * 300)}),
        ("POST", PRODUCTS, {"json": a_product(), "headers": {"Idempotency-Key": "openapi"}}),
        ("POST", PRODUCTS, {"json": a_product(name="Another"), "headers": {"Idempotency-Key": "openapi"}}),
        ("GET", path, {}),
        ("GET", path, {"headers": {"If-None-Match": tag}}),
        ("HEAD", path, {}),
        ("GET", f"{PRODUCTS}/{UNKNOWN_ID}", {}),
        ("GET", f"{PRODUCTS}/x", {}),
        ("PUT", path, {"json": a_full_product()}),
        ("PUT", path, {"json": {}}),
        ("PUT", path, {"json": a_product(), "headers": {"If-Match": '"no"'}}),
        ("PUT", f"{PRODUCTS}/{UNKNOWN_ID}", {"json": a_product()}),
        ("PUT", path, {"content": "x", "headers": {"Content-Type": "text/plain"}}),
        ("GET", f"{PRODUCTS}/search", {"params": {"search": "a"}}),
        ("GET", f"{PRODUCTS}/search", {"params": {"size": "0"}}),
        ("DELETE", path, {"headers": {"If-Match": '"no"'}}),
        ("DELETE", path, {}),
        ("DELETE", path, {}),
        ("DELETE", f"{PRODUCTS}/x", {}),
        ("GET", "/health", {}),
        ("GET", "/livez", {}),
        ("GET", "/readyz", {}),
        ("GET", "/readyz", {"params": {"verbose": ""}}),
        ("GET", "/metrics", {}),
    ]
    return [(service.request(method, target, **options), method, target) for method, target, options in requests]


def test_every_answer_is_described(asked):
    problems = []
    for answer, method, path in asked:
        try:
            check_described(answer, method, path)
        except (AssertionError, KeyError, jsonschema.ValidationError) as error:
            problems.append(f"{method} {path} {answer.status_code}: {str(error).splitlines()[0]}")
    assert not problems, "\n".join(problems)


def methods_of_allow(service, path):
    allow = service.request("OPTIONS", path).headers["Allow"]
    return {name.strip().lower() for name in allow.split(",")} - {"options"}


def test_every_described_path_serves_exactly_the_methods_that_are_described(service):
    for path, item in document()["paths"].items():
        target = path.replace("{file}", "plain.html").replace("{productId}", UNKNOWN_ID)
        assert methods_of_allow(service, target) == set(METHODS) & item.keys(), path


def test_every_route_of_the_program_is_described_and_no_other():
    """The table in rest_api.cpp is all that the program serves."""
    table = (ROOT / "src/inbound/rest/rest_api.cpp").read_text()
    routes = {
        (re.sub("{\\w+}", "{}", path), method.lower()) for method, path in re.findall(r'\{"([A-Z]+)", "(/[^"]*)"', table)
    }
    assert len(routes) > 15
    described = {(re.sub("{\\w+}", "{}", path), method) for path, method, _ in operations()}
    assert described == routes | {(path, "head") for path, method in routes if method == "get"}


def test_every_example_fits_its_schema():
    checked = 0

    def check(content, where):
        nonlocal checked
        for kind in content.values():
            for name, example in kind.get("examples", {}).items():
                if name != "incomplete" or "requestBodies" not in where:  # It is there to be refused.
                    validate(kind["schema"], resolved(example)["value"])
                checked += 1

    for part in ("requestBodies", "responses"):
        for name, described in document()["components"][part].items():
            check(described.get("content", {}), f"{part}/{name}")
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            check(answer.get("content", {}), f"{method} {path} {status}")
    assert checked > 10


def test_every_operation_says_what_it_is_and_what_any_request_may_be_refused_with():
    for path, method, operation in operations():
        assert operation["summary"] and operation["tags"] and operation["x-requests"], f"{method} {path}"
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Refused"}, f"{method} {path}"
