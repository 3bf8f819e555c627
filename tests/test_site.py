"""The built site: one strict build, then its HTML, page by page and link by link."""

import json
import re
from pathlib import Path
from xml.etree.ElementTree import Element

import httpx
import pytest

from catalogue.model.rows import Catalogue
from tests.checks import pages as checks
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


@pytest.mark.parametrize("folder", ["codes", "http"])
def test_every_row_has_a_page_and_no_page_is_without_a_row(
    catalogue: Catalogue, pages: dict[str, Element], folder: str
) -> None:
    assert checks.find_wrong_paths(catalogue, pages, folder) == []


def test_every_page_of_docs_is_published(pages: dict[str, Element]) -> None:
    assert checks.find_unpublished(pages) == []


def test_every_page_shows_in_which_part_of_the_site_it_stands(pages: dict[str, Element]) -> None:
    parts = {"": "Home", "codes": "Codes", "http": "HTTP statuses", "guides": "Guides", "about": "Changes"}
    shown = {
        path: [read_text(tab) for tab in iter_elements(root, "li", "md-tabs__item--active")]
        for path, root in pages.items()
        if path != "404.html"
    }
    assert shown == {path: [parts[path.rpartition("index.html")[0].partition("/")[0]]] for path in shown}


def test_the_title_of_a_code_page_is_code_and_message(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for error in catalogue.errors:
        assert checks.find_wrong_code_head(error, pages[f"codes/{error.code}/index.html"]) == []


def test_every_code_page_passes_every_check_of_its_content(
    catalogue: Catalogue, pages: dict[str, Element], server: str
) -> None:
    problems = [
        line
        for error in catalogue.errors
        for check in checks.make_code_page_checks(catalogue, server).values()
        for line in check(error, find_element(pages[f"codes/{error.code}/index.html"], "article"))
    ]
    assert problems == []


def test_nothing_is_published_unrendered(pages: dict[str, Element]) -> None:
    assert [line for path, root in pages.items() for line in checks.find_leftovers(path, root)] == []


@pytest.mark.parametrize("text", ["{{ typo }}", "{% if x %}", "Macro Rendering Error", "HTTP None"])
def test_an_unrendered_text_is_noticed(text: str) -> None:
    assert checks.find_leftovers("", parse_page("", f"<!doctype html><p>{text}</p>").root) != []


def test_every_code_and_status_page_has_its_own_description(pages: dict[str, Element]) -> None:
    generated = {path: root for path, root in pages.items() if re.match(r"(?:codes|http)/\d", path)}
    assert find_repeats(read_meta(root, "description") or "" for root in generated.values()) == []


def test_the_head_of_every_page_is_complete(pages: dict[str, Element], server: str) -> None:
    assert [line for path, root in pages.items() for line in checks.find_wrong_head(path, root, server)] == []


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
    assert [line for path, text in files.items() for line in checks.find_foreign_styles(path, text)] == []


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
    assert [line for path, root in pages.items() for line in checks.find_repeated_ids(path, root)] == []


def test_every_page_is_valid_for_a_strict_parser(parsed_pages: dict[str, Page]) -> None:
    found = [line for page in parsed_pages.values() for line in checks.find_invalid_html(page)]
    assert found == [], "Line and column are those of the HTML."


def test_no_exemption_for_the_theme_is_left_over(parsed_pages: dict[str, Page]) -> None:
    seen = {checks.name_error(error) for page in parsed_pages.values() for error in page.errors}
    assert set(checks.THEME_ERRORS) - seen == set(), "The theme has mended it: remove the exemption."


@pytest.mark.parametrize("html", ["<p><div></p></div>", '<a title="a" b">x</a>', "<b><i></b></i>", "<p>x</span>"])
def test_invalid_html_is_noticed(html: str) -> None:
    assert parse_page("", f"<!doctype html><title>x</title>{html}").errors != ()


def test_every_status_page_lists_exactly_its_codes(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for row in catalogue.statuses:
        root = pages[f"http/{row.status}/index.html"]
        assert checks.find_wrong_status_head(row, root) == []
        assert checks.find_wrong_status_page(catalogue, row, find_element(root, "article")) == []


def test_the_table_of_codes_equals_the_rows(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    tables = list(iter_elements(pages["codes/index.html"], "table", "codes"))
    assert checks.find_wrong_rows(catalogue.errors, tables, "../") == []


def test_the_home_page_has_a_row_for_every_code(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    assert checks.find_wrong_map(catalogue, pages["index.html"]) == [], "Colour alone says nothing: keep the label."


def test_the_index_of_statuses_and_the_matrix_equal_the_rows(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    index = find_element(pages["http/index.html"], "table", "statuses")
    assert checks.find_wrong_status_index(catalogue, index) == []
    matrix = find_element(pages["guides/retries/index.html"], "table", "matrix")
    assert checks.find_wrong_matrix(catalogue, matrix) == []


def test_the_search_finds_every_code_page(catalogue: Catalogue, site_dir: Path) -> None:
    assert checks.find_unsearchable(catalogue, (site_dir / "search" / "pages.json").read_bytes()) == []


def test_the_theme_fetches_a_search_index_without_entries(site_dir: Path) -> None:
    assert json.loads((site_dir / "search" / "search_index.json").read_bytes())["docs"] == []


def test_the_search_does_not_find_rows_of_the_index_tables(catalogue: Catalogue, site_dir: Path) -> None:
    assert checks.find_searchable_tables(catalogue, (site_dir / "search" / "pages.json").read_bytes()) == []


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


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("index.md", "{{ typo }}", ["typo"]),
        ("guides/clock.md", "[x](nothing.md) and [y](envelope.md#nowhere)", ["nothing.md", "#nowhere"]),
    ],
    ids=["undefined variable", "dead links in a guide"],
)
def test_a_faulty_page_stops_the_build(tmp_path: Path, name: str, text: str, words: list[str]) -> None:
    project = copy_project(tmp_path / "project")
    with (project / "docs" / name).open("a", encoding="utf-8") as page:
        page.write(f"\n{text}\n")
    result = run_build(tmp_path / "site", "https://errors.example.org/", project)
    assert result.returncode != 0
    assert [word for word in words if word not in result.stdout] == []
