"""The files for programs, as built: JSON and its schemas, CSV, Markdown twins, llms.txt, the Python module, feeds."""

import csv
import importlib.util
import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urldefrag
from xml.etree import ElementTree as ET

import feedparser
import pytest
import yaml
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token
from referencing import Registry, Resource

from catalogue import tokens
from catalogue.envelope import make_envelope
from catalogue.explain import WIDTH, explain_code
from catalogue.export import plan_exports, publish_error
from catalogue.load import ERRORS, OBSERVED, SOURCES, STATUSES
from catalogue.model import Catalogue, ErrorCode, HttpStatusRow, Item
from catalogue.permalinks import list_addresses, read_anchors
from catalogue.render import Site, render_error_page, render_error_twin, strip_markup
from catalogue.twins import clean_page
from tests.site_tools import ROOT, find_repeats, iter_elements, locate_file, parse_page, read_text, run_build

SITE = Site("https://errors.example.org/")
SCHEMAS = ("errors.schema.json", "envelope.schema.json")
VOCABULARIES = ("Actor", "Category", "Outcome", "Retry", "Section", "SourceKind")
HEADINGS = ["Causes", "Remediation", "Example envelope", "Related codes", "Provenance"]
OBSERVED_HEADING = "Seen in the wild"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
WRONG = {"unexpected": True}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
MARKDOWN = MarkdownIt("commonmark").enable("table")


def read_json(file: Path) -> Any:
    return json.loads(file.read_bytes())


def read_rows(path: str) -> list[dict[str, Any]]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def split_twin(text: str) -> tuple[dict[str, Any], str]:
    """Return front matter and body."""
    _, front, body = text.split("---\n", 2)
    return yaml.safe_load(front), body


def read_twin(site_dir: Path, path: str) -> tuple[dict[str, Any], str]:
    return split_twin((site_dir / path / "index.md").read_text("utf-8"))


def read_inline(token: Token) -> str:
    return "".join(child.content for child in token.children or () if child.type in {"text", "code_inline"})


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


def list_items(section: list[Token]) -> list[str]:
    """Return the text of a numbered list's items."""
    assert any(token.type == "ordered_list_open" for token in section)
    return [read_inline(token) for token in section if token.type == "inline" and token.level > 1]


@pytest.fixture(scope="module")
def errors(site_dir: Path) -> list[dict[str, Any]]:
    return list(read_json(site_dir / "errors.json")["errors"])


@pytest.fixture(scope="module")
def schemas(site_dir: Path) -> dict[str, Any]:
    return {name: read_json(site_dir / name) for name in SCHEMAS}


