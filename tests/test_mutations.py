"""The guard of the guards: every check accepts what was made, and objects to it once it is spoilt.

Every check is a function that the ordinary tests call too. One that objects to nothing is a hole in those tests.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

import pytest

from catalogue.model.loading import read_files
from catalogue.model.rows import Catalogue, ErrorCode, Item, Observed, Row
from catalogue.model.vocabulary import Actor, Outcome, Retry
from catalogue.paths import ERRORS, PERMALINKS, SPEC_MANIFEST
from catalogue.site.permalinks import check_permalinks, list_addresses, read_anchors
from catalogue.site.stubs import check_stubs
from catalogue.vendor.page import read_spec
from tests.checks import data, exports, pages
from tests.conftest import BuiltSite
from tests.site_tools import (
    ROOT,
    Page,
    find_dead_links,
    find_element,
    find_repeats,
    find_third_parties,
    index_ids,
    iter_elements,
    parse_page,
    read_data,
)

R = TypeVar("R", bound=Row)

# Checks without a mutation: name → why.
UNREACHED = {
    "find_wrong_picture": "test_template_mutations tries it",
    "find_wrong_source_list": "test_template_mutations tries it",
}
# Helpers that checks call for a part of a page or a text; they object through these.
HELPERS = {"find_section", "find_wrong_tags", "find_wrong_sources", "find_wrong_inner_links", "find_harm"}


@dataclass(frozen=True)
class Trial:
    """A check by the name of its function, how it looks at a thing, the thing as made, and the thing spoilt."""

    name: str
    look: Callable[[Any], list[str]]
    made: Any
    spoilt: Any


# Rows


def edit_first(rows: tuple[R, ...], **cells: object) -> tuple[R, ...]:
    """Return the rows of a file with other cells in the first of them."""
    return (rows[0].model_copy(update=cells), *rows[1:])


def make_items(*texts: str) -> tuple[Item, ...]:
    """Return causes or steps without evidence."""
    return tuple(Item(text=text, evidence=()) for text in texts)


def find_free_number(catalogue: Catalogue) -> str:
    """Return a number that looks like a code and is none."""
    taken = catalogue.by_code.keys() | data.FOREIGN_NUMBERS.keys()
    return next(number for number in map(str, range(30000, 50000)) if number not in taken)


def spoil_prose(catalogue: Catalogue) -> dict[Callable[..., list[str]], Catalogue]:
    """Return check → catalogue whose words are spoilt."""
    errors = catalogue.errors
    one, other = errors[1], errors[2]
    edit = partial(data.edit_row, catalogue, one.code)
    worn = tuple(row.model_copy(update={"causes": one.causes}) for row in errors)
    mute = dict.fromkeys(data.FOREIGN_NUMBERS, 1)
    return {
        data.find_worn_lines: replace(catalogue, errors=worn),
        data.find_repeated_lines: edit(causes=one.causes[:1] * 2),
        data.find_shared_causes: edit(causes=other.causes),
        data.find_generic_lines: edit(causes=make_items("Contact support.", "Read on.")),
        data.find_repeated_summaries: edit(summary=other.summary),
        data.find_long_summaries: edit(summary="It has no full stop"),
        data.find_vague_differences: replace(
            catalogue, confusions=edit_first(catalogue.confusions, difference="They differ.")
        ),
        data.find_double_blanks: edit(summary="Look  here."),
        data.find_other_markup: edit(summary="Look **here**."),
        data.find_unknown_numbers: edit(summary=f"It is not {find_free_number(catalogue)}."),
        data.find_idle_foreign_numbers: replace(edit(code=next(iter(mute))), lines={**catalogue.lines, **mute}),
        data.find_thin_rows: edit(causes=one.causes[:1]),
        data.find_harmful_advice: edit(summary="Use a VPN."),
    }


def spoil_decisions(catalogue: Catalogue) -> dict[Callable[..., list[str]], Catalogue]:
    """Return check → catalogue in which what a bot acts on is spoilt, and so are the real responses."""
    errors, seen = catalogue.errors, catalogue.observed
    unknown = next(row.code for row in errors if row.outcome is Outcome.UNKNOWN)
    duplicate = next(row.code for row in errors if row.outcome is Outcome.DUPLICATE)
    stop = next(row.code for row in errors if row.retry is Retry.STOP)
    wait = make_items("Wait a while for it.", "Ask an operator about it.")
    usual = catalogue.by_code[seen[0].code].message
    responses: dict[Callable[..., list[str]], tuple[Observed, ...]] = {
        data.find_repeated_responses: (seen[0], *seen),
        data.find_unseen_wordings: edit_first(seen, wording="Other words"),
        data.find_misfiled_responses: edit_first(seen, body='{"code": 1}'),
        data.find_usual_responses: edit_first(seen, wording=usual, body=f'{{"message": "{usual}"}}'),
    }
    decisions: dict[Callable[..., list[str]], Catalogue] = {
        data.find_removed_rows: replace(catalogue, errors=errors[1:]),
        data.find_silent_unknowns: data.edit_row(catalogue, unknown, remediation=wait),
        data.find_late_searches: data.edit_row(catalogue, duplicate, remediation=wait),
        data.find_retried_duplicates: data.edit_row(catalogue, duplicate, retry=Retry.BACKOFF),
        data.find_idle_stops: data.edit_row(catalogue, stop, actor=Actor.DEVELOPER),
        data.find_false_success: data.edit_row(catalogue, stop, retry=Retry.NONE),
        data.find_changed_decisions: data.edit_row(catalogue, data.DISPUTED[0], actor=Actor.NOBODY),
        data.find_confusion: data.edit_row(catalogue, data.PAIRS[0][0], related=()),
        data.find_one_source: data.edit_row(catalogue, data.DISPUTED[0], causes=wait, remediation=wait, note=None),
        data.find_wrong_reasons: replace(catalogue, statuses=edit_first(catalogue.statuses, reason="Odd")),
        data.find_broken_guides: data.edit_row(catalogue, unknown, first="See [this](guide:retries#nowhere)."),
    }
    return decisions | {check: replace(catalogue, observed=rows) for check, rows in responses.items()}


def spoil_vendor(catalogue: Catalogue) -> dict[Callable[..., list[str]], Catalogue]:
    """Return check → catalogue that is no longer as the vendor's page has it."""
    statuses = catalogue.statuses
    return {
        data.find_differences: data.edit_row(catalogue, catalogue.errors[1].code, message="Other words"),
        data.find_description_differences: replace(catalogue, statuses=edit_first(statuses, description="Other")),
        data.find_status_differences: replace(catalogue, statuses=statuses[1:]),
        check_stubs: replace(catalogue, errors=catalogue.errors[1:]),
    }


