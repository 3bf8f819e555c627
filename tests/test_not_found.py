"""What depends on where the site stands: the page for unknown addresses, at the root and below a folder of a host."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from catalogue.model.rows import Catalogue
from tests.site_tools import list_links, parse_page
from tests.test_lookup import copy_link, enter, over
from tests.test_search import PASTE, copy_text, expect_code, open_search, paste_by_mouse
from tests.test_site import fetch


@pytest.fixture(params=["server", "subpath_server"], ids=["root", "folder"])
def root(request: pytest.FixtureRequest) -> str:
    address: str = request.getfixturevalue(request.param)
    return address


def open_unknown(page: Page, address: str) -> None:
    """Open an address that has no page, and check that the server says so."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("This page does not exist"))


# Which number of which path is meant, test_scripts asks the function by itself.
@over("codes in paths")
def test_a_code_in_the_path_is_offered(page: Page, root: str, catalogue: Catalogue, path: str, code: str) -> None:
    open_unknown(page, f"{root}{path}")
    title = page.locator(".cards a.card-title")
    message = next(error.message for error in catalogue.errors if error.code == code)
    expect(title).to_have_count(1)
    expect(title).to_have_text(f"{code} {message}")
    expect(title).to_have_attribute("href", f"{root}codes/{code}/")
    expect(page.locator(".cards .card-first")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text=f"There is a page for code {code}.")).to_be_visible()


def test_the_offered_page_exists(page: Page, root: str) -> None:
    open_unknown(page, f"{root}some/where/40034.html")
    page.locator(".cards a.card-title").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("40034")
    assert page.url == f"{root}codes/40034/"


@over("unlisted numbers in paths")
def test_a_number_outside_the_vendors_page_names_its_section_and_neighbours(
    page: Page, root: str, path: str, said: str, neighbours: list[str]
) -> None:
    number = "".join(filter(str.isdigit, path))
    open_unknown(page, f"{root}{path}")
    card = page.locator(".cards .card")
    expect(card.locator(".card-title")).to_have_text(f"{number} is not in the vendor's page")
    expect(card).to_contain_text(said)
    links = card.get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    assert links == [*(f"{root}codes/{code}/" for code in neighbours), f"{root}guides/retries/#look-up"]
    expect(page.get_by_role("status").filter(has_text=f"{number} is not in the vendor's page.")).to_be_visible()


@pytest.mark.parametrize("path", ["nothing/here/", "codes/300055555/", "%E0%A4%A"])
def test_any_other_address_offers_the_lookup(page: Page, root: str, path: str) -> None:
    open_unknown(page, f"{root}{path}")
    expect(page.get_by_text("its page is offered below")).to_be_visible()
    expect(page.locator("#lookup-text")).to_be_visible()
    expect(page.locator("form.lookup")).to_have_attribute("data-mounted", "true")
    expect(page.locator(".cards > li")).to_have_count(0)
    expect(enter(page, "40034").locator(".card-title b")).to_have_text("40034")
    assert page.page_errors() == []


def test_a_lookup_in_the_address_comes_before_the_path(page: Page, root: str) -> None:
    open_unknown(page, f"{root}deep/30005/#q=40034")
    expect(page.locator(".cards .card-title b")).to_have_text(["40034"])


def test_what_is_typed_replaces_the_code_of_the_path(page: Page, root: str) -> None:
    open_unknown(page, f"{root}deep/30005/")
    expect(page.locator(".cards .card-title b")).to_have_text(["30005"])
    page.locator("#lookup-text").fill("40034")
    expect(page.locator(".cards .card-title b")).to_have_text(["40034"])


def test_a_link_copied_there_is_that_of_the_page(page: Page, root: str) -> None:
    open_unknown(page, f"{root}deep/down/")
    enter(page, "30013")
    assert copy_link(page) == f"{root}codes/30013/"


def test_the_rest_of_the_site_is_reachable_from_any_depth(page: Page, root: str) -> None:
    open_unknown(page, f"{root}a/b/c/nothing")
    links = page.locator("article").get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    assert links == [f"{root}codes/", f"{root}http/", root]
    page.locator("article").get_by_role("link", name="table of all codes").click()
    expect(page.locator("table.codes")).to_be_visible()


def test_without_javascript_it_says_where_the_codes_are(browser: Browser, root: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_unknown(page, f"{root}errors/30005")
    expect(page.locator("form.lookup")).to_be_hidden()
    # Only a script can offer the page of a code.
    expect(page.get_by_text("offered below")).to_be_hidden()
    expect(page.locator("noscript p")).to_be_visible()
    page.locator("noscript a").click()
    assert urlsplit(page.url).path == urlsplit(f"{root}codes/").path
    context.close()


def test_the_addresses_of_the_page_stay_below_the_folder(subpath_server: str) -> None:
    missing = fetch(f"{subpath_server}deep/down/30005")
    assert missing.status_code == 404
    inner = [link.url for link in list_links(parse_page("404.html", missing.text).root) if link.url.startswith("/")]
    assert len(inner) > 10
    assert {url for url in inner if not url.startswith("/woo/")} == set()
    assert {fetch(urljoin(subpath_server, url)).status_code for url in inner} == {200}


def test_the_search_works_below_a_folder(page: Page, subpath_server: str) -> None:
    box = open_search(page, f"{subpath_server}guides/signing/")
    box.fill("40034")
    expect_code(page, subpath_server, "40034")
    copy_text(page, PASTE.replace("40034", "30005").replace("The Symbol is not exist", "?"))
    box.fill("")
    paste_by_mouse(page)
    expect_code(page, subpath_server, "30005")
