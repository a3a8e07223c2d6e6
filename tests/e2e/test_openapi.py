# api/openapi.yaml is true: each answer the service gives is described there, and its body fits the description.
import functools
import re

import jsonschema
import pytest
import yaml

from products import UNKNOWN_ID, a_full_product, a_product
from service import PRODUCTS, ROOT

METHODS = ("get", "head", "put", "post", "delete")


@functools.lru_cache(None)
def document():
    return yaml.safe_load((ROOT / "api/openapi.yaml").read_text())


def resolved(node):
    while isinstance(node, dict) and "$ref" in node:
        here = document()
        for step in node["$ref"].removeprefix("#/").split("/"):
            here = here[step]
        node = here
    return node


def template_of(path):
    """The described path that `path` is an instance of; one without parameters goes first."""
    for template in sorted(document()["paths"], key=lambda t: t.count("{")):
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return template
    raise AssertionError(f"{path} is not described")


def check_described(answer, method, path):
    item = document()["paths"][template_of(path)]
    operation = item.get(method.lower()) or item["get"]  # HEAD is described with GET.
    responses = operation["responses"]
    described = resolved(responses.get(str(answer.status_code), responses.get("default")))
    assert described, f"{method} {path}: {answer.status_code} is not described"
    if method == "HEAD" or not answer.content:
        return
    kind = answer.headers["Content-Type"].split(";")[0]
    assert kind in described.get("content", {}), f"{method} {path} {answer.status_code}: {kind} is not described"
    schema = described["content"][kind].get("schema")
    if "json" in kind:
        resolver = jsonschema.RefResolver("", document())
        jsonschema.Draft202012Validator(schema, resolver=resolver).validate(answer.json())
    for name, header in described.get("headers", {}).items():
        if resolved(header).get("required"):
            assert name in answer.headers, f"{method} {path} {answer.status_code}: {name} is missing"


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


def test_every_described_operation_is_served(service):
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                target = re.sub(r"{\w+}", UNKNOWN_ID, path)
                answer = service.request(
                    method.upper(), target, json=a_product() if method in ("put", "post") else None
                )
                assert answer.status_code != 405, f"{method} {path}"
                assert answer.status_code != 404 or "{" in path, f"{method} {path}"
