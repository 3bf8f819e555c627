"""Ways to spoil built pages: one a check, and files gone or too many."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from xml.etree.ElementTree import Element

from catalogue.model.loading import get_catalogue
from catalogue.model.rows import ErrorCode
from tests.checks import pages
from tests.mutations.base import (
    Check,
    Mutation,
    Tree,
    add_file,
    drop_file,
    edit_file,
    make_check,
)
from tests.site_tools import (
    Page,
    find_dead_links,
    find_element,
    find_third_parties,
    index_ids,
    iter_elements,
    parse_page,
)

CODE = "30005"
CODE_PAGE, STATUS_PAGE = f"codes/{CODE}/index.html", "http/401/index.html"
HOME, TABLE_PAGE, INDEX_PAGE, MATRIX_PAGE = (
    "index.html",
    "codes/index.html",
    "http/index.html",
    "guides/retries/index.html",
)
SEARCH_PAGES = "search/pages.json"
STYLES = "assets/stylesheets/site.css"


def read_tree(folder: Path) -> Tree:
    """Return the HTML files of a built site, its search index and its stylesheet."""
    files = [*folder.rglob("*.html"), folder / SEARCH_PAGES, folder / STYLES]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@lru_cache(maxsize=32)
def parse(path: str, content: bytes) -> Page:
    """Parse a page, once for all checks."""
    return parse_page(path, content.decode())


def on_page(path: str, look: Callable[[Element], list[str]]) -> Callable[[Tree], list[str]]:
    """Return how to look at one page of a tree."""
    return lambda tree: look(parse(path, tree[path]).root)


def find_article(root: Element) -> Element:
    """Return the content of a page."""
    return find_element(root, "article")


def on_code(check: Callable[[ErrorCode, Element], list[str]]) -> Callable[[Tree], list[str]]:
    """Return how to look at the content of the code's page."""
    return on_page(CODE_PAGE, lambda root: check(get_catalogue().by_code[CODE], find_article(root)))


def on_each(look: Callable[[str, Element], list[str]]) -> Callable[[Tree], list[str]]:
    """Return how to look at each of the pages that are spoilt here."""
    return lambda tree: [line for path in SPOILT for line in look(path, parse(path, tree[path]).root)]


def make_link_check(parsed: Mapping[str, Page], folder: Path, url: str) -> Check:
    """Return the check of links: those of the spoilt pages, with the ids of all pages."""
    ids = index_ids(parsed)

    def look(tree: Tree) -> list[str]:
        spoilt = {path: parse(path, tree[path]) for path in SPOILT}
        return find_dead_links(spoilt, folder, url, ids | index_ids(spoilt))

    return make_check(find_dead_links, look)


def make_checks(parsed: Mapping[str, Page], folder: Path, url: str) -> dict[str, Check]:
    """Return name → check of built pages."""
    catalogue = get_catalogue()
    error, status = catalogue.by_code[CODE], catalogue.by_status[401]
    looks: dict[str, Callable[[Tree], list[str]]] = {
        name: on_code(check) for name, check in pages.make_code_page_checks(catalogue, url).items()
    }
    looks |= {
        "find_wrong_code_head": on_page(CODE_PAGE, lambda root: pages.find_wrong_code_head(error, root)),
        "find_wrong_status_head": on_page(STATUS_PAGE, lambda root: pages.find_wrong_status_head(status, root)),
        "find_wrong_status_page": on_page(
            STATUS_PAGE, lambda root: pages.find_wrong_status_page(catalogue, status, find_article(root))
        ),
        "find_wrong_head": on_each(lambda path, root: pages.find_wrong_head(path, root, url)),
        "find_leftovers": on_each(pages.find_leftovers),
        "find_repeated_ids": on_each(pages.find_repeated_ids),
        "find_invalid_html": lambda tree: [
            line for path in SPOILT for line in pages.find_invalid_html(parse(path, tree[path]))
        ],
        "find_third_parties": lambda tree: [
            line for path in SPOILT for line in find_third_parties(parse(path, tree[path]), url)
        ],
        "find_wrong_map": on_page(HOME, lambda root: pages.find_wrong_map(catalogue, root)),
        "find_wrong_rows": on_page(
            TABLE_PAGE,
            lambda root: pages.find_wrong_rows(catalogue.errors, list(iter_elements(root, "table", "codes")), "../"),
        ),
        "find_wrong_status_index": on_page(
            INDEX_PAGE,
            lambda root: pages.find_wrong_status_index(catalogue, find_element(root, "table", "statuses")),
        ),
        "find_wrong_matrix": on_page(
            MATRIX_PAGE, lambda root: pages.find_wrong_matrix(catalogue, find_element(root, "table", "matrix"))
        ),
        "find_wrong_paths": lambda tree: [
            line for name in ("codes", "http") for line in pages.find_wrong_paths(catalogue, tree, name)
        ],
        "find_unpublished": pages.find_unpublished,
        "find_unsearchable": lambda tree: pages.find_unsearchable(catalogue, tree[SEARCH_PAGES]),
        "find_searchable_tables": lambda tree: pages.find_searchable_tables(catalogue, tree[SEARCH_PAGES]),
        "find_foreign_styles": lambda tree: pages.find_foreign_styles(STYLES, tree[STYLES].decode()),
    }
    return {name: Check(name, look) for name, look in looks.items()} | {
        "find_dead_links": make_link_check(parsed, folder, url)
    }