def make_validator(schemas: dict[str, Any], reference: str) -> Draft202012Validator:
    """Return a validator for a part of a published schema, found by its address alone."""
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    return Draft202012Validator(
        {"$ref": reference}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@pytest.fixture(scope="module")
def error_validator(schemas: dict[str, Any], server: str) -> Draft202012Validator:
    return make_validator(schemas, f"{server}errors.schema.json#/$defs/PublishedError")


@pytest.fixture(scope="module")
def envelope_validator(schemas: dict[str, Any], server: str) -> Draft202012Validator:
    return make_validator(schemas, f"{server}envelope.schema.json")


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


# Schemas


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_has_an_absolute_address(schemas: dict[str, Any], server: str, name: str) -> None:
    Draft202012Validator.check_schema(schemas[name])
    assert schemas[name]["$id"] == f"{server}{name}"
    assert schemas[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_part_of_a_schema_has_title_and_description(schemas: dict[str, Any], name: str) -> None:
    models = {"": schemas[name]} | schemas[name].get("$defs", {})
    parts = dict(models)
    for model, schema in models.items():
        parts |= {f"{model}.{field}": part for field, part in schema.get("properties", {}).items()}
        parts |= {f"{model}={token['const']}": token for token in schema.get("oneOf", ())}
    bare = [path for path, part in parts.items() if not (part.get("title") and part.get("description"))]
    assert not bare, f"Give each a title and a description in the model: {bare}"


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_tokens_of_the_schema_equal_the_vocabulary(schemas: dict[str, Any], name: str) -> None:
    vocabulary = getattr(tokens, name)
    published = [
        (t["const"], t["title"], t["description"]) for t in schemas["errors.schema.json"]["$defs"][name]["oneOf"]
    ]
    assert published == [(token.value, token.label, token.description) for token in vocabulary]


def test_the_catalogue_fits_its_schema(site_dir: Path, schemas: dict[str, Any]) -> None:
    document = read_json(site_dir / "errors.json")
    assert document["$schema"] == schemas["errors.schema.json"]["$id"]
    problems = [e.message for e in make_validator(schemas, document["$schema"]).iter_errors(document)]
    assert not problems
    assert list(document) == ["$schema", "spec", "errors"]
    assert document["spec"] == read_json(ROOT / "data" / "spec" / "manifest.json")


def test_every_mutated_catalogue_is_refused(
    site_dir: Path, schemas: dict[str, Any], errors: list[dict[str, Any]]
) -> None:
    full = next(error for error in errors if error["observed"] and error["note"])
    document = read_json(site_dir / "errors.json") | {"errors": [full]}
    validator = make_validator(schemas, document["$schema"])
    assert validator.is_valid(document)
    accepted = [what for what, copy in iter_mutations(document) if validator.is_valid(copy)]
    assert not accepted, f"The schema accepts: {accepted}"


def test_every_error_fits_its_part_of_the_schema(
    error_validator: Draft202012Validator, site_dir: Path, catalogue: Catalogue
) -> None:
    files = {error.code: read_json(site_dir / "codes" / error.code / "index.json") for error in catalogue.errors}
    problems = [
        f"{code}: {e.json_path}: {e.message}" for code, o in files.items() for e in error_validator.iter_errors(o)
    ]
    assert not problems


def test_no_error_with_one_wrong_field_fits(
    error_validator: Draft202012Validator, errors: list[dict[str, Any]]
) -> None:
    accepted = []
    for error in errors:
        for name in error:
            less = {key: value for key, value in error.items() if key != name}
            accepted += [
                f"{error['code']}.{name}" for copy in (less, error | {name: WRONG}) if error_validator.is_valid(copy)
            ]
    assert not accepted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "30 005"),
        ("code", 30005),
        ("http_status", "401"),
        ("retry", "maybe"),
        ("outcome", "Unknown"),
        ("url", "not an address"),
        ("retired", "last year"),
        ("summary", "x" * 161),
        ("causes", []),
    ],
)
def test_a_value_of_the_right_type_but_wrong_form_is_refused(
    error_validator: Draft202012Validator, errors: list[dict[str, Any]], field: str, value: object
) -> None:
    assert not error_validator.is_valid(errors[0] | {field: value})


def test_every_example_envelope_fits_the_published_schema(
    envelope_validator: Draft202012Validator, site_dir: Path, catalogue: Catalogue
) -> None:
    for error in catalogue.errors:
        fences = [t for t in MARKDOWN.parse(read_twin(site_dir, f"codes/{error.code}")[1]) if t.info == "json"]
        assert len(fences) == 1, f"{error.code}: expected one JSON block, found {len(fences)}"
        body = json.loads(fences[0].content)
        assert body == make_envelope(error)
        assert (body["code"], body["message"]) == (int(error.code), error.message)
        problems = [e.message for e in envelope_validator.iter_errors(body)]
        assert not problems, f"{error.code}: {problems}"