def list_row_trials(catalogue: Catalogue) -> list[Trial]:
    """Return the trials of the data files and of the snapshot."""
    page, addresses = read_spec(), PERMALINKS.read_text("utf-8").split("\n")
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "docs").glob("[ag]*/*.md")}
    looks: dict[Callable[..., list[str]], Callable[[Catalogue], list[str]]] = {
        data.find_removed_rows: lambda rows: data.find_removed_rows(rows, addresses),
        data.find_confusion: lambda rows: data.find_confusion(rows, *data.PAIRS[0]),
        data.find_one_source: lambda rows: data.find_one_source(rows, data.DISPUTED[0]),
        data.find_broken_guides: lambda rows: data.find_broken_guides(data.iter_prose(rows)),
        data.find_differences: lambda rows: data.find_differences(rows.errors, page),
        data.find_description_differences: lambda rows: data.find_description_differences(rows.statuses, page),
        data.find_status_differences: lambda rows: data.find_status_differences(rows.statuses, page),
    }
    spoilt = spoil_prose(catalogue) | spoil_decisions(catalogue) | spoil_vendor(catalogue)
    files, manifest, section = read_files(), SPEC_MANIFEST.read_bytes(), page.sections[0]
    other = replace(page, sections=(replace(section, example=replace(section.example, http_status=418)),))
    return [
        *(Trial(check.__name__, looks.get(check, check), catalogue, bad) for check, bad in spoilt.items()),
        Trial(
            "find_load_problems",
            lambda tree: data.find_load_problems(tree, texts),
            files,
            {**files, ERRORS: files[ERRORS] + b"\n"},
        ),
        Trial("find_wrong_examples", data.find_wrong_examples, page, other),
        Trial("find_manifest_faults", data.find_manifest_faults, manifest, manifest + b"\n"),
    ]


