"""Every kind of broken data file is refused, with file, line and column; all problems at once, before any page."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Mapping
from itertools import cycle
from pathlib import Path

import pytest

from catalogue.model.loading import CatalogueError, build_catalogue, load_catalogue, read_files
from catalogue.model.reading import format_csv
from catalogue.model.rows import MODELS
from catalogue.paths import CHANGES, ERRORS, GLOSSARY, OBSERVED, REQUESTS, SOURCES, STATUSES
from tests.checks.data import find_load_problems
from tests.site_tools import ROOT, copy_project, run_build

FILES = read_files()
GUIDES = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "docs").glob("[ag]*/*.md")}
COLUMNS = list(MODELS[ERRORS].model_fields)
WIDTH = len(COLUMNS)

Edit = Callable[[bytes], bytes]


def list_problems(files: Mapping[str, bytes]) -> list[str]:
    """Validate the bytes of the data files and return the lines of the refusal."""
    problems = find_load_problems(files, GUIDES)
    assert problems != []
    return problems


def edit_file(path: str, edit: Edit) -> dict[str, bytes]:
    """Return all files with one of them edited; an edit that changes nothing is a mistake of the test."""
    edited = edit(FILES[path])
    assert edited != FILES[path], f"the edit does not change {path}"
    return {**FILES, path: edited}


def replace_once(old: str, new: str) -> Edit:
    """Return an edit that replaces the first place of a text."""
    return lambda content: content.replace(old.encode(), new.encode(), 1)


def read_table(path: str) -> list[list[str]]:
    """Return the cells of a data file, header included."""
    return list(csv.reader(io.StringIO(FILES[path].decode(), newline=""), strict=True))


def edit_cell(code: str, column: str, value: str) -> dict[str, bytes]:
    """Return all files with one cell of errors.csv replaced."""
    rows = read_table(ERRORS)[1:]
    row = next(row for row in rows if row[0] == code)
    row[COLUMNS.index(column)] = value
    return edit_file(ERRORS, lambda _: format_csv(ERRORS, rows).encode())


def find_line(start: str, path: str = ERRORS) -> int:
    """Return the number of the only line that starts so."""
    lines = [number for number, line in enumerate(FILES[path].decode().split("\n"), 1) if line.startswith(start)]
    assert len(lines) == 1, f"{start!r} starts the lines {lines} of {path}"
    return lines[0]


def name_place(code: str) -> str:
    """Return the place of a row, as every message begins."""
    return f"{ERRORS}:{find_line(f'{code},')}"


CODES = [row[0] for row in read_table(ERRORS)[1:]]
BEFORE, CODE, AFTER = CODES[1:4]
PLACE = name_place(CODE)
RELATED = COLUMNS.index("related")
# What the data file of wrong lines, cells and rows may name.
NAMED = {
    "BEFORE": BEFORE,
    "CODE": CODE,
    "AFTER": AFTER,
    "LOWER": str(int(BEFORE) - 1),
    "LESS": str(WIDTH - 1),
    "WIDTH": str(WIDTH),
    "MORE": str(WIDTH + 1),
    "LONG": "x" * 161,
}


def read_refusals() -> dict[str, list[list[str]]]:
    """Return the tables of what is wrong; the last of each case is how the message about it begins."""
    text = (ROOT / "tests/data/load_refusals.json").read_text("utf-8")
    for name, value in NAMED.items():
        text = text.replace(f"{{{name}}}", value)
    refusals: dict[str, list[list[str]]] = json.loads(text)
    return refusals


REFUSALS = read_refusals()


def test_the_repository_s_own_files_are_accepted() -> None:
    assert find_load_problems(FILES, GUIDES) == []
    catalogue = build_catalogue(FILES, GUIDES)
    assert [error.code for error in catalogue.errors] == CODES
    assert catalogue.lines == {code: find_line(f"{code},") for code in CODES}


@pytest.mark.parametrize("path", MODELS)
def test_a_file_of_another_form_is_refused(path: str) -> None:
    content, columns = FILES[path], list(MODELS[path].model_fields)
    first, last = columns[0], content.count(10)
    header = f"1 the header must be: {','.join(columns)}"
    cases: list[tuple[bytes, str]] = [
        (content.partition(b",")[2], f"1 column '{first}' is missing"),
        (content.partition(b",")[2], header),
        (b"", header),
        (",".join(columns[::-1]).encode() + content[content.index(b"\n") :], header),
        (content.replace(f"{first},".encode(), f"{first},colour,".encode(), 1), "1 unknown column 'colour'"),
        (content.replace(f"{first},".encode(), f"{first},{first},".encode(), 1), f"1 column '{first}' stands 2 times"),
        (b"\xef\xbb\xbf" + content, "1 starts with a byte order mark. Save it as UTF-8 without BOM."),
        (content.replace(b"\n", b"\r\n"), "1 holds a carriage return. Save it with LF line ends."),
        (content.removesuffix(b"\n"), f"{last} does not end with a line end. Add one."),
    ]
    assert [line for changed, line in cases if f"{path}:{line}" not in list_problems({**FILES, path: changed})] == []


@pytest.mark.parametrize(("new", "message"), REFUSALS["lines"])
def test_a_line_of_another_form_is_refused_at_its_number(new: str, message: str) -> None:
    edit = f"\n{new}".encode("utf-8", "surrogateescape")
    problems = list_problems({**FILES, ERRORS: FILES[ERRORS].replace(f"\n{CODE},".encode(), edit, 1)})
    assert [problem for problem in problems if problem.startswith(f"{PLACE} {message}")] != []


@pytest.mark.parametrize(("column", "value", "message"), REFUSALS["cells"])
def test_a_wrong_cell_is_refused_with_its_place(column: str, value: str, message: str) -> None:
    problems = list_problems(edit_cell(CODE, column, value))
    assert [problem for problem in problems if problem.startswith(f"{PLACE} {column}: {message}")] != []
    if column not in {"code", "related", "causes"}:
        assert len(problems) == 1, "A row that is refused still stands in the file: rows that name its code are right."


def test_a_related_code_that_is_not_returned_is_refused() -> None:
    code, other = next((row[0], row[RELATED].split(";")[0]) for row in read_table(ERRORS)[1:] if row[RELATED])
    problems = list_problems(edit_cell(code, "related", ""))
    assert f"{name_place(other)} related: {code} does not name {other} in return. Add it there" in problems


@pytest.mark.parametrize(("path", "row", "message"), REFUSALS["rows"])
def test_a_wrong_row_is_refused_at_its_line(path: str, row: str, message: str) -> None:
    problems = list_problems({**FILES, path: FILES[path] + f"{row}\n".encode()})
    start = f"{path}:{FILES[path].count(10) + 1} {message}"
    assert [problem for problem in problems if problem.startswith(start)] != []


def test_a_summary_of_160_characters_is_accepted() -> None:
    build_catalogue(edit_cell("30005", "summary", "x" * 160), GUIDES)


INVISIBLE = (
    "\x00\t\x1b\x7f\x85\x9b"  # controls
    "\u00ad\u200b\u200d\u202e\u2060\u2066\ufeff\U000e0041"  # formats: they hide, join and reorder
    "\u2028\u2029\ue000\uffff\u0378"  # separators, private, no characters, unassigned
    "\u034f\u115f\u2800\u3164\ufe0f\uffa0"  # letters, marks and symbols that show nothing
)


@pytest.mark.parametrize(
    ("char", "column"), zip(INVISIBLE, cycle(["message", "summary", "causes", "keywords"]), strict=False)
)
def test_a_character_that_shows_nothing_is_refused_by_its_number(char: str, column: str) -> None:
    lines = f"A cause{char}here.\nAnother cause." if column == "causes" else f"It is{char}wrong."
    problems = list_problems(edit_cell("30005", column, lines))
    kind = "a control" if unicodedata.category(char) == "Cc" else "an invisible"
    start = f"{name_place('30005')} {column}: holds {kind} character, U+"
    assert [problem for problem in problems if problem.startswith(start)] == problems
    assert f"U+{ord(char):04X} " in problems[0]


@pytest.mark.parametrize("path", MODELS)
def test_a_missing_file_is_refused(path: str, tmp_path: Path) -> None:
    for name in set(MODELS) - {path}:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(FILES[name])
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path)
    assert [str(problem) for problem in caught.value.problems] == [f"{path} is missing. Restore it."]


def test_an_unbalanced_quotation_mark_is_refused_at_the_row_where_it_opens() -> None:
    last = read_table(ERRORS)[-1][0]
    problems = list_problems(edit_file(ERRORS, replace_once(f"\n{last},", f'\n{last},"')))
    start = f"{name_place(last)} cannot be read as CSV: "
    assert [problem for problem in problems if problem.startswith(start)] != []


def test_an_unknown_source_key_in_a_guide_is_refused() -> None:
    with pytest.raises(CatalogueError) as caught:
        build_catalogue(FILES, {**GUIDES, "docs/guides/new.md": 'See {{ source("Z9") }}.'})
    assert [str(problem) for problem in caught.value.problems] == [
        f"docs/guides/new.md cites source 'Z9', which {SOURCES} does not have"
    ]


@pytest.mark.parametrize(
    "line", ["[S1] A cause.", "A cause [S1].", "A cause[S1]", "A cause. [S1] [S2]", "A cause. [S1"]
)
@pytest.mark.parametrize("column", ["causes", "remediation", "note"])
def test_evidence_elsewhere_than_at_the_end_is_refused(column: str, line: str) -> None:
    problems = list_problems(edit_cell("30005", column, line if column == "note" else f"{line}\nAnother line."))
    start = f"{name_place('30005')} {column}: has a bracket that is no link and no evidence."
    assert [problem for problem in problems if problem.startswith(start)] != []


@pytest.mark.parametrize("given", ["[1]", "{", "nonsense", '{"a": 1}', '{"a":NaN}', '{"a":1,"a":2}', "[" * 5000, "1"])
def test_a_state_that_is_no_json_object_is_refused(given: str) -> None:
    row = ["30005", "inference", given, "GET /x", "GET /y", "They differ."]
    problems = list_problems({**FILES, REQUESTS: format_csv(REQUESTS, [row]).encode()})
    assert [problem for problem in problems if problem.startswith(f"{REQUESTS}:2 given: ")] == problems


@pytest.mark.parametrize(("retry", "after"), [("backoff", "soon"), ("backoff", ""), ("backoff", "007"), ("wait", "5")])
def test_a_pause_is_whole_seconds_and_a_wait_an_event(retry: str, after: str) -> None:
    code = next(row[0] for row in read_table(ERRORS) if row[COLUMNS.index("retry")] == retry)
    problems = list_problems(edit_cell(code, "after", after))
    assert [problem for problem in problems if problem.startswith(f"{name_place(code)} after: ")] == problems


@pytest.mark.parametrize(("path", "column"), [(CHANGES, "id"), (GLOSSARY, "anchor"), (GLOSSARY, "forms")])
def test_what_must_be_unique_is(path: str, column: str) -> None:
    rows = read_table(path)[1:]
    at = list(MODELS[path].model_fields).index(column)
    first, second = [row for row in rows if row[at]][:2]
    second[at] = first[at]
    problems = list_problems({**FILES, path: format_csv(path, rows).encode()})
    assert [problem for problem in problems if f" {column}: " in problem and "already" in problem] != []


def test_an_anchor_that_its_page_has_already_is_refused() -> None:
    pages = {**GUIDES, "docs/guides/glossary.md": f"# Terms {{ #{read_table(GLOSSARY)[1][0]} }}"}
    problems = find_load_problems(FILES, pages)
    assert [problem for problem in problems if "is an anchor of the page already" in problem] == problems != []


@pytest.mark.parametrize("path", [ERRORS, STATUSES, SOURCES, CHANGES])
def test_a_file_with_a_header_only_is_refused(path: str) -> None:
    problems = list_problems(edit_file(path, lambda content: content.split(b"\n")[0] + b"\n"))
    assert f"{path}:1 has a header only. Restore the rows." in problems


def test_statuses_out_of_order_are_refused() -> None:
    problems = list_problems(edit_file(STATUSES, replace_once("\n401,", "\n451,")))
    assert f"{STATUSES}:{find_line('403,', STATUSES)} status: 403 should come before 451" in problems


def test_all_problems_of_all_files_are_reported_at_once() -> None:
    files = edit_cell(CODE, "retry", "maybe")
    files[ERRORS] = files[ERRORS].replace(f"\n{AFTER},".encode(), f"\nX{AFTER},".encode(), 1)
    files[SOURCES] += b"Z9,gossip,Hearsay,,2026-11-24\n"
    files[OBSERVED] = files[OBSERVED].removesuffix(b"\n")
    problems = list_problems(files)
    expected = [
        f"{PLACE} retry: ",
        f"{name_place(AFTER)} code: ",
        f"{SOURCES}:{FILES[SOURCES].count(10) + 1} kind: ",
        f"{OBSERVED}:{FILES[OBSERVED].count(10)} does not end",
    ]
    assert [start for start in expected if not any(problem.startswith(start) for problem in problems)] == []


def test_the_message_counts_the_problems_and_lists_them_by_place() -> None:
    with pytest.raises(CatalogueError) as caught:
        build_catalogue({**FILES, SOURCES: FILES[SOURCES].removesuffix(b"\n")}, GUIDES)
    first, second = str(caught.value).split("\n")
    assert first == "1 problem(s) in the data files. Mend each line:"
    assert second == f"  {caught.value.problems[0]}"


@pytest.mark.parametrize("path", MODELS)
def test_a_file_that_cannot_be_read_gives_no_false_problems_in_others(path: str) -> None:
    problems = list_problems(edit_file(path, lambda content: b"x" + content))
    assert {problem.split(" ")[0] for problem in problems} == {f"{path}:1"}, "Report only what the reader must mend."


def test_the_build_stops_at_a_wrong_row_before_any_page_is_made(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / ERRORS).write_bytes(edit_cell("30005", "retry", "maybe")[ERRORS])
    result = run_build(tmp_path / "site", "https://errors.example.org/", project)
    assert result.returncode != 0
    assert f"{name_place('30005')} retry: 'maybe': expected one of" in result.stdout
    assert "Traceback" not in result.stdout
    assert list((tmp_path / "site").rglob("*.html")) == []
