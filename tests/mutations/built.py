"""Ways to spoil built pages: anchors, headings, links, facts, heads, tables, search index, files gone or too many."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from xml.etree.ElementTree import Element

from catalogue.model.loading import get_catalogue
from catalogue.model.rows import ErrorCode
from catalogue.publish.finish import SEARCH_PAGES
from tests.checks import pages
from tests.mutations.base import (
    Check,
    Mutation,
    Tree,
    add_file,
    drop_file,
    edit_file,
    make_check,
    replace_all,
    replace_text,
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


# Path → check → pairs of old and new text.
EDITS: dict[str, dict[str, list[tuple[str, str]]]] = {
    CODE_PAGE: {
        "find_wrong_anchors": [
            ('<h2 id="causes">', '<h2 id="cause">'),
            ('<h2 id="remediation">', "<h2>"),
            ('<h2 id="provenance">', '<h3 id="provenance">'),
            ('<h2 id="related-codes">', '<h2 id="new">New</h2><h2 id="related-codes">'),
            ('<h2 id="seen-in-the-wild">', '<h2 id="in-the-wild">'),
        ],
        "find_wrong_opening": [
            ('<h1 id="code-30005">', '<h1 id="code">'),
            ('<h1 id="code-30005">30005', '<h1 id="code-30005">30006'),
            ('<p class="summary">The', '<p class="summary">A'),
            ('<p class="summary">', "<p>"),
            ("</strong> Send one KEYED", "</strong> Send two KEYED"),
            ('<p class="first-step">', "<p>"),
            ("facts facts-fix", "facts facts-stop"),
        ],
        "find_wrong_facts": [
            ("<strong>Fix first</strong>", "<strong>Stop</strong>"),
            ("<strong>Not executed</strong>", "<strong>Unknown</strong>"),
            ("<strong>Developer</strong>", "<strong>Operator</strong>"),
            ('<a href="../../http/401/">401</a></strong>', '<a href="../../http/403/">401</a></strong>'),
            ('<a href="../../http/401/">401</a></strong>', '<a href="../../http/401/">403</a></strong>'),
            ("<small>Signature</small>", "<small>Clock</small>"),
            ("<span>Retry?</span>", "<span>Again?</span>"),
            ("<small>Someone who changes the code.</small>", ""),
        ],
        "find_wrong_items": [
            ("<li>The memo is wrong", "<li>The memo is right"),
            ("<li>Send one KEYED read", "<li>First</li><li>Send one KEYED read"),
            (">Official S5<", ">Official S6<"),
            (">BitMart B6s<", ">Official B6s<"),
            ('class="ev ev-official"', 'class="ev ev-community"'),
            ('<a href="../../guides/signing/#test-vector">', '<a href="../../guides/signing/#memo">'),
            ('href="https://developer.wooxpro.com/cn', 'href="https://developer.wooxpro.com/en'),
        ],
        "find_wrong_example": [
            ('<span class="m">401</span>', '<span class="m">400</span>'),
            ('<span class="mi">30005</span>', '<span class="mi">30006</span>'),
            ('Header X-API-SIGN is wrong"</span>', 'Header X-API-SIGN was wrong"</span>'),
            ("000000030005", "000000030006"),
            ("The trace is made up.", "The trace is real."),
        ],
        "find_wrong_responses": [
            ("<code>Header X-BM-SIGN is wrong", "<code>Header X-API-SIGN is wrong"),
            (" · 2025-01-10 · ", " · 2025-01-11 · "),
        ],
        "find_wrong_related": [
            ('<li><a href="../30002/">30002</a>', '<li><a href="../30002/">30003</a>'),
            ('<li><a href="../30002/">30002</a>', '<li><a href="../30003/">30002</a>'),
            ('<li><a href="../30002/">30002</a>', "<li>30002"),
        ],
        "find_wrong_provenance": [
            ("Header X-API-SIGN is wrong | 30005 | 401", "Header X-API-SIGN is wrong | 30005 | 403"),
            ("in the table of authentication codes", "in the table of contract codes"),
            ("<li>BitMart B7:", "<li>Official B7:"),
            ("../../guides/provenance/#evidence", "../../guides/provenance/#lineage"),
        ],
        "find_wrong_services": [
            ('<a href="index.json">this page', '<a href="../index.json">this page'),
            ('<a href="index.md">as Markdown', '<a href="index.txt">as Markdown'),
            ("errors.csv#L", "errors.csv#L1"),
            ("/codes/30005/#remediation\n", "/codes/30005/#causes\n"),
        ],
        "find_wrong_neighbours": [
            ('Previous: <a href="../30004/">', 'Previous: <a href="../30003/">'),
            ('Next: <a href="../30006/">', 'Next: <a href="../30007/">'),
            ("Previous: ", "Before: "),
        ],
        "find_wrong_notice": [('<h2 id="causes">', '<div class="admonition warning">Retired</div><h2 id="causes">')],
        "find_wrong_code_head": [
            ("<title>30005 Header", "<title>Header"),
            ('name="description" content="The', 'name="description" content="A'),
            ('property="og:title" content="30005', 'property="og:title" content="30006'),
        ],
        "find_wrong_head": [
            ('<html lang="en"', "<html"),
            ('name="description" content="The signature', 'name="description" content="A signature'),
            ('name="description"', 'name="summary"'),
            ('<link rel="canonical"', '<link rel="alternate"'),
            ('/codes/30005/">', '/codes/30006/">'),
            ('<meta property="og:url"', '<meta property="og:urn"'),
            ('type="text/markdown" title="This page as Markdown" href="index.md"', 'type="text/markdown" href="a.md"'),
            ('<p class="summary">', '<h1>Again</h1><p class="summary">'),
            ('property="og:image"', 'property="og:picture"'),
        ],
        "find_leftovers": [
            ('<p class="summary">', '<p class="summary">{{ summary }} '),
            ('<p class="summary">', '<p class="summary">{% raw %} '),
            ('<p class="summary">', '<p class="summary">None '),
            ('<p class="summary">', '<p class="summary">undefined '),
            ('<p class="summary">', '<p class="summary">See guide:clock '),
            ('<p class="summary">', '<p class="summary">Macro Rendering Error '),
        ],
        "find_repeated_ids": [('<p class="summary">', '<p class="summary" id="causes">')],
        "find_invalid_html": [
            ('<p class="summary">', '<p class="summary"></span>'),
            ("<ol>", "<ol></p>"),
            ('<p class="caption">', '<p class="caption" class="x">'),
            ("<!doctype html>", ""),
        ],
        "find_third_parties": [
            ('<p class="summary">', '<p class="summary"><img src="https://img.example.com/x.png" alt="">'),
            ("</head>", '<script src="https://cdn.example.com/x.js"></script></head>'),
            ("</head>", '<link rel="stylesheet" href="//fonts.example.com/x.css"></head>'),
            ("</head>", '<link rel="preconnect" href="https://fonts.example.com"></head>'),
        ],
        "find_dead_links": [
            ('<a href="../30002/">', '<a href="../30009/">'),
            ('<a href="../../http/401/">', '<a href="../../http/402/">'),
            ('<a href="../../guides/signing/#test-vector">', '<a href="../../guides/signing/#vector">'),
            ('<a href="../../guides/signing/#memo">', '<a href="../../guide/signing/#memo">'),
            ('<a href="index.json">', '<a href="errors.json">'),
            ('<h2 id="causes">', '<h2 id="cause">'),
            ('href="../../assets/images/favicon.svg"', 'href="../../assets/images/icon.svg"'),
            ("/assets/images/social", "/assets/images/antisocial"),
            ("../../assets/stylesheets/site.css", "../../assets/stylesheets/sight.css"),
        ],
    },
    STATUS_PAGE: {
        "find_wrong_status_page": [
            ('<h1 id="http-401">HTTP 401', '<h1 id="http-401">HTTP 403'),
            ('<h2 id="meaning">', '<h2 id="means">'),
            ('<h2 id="without-a-code">', "<h2>"),
            ("<li>Print the names", "<li>Print no names"),
            ("Unauthorized-Authentication failed", "Authentication failed"),
            ('data-retry="fix"', 'data-retry="backoff"'),
            ('<a href="../../codes/30001/">30001</a>', '<a href="../../codes/30002/">30001</a>'),
            (">Official S1<", ">Official S2<"),
        ],
        "find_wrong_status_head": [
            ("<title>HTTP 401", "<title>HTTP"),
            ('name="description" content="Key,', 'name="description" content="A key,'),
        ],
    },
    HOME: {
        "find_wrong_map": [
            ('href="codes/30005/"', 'href="codes/30006/"'),
            ("tile tile-stop", "tile tile-fix"),
            ("Header X-API-SIGN is wrong: Fix first", "Header X-API-SIGN is wrong: Stop"),
            ("Header X-API-SIGN is wrong: Fix first", "Header X-API-SIGN is wrong"),
            ('<span class="tile-key tile-wait"', '<span class="tile-key"'),
        ],
    },
    TABLE_PAGE: {
        "find_wrong_rows": [
            ('data-http="404"', 'data-http="400"'),
            ('data-category="routing"', 'data-category="request"'),
            ('data-retry="fix"', 'data-retry="stop"'),
            ('data-outcome="rejected"', 'data-outcome="unknown"'),
            (' data-actor="operator"', ""),
            ('<a href="../codes/30005/">', '<a href="../codes/30006/">'),
            ("<td>Not found</td>", "<td>Not there</td>"),
            ("<td>Not executed</td>", "<td>Unknown</td>"),
            ("<td>Operator</td>", "<td>Developer</td>"),
            ("Fix first</span>", "Stop</span>"),
        ],
    },
    INDEX_PAGE: {
        "find_wrong_status_index": [
            ('<a href="401/">', '<a href="403/">'),
            ('<a href="../codes/30001/"', '<a href="../codes/30002/"'),
            ("</a> Unauthorized", "</a> Forbidden"),
            ("<td>Key, signature", "<td>Signature"),
        ],
    },
    MATRIX_PAGE: {
        "find_wrong_matrix": [
            (">30013</a> </td><td>", ">30013</a> </td><td>–</td><td>"),
            ('<a href="../../codes/30014/" title', '<a href="../../codes/30013/" title'),
            (">Unknown<br>", ">Rejected<br>"),
            (">Wait, then send<br>", ">Wait<br>"),
        ],
    },
    SEARCH_PAGES: {
        "find_unsearchable": [
            ('"location":"codes/30005/"', '"location":"codes/30005"'),
            ('"title":"30005 · ', '"title":"'),
        ],
        "find_searchable_tables": [
            ('"location":"http/"', '"location":"https/"'),
            ('"location":"codes/","title":"', '"location":"codes/","title":"Header X-API-SIGN is wrong '),
        ],
    },
    STYLES: {
        "find_foreign_styles": [
            ("{", "{background:url(https://img.example.com/x.png);"),
            ("{", '{background:url("//img.example.com/x.png");'),
            ("", "@import 'other.css';"),
        ],
    },
}
SPOILT = (CODE_PAGE, STATUS_PAGE, HOME)


def list_mutations(parsed: Mapping[str, Page], folder: Path, url: str) -> list[Mutation]:
    """Return every way to spoil a built site."""
    checks = make_checks(parsed, folder, url)
    return [*list_edits(checks), *list_files(checks)]


def list_edits(checks: Mapping[str, Check]) -> Iterator[Mutation]:
    """Put other texts into the pages; all places of a text in the search index, which holds a code twice."""
    for path, by_check in EDITS.items():
        for check, edits in by_check.items():
            for number, (old, new) in enumerate(edits, 1):
                edit = replace_all(old, new) if path == SEARCH_PAGES else replace_text(old, new)
                name = f"{path} {check} {number}: {old[:40]!r} becomes {new[:40]!r}"
                yield Mutation(name, edit_file(path, edit), checks[check])


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
