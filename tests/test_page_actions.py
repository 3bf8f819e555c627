"""What a reader does on the page of a code, in a browser: copies from it, and opens its list of sources."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

CODE = "30005"
SOURCES = "details.provenance"


@pytest.fixture
def reader(page: Page, server: str) -> Page:
    """Return the page of a code after the theme's script has made its addresses absolute."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server}codes/{CODE}/")
    page.wait_for_function("() => document.querySelector('article a').getAttribute('href').startsWith('http')")
    page.locator("[data-actions][data-mounted]").wait_for()
    return page


def copy(page: Page, label: str) -> str:
    """Press a button that copies, and return what the clipboard holds once the button says so."""
    button = page.get_by_role("button", name=label)
    button.click()
    expect(page.locator("[data-actions]")).to_contain_text("Copied")
    expect(button).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_link_is_the_address_without_its_end(reader: Page, server: str) -> None:
    reader.evaluate("location.hash = 'causes'")
    assert copy(reader, "Copy link") == f"{server}codes/{CODE}/"


def test_the_markdown_is_the_published_one(reader: Page, site_dir: Path) -> None:
    assert copy(reader, "Copy as Markdown") == (site_dir / "codes" / CODE / "index.md").read_text("utf-8")


def test_the_note_for_support_names_code_time_and_address(reader: Page, server: str) -> None:
    note = copy(reader, "Copy a support note")
    assert CODE in note
    assert f"{server}codes/{CODE}/" in note
    written = re.search(r"\(UTC\): (\S+)", note)
    assert written
    assert abs(datetime.now(UTC) - datetime.fromisoformat(written[1])) < timedelta(minutes=5)
    for asked in ("Method and path", "HTTP status", "trace", "order id", "Never send the API key"):
        assert asked in note


def test_a_refused_copy_is_said(reader: Page) -> None:
    reader.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')) }")
    reader.get_by_role("button", name="Copy link").click()
    expect(reader.locator("[data-actions]")).to_contain_text("Not copied")


def test_a_number_leads_into_the_closed_sources_each_time(reader: Page) -> None:
    sources, number = reader.locator(SOURCES), reader.locator("a.ev").first
    expect(sources).to_have_js_property("open", False)
    # The theme's script may write the address itself, and then the browser has no target.
    source = reader.locator(str(number.evaluate("link => link.hash")))
    for _ in range(2):
        number.click()
        expect(sources).to_have_js_property("open", True)
        expect(source).to_be_in_viewport()
        sources.locator("summary").click()
        expect(sources).to_have_js_property("open", False)


def test_an_address_leads_into_the_closed_sources(page: Page, server: str) -> None:
    page.goto(f"{server}codes/{CODE}/#source-2")
    page.locator(f"{SOURCES}[data-mounted][open]").wait_for()
    expect(page.locator("#source-2")).to_be_in_viewport()


def test_the_sources_are_open_on_paper_alone(reader: Page) -> None:
    sources = reader.locator(SOURCES)
    reader.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(sources).to_have_js_property("open", True)
    reader.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(sources).to_have_js_property("open", False)
