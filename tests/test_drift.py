"""The drift command: every way in which the vendor's page can fail, stay equal or change, and what is said of it.

The pages are edited copies of the committed snapshot, so the tests follow it when a new one is accepted.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from catalogue import cli as command_line
from catalogue.escaping import escape_terminal
from catalogue.model.loading import get_catalogue
from catalogue.model.rows import Catalogue
from catalogue.paths import ERRORS, SPEC_MANIFEST, SPEC_PAGE, STATUSES
from catalogue.vendor import differences, drift, report
from catalogue.vendor.differences import Difference, Kind
from catalogue.vendor.drift import DriftError
from catalogue.vendor.fetch import MAX_BYTES
from catalogue.vendor.page import SpecPage, parse_spec
from catalogue.vendor.report import Report
from catalogue.vendor.snapshot import accept_page, check_snapshot, read_manifest, read_snapshot
from tests.checks.data import edit_row
from tests.test_lookup import read_cases

ROOT = Path(__file__).parent.parent
CONTENT = SPEC_PAGE.read_bytes()
TEXT = CONTENT.decode("utf-8")
LINES = TEXT.split("\n")
PAGE = parse_spec(TEXT)
FIRST, SECOND = PAGE.sections
# One row in the middle of each table, and the row that ends the page.
ROW, OTHER, LAST = FIRST.rows[3], SECOND.rows[4], SECOND.rows[-1]
QUOTE_END = next(number for number, line in enumerate(LINES) if not line.startswith(">"))
# What the data file may name: parts of the page, and numbers of its lines.
NAMED: dict[str, object] = {
    "PAGE": PAGE,
    "FIRST": FIRST,
    "SECOND": SECOND,
    "ROW": ROW,
    "OTHER": OTHER,
    "BEFORE_LAST": SECOND.rows[-2],
    "LAST": LAST,
    "GLOBAL_TITLE": LINES.index(f"### {PAGE.heading.title}") + 1,
    "SECOND_TITLE": LINES.index(f"### {SECOND.title}") + 1,
    "TOP": 1,
    "INDEX": " ".join(LINES[:QUOTE_END]),
    "INDEX_END": QUOTE_END + 1,
    "END": len(LINES),
}

Expected: TypeAlias = tuple[Kind, str, str, str]


# Edits of the page: lines are numbered from 1, as in SpecRow.


def join_lines(lines: list[str]) -> str:
    return "\n".join(lines)


def edit_page(edits: dict[str, list[str]]) -> str:
    """Put lines in the place of single lines of the page; both name parts of it, as `{OTHER.code}`."""
    lines = [[line] for line in LINES]
    for name, texts in edits.items():
        number = int(f"{{{name}}}".format(**NAMED)) - 1
        lines[number] = [text.format(line=LINES[number], **NAMED) for text in texts]
    return join_lines([line for part in lines for line in part])


def insert_line(line: int, text: str) -> str:
    return join_lines([*LINES[: line - 1], text, *LINES[line - 1 :]])


def change_table(line: int, edit: Callable[[int, list[str]], list[str]]) -> str:
    """Edit the cells of each row of the table whose header stands on this line; 0 is the header, 1 the rule."""
    lines = list(LINES)
    number = line - 1
    while lines[number].startswith("|"):
        cells = edit(number - line + 1, [cell.strip() for cell in lines[number].strip("|").split("|")])
        lines[number] = f"| {' | '.join(cells)} |"
        number += 1
    return join_lines(lines)


def add_column(number: int, cells: list[str]) -> list[str]:
    return [*cells, ("since", "---", "2026")[min(number, 2)]]


def turn_columns(_: int, cells: list[str]) -> list[str]:
    return [*cells[1:], cells[0]]


def narrow_column(number: int, cells: list[str]) -> list[str]:
    return ["---" if number == 1 else cell for cell in cells]


def swap_sections() -> str:
    start, end = (LINES.index(f"### {section.title}") for section in PAGE.sections)
    return join_lines([*LINES[:start], *LINES[end:-1], "", *LINES[start:end]])


def print_row(message: str, code: str, status: int) -> str:
    return f"| {message} | {code} | {status} |"


EQUAL: dict[str, str | bytes] = {
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "old carriage returns": TEXT.replace("\n", "\r"),
    "a byte order mark": b"\xef\xbb\xbf" + CONTENT,
    "no Markdown escapes": TEXT.replace("\\_", "_"),
    "more Markdown escapes": TEXT.replace(LINES[ROW.line - 1], LINES[ROW.line - 1].replace("-", "\\-")),
    "no preamble": join_lines(LINES[QUOTE_END + 1 :]),
    "another preamble": join_lines(["> Another\u2028index.\x0c", *LINES[QUOTE_END:]]),
    "narrow tables": change_table(SECOND.line, narrow_column),
    "other alignment": TEXT.replace(":---", "----").replace("---:", "----"),
    "no line end at the end": TEXT.rstrip("\n"),
    "blank lines at the end": TEXT + "\n\n",
    "deeper headings": TEXT.replace("### ", "#### "),
    "rows in another order": join_lines(
        [*LINES[: ROW.line - 1], LINES[ROW.line], LINES[ROW.line - 1], *LINES[ROW.line + 1 :]]
    ),
}


def read_expected(changes: list[list[str]]) -> list[Expected]:
    """Return the changes that the data file expects: kind, code, before and after."""
    filled = [[text.format(**NAMED) for text in change] for change in changes]
    return [(Kind(kind), code, before, after) for kind, code, before, after in filled]


CHANGED: dict[str, tuple[str, list[Expected]]] = {
    **{
        case["name"]: (edit_page(case["edits"]), read_expected(case["expected"]))
        for case in read_cases("drift_changes.jsonl")
    },
    "column added": (
        change_table(SECOND.line, add_column),
        [(Kind.COLUMNS_CHANGED, "", " | ".join(SECOND.columns), " | ".join([*SECOND.columns, "since"]))],
    ),
    "columns turned": (
        change_table(FIRST.line, turn_columns),
        [(Kind.COLUMNS_CHANGED, "", " | ".join(FIRST.columns), " | ".join([*FIRST.columns[1:], FIRST.columns[0]]))],
    ),
    "global columns turned": (
        change_table(PAGE.heading.line, turn_columns),
        [(Kind.COLUMNS_CHANGED, "", " | ".join(PAGE.heading.columns), " | ".join(PAGE.heading.columns[::-1]))],
    ),
    "sections swapped": (
        swap_sections(),
        [(Kind.SECTIONS_REORDERED, "", f"{FIRST.title}, {SECOND.title}", f"{SECOND.title}, {FIRST.title}")],
    ),
}

OLD_COLUMN = change_table(SECOND.line, add_column)
TWICE = insert_line(FIRST.line, "Soon gone.\n\nSoon gone.\n")
# Changes between two pages of which neither is the snapshot: name → before, after, what is said.
BETWEEN: dict[str, tuple[str, str, list[Expected]]] = {
    "a cell of a column that only the vendor has": (
        OLD_COLUMN,
        OLD_COLUMN.replace(" | 2026 |", " | never |", 1),
        [(Kind.CELLS_CHANGED, SECOND.rows[0].code, "since: 2026", "since: never")],
    ),
    "a text that stood twice": (
        TWICE,
        TWICE.replace("Soon gone.\n\n", "", 1),
        [(Kind.TEXT_REMOVED, "", "Soon gone.", "")],
    ),
    "a text under another title": (
        insert_line(FIRST.line, "Soon gone.\n"),
        insert_line(SECOND.line, "Soon gone.\n"),
        [(Kind.TEXT_ADDED, "", "", "Soon gone."), (Kind.TEXT_REMOVED, "", "Soon gone.", "")],
    ),
}

UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is empty"),
    "blank": (" \n\n", "is empty"),
    "HTML": ("\n<!DOCTYPE html><title>Just a moment</title>", "is HTML"),
    "HTML with a mark": (b"\xef\xbb\xbf<html><body>Gone</body></html>", "is HTML"),
    "JSON": ('{"error_msg":"404 Route Not Found"}', "found 0 of 3 tables"),
    "cut inside a row": (join_lines(LINES[: OTHER.line])[:-9], f"line {OTHER.line}: ragged row"),
    "cut at a line end": (join_lines(LINES[: OTHER.line]) + "\n", "looks cut off"),
    "cut before the last row, no line end": (join_lines(LINES[: LAST.line - 1]), "looks cut off"),
    "not UTF-8": (TEXT.replace("’", "'").encode() + b"\n\xff\n", "not UTF-8"),
    "too large": (TEXT + "\n" * MAX_BYTES, "is larger than"),
}


# Functions.


def list_expected(changes: tuple[Difference, ...] | list[Difference]) -> list[Expected]:
    return [(change.kind, change.code, change.before, change.after) for change in changes]


def run_drift(*arguments: str) -> Result:
    return CliRunner().invoke(command_line.main, ["drift", *arguments])


def write_page(folder: Path, content: str | bytes) -> str:
    path = folder / "page.md"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return str(path)


def compare_rows(page: SpecPage, catalogue: Catalogue) -> list[Difference]:
    return differences.compare_rows(page, catalogue, drift.read_status_lines((ROOT / STATUSES).read_bytes()))


def read_table(text: str) -> list[list[str]]:
    """The cells of every table of a Markdown text, code spans without their marks."""
    rows: list[list[str]] = []
    for before, token in pairwise(MarkdownIt("commonmark").enable("table").parse(text)):
        if before.type == "tr_open":
            rows.append([])
        if before.type in {"th_open", "td_open"}:
            rows[-1].append("".join(child.content for child in token.children or []))
    return rows


@cache
def parse_changed(name: str) -> SpecPage:
    return parse_spec(CHANGED[name][0])


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """The report on each of the changed pages."""
    folder = tmp_path_factory.mktemp("changed")
    return {name: drift.check_drift(write_page(folder, text))[0] for name, (text, _) in CHANGED.items()}


@pytest.fixture(scope="module")
def full_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report with a change of many kinds, and with characters that break a careless table."""
    text = TEXT.replace("X-API-", "X-BM-").replace(f"### {SECOND.title}", "### Futures `codes` @all #1")
    text = text.replace(LINES[OTHER.line - 1], print_row("a \\| b `x` \\*y\\* <b> @org \u202e", OTHER.code, 400))
    return drift.check_drift(write_page(tmp_path_factory.mktemp("drift"), text))[0]


