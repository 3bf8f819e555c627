"""Every page runs under a policy that lets no inline script in, and nothing breaks it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from catalogue.model.rows import Catalogue
from catalogue.site.policy import add_policy

POLICY = re.compile(
    r'<meta http-equiv="Content-Security-Policy" content="([^"]+)"><meta name="referrer" content="([^"]+)">'
)
# Used pages: the home page with the box, a table, a code, a guide, the page for unknown addresses.
OPENED = ("", "codes/", "codes/30005/", "http/", "guides/signing/", "about/changes/", "nowhere/at/all")


def read_policies(site_dir: Path) -> dict[str, str]:
    """Return page → policy of a built site; a page without one fails the test."""
    pages = {str(file.relative_to(site_dir)): file.read_text("utf-8") for file in site_dir.rglob("*.html")}
    found = {path: POLICY.search(page) for path, page in pages.items()}
    assert [path for path, match in found.items() if match is None] == []
    return {path: match[1] for path, match in found.items() if match}


def test_every_page_has_the_same_strict_policy(site_dir: Path) -> None:
    (policy,) = set(read_policies(site_dir).values())
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == directives["form-action"] == directives["base-uri"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert "unsafe" not in policy
    headers = (site_dir / "_headers").read_text("utf-8")
    assert f"  Content-Security-Policy: {policy}; frame-ancestors 'none'\n" in headers
    assert "  X-Content-Type-Options: nosniff\n" in headers
    assert "  Referrer-Policy: no-referrer\n" in headers


def test_no_page_needs_an_inline_script(site_dir: Path) -> None:
    for path in read_policies(site_dir):
        page = (site_dir / path).read_text("utf-8")
        kinds = [tag for tag in re.findall(r"<script[^>]*>", page) if " src=" not in tag]
        assert [tag for tag in kinds if not re.search(r'type="?(application/json|text/plain)\b', tag)] == [], path
        assert page.index("Content-Security-Policy") < page.index("<script"), path
        assert re.findall(r"<[a-z][^>]* (?:style|on\w+)=", page.partition("<body")[2]) == [], path


def test_the_policy_stands_once_before_the_first_script() -> None:
    guarded = add_policy("<head><script>alert(1)</script></head>")
    assert guarded.startswith("<head><meta http-equiv")
    assert add_policy(guarded) == guarded


@pytest.fixture
def violations(page: Page) -> list[str]:
    """Return the list to which every message of the browser about the policy is added."""
    found: list[str] = []
    page.on(
        "console", lambda message: found.append(message.text) if "Content Security Policy" in message.text else None
    )
    return found


def test_no_page_breaks_the_policy_when_opened_and_used(
    page: Page, server: str, violations: list[str], catalogue: Catalogue
) -> None:
    for path in OPENED:
        page.goto(server + path)
    page.goto(server)
    page.locator("html.js").wait_for(state="attached")
    code = catalogue.errors[1].code
    page.locator(f"a[href$='codes/{code}/']").first.click()
    page.locator("h1", has_text=code).wait_for()
    assert page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1
    page.locator(".md-search__input").fill(code)
    page.locator(".md-search-result__item").first.wait_for(state="attached")
    page.locator("[data-palette] label:not([hidden])").first.click(force=True)
    assert violations == []
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: '1'}))")
    page.wait_for_timeout(0)
    assert len(violations) == 1, "The browser must report a script that the policy does not know."
