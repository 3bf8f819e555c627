"""The filter over the table of all codes, in a real browser."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from catalogue.model.rows import Catalogue, ErrorCode
from catalogue.model.vocabulary import Actor, Outcome, Retry
from catalogue.render.markdown import strip_markup
from catalogue.render.tables import list_doors
from tests.test_lookup import shrink, wait_for_instant

FACETS: dict[str, Callable[[ErrorCode], object]] = {
    "http": lambda error: error.http_status,
    "retry": lambda error: error.retry,
    "outcome": lambda error: error.outcome,
    "actor": lambda error: error.actor,
    "category": lambda error: error.category,
}
# Choices that stand for several values.
GROUPS = {"retry": ["later"], "outcome": ["in-doubt"]}
LABELS = {
    "http": "HTTP status",
    "retry": "Send it again?",
    "outcome": "Executed?",
    "actor": "Who acts",
    "category": "Category",
}


@pytest.fixture(scope="module")
def codes_page(browser: Browser, server: str) -> Iterator[Page]:
    page = browser.new_page(base_url=server)
    page.goto("codes/")
    open_lists(page)
    yield page
    page.close()


def open_lists(page: Page) -> None:
    """Open the lists of the filter, once its script has come."""
    page.locator(".filter[data-mounted]").wait_for()
    if not page.locator(".filter details").evaluate("details => details.open"):
        page.get_by_text("More filters").click()


def list_shown(page: Page) -> list[str]:
    """Return the codes of the rows that are shown."""
    return page.locator("table.codes tbody tr:visible th").all_inner_texts()


def expect_codes(page: Page, codes: list[str], total: int) -> None:
    """Expect that exactly these rows are shown and that their number is announced."""
    expect(page.locator(".filter output")).to_have_text(f"{len(codes)} of {total} codes")
    assert list_shown(page) == codes


def select(catalogue: Catalogue, name: str, value: str) -> list[str]:
    return [error.code for error in catalogue.errors if str(FACETS[name](error)) == value]


@pytest.mark.parametrize("name", FACETS)
def test_every_value_of_a_list_shows_its_rows(codes_page: Page, catalogue: Catalogue, server: str, name: str) -> None:
    values = {str(FACETS[name](error)) for error in catalogue.errors}
    control = codes_page.get_by_role("combobox", name=LABELS[name], exact=True)
    offered = control.locator("option").evaluate_all("options => options.map(option => option.value)")
    assert offered[0] == ""
    groups = GROUPS.get(name, [])
    single = offered[1 + len(groups) :]
    assert offered[1 : 1 + len(groups)] == groups
    assert sorted(single) == sorted(values)
    for value in single:
        control.select_option(value)
        expect_codes(codes_page, select(catalogue, name, value), len(catalogue.errors))
        assert codes_page.url == f"{server}codes/?{name}={value}"
    control.select_option("")
    expect_codes(codes_page, [error.code for error in catalogue.errors], len(catalogue.errors))
    assert codes_page.url == f"{server}codes/"


def test_a_door_of_the_home_page_opens_its_rows(page: Page, catalogue: Catalogue, server: str) -> None:
    doors = list_doors(catalogue)
    assert {address for _, _, address, _ in doors} == {
        "codes/?outcome=in-doubt",
        "codes/?retry=later",
        "codes/?retry=stop",
    }
    for title, _, address, errors in doors:
        page.goto(server)
        page.get_by_role("link", name=title).click()
        expect(page).to_have_url(f"{server}{address}")
        assert 0 < len(errors) < len(catalogue.errors)
        expect_codes(page, [error.code for error in errors], len(catalogue.errors))
        name, value = address.partition("?")[2].split("=")
        expect(page.locator(f"[data-facet={name}][data-choice={value}]")).to_have_attribute("aria-pressed", "true")


def test_a_choice_of_several_values_adds_up_with_the_others(
    codes_page: Page, catalogue: Catalogue, server: str
) -> None:
    outcome = codes_page.get_by_role("combobox", name=LABELS["outcome"], exact=True)
    outcome.select_option("in-doubt")
    codes_page.get_by_role("combobox", name=LABELS["retry"], exact=True).select_option("later")
    found = [
        error.code
        for error in catalogue.errors
        if error.outcome in {"unknown", "duplicate"} and error.retry in {"backoff", "wait"}
    ]
    assert found
    expect_codes(codes_page, found, len(catalogue.errors))
    assert codes_page.url == f"{server}codes/?outcome=in-doubt&retry=later"
    codes_page.get_by_role("button", name="All").click()
    expect_codes(codes_page, [error.code for error in catalogue.errors], len(catalogue.errors))


def test_text_is_sought_in_any_case_and_order(codes_page: Page, catalogue: Catalogue) -> None:
    box = codes_page.get_by_role("searchbox", name="Number or words")
    for text, words in [("leverage", ["leverage"]), ("  SIGN header ", ["sign", "header"]), ("4003", ["4003"])]:
        box.fill(text)
        found = [
            error.code
            for error in catalogue.errors
            if all(word in f"{error.code} {error.message} {strip_markup(error.summary)}".lower() for word in words)
        ]
        assert found
        expect_codes(codes_page, found, len(catalogue.errors))
    box.fill("no row says this")
    expect_codes(codes_page, [], len(catalogue.errors))
    box.fill("")


def test_choices_add_up_and_show_all_takes_them_back(codes_page: Page, catalogue: Catalogue, server: str) -> None:
    codes_page.get_by_role("combobox", name=LABELS["http"], exact=True).select_option("401")
    codes_page.get_by_role("combobox", name=LABELS["retry"], exact=True).select_option("fix")
    codes_page.get_by_role("searchbox", name="Number or words").fill("timestamp")
    found = [
        error.code
        for error in catalogue.errors
        if error.http_status == 401
        and error.retry == "fix"
        and "timestamp" in f"{error.message} {error.summary}".lower()
    ]
    assert found
    expect_codes(codes_page, found, len(catalogue.errors))
    assert codes_page.url == f"{server}codes/?text=timestamp&http=401&retry=fix"
    codes_page.get_by_role("button", name="All").click()
    expect_codes(codes_page, [error.code for error in catalogue.errors], len(catalogue.errors))
    assert codes_page.url == f"{server}codes/"


def test_the_address_restores_the_choices(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}codes/?actor=operator&category=credentials")
    expect(page.get_by_role("combobox", name=LABELS["actor"], exact=True)).to_have_value("operator")
    found = sorted(set(select(catalogue, "actor", "operator")) & set(select(catalogue, "category", "credentials")))
    expect_codes(page, found, len(catalogue.errors))
    page.reload()
    expect_codes(page, found, len(catalogue.errors))


def test_a_long_text_is_cut_and_the_address_stays_short(codes_page: Page, catalogue: Catalogue) -> None:
    box = codes_page.get_by_role("searchbox", name="Number or words")
    box.fill("leverage " * 50_000)
    found = [error.code for error in catalogue.errors if "leverage" in f"{error.message} {error.summary}".lower()]
    expect(codes_page.locator(".filter output")).not_to_have_text(
        f"{len(catalogue.errors)} of {len(catalogue.errors)} codes"
    )
    assert len(codes_page.url) < 2000
    box.fill("leverage")
    expect_codes(codes_page, found, len(catalogue.errors))
    box.fill("")


@pytest.mark.parametrize("query", ["?retry=nonsense", "?unknown=1", "?text=%E0%A4%A", "?http=<b>", "?__proto__=x"])
def test_an_odd_address_does_no_harm(page: Page, catalogue: Catalogue, server: str, query: str) -> None:
    page.goto(f"{server}codes/{query}")
    expected = [] if "text" in query else [error.code for error in catalogue.errors]
    expect_codes(page, expected, len(catalogue.errors))
    assert page.page_errors() == []


def test_the_filter_works_after_instant_navigation_and_back(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}http/")
    wait_for_instant(page)
    page.evaluate("window.sameDocument = true")
    page.locator(".md-tabs").get_by_role("link", name="Codes").click()
    open_lists(page)
    page.get_by_role("combobox", name=LABELS["retry"], exact=True).select_option("stop")
    found = select(catalogue, "retry", "stop")
    expect_codes(page, found, len(catalogue.errors))
    page.get_by_role("link", name=found[0], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(found[0])
    page.go_back()
    expect(page.locator("select[name=retry]")).to_have_value("stop")
    expect_codes(page, found, len(catalogue.errors))
    assert page.evaluate("window.sameDocument")


def test_a_chip_shows_its_rows_and_gives_them_back(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}codes/")
    for chip in page.locator("[data-facet]").all():
        facet, choice = chip.get_attribute("data-facet"), chip.get_attribute("data-choice")
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")
        expect(page).to_have_url(f"{server}codes/?{facet}={choice}")
        shown = page.locator("table.codes tbody tr:visible")
        expect(shown).to_have_count(int(chip.locator("i").inner_text()))
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "false")
        expect(shown).to_have_count(len(catalogue.errors))
        expect(page).to_have_url(f"{server}codes/")


def test_a_list_without_a_chip_is_seen_where_the_address_names_it(page: Page, server: str) -> None:
    page.goto(f"{server}codes/?actor=operator")
    expect(page.get_by_role("combobox", name=LABELS["actor"], exact=True)).to_be_visible()


ORDERS: dict[str, Callable[[ErrorCode], Any]] = {
    "Message": lambda error: error.message.lower(),
    "HTTP": lambda error: error.http_status,
    "Executed?": lambda error: list(Outcome).index(error.outcome),
    "Send it again?": lambda error: list(Retry).index(error.retry),
    "Who acts": lambda error: list(Actor).index(error.actor),
}


def test_every_heading_sorts_both_ways_and_the_address_keeps_it(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}codes/")
    for name, key in ORDERS.items():
        head = page.get_by_role("columnheader", name=name)
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "ascending")
        keys = [key(catalogue.by_code[code]) for code in list_shown(page)]
        assert (keys, len(keys)) == (sorted(keys), len(catalogue.errors))
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "descending")
        expect(page.locator("th[aria-sort]")).to_have_count(1)
        turned = list_shown(page)
        assert [key(catalogue.by_code[code]) for code in turned] == keys[::-1]
        page.reload()
        expect(page.locator("th[aria-sort=descending]")).to_contain_text(name)
        assert list_shown(page) == turned
    page.get_by_role("columnheader", name="Code").get_by_role("button").click()
    assert list_shown(page) == [error.code for error in catalogue.errors]
    assert page.url == f"{server}codes/"


def test_filtering_moves_no_column_and_no_field(page: Page, server: str) -> None:
    page.goto(f"{server}codes/")
    place = "elements => elements.map(e => { const {x, y, width} = e.getBoundingClientRect(); return [x, y, width] })"
    parts = page.locator("th[data-column], .filter-line input, .chips button")
    page.locator(".filter[data-mounted]").wait_for()
    before = parts.evaluate_all(place)
    page.get_by_role("searchbox").fill("leverage")
    expect(page.locator(".filter output")).not_to_have_text(re.compile(r"^(\d+) of \1 "))
    assert parts.evaluate_all(place) == before


def test_the_head_of_the_table_stays_and_a_row_is_one_link(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}codes/")
    page.locator(".filter[data-mounted]").wait_for()
    last = catalogue.errors[-1]
    row = page.locator("tbody tr", has=page.get_by_role("link", name=last.code, exact=True))
    row.scroll_into_view_if_needed()
    expect(page.get_by_role("columnheader", name="Message")).to_be_in_viewport()
    # The link of the row lies over its cells.
    row.get_by_role("cell").last.click(force=True)
    expect(page).to_have_url(f"{server}codes/{last.code}/")


def test_a_phone_shows_cards_of_two_lines(page: Page, server: str, catalogue: Catalogue) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}codes/")
    row = page.locator("tbody tr", has=page.get_by_role("link", name=catalogue.errors[0].code, exact=True))
    tops = row.locator(":scope > :visible").evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().y)")
    assert len(tops) == 4
    assert len(set(tops)) == 2


def test_the_number_of_rows_is_announced_politely(codes_page: Page) -> None:
    expect(codes_page.locator(".filter output")).to_have_role("status")
    expect(codes_page.get_by_role("search", name="Filter the codes")).to_be_visible()


def test_the_keyboard_works_the_filter(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}codes/")
    page.get_by_role("searchbox", name="Number or words").focus()
    page.keyboard.type("30005")
    expect_codes(page, ["30005"], len(catalogue.errors))
    page.keyboard.press("Enter")
    expect_codes(page, ["30005"], len(catalogue.errors))
    page.keyboard.press("Escape")
    expect_codes(page, [error.code for error in catalogue.errors], len(catalogue.errors))


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_the_table_fits_a_small_screen(page: Page, server: str, colors: str) -> None:
    shrink(page, colors)
    page.goto(f"{server}codes/")
    expect(page.locator(".filter output")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_javascript_the_table_is_whole(browser: Browser, server: str, catalogue: Catalogue) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}codes/?retry=stop")
    assert list_shown(page) == [error.code for error in catalogue.errors]
    expect(page.locator(".filter")).to_be_hidden()
    context.close()
