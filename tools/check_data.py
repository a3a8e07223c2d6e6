# Every YAML and JSON file can be read, and api/openapi.yaml is a sound OpenAPI 3.1 description: each reference leads
# somewhere, each schema is a schema, each operation has its own id, its path parameters and an answer.
import json
import re
import sys

import jsonschema
import yaml

from sources import files, report, text

OPENAPI = "api/openapi.yaml"
MERGE = "tag:yaml.org,2002:merge"
METHODS = {"get", "put", "post", "delete", "head", "options", "patch", "trace"}


class Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: PyYAML takes the last of them, and others do not read the file at all."""

    def construct_mapping(self, node, deep=False):
        written = [key for key, _ in node.value if key.tag != MERGE]  # What is merged in may be told anew.
        keys = [self.construct_object(key, deep=True) for key in written]
        if doubled := {key for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"{doubled.pop()} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def unreadable(name):
    try:
        list(yaml.load_all(text(name), Loader)) if name.endswith(("yaml", "yml")) else json.loads(text(name))
    except (yaml.YAMLError, ValueError) as error:
        return f"{name}: {str(error).splitlines()[0]}"
    return None


def lookup(document, pointer):
    """What `#/a/b` names, or nothing."""
    here = document
    for step in pointer.removeprefix("#/").split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(here, dict) or step not in here:
            return None
        here = here[step]
    return here


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def schemas(node, name=""):
    """Every schema below: the named ones, and those under a `schema` key."""
    if isinstance(node, dict):
        for key, child in node.items():
            if key == "schemas":
                yield from ((f"schemas/{n}", schema) for n, schema in child.items())
            elif key == "schema":
                yield name or key, child
            else:
                yield from schemas(child, f"{name}/{key}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from schemas(child, f"{name}/{index}")


def operation_problems(document):
    ids = set()
    for path, item in document.get("paths", {}).items():
        shared = item.get("parameters", [])
        for method in METHODS & item.keys():
            operation, where = item[method], f"{method.upper()} {path}"
            operation_id = operation.get("operationId")
            if not operation_id or operation_id in ids:
                yield f"{where}: needs an operationId of its own"
            ids.add(operation_id)
            if not operation.get("responses"):
                yield f"{where}: says no answer"
            for status, answer in operation.get("responses", {}).items():
                answer = lookup(document, answer["$ref"]) if "$ref" in answer else answer
                if not (answer or {}).get("description"):
                    yield f"{where} {status}: has no description"
            given = [
                lookup(document, p["$ref"]) if "$ref" in p else p for p in shared + operation.get("parameters", [])
            ]
            declared = {p["name"] for p in given if p and p.get("in") == "path"}
            if declared != set(re.findall(r"{(\w+)}", path)):
                yield f"{where}: path parameters are {sorted(declared)}"


def openapi_problems(document):
    if not str(document.get("openapi", "")).startswith("3.1."):
        yield "is not OpenAPI 3.1"
    if not document.get("info", {}).get("title") or not document.get("info", {}).get("version"):
        yield "info needs title and version"
    yield from (f"{ref} leads nowhere" for ref in set(references(document)) if lookup(document, ref) is None)
    yield from operation_problems(document)
    for name, schema in schemas(document):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"{name}: {error.message}"


def main():
    names = files(".yaml", ".yml", ".json")
    problems = [problem for problem in map(unreadable, names) if problem]
    if OPENAPI in names and not any(p.startswith(OPENAPI) for p in problems):
        problems += [f"{OPENAPI}: {problem}" for problem in openapi_problems(yaml.safe_load(text(OPENAPI)))]
    return report(
        "data", problems, f"{len(names)} YAML and JSON files, {'with' if OPENAPI in names else 'without'} the API"
    )


if __name__ == "__main__":
    sys.exit(main())
