"""Every kind of broken data file is refused, with file, line and column; all problems at once, before any page."""

import csv
import io
import unicodedata
from collections.abc import Callable, Mapping
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


def append_row(row: str) -> Edit:
    """Return an edit that adds a line at the end."""
    return lambda content: content + f"{row}\n".encode()


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


def test_the_repository_s_own_files_are_accepted() -> None:
    assert find_load_problems(FILES, GUIDES) == []
    assert len(build_catalogue(FILES, GUIDES).errors) == len(read_table(ERRORS)) - 1


@pytest.mark.parametrize("path", MODELS)
def test_a_missing_column_is_refused(path: str) -> None:
    first, _, rest = FILES[path].decode().partition(",")
    problems = list_problems({**FILES, path: rest.encode()})
    assert f"{path}:1 column '{first}' is missing" in problems
    assert f"{path}:1 the header must be: {','.join(MODELS[path].model_fields)}" in problems


@pytest.mark.parametrize("path", MODELS)
def test_an_extra_column_is_refused(path: str) -> None:
    first = next(iter(MODELS[path].model_fields))
    problems = list_problems(edit_file(path, replace_once(f"{first},", f"{first},colour,")))
    assert f"{path}:1 unknown column 'colour'" in problems


def test_a_misspelt_column_is_refused_by_both_names() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("remediation", "remediations")))
    assert f"{ERRORS}:1 column 'remediation' is missing" in problems
    assert f"{ERRORS}:1 unknown column 'remediations'" in problems


def test_a_column_that_stands_twice_is_refused() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("section,category", "section,section,category")))
    assert f"{ERRORS}:1 column 'section' stands 2 times" in problems


def test_columns_in_another_order_are_refused() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("outcome,actor", "actor,outcome")))
    assert f"{ERRORS}:1 the header must be: {','.join(COLUMNS)}" in problems


def test_a_row_that_is_too_long_is_refused() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("\n30005,", "\n30005,30005,")))
    assert f"{name_place('30005')} has {WIDTH + 1} cells where the header has {WIDTH}" in problems


def test_a_row_that_is_too_short_is_refused() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("\n30005,", "\n")))
    line = FILES[ERRORS].split(b"\n30005,")[0].count(b"\n") + 2
    assert f"{ERRORS}:{line} has {WIDTH - 1} cells where the header has {WIDTH}" in problems


def test_a_blank_line_is_refused() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("\n30005,", "\n\n30005,")))
    assert f"{name_place('30005')} has 0 cells where the header has {WIDTH}" in problems


def test_a_duplicate_code_is_refused() -> None:
    problems = list_problems(edit_cell("30006", "code", "30005"))
    assert f"{name_place('30006')} code: 30005 is a duplicate" in problems


def test_codes_out_of_order_are_refused() -> None:
    problems = list_problems(edit_cell("30005", "code", "30099"))
    assert f"{name_place('30006')} code: 30006 should come before 30099" in problems


@pytest.mark.parametrize("code", ["030005", "3e4", "30005.0", "300", "OK", "3000\u0665", "30_05"])
def test_a_code_that_is_not_four_or_five_digits_is_refused(code: str) -> None:
    problems = list_problems(edit_cell("30005", "code", code))
    assert [problem for problem in problems if problem.startswith(f"{name_place('30005')} code: ")] != []


@pytest.mark.parametrize("status", ["4O1", "", "99", "600", "401.0", "4_01", "0401", "40\u0661", "306", "499", "520"])
def test_an_http_status_that_is_none_is_refused(status: str) -> None:
    problems = list_problems(edit_cell("30005", "http_status", status))
    assert [problem for problem in problems if problem.startswith(f"{name_place('30005')} http_status: ")] != []


@pytest.mark.parametrize("column", TOKEN_COLUMNS)
def test_an_unknown_token_is_refused_with_the_closed_list(column: str) -> None:
    problems = list_problems(edit_cell("30005", column, "maybe"))
    assert f"{name_place('30005')} {column}: 'maybe': expected one of {TOKEN_COLUMNS[column]}" in problems


