"""One trimmed stylesheet: what it leaves out must not be missed on any kind of page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from catalogue.site.stylesheet import FEATURES, Names, split_selectors, trim_styles

PAGES = ["", "codes/40012/", "http/200/", "guides/clock/", "404.html"]

# Keeps every element's computed style; called again, returns what differs from the first time.
COMPARE_STYLES = """() => {
  const styles = [...document.body.querySelectorAll("*")].map((element) => {
    const style = getComputedStyle(element)
    const names = [...style].filter((name) => !name.startsWith("--"))
    const values = names.map((name) => `${name}=${style.getPropertyValue(name)}`)
    return [`${element.tagName} ${element.className}`, ...values]
  })
  const before = window.stylesBefore ?? styles
  window.stylesBefore = styles
  if (before.length !== styles.length) return ["the page has other elements now"]
  return styles.flatMap(([name, ...values], at) => {
    const changed = values.filter((value, of) => value !== before[at][of + 1])
    return changed.map((value) => `${name}: ${value}`)
  })
}"""
USE_WHOLE_SHEETS = """(sheets) => Promise.all([
  ...sheets.map((href) => new Promise((resolve, reject) => {
    const link = document.createElement("link")
    Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: reject })
    document.head.append(link)
  })),
]).then(() => document.querySelector('link[href*="site.css"]').remove())"""
FREEZE = "*, *::before, *::after { transition: none !important; animation: none !important }"


@pytest.fixture(scope="module")
def names() -> Names:
    found = Names('classList.add("md-late")')
    found.add_page(
        '<html class="no-js"><body dir="ltr" data-md-color-scheme="slate"><p class="a b">x</p></body></html>'
    )
    return found


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        (".a{color:red}", ".a{color:red}"),
        (".gone{color:red}", ""),
        (".a,.gone{color:red}", ".a{color:red}"),
        (".a:not(.gone){color:red}", ".a:not(.gone){color:red}"),
        (".md-late{color:red}", ".md-late{color:red}"),
        ("p>a{color:red!important}", "p>a{color:red!important}"),
        ("[dir=rtl] .a{color:red}", ""),
        ("[dir=ltr] .a{color:red}", "[dir=ltr] .a{color:red}"),
        ("[data-md-color-scheme=slate]{color:red}", "[data-md-color-scheme=slate]{color:red}"),
        ("[data-md-color-scheme=youtube]{color:red}", ""),
        ("@media print{.gone{color:red}}", ""),
        ("@media print{.a{color:red}.gone{color:red}}", "@media print{.a{color:red}}"),
        ("@keyframes x{to{color:red}}", "@keyframes x{to{color:red}}"),
        ("h6{color:red}", ""),
        ('p[title="h6 b"]{color:red}', 'p[title="h6 b"]{color:red}'),
        (":root{--x:1px;--y:2px}.a{margin:var(--x)}", ":root{--x:1px}.a{margin:var(--x)}"),
        (":root{--x:var(--y);--y:2px}.a{margin:0}", ".a{margin:0}"),
        (":root{--i:url(\"data:image/svg+xml;charset=utf-8,<svg a='('/>\")}.a{mask:var(--i)}", None),
        ("@charset 'utf-8';.a{color:red}", ".a{color:red}"),
    ],
)
def test_a_rule_stays_if_and_only_if_something_can_match_it(sheet: str, kept: str | None, names: Names) -> None:
    assert trim_styles(sheet, names) == (sheet if kept is None else kept)


def test_selectors_are_split_at_outer_commas_only() -> None:
    assert split_selectors("a, b:is(c, d), e[f='g,']") == ["a", "b:is(c, d)", "e[f='g,']"]


def test_no_page_holds_a_feature_that_the_trimming_leaves_out(site_dir: Path) -> None:
    pages = {path: Names("") for path in site_dir.rglob("*.html")}
    for path, found in pages.items():
        found.add_page(path.read_text("utf-8"))
    held = sorted({name for found in pages.values() for name in found.classes if FEATURES.match(name)})
    whole = (site_dir / "assets/stylesheets/site.css").read_text("utf-8")
    assert [name for name in held if f".{name}" not in whole] == [], "Classes on the pages keep their rules."


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
