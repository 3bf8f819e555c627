"""Every kind of broken data file is refused, with file, line and column; all problems at once, before any page."""

import csv
import io
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
TOKEN_COLUMNS = {
    "section": "authentication, contract",
    "category": "success, routing, credentials, signature, clock, permission, rate-limit, availability, deprecation, "
    "request, account, transfer, symbol, order, plan-order, position, margin, balance",
    "retry": "none, backoff, wait, fix, stop",
    "outcome": "accepted, rejected, unknown, duplicate",
    "actor": "developer, operator, exchange, nobody",
}

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
LOWER = str(int(BEFORE) - 1)
PLACE = name_place(CODE)
RELATED = COLUMNS.index("related")
DAYS = ("22.11.2026", "2026-13-45", "2026-02-30", "2026-11", "\u0662026-11-22", "")
ADDRESSES = (
    "http://example.org/",
    "example.org",
    "https://exa mple.org/",
    "https://x/)<script>window.hacked=1</script>",
    "https://x/){onmouseover=window.hacked=1}",
    "https://x/)[c](javascript:window.hacked=1)",
    "https://user:secret@example.org/",
    "https://ex\u00e4mple.org/",
)


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


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("{code},{code},", f"has {WIDTH + 1} cells where the header has {WIDTH}"),
        ("", f"has {WIDTH - 1} cells where the header has {WIDTH}"),
        ("\n{code},", f"has 0 cells where the header has {WIDTH}"),
        ("{code}\r,", "holds a carriage return. Save it with LF line ends."),
        ("{code},\udce9", "is not UTF-8: byte 0xe9. Save it as UTF-8."),
        ('"{code}",', "has quotation marks without need. Quote only cells that need it."),
        ('{code},"4"01,', "cannot be read as CSV: "),
    ],
)
def test_a_line_of_another_form_is_refused_at_its_number(new: str, message: str) -> None:
    edit = f"\n{new.replace('{code}', CODE)}".encode("utf-8", "surrogateescape")
    problems = list_problems({**FILES, ERRORS: FILES[ERRORS].replace(f"\n{CODE},".encode(), edit, 1)})
    assert [problem for problem in problems if problem.startswith(f"{PLACE} {message}")] != []


BLANKS = "\u00a0\u202f\u2003\u3000"
# Column → wrong cell → how the message about it begins.
WRONG_CELLS: dict[str, dict[str, str]] = {
    "code": dict.fromkeys(("", "030005", "3e4", "30005.0", "300", "OK", "3000\u0665", "30_05"), "")
    | {BEFORE: f"{BEFORE} is a duplicate", LOWER: f"{LOWER} should come before {BEFORE}"},
    "http_status": dict.fromkeys(
        ("4O1", "", "99", "600", "401.0", "4_01", "0401", "40\u0661", "306", "499", "520"), ""
    ),
    "name": {"": "", "E30004": ""},
    **{column: {"": "", "maybe": f"'maybe': expected one of {tokens}"} for column, tokens in TOKEN_COLUMNS.items()},
    "related": {
        "39999": "39999 is not another code of this file",
        CODE: f"{CODE} is not another code of this file",
        f"{AFTER};{BEFORE}": f"{AFTER};{BEFORE} is not sorted by code",
    },
    "keywords": dict.fromkeys(
        ("hmac;hmac", "hmac; sha256", "hmac;;sha256", "hmac;"),
        "repeats a word, or has a blank or empty one between ';'",
    )
    | {"hmac;=cmd|' /C calc'!A0": "has after a semicolon or line end '=', which a spreadsheet runs. Reword it."},
    "message": dict.fromkeys((" Header", "Header "), "has blanks around it. Remove them.") | {"": ""},
    "summary": {
        "": "",
        "x" * 161: "",
        "One.\nTwo.": "has more than one line. Put it on one.",
        "The cafe\u0301 is closed.": "holds letters and marks that stand apart. Write it in the composed form (NFC).",
        **{
            f"It{blank}is wrong.": f"holds a blank of another kind, U+{ord(blank):04X} ({unicodedata.name(blank)})."
            for blank in BLANKS
        },
        **{
            start: f"starts with {start[0]!r}, which a spreadsheet runs. Reword it."
            for start in ("=1+1", "+1", "-1", "@here", "\uff1d1")
        },
    },
    "causes": {
        "": "",
        "Only one line.": "",
        "One cause. \nAnother cause.": "has blanks around it. Remove them.",
        "One cause.\n\nAnother cause.": "has an empty line. Remove it.",
        "One cause. [S1]\nAnother. [S1][Z9]": f"source 'Z9' does not stand in {SOURCES}",
    },
    "remediation": dict.fromkeys(("", "Only one line."), ""),
    "note": {
        "A note. [S1][S1]": "cites a source twice. Name each key once.",
        "Look at `order_id here.": "has a backtick",
    },
}


@pytest.mark.parametrize(
    ("column", "value"), [(column, cell) for column, cells in WRONG_CELLS.items() for cell in cells]
)
def test_a_wrong_cell_is_refused_with_its_place(column: str, value: str) -> None:
    problems = list_problems(edit_cell(CODE, column, value))
    start = f"{PLACE} {column}: {WRONG_CELLS[column][value]}"
    assert [problem for problem in problems if problem.startswith(start)] != []
    if column not in {"code", "related", "causes"}:
        assert len(problems) == 1, "A row that is refused still stands in the file: rows that name its code are right."


def test_a_related_code_that_is_not_returned_is_refused() -> None:
    code, other = next((row[0], row[RELATED].split(";")[0]) for row in read_table(ERRORS)[1:] if row[RELATED])
    problems = list_problems(edit_cell(code, "related", ""))
    assert f"{name_place(other)} related: {code} does not name {other} in return. Add it there" in problems


# File → what a row at its end holds → how the message about it begins.
WRONG_ROWS = {
    (OBSERVED, "49999,400,Odd,Odd,,S1,Odd.,", f"code: 49999 does not stand in {ERRORS}"),
    (OBSERVED, f"{CODE},200,Odd,Odd,,S1,Odd.,maybe", "foreign: 'maybe'"),
    *((OBSERVED, f"{CODE},200,Odd,Odd,{date},S1,Odd.,", "date: ") for date in ("2025-13", "25", "2025-1-1")),
    (SOURCES, "S1,community,Hearsay,,2026-11-24", "key: S1 is a duplicate"),
    (SOURCES, "Z9,community,Hearsay,,2026-11-24", "key: Z9 is cited nowhere. Cite it, or remove the row"),
    (SOURCES, "Z9,gossip,Hearsay,,2026-11-24", "kind: 'gossip': expected one of official, lineage, community"),
    *((SOURCES, f"Z9,community,Hearsay,{url},2026-11-24", "url: ") for url in ADDRESSES),
    *((SOURCES, f"Z9,community,Hearsay,,{day}", "retrieved: ") for day in DAYS),
    *((CHANGES, f"new,{day},vendor,A title,A text.", "date: ") for day in DAYS),
}


@pytest.mark.parametrize(("path", "row", "message"), sorted(WRONG_ROWS))
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
    assert [
        p for p in problems if p.startswith(f"{name_place('30005')} {column}: holds {kind} character, U+")
    ] == problems
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
    place = f"{ERRORS}:{find_line(f'{last},')}"
    assert [problem for problem in problems if problem.startswith(f"{place} cannot be read as CSV: ")] != []


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