# The page is equal.


def test_equal_bytes_exit_0_and_show_no_change() -> None:
    result, printed = run_drift(str(SPEC_PAGE)), run_drift(str(SPEC_PAGE), "--json")
    assert (result.exit_code, "byte for byte" in result.output) == (0, True)
    data = json.loads(printed.stdout)
    assert (data["drift"], data["bytes_equal"], data["changes"], data["rows"]) == (False, True, [], [])


@pytest.mark.parametrize("name", EQUAL)
def test_another_form_of_the_same_content_is_no_drift_and_said_so(name: str, tmp_path: Path) -> None:
    path = write_page(tmp_path, EQUAL[name])
    assert Path(path).read_bytes() != CONTENT
    found = drift.check_drift(path)[0]
    assert (found.changes, found.rows) == ((), ())
    for form in (report.format_text, report.format_markdown):
        assert "bytes differ" in form(found)
        assert "content is equal" in form(found)


# The page has changed.


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_is_named_exactly(name: str, reports: dict[str, Report]) -> None:
    expected, lines = CHANGED[name][1], report.format_text(reports[name]).split("\n")
    assert list_expected(reports[name].changes) == expected
    for kind, code, before, after in expected:
        assert any(line.startswith(f"  {kind.value} ") and code in line for line in lines)
        assert {f"      {mark} {text}" for mark, text in (("-", before), ("+", after)) if text} <= set(lines)


