"""Ways to spoil data/*.csv: bytes, cells, tokens, order, relations, evidence, prose."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

from catalogue.model.loading import read_files
from catalogue.model.reading import format_csv
from catalogue.model.rows import (
    MODELS,
    Catalogue,
    Change,
    Confusion,
    ErrorCode,
    HttpStatusRow,
    LibraryException,
    Observed,
    Request,
    Row,
    Source,
    Term,
)
from catalogue.model.vocabulary import Actor, Category, Outcome, Retry, Token
from catalogue.paths import (
    CHANGES,
    CONFUSIONS,
    ERRORS,
    GLOSSARY,
    LIBRARY,
    OBSERVED,
    REQUESTS,
    SOURCES,
    STATUSES,
)
from catalogue.site.permalinks import read_permalinks
from catalogue.vendor.page import read_spec
from tests.checks import data
from tests.mutations.base import Check, Edit, Mutation, Tree, add_file, edit_file, make_check, replace_all, replace_text
from tests.site_tools import ROOT

GUIDES = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "docs").glob("[ag]*/*.md")}
PAGE = read_spec()
# A row of each file, and a column of it that holds a blank.
PLACES = {
    ERRORS: ("30005", "message"),
    STATUSES: ("401", "summary"),
    SOURCES: ("S1", "title"),
    OBSERVED: ("30005", "note"),
    CHANGES: ("headers-renamed", "text"),
    CONFUSIONS: ("1000", "difference"),
    REQUESTS: ("30002", "note"),
    LIBRARY: ("30000", "disagreement"),
    GLOSSARY: ("memo", "definition"),
}

Cell = Callable[[str], str]
R = TypeVar("R", bound=Row)


def read_tree() -> Tree:
    """Return the data files."""
    return read_files()


def parse(content: bytes) -> list[list[str]]:
    """Return the rows of a data file, header included."""
    return list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))


def edit_rows(path: str, edit: Callable[[list[list[str]]], list[list[str]]]) -> Callable[[Tree], Tree]:
    """Return how to spoil a data file by editing its rows, without header, and writing them in canonical form."""
    return edit_file(path, lambda content: format_csv(path, edit(parse(content)[1:])).encode())


def set_cells(path: str, column: str, cells: dict[str, Cell]) -> Callable[[Tree], Tree]:
    """Return how to edit the cells of one column; `cells` maps the first cell of a row to the edit of its cell."""
    at = list(MODELS[path].model_fields).index(column)
    return edit_rows(
        path,
        lambda rows: [
            [*row[:at], cells[row[0]](row[at]), *row[at + 1 :]] if row[0] in cells else list(row) for row in rows
        ],
    )


def put(value: str) -> Cell:
    """Return an edit of a cell that replaces it."""
    return lambda _: value


def swap(old: str, new: str) -> Cell:
    """Return an edit of a cell that replaces the first place of a text."""
    return lambda cell: cell.replace(old, new, 1)


def drop_word(word: str) -> Cell:
    """Return an edit of a list of words that drops one."""
    return lambda cell: ";".join(part for part in cell.split(";") if part != word)


def edit_line(number: int, edit: Cell) -> Cell:
    """Return an edit of one line of a cell of several lines."""

    def apply(cell: str) -> str:
        lines = cell.split("\n")
        lines[number] = edit(lines[number])
        return "\n".join(lines)

    return apply


def list_codes(step: int) -> list[str]:
    """Return every `step`-th code of the vendor's page."""
    return [row.code for _, row in PAGE.iter_rows()][::step]


@cache
def build_row(model: type[R], cells: tuple[str, ...]) -> R:
    """Return a row as a model; a row that the model refuses is a mistake of the mutation."""
    return model.model_validate(dict(zip(model.model_fields, cells, strict=True)))


