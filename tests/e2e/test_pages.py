# What a browser finds: the front page, Swagger UI, and the description they show. Nothing of it comes from elsewhere.
import gzip
import json
import re

import pytest
import yaml

from products import check_problem
from service import ROOT

PAGES = {
    "/": "text/html; charset=UTF-8",
    "/favicon.svg": "image/svg+xml",
    "/swagger/index.html": "text/html; charset=UTF-8",
    "/swagger/plain.html": "text/html; charset=UTF-8",
    "/swagger/productd.css": "text/css; charset=UTF-8",
    "/swagger/initializer.js": "text/javascript; charset=UTF-8",
    "/swagger/openapi.yaml": "application/yaml",
    "/swagger/openapi.json": "application/json",
}
PLAIN = {"Accept-Encoding": "identity"}
PACKED = {"Accept-Encoding": "gzip"}


def links(answer):
    return re.findall(r'(?:href|src)="([^"#]+)"', answer.text)


@pytest.mark.parametrize("path, kind", PAGES.items())
def test_a_page_has_its_type_and_is_asked_for_again_by_its_etag(service, path, kind):
    answer = service.get(path, headers=PLAIN)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"] == "no-cache"
    assert re.fullmatch('"[0-9a-f]{16}"', answer.headers["ETag"])
    for known in (answer.headers["ETag"], f'"x", W/{answer.headers["ETag"]}', "*"):
        again = service.get(path, headers={**PLAIN, "If-None-Match": known})
        assert again.status_code == 304 and not again.content, known
        assert again.headers["ETag"] == answer.headers["ETag"] and again.headers["Cache-Control"] == "no-cache"
    assert service.get(path, headers={**PLAIN, "If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_goes_compressed_to_who_takes_that_and_is_the_same(service, path):
    plain = service.get(path, headers=PLAIN)
    assert "Content-Encoding" not in plain.headers
    with service.client.stream("GET", path, headers=PACKED) as packed:
        content = b"".join(packed.iter_raw())
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(content) == plain.content
    assert packed.headers["ETag"] == plain.headers["ETag"][:-1] + '-gzip"'
    known = {**PACKED, "If-None-Match": packed.headers["ETag"]}
    again = service.get(path, headers=known)
    assert again.status_code == 304 and again.headers["ETag"] == packed.headers["ETag"]


@pytest.mark.parametrize("headers", [PLAIN, PACKED])
@pytest.mark.parametrize("path", PAGES)
def test_head_tells_the_same_without_the_body(service, path, headers):
    got, head = (service.request(method, path, headers=headers) for method in ("GET", "HEAD"))
    assert head.status_code == 200 and not head.content
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Content-Security-Policy"):
        assert head.headers[name] == got.headers[name], name


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing_inside(service, path):
    answer = service.get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert "unsafe" not in str(policy) and "*" not in str(policy) and "http" not in str(policy)
    assert ("script-src" in policy) == (path == "/swagger/index.html")
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.headers["Content-Type"].startswith("text/html"):
        assert not re.search(r"<style|<script>|\son\w+=|\sstyle=", answer.text)
        assert all(not re.match("https?:|//", link) for link in links(answer))


@pytest.mark.parametrize(
    "path, place", [("/swagger", "/swagger/index.html"), ("/swagger/", "/swagger/index.html"), ("/favicon.ico", "/favicon.svg")]
)
def test_what_a_person_or_a_browser_guesses_leads_on(service, path, place):
    answer = service.get(path)
    assert answer.status_code == 302 and answer.headers["Location"] == place
    assert service.get(place).status_code == 200


@pytest.mark.parametrize("page", ["/", "/swagger/index.html", "/swagger/plain.html"])
def test_every_link_of_a_page_works_and_what_it_loads_is_kept_for_good(service, page):
    found = links(service.get(page))
    assert found
    for link in found:
        answer = service.get(service.client.base_url.join(page).join(link.replace("&amp;", "&")))
        assert answer.status_code == 200, link
        if "?v=" in link:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            stale = service.get(service.client.base_url.join(page).join(link + "0"))
            assert stale.headers["Cache-Control"] == "no-cache", "an address of another content is not kept"


def test_the_front_page_says_what_this_is_and_its_version(service):
    text = service.get("/").text
    version = re.search(r"project\(productd VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert f"Version {version}." in text and yaml.safe_load(service.get("/swagger/openapi.yaml").text)["info"]["version"] == version
    for link in ("swagger/index.html", "swagger/openapi.yaml", "swagger/openapi.json", "metrics", "readyz", "livez"):
        assert f'href="{link}' in text, link


def test_the_description_served_is_the_one_of_the_source(service):
    described = (ROOT / "api/openapi.yaml").read_bytes()
    assert service.get("/swagger/openapi.yaml").content == described
    assert json.loads(service.get("/swagger/openapi.json").content) == yaml.safe_load(described)


def test_swagger_ui_is_there_or_else_the_plain_page(service):
    page, plain = service.get("/swagger/index.html").text, service.get("/swagger/plain.html").text
    bundle = service.get("/swagger/swagger-ui-bundle.js")
    if bundle.status_code == 404:
        assert page == plain
    else:
        assert "swagger-ui-bundle.js?v=" in page and "initializer.js?v=" in page and "swagger-ui.css?v=" in page
        assert len(bundle.content) > 1_000_000 and "<noscript>" in page
    assert "<script" not in plain


def test_a_file_that_is_not_there_is_404(service):
    for path in ("/swagger/other.js", "/swagger/without metrics", "/swagger/..%2f", "/swagger/x/y", "/index.html"):
        check_problem(service.get(path), 404)


def test_pages_are_no_products(service):
    before = service.metric("http_products_success_incoming_messages_total")
    service.get("/")
    service.get("/swagger/plain.html")
    assert service.metric("http_products_success_incoming_messages_total") == before
    assert service.metric("productd_http_requests_total", route="/swagger/{file}") >= 1
