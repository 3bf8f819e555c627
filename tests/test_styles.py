"""One trimmed stylesheet: what it leaves out must not be missed on any kind of page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from catalogue.model.vocabulary import Retry
from catalogue.site.stylesheet import FEATURES, Names, split_selectors, trim_styles
from catalogue.site.theme import LATE_SHEETS
from tests.site_tools import read_data

PAGES = ["", "codes/40012/", "http/200/", "guides/clock/", "404.html"]

# Keeps every element's computed style, and that of what stands before and after it; called again, returns what differs
# from the first time.
COMPARE_STYLES = """() => {
  // A name with inline or block in it says again what one with left, top, width or height has said.
  const again = /^--|(?:^|-)(?:inline|block)(?:-|$)/
  const names = [...getComputedStyle(document.body)].filter((name) => !again.test(name))
  const parts = [...document.body.querySelectorAll("*")].flatMap((of) => [[of, ""], [of, "::before"], [of, "::after"]])
  const styles = parts.map(([element, part]) => {
    const style = getComputedStyle(element, part || null)
    const hasBox = !part || (style.content !== "none" && style.display !== "none")
    return hasBox ? names.map((name) => style.getPropertyValue(name)) : []
  })
  const before = window.stylesBefore ?? styles
  window.stylesBefore = styles
  if (before.length !== styles.length) return ["the page has other elements now"]
  return styles.flatMap((values, at) => {
    const label = `${parts[at][0].tagName} ${parts[at][0].className}${parts[at][1]}`
    if (values.length !== before[at].length) return [`${label}: there or not`]
    return values.flatMap((value, of) => (value === before[at][of] ? [] : [`${label}: ${names[of]}=${value}`]))
  })
}"""
# Marks of features that the trimming leaves out.
MARKS = re.compile(
    r'role="?columnheader|data-linenos|data-md-type="?select|id="?__comments|data-preview|<img[^>]* align='
    r'|class="?result\b|src="[^"]*#(?:gh|only)-'
)
USE_WHOLE_SHEETS = """(sheets) => Promise.all([
  ...sheets.map((href) => new Promise((resolve, reject) => {
    const link = document.createElement("link")
    Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: reject })
    document.querySelector('link[href*="site.css"]').before(link)
  })),
]).then(() => document.querySelector('link[href*="site.css"]').remove())"""
FREEZE = "*, *::before, *::after { transition: none !important; animation: none !important }"


@pytest.fixture(scope="module")
def names() -> Names:
    found = Names('classList.add("md-late")')
    found.add_page(
        '<html class="no-js"><body dir="ltr" data-md-color-scheme="slate">'
        '<p class="a b">x</p><table class="d c"></table></body></html>'
    )
    return found


@pytest.mark.parametrize(("sheet", "kept"), read_data("style_rules.json"))
def test_a_rule_stays_if_and_only_if_something_can_match_it(sheet: str, kept: str | None, names: Names) -> None:
    assert trim_styles(sheet, names) == (sheet if kept is None else kept)


def test_a_custom_property_stays_that_another_sheet_of_the_page_reads(names: Names) -> None:
    sheet = ":root{--x:var(--y);--y:2px;--z:3px}"
    assert trim_styles(sheet, names, ".b{margin:var(--x)}") == ":root{--x:var(--y);--y:2px}"


def test_selectors_are_split_at_outer_commas_only() -> None:
    assert split_selectors("a, b:is(c, d), e[f='g,']") == ["a", "b:is(c, d)", "e[f='g,']"]


def test_no_page_holds_a_feature_that_the_trimming_leaves_out(site_dir: Path) -> None:
    pages = {path: Names("") for path in site_dir.rglob("*.html")}
    for path, found in pages.items():
        text = path.read_text("utf-8")
        assert not MARKS.search(text), f"{path}: the trimming leaves out the styles of this: {MARKS.search(text)}"
        found.add_page(text)
    held = sorted({name for found in pages.values() for name in found.classes if FEATURES.match(name)})
    whole = (site_dir / "assets/stylesheets/site.css").read_text("utf-8")
    assert [name for name in held if f".{name}" not in whole] == [], "Classes on the pages keep their rules."


def test_every_stylesheet_is_named_once_and_in_the_head(site_dir: Path) -> None:
    pages = {path: path.read_text("utf-8").split("</head>") for path in site_dir.rglob("*.html")}
    named = {path: re.findall(r'rel="?stylesheet"? href="([^"]*)', head) for path, (head, _) in pages.items()}
    assert [path for path, (_, body) in pages.items() if re.search(r"<link[^>]* rel=\W?stylesheet", body)] == []
    assert [path for path, sheets in named.items() if len(sheets) != len(set(sheets))] == []
    assert {sheet.rpartition("/")[2] for sheets in named.values() for sheet in sheets} > set(LATE_SHEETS) - {
        "triage.css"
    }


def test_no_rule_makes_a_browser_style_the_whole_page_anew_when_the_theme_starts(site_dir: Path) -> None:
    sheets = [site_dir / "assets/stylesheets" / name for name in ("site.css", *LATE_SHEETS)]
    assert [sheet.name for sheet in sheets if re.search(r"\[class\]|color-switching", sheet.read_text("utf-8"))] == []


SCREENS: dict[str, tuple[Literal["light", "dark"], int]] = {"phone": ("light", 390), "desktop": ("dark", 1280)}


@pytest.fixture(params=SCREENS)
def free_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Return a page that takes styles from a test, which the site's policy refuses."""
    scheme, width = SCREENS[request.param]
    size: ViewportSize = {"width": width, "height": 900}
    with browser.new_context(bypass_csp=True, color_scheme=scheme, viewport=size) as context:
        yield context.new_page()