def test_a_change_exits_1(tmp_path: Path) -> None:
    result = run_drift(write_page(tmp_path, CHANGED["row removed"][0]))
    assert (result.exit_code, Kind.CODE_REMOVED.value in result.stdout) == (1, True)


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_back_is_the_mirror_image(name: str) -> None:
    changed = parse_changed(name)
    forward, back = differences.compare_pages(PAGE, changed), differences.compare_pages(changed, PAGE)
    assert sorted((change.before, change.after) for change in forward) == sorted(
        (change.after, change.before) for change in back
    )


@pytest.mark.parametrize("name", BETWEEN)
def test_a_change_of_what_only_the_vendor_s_page_has_is_named(name: str) -> None:
    before, after, expected = BETWEEN[name]
    assert list_expected(differences.compare_pages(parse_spec(before), parse_spec(after))) == expected


def test_a_message_that_several_codes_had_is_not_taken_for_renumbered() -> None:
    rows = [print_row("Twice", code, 400) for code in ("49001", "49002", "49003")]
    old, new = parse_spec(insert_line(OTHER.line, "\n".join(rows[:2]))), parse_spec(insert_line(OTHER.line, rows[2]))
    expected = [(Kind.CODE_ADDED, "49003"), (Kind.CODE_REMOVED, "49001"), (Kind.CODE_REMOVED, "49002")]
    assert [(change.kind, change.code) for change in differences.compare_pages(old, new)] == expected
    expected = [(Kind.CODE_ADDED, "49001"), (Kind.CODE_ADDED, "49002"), (Kind.CODE_REMOVED, "49003")]
    assert [(change.kind, change.code) for change in differences.compare_pages(new, old)] == expected


