# The pages that the binary embeds are whole, with Swagger UI and without.
import gzip
import json
import re
from html.parser import HTMLParser

import make_pages
import plain_page
import pytest
import yaml

VOID = {"meta", "link", "br"}


@pytest.fixture
def swagger_files(tmp_path):
    files = [tmp_path / "swagger-ui.css", tmp_path / "swagger-ui-bundle.js"]
    for file in files:
        file.write_text(f"content of {file.name}")
    return files


class Page(HTMLParser):
    """Notes what a page has, and that each element is closed."""

    def __init__(self, content):
        super().__init__()
        self.open, self.links, self.ids, self.scripts, self.headings = [], [], [], [], []
        self.feed(content.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        assert not any(name.startswith("on") or name == "style" for name in given), f"{tag} {given}"
        self.links += [given[name] for name in ("href", "src") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        self.scripts += [given] if tag == "script" else []
        self.headings += [tag] if re.fullmatch("h[1-6]", tag) else []
        assert tag != "style"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("with_swagger", [True, False])
def test_every_page_is_sound_and_each_of_its_links_leads_somewhere(with_swagger, swagger_files):
    made = make_pages.pages("1.2.3", swagger_files if with_swagger else [])
    served_elsewhere = {"/metrics", "/livez", "/readyz", "/api/v1/products/search"}
    for path, content in made.items():
        if not make_pages.kind(path).startswith("text/html"):
            continue
        page = Page(content)
        assert b"{{" not in content and b'lang="en"' in content and b"<title>" in content, path
        assert all(script.get("src") for script in page.scripts), "no script inside a page"
        base = "/swagger/" if path.startswith("/swagger/") else "/"
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids
                continue
            target = link.partition("?")[0]
            target = "/" + target.removeprefix("../") if target.startswith("../") else base + target
            assert target in made or target in served_elsewhere, f"{path}: {link}"


def test_an_address_changes_with_the_content(swagger_files):
    before = make_pages.pages("1.2.3", swagger_files)["/swagger/index.html"]
    assert before == make_pages.pages("1.2.3", swagger_files)["/swagger/index.html"]
    swagger_files[1].write_text("another content")
    assert before != make_pages.pages("1.2.3", swagger_files)["/swagger/index.html"]


def test_without_swagger_ui_its_page_is_the_plain_one_which_has_every_call():
    made = make_pages.pages("1.2.3", [])
    plain = made["/swagger/plain.html"]
    assert made["/swagger/index.html"] == plain and Page(plain).scripts == []
    document = yaml.safe_load(made["/swagger/openapi.yaml"])
    for path, item in document["paths"].items():
        for method in plain_page.METHODS:
            if method in item:
                assert f"<h2><code>{method.upper()} {path}</code></h2>".encode() in plain
                assert item[method]["operationId"] in Page(plain).ids


def test_the_json_says_what_the_yaml_says():
    made = make_pages.pages("1.2.3", [])
    assert json.loads(made["/swagger/openapi.json"]) == yaml.safe_load(made["/swagger/openapi.yaml"])


def test_text_of_the_description_cannot_become_markup():
    assert plain_page.prose("a <script> & `b<c`") == "<p>a &lt;script&gt; &amp; <code>b&lt;c</code></p>"


def test_what_is_embedded_is_what_was_made(tmp_path):
    made = {"/a.css": b"body {}", "/b.svg": b"<svg/>"}
    source = make_pages.source(made, tmp_path)
    for number, (path, content) in enumerate(made.items()):
        packed = (tmp_path / f"{number}.gz").read_bytes()
        assert gzip.decompress(packed) == content
        assert f'"{path}", "{make_pages.kind(path)}", "\\"{make_pages.mark(content)}\\"", {len(content)}' in source
