"""The filter over the table of all codes, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from catalogue.model.rows import Catalogue, ErrorCode
from catalogue.render.tables import list_doors
from tests.test_lookup import wait_for_instant

FACETS: dict[str, Callable[[ErrorCode], object]] = {
    "http": lambda error: error.http_status,
    "retry": lambda error: error.retry,
    "outcome": lambda error: error.outcome,
    "actor": lambda error: error.actor,
    "category": lambda error: error.category,
}
# Choices that stand for several values.
GROUPS = {"retry": ["later"], "outcome": ["in-doubt"]}
LABELS = {"http": "HTTP status", "retry": "Retry", "outcome": "Write", "actor": "Who acts", "category": "Category"}


@pytest.fixture(scope="module")
def codes_page(browser: Browser, server: str) -> Iterator[Page]:
    page = browser.new_page(base_url=server)
    page.goto("codes/")
    page.locator("form.filter").wait_for()
    yield page
    page.close()


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
        expect(page.get_by_role("combobox", name=LABELS[name], exact=True)).to_have_value(value)


def test_a_choice_of_several_values_adds_up_with_the_others(
    codes_page: Page, catalogue: Catalogue, server: str
) -> None:
    outcome = codes_page.get_by_role("combobox", name="Write", exact=True)
    outcome.select_option("in-doubt")
    codes_page.get_by_role("combobox", name="Retry", exact=True).select_option("later")
    found = [
        error.code
        for error in catalogue.errors
        if error.outcome in {"unknown", "duplicate"} and error.retry in {"backoff", "wait"}
    ]
    assert found
    expect_codes(codes_page, found, len(catalogue.errors))
    assert codes_page.url == f"{server}codes/?retry=later&outcome=in-doubt"
    codes_page.get_by_role("button", name="Show all").click()
    expect_codes(codes_page, [error.code for error in catalogue.errors], len(catalogue.errors))


def test_text_is_sought_in_any_case_and_order(codes_page: Page, catalogue: Catalogue) -> None:
    box = codes_page.get_by_role("searchbox", name="Text")
    for text, words in [("leverage", ["leverage"]), ("  SIGN header ", ["sign", "header"]), ("4003", ["4003"])]:
        box.fill(text)
        found = [
            error.code for error in catalogue.errors if all(w in f"{error.code} {error.message}".lower() for w in words)
        ]
        assert found
        expect_codes(codes_page, found, len(catalogue.errors))
    box.fill("no row says this")
    expect_codes(codes_page, [], len(catalogue.errors))
    box.fill("")


def test_choices_add_up_and_show_all_takes_them_back(codes_page: Page, catalogue: Catalogue, server: str) -> None:
    codes_page.get_by_role("combobox", name="HTTP status", exact=True).select_option("401")
    codes_page.get_by_role("combobox", name="Retry", exact=True).select_option("fix")
    codes_page.get_by_role("searchbox", name="Text").fill("timestamp")
    found = [
        error.code
        for error in catalogue.errors
        if error.http_status == 401 and error.retry == "fix" and "timestamp" in error.message.lower()
    ]
    assert found
    expect_codes(codes_page, found, len(catalogue.errors))
    assert codes_page.url == f"{server}codes/?text=timestamp&http=401&retry=fix"
    codes_page.get_by_role("button", name="Show all").click()
    expect_codes(codes_page, [error.code for error in catalogue.errors], len(catalogue.errors))
    assert codes_page.url == f"{server}codes/"


def test_the_address_restores_the_choices(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}codes/?actor=operator&category=credentials")
    expect(page.get_by_role("combobox", name="Who acts", exact=True)).to_have_value("operator")
    found = sorted(set(select(catalogue, "actor", "operator")) & set(select(catalogue, "category", "credentials")))
    expect_codes(page, found, len(catalogue.errors))
    page.reload()
    expect_codes(page, found, len(catalogue.errors))


def test_a_long_text_is_cut_and_the_address_stays_short(codes_page: Page, catalogue: Catalogue) -> None:
    box = codes_page.get_by_role("searchbox", name="Text")
    box.fill("leverage " * 50_000)
    found = [error.code for error in catalogue.errors if "leverage" in error.message.lower()]
    expect(codes_page.locator(".filter output")).not_to_have_text(
        f"{len(catalogue.errors)} of {len(catalogue.errors)} codes"
    )
    assert len(codes_page.url) < 2000
    box.fill("leverage")
    expect_codes(codes_page, found, len(catalogue.errors))
    box.fill("")


@pytest.mark.parametrize("query", ["?retry=nonsense", "?unknown=1", "?text=%E0%A4%A", "?http=<b>", "?__proto__=x"])
def test_an_odd_address_does_no_harm(page: Page, catalogue: Catalogue, server: str, query: str) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(error.message))
    page.goto(f"{server}codes/{query}")
    expected = [] if "text" in query else [error.code for error in catalogue.errors]
    expect_codes(page, expected, len(catalogue.errors))
    assert failures == []


def test_the_filter_works_after_instant_navigation_and_back(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}http/")
    wait_for_instant(page)
    page.evaluate("window.sameDocument = true")
    page.locator(".md-tabs").get_by_role("link", name="Codes").click()
    page.get_by_role("combobox", name="Retry", exact=True).select_option("stop")
    found = select(catalogue, "retry", "stop")
    expect_codes(page, found, len(catalogue.errors))
    page.get_by_role("link", name=found[0], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(found[0])
    page.go_back()
    expect(page.get_by_role("combobox", name="Retry", exact=True)).to_have_value("stop")
    expect_codes(page, found, len(catalogue.errors))
    assert page.evaluate("window.sameDocument")


def test_the_number_of_rows_is_announced_politely(codes_page: Page) -> None:
    expect(codes_page.locator(".filter output")).to_have_role("status")
    expect(codes_page.get_by_role("search", name="Filter the codes")).to_be_visible()


def test_the_keyboard_works_the_filter(page: Page, catalogue: Catalogue, server: str) -> None:
    page.goto(f"{server}codes/")
    page.get_by_role("searchbox", name="Text").focus()
    page.keyboard.type("30005")
    expect_codes(page, ["30005"], len(catalogue.errors))
    page.keyboard.press("Enter")
    expect_codes(page, ["30005"], len(catalogue.errors))
    page.keyboard.press("Escape")
    expect_codes(page, [error.code for error in catalogue.errors], len(catalogue.errors))


@pytest.mark.parametrize("dark", [False, True])
def test_the_table_fits_a_small_screen(browser: Browser, server: str, dark: bool) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(f"{server}codes/")
    expect(page.locator(".filter output")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_without_javascript_the_table_is_whole(browser: Browser, server: str, catalogue: Catalogue) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}codes/?retry=stop")
    assert list_shown(page) == [error.code for error in catalogue.errors]
    expect(page.locator(".filter")).to_have_count(0)
    context.close()