def load(tree: Tree) -> Catalogue:
    """Build the catalogue without the loader's checks, so that the rules are on their own."""

    def build(model: type[R], path: str) -> list[R]:
        return [build_row(model, tuple(cells)) for cells in parse(tree[path])[1:]]

    errors = build(ErrorCode, ERRORS)
    return Catalogue(
        errors=tuple(errors),
        statuses=tuple(build(HttpStatusRow, STATUSES)),
        sources={source.key: source for source in build(Source, SOURCES)},
        observed=tuple(build(Observed, OBSERVED)),
        changes=tuple(build(Change, CHANGES)),
        confusions=tuple(build(Confusion, CONFUSIONS)),
        requests=tuple(build(Request, REQUESTS)),
        library=tuple(build(LibraryException, LIBRARY)),
        glossary=tuple(build(Term, GLOSSARY)),
        lines={error.code: line for line, error in enumerate(errors, 2)},
    )


def rule(function: Callable[[Catalogue], list[str]]) -> Check:
    """Return a rule over the rows as a check."""
    return make_check(function, lambda tree: function(load(tree)))


def watch(function: Callable[..., list[str]], look: Callable[[Catalogue], list[str]]) -> Check:
    """Return a rule that needs more than the rows as a check."""
    return make_check(function, lambda tree: look(load(tree)))


LOAD = make_check(data.find_load_problems, lambda tree: data.find_load_problems(tree, GUIDES))
SPEC = watch(data.find_differences, lambda rows: data.find_differences(rows.errors, PAGE))
DESCRIPTIONS = watch(
    data.find_description_differences, lambda rows: data.find_description_differences(rows.statuses, PAGE)
)
STATUS_ROWS = watch(data.find_status_differences, lambda rows: data.find_status_differences(rows.statuses, PAGE))
BROKEN_GUIDES = watch(data.find_broken_guides, lambda rows: data.find_broken_guides(data.iter_prose(rows)))
REMOVED = watch(data.find_removed_rows, lambda rows: data.find_removed_rows(rows, read_permalinks()))
CONFUSED = watch(
    data.find_confusion, lambda rows: [line for pair in data.PAIRS for line in data.find_confusion(rows, *pair)]
)
ONE_SOURCE = watch(
    data.find_one_source, lambda rows: [line for code in data.DISPUTED for line in data.find_one_source(rows, code)]
)


RULES = {
    function.__name__: rule(function)
    for function in (
        data.find_worn_lines,
        data.find_repeated_lines,
        data.find_shared_causes,
        data.find_generic_lines,
        data.find_repeated_summaries,
        data.find_long_summaries,
        data.find_vague_differences,
        data.find_double_blanks,
        data.find_other_markup,
        data.find_unknown_numbers,
        data.find_idle_foreign_numbers,
        data.find_thin_rows,
        data.find_silent_unknowns,
        data.find_late_searches,
        data.find_idle_stops,
        data.find_false_success,
        data.find_retried_duplicates,
        data.find_changed_decisions,
        data.find_harmful_advice,
        data.find_repeated_responses,
        data.find_unseen_wordings,
        data.find_misfiled_responses,
        data.find_usual_responses,
        data.find_wrong_reasons,
    )
}


def list_mutations() -> list[Mutation]:
    """Return every way to spoil the data files."""
    return [
        *list_spec_cells(),
        *list_tokens(),
        *list_bytes(),
        *list_orders(),
        *list_relations(),
        *list_evidence(),
        *list_repeats(),
        *list_prose(),
        *list_advice(),
        *list_other_files(),
    ]