def test_no_mutated_envelope_fits(envelope_validator: Draft202012Validator, catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        body = make_envelope(error)
        # `data` is free in content and optional: only its type can be wrong.
        mutations = [(what, copy) for what, copy in iter_mutations(body) if not what.startswith("/data")]
        mutations.append(("/data replaced", body | {"data": "text"}))
        accepted = [f"{error.code}: {what}" for what, copy in mutations if envelope_validator.is_valid(copy)]
        assert not accepted


# The exported objects equal the rows


def split_keys(line: str) -> dict[str, Any]:
    """Split `text [S1][B2]` as a reader of the CSV would."""
    text, _, tail = line.rpartition(" [")
    keys = tail.removesuffix("]").split("][")
    if text and tail.endswith("]") and all(key.isalnum() for key in keys):
        return {"text": text, "evidence": keys}
    return {"text": line, "evidence": []}


def expect_error(row: dict[str, Any], server: str) -> dict[str, Any]:
    """Return what the exported object must hold for a CSV row."""
    cells = {name: re.sub(r"\]\(guide:([a-z-]+)", rf"]({server}guides/\1/", cell) for name, cell in row.items()}
    return {
        **cells,
        "http_status": int(row["http_status"]),
        "causes": [split_keys(line) for line in cells["causes"].split("\n")],
        "remediation": [split_keys(line) for line in cells["remediation"].split("\n")],
        "related": row["related"].split(";") if row["related"] else [],
        "keywords": row["keywords"].split(";") if row["keywords"] else [],
        "note": split_keys(cells["note"]) if row["note"] else None,
        "retired": row["retired"] or None,
    }


def test_the_exported_errors_equal_the_rows_in_order(errors: list[dict[str, Any]], server: str) -> None:
    rows = read_rows(ERRORS)
    fields = list(rows[0])
    assert [{name: error[name] for name in fields} for error in errors] == [expect_error(row, server) for row in rows]
    for error in errors:
        assert list(error) == [*fields, "url", "observed", "evidence"]
        assert error["url"] == f"{server}codes/{error['code']}/"


def test_no_internal_link_is_left_in_the_exported_text(site_dir: Path) -> None:
    files = [site_dir / "errors.json", site_dir / "lookup.json"]
    files += [*site_dir.glob("codes/*/index.json"), *site_dir.glob("codes/*/index.md")]
    found = [file.as_posix() for file in files if "guide:" in file.read_text("utf-8")]
    assert not found


def test_the_sources_of_an_error_are_those_it_cites(errors: list[dict[str, Any]]) -> None:
    sources = {row["key"]: row | {"url": row["url"] or None} for row in read_rows(SOURCES)}
    for error in errors:
        items = [*error["causes"], *error["remediation"], *([error["note"]] if error["note"] else [])]
        cited = {key for item in items for key in item["evidence"]} | {row["source"] for row in error["observed"]}
        assert {source["key"] for source in error["evidence"]} == cited, error["code"]
        assert not find_repeats(source["key"] for source in error["evidence"])
        assert all(source == sources[source["key"]] for source in error["evidence"]), error["code"]


def test_the_observed_responses_equal_their_rows(errors: list[dict[str, Any]]) -> None:
    rows = [
        row
        | {
            "http_status": int(row["http_status"]) if row["http_status"] else None,
            "date": row["date"] or None,
            "foreign": row["foreign"] == "yes",
        }
        for row in read_rows(OBSERVED)
    ]
    assert [response for error in errors for response in error["observed"]] == rows


def test_a_code_of_its_own_equals_its_entry_in_the_list(site_dir: Path, errors: list[dict[str, Any]]) -> None:
    files = {file.parent.name: read_json(file) for file in site_dir.glob("codes/*/index.json")}
    assert files == {error["code"]: error for error in errors}


def test_the_published_csv_is_the_data_file(site_dir: Path) -> None:
    assert (site_dir / "errors.csv").read_bytes() == (ROOT / ERRORS).read_bytes()


def find_formulas(content: bytes) -> list[str]:
    rows = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    return [cell for row in rows for cell in row if cell.startswith(FORMULA_STARTS)]


def test_a_spreadsheet_runs_no_cell(site_dir: Path) -> None:
    assert not find_formulas((site_dir / "errors.csv").read_bytes())


def test_a_formula_in_a_quoted_cell_is_found() -> None:
    assert find_formulas(b'a,b\n1,"=HYPERLINK(""x"")"\n') == ['=HYPERLINK("x")']


# Bytes


def test_two_builds_give_the_same_bytes(site_dir: Path, server: str, tmp_path: Path) -> None:
    assert run_build(tmp_path, server).returncode == 0
    files = [path for path in sorted(list_addresses(site_dir)) if "#" not in path and not path.endswith("/")]
    assert "errors.json" in files
    different = [path for path in files if (tmp_path / path).read_bytes() != (site_dir / path).read_bytes()]
    assert not different


def test_two_calls_give_the_same_text(catalogue: Catalogue, site_dir: Path, server: str) -> None:
    first, second = (plan_exports(catalogue, Site(server), {}) for _ in range(2))
    assert first == second
    for path, text in first.items():
        if not path.startswith("llms"):
            assert (site_dir / path).read_bytes() == text.encode(), path


# The Python module


@pytest.fixture(scope="module")
def module(site_dir: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("published_errors", site_dir / "errors.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_module_equals_the_rows(module: ModuleType, server: str) -> None:
    published = [
        {
            "code": str(error.value),
            "message": error.message,
            "http_status": str(error.http_status),
            "retry": error.retry.value,
            "outcome": error.outcome.value,
            "actor": error.actor.value,
            "url": error.url,
            "name": error.name,
        }
        for error in module.ErrorCode
    ]
    names = ("code", "message", "http_status", "retry", "outcome", "actor")
    rows = read_rows(ERRORS)
    assert published == [
        {name: row[name] for name in names} | {"url": f"{server}codes/{row['code']}/", "name": f"E{row['code']}"}
        for row in rows
    ]


@pytest.mark.parametrize("name", ["Retry", "Outcome", "Actor"])
def test_the_enums_of_the_module_equal_the_vocabulary(module: ModuleType, name: str) -> None:
    assert [(m.name, m.value) for m in getattr(module, name)] == [(t.name, t.value) for t in getattr(tokens, name)]


def test_the_module_refuses_an_unlisted_code(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="49998"):
        module.ErrorCode(49998)


def test_the_module_passes_a_strict_type_check(site_dir: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}"]
    result = subprocess.run([*command, str(site_dir / "errors.py")], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


# Markdown twins


def list_twins(site_dir: Path) -> dict[str, str]:
    return {
        file.relative_to(site_dir).as_posix(): file.read_text("utf-8") for file in sorted(site_dir.rglob("index.md"))
    }


def test_every_page_has_a_twin_and_no_twin_is_without_a_page(site_dir: Path) -> None:
    pages = {file.parent for file in site_dir.rglob("index.html")}
    assert {file.parent for file in site_dir.rglob("index.md")} == pages


def test_the_front_matter_of_a_code_equals_its_row(site_dir: Path, server: str) -> None:
    for row in read_rows(ERRORS):
        front, _ = read_twin(site_dir, f"codes/{row['code']}")
        expected = expect_error(row, server)
        names = [name for name in expected if name not in {"causes", "remediation", "note"}]
        expected["summary"] = re.sub(r"\[([^]]+)\]\(\S+\)", r"\1", expected["summary"])
        assert front == {name: expected[name] for name in names} | {"url": f"{server}codes/{row['code']}/"}


def test_the_front_matter_of_a_status_equals_its_row(site_dir: Path, server: str) -> None:
    errors = read_rows(ERRORS)
    for row in read_rows(STATUSES):
        status = row["status"]
        assert read_twin(site_dir, f"http/{status}")[0] == {
            "http_status": int(status),
            "reason": row["reason"],
            "codes": [error["code"] for error in errors if error["http_status"] == status],
            "url": f"{server}http/{status}/",
        }


def expect_items(items: tuple[Item, ...]) -> list[str]:
    marks = ("".join(f"[{key}]" for key in item.evidence) or "(inference)" for item in items)
    return [f"{strip_markup(item.text)} {mark}" for item, mark in zip(items, marks, strict=True)]


def check_error_twin(error: ErrorCode, has_observed: bool, body: str) -> None:
    sections = list_sections(body)
    headings = HEADINGS[:3] + [OBSERVED_HEADING] * has_observed + HEADINGS[3:]
    assert list(sections) == ["", f"{error.code} · {error.message}", *headings], error.code
    assert list_items(sections["Causes"]) == expect_items(error.causes)
    assert list_items(sections["Remediation"]) == expect_items(error.remediation)


def test_the_twin_of_a_code_keeps_headings_causes_and_steps(site_dir: Path, catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        body = read_twin(site_dir, f"codes/{error.code}")[1]
        check_error_twin(error, bool(catalogue.list_observed(error.code)), body)


def test_steps_out_of_order_are_noticed(site_dir: Path, catalogue: Catalogue) -> None:
    error = catalogue.errors[0]
    swapped = error.model_copy(update={"remediation": error.remediation[::-1]})
    with pytest.raises(AssertionError):
        check_error_twin(swapped, has_observed=True, body=read_twin(site_dir, f"codes/{error.code}")[1])


def test_the_twin_of_a_status_keeps_its_steps(site_dir: Path, catalogue: Catalogue) -> None:
    for row in catalogue.statuses:
        sections = list_sections(read_twin(site_dir, f"http/{row.status}")[1])
        assert list(sections)[1] == f"HTTP {row.status} · {row.reason}"
        assert list_items(sections["When the body has no code"]) == expect_items(row.steps)


def test_the_twin_of_a_guide_keeps_its_headings(site_dir: Path) -> None:
    for file in sorted(site_dir.glob("guides/*/index.md")):
        page = parse_page(str(file), file.with_name("index.html").read_text("utf-8"))
        article = next(iter_elements(page.root, "article"))
        shown = [read_text(e) for e in iter_elements(article) if e.tag in {"h1", "h2", "h3"}]
        assert list(list_sections(file.read_text("utf-8")))[1:] == shown, file


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


def list_targets(text: str) -> list[str]:
    children = [child for token in MARKDOWN.parse(text) for child in token.children or ()]
    return [
        str(child.attrs.get("href", child.attrs.get("src")))
        for child in children
        if child.type in {"link_open", "image"}
    ]


def find_dead_targets(text: str, site_dir: Path, server: str) -> list[str]:
    """Return the targets that are relative, or lead to a page, file or heading that the site does not have."""
    dead = []
    for target in list_targets(text):
        address, anchor = urldefrag(target)
        if not target.startswith(("https://", server)):
            dead.append(target)
        elif target.startswith(server):
            file = locate_file(site_dir, address.removeprefix(server))
            if file is None or (anchor and anchor not in read_anchors(file.read_text("utf-8"))):
                dead.append(target)
    return dead


def read_bodies(site_dir: Path) -> dict[str, str]:
    """Return path → text without front matter, for every twin."""
    twins = list_twins(site_dir)
    return {path: split_twin(text)[1] if text.startswith("---\n") else text for path, text in twins.items()}


def test_twins_are_plain_markdown(site_dir: Path) -> None:
    bodies = read_bodies(site_dir)
    found = [f"{path}: {markup}" for path, body in bodies.items() for markup in find_theme_markup(body)]
    assert not found


def test_twins_have_no_two_blank_lines_together(site_dir: Path) -> None:
    without_code = {
        path: re.sub(r"```.*?```", "code", body, flags=re.DOTALL) for path, body in read_bodies(site_dir).items()
    }
    assert not [path for path, body in without_code.items() if "\n\n\n" in body]


@pytest.mark.parametrize(
    "text",
    ['a <a href="b">c</a>', "<table>\n<tr>", "# Title { #id }", "word { .class }", "{{ macro() }}", '!!! note "x"'],
)
def test_theme_markup_is_found(text: str) -> None:
    assert find_theme_markup(text)


def test_every_link_of_a_twin_is_absolute_and_lives(site_dir: Path, server: str) -> None:
    dead = [
        f"{path}: {target}"
        for path, text in list_twins(site_dir).items()
        for target in find_dead_targets(text, site_dir, server)
    ]
    assert not dead


@pytest.mark.parametrize("target", ["../codes/30005.md", "#look-up", "codes/1/index.md", "codes/30005/#no"])
def test_a_dead_link_of_a_twin_is_found(site_dir: Path, server: str, target: str) -> None:
    address = target if target.startswith(("#", "..")) else server + target
    assert find_dead_targets(f"[x]({address})", site_dir, server) == [address]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("# Title { #top }", "# Title"),
        ("[a](../codes/30005.md#causes)", "[a](https://errors.example.org/codes/30005/index.md)"),
        (
            "[a](retries.md) [b](#here)",
            "[a](https://errors.example.org/guides/retries/index.md) [b](https://errors.example.org/guides/clock/#here)",
        ),
        ("[a](../samples/sign.py)", "[a](https://errors.example.org/samples/sign.py)"),
        ('<a href="../../changes.xml">feed</a>', "[feed](https://errors.example.org/changes.xml)"),
        ('[B1](https://x.example/){ .ev title="t" }', "[B1](https://x.example/)"),
        ('<span class="ev">BitMart B4</span>.', "BitMart B4."),
        ("`[a](b.md)` and `{ #id }`", "`[a](b.md)` and `{ #id }`"),
        ("```text\n[a](b.md){ .c }\n\n\n# x { #y }\n```", "```text\n[a](b.md){ .c }\n\n\n# x { #y }\n```"),
        ("````md\n```text\n````\n# x { #y }", "````md\n```text\n````\n# x"),
        ('<div class="grid">\n\ntext\n{ .summary }\n\n</div>\n\nmore', "text\n\nmore"),
    ],
)
def test_a_page_is_cleaned_for_its_twin(text: str, cleaned: str) -> None:
    assert clean_page("guides/clock.md", text, SITE) == f"{cleaned}\n"


def test_llms_lists_every_page_once(site_dir: Path, server: str) -> None:
    text = (site_dir / "llms.txt").read_text("utf-8")
    targets = list_targets(text)
    assert sorted(target for target in targets if target.endswith(".md")) == sorted(
        server + path for path in list_twins(site_dir)
    )
    assert not find_repeats(targets)
    assert not find_dead_targets(text, site_dir, server)
    assert f"The page of code N is {server}codes/N/index.md" in text
    assert text.startswith("# WOO X Pro error reference\n\n> ")


def test_the_full_text_holds_every_twin_once(site_dir: Path) -> None:
    full = (site_dir / "llms-full.txt").read_text("utf-8")
    counts = {path: full.count(f"<!-- {path} -->\n\n{text}") for path, text in list_twins(site_dir).items()}
    assert set(counts.values()) == {1}, [path for path, count in counts.items() if count != 1]


# OpenSearch and Atom


def read_xml(file: Path) -> ET.Element:
    root = ET.ElementTree(file=file).getroot()
    assert root is not None
    return root


def test_opensearch_leads_to_the_lookup(site_dir: Path, server: str) -> None:
    root = read_xml(site_dir / "opensearch.xml")
    assert root.tag == f"{OPENSEARCH}OpenSearchDescription"
    assert len(root.findtext(f"{OPENSEARCH}ShortName", "")) <= 16
    templates = {url.get("type"): url.get("template") for url in root.iter(f"{OPENSEARCH}Url")}
    assert templates == {
        "text/html": f"{server}#q={{searchTerms}}",
        "application/opensearchdescription+xml": f"{server}opensearch.xml",
    }
    icon = root.findtext(f"{OPENSEARCH}Image", "")
    assert locate_file(site_dir, icon.removeprefix(server))


def test_the_feed_has_what_atom_requires(site_dir: Path, server: str) -> None:
    root = read_xml(site_dir / "changes.xml")
    entries = root.findall(f"{ATOM}entry")
    for element in (root, *entries):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}"), f"<{element.tag}> lacks {name}"
        updated = element.findtext(f"{ATOM}updated", "")
        assert RFC3339.fullmatch(updated)
        assert datetime.fromisoformat(updated).tzinfo
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert {"self": f"{server}changes.xml"}.items() <= {
        link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")
    }.items()


def test_the_feed_holds_every_change_newest_first(site_dir: Path, catalogue: Catalogue, server: str) -> None:
    feed = feedparser.parse((site_dir / "changes.xml").read_bytes())
    assert not feed.bozo
    ids = [entry.id for entry in feed.entries]
    assert sorted(ids) == sorted(f"{server}about/changes/#{change.id}" for change in catalogue.changes)
    assert not find_repeats(ids)
    dates = [entry.updated for entry in feed.entries]
    assert dates == sorted(dates, reverse=True)
    assert feed.feed.updated == dates[0]
    anchors = read_anchors((site_dir / "about" / "changes" / "index.html").read_text("utf-8"))
    assert {urldefrag(entry.link).fragment for entry in feed.entries} <= set(anchors)


# A code that the vendor drops


def retire_code(catalogue: Catalogue, code: str, day: str) -> Catalogue:
    retired = catalogue.by_code[code].model_copy(update={"retired": day})
    return replace(catalogue, errors=tuple(retired if error.code == code else error for error in catalogue.errors))


def test_a_retired_code_keeps_page_and_files(catalogue: Catalogue) -> None:
    changed = retire_code(catalogue, "40008", "2027-01-31")
    files = plan_exports(changed, SITE, {})
    assert set(files) == set(plan_exports(catalogue, SITE, {}))
    assert "has not listed this code since 2027-01-31" in render_error_page(changed, "40008", SITE)
    front, body = split_twin(files["codes/40008/index.md"])
    assert front["retired"] == "2027-01-31"
    assert "has not listed this code since 2027-01-31" in body
    assert json.loads(files["codes/40008/index.json"])["retired"] == "2027-01-31"
    assert "retired since 2027-01-31" in files["llms.txt"]
    assert "E40008 = 40008" in files["errors.py"]
    assert "since 2027-01-31" in explain_code(changed, "40008")[0]


def test_a_listed_code_shows_no_notice(catalogue: Catalogue) -> None:
    texts = [render_error_page(catalogue, "40008", SITE), render_error_twin(catalogue, "40008", SITE)]
    assert not any("has not listed this code" in text for text in texts)
    assert publish_error(catalogue, catalogue.by_code["40008"], SITE).retired is None


# The terminal


def test_explain_fits_the_terminal(catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        text, found = explain_code(catalogue, error.code)
        assert found
        prose = [line for line in text.split("\n") if "https://" not in line and not line.startswith('  "')]
        assert max(len(line) for line in prose) <= WIDTH, error.code
        assert "guide:" not in text
        positions = [text.index(f"\n{number}. ") for number in range(1, len(error.remediation) + 1)]
        assert positions == sorted(positions)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("30009", "30008 Header X-API-TIMESTAMP invalid format and 30010"),
        ("1", "1000 OK"),
        ("99999", "42000 Insufficient balance"),
        ("x", "is not a code"),
        ("", "is not a code"),
        ("٣٠٠٠٥", "is not a code"),
        ("3" * 5000, "is not a code"),
    ],
)
def test_explain_says_what_is_near_an_unlisted_code(catalogue: Catalogue, code: str, words: str) -> None:
    text, found = explain_code(catalogue, code)
    assert not found
    assert words in " ".join(text.split())


def test_every_row_is_exported_whatever_the_number_of_rows(catalogue: Catalogue) -> None:
    row: HttpStatusRow = catalogue.statuses[0]
    smaller = replace(catalogue, errors=catalogue.errors[:0], observed=(), statuses=(row,))
    folders = Counter(path.split("/")[0] for path in plan_exports(smaller, SITE, {}))
    assert folders["codes"] == 0
    assert folders["http"] == 1
