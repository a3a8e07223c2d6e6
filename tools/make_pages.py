#!/usr/bin/python3
# Makes what the binary embeds of its web pages: each file compressed, and a C++ file that takes them in as they are and
# lists them (src/inbound/rest/embedded_pages.hpp). The build calls it (cmake/pages.cmake).
import argparse
import gzip
import hashlib
import json
import pathlib
import re
import sys

import yaml

import fetch_swagger
import plain_page

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = {
    "html": "text/html; charset=UTF-8",
    "css": "text/css; charset=UTF-8",
    "js": "text/javascript; charset=UTF-8",
    "svg": "image/svg+xml",
    "json": "application/json",
    "yaml": "application/yaml",
}
METRICS_LINK = '<li><a href="metrics">Its metrics</a>, for Prometheus</li>'
HEAD = """// Made by tools/make_pages.py. The assembler takes the files in, which costs the compiler nothing.
#include "inbound/rest/embedded_pages.hpp"

#include <array>

"""


def mark(content):
    """Tells one content from another: its ETag, and what asks for it to be kept for good."""
    return hashlib.sha256(content).hexdigest()[:16]


def filled(template, parts, assets):
    """`{{name}}` is a part, `{{asset NAME}}` the address of a file beside the page that changes with its content."""

    def part(found):
        words = found[1].split()
        return f"{words[1]}?v={mark(assets[words[1]])}" if words[0] == "asset" else parts[words[0]]

    return re.sub(r"{{([\w. -]+)}}", part, template).encode()


def pages(version, swagger_files):
    """{path: content}. Without Swagger UI's own files its page is the plain one."""
    described = (ROOT / "api/openapi.yaml").read_bytes()
    document = yaml.safe_load(described)
    own = {name: (ROOT / "api/pages" / name).read_bytes() for name in ("productd.css", "initializer.js")}
    assets = own | {file.name: file.read_bytes() for file in swagger_files}
    parts = {"version": version, **plain_page.parts(document)}

    def page(name, **more):
        return filled((ROOT / "api/pages" / name).read_text(), parts | more, assets)

    plain = page("plain.html")
    made = {
        "/": page("front.html", metrics=METRICS_LINK),
        "without metrics": page("front.html", metrics=""),
        "/favicon.svg": (ROOT / "api/pages/favicon.svg").read_bytes(),
        "/swagger/index.html": page("swagger.html") if swagger_files else plain,
        "/swagger/plain.html": plain,
        "/swagger/openapi.yaml": described,
        "/swagger/openapi.json": json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(),
    }
    return made | {f"/swagger/{name}": content for name, content in assets.items()}


def kind(path):
    return KINDS.get(path.rpartition(".")[2], KINDS["html"])


def source(made, folder):
    """The C++ file over the compressed ones in `folder`."""
    packed, rows = [], []
    for number, (path, content) in enumerate(made.items()):
        file = folder / f"{number}.gz"
        file.write_bytes(gzip.compress(content, 9, mtime=0))
        symbol = f"productd_page_{number}"
        packed.append(f'    ".globl {symbol}\\n.hidden {symbol}\\n{symbol}: .incbin \\"{file}\\"\\n"')
        rows.append(
            f'    EmbeddedPage{{"{path}", "{kind(path)}", "\\"{mark(content)}\\"", {len(content)}, '
            f"{{{symbol}, {file.stat().st_size}}}}},"
        )
    names = "\n".join(f"extern const char productd_page_{number}[];" for number in range(len(rows)))
    assembled = '__asm__(\n    ".pushsection .rodata\\n"\n' + "\n".join(packed) + '\n    ".popsection\\n");\n'
    listed = "const std::array pages{\n" + "\n".join(rows) + "\n};\n"
    functions = "std::span<const EmbeddedPage> embedded_pages() { return pages; }\n"
    return (
        f'{HEAD}{assembled}\nextern "C" {{\n{names}\n}}\n\nnamespace productd {{\n\nnamespace {{\n\n{listed}\n'
        f"}}  // namespace\n\n{functions}\n}}  // namespace productd\n"
    )


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--output", type=pathlib.Path, required=True)
    arguments.add_argument("--version", required=True)
    arguments.add_argument("swagger_files", nargs="*", type=pathlib.Path)
    asked = arguments.parse_args()
    asked.output.mkdir(parents=True, exist_ok=True)
    if asked.swagger_files and {file.name for file in asked.swagger_files} != set(fetch_swagger.FILES):
        sys.exit(f"make_pages: of Swagger UI all of {', '.join(fetch_swagger.FILES)} are needed, or none")
    for file in asked.swagger_files:
        fetch_swagger.check(file.name, file.read_bytes())
    made = pages(asked.version, asked.swagger_files)
    (asked.output / "embedded_pages.cpp").write_text(source(made, asked.output.resolve()))


if __name__ == "__main__":
    main()