def list_spec_cells() -> Iterator[Mutation]:
    """Change the cells that come from the vendor's page, in every third row."""
    edits: dict[str, list[tuple[str, Cell]]] = {
        "message": [
            ("other capitals", str.swapcase),
            ("one letter less", lambda cell: cell[:-1]),
            ("a full stop more", lambda cell: f"{cell}."),
            ("a blank doubled", lambda cell: cell.replace(" ", "  ", 1) if " " in cell else f"{cell}  x"),
        ],
        "http_status": [("another status", lambda cell: "403" if cell != "403" else "400")],
        "section": [("the other table", lambda cell: "contract" if cell == "authentication" else "authentication")],
    }
    for number, code in enumerate(list_codes(3)):
        for column, ways in edits.items():
            what, edit = ways[number % len(ways)]
            name = f"{ERRORS} {code} {column}: {what}"
            yield Mutation(name, set_cells(ERRORS, column, {code: edit}), SPEC, f"{code} {column}")
    yield Mutation(
        f"{ERRORS} 40025 message: a straight apostrophe",
        set_cells(ERRORS, "message", {"40025": swap("’", "'")}),
        SPEC,
        "40025 message",
    )
    for code, other in {
        "30008": "30009",
        "30014": "30015",
        "30019": "30020",
        "40050": "40051",
        "42000": "42001",
    }.items():
        yield Mutation(f"all files: {code} becomes {other}", rename_code(code, other), SPEC, other)
        yield Mutation(
            f"{ERRORS} {code} code: {other}", set_cells(ERRORS, "code", {code: put(other)}), LOAD, f"{code} is not"
        )
    for code in ("40038", "40022"):
        yield Mutation(f"{ERRORS} {code}: row removed", remove_code(code), SPEC, code)
        yield Mutation(
            f"{ERRORS} {code} retired: filled", set_cells(ERRORS, "retired", {code: put("2026-11-22")}), SPEC, code
        )
        yield Mutation(f"{ERRORS} {code}: row removed, its page published", remove_code(code), REMOVED, code)


def rename_code(code: str, other: str) -> Callable[[Tree], Tree]:
    """Return how to renumber a code in every file, its relations and its real responses."""
    return lambda tree: {path: content.replace(code.encode(), other.encode()) for path, content in tree.items()}


def remove_code(code: str) -> Callable[[Tree], Tree]:
    """Return how to remove a code with its relations and its real responses."""

    def spoil(tree: Tree) -> Tree:
        rows = [row for row in parse(tree[ERRORS])[1:] if row[0] != code]
        at = list(MODELS[ERRORS].model_fields).index("related")
        left = [[*row[:at], drop_word(code)(row[at]), *row[at + 1 :]] for row in rows]
        others = {
            path: [row for row in parse(tree[path])[1:] if row[0] != code] for path in (OBSERVED, REQUESTS, LIBRARY)
        }
        others[CONFUSIONS] = [row for row in parse(tree[CONFUSIONS])[1:] if code not in row[:2]]
        return {**tree, **{path: format_csv(path, rows).encode() for path, rows in (others | {ERRORS: left}).items()}}

    return spoil


def list_tokens() -> Iterator[Mutation]:
    """Change the tokens: unknown ones, and in every sixth row another one of the list."""
    vocabularies: dict[str, type[Token]] = {
        "category": Category,
        "retry": Retry,
        "outcome": Outcome,
        "actor": Actor,
    }
    for code in ("30005", "40050"):
        for column in ("section", *vocabularies):
            for token in ("maybe", "Fix"):
                name = f"{ERRORS} {code} {column}: unknown token {token}"
                spoil = set_cells(ERRORS, column, {code: put(token)})
                yield Mutation(name, spoil, LOAD, f"{column}: '{token}': expected one of")
    for code in list_codes(6):
        for column, vocabulary in vocabularies.items():
            spoil = set_cells(ERRORS, column, {code: choose_other(vocabulary)})
            name = f"{ERRORS} {code} {column}: another token of the list"
            yield Mutation(name, spoil, RULES["find_changed_decisions"], code)


def choose_other(vocabulary: type[Token]) -> Cell:
    """Return an edit of a cell that takes the next token of a list."""
    tokens = [token.value for token in vocabulary]
    return lambda cell: tokens[(tokens.index(cell) + 1) % len(tokens)]


