"""Read data/*.csv into a Catalogue.

Every problem of every file is collected and reported at once, with file, line and column; nothing is
returned until there is none.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from catalogue.model import Catalogue, Change, ErrorCode, HttpStatusRow, Item, Observed, Row, Source
from catalogue.tokens import Token

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
DOCS = ROOT / "docs"
ERRORS = "data/errors.csv"
STATUSES = "data/http_statuses.csv"
SOURCES = "data/sources.csv"
OBSERVED = "data/observed.csv"
CHANGES = "data/changes.csv"
MODELS: dict[str, type[Row]] = {
    ERRORS: ErrorCode,
    STATUSES: HttpStatusRow,
    SOURCES: Source,
    OBSERVED: Observed,
    CHANGES: Change,
}

# A guide cites a source with this macro call.
CITATION = re.compile(r"source\(\"([A-Za-z0-9]+)\"\)")
# All but the line feed, which divides the items of a cell.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
LIST_COLUMNS = {"causes", "remediation", "meaning", "steps"}
# A spreadsheet would run a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t")

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a data file: path from the repository's root, line (from 1, 0: the whole file), text."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.text}" if self.line else f"{self.path} {self.text}"


class CatalogueError(ValueError):
    """The data files hold problems; `problems` lists all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) in the data files. Mend each line:\n{listing}")


@dataclass(frozen=True)
class RawRow:
    """One CSV record: its file, the line it starts on, its cells."""

    path: str
    line: int
    cells: tuple[str, ...]


def parse_rows(path: str, content: bytes, columns: tuple[str, ...], problems: list[Problem]) -> list[RawRow]:
    """Read CSV bytes into rows of cells; what is wrong with bytes, header, width or cells goes to `problems`."""
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
    return _check_shape(path, rows, columns, problems)


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
    good = []
    for row in rows[1:]:
        if len(row.cells) == len(columns):
            good.append(row)
            problems.extend(_check_cells(row, columns))
        else:
            problems.append(Problem(path, row.line, f"has {len(row.cells)} cells where the header has {len(columns)}"))
    return good


def _check_cells(row: RawRow, columns: tuple[str, ...]) -> Iterator[Problem]:
    for name, cell in zip(columns, row.cells, strict=True):
        if "\u00a0" in cell or "\u202f" in cell:
            yield Problem(row.path, row.line, f"{name}: holds a non-breaking space. Use a plain one.")
        if CONTROL.search(cell):
            yield Problem(row.path, row.line, f"{name}: holds a control character. Remove it.")
        lines = cell.split("\n") if cell else []
        if any(line != line.strip() for line in lines):
            yield Problem(row.path, row.line, f"{name}: has blanks around it. Remove them.")
        if any(not line for line in lines):
            yield Problem(row.path, row.line, f"{name}: has an empty line. Remove it.")
        if cell.startswith(FORMULA_STARTS):
            yield Problem(row.path, row.line, f"{name}: starts with {cell[0]!r}, which a spreadsheet runs. Reword it.")
        if len(lines) > 1 and name not in LIST_COLUMNS:
            yield Problem(row.path, row.line, f"{name}: has more than one line. Put it on one.")


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
        else:
            reason = detail["msg"][0].lower() + detail["msg"][1:]
        yield Problem(row.path, row.line, f"{name}: {cell!r}: {reason}" if cell else f"{name}: {reason}")


def check_errors(rows: list[tuple[RawRow, ErrorCode]], rejected: set[str]) -> Iterator[Problem]:
    """Check codes and related codes across all rows; `rejected` holds the codes of rows with problems of their own."""
    by_code = {error.code: error for _, error in rows}
    known = by_code.keys() | rejected
    yield from _check_order(rows, [int(error.code) for _, error in rows], "code")
    for raw, error in rows:
        for name, words in (("related", error.related), ("keywords", error.keywords)):
            if len(set(words)) < len(words) or any(word != word.strip() or not word for word in words):
                yield Problem(raw.path, raw.line, f"{name}: repeats a word, or has a blank or empty one between ';'")
        if list(error.related) != sorted(error.related, key=lambda code: (len(code), code)):
            yield Problem(raw.path, raw.line, f"related: {';'.join(error.related)} is not sorted by code")
        for code in error.related:
            if code == error.code or code not in known:
                yield Problem(raw.path, raw.line, f"related: {code} is not another code of this file")
            elif code in by_code and error.code not in by_code[code].related:
                yield Problem(raw.path, raw.line, f"related: {code} does not name {error.code} in return. Add it there")


def _check_order(rows: Iterable[tuple[RawRow, Row]], numbers: list[int], column: str) -> Iterator[Problem]:
    for (raw, _), before, number in zip(list(rows)[1:], numbers, numbers[1:], strict=False):
        if number == before:
            yield Problem(raw.path, raw.line, f"{column}: {number} is a duplicate")
        elif number < before:
            yield Problem(raw.path, raw.line, f"{column}: {number} should come before {before}")


