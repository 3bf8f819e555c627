"""The header search in a real browser: words lead to the right page, and a pasted error becomes its code."""

import csv
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from catalogue.model.rows import Catalogue
from tests.site_tools import ROOT
from tests.test_lookup import shrink, wait_for_instant

DATA = ROOT / "tests" / "data"
PASTE = '{"code":40034,\n"message":"The Symbol is not exist","trace":"9c86bb5a"}'
# Share of the queries that find a right page first, and among the first three.
SHARES = {"queries.csv": (0.95, 1.0), "queries_more.csv": (0.93, 0.97)}

Rank = Callable[[list[str]], list[list[str]]]


def read_queries(name: str) -> dict[str, set[str]]:
    """Return query → the codes any of which is a right answer."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return {row["query"]: set(row["expect"].split("|")) for row in csv.DictReader(file, strict=True)}


def read_code(location: str) -> str:
    """Return the code whose page this is, or the location itself."""
    return re.sub(r"^codes/(\d+)/$", r"\1", location)


@pytest.fixture(scope="module")
def rank(workbench: Page) -> Rank:
    script = """async queries => {
        const {createSearch, catalogue, pages} = await scripts()
        const search = createSearch(catalogue, pages)
        return queries.map(query => search(query).slice(0, 3).map(([hit]) => hit.location))
    }"""
    return lambda queries: [[read_code(place) for place in found] for found in workbench.evaluate(script, queries)]


def count_right(queries: dict[str, set[str]], found: list[list[str]], among: int) -> list[str]:
    """Return a line for every query without a right answer among the first ones."""
    return [
        f"{query!r}: expected {sorted(right)}, found {places}"
        for (query, right), places in zip(queries.items(), found, strict=True)
        if not right & set(places[:among])
    ]


# Ranking


@pytest.mark.parametrize("name", SHARES)
def test_queries_find_a_right_page_first_or_among_three(rank: Rank, name: str) -> None:
    queries = read_queries(name)
    found = rank(list(queries))
    for among, share in zip((1, 3), SHARES[name], strict=True):
        wrong = count_right(queries, found, among)
        allowed = len(queries) * (1 - share)
        assert len(wrong) <= allowed, f"Add keywords to the rows, among the first {among}:\n" + "\n".join(wrong)


def test_a_query_that_finds_nothing_right_is_counted(rank: Rank) -> None:
    queries = {"30005": {"40034"}, "40034": {"40034"}}
    found = rank(list(queries))
    assert [line.partition(":")[0] for line in count_right(queries, found, 3)] == ["'30005'"]


@pytest.mark.parametrize("shape", ["%s", " %s ", "error %s", "code: %s", '{"code":%s,"trace":"1"}', "WOO X Pro %s"])
def test_every_code_comes_first_by_its_number(rank: Rank, catalogue: Catalogue, shape: str) -> None:
    codes = [error.code for error in catalogue.errors]
    assert [places[0] for places in rank([shape % code for code in codes])] == codes


def test_every_code_comes_first_by_the_vendors_message(rank: Rank, catalogue: Catalogue) -> None:
    found = rank([error.message for error in catalogue.errors])
    wrong = [
        (error.message, places)
        for error, places in zip(catalogue.errors, found, strict=True)
        if places[:1] != [error.code]
    ]
    assert wrong == []


def test_guides_are_found_by_their_headings(rank: Rank) -> None:
    found = rank(["debugging ladder", "provenance", "token bucket"])
    assert [any(place.startswith("guides/") for place in places) for places in found] == [True, True, True]


def test_only_a_blank_query_finds_nothing(rank: Rank) -> None:
    assert rank(["", "   "]) == [[], []]
    assert [places[0] for places in rank(["?!", "qwertyuiop"])] == ["guides/envelope/"] * 2


def test_the_search_gives_the_answers_of_the_box(rank: Rank) -> None:
    queries = ["HTTP/2 503", "connection reset by peer", "cancel 40035", "49999", '{"error_msg":"404 Route Not Found"}']
    found = [places[0] for places in rank(queries)]
    assert found == ["http/503/", "guides/retries/#look-up", "40035", "codes/", "http/404/"]


def test_chinese_words_find_the_row_that_has_some_of_them(workbench: Page) -> None:
    script = """async queries => {
        const {rank, buildEntries, catalogue} = await scripts()
        const words = new Map([["30005", "签名错误"], ["40027", "保证金不足"], ["40034", "交易对不存在"]])
        const add = row => ({...row, keywords: [...row.keywords, words.get(row.code) ?? ""]})
        const entries = buildEntries(catalogue.errors.map(add), [])
        return queries.map(query => rank(query, entries)[0]?.location)
    }"""
    found = workbench.evaluate(script, ["签名不正确", "签名错误", "余额保证金不足", "交易对", "BTC 交易对不存在"])
    assert [read_code(place) for place in found] == ["30005", "30005", "40027", "40034", "40034"]


# The box


def open_search(page: Page, address: str) -> Locator:
    """Open a page, wait for the theme and focus the header search."""
    page.goto(address)
    page.wait_for_function("() => 'document$' in window")
    box = page.locator(".md-search__input")
    box.click()
    return box


def list_results(page: Page) -> Locator:
    """Return the links of the results, best first."""
    return page.locator(".md-search-result__item > a.md-search-result__link")


def expect_code(page: Page, server: str, code: str) -> None:
    """Expect that the first result leads to the page of a code."""
    address = re.compile(re.escape(f"{server}codes/{code}/") + r"(\?h=.*)?$")
    expect(list_results(page).first).to_have_attribute("href", address)


def paste_by_mouse(page: Page) -> None:
    """Paste as a menu or a long press does: the page gets a paste and an input event, and no key goes up."""
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "commands": ["paste"]})
    session.detach()


def paste_by_key(page: Page) -> None:
    page.keyboard.press("Control+V")


def copy_text(page: Page, text: str) -> None:
    """Put a text into the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def test_the_box_finds_codes_and_words(page: Page, server: str) -> None:
    box = open_search(page, server)
    for query, code in [
        ("42000", "42000"),
        ("1000", "1000"),
        ("clock skew", "30007"),
        ("clientOrderId too long", "40049"),
    ]:
        box.fill(query)
        expect_code(page, server, code)
    expect(page.locator(".md-search-result__meta")).to_have_role("status")