def list_bytes() -> Iterator[Mutation]:
    """Change the bytes of every data file without changing what a careless reader sees."""
    for path in MODELS:
        edits: dict[str, Edit] = {
            "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
            "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
            "CR": lambda content: content.replace(b"\n", b"\r"),
            "no final line end": lambda content: content.removesuffix(b"\n"),
            "a blank line at the end": lambda content: content + b"\n",
            "UTF-16": lambda content: content.decode().encode("utf-16"),
            "a byte that is not UTF-8": lambda content: content.removesuffix(b"\n") + b"\xe9\n",
            "semicolons in the header": lambda content: content.replace(b",", b";", 3),
            "a column renamed": replace_text(list(MODELS[path].model_fields)[1], "colour"),
            "empty": lambda _: b"",
        }
        for what, edit in edits.items():
            yield Mutation(f"{path}: {what}", edit_file(path, edit), LOAD, path)
        for what, character in {"no-break space": "\u00a0", "narrow no-break space": "\u202f", "tab": "\t"}.items():
            key, column = PLACES[path]
            spoil = set_cells(path, column, {key: swap(" ", character)})
            yield Mutation(f"{path} {key} {column}: {what}", spoil, LOAD, f"{column}: holds a")
        spoil = edit_file(path, quote_first)
        yield Mutation(f"{path}: needless quotation marks", spoil, LOAD, "has quotation marks without need")
    for what, (before, after) in {"a blank before": (" ", ""), "a blank after": ("", " "), "a NUL": ("", "\0")}.items():
        spoil = set_cells(ERRORS, "message", {"40001": put(f"{before}Cloud account not found{after}")})
        yield Mutation(f"{ERRORS} 40001 message: {what}", spoil, LOAD, "message: ")


def quote_first(content: bytes) -> bytes:
    """Quote the first cell of the second line."""
    head, _, rest = content.partition(b"\n")
    cell, _, tail = rest.partition(b",")
    return b'%b\n"%b",%b' % (head, cell, tail)


def list_orders() -> Iterator[Mutation]:
    """Change the order of rows, and repeat rows."""
    for path, places in {ERRORS: (0, 1, 20, 40, 70), STATUSES: (0, 3, 7)}.items():
        for at in places:
            name = f"{path}: rows {at + 1} and {at + 2} change places"
            yield Mutation(name, edit_rows(path, exchange(at)), LOAD, "should come before")
        yield Mutation(
            f"{path}: a row stands twice", edit_rows(path, lambda rows: [rows[0], *rows]), LOAD, "is a duplicate"
        )
    yield Mutation(f"{OBSERVED}: unsorted", edit_rows(OBSERVED, exchange(2)), LOAD, "should come before")
    yield Mutation(
        f"{SOURCES}: a row stands twice", edit_rows(SOURCES, lambda rows: [*rows, rows[0]]), LOAD, "is a duplicate"
    )
    yield Mutation(
        f"{OBSERVED}: a row stands twice",
        edit_rows(OBSERVED, lambda rows: [rows[0], *rows]),
        RULES["find_repeated_responses"],
        "1000",
    )
    yield Mutation(
        f"{CHANGES}: a row stands twice",
        edit_rows(CHANGES, lambda rows: [rows[0], *rows]),
        LOAD,
        "first-snapshot stands on line",
    )


def exchange(at: int) -> Callable[[list[list[str]]], list[list[str]]]:
    """Return an edit that lets two neighbouring rows change places."""
    return lambda rows: [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]


def list_relations() -> Iterator[Mutation]:
    """Spoil the relations between codes."""
    for code, cell in {
        "30005": "30002;30004;39999",
        "30004": "30004;30005",
        "30030": "30031;30031",
        "40048": "40050;40049",
        "40035": "40036; 40037",
        "40029": "40030;;40040",
    }.items():
        name = f"{ERRORS} {code} related: {cell}"
        yield Mutation(name, set_cells(ERRORS, "related", {code: put(cell)}), LOAD, "related: ")
    for code, other in data.PAIRS[::3]:
        one = set_cells(ERRORS, "related", {code: drop_word(other)})
        both = set_cells(ERRORS, "related", {code: drop_word(other), other: drop_word(code)})
        yield Mutation(f"{ERRORS} {code} related: without {other}", one, LOAD, f"does not name {other} in return")
        yield Mutation(f"{ERRORS} {code} and {other}: no longer related", both, CONFUSED, f"codes of {code}")
    for code, other in data.PAIRS[:6:2]:
        spoil = edit_rows(CONFUSIONS, drop_pair(code, other))
        yield Mutation(f"{CONFUSIONS} {code} and {other}: no difference", spoil, LOAD, f"how {code} and {other} differ")
        spoil = set_cells(CONFUSIONS, "difference", {code: replace_word(code)})
        yield Mutation(f"{CONFUSIONS} {code}: unnamed", spoil, RULES["find_vague_differences"], code)


