"""What a reader sees without scrolling, and what starts after that."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import BuiltSite

SCREENS = {"phone": (390, 844), "desktop": (1280, 800)}
# The answer: verdict and first step, whole; and on a wide screen the first line of what to do.
READ_ENDS = """() => {
    const parts = [".verdict", ".first-step"].map(selector => document.querySelector(selector))
    const ends = parts.map(part => [part.textContent.trim().slice(0, 40), part.getBoundingClientRect().bottom])
    const line = document.createRange()
    line.selectNodeContents(document.querySelector("#remediation + ol > li"))
    return [...ends, ["What to do", line.getClientRects()[0].bottom]]
}"""
# When the first text was drawn, and when the theme's script was asked for; ms since the page was.
READ_START = """() => [
    performance.getEntriesByName("first-contentful-paint")[0].startTime,
    performance.getEntriesByType("resource").find(entry => /\\/bundle\\.[^/]*$/.test(entry.name)).startTime,
]"""


@pytest.fixture(scope="module", params=SCREENS)
def screen(request: pytest.FixtureRequest, browser: Browser, built_site: BuiltSite) -> Iterator[Page]:
    """Return a page of the size of a screen."""
    width, height = SCREENS[request.param]
    with browser.new_context(base_url=built_site.url, viewport={"width": width, "height": height}) as context:
        yield context.new_page()


def find_cut(page: Page) -> list[str]:
    """Return a line for every part of the answer that ends below the screen."""
    size = page.viewport_size
    assert size
    ends: list[tuple[str, float]] = page.evaluate(READ_ENDS)
    assert len(ends) == 3
    shown = ends if size["width"] > SCREENS["phone"][0] else ends[:2]
    return [f"{text!r} ends at {bottom:.0f} of {size['height']}" for text, bottom in shown if bottom > size["height"]]


def test_an_answer_that_is_cut_is_noticed(screen: Page) -> None:
    screen.goto("codes/30005/")
    screen.evaluate("document.querySelector('.summary').style.marginBottom = '900px'")
    size = screen.viewport_size
    assert size
    assert len(find_cut(screen)) == (2 if size["width"] == SCREENS["phone"][0] else 3)


def test_the_theme_works_on_the_first_page(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}codes/40012/")
    page.locator("button[data-clipboard-target], .md-code__button").first.wait_for(state="attached")
    page.locator("#provenance").scroll_into_view_if_needed()
    expect(page.locator(".md-header__title--active")).to_contain_text("40012")


def test_the_theme_starts_once_the_answer_is_drawn(page: Page, server: str) -> None:
    page.goto(f"{server}codes/30005/")
    page.locator("html.js").wait_for(state="attached")
    drawn, started = page.evaluate(READ_START)
    assert 0 < drawn < started


def test_the_theme_starts_on_a_page_that_is_not_drawn(page: Page, server: str) -> None:
    # As in a tab that is opened behind another.
    page.add_init_script("PerformanceObserver.prototype.observe = () => {}")
    page.goto(f"{server}codes/30005/")
    page.locator("html.js").wait_for(state="attached")
