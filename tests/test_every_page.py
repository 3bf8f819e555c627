"""What must hold on every page, seen on one walk through the built site: axe, first screen, width, paper, calls."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from catalogue.model.rows import Catalogue
from tests.conftest import BuiltSite
from tests.test_accessibility import (
    ALL_STATES,
    COLOURS,
    CORNERS,
    KINDS,
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
# The first of each kind of element that has text of its own and stands on no page seen before: elements of one colour,
# seen or hidden, of the same names, classes and styles, down from the body, have the same colours elsewhere, too.
MARK_FRESH = """known => {
    const name = element => [element.tagName, ...["class", "style"].map(of => element.getAttribute(of))].join(" ")
    const hasText = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    const found = new Set()
    for (const element of [...document.querySelectorAll("body *")].filter(hasText)) {
        const names = [getComputedStyle(element).color, element.checkVisibility()]
        for (let at = element; at !== document.body; at = at.parentElement) names.push(name(at))
        const key = names.join(" in ")
        if (!known.includes(key) && !found.has(key)) found.add(key) && element.setAttribute("data-fresh", "")
    }
    return [...found]
}"""
# What a reader may open is looked at, too; a form has tests of its own.
OPEN_DETAILS = "document.querySelectorAll('details:not([data-form])').forEach(part => (part.open = true))"
FRESH = {"include": ["[data-fresh]"]}
# For what the palette leaves as it is.
PHONE: tuple[State, ...] = (("phone", "light"),)
# A phone, 640 is what 1280 becomes at a zoom of 200 %, and 320 at 400 %.
NARROW = (390, 640, 320)


@dataclass
class Faults:
    """What was seen on a page that should not be there, a line for each."""

    axe: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    sheets: int = 0
    calls: list[str] = field(default_factory=list)


def list_paths(site: BuiltSite) -> list[str]:
    """Return the path of every page of the built site."""
    pages = (path.relative_to(site.folder).as_posix() for path in sorted(site.folder.rglob("*.html")))
    return [path.removesuffix("index.html") for path in pages]


def look_with_axe(page: Page, is_kind: bool, fresh: bool) -> list[str]:
    """Return what axe finds: on a page of each kind, all of it, in two states that see both widths and palettes.

    Of the other pages it looks at the text on the phone, where there is the least room. Colours are looked at where an
    element is fresh, in the same states, and on a page of each kind in every pair of width and palette.
    """
    states, looked = (ALL_STATES, CORNERS) if is_kind else (CORNERS, CORNERS[1:]) if fresh else (PHONE, PHONE)
    part = "html" if is_kind else TEXT
    found: list[str] = []
    for state in states:
        enter_state(page, state)
        found += run_axe(page, state, part, without=COLOURS) if state in looked else []
        found += run_axe(page, state, FRESH, COLOURS) if fresh else []
    return found


def note_calls(page: Page, own: str) -> list[str]:
    """Return the list in which a tab notes calls to other hosts, what the policy refuses, and errors of scripts."""
    noted: list[str] = []
    page.on("request", lambda request: None if request.url.startswith((own, "data:")) else noted.append(request.url))
    page.on("console", lambda said: noted.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: noted.append(error.message))
    return noted


def find_cut(page: Page) -> list[str]:
    """Return a line for every part of the answer that ends below the screen."""
    size = page.viewport_size
    assert size
    ends: list[tuple[str, float]] = page.evaluate(READ_ENDS)
    assert len(ends) == 3
    shown = ends if size["width"] > WIDTHS["phone"][0] else ends[:2]
    return [f"{text!r} ends at {bottom:.0f} of {size['height']}" for text, bottom in shown if bottom > size["height"]]


def look_at_page(page: Page, path: str, known: set[str], has_answer: bool) -> Faults:
    """Open a page at several widths and return what is wrong with it; `known` grows by the elements that it shows."""
    faults = Faults()
    open_page(page, path)
    faults.cut += find_cut(page) if has_answer else []
    page.evaluate(OPEN_DETAILS)
    fresh = page.evaluate(MARK_FRESH, sorted(known))
    faults.axe += look_with_axe(page, path in KINDS.values(), bool(fresh))
    known.update(fresh)
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": WIDTHS["phone"][1]})
        faults.cut += find_cut(page) if has_answer and width == WIDTHS["phone"][0] else []
        if (found := page.evaluate("document.scrollingElement.scrollWidth")) > width:
            faults.wide.append(f"{found} of {width}")
    if has_answer:
        faults.sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    return faults


@pytest.fixture(scope="module")
def faults(browser: Browser, built_site: BuiltSite, catalogue: Catalogue) -> dict[str, Faults]:
    """Return path of a page → what is wrong with it, for every page of the site."""
    codes = {f"codes/{error.code}/" for error in catalogue.errors}
    known: set[str] = set()
    with open_context(browser, built_site) as context:
        page = context.new_page()
        noted = note_calls(page, built_site.url)
        # One of each kind comes first: the others are looked at by colour only where they show something new.
        paths = sorted(list_paths(built_site), key=lambda path: path not in KINDS.values())
        seen = {}
        for path in paths:
            seen[path] = look_at_page(page, path, known, path in codes)
            seen[path].calls += noted
            noted.clear()
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


def test_no_page_calls_another_host_and_no_script_fails(faults: dict[str, Faults]) -> None:
    assert {path: seen.calls for path, seen in faults.items() if seen.calls} == {}


def test_a_fault_of_each_kind_is_seen(browser: Browser, built_site: BuiltSite) -> None:
    with open_context(browser, built_site) as context:
        page = context.new_page()
        style = ".summary { color: silver; width: 900px; margin-bottom: 3000px !important }"
        page.add_init_script(f"""addEventListener("DOMContentLoaded", () => {{
            const sheet = new CSSStyleSheet()
            sheet.replaceSync({style!r})
            document.adoptedStyleSheets = [sheet]
            fetch("https://stars.example.com/").catch(() => 0)
            throw new Error("broken")
        }})""")
        noted = note_calls(page, built_site.url)
        seen = look_at_page(page, "codes/30001/", set(), has_answer=True)
    assert [word for word in ("stars.example.com", "broken") if word not in " ".join(noted)] == []
    assert [bool(seen.axe), bool(seen.cut), bool(seen.wide), seen.sheets > 2] == [True] * 4


def test_a_colour_of_one_page_alone_is_seen(browser: Browser, built_site: BuiltSite) -> None:
    known: set[str] = set()
    with open_context(browser, built_site) as context:
        page = context.new_page()
        assert look_at_page(page, "codes/30001/", known, has_answer=False).axe == []
        page.add_init_script("""addEventListener("DOMContentLoaded", () => {
            document.querySelector(".summary").classList.add("pale")
            const sheet = new CSSStyleSheet()
            sheet.replaceSync(".pale { color: silver }")
            document.adoptedStyleSheets = [sheet]
        })""")
        assert look_at_page(page, "codes/30002/", known, has_answer=False).axe != []
