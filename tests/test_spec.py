"""The rows equal the vendor's page, both ways, cell by cell; the reader of the page refuses what it cannot read."""

import json
from pathlib import Path

import pytest

from catalogue.model.rows import Catalogue, ErrorCode
from catalogue.paths import ERRORS, SPEC_MANIFEST, SPEC_PAGE, STATUSES
from catalogue.vendor.blocks import SpecError
from catalogue.vendor.page import parse_spec, read_spec
from catalogue.vendor.snapshot import check_snapshot
from tests.checks.data import (
    WRONG_EXAMPLES,
    find_description_differences,
    find_differences,
    find_manifest_faults,
    find_status_differences,
    find_wrong_examples,
)

TEXT = SPEC_PAGE.read_text("utf-8")
PAGE = read_spec()
CODES = [row.code for _, row in PAGE.iter_rows()]
CELLS = ("message", "http_status", "section")
VENDOR_STATUSES = 4


def replace_once(old: str, new: str) -> str:
    """Return the page with one text replaced; a text that does not stand once is a mistake of the test."""
    assert TEXT.count(old) == 1, f"{old!r} stands {TEXT.count(old)} times"
    return TEXT.replace(old, new)


def find_line(text: str) -> int:
    """Return the number of the only line of the page that holds a text."""
    hits = [number for number, line in enumerate(TEXT.split("\n"), 1) if text in line]
    assert len(hits) == 1, f"{text!r} stands on the lines {hits}"
    return hits[0]


def find_row(code: str) -> str:
    """Return the line of a code's table row."""
    return next(line for line in TEXT.split("\n") if line.startswith("|") and f" {code} " in line)


def test_the_snapshot_s_bytes_are_those_of_the_manifest() -> None:
    assert check_snapshot() is None


def test_one_changed_byte_in_the_snapshot_is_found(tmp_path: Path) -> None:
    edited = tmp_path / SPEC_PAGE.name
    edited.write_bytes(SPEC_PAGE.read_bytes() + b"\n")
    assert "git checkout" in (check_snapshot(edited, SPEC_MANIFEST) or "")


def test_the_manifest_names_the_vendor_s_page_and_a_day() -> None:
    assert find_manifest_faults(SPEC_MANIFEST.read_bytes()) == []


def test_the_rows_equal_the_vendor_s_page(catalogue: Catalogue) -> None:
    assert find_differences(catalogue.errors, PAGE) == [], "Correct data/errors.csv, or accept a new snapshot."


@pytest.mark.parametrize("column", ["code", *CELLS])
def test_a_change_of_any_single_cell_is_found(catalogue: Catalogue, column: str) -> None:
    missed = []
    for at, error in enumerate(catalogue.errors):
        changed = error.model_copy(update={column: _change_cell(error, column)})
        rows = [*catalogue.errors[:at], changed, *catalogue.errors[at + 1 :]]
        if not find_differences(rows, PAGE):
            missed.append(error.code)
    assert missed == []


def _change_cell(error: ErrorCode, column: str) -> object:
    changed: dict[str, object] = {
        "code": str(int(error.code) + 100),
        "http_status": 200 if error.http_status != 200 else 400,
        "message": error.message.swapcase(),
        "section": "contract" if error.section == "authentication" else "authentication",
    }
    return changed[column]


@pytest.mark.parametrize("code", CODES)
def test_a_row_that_is_gone_is_found(catalogue: Catalogue, code: str) -> None:
    rows = [error for error in catalogue.errors if error.code != code]
    assert f"{code}: on the vendor's page, not in {ERRORS}. Add a row" in find_differences(rows, PAGE)


def test_a_row_too_many_is_found(catalogue: Catalogue) -> None:
    invented = catalogue.by_code["30005"].model_copy(update={"code": "30009"})
    lines = find_differences([*catalogue.errors, invented], PAGE)
    assert "30009: not on the vendor's page. Fill its column `retired`" in lines


def test_two_rows_that_changed_places_are_found(catalogue: Catalogue) -> None:
    rows = list(catalogue.errors)
    rows[1], rows[2] = rows[2], rows[1]
    assert [line.split(":")[0] for line in find_differences(rows, PAGE)] == ["authentication"]


def test_a_retired_row_need_not_stand_on_the_page(catalogue: Catalogue) -> None:
    retired = catalogue.by_code["30005"].model_copy(update={"code": "30009", "retired": "2026-11-22"})
    assert find_differences([*catalogue.errors, retired], PAGE) == []


def test_a_retired_row_that_is_on_the_page_is_found(catalogue: Catalogue) -> None:
    rows = [e.model_copy(update={"retired": "2026-11-22"}) if e.code == "30005" else e for e in catalogue.errors]
    assert f"30005: on the vendor's page, not in {ERRORS}. Add a row" in find_differences(rows, PAGE)


def test_the_vendor_s_descriptions_of_statuses_are_ours(catalogue: Catalogue) -> None:
    assert find_description_differences(catalogue.statuses, PAGE) == [], f"Correct {STATUSES}."
    assert len(PAGE.statuses) == VENDOR_STATUSES


def test_every_status_of_the_vendor_s_tables_has_a_row(catalogue: Catalogue) -> None:
    assert find_status_differences(catalogue.statuses, PAGE) == [], (
        f"Correct {STATUSES}: one row for every status that the vendor names."
    )


