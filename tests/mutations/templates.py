"""Ways to spoil templates/: headings, facts, order, links, values, front matter. Pages are rendered in memory."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from jinja2 import DictLoader

from catalogue import render
from catalogue.model.loading import get_catalogue
from catalogue.model.rows import Catalogue, ErrorCode, HttpStatusRow, Item
from catalogue.paths import ERRORS
from catalogue.render.links import Site
from catalogue.render.templates import _get_environment
from tests.checks import exports, pages
from tests.mutations.base import Check, Mutation, Tree, edit_file, make_check, replace_all, replace_text
from tests.site_tools import REPO_URL, parse_page

SITE = Site("https://errors.example.org/", REPO_URL)
# Real responses and a note; the first code; a bare row; a retired one; a message that Markdown would change.
OBSERVED_CODE, FIRST_CODE, BARE_CODE, RETIRED_CODE, ODD_CODE = "30005", "1000", "40038", "40050", "40002"
SAMPLES = (OBSERVED_CODE, FIRST_CODE, BARE_CODE, RETIRED_CODE, ODD_CODE)
STATUSES = (401, 400, 500)
ERROR, ALTERNATE = "error.md.jinja", "error_alternate.md.jinja"
STATUS, STATUS_ALTERNATE = "status.md.jinja", "status_alternate.md.jinja"


def read_tree() -> Tree:
    """Return the templates."""
    return {file.name: file.read_bytes() for file in sorted(render.TEMPLATES.iterdir())}


def make_catalogue() -> Catalogue:
    """Return the rows, with one code retired, and one without sources and related codes."""
    catalogue = get_catalogue()
    items = tuple(Item(text=f"A plain line of number {number}.", evidence=()) for number in (1, 2))
    bare: dict[str, object] = {"causes": items, "remediation": items, "related": (), "note": None}
    changes: dict[str, dict[str, object]] = {RETIRED_CODE: {"retired": "2027-01-31"}, BARE_CODE: bare}
    errors = tuple(error.model_copy(update=changes.get(error.code, {})) for error in catalogue.errors)
    observed = tuple(row for row in catalogue.observed if row.code != BARE_CODE)
    return replace(catalogue, errors=errors, observed=observed)


CATALOGUE = make_catalogue()


@contextmanager
def use_templates(tree: Tree) -> Iterator[None]:
    """Render with other templates for a while."""
    sources = {name: content.decode() for name, content in tree.items()}
    environment = _get_environment().overlay(loader=DictLoader(sources))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "_get_environment", lambda: environment)
        yield


def look_at(look: Callable[[], list[str]]) -> Callable[[Tree], list[str]]:
    """Return how to look at what the templates of a tree render."""

    def look_at_tree(tree: Tree) -> list[str]:
        with use_templates(tree):
            return look()

    return look_at_tree


def find_first(looks: Iterable[list[str]]) -> list[str]:
    """Return the first objections; the samples after them need not be rendered."""
    return next((lines for lines in looks if lines), [])


def on_pages(name: str) -> Check:
    """Return a check of code pages over the rendered samples."""
    check = pages.make_code_page_checks(CATALOGUE, SITE.url)[name]

    def look() -> list[str]:
        return find_first(check(CATALOGUE.by_code[code], render_article(code)) for code in SAMPLES)

    return Check(name, look_at(look))


def render_article(code: str) -> Element:
    """Render the page of a code and turn it into a tree."""
    return pages.convert_article(render.render_error_page(CATALOGUE, code, SITE))


def on_alternates(function: Callable[..., list[str]], look: Callable[[ErrorCode, str], list[str]]) -> Check:
    """Return a check of code alternates over the rendered samples."""

    def look_at_alternates() -> list[str]:
        errors = [CATALOGUE.by_code[code] for code in SAMPLES]
        return find_first(look(e, f"{render.render_error_alternate(CATALOGUE, e.code, SITE)}\n") for e in errors)

    return make_check(function, look_at(look_at_alternates))


def on_statuses(function: Callable[..., list[str]], look: Callable[[HttpStatusRow], list[str]]) -> Check:
    """Return a check of statuses over the rendered samples."""
    rows = [CATALOGUE.by_status[status] for status in STATUSES]
    return make_check(function, look_at(lambda: find_first(look(row) for row in rows)))


def check_front(error: ErrorCode, text: str) -> list[str]:
    """Compare the front matter of a alternate with the CSV row; the row made up here is left out."""
    row = next(row for row in exports.read_rows(ERRORS) if row["code"] == error.code)
    row |= {"retired": error.retired or "", "related": ";".join(error.related)}
    return exports.find_wrong_front(row, text, SITE.url)


def on_html(function: Callable[..., list[str]], look: Callable[[], list[str]]) -> Check:
    """Return a check of a fragment of HTML."""
    return make_check(function, look_at(look))


def parse(html: str) -> Element:
    """Parse a fragment of HTML."""
    return parse_page("", html).root


def look_at_table() -> list[str]:
    """Look at the table of all codes."""
    html = render.render_code_table(CATALOGUE, CATALOGUE.errors, "All", "../")
    return pages.find_wrong_rows(CATALOGUE.errors, list(parse(html).iter("table")), "../")


ALTERNATES = on_alternates(
    exports.find_wrong_alternate, lambda error, text: exports.find_wrong_alternate(CATALOGUE, error, text)
)
FRONTS = on_alternates(exports.find_wrong_front, check_front)
MARKUP = on_alternates(
    exports.find_theme_markup, lambda _, text: exports.find_theme_markup(exports.split_alternate(text)[1])
)
GAPS = on_alternates(exports.find_wide_gaps, lambda _, text: exports.find_wide_gaps(exports.split_alternate(text)[1]))
STATUS_PAGES = on_statuses(
    pages.find_wrong_status_page,
    lambda row: pages.find_wrong_status_page(
        CATALOGUE, row, pages.convert_article(render.render_status_page(CATALOGUE, row.status, SITE))
    ),
)
STATUS_ALTERNATES = on_statuses(
    exports.find_wrong_status_alternate,
    lambda row: exports.find_wrong_status_alternate(
        CATALOGUE, row, f"{render.render_status_alternate(CATALOGUE, row.status, SITE)}\n", SITE.url
    ),
)
TABLE = on_html(pages.find_wrong_rows, look_at_table)
TILES = on_html(
    pages.find_wrong_tiles, lambda: pages.find_wrong_tiles(CATALOGUE, parse(render.render_code_map(CATALOGUE)))
)
MATRIX = on_html(
    pages.find_wrong_matrix, lambda: pages.find_wrong_matrix(CATALOGUE, parse(render.render_retry_matrix(CATALOGUE)))
)
INDEX = on_html(
    pages.find_wrong_status_index,
    lambda: pages.find_wrong_status_index(CATALOGUE, parse(render.render_status_index(CATALOGUE))),
)
SOURCES = on_html(
    pages.find_wrong_source_list,
    lambda: pages.find_wrong_source_list(CATALOGUE, pages.convert_article(render.render_source_list(CATALOGUE))),
)
ANCHORS = make_check(
    pages.find_implied_anchors,
    look_at(lambda: pages.find_implied_anchors(render.render_error_page(CATALOGUE, OBSERVED_CODE, SITE))),
)
PAGES = {name: on_pages(name) for name in pages.make_code_page_checks(CATALOGUE, SITE.url)}

HEADING_LINES = {
    "causes": "## Causes { #causes }",
    "remediation": "## Remediation { #remediation }",
    "example-envelope": "## Example envelope { #example-envelope }",
    "seen-in-the-wild": "## Seen in the wild { #seen-in-the-wild }",
    "related-codes": "## Related codes { #related-codes }",
    "provenance": "## Provenance { #provenance }",
}
# What is put in place of what in error.md.jinja: check → pairs of old and new text.
ERROR_EDITS: dict[str, list[tuple[str, str]]] = {
    "find_wrong_opening": [
        ("{ #code-{{ error.code }} }", ""),
        ("{ #code-{{ error.code }} }", "{ #error-{{ error.code }} }"),
        ("# {{ error.code }} · {{ error.message | md }}", "# {{ error.message | md }}"),
        ("# {{ error.code }} · {{ error.message | md }}", "# {{ error.code }} · {{ error.summary | md }}"),
        ("{{ prose(error.summary, own) }}\n{ .summary }", "{{ prose(error.summary, own) }}"),
        ("{{ prose(error.summary, own) }}\n{ .summary }", "{{ error.message | md }}\n{ .summary }"),
        ("error.remediation[0]", "error.remediation[1]"),
        ("error.remediation[0]", "error.remediation[-1]"),
        ("error.remediation[0]", "error.causes[0]"),
        ("\n{ .first-step }", ""),
        ("**Do first:** {{ prose(error.remediation[0].text, own) }}\n{ .first-step }\n", ""),
        ("facts facts-{{ error.retry }}", "facts"),
    ],
    "find_wrong_facts": [
        ("<strong>{{ error.retry.label | e }}", "<strong>{{ error.outcome.label | e }}"),
        ("<strong>{{ error.outcome.label | e }}", "<strong>{{ error.retry.label | e }}"),
        ("<strong>{{ error.actor.label | e }}", "<strong>Developer"),
        ("{{ error.retry.description | e }}", "{{ error.outcome.description | e }}"),
        ("<span>Who acts?</span>", "<span>Who pays?</span>"),
        ("<span>Did a write go through?</span>", "<span>Retry?</span>"),
        ('<a href="../../http/{{ error.http_status }}/">{{ error.http_status }}</a>', "{{ error.http_status }}"),
        (
            '<a href="../../http/{{ error.http_status }}/">{{ error.http_status }}</a>',
            '<a href="../../http/200/">200</a>',
        ),
        ("<small>{{ error.category.label | e }}</small>", "<small>{{ error.category }}</small>"),
        ("<small>{{ error.category.label | e }}</small>", "<small>{{ error.section.label }}</small>"),
        ('<div class="facts facts-{{ error.retry }}">', "<div>"),
    ],
    "find_wrong_items": [
        ("{% for item in error.causes %}", "{% for item in error.causes | reverse %}"),
        ("{% for item in error.causes %}", "{% for item in error.causes[1:] %}"),
        ("{% for item in error.causes %}", "{% for item in error.remediation %}"),
        ("{% for item in error.remediation %}", "{% for item in error.remediation | reverse %}"),
        ("{% for item in error.remediation %}", "{% for item in error.remediation[:-1] %}"),
        ("1. {{ prose(item.text, own) }} {{ tags(item) }}", "1. {{ prose(item.text, own) }}"),
        ("1. {{ prose(item.text, own) }} {{ tags(item) }}", "- {{ prose(item.text, own) }} {{ tags(item) }}"),
        ("1. {{ prose(item.text, own) }} {{ tags(item) }}", "1. {{ item.text }} {{ tags(item) }}"),
        ("1. {{ prose(item.text, own) }} {{ tags(item) }}", "1. {{ prose(item.text, own) }} {{ keys(item) }}"),
        ("1. {{ prose(item.text, own) }} {{ tags(item) }}", "1. {{ tags(item) }} {{ prose(item.text, own) }}"),
    ],
    "find_wrong_example": [
        ("```http\n{{ head }}\n```\n", ""),
        ("```json\n{{ body }}\n```\n", ""),
        ("{{ head }}", "{{ body }}"),
        ("{{ body }}", '{"code": {{ error.code }}, "message": "{{ error.message }}"}'),
        ("The trace is made up.", ""),
        ("{ .caption }", ""),
    ],
    "find_wrong_responses": [
        ("{% for response in observed %}", "{% for response in observed | reverse %}"),
        ("{{ response.wording | span }}", "{{ response.wording | upper | span }}"),
        ("{{ response.wording | span }}", "{{ error.message | span }}"),
        (" · HTTP {{ links.status(response.http_status) }}", ""),
        ("{% if response.date %} · {{ response.date }}{% endif %}", ""),
        ("{{ describe_source(catalogue.sources[response.source]) }}", "{{ response.source }}"),
        ("{{ prose(response.note, own) }}", ""),
        ('{{ response.body | replace("\\n", "\\n    ") }}', "{{ response.wording }}"),
        ("{% if observed %}", "{% if not observed %}"),
    ],
    "find_wrong_related": [
        ("{% for other in related %}", "{% for other in related | reverse %}"),
        ("{% for other in related %}", "{% for other in related[1:] %}"),
        ("- {{ links.code(other.code) }}", "- {{ other.code }}"),
        ("- {{ links.code(other.code) }}", "- {{ links.code(error.code) }}"),
        ("{{ other.message | md }} — {{ prose(other.summary, own) }}", "{{ other.message | md }}"),
        ("{{ prose(other.summary, own) }}", "{{ prose(error.summary, own) }}"),
        ("{% else %}\nNo other code is easily confused with this one.\n", ""),
    ],
    "find_wrong_provenance": [
        ("{{ error.message }} | {{ error.code }} | {{ error.http_status }}", "{{ error.message }} | {{ error.code }}"),
        ("{{ error.message }} | {{ error.code }}", "{{ error.message | md }} | {{ error.code }}"),
        ("in the table of {{ error.section.label | lower }} codes", "in the table of contract codes"),
        ("{{ prose(error.note.text, own) }}", ""),
        ("{% if error.note %}", "{% if false %}"),
        ("{{ source.kind.label }} {{ source.key }}:", "{{ source.key }}:"),
        ("{% for source in evidence %}", "{% for source in evidence[1:] %}"),
        ("- {{ source.kind.label }} {{ source.key }}: {{ describe_source(source) }}", "- {{ source.key }}"),
        ('([what the kinds mean]({{ links.page("guides/provenance#evidence") }}))', "(what the kinds mean)"),
        ("guides/provenance#evidence", "guides/provenance"),
        ("All causes and steps are our inference.", ""),
    ],
    "find_wrong_services": [
        ('<a href="index.json">this page as JSON</a>', "this page as JSON"),
        ('<a href="index.md">', '<a href="page.md">'),
        ("#L{{ line }}", ""),
        ("#L{{ line }}", "#L{{ line + 1 }}"),
        ("data/errors.csv", "data/error.csv"),
        ('{{ site.locate("codes/" ~ error.code ~ "/") }}', "/codes/{{ error.code }}/"),
        ("/#remediation", "/#causes"),
        ("[{{ error.code }} {{ error.message | md }}]", "[{{ error.code }}]"),
    ],
    "find_wrong_neighbours": [
        ('{{ "Previous" if other.code', '{{ "Next" if other.code'),
        ('{{ links.page("codes/" ~ other.code) }}', '{{ links.page("codes/" ~ error.code) }}'),
        ("{% for other in neighbours %}", "{% for other in neighbours[1:] %}"),
        ("\n{ .neighbours }", ""),
        ("{{ other.code }} {{ other.message | md }}]", "{{ other.code }}]"),
    ],
    "find_wrong_notice": [
        ("{% if error.retired %}", "{% if not error.retired %}"),
        ("{% if error.retired %}", "{% if false %}"),
        ("since {{ error.retired }}", "any more"),
        ("Old logs may still hold it, so this page stays.", ""),
        ('<p class="admonition-title">Retired</p>', '<p class="admonition-title">Note</p>'),
    ],
}
ALTERNATE_EDITS: list[tuple[str, str]] = [
    ("# {{ error.code }} · {{ error.message | md }}", "# {{ error.message | md }}"),
    ("## Causes", "## Cause"),
    ("## Remediation", "## Steps"),
    ("## Example envelope", ""),
    ("## Related codes", "## See also"),
    ("## Provenance", "### Provenance\n\n## Sources"),
    ("{{ prose(error.summary, own) }}", ""),
    ("- Retry: {{ error.retry.label }} (`{{ error.retry }}`)", "- Retry: {{ error.retry.label }}"),
    ("- Outcome of a write: {{ error.outcome.label }}", "- Outcome of a write: {{ error.retry.label }}"),
    ("(`{{ error.actor }}`)", "(`{{ error.outcome }}`)"),
    ("- HTTP status: {{ links.status(error.http_status) }}\n", ""),
    ("- Category: {{ error.category.label }}", "- Category: {{ error.section.label }}"),
    ("{% for item in error.causes %}", "{% for item in error.causes[1:] %}"),
    ("{% for item in error.remediation %}", "{% for item in error.remediation | reverse %}"),
    ("{{ loop.index }}. {{ prose(item.text, own) }} {{ keys(item) }}", "{{ loop.index }}. {{ prose(item.text, own) }}"),
    ("{{ loop.index }}. {{ prose(item.text, own) }}", "- {{ prose(item.text, own) }}"),
    ("{{ head }}", "{{ body }}"),
    ("```json\n{{ body }}\n```\n", ""),
    ('{{ response.body | replace("\\n", "\\n    ") }}', "{{ response.wording }}"),
    ("{% for other in related %}", "{% for other in related[1:] %}"),
    ("{{ other.message | md }}: {{ prose(other.summary, own) }}", "{{ other.message | md }}"),
    ("No other code is easily confused with this one.", ""),
    ("{{ error.message }} | {{ error.code }} | {{ error.http_status }}", "{{ error.code }}"),
    ("{{ prose(error.note.text, own) }}", ""),
    ("{% for source in evidence %}", "{% for source in evidence[1:] %}"),
    ("{{ source.kind.label }}: {{ describe_source(source) }}", "{{ describe_source(source) }}"),
    ("All causes and steps are our inference.", ""),
]
FRONT_EDITS: list[tuple[str, str]] = [
    ('code: "{{ error.code }}"', "code: {{ error.code }}"),
    ("message: {{ error.message | quoted }}\n", ""),
    ("http_status: {{ error.http_status }}", 'http_status: "{{ error.http_status }}"'),
    ("section: {{ error.section }}", "section: {{ error.section.label }}"),
    ("retry: {{ error.retry }}", "retry: {{ error.outcome }}"),
    ("outcome: {{ error.outcome }}", "outcome: {{ error.retry }}"),
    ("actor: {{ error.actor }}", "actor: {{ error.actor.label }}"),
    ("summary: {{ error.summary | unlink | quoted }}", "summary: {{ error.message | quoted }}"),
    ('related: [{{ error.related | map("quoted") | join(", ") }}]', "related: []"),
    ('keywords: [{{ error.keywords | map("quoted") | join(", ") }}]\n', ""),
    ("quoted if error.retired else", "quoted if not error.retired else"),
    ('"codes/" ~ error.code ~ "/"', '"code/" ~ error.code ~ "/"'),
]
STATUS_EDITS: list[tuple[str, str]] = [
    ("{ #http-{{ row.status }} }", ""),
    ("# HTTP {{ row.status }} · {{ row.reason | md }}", "# {{ row.reason | md }}"),
    ("{{ prose(row.summary) }}\n{ .summary }", "{{ prose(row.summary) }}"),
    ("{ #meaning }", "{ #means }"),
    ("{ #without-a-code }", ""),
    ("## Codes sent with {{ row.status }} { #codes }", ""),
    ("{% for item in row.meaning %}", "{% for item in row.meaning[1:] %}"),
    ("{% for item in row.steps %}", "{% for item in row.steps | reverse %}"),
    ("- {{ prose(item.text) }} {{ tags(item) }}", "- {{ prose(item.text) }}"),
    ("1. {{ prose(item.text) }} {{ tags(item) }}", "- {{ prose(item.text) }} {{ tags(item) }}"),
    ("{{ status_codes }}", ""),
    ("“{{ row.description | md }}”", "“{{ row.summary | md }}”"),
    ("{% if row.description %}", "{% if not row.description %}"),
    ("- {{ source.kind.label }} {{ source.key }}:", "- {{ source.key }}:"),
    ('<a href="index.md">', '<a href="index.json">'),
]
STATUS_ALTERNATE_EDITS: list[tuple[str, str]] = [
    ("http_status: {{ row.status }}", 'http_status: "{{ row.status }}"'),
    ('reason: "{{ row.reason }}"\n', ""),
    ('"{{ error.code }}"{{ ", " if not loop.last }}', '{{ error.code }}{{ ", " if not loop.last }}'),
    ('"http/" ~ row.status ~ "/"', '"http/"'),
    ("# HTTP {{ row.status }} · {{ row.reason | md }}", "# {{ row.reason | md }}"),
    ("## When the body has no code", "## Otherwise"),
    ("{% for item in row.meaning %}", "{% for item in row.meaning[1:] %}"),
    ("{% for item in row.steps %}", "{% for item in row.steps | reverse %}"),
    ("{{ loop.index }}. {{ prose(item.text) }} {{ keys(item) }}", "{{ loop.index }}. {{ prose(item.text) }}"),
    ("outcome: `{{ error.outcome }}`", "outcome: `{{ error.retry }}`"),
    ("“{{ row.description | md }}”", "“{{ row.summary | md }}”"),
    ("{{ source.kind.label }}: {{ describe_source(source) }}", "{{ describe_source(source) }}"),
]
HTML_EDITS: dict[str, tuple[Check, list[tuple[str, str]]]] = {
    "code_table.html.jinja": (
        TABLE,
        [
            ("{{ root }}codes/{{ error.code }}/", "codes/{{ error.code }}/"),
            ('data-http="{{ error.http_status }}"', 'data-http="{{ error.code }}"'),
            ('data-category="{{ error.category }}"', 'data-category="{{ error.category.label }}"'),
            ('data-retry="{{ error.retry }}"', 'data-retry="{{ error.outcome }}"'),
            (' data-outcome="{{ error.outcome }}"', ""),
            ('data-actor="{{ error.actor }}"', 'data-actor="nobody"'),
            ("<td>{{ error.message }}</td>", "<td>{{ error.summary }}</td>"),
            ("<td>{{ retry_mark(error.retry) }}</td>", "<td>{{ error.retry }}</td>"),
            ("{{ error.outcome.label }}", "{{ error.retry.label }}"),
            ("{{ error.actor.label }}", "{{ error.actor }}"),
            ("{{ error.category.label }}", "{{ error.category }}"),
            ("{% for error in errors %}", "{% for error in errors[1:] %}"),
            ("{% for error in errors %}", "{% for error in errors | reverse %}"),
        ],
    ),
    "code_map.html.jinja": (
        TILES,
        [
            ("codes/{{ error.code }}/", "/codes/{{ error.code }}/"),
            ("tile tile-{{ error.retry }}", "tile"),
            ("tile tile-{{ error.retry }}", "tile tile-{{ error.outcome }}"),
            ('title="{{ error.message }}"', 'title="{{ error.summary }}"'),
            (": {{ error.retry.label }}", ""),
            ("{% for error in errors %}", "{% for error in errors[1:] %}"),
            ("{% for retry in legend %}", "{% for retry in legend[1:] %}"),
            ("tile-key tile-{{ retry }}", "tile-key"),
        ],
    ),
    "retry_matrix.html.jinja": (
        MATRIX,
        [
            ("../../codes/{{ error.code }}/", "codes/{{ error.code }}/"),
            ("cells[retry, outcome]", "cells[retry, outcomes[0]]"),
            ("{% for retry in retries %}", "{% for retry in retries[1:] %}"),
            ("{% for outcome in outcomes %}<th", "{% for outcome in outcomes | reverse %}<th"),
            ("<small>{{ retry.description }}</small>", ""),
            (">{{ error.code }}</a>", ">{{ error.message }}</a>"),
        ],
    ),
    "status_index.html.jinja": (
        INDEX,
        [
            ("{{ row.status }}/", "../{{ row.status }}/"),
            ("{{ prose_html(row.summary) }}", "{{ row.reason }}"),
            ("catalogue.list_codes(row.status)", "catalogue.list_codes(401)"),
            ("{% for row in statuses %}", "{% for row in statuses[1:] %}"),
            ("</a> {{ row.reason }}", "</a>"),
        ],
    ),
    "source_list.md.jinja": (
        SOURCES,
        [
            ("{{ describe_source(source) }}", "{{ source.title }} and more"),
            ("- {{ source.key }}:", "-"),
            ("{% for source in sources %}", "{% for source in sources[1:] %}"),
            ("{ #sources-{{ kind }} }", ""),
            ("{{ kind.description | md }}", ""),
            ("{% for kind, sources in groups %}", "{% for kind, sources in groups | reverse %}"),
        ],
    ),
    "marks.html.jinja": (TABLE, [("{{ retry.label }}", "{{ retry }}"), ("{{ retry.label }}", "")]),
}


def list_mutations() -> list[Mutation]:
    """Return every way to spoil the templates."""
    return [*list_headings(), *list_edits(), *list_alternate_forms()]


def list_headings() -> Iterator[Mutation]:
    """Rename, remove and reorder the headings of a code's page."""
    check = PAGES["find_wrong_anchors"]
    for anchor, line in HEADING_LINES.items():
        for what, new in {
            "renamed": line.replace(f"#{anchor}", f"#the-{anchor}"),
            "removed": "",
            "one level deeper": f"#{line}",
        }.items():
            yield Mutation(f"{ERROR} {anchor}: {what}", edit_file(ERROR, replace_text(line, new)), check, "headings")
        spoil = edit_file(ERROR, replace_text(line, line.partition(" {")[0]))
        yield Mutation(f"{ERROR} {anchor}: without its anchor", spoil, ANCHORS, line.partition(" {")[0])
    lines = list(HEADING_LINES.values())
    for one, other in pairwise(lines):
        yield Mutation(f"{ERROR}: {one} after {other}", edit_file(ERROR, exchange(one, other)), check, "headings")


