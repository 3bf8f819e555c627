"""What must hold on every page, seen on one walk through the built site: axe, first screen, width, paper."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from catalogue.model.rows import Catalogue
from tests.conftest import BuiltSite
from tests.test_accessibility import (
    ALL_STATES,
    CORNERS,
    DRAWN,
    KINDS,
    SIZES,
    TAGS,
    TEXT,
    WIDTHS,
    State,
    enter_state,
    open_context,
    open_page,
    run_axe,
)

# The answer: verdict and first step, whole; and on a wide screen the first line of what to do.
READ_ENDS = """() => {
    const parts = [".verdict", ".first-step"].map(selector => document.querySelector(selector))
    const ends = parts.map(part => [part.textContent.trim().slice(0, 40), part.getBoundingClientRect().bottom])
    const line = document.createRange()
    line.selectNodeContents(document.querySelector("#remediation + ol > li"))
    return [...ends, ["What to do", line.getClientRects()[0].bottom]]
}"""
# Tables of all codes, at which axe takes seconds.
LONG = {KINDS["codes"], KINDS["matrix"]}
# A phone, 640 is what 1280 becomes at a zoom of 200 %, and 320 at 400 %.
NARROW = (640, 390, 320)


@dataclass
class Faults:
    """What was seen on a page that should not be there, a line for each."""

    axe: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    sheets: int = 0


def list_paths(site: BuiltSite) -> list[str]:
    """Return the path of every page of the built site."""
    pages = (path.relative_to(site.folder).as_posix() for path in sorted(site.folder.rglob("*.html")))
    return [path.removesuffix("index.html") for path in pages]


def list_looks(path: str, number: int) -> list[tuple[State, object, list[str]]]:
    """Return the looks that axe takes at a page: state, part of the page, rules.

    One page of each kind is looked at as a whole in all states, in two of them by what depends on width and palette;
    the long tables in two states only.
    Of the others the text is: every second one in the dark palette, at the second width by what depends on it.
    """
    wide, narrow = ALL_STATES[number % 2], ALL_STATES[3 - number % 2]
    if path in KINDS.values():
        others = [] if path in LONG else [(state, "html", DRAWN) for state in ALL_STATES if state not in CORNERS]
        return [*((state, "html", TAGS) for state in CORNERS), *others]
    return [(wide, TEXT, TAGS), (narrow, TEXT, SIZES)]


def find_cut(page: Page) -> list[str]:
    """Return a line for every part of the answer that ends below the screen."""
    size = page.viewport_size
    assert size
    ends: list[tuple[str, float]] = page.evaluate(READ_ENDS)
    assert len(ends) == 3
    shown = ends if size["width"] > WIDTHS["phone"][0] else ends[:2]
    return [f"{text!r} ends at {bottom:.0f} of {size['height']}" for text, bottom in shown if bottom > size["height"]]


def look_at_page(page: Page, path: str, number: int, has_answer: bool) -> Faults:
    """Open a page in both palettes and at several widths, and return what is wrong with it."""
    faults = Faults()
    open_page(page, path)
    for state, where, rules in list_looks(path, number):
        enter_state(page, state)
        faults.axe += run_axe(page, state, where, rules)
        faults.cut += find_cut(page) if has_answer else []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        if (found := page.evaluate("document.scrollingElement.scrollWidth")) > width:
            faults.wide.append(f"{found} of {width}")
    if has_answer:
        faults.sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    return faults


@pytest.fixture(scope="module")
def faults(browser: Browser, built_site: BuiltSite, catalogue: Catalogue) -> dict[str, Faults]:
    """Return path of a page → what is wrong with it, for every page of the site."""
    codes = {f"codes/{error.code}/" for error in catalogue.errors}
    with open_context(browser, built_site) as context:
        page = context.new_page()
        paths = list_paths(built_site)
        seen = {path: look_at_page(page, path, number, path in codes) for number, path in enumerate(paths)}
    assert codes | {path for path in KINDS.values() if path != KINDS["lost"]} < seen.keys() | {""}
    return seen


def test_axe_finds_nothing_on_any_page(faults: dict[str, Faults]) -> None:
    assert {path: seen.axe for path, seen in faults.items() if seen.axe} == {}


def test_the_answer_of_every_code_stands_on_the_first_screen(faults: dict[str, Faults]) -> None:
    assert {path: seen.cut for path, seen in faults.items() if seen.cut} == {}


def test_no_page_scrolls_sideways(faults: dict[str, Faults]) -> None:
    assert {path: seen.wide for path, seen in faults.items() if seen.wide} == {}


def test_every_code_prints_on_two_sheets(faults: dict[str, Faults], catalogue: Catalogue) -> None:
    sheets = {error.code: faults[f"codes/{error.code}/"].sheets for error in catalogue.errors}
    assert {code: number for code, number in sheets.items() if number not in {1, 2}} == {}


def test_a_fault_of_each_kind_is_seen(browser: Browser, built_site: BuiltSite) -> None:
    with open_context(browser, built_site) as context:
        page = context.new_page()
        style = ".summary { color: silver; width: 900px; margin-bottom: 3000px !important }"
        page.add_init_script(f"""addEventListener("DOMContentLoaded", () => {{
            const sheet = new CSSStyleSheet()
            sheet.replaceSync({style!r})
            document.adoptedStyleSheets = [sheet]
        }})""")
        seen = look_at_page(page, "codes/30001/", 0, has_answer=True)
    assert [bool(seen.axe), bool(seen.cut), bool(seen.wide), seen.sheets > 2] == [True] * 4