@pytest.mark.parametrize("paste", [paste_by_mouse, paste_by_key])
@pytest.mark.parametrize("path", ["", "codes/30005/"])
def test_a_pasted_error_becomes_its_code_and_is_searched(
    page: Page, server: str, path: str, paste: Callable[[Page], None]
) -> None:
    box = open_search(page, f"{server}{path}")
    copy_text(page, PASTE)
    for _ in range(2):
        box.fill("")
        paste(page)
        expect(box).to_have_value("40034")
        expect_code(page, server, "40034")


SEVERAL = '{"code":40034}\n{"code":30005}\nX-BM-KEY: k3yVALUEabcdef0123456789abcdef012345'


@pytest.mark.parametrize("path", ["", "codes/30005/", "guides/signing/"])
def test_a_paste_with_several_codes_goes_to_the_box(page: Page, server: str, path: str) -> None:
    open_search(page, f"{server}{path}")
    copy_text(page, SEVERAL)
    paste_by_mouse(page)
    expect(page.locator("[data-lookup] ol > li .card-title b")).to_have_text(["40034", "30005"])
    assert page.url == server
    assert "k3yVALUE" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_pasted_words_are_searched_as_they_are(page: Page, server: str) -> None:
    box = open_search(page, server)
    copy_text(page, "memo wrong")
    paste_by_mouse(page)
    expect_code(page, server, "30005")
    expect(box).to_have_value("memo wrong")