def test_an_unknown_kind_of_source_is_refused() -> None:
    problems = list_problems(edit_file(SOURCES, replace_once("S1,official", "S1,gossip")))
    line = find_line("S1,", SOURCES)
    assert f"{SOURCES}:{line} kind: 'gossip': expected one of official, lineage, community" in problems


def test_an_unknown_value_of_foreign_is_refused() -> None:
    problems = list_problems(edit_file(OBSERVED, append_row("42000,200,Odd,Odd,,S1,Odd.,maybe")))
    line = FILES[OBSERVED].count(10) + 1
    assert [problem for problem in problems if problem.startswith(f"{OBSERVED}:{line} foreign: 'maybe'")] != []


def test_a_related_code_that_does_not_exist_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "related", "30002;30004;39999"))
    assert problems == [f"{name_place('30005')} related: 39999 is not another code of this file"]


def test_a_code_related_to_itself_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "related", "30002;30004;30005"))
    assert problems == [f"{name_place('30005')} related: 30005 is not another code of this file"]


def test_a_related_code_that_is_not_returned_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "related", "30002"))
    assert problems == [f"{name_place('30004')} related: 30005 does not name 30004 in return. Add it there"]


def test_related_codes_out_of_order_are_refused() -> None:
    problems = list_problems(edit_cell("30005", "related", "30004;30002"))
    assert problems == [f"{name_place('30005')} related: 30004;30002 is not sorted by code"]


@pytest.mark.parametrize("keywords", ["hmac;hmac", "hmac; sha256", "hmac;;sha256", "hmac;"])
def test_keywords_with_repeats_or_blanks_are_refused(keywords: str) -> None:
    problems = list_problems(edit_cell("30005", "keywords", keywords))
    expected = "keywords: repeats a word, or has a blank or empty one between ';'"
    assert problems == [f"{name_place('30005')} {expected}"]


@pytest.mark.parametrize("column", ["code", "http_status", "message", *TOKEN_COLUMNS, "summary"])
def test_a_required_cell_that_is_empty_is_refused(column: str) -> None:
    problems = list_problems(edit_cell("30005", column, ""))
    hits = [problem for problem in problems if problem.startswith(f"{name_place('30005')} {column}: ")]
    assert len(hits) == 1


@pytest.mark.parametrize("column", ["causes", "remediation"])
@pytest.mark.parametrize("cell", ["", "Only one line."])
def test_fewer_than_two_causes_or_steps_are_refused(column: str, cell: str) -> None:
    problems = list_problems(edit_cell("30005", column, cell))
    assert [problem for problem in problems if problem.startswith(f"{name_place('30005')} {column}: ")] != []


def test_a_summary_of_more_than_160_characters_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "summary", "x" * 161))
    assert [problem for problem in problems if problem.startswith(f"{name_place('30005')} summary: ")] != []


def test_a_summary_of_160_characters_is_accepted() -> None:
    build_catalogue(edit_cell("30005", "summary", "x" * 160), GUIDES)


@pytest.mark.parametrize("value", [" Header", "Header "])
def test_blanks_around_a_cell_are_refused(value: str) -> None:
    problems = list_problems(edit_cell("30005", "message", value))
    assert problems == [f"{name_place('30005')} message: has blanks around it. Remove them."]


def test_blanks_around_one_line_of_a_cell_are_refused() -> None:
    problems = list_problems(edit_cell("30005", "causes", "One cause. \nAnother cause."))
    assert f"{name_place('30005')} causes: has blanks around it. Remove them." in problems


def test_an_empty_line_in_a_cell_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "causes", "One cause.\n\nAnother cause."))
    assert f"{name_place('30005')} causes: has an empty line. Remove it." in problems


