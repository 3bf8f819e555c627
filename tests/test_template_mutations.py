"""Guards of the guards: whatever is dropped from a template, a check of the rendered pages must object.

Every expression and every heading of every template is dropped in turn, and pages are rendered in memory.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest
from jinja2 import BytecodeCache, DictLoader
from jinja2.bccache import Bucket
from yaml import YAMLError

from catalogue.model.loading import get_catalogue
from catalogue.model.rows import Catalogue, Item
from catalogue.model.vocabulary import Outcome
from catalogue.paths import ERRORS, PARTIALS, TEMPLATES
from catalogue.render import pages as renderer
from catalogue.render import tables, templates
from catalogue.render.links import Site
from tests.checks import exports, pages
from tests.site_tools import REPO_URL, parse_page

SITE = Site("https://errors.example.org/", REPO_URL)
PART = re.compile(r"\{\{.*?\}\}|^##+ .*$", re.MULTILINE)

# Which checks look at what a template makes.
GLOSSARY = "glossary.md.jinja"
# Forms: browser tests use them.
FORMS = {"clock.html.jinja", "code_filter.html.jinja", "signature.html.jinja", "triage.html.jinja"}
STATUS_TEMPLATES = {"status.md.jinja", "status_alternate.md.jinja", "status_verdict.html.jinja"}
PICTURES = {"clock_window.svg.jinja", "race_diagram.svg.jinja", "signature_diagram.svg.jinja"}
TABLE_TEMPLATES = {
    "code_map.html.jinja",
    "code_table.html.jinja",
    "decision_diagram.svg.jinja",
    "marks.html.jinja",
    "retry_matrix.html.jinja",
    "source_list.md.jinja",
    "status_index.html.jinja",
}
CODE_TEMPLATES = {
    "actions.html.jinja",
    "error.md.jinja",
    "error_alternate.md.jinja",
    "verdict.html.jinja",
    "way.html.jinja",
    "was_it_executed.md.jinja",
}

# What may be dropped unnoticed: template and part → reason.
HARMLESS: dict[tuple[str, str], str] = {}


def make_catalogue() -> tuple[Catalogue, tuple[str, ...]]:
    """Return the rows with one retired and one bare code, and the codes whose pages are rendered.

    They are the first code of each kind: with real responses, in doubt, with and without requests, with a form.
    """
    catalogue = get_catalogue()
    errors = list(catalogue.errors)
    retired, bare = errors[1], next(error for error in errors if not catalogue.list_observed(error.code))
    items = tuple(Item(text=f"A plain line of number {number}.", evidence=()) for number in (1, 2))
    changes: dict[str, dict[str, object]] = {
        retired.code: {"retired": "2027-01-31"},
        bare.code: {"causes": items, "remediation": items, "related": (), "note": None},
    }
    changed = tuple(error.model_copy(update=changes.get(error.code, {})) for error in errors)
    firsts = {next(error.code for error in errors if error.outcome is outcome and error.related) for outcome in Outcome}
    firsts |= {next(error.code for error in errors if error.retry == retry) for retry in ("backoff", "wait")}
    firsts |= {next(error.code for error in errors if catalogue.list_requests(error.code) and error.note)}
    firsts |= {next(error.code for error in errors if error.category == "transfer" and error.outcome.in_doubt)}
    firsts |= {next(error.code for error in errors if error.category == name) for name in ("signature", "clock")}
    return replace(catalogue, errors=changed), tuple(sorted(firsts | {retired.code, bare.code}))


CATALOGUE, SAMPLES = make_catalogue()
Check = Callable[[], Iterator[str]]


class CompiledTemplates(BytecodeCache):
    """Keeps compiled templates by name and source: of a mutation, only one template is new."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled from the same source, if anything was."""
        if bucket.key + bucket.checksum in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key + bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.compiled[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@contextmanager
def use_templates(sources: dict[str, str]) -> Iterator[None]:
    """Render with other templates for a while."""
    environment = templates.get_environment().overlay(loader=DictLoader(sources), bytecode_cache=COMPILED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "get_environment", lambda: environment)
        yield


def check_code_pages() -> Iterator[str]:
    """Check the code pages of the samples."""
    checks = pages.make_code_page_checks(CATALOGUE, SITE.url).values()
    for code in SAMPLES:
        article = pages.convert_article(renderer.render_error_page(CATALOGUE, code, SITE))
        for check in checks:
            yield from check(CATALOGUE.by_code[code], article)


def check_alternates() -> Iterator[str]:
    """Check the Markdown alternates of the samples."""
    rows = {row["code"]: row for row in exports.read_rows(ERRORS)}
    for code in SAMPLES:
        error = CATALOGUE.by_code[code]
        text = f"{renderer.render_error_alternate(CATALOGUE, code, SITE)}\n"
        row = rows[code] | {"retired": error.retired or "", "related": ";".join(error.related)}
        yield from exports.find_wrong_alternate(CATALOGUE, error, text)
        yield from exports.find_wrong_front(row, text, SITE.url)


def check_statuses() -> Iterator[str]:
    """Check page and alternate of every status."""
    for row in CATALOGUE.statuses:
        article = pages.convert_article(renderer.render_status_page(CATALOGUE, row.status, SITE))
        yield from pages.find_wrong_status_page(CATALOGUE, row, article)
        text = f"{renderer.render_status_alternate(CATALOGUE, row.status, SITE)}\n"
        yield from exports.find_wrong_status_alternate(CATALOGUE, row, text, SITE.url)


def check_tables() -> Iterator[str]:
    """Check every table over all rows."""

    def parse(html: str) -> Element:
        return parse_page("", html).root

    listed = parse(tables.render_code_table(CATALOGUE, CATALOGUE.errors, "All", "../"))
    yield from pages.find_wrong_rows(CATALOGUE.errors, list(listed.iter("table")), "../")
    yield from pages.find_wrong_picture(CATALOGUE, parse(tables.render_decision(CATALOGUE)))
    yield from pages.find_wrong_map(CATALOGUE, parse(tables.render_code_map(CATALOGUE)))
    yield from pages.find_wrong_matrix(CATALOGUE, parse(tables.render_retry_matrix(CATALOGUE)))
    yield from pages.find_wrong_status_index(CATALOGUE, parse(tables.render_status_index(CATALOGUE)))
    yield from pages.find_wrong_source_list(CATALOGUE, pages.convert_article(tables.render_source_list(CATALOGUE)))


def list_parts(name: str) -> list[str]:
    """Return the expressions and headings of a template, each once."""
    return list(dict.fromkeys(PART.findall((TEMPLATES / name).read_text("utf-8"))))


def list_checks(name: str) -> list[Check]:
    """Return the checks that look at what a template makes, the quickest first."""
    if name in STATUS_TEMPLATES:
        return [check_statuses]
    if name in TABLE_TEMPLATES:
        return [check_tables]
    return [check_alternates] if "alternate" in name else [check_code_pages, check_alternates]


SOURCES = {file.name: file.read_text("utf-8") for folder in (TEMPLATES, PARTIALS) for file in folder.glob("*.*")}
PARTS = [
    (name, part) for name in sorted(STATUS_TEMPLATES | TABLE_TEMPLATES | CODE_TEMPLATES) for part in list_parts(name)
]


def find_objection(name: str, sources: dict[str, str]) -> str | None:
    """Return the first line with which a check objects to the templates."""
    with use_templates(sources):
        return next((line for check in list_checks(name) for line in check()), None)


@pytest.mark.parametrize("name", sorted(STATUS_TEMPLATES | TABLE_TEMPLATES | CODE_TEMPLATES))
def test_no_check_objects_to_the_templates_as_they_are(name: str) -> None:
    assert find_objection(name, SOURCES) is None


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_whatever_is_dropped_from_a_template_is_missed(name: str, part: str) -> None:
    spoilt = SOURCES | {name: SOURCES[name].replace(part, "")}
    try:
        missed = find_objection(name, spoilt) is not None
    except (LookupError, ValueError, AttributeError, YAMLError):
        missed = True
    assert missed is ((name, part) not in HARMLESS), (
        "Strengthen a check of tests/checks, or give the reason in HARMLESS."
    )


def test_every_template_is_looked_at() -> None:
    made = {file.name for file in TEMPLATES.glob("*.jinja")} - {GLOSSARY} - PICTURES - FORMS
    assert made == STATUS_TEMPLATES | TABLE_TEMPLATES | CODE_TEMPLATES
