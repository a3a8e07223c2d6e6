# The calls of an OpenAPI description as HTML that needs no script, for tools/make_pages.py.
import json
import re
from html import escape

METHODS = ("get", "put", "post", "delete")


def resolved(document, node):
    """`node`, or what its $ref names."""
    while isinstance(node, dict) and "$ref" in node:
        here = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            here = here[step]
        node = here
    return node


def prose(text):
    """Paragraphs, with `code` as such."""
    paragraphs = re.split(r"\n\s*\n", (text or "").strip())
    marked = (re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(one)) for one in paragraphs if one)
    return "\n".join(f"<p>{one}</p>" for one in marked)


def in_cell(text):
    return prose(text).replace("</p>\n<p>", "<br>").removeprefix("<p>").removesuffix("</p>")


def table(caption, columns, rows):
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "\n".join(
        f'<tr><th scope="row"><code>{escape(first)}</code></th>' + "".join(f"<td>{in_cell(r)}</td>" for r in rest) + "</tr>"
        for first, *rest in rows
    )
    return f"<table>\n<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def parameters(document, item, operation):
    given = [resolved(document, one) for one in item.get("parameters", []) + operation.get("parameters", [])]
    return [
        (one["name"], one["in"] + (", required" if one.get("required") else ""), one.get("description", ""))
        for one in given
    ]


def answers(document, operation):
    found = ((status, resolved(document, answer)) for status, answer in operation["responses"].items())
    return [(status, answer["description"]) for status, answer in found]


def body(document, operation):
    """What the request's body is, and its first example."""
    given = resolved(document, operation.get("requestBody"))
    if not given:
        return ""
    kind, content = next(iter(given["content"].items()))
    text = prose(f"Body: `{kind}`. {given.get('description', '')}")
    for example in list(content.get("examples", {}).values())[:1]:
        shown = json.dumps(resolved(document, example)["value"], indent=2, ensure_ascii=False)
        text += f"\n<pre><code>{escape(shown)}</code></pre>"
    return text


def section(document, path, method, item):
    operation = item[method]
    parts = [
        f'<section id="{escape(operation["operationId"])}">',
        f"<h2><code>{method.upper()} {escape(path)}</code></h2>",
        prose(operation["summary"]),
        prose(operation.get("description")),
        table("Parameters", ("Name", "Where", "What"), parameters(document, item, operation)),
        body(document, operation),
        table("Answers", ("Status", "When"), answers(document, operation)),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def parts(document):
    """What the template of the page has places for. HEAD is as GET, and not told again."""
    calls = [
        (path, method, item) for path, item in document["paths"].items() for method in METHODS if method in item
    ]
    links = (
        f'<li><a href="#{escape(item[method]["operationId"])}"><code>{method.upper()} {escape(path)}</code></a> '
        f"{in_cell(item[method]['summary'])}</li>"
        for path, method, item in calls
    )
    return {
        "about": prose(document["info"]["description"]),
        "contents": "\n".join(links),
        "calls": "\n".join(section(document, *call) for call in calls),
    }
