"""Accessibility in a real browser: axe on what scripts show, keyboard, reduced motion, print."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from xml.etree.ElementTree import Element

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import BuiltSite
from tests.site_tools import find_element, read_text

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {"desktop": (1280, 800), "phone": (390, 844)}
KINDS = {
    "home": "",
    "codes": "codes/",
    "rejected": "codes/30005/",
    "unknown": "codes/40012/",
    "statuses": "http/",
    "status": "http/401/",
    "guide": "guides/signing/",
    "matrix": "guides/retries/",
    "changes": "about/changes/",
    "lost": "no/such/page",
}
PASTE = '{"code":30005,"message":"Header X-API-SIGN is wrong"} 30099'
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RUN_AXE = """async ([where, runOnly, without]) => {
    const rules = Object.fromEntries(without.map(rule => [rule, {enabled: false}]))
    const found = await axe.run(where, {runOnly, rules, resultTypes: ["violations"], preload: false})
    return found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")}`))
}"""
# The rules that look at colours.
COLOURS = ["color-contrast", "link-in-text-block"]
# Playwright's own waiting brings a script of its own into every document, at the price of another look of axe's.
WAIT = """new Promise((resolve, reject) => {
    const look = tries => {
        if (%s) resolve()
        else if (tries) setTimeout(look, 5, tries - 1)
        else reject(new Error("It did not come."))
    }
    look(6000)
})"""
Scheme = Literal["light", "dark"]
State = tuple[str, Scheme]
ALL_STATES: tuple[State, ...] = (("desktop", "light"), ("desktop", "dark"), ("phone", "light"), ("phone", "dark"))
# What depends on the width and what depends on the palette, without going through every pair of them.
CORNERS: tuple[State, ...] = (("desktop", "light"), ("phone", "dark"))


def open_context(browser: Browser, site: BuiltSite) -> BrowserContext:
    """Return a browser context for a reader who asked for less motion, with axe in every document that it opens."""
    context = browser.new_context(base_url=site.url, reduced_motion="reduce")
    context.add_init_script(AXE)
    return context


@pytest.fixture(scope="module")
def reader(browser: Browser, built_site: BuiltSite) -> Iterator[Page]:
    """Return one page for the whole module."""
    with open_context(browser, built_site) as context:
        yield context.new_page()


def open_page(page: Page, path: str, size: tuple[int, int] = WIDTHS["desktop"], scheme: Scheme = "light") -> None:
    """Open a page and wait until the theme's script has run."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(path)
    page.evaluate(WAIT % "'document$' in window")


def switch_palette(page: Page, scheme: Scheme) -> None:
    """Let the system ask for the other palette, and wait until the page has it."""
    page.emulate_media(color_scheme=scheme)
    name = "slate" if scheme == "dark" else "default"
    page.evaluate(WAIT % f"document.body.dataset.mdColorScheme === '{name}'")


def enter_state(page: Page, state: State) -> None:
    """Give the page the size and the palette of a state."""
    width, scheme = state
    x, y = WIDTHS[width]
    page.set_viewport_size({"width": x, "height": y})
    switch_palette(page, scheme)


# The text of a page without its samples: their colours are those of all samples.
TEXT = {"include": ["article"], "exclude": ["pre"]}


def run_axe(
    page: Page, state: State, where: Any = "html", rules: list[str] = TAGS, without: Sequence[str] = ()
) -> list[str]:
    """Return a line for every finding in a part of the page, as it stands in this state."""
    return [f"{', '.join(state)}: {line}" for line in page.evaluate(RUN_AXE, [where, rules, [*without]])]


def find_violations(page: Page, part: str) -> list[str]:
    """Return a line for every finding in a part of the page as it stands, in both widths and palettes."""
    found: list[str] = []
    for state in CORNERS:
        enter_state(page, state)
        found += run_axe(page, state, part)
    return found


def test_axe_notices_a_fault(reader: Page) -> None:
    open_page(reader, "codes/30005/")
    reader.evaluate("document.querySelector('.summary').style.color = 'silver'")
    assert any("color-contrast" in line and ".summary" in line for line in find_violations(reader, "article"))


@pytest.mark.parametrize("path", ["", "#q=30005", "codes/30099/"])
def test_axe_finds_nothing_in_what_the_lookup_shows(reader: Page, path: str) -> None:
    reader.goto("about:blank")
    open_page(reader, path)
    if not path:
        reader.locator("#lookup-text").fill(PASTE)
    reader.locator("form.lookup .card").first.wait_for()
    assert find_violations(reader, "form.lookup") == []


def test_axe_finds_nothing_in_the_open_search(reader: Page) -> None:
    open_page(reader, "codes/30005/")
    reader.keyboard.press("/")
    reader.keyboard.type("timestamp")
    reader.locator(".md-search .md-search-result__link").first.wait_for()
    assert find_violations(reader, ".md-search") == []


def test_axe_finds_nothing_in_the_filter(reader: Page) -> None:
    open_page(reader, "codes/")
    reader.locator(".filter[data-mounted]").wait_for()
    reader.get_by_text("More filters").click()
    reader.locator(".filter select[name=retry]").select_option("fix")
    assert find_violations(reader, ".filter") == []


