# Swagger UI in a real browser: it loads under its Content-Security-Policy without a word on the console, and "Try it out"
# creates a product and reads it, over the certificate that the service made for itself.
import json
import os
import pathlib
import subprocess

import fetch_playwright
import pytest

from openapi import operations
from service import PRODUCTS, Service

SCRIPT = pathlib.Path(__file__).with_name("swagger_browser.mjs")


@pytest.fixture(scope="module")
def browser():
    """Where Playwright is; in CI it has to be there."""
    place = fetch_playwright.place()
    if not place.is_dir() or not pathlib.Path("/usr/bin/chromium").exists():
        assert not os.environ.get("CI"), "Playwright or Chromium is missing: tools/setup.sh stack"
        pytest.skip("Playwright or Chromium is missing: tools/setup.sh stack")
    return place


@pytest.fixture
def service(tmp_path):
    running = Service(tmp_path / "service").start()
    yield running
    running.ensure_stopped()


def test_swagger_creates_and_reads_a_product_in_a_browser(browser, service, tmp_path):
    command = [browser / "node", SCRIPT, browser, service.url, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["said"] == [], seen
    assert seen["title"].startswith("productd") and seen["calls"] == len(list(operations()))
    assert seen["created"]["status"] == "201" and seen["read"]["status"] == "200", seen
    assert seen["read"]["url"] == f"{service.url}{PRODUCTS}/{seen['productId']}"
    stored = service.get(f"{PRODUCTS}/{seen['productId']}").json()
    assert stored["name"] == "Browser chair" and json.loads(seen["read"]["text"]) == stored
