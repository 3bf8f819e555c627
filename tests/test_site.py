"""The built site: one strict build, then its HTML, page by page and link by link."""

import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import httpx
import pytest

from catalogue.model.rows import Catalogue
from tests.checks.pages import (
    MAX_DESCRIPTION,
    THEME_ERRORS,
    find_foreign_styles,
    find_invalid_html,
    find_leftovers,
    find_repeated_ids,
    find_searchable_tables,
    find_unpublished,
    find_unsearchable,
    find_wrong_anchors,
    find_wrong_code_head,
    find_wrong_facts,
    find_wrong_head,
    find_wrong_items,
    find_wrong_map,
    find_wrong_matrix,
    find_wrong_opening,
    find_wrong_paths,
    find_wrong_rows,
    find_wrong_services,
    find_wrong_status_head,
    find_wrong_status_index,
    find_wrong_status_page,
    fold,
    make_code_page_checks,
    name_error,
)
from tests.site_tools import (
    Page,
    copy_project,
    find_dead_links,
    find_element,
    find_repeats,
    find_third_parties,
    index_ids,
    iter_elements,
    list_links,
    parse_page,
    read_meta,
    read_text,
    run_build,
)


def get_code_page(pages: dict[str, Element], code: str) -> Element:
    """Return the article of a code's page."""
    return find_element(pages[f"codes/{code}/index.html"], "article")