def drop_pair(code: str, other: str) -> Callable[[list[list[str]]], list[list[str]]]:
    """Return an edit that removes what tells two codes apart."""
    return lambda rows: [row for row in rows if row[:2] != [code, other]]


def replace_word(word: str) -> Cell:
    """Return an edit of a cell that takes a word out wherever it stands."""
    return lambda cell: cell.replace(word, "it")


def list_evidence() -> Iterator[Mutation]:
    """Spoil the keys at the end of causes, steps and notes."""
    ways: dict[str, tuple[Cell, Check, str]] = {
        "an unknown key": (lambda line: f"{line} [Z9]", LOAD, "source 'Z9'"),
        "a key in other capitals": (lambda line: f"{line} [s1]", LOAD, "source 's1'"),
        "a key after no blank": (lambda line: f"{line}[S1]", LOAD, "has a bracket"),
        "a key in the middle": (lambda line: f"By [S1] {line}", LOAD, "has a bracket"),
        "a blank between keys": (lambda line: f"{line} [S1] [S3]", LOAD, "has a bracket"),
        "a key twice": (lambda line: f"{line} [S1][S1]", LOAD, "cites a source twice"),
    }
    for code in ("30013", "40017", "40050"):
        for what, (edit, check, place) in ways.items():
            for column in ("causes", "remediation"):
                spoil = set_cells(ERRORS, column, {code: edit_line(0, chain(strip_keys, edit))})
                yield Mutation(f"{ERRORS} {code} {column}: {what}", spoil, check, place)
    for code in data.DISPUTED:
        yield Mutation(f"{ERRORS} {code}: no source in the row", strip_evidence(code), ONE_SOURCE, code)
    for key in ("S1", "B1", "C1", "i12399"):
        yield Mutation(f"{SOURCES} {key}: row removed", edit_rows(SOURCES, drop_row(key)), LOAD, f"source '{key}'")
    key = choose_lone_key()
    spoil = edit_file(ERRORS, chain_edits(replace_all(f" [{key}]", ""), replace_all(f"[{key}]", "")))
    yield Mutation(f"{ERRORS}: {key} cited no more", spoil, LOAD, f"{key} is cited nowhere")
    spoil = add_file(SOURCES, read_files()[SOURCES] + b"Z9,community,Hearsay,,2026-11-24\n")
    yield Mutation(f"{SOURCES}: a source that nothing cites", spoil, LOAD, "Z9 is cited nowhere")


def choose_lone_key() -> str:
    """Return the key of a source that only one row of errors.csv cites, after a blank and alone."""
    tree = read_tree()
    others = "".join([*GUIDES.values(), *(content.decode() for path, content in tree.items() if path != ERRORS)])
    text = tree[ERRORS].decode()
    keys = (row[0] for row in parse(tree[SOURCES])[1:])
    return next(
        key
        for key in keys
        if text.count(f" [{key}]") == text.count(f"[{key}]") == 1
        and f"[{key}][" not in text
        and not re.search(rf"\[{key}\]|,{key},|\"{key}\"", others)
    )


def chain_edits(first: Edit, second: Edit) -> Edit:
    """Return an edit that makes two edits, one after the other."""
    return lambda content: second(first(content))


def chain(first: Cell, second: Cell) -> Cell:
    """Return an edit that makes two edits, one after the other."""
    return lambda cell: second(first(cell))


def strip_keys(line: str) -> str:
    """Return an item without its keys."""
    return line.split(" [", maxsplit=1)[0]