def test_no_element_looks_different_with_the_whole_stylesheets(free_page: Page, server: str, site_dir: Path) -> None:
    page = free_page
    sheets = [
        server + path.relative_to(site_dir).as_posix()
        for pattern in ("main.*.css", "palette.*.css", "extra.css")
        for path in (site_dir / "assets/stylesheets").glob(pattern)
    ]
    for path in PAGES:
        page.goto(server + path, wait_until="networkidle")
        # Before the search is ready, its line has another text, and with it another height.
        expect(page.locator(".md-search-result__meta")).to_have_text("Type to start searching")
        page.add_style_tag(content=FREEZE)
        if path == "":
            page.locator("#lookup-text").fill("code=30003 code=40012 code=30014 code=40015 code=1000 code=61001")
            page.locator(".card").first.wait_for()
        page.evaluate(COMPARE_STYLES)
        page.evaluate(USE_WHOLE_SHEETS, sheets)
        changed = page.evaluate(COMPARE_STYLES)
        assert changed == [], f"{path}: catalogue/site/stylesheet.py drops a rule that these elements need."
    page.add_style_tag(content="h1 { color: red !important }")
    assert page.evaluate(COMPARE_STYLES) != [], "The comparison no longer sees a changed style."


# Page → the signs on it, each by the element and the part of it that bears the sign.
SIGNS = {
    "codes/": [
        *((f".mark-{retry}", "::before") for retry in Retry),
        ("[aria-sort=ascending] button", "::after"),
        ("[aria-sort=descending] button", "::after"),
    ],
    "codes/30005/": [
        (".requests .wrong figcaption", "::before"),
        (".requests .right figcaption", "::before"),
        (".way li + li", "::before"),
    ],
}
# Returns the address of a sign, its size, and its colours.
READ_SIGN = """async ([selector, part]) => {
  const element = document.querySelector(selector)
  const style = getComputedStyle(element, part)
  const image = new Image()
  image.src = style.maskImage.replace(/^url\\("|"\\)$/g, "").replaceAll('\\\\"', '"')
  await image.decode()
  const size = Math.min(parseFloat(style.width), parseFloat(style.height))
  return { address: image.src, size, ground: style.backgroundColor, text: style.color, paper: style.printColorAdjust }
}"""


def read_sign(page: Page, sign: tuple[str, str]) -> dict[str, Any]:
    """Return what a sign looks like, as soon as a script has made the element that bears it."""
    page.locator(sign[0]).first.wait_for(state="attached")
    found: dict[str, Any] = page.evaluate(READ_SIGN, sign)
    return found


@pytest.mark.parametrize("path", SIGNS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_sign_is_a_picture_of_its_own_in_the_colour_of_its_text(
    browser: Browser, server: str, path: str, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(server + path)
        if path == "codes/":
            # The order of another column shows the other arrow.
            page.locator("th[data-column=code] button").click()
            turned = read_sign(page, SIGNS[path][-1])
            page.locator("th[data-column=code] button").click()
            signs = [read_sign(page, sign) for sign in SIGNS[path][:-1]] + [turned]
        else:
            signs = [read_sign(page, sign) for sign in SIGNS[path]]
    assert [sign for sign in signs if not sign["address"].startswith("data:image/svg+xml,")] == []
    assert len({sign["address"] for sign in signs}) == len(signs)
    assert [sign for sign in signs if sign["size"] < 10] == []
    assert [sign for sign in signs if sign["ground"] != sign["text"]] == []
    assert [sign for sign in signs if sign["paper"] != "exact"] == []


@pytest.mark.parametrize("path", SIGNS)
def test_signs_are_drawn_in_the_colour_of_the_text_where_the_system_sets_the_colours(
    browser: Browser, server: str, path: str
) -> None:
    with browser.new_context(forced_colors="active") as context:
        page = context.new_page()
        page.goto(server + path)
        text = page.evaluate("getComputedStyle(document.body).color")
        signs = [read_sign(page, sign) for sign in SIGNS[path] if "descending" not in sign[0]]
    assert {sign["ground"] for sign in signs} == {text}