def list_address_trials(folder: Path) -> list[Trial]:
    """Return the trials of the list of addresses and of what the site publishes."""
    content, published = PERMALINKS.read_bytes(), list_addresses(folder)
    page = next(address for address in sorted(published) if re.fullmatch(r"codes/[0-9]+/", address))
    return [
        Trial("check_permalinks", lambda found: check_permalinks(found, published), published, published - {page}),
        Trial("find_list_faults", exports.find_list_faults, content, content + b"\n"),
        Trial("find_broken_promises", exports.find_broken_promises, published, published - exports.PROMISED),
        Trial("find_unstable_anchors", exports.find_unstable_anchors, published, published | {f"{page}#more"}),
    ]


# Built pages and texts: check → path, a pattern in the text, and what takes its place.
# The finer points of the checks of content are tried on the templates.
EDITS = read_data("mutations.json")


def choose_code(catalogue: Catalogue) -> ErrorCode:
    """Return a code whose page has every section, and no look-up."""
    return next(
        error
        for error in catalogue.errors
        if catalogue.list_observed(error.code)
        and catalogue.list_requests(error.code)
        and error.related
        and not error.outcome.in_doubt
    )


def find_article(root: Element) -> Element:
    """Return the content of a page."""
    return find_element(root, "article")


def list_code_looks(
    catalogue: Catalogue, error: ErrorCode, site: BuiltSite, parsed: dict[str, Page]
) -> dict[str, Callable[[Page], list[str]]]:
    """Return name → check of a code's page."""

    def look_at(check: Callable[[ErrorCode, Element], list[str]]) -> Callable[[Page], list[str]]:
        return lambda page: check(error, find_article(page.root))

    ids = index_ids(parsed)
    return {
        **{name: look_at(check) for name, check in pages.make_code_page_checks(catalogue, site.url).items()},
        "find_wrong_code_head": lambda page: pages.find_wrong_code_head(error, page.root),
        "find_wrong_head": lambda page: pages.find_wrong_head(page.path, page.root, site.url),
        "find_leftovers": lambda page: pages.find_leftovers(page.path, page.root),
        "find_repeated_ids": lambda page: pages.find_repeated_ids(page.path, page.root),
        "find_invalid_html": pages.find_invalid_html,
        "find_third_parties": lambda page: find_third_parties(page, site.url),
        "find_dead_links": lambda page: find_dead_links({page.path: page}, site.folder, site.url, ids),
    }


def list_other_looks(catalogue: Catalogue, error: ErrorCode) -> dict[str, Callable[[Page], list[str]]]:
    """Return name → check of a status's page, of the home page and of the tables."""
    status = catalogue.by_status[error.http_status]
    errors = catalogue.errors
    return {
        "find_wrong_status_page": lambda p: pages.find_wrong_status_page(catalogue, status, find_article(p.root)),
        "find_wrong_status_head": lambda page: pages.find_wrong_status_head(status, page.root),
        "find_wrong_map": lambda page: pages.find_wrong_map(catalogue, page.root),
        "find_wrong_rows": lambda p: pages.find_wrong_rows(errors, [*iter_elements(p.root, "table", "codes")], "../"),
        "find_wrong_status_index": lambda page: pages.find_wrong_status_index(
            catalogue, find_element(page.root, "table", "statuses")
        ),
        "find_wrong_matrix": lambda page: pages.find_wrong_matrix(
            catalogue, find_element(page.root, "table", "matrix")
        ),
    }


def list_page_trials(catalogue: Catalogue, site: BuiltSite, parsed: dict[str, Page]) -> list[Trial]:
    """Return the trials of built pages."""
    error = choose_code(catalogue)
    looks = list_code_looks(catalogue, error, site, parsed) | list_other_looks(catalogue, error)
    assert looks.keys() == EDITS["pages"].keys()
    return [
        Trial(name, looks[name], parsed[path], parse_page(path, spoilt))
        for name, path, _, spoilt in spoil_texts(EDITS["pages"], error, site.folder)
    ]


def list_site_trials(catalogue: Catalogue, folder: Path, parsed: dict[str, Page]) -> list[Trial]:
    """Return the trials of the paths, the search index and the stylesheet of a built site."""
    paths, search = set(parsed), (folder / "search" / "pages.json").read_bytes()
    style = (folder / "assets" / "stylesheets" / "site.css").read_text("utf-8")
    text = (ROOT / "docs" / "guides" / "retries.md").read_text("utf-8")
    code = f"codes/{catalogue.errors[0].code}/"
    home = search.replace(b'"location":"http/"', b'"location":"https/"')
    return [
        Trial(
            "find_wrong_paths",
            lambda found: pages.find_wrong_paths(catalogue, found, "codes"),
            paths,
            paths - {f"{code}index.html"},
        ),
        Trial("find_unpublished", pages.find_unpublished, paths, paths | {"new/index.html"}),
        Trial(
            "find_unsearchable",
            lambda found: pages.find_unsearchable(catalogue, found),
            search,
            search.replace(f'"location":"{code}"'.encode(), b'"location":"x"'),
        ),
        Trial("find_searchable_tables", lambda found: pages.find_searchable_tables(catalogue, found), search, home),
        Trial("find_foreign_styles", partial(pages.find_foreign_styles, ""), style, f"@import 'x.css';{style}"),
        Trial("find_implied_anchors", pages.find_implied_anchors, text, f"{text}\n## Bare\n"),
    ]


