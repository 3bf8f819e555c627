"""Read the vendor's error page (Markdown) into plain rows, and say where the catalogue differs from it."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token
from pydantic import BaseModel, ConfigDict, Field

ROOT = Path(__file__).resolve().parent.parent
SPEC_DIR = ROOT / "data" / "spec"
SPEC_PAGE = SPEC_DIR / "restful-error-code.md"
SPEC_MANIFEST = SPEC_DIR / "manifest.json"

SECTION_OF_TITLE = {"Authentication Error Code": "authentication", "Contract API Error Code": "contract"}
STATUS_COLUMNS = {"status": "http", "description": "description"}
CODE_COLUMNS = {"message": "error message", "code": "error code", "http_status": "http status"}
EXAMPLE = re.compile(r"^Example: *httpStatus: *(\d{3}), *body: *$")


class SpecError(ValueError):
    """The text is not the vendor's error page, or a part of it cannot be read. The message names the line."""


class Manifest(BaseModel):
    """Where and when the snapshot of the vendor's page was taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(title="Address", description="Address of the vendor's page.")
    retrieved: str = Field(title="Retrieved", description="Date of the snapshot, YYYY-MM-DD.")
    sha256: str = Field(title="SHA-256", description="SHA-256 of the snapshot, in hexadecimal digits.")


@dataclass(frozen=True)
class SpecStatus:
    """One row of the global HTTP table: status (int), description (text), line in the page (from 1)."""

    status: int
    description: str
    line: int


@dataclass(frozen=True)
class SpecRow:
    """One row of a code table: code (digits), message (Markdown escapes resolved), HTTP status, line in the page."""

    code: str
    message: str
    http_status: int
    line: int


@dataclass(frozen=True)
class SpecExample:
    """The example envelope above a code table: HTTP status and body (JSON text, as printed)."""

    http_status: int
    body: str
    line: int


@dataclass(frozen=True)
class SpecSection:
    """One code table with its title, its header cells and its example."""

    title: str
    columns: tuple[str, ...]
    example: SpecExample
    rows: tuple[SpecRow, ...]

    @property
    def name(self) -> str:
        """The catalogue's token for this section; the title itself where the vendor's title is new."""
        return SECTION_OF_TITLE.get(self.title, self.title)


@dataclass(frozen=True)
class SpecPage:
    """The whole page: global HTTP statuses and code sections, in the vendor's order."""

    statuses: tuple[SpecStatus, ...]
    sections: tuple[SpecSection, ...]

    def iter_rows(self) -> Iterator[tuple[str, SpecRow]]:
        """Yield (section token, row) for every code, in the vendor's order."""
        for section in self.sections:
            for row in section.rows:
                yield section.name, row


@dataclass(frozen=True)
class _Table:
    line: int
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def parse_spec(text: str) -> SpecPage:
    """Parse the Markdown of the vendor's page.

    Raises SpecError, naming the line, for a page without its tables, a ragged row, an unreadable
    status, a duplicate code, or a code table without its example.
    """
    lines = text.splitlines()
    statuses: tuple[SpecStatus, ...] | None = None
    sections: list[SpecSection] = []
    title, example = "", None
    for kind, line, content in _walk_blocks(MarkdownIt("commonmark").enable("table").parse(text), lines):
        if kind == "heading":
            title, example = str(content), None
        elif kind == "example" and isinstance(content, SpecExample):
            example = content
        elif isinstance(content, _Table):
            if _find_columns(content, CODE_COLUMNS) is not None:
                sections.append(_read_section(title, example, content))
            elif _find_columns(content, STATUS_COLUMNS) is not None and statuses is None:
                statuses = _read_statuses(content)
            else:
                raise SpecError(f"line {line}: a table with other columns than expected: {', '.join(content.columns)}")
    if statuses is None or len(sections) < len(SECTION_OF_TITLE):
        raise SpecError(f"line 1: not the vendor's error page: found {len(sections)} of 2 code tables")
    _refuse_duplicates(sections)
    return SpecPage(statuses, tuple(sections))


def read_spec(path: Path = SPEC_PAGE) -> SpecPage:
    """Parse the committed snapshot, or another file of the same page."""
    return parse_spec(path.read_bytes().decode("utf-8"))


def read_manifest(path: Path = SPEC_MANIFEST) -> Manifest:
    """Read the snapshot's manifest."""
    return Manifest.model_validate_json(path.read_bytes())