def strip_evidence(code: str) -> Callable[[Tree], Tree]:
    """Return how to take all keys from a row."""

    def strip_cell(cell: str) -> str:
        return "\n".join(strip_keys(line) for line in cell.split("\n"))

    def spoil(tree: Tree) -> Tree:
        for column in ("causes", "remediation", "note"):
            tree = set_cells(ERRORS, column, {code: strip_cell})(tree)
        return tree

    return spoil


def drop_row(key: str) -> Callable[[list[list[str]]], list[list[str]]]:
    """Return an edit that removes the row of a key."""
    return lambda rows: [row for row in rows if row[0] != key]


def read_cell(code: str, column: str) -> str:
    """Return a cell of errors.csv."""
    at = list(MODELS[ERRORS].model_fields).index(column)
    return next(row[at] for row in parse(read_files()[ERRORS]) if row[0] == code)


def list_repeats() -> Iterator[Mutation]:
    """Let rows say the same, or say nothing of their own."""
    for column in ("causes", "remediation"):
        line = read_cell("30005", column).split("\n")[0]
        for codes in (["30001", "30002", "30003"], ["40022", "40020", "40050"]):
            spoil = set_cells(ERRORS, column, dict.fromkeys(codes, edit_line(0, put(line))))
            yield Mutation(
                f"{ERRORS} {column} of 30005: a line copied to {codes}", spoil, RULES["find_worn_lines"], " rows"
            )
        for code in ("30005", "40021"):
            spoil = set_cells(ERRORS, column, {code: lambda cell: f"{cell}\n{strip_keys(cell.split(chr(10))[0])}"})
            yield Mutation(f"{ERRORS} {code} {column}: a line twice", spoil, RULES["find_repeated_lines"], code)
            spoil = set_cells(ERRORS, column, {code: lambda cell: cell.split("\n")[0]})
            yield Mutation(f"{ERRORS} {code} {column}: one line only", spoil, LOAD, f"{column}: ")
            spoil = set_cells(ERRORS, column, {code: lambda cell: f"{cell}\n"})
            yield Mutation(f"{ERRORS} {code} {column}: an empty line", spoil, LOAD, f"{column}: has an empty line")
        for line in ("Contact support.", "Try again.", "Check your code."):
            spoil = set_cells(ERRORS, column, {"40021": edit_line(1, put(line))})
            yield Mutation(f"{ERRORS} 40021 {column}: {line}", spoil, RULES["find_generic_lines"], f"40021: {line}")
    for code, other in (("30004", "30005"), ("40035", "40036")):
        spoil = set_cells(ERRORS, "causes", {code: put(read_cell(other, "causes"))})
        yield Mutation(f"{ERRORS} {code} causes: those of {other}", spoil, RULES["find_shared_causes"], code)
        spoil = set_cells(ERRORS, "summary", {code: put(read_cell(other, "summary"))})
        yield Mutation(f"{ERRORS} {code} summary: that of {other}", spoil, RULES["find_repeated_summaries"])
        spoil = shorten_row(code)
        yield Mutation(f"{ERRORS} {code}: short lines", spoil, RULES["find_thin_rows"], code)


def shorten_row(code: str) -> Callable[[Tree], Tree]:
    """Return how to make a row thin: two short causes and two short steps."""

    def spoil(tree: Tree) -> Tree:
        tree = set_cells(ERRORS, "causes", {code: put(f"A header of {code} is odd.\nA value of {code} is odd.")})(tree)
        return set_cells(ERRORS, "remediation", {code: put(f"Print {code} in full.\nCorrect what {code} names.")})(tree)

    return spoil