def test_what_is_typed_after_a_paste_stays(page: Page, server: str) -> None:
    box = open_search(page, f"{server}http/")
    copy_text(page, PASTE)
    with page.expect_request("**/lookup.json"):
        page.route("**/lookup.json", lambda route: route.fallback() if box.input_value() == "30013" else route.abort())
        paste_by_mouse(page)
    box.fill("30013")
    expect(box).to_have_value("30013")
    expect_code(page, server, "30013")


def test_the_search_data_is_fetched_with_the_first_query(page: Page, server: str) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(urlsplit(request.url).path))
    box = open_search(page, f"{server}codes/30005/")
    assert "/lookup.json" not in fetched
    assert "/search/pages.json" not in fetched
    box.fill("30013")
    expect_code(page, server, "30013")
    assert {"/lookup.json", "/search/pages.json"} <= set(fetched)


@pytest.mark.parametrize("query", ["<img src=x onerror=alert('pwned')>", "30005 <b>pwned</b>", "&lt;i&gt;pwned"])
def test_markup_in_a_query_stays_out_of_the_results(page: Page, server: str, query: str) -> None:
    box = open_search(page, server)
    box.fill(f"{query} 30005")
    expect_code(page, server, "30005")
    assert "pwned" not in page.locator(".md-search-result").inner_html().lower().replace("%", "")


def test_markup_of_a_page_is_text_in_the_results(page: Page, server: str) -> None:
    box = open_search(page, server)
    box.fill("1000")
    expect_code(page, server, "1000")
    assert page.locator(".md-search-result__list :is(img, script, iframe)").count() == 0


def test_a_long_query_is_cut(page: Page, server: str) -> None:
    box = open_search(page, server)
    box.fill("30005 " + "x " * 200_000)
    expect_code(page, server, "30005")
    assert len(box.input_value()) == 2000
    assert len(page.url) < 2000


def test_slash_focuses_the_search_and_escape_clears_it(page: Page, server: str) -> None:
    page.goto(f"{server}codes/30005/")
    page.wait_for_function("() => 'document$' in window")
    box = page.locator(".md-search__input")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("30013")
    expect_code(page, server, "30013")
    page.keyboard.press("Escape")
    expect(box).to_have_value("")
    expect(box).not_to_be_focused()
    expect(list_results(page)).to_have_count(0)


def test_arrow_keys_walk_the_results_and_enter_opens_one(page: Page, server: str) -> None:
    box = open_search(page, f"{server}codes/30005/")
    box.fill("40034")
    expect_code(page, server, "40034")
    page.keyboard.press("ArrowDown")
    expect(list_results(page).first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".md-content h1")).to_contain_text("40034")
    assert urlsplit(page.url).path == "/codes/40034/"


def test_the_search_works_after_instant_navigation(page: Page, server: str) -> None:
    open_search(page, f"{server}codes/30005/").fill("40034")
    expect_code(page, server, "40034")
    wait_for_instant(page)
    page.evaluate("window.sameDocument = true")
    page.keyboard.press("Enter")
    expect(page.locator(".md-content h1")).to_contain_text("40034")
    page.keyboard.press("/")
    page.locator(".md-search__input").fill("30013")
    expect_code(page, server, "30013")
    assert page.evaluate("window.sameDocument")


def test_a_search_in_the_address_is_opened(page: Page, server: str) -> None:
    page.goto(f"{server}?q=30013")
    expect(page.locator(".md-search__input")).to_have_value("30013")
    expect_code(page, server, "30013")


@pytest.mark.parametrize(("colors", "scheme"), [("light", "default"), ("dark", "slate")])
def test_the_search_fits_a_small_screen(page: Page, server: str, colors: str, scheme: str) -> None:
    shrink(page, colors)
    page.goto(server)
    page.wait_for_function("() => 'document$' in window")
    page.locator('label[for="__search"].md-header__button').click()
    page.locator(".md-search__input").fill("30005")
    expect_code(page, server, "30005")
    page.wait_for_function("() => document.documentElement.scrollWidth <= 320")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
