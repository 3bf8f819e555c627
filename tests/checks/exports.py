"""Checks of what programs read, and of the address contract: published content in, one line for every problem out.

The rows are read here with the csv module alone, so that a fault of the project's loader cannot hide itself.
"""

import csv
import importlib.util
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias
from urllib.parse import urldefrag
from xml.etree import ElementTree as ET

import feedparser
import yaml
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token
from referencing import Registry, Resource

from catalogue.escaping import escape_markdown
from catalogue.model import vocabulary as tokens
from catalogue.model.rows import Catalogue, ErrorCode, HttpStatusRow, Item, Observed
from catalogue.paths import ERRORS, LIBRARY, OBSERVED, REQUESTS, SOURCES
from catalogue.render.envelope import format_head, make_envelope
from catalogue.render.markdown import strip_markup
from catalogue.site.permalinks import format_permalinks, read_anchors
from tests.checks.pages import (
    CODE_ANCHORS,
    OPTIONAL_ANCHORS,
    STATUS_ANCHORS,
    compare,
    compare_parts,
    describe_confusion,
    name_source,
    parse_json,
)
from tests.site_tools import ROOT, find_repeats, locate_file, read_data

Row: TypeAlias = dict[str, Any]

# The exports


SCHEMAS = ("errors.schema.json", "envelope.schema.json")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
WRONG = {"unexpected": True}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
MARKDOWN = MarkdownIt("commonmark").enable("table")


def read_rows(path: str) -> list[Row]:
    """Return the rows of a data file, read without the project's own loader."""
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def split_keys(line: str) -> dict[str, Any]:
    """Split `text [S1][B2]` as a reader of the CSV would."""
    text, _, tail = line.rpartition(" [")
    keys = tail.removesuffix("]").split("][")
    if text and tail.endswith("]") and all(key.isalnum() for key in keys):
        return {"text": text, "evidence": keys}
    return {"text": line, "evidence": []}


def expect_error(row: Row, url: str) -> dict[str, Any]:
    """Return what the exported object must hold for a CSV row."""
    own = f"]({url}codes/{row['code']}/#"
    cells = {
        name: re.sub(r"\]\(guide:([a-z-]+)", rf"]({url}guides/\1/", cell).replace("](#", own)
        for name, cell in row.items()
    }
    return {
        **cells,
        "http_status": int(row["http_status"]),
        "after": int(row["after"]) if row["after"].isdigit() else row["after"] or None,
        "causes": [split_keys(line) for line in cells["causes"].split("\n")],
        "remediation": [split_keys(line) for line in cells["remediation"].split("\n")],
        "related": row["related"].split(";") if row["related"] else [],
        "keywords": row["keywords"].split(";") if row["keywords"] else [],
        "note": split_keys(cells["note"]) if row["note"] else None,
        "retired": row["retired"] or None,
    }


def find_wrong_exports(errors: Sequence[dict[str, Any]], url: str) -> list[str]:
    """Return a line for every exported error, or field of it, that is not as its row, and for a wrong order."""
    rows = read_rows(ERRORS)
    fields = list(rows[0])
    lines = compare("codes", [error.get("code") for error in errors], [row["code"] for row in rows])
    requests = [row | {"given": json.loads(row["given"] or "{}")} for row in read_rows(REQUESTS)]
    lines += compare("requests", [request for error in errors for request in error.get("requests", [])], requests)
    library = [row | {"retryable": row["retryable"] == "yes"} for row in read_rows(LIBRARY)]
    lines += compare("ccxt", [error["ccxt"] for error in errors if error.get("ccxt")], library)
    for error, row in zip(errors, rows, strict=False):
        expected = expect_error(row, url) | {"url": f"{url}codes/{row['code']}/"}
        lines += compare(
            f"{row['code']} fields", list(error), [*fields, "url", "observed", "requests", "ccxt", "evidence"]
        )
        for name in expected:
            lines += compare(f"{row['code']}.{name}", error.get(name), expected[name])
    return lines


