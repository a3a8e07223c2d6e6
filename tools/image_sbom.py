#!/usr/bin/python3
# The parts of the image as CycloneDX 1.6: image_sbom.py PROGRAM writes it to standard output. It knows what dpkg knows of the
# packages whose shared objects the program loads, and of those whose headers were compiled into it, and of Swagger UI, whose
# pages are in it.
import hashlib
import json
import pathlib
import re
import sys
import uuid

import fetch_swagger
import image_closure
from sources import text


def version():
    return re.search(r"project\(productd VERSION (\S+)", text("CMakeLists.txt"))[1]


def distribution():
    fields = dict(re.findall(r'^(\w+)="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(), re.M))
    return f"{fields['ID']}-{fields.get('VERSION_ID', 'unknown')}"


def component(package, scope):
    """How it is named is the rule of https://github.com/package-url/purl-spec: deb."""
    version = package.version.replace("+", "%2B")
    purl = f"pkg:deb/debian/{package.name.replace('+', '%2B')}@{version}?arch={package.architecture}&distro={distribution()}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "licenses": [{"license": {"name": name}} for name in package.licences()],
        "purl": purl,
        "properties": [
            {"name": "productd:source", "value": package.source},
            {"name": "productd:linked", "value": scope},
        ],
    }


def swagger():
    purl = f"pkg:npm/swagger-ui-dist@{fetch_swagger.VERSION}"
    licence = [{"license": {"id": "Apache-2.0"}}]
    named = {"name": "swagger-ui-dist", "version": fetch_swagger.VERSION, "licenses": licence, "purl": purl}
    return {"type": "library", "bom-ref": purl, **named}


def sbom(program):
    """The same for the same program on the same packages: no time and nothing drawn by lot is in it."""
    hashed = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()
    parts = [component(package, "shared") for package in image_closure.packages(program)]
    parts += [component(package, "compiled in") for package in image_closure.compiled_in()]
    parts.append(swagger())
    ours = {"type": "application", "bom-ref": "productd", "name": "productd", "version": version()}
    ours |= {"licenses": [{"license": {"id": "Apache-2.0"}}], "hashes": [{"alg": "SHA-256", "content": hashed}]}
    told = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": parts,
        "dependencies": [{"ref": "productd", "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(told, sort_keys=True))
    return json.dumps({**told, "serialNumber": f"urn:uuid:{serial}"}, indent=2) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: image_sbom.py PROGRAM")
    print(sbom(sys.argv[1]), end="")
