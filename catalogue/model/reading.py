"""Bytes of a data file into rows of cells, and cells into models.

Nothing is raised: every problem, with file and line, goes to a list that the caller hands in.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from catalogue.model.cells import EXPECTED, FORMULA, find_bad_characters, find_prose_faults
from catalogue.model.rows import MODELS, Row
from catalogue.model.vocabulary import Token
from catalogue.paths import CHANGES, ERRORS, SOURCES, STATUSES

# Columns whose cells may hold several lines: items, or a request as on the wire.
LIST_COLUMNS = {"causes", "remediation", "meaning", "steps"}
WIRE_COLUMNS = {"wrong", "right"}
# Columns whose cells may hold code spans and links; those of lists, and these, may end with evidence.
PROSE_COLUMNS = LIST_COLUMNS | {"summary", "first", "note", "text", "difference", "disagreement", "definition"}
# Columns of words between semicolons.
WORD_COLUMNS = {"related", "keywords", "forms"}
# Files that some page or feed cannot do without.
NEVER_EMPTY = {ERRORS, STATUSES, SOURCES, CHANGES}

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a data file: path from the repository's root, line (from 1, 0: the whole file), text."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.text}" if self.line else f"{self.path} {self.text}"


@dataclass(frozen=True)
class RawRow:
    """One CSV record: its file, the line it starts on, its cells."""

    path: str
    line: int
    cells: tuple[str, ...]


def parse_rows(path: str, content: bytes, columns: tuple[str, ...], problems: list[Problem]) -> list[RawRow]:
    """Read CSV bytes into rows of cells; what is wrong with bytes, header, width or cells goes to `problems`."""
    before = len(problems)
    text = _decode(path, content, problems)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[RawRow] = []
    start = 1
    try:
        for cells in reader:
            rows.append(RawRow(path, start, tuple(cells)))
            start = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(path, start, f"cannot be read as CSV: {error}. Check the quotation marks."))
        return []
    good = _check_shape(path, rows, columns, problems)
    if len(problems) == before:
        problems += _check_canonical(path, text, good)
    return good


def _decode(path: str, content: bytes, problems: list[Problem]) -> str | None:
    if content.startswith(b"\xef\xbb\xbf"):
        problems.append(Problem(path, 1, "starts with a byte order mark. Save it as UTF-8 without BOM."))
        content = content[3:]
    if b"\r" in content:
        line = content[: content.index(b"\r")].count(b"\n") + 1
        problems.append(Problem(path, line, "holds a carriage return. Save it with LF line ends."))
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problems.append(Problem(path, line, f"is not UTF-8: byte {content[error.start]:#x}. Save it as UTF-8."))
        return None
    if text and not text.endswith("\n"):
        problems.append(Problem(path, text.count("\n") + 1, "does not end with a line end. Add one."))
    return text


def _check_shape(path: str, rows: list[RawRow], columns: tuple[str, ...], problems: list[Problem]) -> list[RawRow]:
    header = rows[0].cells if rows else ()
    if header != columns:
        problems += [Problem(path, 1, f"column {name!r} is missing") for name in columns if name not in header]
        for name, count in Counter(header).items():
            if name not in columns:
                problems.append(Problem(path, 1, f"unknown column {name!r}"))
            elif count > 1:
                problems.append(Problem(path, 1, f"column {name!r} stands {count} times"))
        problems.append(Problem(path, 1, f"the header must be: {','.join(columns)}"))
        return []
    if len(rows) == 1 and path in NEVER_EMPTY:
        problems.append(Problem(path, 1, "has a header only. Restore the rows."))
    good = []
    for row in rows[1:]:
        if len(row.cells) == len(columns):
            good.append(row)
            problems.extend(_check_cells(row, columns))
        else:
            problems.append(Problem(path, row.line, f"has {len(row.cells)} cells where the header has {len(columns)}"))
    return good


def _check_canonical(path: str, text: str, rows: list[RawRow]) -> Iterator[Problem]:
    written = format_csv(path, (row.cells for row in rows))
    if written != text:
        pairs = zip(written.split("\n"), text.split("\n"), strict=False)
        number = next((number for number, (ours, line) in enumerate(pairs, 1) if ours != line), 1)
        start = max((row.line for row in rows if row.line <= number), default=1)
        yield Problem(path, start, "has quotation marks without need. Quote only cells that need it.")


def _check_cells(row: RawRow, columns: tuple[str, ...]) -> Iterator[Problem]:
    for name, cell in zip(columns, row.cells, strict=True):
        for fault in _find_faults(name, cell):
            yield Problem(row.path, row.line, f"{name}: {fault}")


def _find_faults(name: str, cell: str) -> Iterator[str]:
    yield from find_bad_characters(cell)
    lines = cell.split("\n") if cell else []
    if any(line != line.strip() for line in lines):
        yield "has blanks around it. Remove them."
    if any(not line for line in lines) and name not in WIRE_COLUMNS:
        yield "has an empty line. Remove it."
    if len(lines) > 1 and name not in LIST_COLUMNS | WIRE_COLUMNS:
        yield "has more than one line. Put it on one."
    formula = FORMULA.search(cell)
    if formula:
        where = "starts with" if formula.start() == 0 and cell[0] == formula[1] else "has after a semicolon or line end"
        yield f"{where} {formula[1]!r}, which a spreadsheet runs. Reword it."
    if name in PROSE_COLUMNS:
        yield from find_prose_faults(cell)
    if name in WORD_COLUMNS and cell:
        words = cell.split(";")
        if len(set(words)) < len(words) or any(word != word.strip() or not word for word in words):
            yield "repeats a word, or has a blank or empty one between ';'"


def build_rows(model: type[R], raw: list[RawRow], problems: list[Problem]) -> list[tuple[RawRow, R]]:
    """Turn cells into models; every cell that does not validate goes to `problems`."""
    built = []
    for row in raw:
        try:
            built.append((row, model.model_validate(dict(zip(model.model_fields, row.cells, strict=True)))))
        except ValidationError as error:
            problems.extend(_explain(row, model, error))
    return built


def _explain(row: RawRow, model: type[Row], error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0])
        cell = row.cells[list(model.model_fields).index(name)]
        annotation = model.model_fields[name].annotation
        if isinstance(annotation, type) and issubclass(annotation, Token):
            reason = f"expected one of {', '.join(annotation)}"
        elif cell == "":
            reason = "is empty; fill it"
        elif detail["type"] == "string_pattern_mismatch":
            reason = EXPECTED[detail["ctx"]["pattern"]]
        else:
            reason = detail["msg"].removeprefix("Value error, ")
            reason = reason[0].lower() + reason[1:]
        yield Problem(row.path, row.line, f"{name}: {cell!r}: {reason}" if cell else f"{name}: {reason}")


def format_csv(path: str, rows: Iterable[Iterable[str]]) -> str:
    """Write rows of cells (without header) in the canonical form of a data file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MODELS[path].model_fields)
    writer.writerows(rows)
    return text.getvalue()
