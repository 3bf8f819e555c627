"""The theme's script starts late: after the first screen is drawn, and then it does all that it should."""

from playwright.sync_api import Page, expect

# When the first text was drawn, and when the theme's script was asked for; ms since the page was.
READ_START = """() => [
    performance.getEntriesByName("first-contentful-paint")[0].startTime,
    performance.getEntriesByType("resource").find(entry => /\\/bundle\\.[^/]*$/.test(entry.name)).startTime,
]"""


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
