# api/openapi.yaml for tests: what it says of a path, and whether an answer is what it says.
import functools
import re

import jsonschema
import yaml

from service import ROOT

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


def operations():
    """(path, method, operation) of all that is described, in its order."""
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def template_of(path):
    """The described path that `path` is an instance of; one without parameters goes first."""
    for template in sorted(document()["paths"], key=lambda t: t.count("{")):
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return template
    raise AssertionError(f"{path} is not described")


def validate(schema, value):
    jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver("", document())).validate(value)


def check_described(answer, method, path):
    """`answer` has a status, a type, a body and headers that are described for `method` of `path`; returns which answer it is."""
    operation = document()["paths"][template_of(path)][method.lower()]
    responses = operation["responses"]
    described = resolved(responses.get(str(answer.status_code), responses.get("default")))
    assert described, f"{method} {path}: {answer.status_code} is not described"
    if method.upper() != "HEAD" and answer.content:
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in described.get("content", {}), f"{method} {path} {answer.status_code}: {kind} is not described"
        if "json" in kind or kind == "text/plain":
            validate(described["content"][kind]["schema"], answer.json() if "json" in kind else answer.text)
    for name, header in described.get("headers", {}).items():
        header = resolved(header)
        assert name in answer.headers or not header.get("required"), f"{name} is missing"
        if name in answer.headers and header["schema"]["type"] == "string":
            validate(header["schema"], answer.headers[name])
    return described
