"""The theme's script starts late: after the first screen is drawn, and then it does all that it should."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

# When text of the article was drawn, when the page was loaded, and when the theme's script was asked for; ms since the
# page was.
READ_START = """() => new Promise(resolve => new PerformanceObserver((list, observer) => {
    const drawn = list.getEntries().find(entry => entry.element?.closest("main"))
    if (!drawn) return
    observer.disconnect()
    resolve([
        drawn.startTime,
        performance.getEntriesByType("navigation")[0].loadEventStart,
        performance.getEntriesByType("resource").find(entry => /\\/bundle\\.[^/]*$/.test(entry.name)).startTime,
    ])
}).observe({ type: "largest-contentful-paint", buffered: true }))"""
# So long the page waits for its drawing; ms.
LONGEST_WAIT = 500


def test_the_theme_works_on_the_first_page(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}codes/40012/")
    page.locator("html.js").wait_for(state="attached")
    page.locator("#provenance").scroll_into_view_if_needed()
    expect(page.locator(".md-header__title--active")).to_contain_text("40012")


def test_a_block_gets_its_button_when_a_reader_comes_to_it(page: Page, server: str) -> None:
    page.goto(f"{server}codes/40012/")
    page.locator("html.js").wait_for(state="attached")
    page.locator(".highlight code").first.scroll_into_view_if_needed()
    nav = page.locator(".highlight .md-code__nav").first
    expect(nav).to_be_visible()
    expect(nav).to_have_role("none")
    expect(nav.get_by_role("button", name="Copy to clipboard")).to_be_visible()


def test_the_theme_starts_once_the_answer_is_drawn(page: Page, server: str) -> None:
    page.goto(f"{server}codes/30005/")
    page.locator("html.js").wait_for(state="attached")
    drawn, loaded, started = page.evaluate(READ_START)
    assert 0 < min(drawn, loaded + LONGEST_WAIT) < started


def test_the_theme_starts_on_a_page_that_is_not_drawn(browser: Browser, server: str) -> None:
    # As in a tab that is opened behind another.
    with browser.new_page() as page:
        page.add_init_script("PerformanceObserver.prototype.observe = () => {}")
        page.goto(f"{server}codes/30005/")
        page.locator("html.js").wait_for(state="attached")


# Each with a mark by which the theme's script has done its work on the page.
@pytest.mark.parametrize(
    ("path", "made"), [("", ".js"), ("codes/30005/", ".js"), ("guides/signing/", ".md-typeset__scrollwrap")]
)
def test_the_theme_starts_without_styling_the_page_anew(page: Page, server: str, path: str, made: str) -> None:
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    ended: list[bool] = []
    session.on("Tracing.dataCollected", lambda message: events.extend(message["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"categories": "devtools.timeline"})
    page.goto(server + path)
    page.locator(made).first.wait_for(state="attached")
    # All that was made is styled before the next frame but one.
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    session.send("Tracing.end")
    while not ended:
        page.evaluate("0")
    (start,) = (event for event in events if "/bundle." in str(event.get("args")) and event["name"] == "EvaluateScript")
    styled = [
        event["args"]["elementCount"]
        for event in events
        if event["name"] == "UpdateLayoutTree"
        and event["ts"] > start["ts"]
        # One that goes on when the trace ends has no count.
        and "elementCount" in event["args"]
    ]
    assert 0 < max(styled) < page.locator("body *").count() / 3, styled
