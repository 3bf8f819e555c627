"""The built site: one strict build, then its HTML, page by page and link by link."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import httpx
import pytest

from catalogue.finish import SEARCH_PAGES
from catalogue.load import ERRORS
from catalogue.model import Catalogue
from catalogue.render import strip_markup
from tests.site_tools import (
    REPO_URL,
    ROOT,
    Page,
    copy_project,
    find_dead_links,
    find_element,
    find_repeats,
    find_third_parties,
    iter_elements,
    list_ids,
    list_links,
    parse_page,
    read_meta,
    read_text,
    run_build,
)

SITE_NAME = "WOO X Pro error reference"
HEADINGS = ["causes", "remediation", "example-envelope", "related-codes", "provenance"]
WILD = "seen-in-the-wild"
MAX_DESCRIPTION = 320

# Parse errors that are the theme's own, each with the reason why it stays: "path-independent error" → reason.
THEME_ERRORS: dict[str, str] = {}

# Signs of a template or macro that was published unrendered. Samples of other template languages stand in <pre>.
LEFTOVERS = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{#|Macro (?:Syntax |Rendering )?Error|\bundefined\b|\bNone\b(?! of\b)|guide:"
)


def get_code_page(pages: dict[str, Element], code: str) -> Element:
    """Return the article of a code's page."""
    return find_element(pages[f"codes/{code}/index.html"], "article")


def find_section(article: Element, anchor: str) -> list[Element]:
    """Return the elements between the heading with this id and the next heading of the same level."""
    children = list(article)
    start = next(at for at, child in enumerate(children) if child.get("id") == anchor)
    tag = children[start].tag
    end = next((at for at in range(start + 1, len(children)) if children[at].tag == tag), len(children))
    return children[start + 1 : end]


def list_items(section: list[Element]) -> list[str]:
    """Return the text of every list item of a section."""
    return [read_text(item) for element in section for item in element.iter("li")]


def iter_prose(element: Element) -> Iterator[str]:
    """Yield all text and attribute values of an element, without code, scripts and samples."""
    if element.tag not in {"pre", "code", "script", "style", "comment"}:
        yield from (value for name, value in element.items() if name in {"title", "alt", "content", "aria-label"})
        yield element.text or ""
        for child in element:
            yield from iter_prose(child)
    yield element.tail or ""


def read_search(site_dir: Path) -> dict[str, str]:
    """Return location → title and text of every entry of the search index."""
    entries = json.loads((site_dir / SEARCH_PAGES).read_bytes())["docs"]
    return {entry["location"]: f"{entry['title']} {entry['text']}" for entry in entries}