def list_prose() -> Iterator[Mutation]:
    """Spoil the words of summaries, causes, steps and notes."""
    ways: dict[str, tuple[str, str]] = {
        "a double blank": ("Look  at the header.", "find_double_blanks"),
        "bold words": ("Look at the **header** and correct it.", "find_other_markup"),
        "a foreign link": ("Look [here](https://example.org/) and correct it.", "find_other_markup"),
        "a bare guide": ("Look at guide:signing and correct it.", "find_other_markup"),
        "a code that does not exist": ("It looks like 30009 but is not.", "find_unknown_numbers"),
        "a slip in a code": ("It looks like 40084 but is not.", "find_unknown_numbers"),
        "a long sentence": ("It is " + "wrong and " * 12 + "odd.", "find_long_summaries"),
        "no full stop": ("The header is wrong and must be corrected", "find_long_summaries"),
    }
    for what, (text, name) in ways.items():
        yield Mutation(
            f"{ERRORS} 40021 summary: {what}", set_cells(ERRORS, "summary", {"40021": put(text)}), RULES[name]
        )
        if name != "find_long_summaries":
            for column in ("causes", "remediation", "note"):
                edit = put(text) if column == "note" else edit_line(0, put(text))
                spoil = set_cells(ERRORS, column, {"40021": edit})
                yield Mutation(f"{ERRORS} 40021 {column}: {what}", spoil, RULES[name], ERRORS)
    for what, text in {
        "161 characters": f"{'x' * 160}.",
        "a formula": "=SUM(A1)",
        "an at sign first": "@all must look.",
        "two lines": "One.\nTwo.",
        "an open code span": "Look at `order_id and correct it.",
        "empty": "",
    }.items():
        name = f"{ERRORS} 40021 summary: {what}"
        yield Mutation(name, set_cells(ERRORS, "summary", {"40021": put(text)}), LOAD, "summary: ")
    for keywords in ("margin;margin", "margin; leverage", "margin;;leverage", ";margin"):
        name = f"{ERRORS} 40021 keywords: {keywords}"
        yield Mutation(name, set_cells(ERRORS, "keywords", {"40021": put(keywords)}), LOAD, "keywords: ")
    for target in ("nowhere", "clock#nowhere", "signing#window"):
        edit = edit_line(0, put(f"See [the guide](guide:{target}) and correct the header."))
        for column in ("causes", "remediation"):
            name = f"{ERRORS} 40021 {column}: a link to {target}"
            yield Mutation(name, set_cells(ERRORS, column, {"40021": edit}), BROKEN_GUIDES, f"guide:{target}")
    spoil = edit_file(ERRORS, replace_all("40059", "an error"))
    yield Mutation(f"{ERRORS}: no foreign number left", spoil, RULES["find_idle_foreign_numbers"], "40059")


def list_advice() -> Iterator[Mutation]:
    """Spoil what a reader or a bot acts on."""
    for advice in (
        "Use a VPN to reach it.",
        "Omit the order_id and cancel again.",
        "Switch keys to get round the block.",
        "Resend the order immediately, then look.",
    ):
        for column in ("causes", "remediation"):
            spoil = set_cells(ERRORS, column, {"40021": edit_line(0, put(advice))})
            yield Mutation(f"{ERRORS} 40021 {column}: {advice}", spoil, RULES["find_harmful_advice"], advice[:9])
    silent = put("Ask the operator what became of it.\nWait for an answer of the operator.")
    for code in ("40002", "40012", "30014"):
        spoil = set_cells(ERRORS, "remediation", {code: silent})
        yield Mutation(f"{ERRORS} {code} remediation: no look-up", spoil, RULES["find_silent_unknowns"], code)
    for code in ("40003", "40050"):
        spoil = set_cells(
            ERRORS, "remediation", {code: lambda cell: f"Print the id you sent.\nGive it up now.\n{cell}"}
        )
        yield Mutation(f"{ERRORS} {code} remediation: a late look-up", spoil, RULES["find_late_searches"], code)
        spoil = set_cells(ERRORS, "retry", {code: put("backoff")})
        yield Mutation(f"{ERRORS} {code} retry: a duplicate sent again", spoil, RULES["find_retried_duplicates"], code)
    for code in ("30003", "40001"):
        spoil = set_cells(ERRORS, "actor", {code: put("developer")})
        yield Mutation(f"{ERRORS} {code} actor: nobody to stop for", spoil, RULES["find_idle_stops"], code)
    for column, token in {"retry": "none", "outcome": "accepted", "actor": "nobody"}.items():
        for code, value in (("30005", token), ("1000", {"actor": "developer", "retry": "fix"}.get(column, "unknown"))):
            spoil = set_cells(ERRORS, column, {code: put(value)})
            yield Mutation(f"{ERRORS} {code} {column}: {value}", spoil, RULES["find_false_success"], code)