def test_the_vendor_s_examples_show_a_code_of_the_tables() -> None:
    assert find_wrong_examples(PAGE) == []


def test_the_vendor_s_wrong_examples_are_the_known_ones() -> None:
    messages = {row.code: row.message for _, row in PAGE.iter_rows()}
    bodies = [json.loads(section.example.body) for section in PAGE.sections]
    wrong = {str(body["code"]): body["message"] for body in bodies if messages[str(body["code"])] != body["message"]}
    assert wrong == {code: messages[other] for code, other in WRONG_EXAMPLES.items()}, (
        "The vendor changed an example: correct WRONG_EXAMPLES, and the rows whose note or observed response says so."
    )


def test_escapes_in_messages_are_resolved() -> None:
    messages = {row.code: row.message for _, row in PAGE.iter_rows()}
    assert messages["40002"] == "out_trade_no not found"
    assert [code for code, message in messages.items() if "\\" in message] == []


def test_odd_characters_in_messages_are_kept() -> None:
    messages = {row.code: row.message for _, row in PAGE.iter_rows()}
    assert messages["40013"] == 'Access too often" CLIENT_TIME_INVALID, "Please check your system time.'
    assert messages["40025"] == "The position’s margin shouldn’t be lower than the base limit"
    assert messages["40015"] == "This contract's exchange has been paused"


def test_every_row_knows_its_line() -> None:
    lines = TEXT.split("\n")
    assert [row.code for _, row in PAGE.iter_rows() if f" {row.code} " not in lines[row.line - 1]] == []


def test_every_table_row_of_the_page_is_read() -> None:
    rules = [line for line in TEXT.split("\n") if line.startswith("|")]
    tables = 3
    assert len(CODES) + len(PAGE.statuses) == len(rules) - 2 * tables


def test_a_new_table_with_the_same_columns_is_read() -> None:
    table = "| error message | error code | http status |\n| --- | --- | --- |\n| New | 50001 | 400 |\n"
    added = '\n### Spot Error Code\n\nExample: httpStatus:400, body:`{"code": 50001}`\n\n'
    page = parse_spec(TEXT + added + table)
    assert [(section, row.code) for section, row in page.iter_rows()][-1] == ("Spot Error Code", "50001")


NOT_THE_PAGE = "not the vendor's error page, or not the whole of it: found"

# What is wrong with a page → how the page becomes so, and how the refusal begins.
REFUSALS: dict[str, tuple[str, str]] = {
    "an empty page": ("", f"{NOT_THE_PAGE} 0 of 3 tables"),
    "a page without tables": ("# Not found\n\nThis page does not exist.\n", f"{NOT_THE_PAGE} 0 of 3 tables"),
    "an HTML page": ("<html><table><tr><td>30005</td></tr></table></html>\n", f"{NOT_THE_PAGE} 0 of 3 tables"),
    "one code table missing": (
        TEXT[: TEXT.index("### Contract API Error Code")],
        f"{NOT_THE_PAGE} 2 of 3 tables",
    ),
    "the status table missing": (TEXT[TEXT.index("### Authentication Error Code") :], f"{NOT_THE_PAGE} 2 of 3 tables"),
    "a table with unknown columns": (
        replace_once("errMsg error message", "remark"),
        f"line {find_line('errMsg error message')}: a table with other columns than expected",
    ),
    "a duplicate code": (
        replace_once(find_row("40038"), find_row("40038").replace("40038", "30005")),
        f"line {find_line(find_row('40038'))}: duplicate code 30005, first on line {find_line(find_row('30005'))}",
    ),
    "a row with too few cells": (
        replace_once(find_row("40038"), "| The k-line step is invalid | 40038 |"),
        f"line {find_line(find_row('40038'))}: ragged row: 2 cells where the header has 3",
    ),
    "a row with too many cells": (
        replace_once(find_row("40038"), f"{find_row('40038')} 400 |"),
        f"line {find_line(find_row('40038'))}: ragged row: 4 cells where the header has 3",
    ),
    "a page cut in the middle of a line": (
        TEXT[: TEXT.index(" 40048 ") + 4],
        f"line {find_line(find_row('40048'))}: ragged row: 2 cells where the header has 3",
    ),
    "a page cut before the last bar": (
        TEXT.rstrip().removesuffix("|"),
        f"line {find_line(find_row('42000'))}: ragged row: 3 cells where the header has 3",
    ),
    "an unreadable status": (
        replace_once(find_row("30005"), find_row("30005").replace("401", "4O1")),
        f"line {find_line(find_row('30005'))}: unreadable HTTP status '4O1'",
    ),
    "an unreadable code": (
        replace_once(find_row("30005"), find_row("30005").replace("30005", "3000S")),
        f"line {find_line(find_row('30005'))}: unreadable code '3000S'",
    ),
    "a code table without an example": (
        replace_once("Example: httpStatus:400", "For instance: httpStatus:400"),
        f"line {find_line('errMsg error message')}: the table 'Contract API Error Code' has no example envelope",
    ),
    "a status that stands twice": (
        replace_once("| 403  |", "| 404  |"),
        f"line {find_line('| 403  |')}: duplicate HTTP status 404, first on line {find_line('| 404  |')}",
    ),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_page_that_cannot_be_read_is_refused_with_its_line(fault: str) -> None:
    text, start = REFUSALS[fault]
    with pytest.raises(SpecError) as caught:
        parse_spec(text)
    assert str(caught.value)[: len(start)] == start