# Path → check → one pattern and what takes its place: the checks' finer points are tried on the templates.
EDITS: dict[str, dict[str, tuple[str, str]]] = {
    CODE_PAGE: {
        "find_wrong_anchors": (r'<h2 id="causes">', '<h2 id="cause">'),
        "find_wrong_opening": (r'<p class="summary">', "<p>"),
        "find_wrong_facts": (r"<dd>[^<]+</dd>", "<dd>Never</dd>"),
        "find_wrong_items": (r"<li>(?=[^<]*<a class=\"ev)", "<li>Not. "),
        "find_wrong_example": (r'<span class="mi">', '<span class="mi">9'),
        "find_wrong_responses": (r'(id="seen-in-the-wild".*?)<code>', r"\1<code>x"),
        "find_wrong_look_up": (r"</h1>", '</h1><h2 id="was-it-executed">Was it executed?</h2><pre>x</pre>'),
        "find_wrong_requests": (r"<mark>", "<mark>x"),
        "find_wrong_terms": (r'href="[^"]*glossary/#', 'href="../../guides/retries/#'),
        "find_wrong_related": (r'(id="related-codes".*?<a href=")\.\./', r"\1../9"),
        "find_wrong_provenance": (r" \| 401", " | 403"),
        "find_wrong_services": (r"errors\.csv#L", "errors.csv#L1"),
        "find_wrong_way": (r'(<ol class="way".*?<li>)', r"\1Then "),
        "find_wrong_frame": (r'data-actions="', 'data-actions="9'),
        "find_wrong_neighbours": (r"Previous: ", "Before: "),
        "find_wrong_notice": (r'<h2 id="causes">', '<div class="admonition warning">Retired</div><h2 id="causes">'),
        "find_wrong_code_head": (r"<title>\d+", "<title>"),
        "find_wrong_head": (r'<html lang="en"', "<html"),
        "find_leftovers": (r'<p class="summary">', '<p class="summary">{{ summary }} '),
        "find_repeated_ids": (r'<p class="summary">', '<p class="summary" id="causes">'),
        "find_invalid_html": (r'<p class="summary">', '<p class="summary"></span>'),
        "find_third_parties": (r"</head>", '<script src="https://cdn.example.com/x.js"></script></head>'),
        "find_dead_links": (r'href="\.\./\.\./http/401/"', 'href="../../http/402/"'),
    },
    STATUS_PAGE: {
        "find_wrong_status_page": (r'<h2 id="meaning">', '<h2 id="means">'),
        "find_wrong_status_head": (r"<title>HTTP 401", "<title>HTTP"),
    },
    HOME: {"find_wrong_map": (r'href="codes/30005/"', 'href="codes/30006/"')},
    TABLE_PAGE: {"find_wrong_rows": (r'data-retry="fix"', 'data-retry="stop"')},
    INDEX_PAGE: {"find_wrong_status_index": (r'<a href="401/">', '<a href="403/">')},
    MATRIX_PAGE: {"find_wrong_matrix": (r'(class="matrix".*?)codes/30014/', r"\1codes/30013/")},
    SEARCH_PAGES: {
        "find_unsearchable": (r'"location":"codes/30005/"', '"location":"codes/30005"'),
        "find_searchable_tables": (r'"location":"http/"', '"location":"https/"'),
    },
    STYLES: {"find_foreign_styles": (r"\A", "@import 'other.css';")},
}
SPOILT = (CODE_PAGE, STATUS_PAGE, HOME)


def list_mutations(parsed: Mapping[str, Page], folder: Path, url: str) -> list[Mutation]:
    """Return every way to spoil a built site."""
    checks = make_checks(parsed, folder, url)
    return [*list_edits(checks), *list_files(checks)]


def list_edits(checks: Mapping[str, Check]) -> Iterator[Mutation]:
    """Put another text in the place of a pattern, once a check."""
    for path, by_check in EDITS.items():
        for check, (pattern, new) in by_check.items():
            found = re.compile(pattern.encode(), re.DOTALL)
            edit = partial(found.sub, new.encode(), count=1)
            yield Mutation(f"{path} {check}", edit_file(path, edit), checks[check])


def list_files(checks: Mapping[str, Check]) -> Iterator[Mutation]:
    """Remove pages, and add pages without a row or a source."""
    for path in (CODE_PAGE, STATUS_PAGE, TABLE_PAGE, "codes/1000/index.html"):
        yield Mutation(f"{path} removed", drop_file(path), checks["find_wrong_paths"], path)
    for path in (CODE_PAGE, HOME, MATRIX_PAGE, "about/changes/index.html"):
        place = path.removesuffix("index.html") or "./"
        yield Mutation(f"{path} removed (docs)", drop_file(path), checks["find_unpublished"], place)
    for path in ("codes/30009/index.html", "http/402/index.html", "codes/30005.html"):
        yield Mutation(f"{path} added", add_file(path, b"x"), checks["find_wrong_paths"], path)
    for path in ("guides/new/index.html", "new.html"):
        yield Mutation(f"{path} added (docs)", add_file(path, b"x"), checks["find_unpublished"], "new")