def test_every_code_has_a_page_and_no_page_is_without_a_code(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    found = {path for path in pages if path.startswith("codes/")}
    assert found == {"codes/index.html", *(f"codes/{error.code}/index.html" for error in catalogue.errors)}


def test_every_status_has_a_page_and_no_page_is_without_a_status(
    catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    found = {path for path in pages if path.startswith("http/")}
    assert found == {"http/index.html", *(f"http/{row.status}/index.html" for row in catalogue.statuses)}


def test_every_page_of_docs_is_published(pages: dict[str, Element]) -> None:
    sources = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    expected = {path.removesuffix("index.md").removesuffix(".md") for path in sources}
    found = {path.removesuffix("index.html") for path in pages if path != "404.html"}
    assert found == {f"{path}/" if path and not path.endswith("/") else path for path in expected}


def test_every_code_page_has_the_fixed_anchors_in_the_fixed_order(
    catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    for error in catalogue.errors:
        expected = [*HEADINGS[:3], WILD, *HEADINGS[3:]] if catalogue.list_observed(error.code) else HEADINGS
        found = [heading.get("id") for heading in get_code_page(pages, error.code).iter("h2")]
        assert found == expected, error.code


def test_title_and_heading_of_a_code_page_are_code_and_message(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for error in catalogue.errors:
        root = pages[f"codes/{error.code}/index.html"]
        message = " ".join(error.message.split())
        assert read_text(next(root.iter("title"))) == f"{error.code} {message} - {SITE_NAME}"
        assert [read_text(heading) for heading in root.iter("h1")] == [f"{error.code} · {message}"]


def test_every_page_has_one_first_heading(pages: dict[str, Element]) -> None:
    assert [path for path, root in pages.items() if len(list(root.iter("h1"))) != 1] == []


def test_every_code_page_begins_with_its_summary_and_first_step(
    catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    for error in catalogue.errors:
        article = get_code_page(pages, error.code)
        assert read_text(find_element(article, css_class="summary")) == strip_markup(error.summary)
        first = read_text(find_element(article, css_class="first-step"))
        assert first == f"Do first: {strip_markup(error.remediation[0].text)}"


def test_every_code_page_shows_its_facts(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for error in catalogue.errors:
        facts = find_element(get_code_page(pages, error.code), css_class="facts")
        strong = [read_text(element) for element in facts.iter("strong")]
        assert strong == [error.retry.label, error.outcome.label, error.actor.label, str(error.http_status)], error.code
        assert error.category.label in read_text(facts), error.code


def test_causes_and_steps_are_shown_as_written(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for error in catalogue.errors:
        article = get_code_page(pages, error.code)
        for anchor, items in (("causes", error.causes), ("remediation", error.remediation)):
            shown = list_items(find_section(article, anchor))
            texts = [strip_markup(item.text) for item in items]
            assert len(shown) == len(texts), f"{error.code} {anchor}"
            assert [text[: len(start)] for text, start in zip(shown, texts, strict=True)] == texts


def test_every_code_page_has_an_edit_link_to_its_row(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for error in catalogue.errors:
        hrefs = [anchor.get("href") or "" for anchor in get_code_page(pages, error.code).iter("a")]
        expected = [f"{REPO_URL}/blob/main/{ERRORS}#L{catalogue.lines[error.code]}"]
        assert [href for href in hrefs if ERRORS in href] == expected, error.code


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
    left = [
        f"{path}: {hit[0]}" for path, root in pages.items() if (hit := LEFTOVERS.search(" ".join(iter_prose(root))))
    ]
    assert left == []


@pytest.mark.parametrize("text", ["{{ typo }}", "{% if x %}", "Macro Rendering Error", "HTTP None"])
def test_an_unrendered_text_is_noticed(text: str) -> None:
    assert LEFTOVERS.search(" ".join(iter_prose(parse_page("", f"<!doctype html><p>{text}</p>").root)))


def test_every_page_has_a_description_of_bounded_length(pages: dict[str, Element]) -> None:
    texts = {path: read_meta(root, "description") or "" for path, root in pages.items()}
    assert {path: text for path, text in texts.items() if not 0 < len(text) <= MAX_DESCRIPTION} == {}


def test_every_code_and_status_page_has_its_own_description(pages: dict[str, Element]) -> None:
    generated = {path: root for path, root in pages.items() if re.match(r"(?:codes|http)/\d", path)}
    assert find_repeats(read_meta(root, "description") or "" for root in generated.values()) == []


def test_every_page_but_404_names_its_own_address(pages: dict[str, Element], server: str) -> None:
    found = {path: [link.url for link in list_links(root) if "canonical" in link.rel] for path, root in pages.items()}
    assert found == {
        path: [urljoin(server, path.removesuffix("index.html"))] if path != "404.html" else [] for path in pages
    }


def test_every_internal_link_leads_to_a_file_and_an_id(
    parsed_pages: dict[str, Page], site_dir: Path, server: str
) -> None:
    assert find_dead_links(parsed_pages, site_dir, server) == [], "Correct the link, or restore its target."


@pytest.mark.parametrize(
    "link", ["gone/", "codes/30009/", "/gone.html", "codes/30005/#gone", "#gone", "codes/30005/gone.json", "gone.css"]
)
def test_a_dead_link_is_found(parsed_pages: dict[str, Page], site_dir: Path, server: str, link: str) -> None:
    page = parse_page("index.html", f'<!doctype html><title>x</title><a id="here" href="{link}">x</a>')
    assert len(find_dead_links({**parsed_pages, "index.html": page}, site_dir, server)) == 1


def test_no_page_fetches_anything_from_elsewhere(parsed_pages: dict[str, Page], server: str) -> None:
    assert [line for page in parsed_pages.values() for line in find_third_parties(page, server)] == []


def test_no_style_sheet_fetches_anything_from_elsewhere(site_dir: Path) -> None:
    foreign = re.compile(r"url\(\s*[\"']?(?:https?:)?//|@import")
    files = [path for path in site_dir.rglob("*.css") if foreign.search(path.read_text("utf-8"))]
    assert files == []


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
    repeats = {path: find_repeats(list_ids(root)) for path, root in pages.items()}
    assert {path: ids for path, ids in repeats.items() if ids} == {}


def test_every_page_is_valid_for_a_strict_parser(parsed_pages: dict[str, Page]) -> None:
    found = {path: page.errors for path, page in parsed_pages.items()}
    ours = {
        path: [error for error in errors if name_error(error) not in THEME_ERRORS] for path, errors in found.items()
    }
    assert {path: errors for path, errors in ours.items() if errors} == {}, "Line and column are those of the HTML."


def test_no_exemption_for_the_theme_is_left_over(parsed_pages: dict[str, Page]) -> None:
    seen = {name_error(error) for page in parsed_pages.values() for error in page.errors}
    assert set(THEME_ERRORS) - seen == set(), "The theme has mended it: remove the exemption."


def name_error(error: str) -> str:
    """Return a parse error without its position."""
    return error.split(": ", 1)[1]


@pytest.mark.parametrize("html", ["<p><div></p></div>", '<a title="a" b">x</a>', "<b><i></b></i>", "<p>x</span>"])
def test_invalid_html_is_noticed(html: str) -> None:
    assert parse_page("", f"<!doctype html><title>x</title>{html}").errors != ()


def test_every_status_page_lists_exactly_its_codes(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    for row in catalogue.statuses:
        article = find_element(pages[f"http/{row.status}/index.html"], "article")
        rows = [element for part in find_section(article, "codes") for element in part.iter("tr")]
        listed = [read_text(next(element.iter("a"))) for element in rows if element.get("data-retry")]
        assert listed == [error.code for error in catalogue.errors if error.http_status == row.status]


def test_the_table_of_codes_equals_the_rows(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    table = find_element(pages["codes/index.html"], "table", "codes")
    found = [
        (read_text(row.findall("th")[0]), {name: value for name, value in row.items() if name.startswith("data-")})
        for row in table.iter("tr")
        if row.get("data-retry")
    ]
    assert found == [
        (
            error.code,
            {
                "data-http": str(error.http_status),
                "data-category": error.category.value,
                "data-retry": error.retry.value,
                "data-outcome": error.outcome.value,
                "data-actor": error.actor.value,
            },
        )
        for error in catalogue.errors
    ]


def test_the_table_of_codes_shows_every_message(catalogue: Catalogue, pages: dict[str, Element]) -> None:
    table = find_element(pages["codes/index.html"], "table", "codes")
    cells = [[read_text(cell) for cell in row.iter("td")] for row in table.iter("tr") if row.get("data-retry")]
    assert [row[0] for row in cells] == [" ".join(error.message.split()) for error in catalogue.errors]


def test_the_map_has_a_tile_for_every_code_with_its_retry_in_words(
    catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    tiles = {tile.get("href"): tile for tile in iter_elements(pages["index.html"], css_class="tile")}
    assert set(tiles) == {f"codes/{error.code}/" for error in catalogue.errors}
    for error in catalogue.errors:
        tile = tiles[f"codes/{error.code}/"]
        assert read_text(tile).startswith(error.code)
        assert error.retry.label in read_text(tile), "Colour alone says nothing: keep the label."
        assert f"tile-{error.retry}" in (tile.get("class") or "").split()


def test_the_search_finds_every_code_page(catalogue: Catalogue, site_dir: Path) -> None:
    entries = read_search(site_dir)
    expected = {f"codes/{error.code}/": f"{error.code} · {error.message}" for error in catalogue.errors}
    titles = {place: entries.get(place, "")[: len(title)] for place, title in expected.items()}
    assert titles == {place: " ".join(title.split()) for place, title in expected.items()}


def test_the_search_does_not_find_rows_of_the_index_tables(catalogue: Catalogue, site_dir: Path) -> None:
    tables = {
        place: text
        for place, text in read_search(site_dir).items()
        if re.fullmatch(r"(?:#.*)?|codes/(?:#.*)?|http/(?:#.*)?|http/\d+/#codes", place)
    }
    assert set(tables) >= {"", "codes/", "http/"}
    long = [error.message for error in catalogue.errors if len(error.message) > 10]
    assert [place for place, text in tables.items() if any(message in text for message in long)] == []


def fetch(url: str) -> httpx.Response:
    """Get an address of a test server, past any proxy of the environment."""
    return httpx.get(url, follow_redirects=True, trust_env=False, timeout=10)


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


def test_the_site_works_below_a_folder_of_a_host(subpath_server: str) -> None:
    assert fetch(f"{subpath_server}codes/30005/").status_code == 200
    missing = fetch(f"{subpath_server}deep/down/30005")
    assert missing.status_code == 404
    inner = [link for link in list_links(parse_page("404.html", missing.text).root) if link.url.startswith("/")]
    assert {link.url for link in inner if not link.url.startswith("/woo/")} == set()
    assert {fetch(urljoin(subpath_server, link.url)).status_code for link in inner} == {200}


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