# What programs read


def list_json_trials(catalogue: Catalogue, site: BuiltSite) -> list[Trial]:
    """Return the trials of JSON and CSV."""
    document, lookup = (json.loads((site.folder / name).read_bytes()) for name in ("errors.json", "lookup.json"))
    errors, table = document["errors"], (site.folder / "errors.csv").read_bytes()
    # Validating all of them takes a second.
    short = {**document, "errors": errors[:3]}
    bare = [error | {"evidence": [], "observed": []} for error in errors]
    files = {error["code"]: error for error in errors}
    schemas = {name: json.loads((site.folder / name).read_bytes()) for name in exports.SCHEMAS}
    loose = {name: {**schema, "required": []} for name, schema in schemas.items()}
    schema = schemas["errors.schema.json"]
    tokens = {**schema, "$defs": {**schema["$defs"], "Retry": {"oneOf": []}}}
    error = catalogue.errors[0]
    trials: list[tuple[Callable[..., list[str]], tuple[Any, ...], Any, Any]] = [
        (exports.find_wrong_exports, (site.url,), errors, errors[::-1]),
        (exports.find_wrong_citations, (), errors, bare),
        (exports.find_wrong_export_responses, (site.url,), errors, bare),
        (exports.find_wrong_files, (errors,), files, {**files, error.code: {}}),
        (exports.find_wrong_lookup, (catalogue,), lookup, {**lookup, "errors": lookup["errors"][1:]}),
        (exports.find_wrong_csv, (), table, table + b"\n"),
        (exports.find_formulas, (), table, table + b"=1+1\n"),
        (exports.find_misfits, (schemas,), short, {**short, "version": 2}),
        (exports.find_accepted, (document,), schemas, loose),
        (exports.find_accepted_envelopes, (error,), schemas, loose),
        (exports.find_bare_parts, (), schema, {**schema, "title": ""}),
        (exports.find_wrong_vocabulary, ("Retry",), schema, tokens),
    ]
    return [
        *(Trial(check.__name__, bind(check, *more), made, spoilt) for check, more, made, spoilt in trials),
        Trial(
            "find_wrong_identity",
            lambda found: exports.find_wrong_identity("errors.schema.json", found, site.url),
            schema,
            {**schema, "$id": "https://example.org/"},
        ),
    ]


def bind(check: Callable[..., list[str]], *more: object) -> Callable[[Any], list[str]]:
    """Return a check that takes the thing to look at alone."""
    return lambda thing: check(thing, *more)


def list_module_trials(folder: Path, url: str, other: Path) -> list[Trial]:
    """Return the trials of the Python module; `other` is where its spoilt copies go."""
    text = (folder / "errors.py").read_text("utf-8")
    trials = []
    for check, more, old, new in (
        (exports.find_wrong_members, url, "codes/{self.value}/", "codes/{self.value}"),
        (exports.find_wrong_enums, "Retry", '    STOP = "stop"', '    STOP = "halt"'),
    ):
        (other / "spoilt.py").write_text(text.replace(old, new), "utf-8")
        modules = [exports.load_module(file) for file in (folder / "errors.py", other / "spoilt.py")]
        trials.append(Trial(check.__name__, bind(check, more), *modules))
    return trials


