# That setup takes no other schemas than those that were looked at, and makes of them what kubeconform reads.
import zipfile

import fetch_schemas
import pytest


@pytest.fixture
def others(tmp_path, monkeypatch):
    """What PyPI gives are wheels with something else in them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def download(requirement, folder):
        wheel = folder / "other.whl"
        with zipfile.ZipFile(wheel, "w") as made:
            made.writestr("check_jsonschema/builtin_schemas/vendor/compose-spec.json", "{}")
        return wheel

    monkeypatch.setattr(fetch_schemas, "download", download)


def test_another_file_is_refused_and_leaves_nothing(others, capsys, tmp_path):
    assert fetch_schemas.main() == 1
    assert "is not the file that was looked at" in capsys.readouterr().err
    assert list((tmp_path / "productd").iterdir()) == []


def test_a_wheel_without_what_is_wanted_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    with pytest.raises(RuntimeError, match="empty.whl has no"):
        fetch_schemas.take(tmp_path / "empty.whl", "a(b)", tmp_path / "target")


def test_what_a_schema_refers_to_is_put_in_its_place():
    definitions = {"a.b": {"type": "object", "properties": {"c": {"$ref": "/x.json#/$defs/d"}}}, "d": {"type": "string"}}
    made = fetch_schemas.whole({"$id": "/y.json", "properties": {"one": {"$ref": "/x.json#/$defs/a.b"}}}, definitions)
    assert made == {"properties": {"one": {"type": "object", "properties": {"c": {"type": "string"}}}}}


def test_a_definition_allows_what_it_names_and_no_more():
    inner = {"type": "object", "properties": {"b": {"type": "string"}}}
    free = {"type": "object", "properties": {}, "x-kubernetes-preserve-unknown-fields": True}
    schema = {"properties": {"spec": {"properties": {"a": {"type": "array", "items": inner}, "free": free}}}}
    definition = {
        "spec": {
            "group": "keda.sh",
            "names": {"kind": "ScaledObject"},
            "versions": [{"name": "v1alpha1", "schema": {"openAPIV3Schema": schema}}],
        }
    }
    ((name, made),) = fetch_schemas.schemas_of(definition)
    assert name == "scaledobject-keda-v1alpha1.json" and made["additionalProperties"] is False
    spec = made["properties"]["spec"]
    assert spec["additionalProperties"] is False and spec["properties"]["a"]["items"]["additionalProperties"] is False
    assert "additionalProperties" not in spec["properties"]["free"] and made["properties"]["metadata"] == {"type": "object"}
