"""The switch of the palette: it follows the system from the first view on, and keeps what a reader chose."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import BuiltSite

DEFAULT, SLATE = "default", "slate"


@pytest.fixture
def dark(browser: Browser, built_site: BuiltSite) -> Iterator[Page]:
    """Return a page that a reader with a dark system opens for the first time."""
    with browser.new_context(base_url=built_site.url, color_scheme="dark") as context:
        yield context.new_page()


def expect_palette(page: Page, scheme: str, label: str) -> None:
    """Expect the colours of a palette, and in the header the one label that leads to the next."""
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
    expect(page.locator("html")).to_have_css("color-scheme", "dark" if scheme == SLATE else "normal")
    expect(page.locator("[data-palette] label:not([hidden])")).to_have_attribute("title", label)


def test_a_first_view_has_the_colours_of_the_system_at_once(dark: Page) -> None:
    dark.route("**/assets/javascripts/{bundle,site}*", lambda route: route.abort())
    dark.goto("codes/30005/")
    assert dark.evaluate("document.body.dataset.mdColorScheme") == SLATE
    assert dark.evaluate("localStorage.length") == 0


def test_the_switch_goes_round_and_the_choice_stays(dark: Page) -> None:
    dark.goto("codes/30005/")
    expect_palette(dark, SLATE, "Switch to light")
    switch = dark.locator("[data-palette] label:not([hidden])")
    switch.click()
    expect_palette(dark, DEFAULT, "Switch to dark")
    dark.locator(".md-tabs__link", has_text="Codes").click()
    dark.wait_for_url("**/codes/")
    expect_palette(dark, DEFAULT, "Switch to dark")
    dark.reload()
    expect_palette(dark, DEFAULT, "Switch to dark")
    switch.click()
    expect_palette(dark, SLATE, "Follow the system")
    switch.click()
    expect_palette(dark, SLATE, "Switch to light")


def test_the_keyboard_reaches_the_switch(dark: Page) -> None:
    dark.goto("codes/30005/")
    expect_palette(dark, SLATE, "Switch to light")
    dark.locator("[data-palette] input:checked").focus()
    dark.keyboard.press("Enter")
    expect_palette(dark, DEFAULT, "Switch to dark")
    dark.keyboard.press("Enter")
    expect_palette(dark, SLATE, "Follow the system")
    expect(dark.locator("[data-palette] input:focus")).to_have_count(1)


def test_the_system_is_followed_until_a_reader_chooses(dark: Page) -> None:
    dark.goto("codes/30005/")
    expect_palette(dark, SLATE, "Switch to light")
    dark.emulate_media(color_scheme="light")
    expect_palette(dark, DEFAULT, "Switch to light")
    dark.locator("[data-palette] label:not([hidden])").click()
    expect_palette(dark, DEFAULT, "Switch to dark")
    dark.emulate_media(color_scheme="dark")
    expect_palette(dark, DEFAULT, "Switch to dark")


def test_a_choice_that_is_no_choice_any_more_is_passed_over(dark: Page) -> None:
    dark.goto("codes/30005/")
    expect_palette(dark, SLATE, "Switch to light")
    dark.evaluate("__md_set('__palette', {index: 7, color: {media: '(prefers-contrast)'}})")
    dark.reload()
    expect_palette(dark, SLATE, "Switch to light")
    dark.evaluate("__md_set('__palette', {index: 1, color: {}})")
    dark.reload()
    expect_palette(dark, SLATE, "Switch to light")


def test_the_bar_of_the_browser_has_the_colour_of_the_header(page: Page, server: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{server}codes/30005/")
    colour = page.locator("meta[name=theme-color]").get_attribute("content")
    assert colour
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    expect(page.locator("header")).to_have_css("background-color", f"rgb({red}, {green}, {blue})")