def test_a_second_line_in_a_cell_for_one_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "summary", "One.\nTwo."))
    assert problems == [f"{name_place('30005')} summary: has more than one line. Put it on one."]


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2003", "\u3000"])
def test_a_blank_that_is_not_plain_is_refused(blank: str) -> None:
    problems = list_problems(edit_cell("30005", "summary", f"It{blank}is wrong."))
    expected = (
        f"summary: holds a blank of another kind, U+{ord(blank):04X} ({unicodedata.name(blank)}). Use a plain one."
    )
    assert problems == [f"{name_place('30005')} {expected}"]


INVISIBLE = (
    "\x00\t\x1b\x7f\x85\x9b"  # controls
    "\u00ad\u200b\u200d\u202e\u2060\u2066\ufeff\U000e0041"  # formats: they hide, join and reorder
    "\u2028\u2029\ue000\uffff\u0378"  # separators, private, no characters, unassigned
    "\u034f\u115f\u2800\u3164\ufe0f\uffa0"  # letters, marks and symbols that show nothing
)


@pytest.mark.parametrize("column", ["message", "summary", "causes", "keywords"])
@pytest.mark.parametrize("char", INVISIBLE)
def test_a_character_that_shows_nothing_is_refused_by_its_number(char: str, column: str) -> None:
    lines = f"A cause{char}here.\nAnother cause." if column == "causes" else f"It is{char}wrong."
    problems = list_problems(edit_cell("30005", column, lines))
    kind = "a control" if unicodedata.category(char) == "Cc" else "an invisible"
    assert [
        p for p in problems if p.startswith(f"{name_place('30005')} {column}: holds {kind} character, U+")
    ] == problems
    assert f"U+{ord(char):04X} " in problems[0]


def test_letters_and_marks_that_stand_apart_are_refused() -> None:
    problems = list_problems(edit_cell("30005", "summary", "The cafe\u0301 is closed."))
    expected = "holds letters and marks that stand apart. Write it in the composed form (NFC)."
    assert problems == [f"{name_place('30005')} summary: {expected}"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@here", "\uff1d1"])
def test_the_start_of_a_formula_is_refused(start: str) -> None:
    problems = list_problems(edit_cell("30005", "summary", start))
    expected = f"summary: starts with {start[0]!r}, which a spreadsheet runs. Reword it."
    assert problems == [f"{name_place('30005')} {expected}"]


def test_the_start_of_a_formula_after_a_semicolon_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "keywords", "hmac;=cmd|' /C calc'!A0"))
    expected = "keywords: has after a semicolon or line end '=', which a spreadsheet runs. Reword it."
    assert problems == [f"{name_place('30005')} {expected}"]


@pytest.mark.parametrize("path", MODELS)
def test_a_byte_order_mark_is_refused(path: str) -> None:
    problems = list_problems(edit_file(path, lambda content: b"\xef\xbb\xbf" + content))
    assert problems == [f"{path}:1 starts with a byte order mark. Save it as UTF-8 without BOM."]


@pytest.mark.parametrize("path", MODELS)
def test_windows_line_ends_are_refused(path: str) -> None:
    problems = list_problems(edit_file(path, lambda content: content.replace(b"\n", b"\r\n")))
    assert problems == [f"{path}:1 holds a carriage return. Save it with LF line ends."]


def test_a_carriage_return_is_refused_at_its_line() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("\n30005,", "\n30005\r,")))
    assert f"{name_place('30005')} holds a carriage return. Save it with LF line ends." in problems


def test_bytes_that_are_not_utf_8_are_refused_at_their_line() -> None:
    problems = list_problems(edit_file(ERRORS, lambda content: content.replace(b"\n30005,", b"\n30005,\xe9", 1)))
    assert f"{name_place('30005')} is not UTF-8: byte 0xe9. Save it as UTF-8." in problems