def list_text_looks(catalogue: Catalogue, error: ErrorCode, site: BuiltSite) -> dict[str, Callable[[str], list[str]]]:
    """Return name → check of alternates, llms files, feed and OpenSearch."""
    folder, url = site.folder, site.url
    status = catalogue.by_status[error.http_status]
    row = next(row for row in exports.read_rows(ERRORS) if row["code"] == error.code)
    alternates = {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in sorted(folder.rglob("index.md"))}
    anchors = read_anchors((folder / "about" / "changes" / "index.html").read_text("utf-8"))
    return {
        "find_wrong_front": lambda text: exports.find_wrong_front(row, text, url),
        "find_wrong_alternate": lambda text: exports.find_wrong_alternate(catalogue, error, text),
        "find_wrong_status_alternate": lambda t: exports.find_wrong_status_alternate(catalogue, status, t, url),
        "find_theme_markup": exports.find_theme_markup,
        "find_wide_gaps": exports.find_wide_gaps,
        "find_dead_targets": bind(exports.find_dead_targets, folder, url),
        "find_wrong_llms": bind(exports.find_wrong_llms, catalogue, alternates, url),
        "find_wrong_full_text": bind(exports.find_wrong_full_text, alternates),
        "find_atom_faults": lambda text: exports.find_atom_faults(text.encode(), url),
        "find_wrong_feed": lambda text: exports.find_wrong_feed(text.encode(), catalogue, anchors, url),
        "find_wrong_opensearch": lambda text: exports.find_wrong_opensearch(text.encode(), folder, url),
    }


def spoil_texts(
    edits: Mapping[str, tuple[str, str, str]], error: ErrorCode, folder: Path
) -> Iterator[tuple[str, str, str, str]]:
    """Yield check, path, text and spoilt text; `{code}` and `{status}` stand for those of one code."""
    for name, (template, template_pattern, new) in edits.items():
        path, pattern = (
            part.replace("{code}", error.code).replace("{status}", str(error.http_status))
            for part in (template, template_pattern)
        )
        text = (folder / path).read_text("utf-8")
        yield name, path, text, re.sub(pattern, new, text, count=1, flags=re.DOTALL)


def list_text_trials(catalogue: Catalogue, site: BuiltSite) -> list[Trial]:
    """Return the trials of texts."""
    error = choose_code(catalogue)
    looks = list_text_looks(catalogue, error, site)
    return [Trial(name, looks[name], *texts) for name, _, *texts in spoil_texts(EDITS["texts"], error, site.folder)]


# The tests


@pytest.fixture(scope="module")
def trials(
    catalogue: Catalogue, built_site: BuiltSite, parsed_pages: dict[str, Page], tmp_path_factory: pytest.TempPathFactory
) -> list[Trial]:
    """Return every trial."""
    folder = built_site.folder
    return [
        *list_row_trials(catalogue),
        *list_address_trials(folder),
        *list_page_trials(catalogue, built_site, parsed_pages),
        *list_site_trials(catalogue, folder, parsed_pages),
        *list_json_trials(catalogue, built_site),
        *list_module_trials(folder, built_site.url, tmp_path_factory.mktemp("module")),
        *list_text_trials(catalogue, built_site),
    ]


def test_every_check_accepts_what_is_made_and_objects_to_what_is_spoilt(trials: list[Trial]) -> None:
    refused = [f"{trial.name} objects to {line}" for trial in trials for line in trial.look(trial.made)[:1]]
    assert refused == [], "The original is wrong, or the check is."
    survivors = [trial.name for trial in trials if not trial.look(trial.spoilt)]
    assert survivors == [], "Strengthen the check, which the ordinary test calls."


def list_checks() -> set[str]:
    """Return the names of the checks in tests/checks."""
    return {
        name
        for module in (data, exports, pages)
        for name, value in vars(module).items()
        if name.startswith("find_") and getattr(value, "__module__", "") == module.__name__
    }


def list_called(path: Path) -> set[str]:
    """Return every name that a file uses, that of `module.name` too; importing it is no use."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    used = [ast.unparse(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute)]
    return {name.rpartition(".")[2] for name in used}


def test_every_check_that_objects_is_called_by_an_ordinary_test(trials: list[Trial], catalogue: Catalogue) -> None:
    tests = [path for path in (ROOT / "tests").glob("test_*.py") if path != Path(__file__)]
    called = {name for path in tests for name in list_called(path)}
    if "make_code_page_checks" in called:
        called |= set(pages.make_code_page_checks(catalogue, ""))
    assert {trial.name for trial in trials} - called == set(), "Let an ordinary test call it: it guards nothing here."


def test_every_check_is_tried_by_one_mutation(trials: list[Trial]) -> None:
    names = [trial.name for trial in trials]
    assert find_repeats(names) == []
    assert list_checks() - set(names) - HELPERS == set(UNREACHED), "Add a mutation, or a reason to UNREACHED."
    assert list_checks() >= HELPERS