def test_a_change_says_on_which_line_of_the_page_it_stands(reports: dict[str, Report]) -> None:
    report = reports["message edited"]
    assert [change.where for change in report.changes] == [f"page:{OTHER.line}"]
    assert [change.where for change in report.rows] == [f"{ERRORS}:{get_catalogue().lines[OTHER.code]}"]


def test_a_removed_code_says_where_the_snapshot_has_it(reports: dict[str, Report]) -> None:
    report = reports["row removed"]
    assert [change.where for change in report.changes] == [f"{SPEC_PAGE.relative_to(ROOT).as_posix()}:{OTHER.line}"]


# The page cannot be read.


@pytest.mark.parametrize("name", ["", "missing.md"])
def test_a_file_that_cannot_be_opened_exits_2(name: str, tmp_path: Path) -> None:
    result = run_drift(str(tmp_path / name))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be opened" in result.stderr


def test_a_page_cut_off_anywhere_is_never_read(tmp_path: Path) -> None:
    last = len(join_lines(LINES[: LAST.line - 1]).encode())
    for length in (*range(0, last, 331), *range(last + 2, len(CONTENT.rstrip()), 11)):
        with pytest.raises(DriftError):
            drift.read_page(write_page(tmp_path, CONTENT[:length]), PAGE)


def test_a_page_that_has_lost_its_last_codes_can_be_declared_whole(tmp_path: Path) -> None:
    path = write_page(tmp_path, join_lines(LINES[: LAST.line - 2]) + "\n")
    assert run_drift(path).exit_code == 2
    result = run_drift(path, "--whole", "--json")
    assert result.exit_code == 1
    assert [change["code"] for change in json.loads(result.stdout)["changes"]] == [row.code for row in SECOND.rows[-2:]]


# The rows and the page.


@pytest.mark.parametrize(
    ("kind", "values", "before", "after"),
    [
        (Kind.MESSAGE_CHANGED, {"message": "Ours"}, "Ours", OTHER.message),
        (Kind.STATUS_CHANGED, {"http_status": 409}, "409", str(OTHER.http_status)),
        (Kind.CODE_MOVED, {"section": FIRST.name}, FIRST.name, SECOND.name),
        (Kind.ROW_WRONGLY_RETIRED, {"retired": "2026-12-01"}, "2026-12-01", ""),
    ],
)
def test_a_row_that_differs_is_named_with_its_line(
    kind: Kind, values: dict[str, object], before: str, after: str
) -> None:
    rows = compare_rows(PAGE, edit_row(get_catalogue(), OTHER.code, **values))
    where = f"{ERRORS}:{get_catalogue().lines[OTHER.code]}"
    assert rows == [Difference(kind, where, OTHER.code, before, after)]
    assert report.list_edits([], rows, {}) == [
        report.Edit(where, report.INSTRUCTIONS[kind].format(code=OTHER.code)),
    ]


def test_a_retired_code_is_not_missed_on_the_page() -> None:
    page = parse_changed("row removed")
    assert list_expected(compare_rows(page, get_catalogue())) == [(Kind.ROW_LEFT_OVER, OTHER.code, OTHER.message, "")]
    assert compare_rows(page, edit_row(get_catalogue(), OTHER.code, retired="2026-12-01")) == []