@pytest.mark.parametrize("path", MODELS)
def test_a_missing_final_line_end_is_refused(path: str) -> None:
    problems = list_problems(edit_file(path, lambda content: content.removesuffix(b"\n")))
    assert problems == [f"{path}:{FILES[path].count(10)} does not end with a line end. Add one."]


@pytest.mark.parametrize("path", MODELS)
def test_an_empty_file_is_refused(path: str) -> None:
    problems = list_problems({**FILES, path: b""})
    assert f"{path}:1 the header must be: {','.join(MODELS[path].model_fields)}" in problems


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


def test_text_after_a_closing_quotation_mark_is_refused() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("\n30005,", '\n30005,"4"01,')))
    assert [
        problem for problem in problems if problem.startswith(f"{name_place('30005')} cannot be read as CSV: ")
    ] != []


def test_an_unknown_source_key_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "causes", "One cause. [S1]\nAnother. [S1][Z9]"))
    assert f"{name_place('30005')} causes: source 'Z9' does not stand in {SOURCES}" in problems


def test_an_unknown_source_key_in_a_guide_is_refused() -> None:
    with pytest.raises(CatalogueError) as caught:
        build_catalogue(FILES, {**GUIDES, "docs/guides/new.md": 'See {{ source("Z9") }}.'})
    assert [str(problem) for problem in caught.value.problems] == [
        f"docs/guides/new.md cites source 'Z9', which {SOURCES} does not have"
    ]


def test_an_unused_source_is_refused() -> None:
    problems = list_problems(edit_file(SOURCES, append_row("Z9,community,Hearsay,,2026-11-24")))
    line = FILES[SOURCES].count(10) + 1
    assert problems == [f"{SOURCES}:{line} key: Z9 is cited nowhere. Cite it, or remove the row"]


def test_a_duplicate_source_key_is_refused() -> None:
    problems = list_problems(edit_file(SOURCES, append_row("S1,community,Hearsay,,2026-11-24")))
    line = FILES[SOURCES].count(10) + 1
    assert f"{SOURCES}:{line} key: S1 is a duplicate" in problems


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "example.org",
        "https://exa mple.org/",
        "https://x/)<script>window.hacked=1</script>",
        "https://x/){onmouseover=window.hacked=1}",
        "https://x/)[c](javascript:window.hacked=1)",
        "https://user:secret@example.org/",
        "https://ex\u00e4mple.org/",
    ],
)
def test_a_source_without_an_https_address_is_refused(url: str) -> None:
    problems = list_problems(edit_file(SOURCES, append_row(f"Z9,community,Hearsay,{url},2026-11-24")))
    assert [
        problem for problem in problems if problem.startswith(f"{SOURCES}:{FILES[SOURCES].count(10) + 1} url: ")
    ] != []


def test_an_observed_response_of_an_unknown_code_is_refused() -> None:
    edit = append_row("49999,400,Odd,Odd,,S1,Odd.,")
    line = FILES[OBSERVED].count(10) + 1
    assert list_problems(edit_file(OBSERVED, edit)) == [f"{OBSERVED}:{line} code: 49999 does not stand in {ERRORS}"]


@pytest.mark.parametrize("date", ["22.11.2026", "2026-13-45", "2026-02-30", "2026-11", "\u0662026-11-22", ""])
@pytest.mark.parametrize(("path", "column"), [(CHANGES, "date"), (SOURCES, "retrieved")])
def test_a_day_that_does_not_exist_is_refused(path: str, column: str, date: str) -> None:
    rows = read_table(path)[1:]
    rows[-1][list(MODELS[path].model_fields).index(column)] = date
    problems = list_problems({**FILES, path: format_csv(path, rows).encode()})
    assert [problem for problem in problems if f" {column}: " in problem] == problems


@pytest.mark.parametrize("date", ["2025-13", "25", "2025-1-1"])
def test_a_month_or_year_that_does_not_exist_is_refused(date: str) -> None:
    rows = read_table(OBSERVED)[1:]
    rows[-1][list(MODELS[OBSERVED].model_fields).index("date")] = date
    problems = list_problems({**FILES, OBSERVED: format_csv(OBSERVED, rows).encode()})
    assert [problem for problem in problems if " date: " in problem] == problems