def find_wrong_citations(errors: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line for every exported error whose sources are not those it cites, each once, as in sources.csv."""
    sources = {row["key"]: row | {"url": row["url"] or None} for row in read_rows(SOURCES)}
    lines = []
    for error in errors:
        items = [*error["causes"], *error["remediation"], *([error["note"]] if error["note"] else [])]
        cited = [key for item in items for key in item["evidence"]] + [row["source"] for row in error["observed"]]
        expected = [sources.get(key) for key in dict.fromkeys(cited)]
        lines += compare(f"{error['code']} evidence", error["evidence"], expected)
    return lines


def find_wrong_export_responses(errors: Sequence[dict[str, Any]], url: str) -> list[str]:
    """Return a line if the exported real responses are not those of observed.csv."""
    rows = [
        row
        | {
            "http_status": int(row["http_status"]) if row["http_status"] else None,
            "date": row["date"] or None,
            "foreign": row["foreign"] == "yes",
            "note": re.sub(r"\]\(guide:([a-z-]+)", rf"]({url}guides/\1/", row["note"]),
        }
        for row in read_rows(OBSERVED)
    ]
    return compare("observed", [response for error in errors for response in error["observed"]], rows)


def find_wrong_files(files: Mapping[str, object], errors: Sequence[dict[str, Any]]) -> list[str]:
    """Return the codes whose own JSON file (code → content) is not their entry in errors.json."""
    entries = {error["code"]: error for error in errors}
    return [
        f"{code}: not its entry in errors.json"
        for code in sorted({*files, *entries})
        if files.get(code) != entries.get(code)
    ]


def find_wrong_lookup(document: dict[str, Any], catalogue: Catalogue) -> list[str]:
    """Return a line for every entry of lookup.json that differs from its row."""
    found = {error.get("code", ""): error for error in document["errors"]}
    codes = [error.get("code") for error in document["errors"]]
    lines = compare("lookup.json", codes, [error.code for error in catalogue.errors])
    for error in catalogue.errors:
        shown = {
            "code": error.code,
            "http_status": error.http_status,
            "message": error.message,
            "section": str(error.section),
            "retry": [str(error.retry), error.retry.label],
            "after": error.after,
            "outcome": [str(error.outcome), error.outcome.label],
            "actor": error.actor.label,
            "summary": strip_markup(error.summary),
            "first": strip_markup(error.first),
            "keywords": list(error.keywords),
            "observed": [{"wording": row.wording} for row in catalogue.list_observed(error.code) if not row.foreign],
        }
        lines += compare(f"lookup.json {error.code}", found.get(error.code), shown)
    statuses = [
        {
            "status": row.status,
            "reason": row.reason,
            "summary": strip_markup(row.summary),
            "first": strip_markup(row.steps[0].text),
        }
        for row in catalogue.statuses
    ]
    return lines + compare("lookup.json statuses", document["statuses"], statuses)


def find_formulas(content: bytes) -> list[str]:
    """Return the cells of a CSV file that a spreadsheet would run."""
    rows = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    return [cell for row in rows for cell in row if cell.startswith(FORMULA_STARTS)]


def find_wrong_csv(content: bytes) -> list[str]:
    """Return a line if a published CSV is not the data file."""
    return [] if content == (ROOT / ERRORS).read_bytes() else ["errors.csv: not the bytes of the data file"]


# Schemas


def walk_objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object inside a JSON value, with its path."""
    if isinstance(value, dict):
        yield path, value
        for name, part in value.items():
            yield from walk_objects(part, f"{path}/{name}")
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from walk_objects(part, f"{path}/{at}")


def iter_mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield copies of a document in which one field, at any depth, is dropped, of another type, or too many."""
    text = json.dumps(document)
    for path, found in walk_objects(document):
        for name in [*found, "unexpected"]:
            for what in ("dropped", "replaced"):
                copy = json.loads(text)
                target = dict(walk_objects(copy))[path]
                if what == "dropped":
                    if target.pop(name, None) is None and name not in found:
                        continue
                else:
                    target[name] = WRONG
                yield f"{path}/{name} {what}", copy


def make_validator(schemas: Mapping[str, Any], reference: str) -> Draft202012Validator:
    """Return a validator for a part of a published schema, found by its address alone."""
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    return Draft202012Validator(
        {"$ref": reference}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def find_wrong_identity(name: str, schema: Mapping[str, Any], url: str) -> list[str]:
    """Check that a schema is valid, names its dialect, and has its own address for an id."""
    Draft202012Validator.check_schema(schema)
    return compare(name, (schema.get("$id"), schema.get("$schema")), (f"{url}{name}", DIALECT))


def find_bare_parts(schema: Mapping[str, Any]) -> list[str]:
    """Return the models, fields and tokens of a schema without title or description."""
    models = {"": schema} | schema.get("$defs", {})
    parts = dict(models)
    for model, definition in models.items():
        parts |= {f"{model}.{field}": part for field, part in definition.get("properties", {}).items()}
        parts |= {f"{model}={token['const']}": token for token in definition.get("oneOf", ())}
    return [path for path, part in parts.items() if not (part.get("title") and part.get("description"))]


def find_wrong_vocabulary(schema: Mapping[str, Any], name: str) -> list[str]:
    """Return a line if the tokens of a vocabulary in the schema are not those of the program."""
    published = [(t["const"], t["title"], t["description"]) for t in schema["$defs"][name]["oneOf"]]
    vocabulary = [(token.value, token.label, token.description) for token in getattr(tokens, name)]
    return compare(name, published, vocabulary)


def find_misfits(document: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with errors.json: what its schema refuses, its head, its record of the vendor's page."""
    address = schemas["errors.schema.json"]["$id"]
    problems = [f"{e.json_path}: {e.message}" for e in make_validator(schemas, address).iter_errors(document)]
    return [
        *problems,
        *compare("$schema", document.get("$schema"), address),
        *compare("fields", list(document), ["$schema", "spec", "errors"]),
        *compare("spec", document.get("spec"), json.loads((ROOT / "data" / "spec" / "manifest.json").read_bytes())),
    ]


# Values of the right type but the wrong form: field → value.
MALFORMED = [*read_data("malformed.json"), ("summary", "x" * 161)]


def find_accepted(schemas: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Return the spoilt copies of errors.json that its schema accepts; the shortest full error stands for all."""
    full = min((e for e in document["errors"] if e["observed"] and e["note"]), key=lambda e: len(json.dumps(e)))
    one = {**document, "errors": [full]}
    validator = make_validator(schemas, schemas["errors.schema.json"]["$id"])
    spoilt = [*iter_mutations(one)]
    spoilt += [(f"{name} = {value!r}", {**one, "errors": [full | {name: value}]}) for name, value in MALFORMED]
    refused = [] if validator.is_valid(one) else ["refuses the catalogue itself"]
    return refused + [f"accepts {what}" for what, copy in spoilt if validator.is_valid(copy)]


def find_accepted_envelopes(schemas: Mapping[str, Any], error: ErrorCode) -> list[str]:
    """Return the spoilt envelopes that the schema accepts, and the example of a code if it refuses that."""
    validator = make_validator(schemas, schemas["envelope.schema.json"]["$id"])
    body = make_envelope(error)
    # `data` is free in content and optional: only its type can be wrong.
    spoilt = [(what, copy) for what, copy in iter_mutations(body) if not what.startswith("/data")]
    spoilt += [("/data replaced", body | {"data": "text"}), ("/code small", body | {"code": 999})]
    spoilt += [("/code large", body | {"code": 1_000_000}), ("/message empty", body | {"message": ""})]
    refused = [] if validator.is_valid(body) else [f"{error.code}: refuses its example"]
    return refused + [f"{error.code}: accepts {what}" for what, copy in spoilt if validator.is_valid(copy)]


# The Python module


def load_module(file: Path) -> ModuleType:
    """Execute a copy of a published Python file: Python puts what it compiles beside a module."""
    with tempfile.TemporaryDirectory() as folder:
        spec = importlib.util.spec_from_file_location("published_errors", shutil.copy(file, folder))
        assert spec
        assert spec.loader
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
    return loaded


def find_wrong_members(module: ModuleType, url: str) -> list[str]:
    """Return a line for every member of the published module that differs from its row."""
    names = ("code", "name", "message", "http_status", "retry", "outcome", "actor", "after")
    rows = [
        {name: row[name] for name in names}
        | {"first": strip_markup(row["first"]), "url": f"{url}codes/{row['code']}/", "alias": row["name"]}
        for row in read_rows(ERRORS)
    ]
    published = [
        {
            "code": str(error.value),
            "message": error.message,
            "http_status": str(error.http_status),
            "retry": error.retry.value,
            "outcome": error.outcome.value,
            "actor": error.actor.value,
            "after": "" if error.after is None else str(error.after),
            "first": error.first,
            "url": error.url,
            "name": error.name,
            "alias": getattr(module.ErrorCode, f"E{error.value}", error).name,
        }
        for error in module.ErrorCode
    ]
    lines = [line for one, row in zip(published, rows, strict=False) for line in compare(row["name"], one, row)]
    return lines + compare("errors.py", len(published), len(rows))


def find_wrong_enums(module: ModuleType, name: str) -> list[str]:
    """Return a line if an enumeration of the published module is not the vocabulary."""
    found = [(member.name, member.value) for member in getattr(module, name)]
    return compare(name, found, [(token.name, token.value) for token in getattr(tokens, name)])


# Markdown alternates


def split_alternate(text: str) -> tuple[dict[str, Any], str]:
    """Return front matter and body."""
    _, front, body = text.split("---\n", 2)
    return yaml.load(front, yaml.CSafeLoader), body


def read_inline(token: Token) -> str:
    """Return the text of an inline token."""
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in token.children or ()
        if child.type in {"text", "code_inline", "softbreak", "hardbreak"}
    )


def list_sections(body: str) -> dict[str, list[Token]]:
    """Return heading → tokens below it, in order."""
    sections: dict[str, list[Token]] = {"": []}
    parsed = MARKDOWN.parse(body)
    title = ""
    for at, token in enumerate(parsed):
        if token.type == "heading_open":
            title = read_inline(parsed[at + 1])
            sections[title] = []
        sections[title].append(token)
    return sections


def list_texts_of(section: Iterable[Token], *, nested: bool) -> list[str]:
    """Return the text of the items of a section's lists (`nested`), or of its paragraphs."""
    return [
        read_inline(token)
        for before, token in pairwise([*section])
        if token.type == "inline" and before.type != "heading_open" and (token.level > 1) == nested
    ]


def list_targets(text: str) -> list[str]:
    """Return the target of every link and image of a Markdown text."""
    children = [child for token in MARKDOWN.parse(text) for child in token.children or ()]
    return [
        str(child.attrs.get("href", child.attrs.get("src")))
        for child in children
        if child.type in {"link_open", "image"}
    ]


def expect_items(items: Iterable[Item]) -> list[str]:
    """Return items as a alternate shows them: text, then keys."""
    return [
        f"{strip_markup(item.text)} {''.join(f'[{key}]' for key in item.evidence) or '(inference)'}" for item in items
    ]


def expect_front(row: Row, url: str) -> dict[str, Any]:
    """Return the front matter that the alternate of a code must have."""
    expected = expect_error(row, url)
    expected["summary"] = re.sub(r"\[([^]]+)\]\(\S+\)", r"\1", expected["summary"])
    left_out = {"causes", "remediation", "note"}
    fields = {name: value for name, value in expected.items() if name not in left_out}
    return fields | {"url": f"{url}codes/{row['code']}/"}


def find_wrong_front(row: Row, text: str, url: str) -> list[str]:
    """Check the front matter of a code's alternate against its CSV row."""
    return compare(f"{row['code']} front matter", split_alternate(text)[0], expect_front(row, url))


def expect_facts(error: ErrorCode) -> list[str]:
    """Return the facts as a alternate lists them."""
    parts = (
        ("Did this request execute?", error.outcome),
        ("Send it again?", error.retry),
        ("Who acts?", error.actor),
    )
    facts = [f"{name} {token.label} ({token}). {token.description}" for name, token in parts]
    doubt = "Send it again? No program sends a write again. Look the write up, and let a person decide. "
    if error.outcome == "duplicate":
        facts[1] = f"{doubt}In errors.json, retry is {error.retry}."
    elif error.outcome.in_doubt:
        facts[1] = facts[1].replace("Send it again? ", f"{doubt}A read: ")
    facts[1] += {"backoff": f" Pause {error.after} seconds at least.", "wait": f" Wait until {error.after}."}.get(
        error.retry, ""
    )
    return [*facts, f"HTTP status: {error.http_status}", f"Category: {error.category.label} ({error.category})"]


def find_wrong_alternate(catalogue: Catalogue, error: ErrorCode, text: str) -> list[str]:
    """Check the body of a code's alternate: headings, facts, causes, steps, example, relations and provenance."""
    sections = list_sections(split_alternate(text)[1])
    observed = catalogue.list_observed(error.code)
    title = f"{error.code} · {error.message}"
    requests = catalogue.list_requests(error.code)
    headings = [
        "",
        title,
        "What to do",
        *(["Was it executed?"] if error.outcome.in_doubt else []),
        "Causes",
        *(["Wrong and right request"] if requests else []),
        "Example envelope",
        *(["Seen in the wild"] if observed else []),
        "Often confused with",
        "Provenance",
    ]
    if list(sections) != headings:
        return compare(f"{error.code} headings", list(sections), headings)
    lists = [[t.tag for t in sections[name] if t.type.endswith("list_open")] for name in ("What to do", "Causes")]
    asked, wild = (sections.get(name, []) for name in ("Wrong and right request", "Seen in the wild"))
    fences = _list_fences(asked)
    pairs = [text for row in requests for text in (row.wrong, row.right)]
    related = [catalogue.by_code[code] for code in error.related]
    paragraphs = list_texts_of(sections[title], nested=False)
    words = f"Retired: the vendor's page has not listed this code since {error.retired}."
    notice = [words] if error.retired else []
    return [
        *compare_parts(
            error.code,
            ("facts", list_texts_of(sections[title], nested=True), expect_facts(error)),
            (
                "summary and first step",
                paragraphs[-2:],
                [strip_markup(error.summary), f"Do first: {strip_markup(error.first)}"],
            ),
            ("numbered lists", lists, [["ol"], ["ol"]]),
            ("causes", list_texts_of(sections["Causes"], nested=True), expect_items(error.causes)),
            ("steps", list_texts_of(sections["What to do"], nested=True), expect_items(error.remediation)),
            ("example", _list_fences(sections["Example envelope"]), [format_head(error), make_envelope(error)]),
            (
                "states of requests",
                [state for state in fences if not isinstance(state, str)],
                [row.given for row in requests if row.given],
            ),
            (
                "notes of requests",
                [text for text in list_texts_of(asked, nested=False) if " Basis: " in text],
                [f"{strip_markup(row.note)} Basis: {row.basis.label.lower()}." for row in requests],
            ),
            ("real responses", list_texts_of(wild, nested=True), [_describe_response(r, catalogue) for r in observed]),
            ("notice", [text for text in paragraphs if text.startswith("Retired")], notice),
            ("bodies", _list_fences(wild), [parse_json(r.body) for r in observed]),
            (
                "related",
                list_texts_of(sections["Often confused with"], nested=bool(related)),
                [describe_confusion(catalogue, error, other) for other in related]
                or ["No other code is easily confused with this one."],
            ),
            ("requests", [text for text in fences if isinstance(text, str)], pairs),
        ),
        *_find_wrong_alternate_provenance(catalogue, error, sections["Provenance"]),
    ]


def _describe_response(row: Observed, catalogue: Catalogue) -> str:
    parts = [row.wording, f"HTTP {row.http_status}" if row.http_status else "", row.date or ""]
    source = name_source(catalogue.sources[row.source])
    return f"{' · '.join(part for part in [*parts, source] if part)}: {strip_markup(row.note)}"


def _list_fences(section: Iterable[Token]) -> list[object]:
    return [parse_json(token.content.removesuffix("\n")) for token in section if token.type == "fence"]


def _find_wrong_alternate_provenance(catalogue: Catalogue, error: ErrorCode, section: Sequence[Token]) -> list[str]:
    sources = catalogue.list_evidence(error)
    row = f"{error.message} | {error.code} | {error.http_status}"
    listed = [f"[{source.key}] {source.kind.label}: {name_source(source)}" for source in sources]
    note = expect_items([error.note])[0].removesuffix(" (inference)") if error.note else ""
    paragraphs = list_texts_of(section, nested=False)
    table = f"in the table of {error.section.label.lower()} codes"
    addresses = [url for source in sources for url in (source.url, source.archive_url) if url]
    hrefs = [
        str(child.attrs.get("href"))
        for token in section
        if token.level > 1
        for child in token.children or ()
        if child.type == "link_open"
    ]
    return compare_parts(
        error.code,
        ("table", table in " ".join(paragraphs), True),
        ("vendor's row", _list_fences(section), [row]),
        ("sources", list_texts_of(section, nested=True), listed),
        ("addresses", hrefs, addresses),
        ("note", note == "" or note in paragraphs, True),
        ("inference", any("All causes and steps" in text for text in paragraphs), not sources),
    )


def find_wrong_status_alternate(catalogue: Catalogue, row: HttpStatusRow, text: str, url: str) -> list[str]:
    """Check the alternate of a status: front matter, headings, remarks, steps and codes."""
    front, body = split_alternate(text)
    codes = catalogue.errors_with_status(row.status)
    expected = {
        "http_status": row.status,
        "reason": row.reason,
        "codes": [error.code for error in codes],
        "url": f"{url}http/{row.status}/",
    }
    titles = ["What the status alone tells", "What to do", f"Codes sent with {row.status}", "Provenance"]
    sections = list_sections(body)
    headings = ["", f"HTTP {row.status} · {row.reason}", *titles]
    if list(sections) != headings:
        return compare(f"{row.status} headings", list(sections), headings)
    listed = [f"{e.code} {e.message} (retry: {e.retry}, outcome: {e.outcome}, actor: {e.actor})" for e in codes] or [
        "No code of the vendor's tables is sent with this status."
    ]
    keys = dict.fromkeys(key for item in row.iter_items() for key in item.evidence)
    sources = [f"[{s.key}] {s.kind.label}: {name_source(s)}" for s in (catalogue.sources[key] for key in keys)]
    quote = f"The vendor describes {row.status} so: “{row.description}”."
    missing = f"The vendor's list of global HTTP return codes does not have {row.status}."
    provenance = list_texts_of(sections["Provenance"], nested=False)
    summary = [strip_markup(row.summary)]
    note = [expect_items([row.note])[0].removesuffix(" (inference)")] if row.note else []
    return compare_parts(
        row.status,
        ("front matter", front, expected),
        ("meaning", list_texts_of(sections[titles[0]], nested=True), expect_items(row.meaning)),
        ("steps", list_texts_of(sections[titles[1]], nested=True), expect_items(row.steps)),
        ("codes", list_texts_of(sections[titles[2]], nested=bool(codes)), listed),
        ("sources", list_texts_of(sections["Provenance"], nested=True), sources),
        ("provenance", provenance, [quote if row.description else missing, *note]),
        ("summary", list_texts_of(sections[headings[1]], nested=False), summary),
    )


def find_theme_markup(text: str) -> list[str]:
    """Return what only the theme understands: HTML, attribute lists, Jinja, admonitions; code is not looked at."""
    found = []
    for token in MARKDOWN.parse(text):
        found += [token.content] if token.type == "html_block" else []
        for child in token.children or ():
            if child.type == "html_inline" or (
                child.type == "text" and re.search(r"\{\{|\{%|\{:? ?[#.]|^!!!", child.content)
            ):
                found.append(child.content)
    return found


def find_dead_targets(text: str, site_dir: Path, url: str) -> list[str]:
    """Return the targets that are relative, or lead to a page, file or heading that the site does not have."""
    dead = []
    for target in list_targets(text):
        address, anchor = urldefrag(target)
        if not target.startswith(("https://", url)):
            dead.append(target)
        elif target.startswith(url):
            file = locate_file(site_dir, address.removeprefix(url))
            if file is None or (anchor and anchor not in read_anchors(file.read_text("utf-8"))):
                dead.append(target)
    return dead


def find_wide_gaps(text: str) -> list[str]:
    """Return a line if a Markdown text has two blank lines together outside of code."""
    return ["two blank lines together"] if "\n\n\n" in re.sub(r"```.*?```", "code", text, flags=re.DOTALL) else []


def find_wrong_llms(text: str, catalogue: Catalogue, alternates: Iterable[str], url: str) -> list[str]:
    """Check llms.txt: every alternate once, the rule for addresses, title and lead, the tokens of every code."""
    targets = list_targets(text)
    shown = [line for line in text.split("\n") if re.match(r"- \[\d{4,5} ", line)]
    expected = [
        f"- [{e.code} {escape_markdown(e.message)}]({url}codes/{e.code}/index.md): "
        f"retry {e.retry}, outcome {e.outcome}, actor {e.actor}{f', retired since {e.retired}' if e.retired else ''}"
        for e in catalogue.errors
    ]
    sentences = [
        f"The page of code N is {url}codes/N/index.md",
        "Never resend a write whose outcome is `unknown` or `duplicate`: look it up first.",
        "Not an official publication.",
    ]
    return [
        *(f"{target} stands twice" for target in find_repeats(targets)),
        *(f"lacks: {sentence}" for sentence in sentences if sentence not in text),
        *compare("pages", sorted(t for t in targets if t.endswith(".md")), sorted(f"{url}{p}" for p in alternates)),
        *compare("codes", shown, expected),
        *compare("title and lead", text.startswith("# WOO X Pro error reference\n\n> "), expected=True),
    ]


def find_wrong_full_text(full: str, alternates: Mapping[str, str]) -> list[str]:
    """Check llms-full.txt: every alternate (path → text) after its path, in order, and nothing else."""
    counts = {path: full.count(f"<!-- {path} -->\n\n{text}") for path, text in alternates.items()}
    length = sum(len(f"<!-- {path} -->\n\n{text}\n") for path, text in alternates.items())
    lines = [f"{path} stands {count} times" for path, count in counts.items() if count != 1]
    return lines + compare("length", len(full) + 1, length)


# OpenSearch and Atom


def read_xml(content: bytes) -> ET.Element:
    """Return the root of an XML document."""
    root = ET.ElementTree(file=io.BytesIO(content)).getroot()
    assert root is not None
    return root


def find_wrong_opensearch(content: bytes, site_dir: Path, url: str) -> list[str]:
    """Check opensearch.xml: name, templates, icon."""
    root = read_xml(content)
    templates = {part.get("type"): part.get("template") for part in root.iter(f"{OPENSEARCH}Url")}
    expected = {
        "text/html": f"{url}#q={{searchTerms}}",
        "application/opensearchdescription+xml": f"{url}opensearch.xml",
    }
    icon = root.findtext(f"{OPENSEARCH}Image", "")
    return [
        *compare("element", root.tag, f"{OPENSEARCH}OpenSearchDescription"),
        *compare("ShortName", 0 < len(root.findtext(f"{OPENSEARCH}ShortName", "")) <= 16, expected=True),
        *compare("templates", templates, expected),
        *compare("icon", bool(icon) and locate_file(site_dir, icon.removeprefix(url)) is not None, expected=True),
    ]


def find_atom_faults(content: bytes, url: str) -> list[str]:
    """Return what Atom requires and the feed lacks."""
    root = read_xml(content)
    lines = []
    for element in (root, *root.findall(f"{ATOM}entry")):
        texts = {name: [e.text for e in element.findall(f"{ATOM}{name}")] for name in ("id", "title", "updated")}
        lines += [
            f"<{element.tag}> {name}: {found}" for name, found in texts.items() if len(found) != 1 or not found[0]
        ]
        updated = element.findtext(f"{ATOM}updated", "")
        if not (RFC3339.fullmatch(updated) and _is_instant(updated)):
            lines.append(f"updated: {updated}")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    return [
        *lines,
        *compare("author", bool(root.findtext(f"{ATOM}author/{ATOM}name")), expected=True),
        *compare("links", links, {"self": f"{url}changes.xml", "alternate": f"{url}about/changes/"}),
    ]


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def find_wrong_feed(content: bytes, catalogue: Catalogue, anchors: Iterable[str], url: str) -> list[str]:
    """Check the feed against the changes: each once, newest first, with its words, leading to a heading of its page."""
    feed = feedparser.parse(content)
    if feed.bozo:
        return ["not well-formed"]
    who = {"vendor": "The vendor", "catalogue": "This site"}
    newest = sorted(catalogue.changes, key=lambda change: change.date, reverse=True)
    found = [(entry.id, entry.title, entry.updated, entry.get("summary")) for entry in feed.entries]
    expected = [
        (
            f"{url}about/changes/#{change.id}",
            change.title,
            f"{change.date}T00:00:00Z",
            f"{who[change.who]}: {strip_markup(change.text.text)}",
        )
        for change in newest
    ]
    fragments = {urldefrag(entry.link).fragment for entry in feed.entries}
    return [
        *compare("entries", found, expected),
        *compare("feed", feed.feed.updated, f"{newest[0].date}T00:00:00Z"),
        *compare("fragments", fragments <= set(anchors), expected=True),
    ]


# Permalinks


# What other people's alerts, bots and bookmarks hold; written down here a second time on purpose.
PROMISED = set(read_data("promised.json"))


def find_list_faults(content: bytes) -> list[str]:
    """Check the form of permalinks.txt: sorted, one address a line, none twice, plain UTF-8 with LF."""
    listed = content.decode().splitlines()
    canonical = format_permalinks(set(listed)).encode() == content
    repeats = [f"{address} stands twice" for address in find_repeats(listed)]
    return repeats + ([] if canonical else ["Sort it: one address a line, LF line ends"])


def find_broken_promises(listed: Iterable[str]) -> list[str]:
    """Return the addresses promised to others that the list lacks."""
    return sorted(PROMISED - set(listed))


def find_unstable_anchors(addresses: Iterable[str]) -> list[str]:
    """Return the pages of codes and statuses whose headings have other ids than the fixed ones."""
    published = set(addresses)
    lines = []
    for page in sorted(published):
        folder, _, name = page.removesuffix("/").partition("/")
        if page.endswith("/") and name.isdigit():
            anchors = {address.removeprefix(f"{page}#") for address in published if address.startswith(f"{page}#")}
            fixed = {*CODE_ANCHORS, f"code-{name}"} if folder == "codes" else {*STATUS_ANCHORS, f"http-{name}"}
            lines += compare(page, sorted(anchors - OPTIONAL_ANCHORS), sorted(fixed))
    return lines