def test_a_new_code_says_before_which_row_it_belongs() -> None:
    lines = get_catalogue().lines
    before, after = next(pair for pair in pairwise(lines) if int(pair[0]) + 1 < int(pair[1]))
    page = parse_spec(insert_line(OTHER.line, print_row("Brand new", str(int(before) + 1), 400)))
    assert [change.where for change in compare_rows(page, get_catalogue())] == [f"{ERRORS}:{lines[after]}"]


def test_a_renamed_section_is_one_edit_and_not_one_for_every_code() -> None:
    page = parse_changed("section renamed")
    expected = [Difference(Kind.SECTION_UNKNOWN, "catalogue/vendor/page.py", "", "", "Futures codes")]
    assert compare_rows(page, get_catalogue()) == expected


@pytest.mark.parametrize("name", ["global status added", "global status removed", "description edited"])
def test_a_global_status_that_differs_from_its_row_is_named(name: str) -> None:
    rows = compare_rows(parse_changed(name), get_catalogue())
    assert list_expected(rows) == CHANGED[name][1]
    assert all(change.where.startswith(STATUSES) for change in rows)


def test_every_difference_of_a_row_has_an_instruction(reports: dict[str, Report]) -> None:
    found = {change.kind for report in reports.values() for change in report.rows}
    assert found | {Kind.ROW_WRONGLY_RETIRED} == set(report.INSTRUCTIONS)


def test_every_kind_of_change_is_tested() -> None:
    forward = {kind for _, expected in CHANGED.values() for kind, *_ in expected}
    back = {change.kind for name in CHANGED for change in differences.compare_pages(parse_changed(name), PAGE)}
    assert forward | back | set(report.INSTRUCTIONS) == set(Kind)


def test_prose_that_names_a_changed_code_is_listed() -> None:
    change = Difference(Kind.MESSAGE_CHANGED, "page:1", "30007", "a", "b")
    prose = {"docs/guides/a.md": "One\nSee [30007](x).\n130007", "docs/guides/b.md": "30008"}
    edits = report.list_edits([change], [], prose)
    assert [edit.place for edit in edits] == ["docs/guides/a.md:2", "data/changes.csv", "data/spec"]


# What is printed.


def test_json_lists_the_same_changes(tmp_path: Path, full_report: Report) -> None:
    data = json.loads(report.format_json(full_report))
    assert list(data) == ["drift", "address", "snapshot", "bytes_equal", "changes", "rows", "edits"]
    assert data["drift"] is True
    assert tuple(Difference(**item) for item in data["changes"]) == full_report.changes
    assert tuple(Difference(**item) for item in data["rows"]) == full_report.rows
    path = write_page(tmp_path, CHANGED["row removed"][0])
    printed = json.loads(run_drift(path, "--json").stdout)
    assert [item["kind"] for item in printed["changes"]] == [Kind.CODE_REMOVED.value]


def test_markdown_is_a_table_whose_cells_are_the_changes(full_report: Report) -> None:
    header = ["Difference", "Code", "Where", "Before", "After"]
    expected = [
        [change.kind.value, *map(escape_terminal, (change.code, change.where, change.before, change.after))]
        for change in (*full_report.changes, *full_report.rows)
    ]
    rows = [row for row in read_table(report.format_markdown(full_report)) if row != header]
    assert rows == expected


def test_markdown_shows_text_of_the_vendor_in_code_spans_only(full_report: Report) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(report.format_markdown(full_report))
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= {"text", "code_inline", "softbreak"}
    assert not any("@" in child.content or "<b>" in child.content for child in inline if child.type == "text")


def test_markdown_is_never_empty_on_a_change(reports: dict[str, Report]) -> None:
    texts = {name: report.format_markdown(found) for name, found in reports.items()}
    assert [name for name, text in texts.items() if "| Difference | Code |" not in text or "- [ ] " not in text] == []


def test_markdown_fits_into_an_issue(full_report: Report) -> None:
    change = Difference(Kind.MESSAGE_CHANGED, "page:1", "30007", "a" * 9000, "b" * 9000)
    edit = report.Edit("data/errors.csv:1", "edit `message` of 30007, then read the rest of the row again")
    large = replace(full_report, changes=(change,) * 500, rows=(change,) * 500, edits=(edit,) * 500)
    text = report.format_markdown(large)
    assert len(text) < 65_536
    assert text.count(" more. Run: `python -m catalogue drift`") == 3


