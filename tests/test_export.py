"""The files for programs, as built: JSON, schemas, CSV, Markdown alternates, llms.txt, the Python module, feeds."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from catalogue.model.rows import Catalogue, HttpStatusRow
from catalogue.paths import ERRORS
from catalogue.publish.finish import plan_files
from catalogue.render.envelope import make_envelope
from catalogue.render.guides import clean_page
from catalogue.render.links import Site
from catalogue.render.pages import render_error_page
from catalogue.render.terminal import WIDTH, explain_code
from catalogue.site.permalinks import list_addresses, read_anchors
from tests.checks import exports
from tests.checks.data import edit_row
from tests.site_tools import iter_elements, parse_page, read_data, read_text, run_build

SITE = Site("https://errors.example.org/")
VOCABULARIES = ("Actor", "Category", "Outcome", "Retry", "Section", "SourceKind")


def read_json(file: Path) -> Any:
    return json.loads(file.read_bytes())


def read_alternate(site_dir: Path, path: str) -> str:
    return (site_dir / path / "index.md").read_text("utf-8")


@pytest.fixture(scope="module")
def errors(site_dir: Path) -> list[dict[str, Any]]:
    return list(read_json(site_dir / "errors.json")["errors"])


@pytest.fixture(scope="module")
def schemas(site_dir: Path) -> dict[str, Any]:
    return {name: read_json(site_dir / name) for name in exports.SCHEMAS}


# Schemas


@pytest.mark.parametrize("name", exports.SCHEMAS)
def test_a_schema_is_valid_and_has_an_absolute_address(schemas: dict[str, Any], server: str, name: str) -> None:
    assert exports.find_wrong_identity(name, schemas[name], server) == []


@pytest.mark.parametrize("name", exports.SCHEMAS)
def test_every_part_of_a_schema_has_title_and_description(schemas: dict[str, Any], name: str) -> None:
    assert exports.find_bare_parts(schemas[name]) == [], "Give each a title and a description in the model."


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_tokens_of_the_schema_equal_the_vocabulary(schemas: dict[str, Any], name: str) -> None:
    assert exports.find_wrong_vocabulary(schemas["errors.schema.json"], name) == []


def test_the_catalogue_fits_its_schema(site_dir: Path, schemas: dict[str, Any]) -> None:
    assert exports.find_misfits(read_json(site_dir / "errors.json"), schemas) == []


def test_every_mutated_catalogue_is_refused(site_dir: Path, schemas: dict[str, Any]) -> None:
    assert exports.find_accepted(schemas, read_json(site_dir / "errors.json")) == []


def test_every_example_envelope_fits_the_published_schema(schemas: dict[str, Any], catalogue: Catalogue) -> None:
    validator = exports.make_validator(schemas, schemas["envelope.schema.json"]["$id"])
    bodies = {error.code: make_envelope(error) for error in catalogue.errors}
    shown = {code: (str(body["code"]), body["message"]) for code, body in bodies.items()}
    assert shown == {error.code: (error.code, error.message) for error in catalogue.errors}
    assert not [f"{code}: {e.message}" for code, body in bodies.items() for e in validator.iter_errors(body)]


def test_no_mutated_envelope_fits(schemas: dict[str, Any], catalogue: Catalogue) -> None:
    assert [line for error in catalogue.errors for line in exports.find_accepted_envelopes(schemas, error)] == []


# The exported objects equal the rows


def test_the_exported_errors_equal_the_rows_in_order(errors: list[dict[str, Any]], server: str) -> None:
    assert exports.find_wrong_exports(errors, server) == []


def test_the_sources_of_an_error_are_those_it_cites(errors: list[dict[str, Any]]) -> None:
    assert exports.find_wrong_citations(errors) == []


def test_the_observed_responses_equal_their_rows(errors: list[dict[str, Any]], server: str) -> None:
    assert exports.find_wrong_export_responses(errors, server) == []


def test_a_code_of_its_own_equals_its_entry_in_the_list(site_dir: Path, errors: list[dict[str, Any]]) -> None:
    files = {file.parent.name: read_json(file) for file in site_dir.glob("codes/*/index.json")}
    assert exports.find_wrong_files(files, errors) == []


def test_the_lookup_s_file_equals_the_rows(site_dir: Path, catalogue: Catalogue) -> None:
    assert exports.find_wrong_lookup(read_json(site_dir / "lookup.json"), catalogue) == []


def test_the_published_csv_is_the_data_file(site_dir: Path) -> None:
    assert exports.find_wrong_csv((site_dir / "errors.csv").read_bytes()) == []


def test_a_spreadsheet_runs_no_cell(site_dir: Path) -> None:
    assert not exports.find_formulas((site_dir / "errors.csv").read_bytes())


# Bytes


def test_two_builds_give_the_same_bytes(site_dir: Path, server: str, tmp_path: Path) -> None:
    assert run_build(tmp_path, server).returncode == 0
    files = [path for path in sorted(list_addresses(site_dir)) if "#" not in path and not path.endswith("/")]
    assert "errors.json" in files
    different = [path for path in files if (tmp_path / path).read_bytes() != (site_dir / path).read_bytes()]
    assert not different


# The Python module


@pytest.fixture(scope="module")
def module(site_dir: Path) -> ModuleType:
    return exports.load_module(site_dir / "errors.py")


def test_the_module_equals_the_rows(module: ModuleType, server: str) -> None:
    assert exports.find_wrong_members(module, server) == []


@pytest.mark.parametrize("name", ["Retry", "Outcome", "Actor"])
def test_the_enums_of_the_module_equal_the_vocabulary(module: ModuleType, name: str) -> None:
    assert exports.find_wrong_enums(module, name) == []


def test_the_module_refuses_an_unlisted_code(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="49998"):
        module.ErrorCode(49998)


def test_the_module_passes_a_strict_type_check(site_dir: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}"]
    result = subprocess.run([*command, str(site_dir / "errors.py")], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


# Markdown alternates


def list_alternates(site_dir: Path) -> dict[str, str]:
    return {
        file.relative_to(site_dir).as_posix(): file.read_text("utf-8") for file in sorted(site_dir.rglob("index.md"))
    }


def test_every_page_has_a_alternate_and_no_alternate_is_without_a_page(site_dir: Path) -> None:
    pages = {file.parent for file in site_dir.rglob("index.html")}
    assert {file.parent for file in site_dir.rglob("index.md")} == pages


def test_the_front_matter_of_a_code_equals_its_row(site_dir: Path, server: str) -> None:
    rows = exports.read_rows(ERRORS)
    texts = {row["code"]: read_alternate(site_dir, f"codes/{row['code']}") for row in rows}
    assert [line for row in rows for line in exports.find_wrong_front(row, texts[row["code"]], server)] == []


def test_the_alternate_of_a_code_keeps_headings_causes_and_steps(site_dir: Path, catalogue: Catalogue) -> None:
    texts = {error.code: read_alternate(site_dir, f"codes/{error.code}") for error in catalogue.errors}
    assert [line for e in catalogue.errors for line in exports.find_wrong_alternate(catalogue, e, texts[e.code])] == []


def test_the_alternate_of_a_status_keeps_its_steps(site_dir: Path, catalogue: Catalogue, server: str) -> None:
    texts = {row.status: read_alternate(site_dir, f"http/{row.status}") for row in catalogue.statuses}
    for row in catalogue.statuses:
        assert exports.find_wrong_status_alternate(catalogue, row, texts[row.status], server) == []


def test_the_alternate_of_a_guide_keeps_its_headings(site_dir: Path) -> None:
    for file in sorted(site_dir.glob("guides/*/index.md")):
        page = parse_page(str(file), file.with_name("index.html").read_text("utf-8"))
        article = next(iter_elements(page.root, "article"))
        shown = [read_text(e) for e in iter_elements(article) if e.tag in {"h1", "h2", "h3"}]
        assert list(exports.list_sections(file.read_text("utf-8")))[1:] == shown, file


def read_bodies(site_dir: Path) -> dict[str, str]:
    """Return path → text without front matter, for every alternate."""
    texts = list_alternates(site_dir).items()
    return {path: exports.split_alternate(text)[1] if text.startswith("---\n") else text for path, text in texts}


def test_alternates_are_plain_markdown(site_dir: Path) -> None:
    bodies = read_bodies(site_dir)
    found = [f"{path}: {markup}" for path, body in bodies.items() for markup in exports.find_theme_markup(body)]
    assert not found


def test_alternates_have_no_two_blank_lines_together(site_dir: Path) -> None:
    assert not [path for path, body in read_bodies(site_dir).items() if exports.find_wide_gaps(body)]


def test_every_link_of_a_alternate_is_absolute_and_lives(site_dir: Path, server: str) -> None:
    dead = [
        f"{path}: {target}"
        for path, text in list_alternates(site_dir).items()
        for target in exports.find_dead_targets(text, site_dir, server)
    ]
    assert not dead


@pytest.mark.parametrize(("text", "cleaned"), read_data("markdown.json")["cleaned"])
def test_a_page_is_cleaned_for_its_alternate(text: str, cleaned: str) -> None:
    assert clean_page("guides/clock.md", text, SITE) == f"{cleaned}\n"


def test_llms_lists_every_page_once(site_dir: Path, catalogue: Catalogue, server: str) -> None:
    text = (site_dir / "llms.txt").read_text("utf-8")
    assert exports.find_wrong_llms(text, catalogue, list_alternates(site_dir), server) == []
    assert not exports.find_dead_targets(text, site_dir, server)


def test_the_full_text_holds_every_alternate_once(site_dir: Path) -> None:
    full = (site_dir / "llms-full.txt").read_text("utf-8")
    assert exports.find_wrong_full_text(full, list_alternates(site_dir)) == []


# OpenSearch and Atom


def test_opensearch_leads_to_the_lookup(site_dir: Path, server: str) -> None:
    content = (site_dir / "opensearch.xml").read_bytes()
    assert exports.find_wrong_opensearch(content, site_dir, server) == []


def test_the_feed_has_what_atom_requires(site_dir: Path, server: str) -> None:
    assert exports.find_atom_faults((site_dir / "changes.xml").read_bytes(), server) == []


def test_the_feed_holds_every_change_newest_first(site_dir: Path, catalogue: Catalogue, server: str) -> None:
    anchors = read_anchors((site_dir / "about" / "changes" / "index.html").read_text("utf-8"))
    assert exports.find_wrong_feed((site_dir / "changes.xml").read_bytes(), catalogue, anchors, server) == []


# A code that the vendor drops


def test_a_retired_code_keeps_page_and_files(catalogue: Catalogue) -> None:
    changed = edit_row(catalogue, "40008", retired="2027-01-31")
    files = plan_files(changed, SITE)
    assert set(files) == set(plan_files(catalogue, SITE))
    assert "has not listed this code since 2027-01-31" in render_error_page(changed, "40008", SITE)
    front, body = exports.split_alternate(files["codes/40008/index.md"].decode())
    assert front["retired"] == "2027-01-31"
    assert "has not listed this code since 2027-01-31" in body
    assert json.loads(files["codes/40008/index.json"])["retired"] == "2027-01-31"
    assert "retired since 2027-01-31" in files["llms.txt"].decode()
    assert "E40008 = 40008" in files["errors.py"].decode()
    assert "since 2027-01-31" in explain_code(changed, "40008")[0]


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


@pytest.mark.parametrize("code", ["x", "", "\u0663\u0660\u0660\u0660\u0665", "3" * 5000, "1", "99999"])
def test_explain_says_what_is_near_an_unlisted_code(catalogue: Catalogue, code: str) -> None:
    nearest = {"1": catalogue.errors[0], "99999": catalogue.errors[-1]}
    words = f"{nearest[code].code} {nearest[code].message}" if code in nearest else "is not a code"
    text, found = explain_code(catalogue, code)
    assert not found
    assert words in " ".join(text.split())


def test_every_row_is_exported_whatever_the_number_of_rows(catalogue: Catalogue) -> None:
    row: HttpStatusRow = catalogue.statuses[0]
    smaller = replace(catalogue, errors=catalogue.errors[:0], observed=(), library=(), statuses=(row,))
    folders = Counter(path.split("/")[0] for path in plan_files(smaller, SITE))
    # The hand-written index is left.
    assert folders["codes"] == 1
    assert folders["http"] == 2