def check_sources(
    sources: list[tuple[RawRow, Source]],
    cited: Iterable[tuple[RawRow, str, str]],
    guides: Mapping[str, str],
    rejected: set[str],
    *,
    complete: bool,
) -> Iterator[Problem]:
    """Check that every key cited exists, and that every source is cited by a row or a guide.

    Only where all rows could be read (`complete`) can a source be called unused.
    """
    keys = Counter(source.key for _, source in sources)
    used = {key for text in guides.values() for key in CITATION.findall(text)}
    for path, text in guides.items():
        for key in sorted(set(CITATION.findall(text)) - keys.keys() - rejected):
            yield Problem(path, 0, f"cites source {key!r}, which {SOURCES} does not have")
    for raw, column, key in cited:
        used.add(key)
        if key not in keys.keys() | rejected:
            yield Problem(raw.path, raw.line, f"{column}: source {key!r} does not stand in {SOURCES}")
    for raw, source in sources:
        if keys[source.key] > 1:
            yield Problem(raw.path, raw.line, f"key: {source.key} is a duplicate")
        if complete and source.key not in used:
            yield Problem(raw.path, raw.line, f"key: {source.key} is cited nowhere. Cite it, or remove the row")


def _list_citations(
    rows: Iterable[tuple[RawRow, ErrorCode | HttpStatusRow | Change]], observed: Iterable[tuple[RawRow, Observed]]
) -> Iterator[tuple[RawRow, str, str]]:
    for raw, row in rows:
        for name in type(row).model_fields:
            value = getattr(row, name)
            items = value if isinstance(value, tuple) else (value,)
            for item in items:
                if isinstance(item, Item):
                    yield from ((raw, name, key) for key in item.evidence)
    for raw, response in observed:
        yield raw, "source", response.source


def _list_keys(content: bytes) -> set[str]:
    return {line.partition(b",")[0].decode("utf-8", "replace") for line in content.split(b"\n")}


def _read_guides(docs: Path) -> dict[str, str]:
    return {
        path.relative_to(docs.parent).as_posix(): path.read_text("utf-8")
        for path in sorted(docs.rglob("*.md"))
        if path.parent.name not in {"codes", "http"}
    }


def read_files(root: Path = ROOT) -> dict[str, bytes]:
    """Read the bytes of the data files; raises CatalogueError for one that is missing."""
    missing = [path for path in MODELS if not (root / path).is_file()]
    if missing:
        raise CatalogueError(Problem(path, 0, "is missing. Restore it.") for path in missing)
    return {path: (root / path).read_bytes() for path in MODELS}


def build_catalogue(files: Mapping[str, bytes], guides: Mapping[str, str]) -> Catalogue:
    """Validate the bytes of all data files together; `guides` maps the path of a page to its text.

    Raises CatalogueError with all problems.
    """
    problems: list[Problem] = []
    raw = {path: parse_rows(path, files[path], tuple(model.model_fields), problems) for path, model in MODELS.items()}
    errors = build_rows(ErrorCode, raw[ERRORS], problems)
    statuses = build_rows(HttpStatusRow, raw[STATUSES], problems)
    sources = build_rows(Source, raw[SOURCES], problems)
    observed = build_rows(Observed, raw[OBSERVED], problems)
    changes = build_rows(Change, raw[CHANGES], problems)
    # A row refused for its own sake still stands in its file: rows that name its key are right.
    rejected = {path: _list_keys(files[path]) if problems else set() for path in (ERRORS, SOURCES)}
    problems += check_errors(errors, rejected[ERRORS])
    problems += _check_order(statuses, [row.status for _, row in statuses], "status")
    problems += _check_observed(observed, errors, rejected[ERRORS])
    cited = _list_citations([*errors, *statuses, *changes], observed)
    problems += check_sources(sources, cited, guides, rejected[SOURCES], complete=not problems)
    if problems:
        raise CatalogueError(problems)
    return Catalogue(
        errors=tuple(error for _, error in errors),
        statuses=tuple(row for _, row in statuses),
        sources={source.key: source for _, source in sources},
        observed=tuple(row for _, row in observed),
        changes=tuple(row for _, row in changes),
        lines={error.code: raw_row.line for raw_row, error in errors},
    )


def _check_observed(
    observed: list[tuple[RawRow, Observed]], errors: list[tuple[RawRow, ErrorCode]], rejected: set[str]
) -> Iterator[Problem]:
    codes = {error.code for _, error in errors} | rejected
    yield from _check_order(observed, [int(row.code) * 1000 + at for at, (_, row) in enumerate(observed)], "code")
    for raw, row in observed:
        if row.code not in codes:
            yield Problem(raw.path, raw.line, f"code: {row.code} does not stand in {ERRORS}")


def load_catalogue(root: Path = ROOT) -> Catalogue:
    """Read and validate the data files below `root`. Raises CatalogueError with all problems."""
    return build_catalogue(read_files(root), _read_guides(root / "docs"))


@cache
def get_catalogue() -> Catalogue:
    """Return the repository's own catalogue, loaded once per process."""
    return load_catalogue()


def format_csv(path: str, rows: Iterable[Iterable[str]]) -> str:
    """Write rows of cells (without header) in the canonical form of a data file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MODELS[path].model_fields)
    writer.writerows(rows)
    return text.getvalue()
