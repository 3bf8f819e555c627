"""The weight of a view in a real browser: what the server sends, packed, to a reader with an empty cache."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.conftest import BuiltSite
from tests.site_tools import Sent, pack_file

# Bytes of all bodies, as sent.
MAX_FIRST = 64_000
MAX_NEXT = 8_000
CODE = "codes/30005/"
KINDS = {"code": CODE, "home": "", "codes": "codes/", "status": "http/401/", "guide": "guides/signing/"}
# Our scripts that a page of each kind may load; rows, pages, decoder, box and forms come with the first use.
COMMON = {"site.js", "theme.js", "palette.js", "search-worker.js"}
SCRIPTS = {
    "code": COMMON | {"page.js", "forms.js"},
    "home": COMMON | {"box.js"},
    "codes": COMMON | {"filter.js"},
    "status": COMMON,
    "guide": COMMON | {"forms.js"},
}
LATE_SHEETS = {
    "home": {"lists.css", "lookup.css"},
    "codes": {"lists.css"},
    "status": {"lists.css"},
    "guide": {"guides.css", "workbench.css"},
}
SHEETS = {kind: {"site.css"} | LATE_SHEETS.get(kind, set()) for kind in KINDS}
LATE = {"lookup.json", "search/pages.json", "assets/javascripts/decode.js", "assets/javascripts/rank.js"}
FONT = re.compile(r"\.(?:woff2?|ttf|otf|eot)$")


@pytest.fixture
def reader(browser: Browser, built_site: BuiltSite) -> Iterator[BrowserContext]:
    """Return a browser context with an empty cache; what is sent to it stands in `built_site.sent`."""
    context = browser.new_context(base_url=built_site.url)
    built_site.sent.clear()
    yield context
    context.close()


def open_page(context: BrowserContext, path: str) -> Page:
    """Open a page and wait until it loads nothing more by itself."""
    page = context.new_page()
    page.goto(path)
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until the theme's script has run and nothing is loaded any more."""
    page.wait_for_load_state("load")
    page.wait_for_function("() => 'document$' in window")
    page.wait_for_load_state("networkidle")


def describe(sent: list[Sent]) -> str:
    """Return the bytes by file, heaviest first, and their sum: ours and the theme's apart."""
    lines = [f"{answer.size:8} {answer.path}" for answer in sorted(sent, key=lambda answer: -answer.size)]
    theme = sum(answer.size for answer in sent if "assets/javascripts/bundle" in answer.path)
    total = sum(answer.size for answer in sent)
    return "\n".join([*lines, f"{total:8} in all, {theme} of it the theme's script"])


@dataclass(frozen=True)
class View:
    """What the first view of a page makes the browser ask for: the answers of our server, and every host."""

    sent: list[Sent]
    hosts: set[str]


def note_host(hosts: set[str], request: Request) -> None:
    """Add the host of a request."""
    hosts.add(urlsplit(request.url).netloc)


@pytest.fixture(scope="module")
def views(browser: Browser, built_site: BuiltSite) -> dict[str, View]:
    """Open a page of each kind, each with an empty cache."""
    seen = {}
    for kind, path in KINDS.items():
        hosts: set[str] = set()
        with browser.new_context(base_url=built_site.url) as context:
            context.on("request", partial(note_host, hosts))
            built_site.sent.clear()
            open_page(context, path)
            seen[kind] = View(list(built_site.sent), hosts)
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_view_is_light(views: dict[str, View], kind: str) -> None:
    sent = views[kind].sent
    assert sum(answer.size for answer in sent) <= MAX_FIRST, describe(sent)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_loads_nothing_that_it_does_not_use(views: dict[str, View], kind: str) -> None:
    loaded = [answer.path for answer in views[kind].sent]
    scripts = {path.rpartition("/")[2] for path in loaded if path.endswith(".js") and "bundle." not in path}
    assert scripts == SCRIPTS[kind]
    assert set(loaded) & LATE == set()
    assert [path for path in loaded if FONT.search(path)] == []
    assert {path.rpartition("/")[2] for path in loaded if path.endswith(".css")} == SHEETS[kind]
    assert len(loaded) == len(set(loaded)), "A file was sent twice."


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_asks_another_host(built_site: BuiltSite, views: dict[str, View], kind: str) -> None:
    assert views[kind].hosts <= {urlsplit(built_site.url).netloc, ""}


def test_a_click_on_another_code_sends_that_page_alone(built_site: BuiltSite, reader: BrowserContext) -> None:
    page = open_page(reader, CODE)
    built_site.sent.clear()
    page.locator(".neighbours a").last.click()
    page.get_by_role("heading", level=1, name=re.compile("^30006")).wait_for()
    # Whatever the page has asked for by then was asked for before this.
    page.evaluate("() => new Promise(requestIdleCallback).then(() => fetch('/llms.txt'))")
    assert [answer.path for answer in built_site.sent] == ["codes/30006/index.html", "llms.txt"]
    assert built_site.sent[0].size <= MAX_NEXT


def test_another_code_opened_by_its_address_sends_that_page_alone(
    built_site: BuiltSite, reader: BrowserContext
) -> None:
    page = open_page(reader, CODE)
    built_site.sent.clear()
    page.goto("codes/40027/")
    settle(page)
    assert sum(answer.size for answer in built_site.sent) <= MAX_NEXT, describe(built_site.sent)


def test_the_page_of_every_code_is_light(built_site: BuiltSite) -> None:
    pages = {path.parent.name: path for path in (built_site.folder / "codes").glob("*/index.html")}
    sizes = {code: len(pack_file(path, path.stat().st_mtime_ns)) for code, path in pages.items()}
    assert {code: size for code, size in sizes.items() if size > MAX_NEXT} == {}


def test_rows_and_pages_come_with_the_first_query(built_site: BuiltSite, reader: BrowserContext) -> None:
    page = open_page(reader, CODE)
    assert {answer.path for answer in built_site.sent} & LATE == set()
    page.locator(".md-search__input").first.fill("timestamp")
    page.locator(".md-search-result__link").first.wait_for(state="attached")
    assert {answer.path for answer in built_site.sent} >= LATE