def test_axe_finds_nothing_in_the_open_menu_of_a_phone(reader: Page) -> None:
    open_page(reader, "guides/signing/", WIDTHS["phone"])
    reader.locator("label.md-header__button[for=__drawer]").click()
    reader.evaluate(WAIT % "document.getAnimations().every(animation => animation.playState === 'finished')")
    assert run_axe(reader, ("phone", "light")) == []


@dataclass(frozen=True)
class Stop:
    """One stop of the Tab key: what has the focus, where it is, and whether one can see that."""

    name: str
    top: float
    left: float
    visible: bool
    part: str


READ_STOP = """() => {
    const element = document.activeElement
    if (!element || element === document.body) return null
    // The theme draws the focus of a hidden switch around its label.
    const shown = element.matches(".md-option") ? element.nextElementSibling : element
    const style = getComputedStyle(shown)
    const box = shown.getBoundingClientRect()
    const seen = style.outlineStyle !== "none" && box.width > 0 && box.height > 0
    const part = ["header", "nav.md-tabs", ".md-sidebar", "main", "footer"].find(part => element.closest(part))
    const name = element.getAttribute("aria-label") || element.textContent.trim() || element.id || element.tagName
    return {
        name: name.slice(0, 60), top: box.top + scrollY, left: box.left, visible: seen, part: part || "body",
    }
}"""


def walk_page(page: Page, limit: int = 400) -> list[Stop]:
    """Press Tab from the top of a page until the focus leaves it, and return all stops."""
    stops: list[Stop] = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate(READ_STOP)
        if stop is None:
            return stops
        stops.append(Stop(**stop))
    raise AssertionError(f"Tab never leaves the page; last stops: {stops[-3:]}")


@pytest.mark.parametrize("path", ["", "codes/30005/", "codes/"])
def test_tab_walks_the_page_in_reading_order_with_a_visible_focus(reader: Page, path: str) -> None:
    open_page(reader, path)
    stops = walk_page(reader)
    assert stops[0].name == "Skip to content"
    assert [stop.name for stop in stops if not stop.visible] == []
    parts = list(dict.fromkeys(stop.part for stop in stops))
    assert parts == [
        part for part in ("body", "header", "nav.md-tabs", ".md-sidebar", "main", "footer") if part in parts
    ]
    main = [stop for stop in stops if stop.part == "main"]
    # The next column begins further up, on the right.
    backwards = [
        later.name for before, later in pairwise(main) if later.top < before.top - 40 and later.left < before.left + 40
    ]
    if backwards[-1:] == ["Back to top"]:
        backwards.pop()
    assert len(main) > 5
    assert backwards == [], "Tab jumps up the page."


def test_every_table_has_a_caption_and_header_cells(pages: dict[str, Element]) -> None:
    tables = [(path, table) for path, page in pages.items() for table in page.iter("table")]
    assert len(tables) > 10
    assert [path for path, table in tables if not read_text(find_element(table, "caption"))] == []
    assert [path for path, table in tables if next(table.iter("th"), None) is None] == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_for_a_reader_who_asked_for_less_motion(reader: Page, kind: str) -> None:
    open_page(reader, KINDS[kind])
    moving = reader.evaluate(
        """() => [...document.querySelectorAll("*")].filter(element => ["", "::before", "::after"].some(part => {
            const style = getComputedStyle(element, part || null)
            return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0
                || style.scrollBehavior === "smooth"
        })).map(element => element.outerHTML.slice(0, 80))"""
    )
    assert moving == []


def measure_luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(…)`, 0 to 1, as the Web Content Accessibility Guidelines define it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_legible_from_either_palette(reader: Page, scheme: Scheme) -> None:
    colours = """() => [".facts a", ".verdict-line strong", ".ev", "h1 q", "pre code", "li"].map(selector =>
        getComputedStyle(document.querySelector(`article ${selector}`)).color)"""
    open_page(reader, "codes/40012/", scheme=scheme)
    switch_palette(reader, scheme)
    reader.emulate_media(media="print", color_scheme=scheme)
    printed = reader.evaluate(colours)
    reader.emulate_media(media="screen", color_scheme=scheme)
    # On white, a contrast of 4.5.
    limit = 1.05 / 4.5 - 0.05
    assert [colour for colour in printed if measure_luminance(colour) > limit] == []
    assert any(measure_luminance(colour) > limit for colour in reader.evaluate(colours)) is (scheme == "dark")


def test_print_shows_the_text_without_the_frame_and_spells_links_out(reader: Page) -> None:
    open_page(reader, "codes/30005/")
    # The theme's script makes own addresses absolute, too.
    reader.wait_for_function("() => document.querySelector('article a').getAttribute('href').startsWith('http')")
    reader.emulate_media(media="print")
    try:
        for part in (".md-header", ".md-tabs", ".md-footer", ".neighbours", ".headerlink", ".actions"):
            assert not reader.locator(part).first.is_visible(), part
        assert reader.locator(".first-step").is_visible()
        links = reader.evaluate(
            """() => [...document.querySelectorAll("article a")].map(link =>
                [link.href, link.origin === location.origin || link.matches(".ev"),
                getComputedStyle(link, "::after").content])"""
        )
        foreign = [(href, content) for href, is_short, content in links if not is_short]
        assert len(foreign) > 3
        assert [href for href, content in foreign if href.rstrip("/") not in content] == []
        assert [href for href, is_short, content in links if is_short and content != "none"] == []
        colours = reader.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert colours[1] in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    finally:
        reader.emulate_media(media="screen")