def test_the_terminal_obeys_no_character_of_the_page(full_report: Report) -> None:
    text = report.format_text(full_report)
    assert "\u202e" not in text
    assert "\\u202e" in text
    assert escape_terminal("\x1b[31m\u00a0’\U000e0041") == "\\u001b[31m\\u00a0’\\U000e0041"


# Accepting a page.


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Copies of snapshot and manifest, which the command line replaces instead of the real ones."""
    page, manifest = tmp_path / SPEC_PAGE.name, tmp_path / SPEC_MANIFEST.name
    page.write_bytes(CONTENT)
    manifest.write_bytes(SPEC_MANIFEST.read_bytes())
    accept = partial(accept_page, page=page, manifest=manifest, today=lambda: date(2027, 1, 2))
    monkeypatch.setattr(command_line, "accept_page", accept)
    monkeypatch.setattr(drift, "check_snapshot", partial(check_snapshot, page, manifest))
    monkeypatch.setattr(drift, "read_manifest", partial(read_manifest, manifest))
    monkeypatch.setattr(drift, "read_snapshot", partial(read_snapshot, page))
    return page, manifest


def test_accept_replaces_snapshot_and_manifest_and_no_row(tmp_path: Path, copies: tuple[Path, Path]) -> None:
    page, manifest = copies
    before = {path: path.read_bytes() for path in sorted((ROOT / "data").rglob("*")) if path.is_file()}
    text = CHANGED["message edited"][0]
    result = run_drift(write_page(tmp_path, text), "--accept")
    assert result.exit_code == 0
    assert page.read_bytes() == text.encode()
    assert json.loads(manifest.read_bytes()) == {
        "url": json.loads(SPEC_MANIFEST.read_bytes())["url"],
        "retrieved": "2027-01-02",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    assert check_snapshot(page, manifest) is None
    assert {path: path.read_bytes() for path in before} == before
    assert not list(tmp_path.glob("*.new"))
    assert f"  {ERRORS}:{get_catalogue().lines[OTHER.code]}  edit `message` of {OTHER.code}" in result.stdout


def test_a_manifest_written_again_has_the_same_form(copies: tuple[Path, Path]) -> None:
    page, manifest = copies
    retrieved = date.fromisoformat(json.loads(SPEC_MANIFEST.read_bytes())["retrieved"])
    accept_page(CONTENT, page, manifest, lambda: retrieved)
    assert (page.read_bytes(), manifest.read_bytes()) == (CONTENT, SPEC_MANIFEST.read_bytes())


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_page_that_cannot_be_read_exits_2_and_is_not_accepted(
    name: str, tmp_path: Path, copies: tuple[Path, Path]
) -> None:
    content, reason = UNREADABLE[name]
    result = run_drift(write_page(tmp_path, content), "--accept")
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert [path.read_bytes() for path in copies] == [CONTENT, SPEC_MANIFEST.read_bytes()]


def test_an_acceptance_killed_between_its_files_is_mended_by_another(tmp_path: Path, copies: tuple[Path, Path]) -> None:
    text = CHANGED["message edited"][0]
    copies[0].write_text(text, "utf-8")
    path = write_page(tmp_path, text)
    result = run_drift(path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{copies[0]}: sha256 is" in result.stderr
    assert "python -m catalogue drift --accept" in result.stderr
    assert run_drift(path, "--accept").exit_code == 0
    assert check_snapshot(*copies) is None


@pytest.mark.parametrize(
    ("number", "content", "reason"),
    [
        (0, b"# Gone", "is damaged"),
        (1, b"{}", "is no manifest"),
        (0, None, "cannot be opened"),
        (1, None, "cannot be opened"),
    ],
)
def test_a_damaged_snapshot_is_named_with_what_to_do(
    number: int, content: bytes | None, reason: str, copies: tuple[Path, Path]
) -> None:
    copies[number].write_bytes(content) if content else copies[number].unlink()
    for option in ([], ["--accept"]):
        result = run_drift(str(SPEC_PAGE), *option)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{copies[number]} {reason}" in result.stderr
        assert "git checkout -- data/spec" in result.stderr