def list_other_files() -> Iterator[Mutation]:
    """Spoil the cells of the other data files."""
    faults: dict[tuple[str, str, str], tuple[str, Check]] = {
        (STATUSES, "description", "401"): ("Unauthorised", DESCRIPTIONS),
        (STATUSES, "description", "404"): ("", DESCRIPTIONS),
        (STATUSES, "description", "429"): ("Too many", DESCRIPTIONS),
        (STATUSES, "reason", "401"): ("Unautorized", RULES["find_wrong_reasons"]),
        (STATUSES, "status", "418"): ("421", STATUS_ROWS),
        (STATUSES, "steps", "401"): ("", LOAD),
        (STATUSES, "summary", "401"): ("x" * 161, LOAD),
        (SOURCES, "kind", "S1"): ("gossip", LOAD),
        (SOURCES, "key", "S1"): ("S 1", LOAD),
        (SOURCES, "title", "S1"): ("", LOAD),
        (SOURCES, "url", "S1"): ("http://example.org/", LOAD),
        (SOURCES, "url", "S3"): ("https://exa mple.org/", LOAD),
        (OBSERVED, "code", "40042"): ("40052", LOAD),
        (OBSERVED, "http_status", "40038"): ("4OO", LOAD),
        (OBSERVED, "date", "40021"): ("25.10.2024", LOAD),
        (OBSERVED, "date", "40042"): ("2024-13-25", LOAD),
        (OBSERVED, "source", "40038"): ("Z9", LOAD),
        (OBSERVED, "foreign", "40025"): ("maybe", LOAD),
        (OBSERVED, "wording", "40038"): ("Invalid K-line step", RULES["find_unseen_wordings"]),
        (OBSERVED, "body", "40040"): (
            '{"code": 40041, "message": "Invalid Leverage"}',
            RULES["find_misfiled_responses"],
        ),
        (OBSERVED, "body", "40038"): ("", LOAD),
        (CHANGES, "id", "headers-renamed"): ("Headers renamed", LOAD),
        (CHANGES, "date", "headers-renamed"): ("22.11.2026", LOAD),
        (CHANGES, "date", "first-snapshot"): ("2026-11-31", LOAD),
        (CHANGES, "who", "headers-renamed"): ("somebody", LOAD),
        (CHANGES, "title", "headers-renamed"): ("", LOAD),
        (CHANGES, "text", "headers-renamed"): ("It changed. [Z9]", LOAD),
    }
    for (path, column, key), (value, check) in faults.items():
        spoil = set_cells(path, column, {key: put(value)})
        yield Mutation(f"{path} {key} {column}: {value[:20]!r}", spoil, check)
    for status in ("403", "418"):
        yield Mutation(f"{STATUSES} {status}: row removed", edit_rows(STATUSES, drop_row(status)), STATUS_ROWS, status)
    table = put('{"code":30013,"message":"Request too many requests"}')
    usual = set_cells(OBSERVED, "body", {"30013": table})
    words = set_cells(OBSERVED, "wording", {"30013": put("Request too many requests")})
    name = f"{OBSERVED} 30013: as the table has it"
    yield Mutation(name, lambda tree: words(usual(tree)), RULES["find_usual_responses"], "30013")
    for code, path in (("30014", OBSERVED),):
        spoil = set_cells(path, "note", {code: put("See [the guide](guide:nowhere).")})
        yield Mutation(f"{path} {code} note: a link to nowhere", spoil, BROKEN_GUIDES, f"{OBSERVED} {code}")