def exchange(one: str, other: str) -> Callable[[bytes], bytes]:
    """Return an edit that lets two texts change places."""
    return lambda content: (
        content.replace(one.encode(), b"@@").replace(other.encode(), one.encode()).replace(b"@@", other.encode())
    )


def list_edits() -> Iterator[Mutation]:
    """Put other texts into the templates."""
    tables = [(ERROR, PAGES[name], edits) for name, edits in ERROR_EDITS.items()]
    tables += [(ALTERNATE, ALTERNATES, ALTERNATE_EDITS), (ALTERNATE, FRONTS, FRONT_EDITS)]
    tables += [(STATUS, STATUS_PAGES, STATUS_EDITS), (STATUS_ALTERNATE, STATUS_ALTERNATES, STATUS_ALTERNATE_EDITS)]
    tables += [(name, check, edits) for name, (check, edits) in HTML_EDITS.items()]
    for template, check, edits in tables:
        for number, (old, new) in enumerate(edits, 1):
            name = f"{template} {check.name} {number}: {old[:50]!r} becomes {new[:50]!r}"
            yield Mutation(name, edit_file(template, replace_text(old, new)), check)


def list_alternate_forms() -> Iterator[Mutation]:
    """Put what only the theme understands, or gaps, into the alternates."""
    for what, (old, new) in {
        "an attribute list": ("## Causes", "## Causes { #causes }"),
        "HTML": ("## Causes", '<a id="causes"></a>\n\n## Causes'),
        "an admonition": ("## Causes", '!!! note "x"\n\n## Causes'),
    }.items():
        yield Mutation(f"{ALTERNATE}: {what}", edit_file(ALTERNATE, replace_text(old, new)), MARKUP)
    yield Mutation(f"{ALTERNATE}: wide gaps", edit_file(ALTERNATE, replace_all("\n\n## ", "\n\n\n## ")), GAPS)
