"""The rows equal the vendor's page, both ways, cell by cell; the reader of the page refuses what it cannot read."""

import json
import re
from pathlib import Path

import pytest

from catalogue.model.rows import Catalogue
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
LINES = TEXT.split("\n")
PAGE = read_spec()
FIRST, SECOND = PAGE.sections[:2]
# Two rows without escapes, the row that ends the page, and two statuses.
ROW, OTHER = [row for row in SECOND.rows if row.message in LINES[row.line - 1]][1:3]
END = PAGE.sections[-1].rows[-1]
STATUS, NEXT_STATUS = PAGE.statuses[:2]


def edit_line(line: int, *texts: tuple[str, str], start: int = 0) -> str:
    """Return the page with texts of one line replaced; the lines before `start` are left out."""
    lines = list(LINES)
    for old, new in texts:
        assert old in lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(old, new)
    return "\n".join(lines[start:])


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


def test_a_row_that_is_gone_too_many_retired_or_moved_is_found(catalogue: Catalogue) -> None:
    rows, invented = list(catalogue.errors), catalogue.by_code[ROW.code].model_copy(update={"code": "49999"})
    retired = [e.model_copy(update={"retired": "2026-11-22"}) if e.code == ROW.code else e for e in rows]
    missing = f"{ROW.code}: on the vendor's page, not in {ERRORS}. Add a row"
    assert missing in find_differences([e for e in rows if e.code != ROW.code], PAGE)
    assert missing in find_differences(retired, PAGE)
    assert "49999: not on the vendor's page. Fill its column `retired`" in find_differences([*rows, invented], PAGE)
    assert find_differences([*rows, invented.model_copy(update={"retired": "2026-11-22"})], PAGE) == []
    rows[1], rows[2] = rows[2], rows[1]
    assert [line.split(":")[0] for line in find_differences(rows, PAGE)] == [FIRST.name]


def test_the_vendor_s_descriptions_of_statuses_are_ours(catalogue: Catalogue) -> None:
    assert find_description_differences(catalogue.statuses, PAGE) == [], f"Correct {STATUSES}."


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


def test_every_table_row_of_the_page_is_read_on_its_line_without_its_escapes() -> None:
    bars = [number for number, line in enumerate(LINES, 1) if line.startswith("|")]
    tables = [PAGE.heading.line, *(section.line for section in PAGE.sections)]
    heads = {line for table in tables for line in (table, table + 1)}
    rows = {row.line: row.message for _, row in PAGE.iter_rows()} | {row.line: row.description for row in PAGE.statuses}
    assert sorted({*heads, *rows}) == bars
    for line, text in rows.items():
        assert text in re.sub(r"\\(?=[^A-Za-z0-9\s])", "", LINES[line - 1])


def test_a_new_table_with_the_same_columns_is_read() -> None:
    table = "| error message | error code | http status |\n| --- | --- | --- |\n| New | 50001 | 400 |\n"
    added = '\n### Spot Error Code\n\nExample: httpStatus:400, body:`{"code": 50001}`\n\n'
    page = parse_spec(TEXT + added + table)
    assert [(section, row.code) for section, row in page.iter_rows()][-1] == ("Spot Error Code", "50001")


NOT_THE_PAGE = "not the vendor's error page, or not the whole of it: found"

# What is wrong with a page → the page, and how the refusal begins.
REFUSALS: dict[str, tuple[str, str]] = {
    "an empty page": ("", f"{NOT_THE_PAGE} 0 of 3 tables"),
    "a page without tables": ("# Not found\n\nThis page does not exist.\n", f"{NOT_THE_PAGE} 0 of 3 tables"),
    "an HTML page": ("<html><table><tr><td>30005</td></tr></table></html>\n", f"{NOT_THE_PAGE} 0 of 3 tables"),
    "one code table missing": ("\n".join(LINES[: SECOND.line - 5]), f"{NOT_THE_PAGE} 2 of 3 tables"),
    "the status table missing": (edit_line(1, start=FIRST.line - 5), f"{NOT_THE_PAGE} 2 of 3 tables"),
    "an empty table": ("\n".join(LINES[: SECOND.line + 1]), f"line {SECOND.line}: the table {SECOND.title!r} has no"),
    "a table with unknown columns": (
        edit_line(SECOND.line, ("error message", "remark")),
        f"line {SECOND.line}: a table with other columns than expected",
    ),
    "a marked column": (
        edit_line(SECOND.line, ("errMsg error message", "*errMsg error message*")),
        f"line {SECOND.line}: a table with other columns than expected",
    ),
    "a column of statuses twice": (
        edit_line(SECOND.line, ("http status code", "code error code")),
        f"line {SECOND.line}: two columns of a table have the same name",
    ),
    "a duplicate code": (
        edit_line(OTHER.line, (OTHER.code, ROW.code)),
        f"line {OTHER.line}: duplicate code {ROW.code}, first on line {ROW.line}",
    ),
    "a duplicate title": (
        TEXT.replace(SECOND.title, FIRST.title),
        f"line {SECOND.line}: two tables under {FIRST.title!r}",
    ),
    "a row with too few cells": (
        edit_line(ROW.line, (LINES[ROW.line - 1], f"| {ROW.message} | {ROW.code} |")),
        f"line {ROW.line}: ragged row: 2 cells where the header has 3",
    ),
    "a row with too many cells": (
        edit_line(ROW.line, (f" {ROW.code} ", f" {ROW.code} | 1 ")),
        f"line {ROW.line}: ragged row: 4 cells where the header has 3",
    ),
    "a row without its first bar": (
        edit_line(ROW.line, (f"| {ROW.message}", ROW.message)),
        f"line {ROW.line}: ragged row: 3 cells where the header has 3",
    ),
    "a page cut before the last bar": (
        TEXT.rstrip().removesuffix("|"),
        f"line {END.line}: ragged row: 3 cells where the header has 3",
    ),
    "an unreadable status": (
        edit_line(ROW.line, (f" {ROW.http_status} ", " 4O1 ")),
        f"line {ROW.line}: unreadable HTTP status '4O1'",
    ),
    "a full-width status": (
        edit_line(ROW.line, (f" {ROW.http_status} ", " \uff14\uff101 ")),
        f"line {ROW.line}: unreadable HTTP status '\uff14\uff101'",
    ),
    "a code with a letter": (
        edit_line(ROW.line, (ROW.code, "4000S")),
        f"line {ROW.line}: unreadable code '4000S'",
    ),
    "a code with an Arabic digit": (
        edit_line(ROW.line, (ROW.code, "4000٣")),
        f"line {ROW.line}: unreadable code '4000٣'",
    ),
    "a code table without an example": (
        edit_line(SECOND.example.line, ("Example: ", "For instance: ")),
        f"line {SECOND.line}: the table {SECOND.title!r} has no example envelope",
    ),
    "an example that goes on": (
        edit_line(SECOND.example.line, ("}`", "}` or not")),
        f"line {SECOND.line}: the table {SECOND.title!r} has no example envelope",
    ),
    "a status that stands twice": (
        edit_line(NEXT_STATUS.line, (str(NEXT_STATUS.status), str(STATUS.status))),
        f"line {NEXT_STATUS.line}: duplicate HTTP status {STATUS.status}, first on line {STATUS.line}",
    ),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_page_that_cannot_be_read_is_refused_with_its_line(fault: str) -> None:
    text, start = REFUSALS[fault]
    with pytest.raises(SpecError) as caught:
        parse_spec(text)
    assert str(caught.value)[: len(start)] == start