def test_every_code_has_a_page_and_no_page_is_without_a_code(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    assert find_wrong_paths(catalogue, pages, "codes") == []


def test_every_status_has_a_page_and_no_page_is_without_a_status(
    catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    assert find_wrong_paths(catalogue, pages, "http") == []


def test_every_page_of_docs_is_published(pages: dict[str, Element]) -> None:
    assert find_unpublished(pages) == []


def test_every_code_page_has_the_fixed_anchors_in_the_fixed_order(
    catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    assert [
        line
        for error in catalogue.errors
        for line in find_wrong_anchors(catalogue, error, get_code_page(pages, error.code))
    ] == []


def test_every_page_shows_in_which_part_of_the_site_it_stands(pages: dict[str, Element]) -> None:
    parts = {"": "Home", "codes": "Codes", "http": "HTTP statuses", "guides": "Guides", "about": "Changes"}
    shown = {
        path: [read_text(tab) for tab in iter_elements(root, "li", "md-tabs__item--active")]
        for path, root in pages.items()
        if path != "404.html"
    }
    assert shown == {path: [parts[path.rpartition("index.html")[0].partition("/")[0]]] for path in shown}


def test_title_and_heading_of_a_code_page_are_code_and_message(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for error in catalogue.errors:
        root = pages[f"codes/{error.code}/index.html"]
        assert find_wrong_code_head(error, root) == []
        assert [read_text(heading) for heading in root.iter("h1")] == [f"{error.code} {fold(error.message)}"]


def test_every_page_has_one_first_heading(pages: dict[str, Element]) -> None:
    assert [path for path, root in pages.items() if len(list(root.iter("h1"))) != 1] == []


def test_every_code_page_begins_with_its_summary_and_first_step(
    catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    assert [
        line for error in catalogue.errors for line in find_wrong_opening(error, get_code_page(pages, error.code))
    ] == []


def test_every_code_page_shows_its_facts(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    assert [
        line for error in catalogue.errors for line in find_wrong_facts(error, get_code_page(pages, error.code))
    ] == []


def test_causes_and_steps_are_shown_as_written(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    assert [
        line
        for error in catalogue.errors
        for line in find_wrong_items(catalogue, error, get_code_page(pages, error.code))
    ] == []


def test_every_code_page_has_an_edit_link_to_its_row(
    catalogue: Catalogue, pages: dict[str, Element], server: str
) -> None:
    problems = [
        line
        for error in catalogue.errors
        for line in find_wrong_services(error, get_code_page(pages, error.code), catalogue.lines[error.code], server)
    ]
    assert problems == []


def test_every_code_page_passes_every_check_of_its_content(
    catalogue: Catalogue, pages: dict[str, Element], server: str
) -> None:
    problems = [
        line
        for error in catalogue.errors
        for check in make_code_page_checks(catalogue, server).values()
        for line in check(error, get_code_page(pages, error.code))
    ]
    assert problems == []


def test_neighbours_form_one_chain_through_all_codes(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    after: dict[str, str] = {}
    before: dict[str, str] = {}
    for error in catalogue.errors:
        line = find_element(get_code_page(pages, error.code), css_class="neighbours")
        text = read_text(line)
        hrefs = [(anchor.get("href") or "").strip("./") for anchor in line.iter("a")]
        before |= {error.code: hrefs.pop(0)} if "Previous" in text else {}
        after |= {error.code: hrefs.pop(0)} if "Next" in text else {}
        assert hrefs == []
    codes = [error.code for error in catalogue.errors]
    assert after == dict(pairwise(codes))
    assert before == {code: other for other, code in after.items()}


def test_nothing_is_published_unrendered(pages: dict[str, Element]) -> None:
    assert [line for path, root in pages.items() for line in find_leftovers(path, root)] == []


@pytest.mark.parametrize("text", ["{{ typo }}", "{% if x %}", "Macro Rendering Error", "HTTP None"])
def test_an_unrendered_text_is_noticed(text: str) -> None:
    assert find_leftovers("", parse_page("", f"<!doctype html><p>{text}</p>").root) != []


def test_every_page_has_a_description_of_bounded_length(pages: dict[str, Element]) -> None:
    texts = {path: read_meta(root, "description") or "" for path, root in pages.items()}
    assert {path: text for path, text in texts.items() if not 0 < len(text) <= MAX_DESCRIPTION} == {}


def test_every_code_and_status_page_has_its_own_description(pages: dict[str, Element]) -> None:
    generated = {path: root for path, root in pages.items() if re.match(r"(?:codes|http)/\d", path)}
    assert find_repeats(read_meta(root, "description") or "" for root in generated.values()) == []


def test_every_page_but_404_names_its_own_address(pages: dict[str, Element], server: str) -> None:
    assert [line for path, root in pages.items() for line in find_wrong_head(path, root, server)] == []


def test_every_internal_link_leads_to_a_file_and_an_id(
    parsed_pages: dict[str, Page], site_dir: Path, server: str
) -> None:
    assert find_dead_links(parsed_pages, site_dir, server) == [], "Correct the link, or restore its target."


@pytest.mark.parametrize(
    "link", ["gone/", "codes/30009/", "/gone.html", "codes/30005/#gone", "#gone", "codes/30005/gone.json", "gone.css"]
)
def test_a_dead_link_is_found(parsed_pages: dict[str, Page], site_dir: Path, server: str, link: str) -> None:
    page = parse_page("index.html", f'<!doctype html><title>x</title><a id="here" href="{link}">x</a>')
    ids = index_ids({**parsed_pages, "index.html": page})
    assert len(find_dead_links({"index.html": page}, site_dir, server, ids)) == 1


def test_no_page_fetches_anything_from_elsewhere(parsed_pages: dict[str, Page], server: str) -> None:
    assert [line for page in parsed_pages.values() for line in find_third_parties(page, server)] == []


def test_no_style_sheet_fetches_anything_from_elsewhere(site_dir: Path) -> None:
    files = {path.relative_to(site_dir).as_posix(): path.read_text("utf-8") for path in site_dir.rglob("*.css")}
    assert [line for path, text in files.items() for line in find_foreign_styles(path, text)] == []


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://cdn.example.com/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example.com/x.css">',
        '<link rel="preconnect" href="https://fonts.example.com">',
        '<img src="https://img.example.com/x.png" alt="">',
        '<img src="a.png" srcset="https://img.example.com/x.png 2x" alt="">',
        '<iframe src="https://example.com/"></iframe>',
    ],
)
def test_a_fetch_from_elsewhere_is_found(server: str, element: str) -> None:
    assert len(find_third_parties(parse_page("index.html", f"<!doctype html>{element}"), server)) == 1


def test_a_link_to_elsewhere_is_no_fetch(server: str) -> None:
    page = parse_page("index.html", '<!doctype html><a href="https://example.com/">x</a>')
    assert find_third_parties(page, server) == []


def test_no_id_stands_twice_on_a_page(pages: dict[str, Element]) -> None:
    assert [line for path, root in pages.items() for line in find_repeated_ids(path, root)] == []


def test_every_page_is_valid_for_a_strict_parser(parsed_pages: dict[str, Page]) -> None:
    found = [line for page in parsed_pages.values() for line in find_invalid_html(page)]
    assert found == [], "Line and column are those of the HTML."


def test_no_exemption_for_the_theme_is_left_over(parsed_pages: dict[str, Page]) -> None:
    seen = {name_error(error) for page in parsed_pages.values() for error in page.errors}
    assert set(THEME_ERRORS) - seen == set(), "The theme has mended it: remove the exemption."


@pytest.mark.parametrize("html", ["<p><div></p></div>", '<a title="a" b">x</a>', "<b><i></b></i>", "<p>x</span>"])
def test_invalid_html_is_noticed(html: str) -> None:
    assert parse_page("", f"<!doctype html><title>x</title>{html}").errors != ()


def test_every_status_page_lists_exactly_its_codes(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for row in catalogue.statuses:
        root = pages[f"http/{row.status}/index.html"]
        assert find_wrong_status_head(row, root) == []
        assert find_wrong_status_page(catalogue, row, find_element(root, "article")) == []


def test_the_table_of_codes_equals_the_rows(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    tables = list(iter_elements(pages["codes/index.html"], "table", "codes"))
    assert find_wrong_rows(catalogue.errors, tables, "../") == []


def test_the_table_of_codes_shows_every_message(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    table = find_element(pages["codes/index.html"], "table", "codes")
    cells = [[read_text(cell) for cell in row.iter("td")] for row in table.iter("tr") if row.get("data-category")]
    messages = [fold(error.message) for error in catalogue.errors]
    assert [row[0][: len(message)] for row, message in zip(cells, messages, strict=True)] == messages


def test_the_home_page_has_a_row_for_every_code(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    assert find_wrong_map(catalogue, pages["index.html"]) == [], "Colour alone says nothing: keep the label."


def test_the_index_of_statuses_and_the_matrix_equal_the_rows(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    index = find_element(pages["http/index.html"], "table", "statuses")
    assert find_wrong_status_index(catalogue, index) == []
    matrix = find_element(pages["guides/retries/index.html"], "table", "matrix")
    assert find_wrong_matrix(catalogue, matrix) == []


def test_the_search_finds_every_code_page(catalogue: Catalogue, site_dir: Path) -> None:
    assert find_unsearchable(catalogue, (site_dir / "search" / "pages.json").read_bytes()) == []


def test_the_theme_fetches_a_search_index_without_entries(site_dir: Path) -> None:
    assert json.loads((site_dir / "search" / "search_index.json").read_bytes())["docs"] == []


def test_the_search_does_not_find_rows_of_the_index_tables(catalogue: Catalogue, site_dir: Path) -> None:
    assert find_searchable_tables(catalogue, (site_dir / "search" / "pages.json").read_bytes()) == []


# A client of its own would read all certificates for each address.
HTTP = httpx.Client(follow_redirects=True, trust_env=False, timeout=10)


def fetch(url: str) -> httpx.Response:
    """Get an address of a test server, past any proxy of the environment."""
    return HTTP.get(url)


@pytest.mark.parametrize("path", ["", "codes/30005/", "codes/30005", "errors.json", "404"])
def test_the_server_answers_as_github_pages_does(server: str, path: str) -> None:
    assert fetch(server + path).status_code == 200


@pytest.mark.parametrize("path", ["30005", "codes/30009/", "codes/40034.html", "deep/down/here/", "search/"])
def test_unknown_addresses_get_the_404_page(server: str, path: str) -> None:
    answer = fetch(server + path)
    assert (answer.status_code, "This page does not exist" in answer.text) == (404, True)


def test_the_404_page_uses_addresses_that_hold_at_any_depth(pages: dict[str, Element]) -> None:
    urls = [link.url for link in list_links(pages["404.html"])]
    assert [url for url in urls if not url.startswith(("/", "http://", "https://", "#", "javascript:"))] == []


def test_an_undefined_variable_stops_the_build(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    with (project / "docs" / "index.md").open("a", encoding="utf-8") as page:
        page.write("\n{{ typo }}\n")
    result = run_build(tmp_path / "site", "https://errors.example.org/", project)
    assert result.returncode != 0
    assert "typo" in result.stdout


def test_a_dead_link_in_a_guide_stops_the_build(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    with (project / "docs" / "guides" / "clock.md").open("a", encoding="utf-8") as page:
        page.write("\nSee [nothing](nothing.md) and [nowhere](envelope.md#nowhere).\n")
    result = run_build(tmp_path / "site", "https://errors.example.org/", project)
    assert result.returncode != 0
    assert "nothing.md" in result.stdout
    assert "#nowhere" in result.stdout