def check_snapshot(page: Path = SPEC_PAGE, manifest: Path = SPEC_MANIFEST) -> str | None:
    """Return what is wrong where the snapshot's bytes are not those of the manifest, else None."""
    found, expected = hashlib.sha256(page.read_bytes()).hexdigest(), read_manifest(manifest).sha256
    if found == expected:
        return None
    return f"{page.name}: sha256 is {found}, the manifest says {expected}. Restore the snapshot, or accept a new one."


def _walk_blocks(tokens: list[Token], lines: list[str]) -> Iterator[tuple[str, int, object]]:
    for index, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "heading_open":
            yield "heading", line, _plain_text(tokens[index + 1])
        elif token.type == "paragraph_open":
            example = _read_example(tokens[index + 1], line)
            if example is not None:
                yield "example", line, example
        elif token.type == "table_open":
            yield "table", line, _read_table(tokens[index:], lines)


def _plain_text(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def _read_example(inline: Token, line: int) -> SpecExample | None:
    children = inline.children or []
    code = next((child for child in children if child.type == "code_inline"), None)
    before = "".join(child.content for child in children[: children.index(code)]) if code else ""
    match = EXAMPLE.match(before)
    return SpecExample(int(match[1]), code.content.strip(), line) if match and code else None


def _read_table(tokens: list[Token], lines: list[str]) -> _Table:
    rows: list[tuple[int, tuple[str, ...]]] = []
    cells: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            cells = []
        elif token.type in {"th_open", "td_open"}:
            cells.append(_plain_text(tokens[index + 1]).strip())
        elif token.type == "tr_close":
            rows.append((0, tuple(cells)))
    start, end = tokens[0].map or [0, 0]
    numbers = [start, *range(start + 2, end)]
    numbered = [(number + 1, row) for number, (_, row) in zip(numbers, rows, strict=True)]
    for number, row in numbered:
        _refuse_ragged(lines[number - 1], number, len(numbered[0][1]), len(row))
    return _Table(numbered[0][0], numbered[0][1], tuple(numbered[1:]))


def _refuse_ragged(source: str, line: int, columns: int, parsed: int) -> None:
    # The Markdown parser pads and cuts ragged rows silently, so the cells of the source line are counted.
    cells = escapedSplit(source.strip())
    cells = cells[1:] if cells and cells[0] == "" else cells
    cells = cells[:-1] if cells and cells[-1] == "" else cells
    if len(cells) != columns or parsed != columns or not source.strip().endswith("|"):
        raise SpecError(f"line {line}: ragged row: {len(cells)} cells where the header has {columns}")


def _find_columns(table: _Table, wanted: dict[str, str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for role, words in wanted.items():
        hits = [index for index, name in enumerate(table.columns) if name.lower().endswith((words, f"{words} code"))]
        if len(hits) != 1:
            return None
        found[role] = hits[0]
    return found


def _read_status(text: str, line: int) -> int:
    if not re.fullmatch(r"[1-5]\d\d", text):
        raise SpecError(f"line {line}: unreadable HTTP status {text!r}")
    return int(text)


def _read_statuses(table: _Table) -> tuple[SpecStatus, ...]:
    at = _find_columns(table, STATUS_COLUMNS) or {}
    statuses = tuple(
        SpecStatus(_read_status(cells[at["status"]], line), cells[at["description"]], line)
        for line, cells in table.rows
    )
    seen: dict[int, int] = {}
    for row in statuses:
        if row.status in seen:
            raise SpecError(f"line {row.line}: duplicate HTTP status {row.status}, first on line {seen[row.status]}")
        seen[row.status] = row.line
    return statuses


def _read_section(title: str, example: SpecExample | None, table: _Table) -> SpecSection:
    if example is None:
        raise SpecError(f"line {table.line}: the table {title!r} has no example envelope above it")
    at = _find_columns(table, CODE_COLUMNS) or {}
    rows = []
    for line, cells in table.rows:
        code = cells[at["code"]]
        if not re.fullmatch(r"\d{3,6}", code):
            raise SpecError(f"line {line}: unreadable code {code!r}")
        rows.append(SpecRow(code, cells[at["message"]], _read_status(cells[at["http_status"]], line), line))
    return SpecSection(title, table.columns, example, tuple(rows))


def _refuse_duplicates(sections: Iterable[SpecSection]) -> None:
    seen: dict[str, int] = {}
    for row in (row for section in sections for row in section.rows):
        if row.code in seen:
            raise SpecError(f"line {row.line}: duplicate code {row.code}, first on line {seen[row.code]}")
        seen[row.code] = row.line