@pytest.mark.parametrize(
    "line", ["[S1] A cause.", "A cause [S1].", "A cause[S1]", "A cause. [S1] [S2]", "A cause. [S1"]
)
@pytest.mark.parametrize("column", ["causes", "remediation", "note"])
def test_evidence_elsewhere_than_at_the_end_is_refused(column: str, line: str) -> None:
    problems = list_problems(edit_cell("30005", column, line if column == "note" else f"{line}\nAnother line."))
    start = f"{name_place('30005')} {column}: has a bracket that is no link and no evidence."
    assert [problem for problem in problems if problem.startswith(start)] != []


def test_evidence_that_stands_twice_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "note", "A note. [S1][S1]"))
    assert problems == [f"{name_place('30005')} note: cites a source twice. Name each key once."]


def test_an_open_code_span_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "note", "Look at `order_id here."))
    assert [problem for problem in problems if "has a backtick" in problem] == problems


@pytest.mark.parametrize("given", ["[1]", "{", "nonsense", '{"a": 1}', '{"a":NaN}', '{"a":1,"a":2}', "[" * 5000, "1"])
def test_a_state_that_is_no_json_object_is_refused(given: str) -> None:
    row = ["30005", "inference", given, "GET /x", "GET /y", "They differ."]
    problems = list_problems({**FILES, REQUESTS: format_csv(REQUESTS, [row]).encode()})
    assert [problem for problem in problems if problem.startswith(f"{REQUESTS}:2 given: ")] == problems


@pytest.mark.parametrize(("code", "after"), [("30013", "soon"), ("30013", ""), ("30013", "007"), ("30016", "5")])
def test_a_pause_is_whole_seconds_and_a_wait_an_event(code: str, after: str) -> None:
    problems = list_problems(edit_cell(code, "after", after))
    assert [problem for problem in problems if problem.startswith(f"{name_place(code)} after: ")] == problems


def test_a_name_like_the_second_name_of_a_code_is_refused() -> None:
    problems = list_problems(edit_cell("30005", "name", "E30004"))
    assert [problem for problem in problems if problem.startswith(f"{name_place('30005')} name: ")] == problems


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


def test_needless_quotation_marks_are_refused() -> None:
    problems = list_problems(edit_file(ERRORS, replace_once("\n30005,", '\n"30005",')))
    assert problems == [f"{name_place('30005')} has quotation marks without need. Quote only cells that need it."]


def test_statuses_out_of_order_are_refused() -> None:
    problems = list_problems(edit_file(STATUSES, replace_once("\n401,", "\n451,")))
    assert f"{STATUSES}:{find_line('403,', STATUSES)} status: 403 should come before 451" in problems


def test_all_problems_of_all_files_are_reported_at_once() -> None:
    files = edit_cell("30005", "retry", "maybe")
    files[ERRORS] = files[ERRORS].replace(b",403,Client OrderId duplicate", b",4O3,Client OrderId duplicate")
    files[SOURCES] += b"Z9,gossip,Hearsay,,2026-11-24\n"
    files[OBSERVED] = files[OBSERVED].removesuffix(b"\n")
    problems = list_problems(files)
    expected = [
        f"{name_place('30005')} retry: ",
        f"{name_place('40050')} http_status: ",
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


@pytest.mark.parametrize(("column", "value"), [("retry", "maybe"), ("http_status", "4O1"), ("summary", "")])
def test_one_typing_error_is_one_problem(column: str, value: str) -> None:
    problems = list_problems(edit_cell("30005", column, value))
    assert [problem.split(": ")[0] for problem in problems] == [f"{name_place('30005')} {column}"], (
        "A row that is refused still stands in the file: other rows that name its code are right."
    )


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
