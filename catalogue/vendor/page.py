"""Read the vendor's error page (Markdown) into plain rows; each knows its line, so that a difference has a place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from catalogue.paths import SPEC_PAGE

SECTION_OF_TITLE = {"Authentication Error Code": "authentication", "Contract API Error Code": "contract"}
STATUS_COLUMNS = {"status": "http", "description": "description"}
CODE_COLUMNS = {"message": "error message", "code": "error code", "http_status": "http status"}
LINE_END = re.compile(r"\r\n?|\n")
EXAMPLE = re.compile(r"^Example: *httpStatus: *(\d{3}), *body: *$")


class SpecError(ValueError):
    """The text is not the vendor's error page, or a part of it cannot be read. The message names the line."""


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
    """One code table with its title, its header cells and its example; line of the header in the page."""

    title: str
    columns: tuple[str, ...]
    example: SpecExample
    rows: tuple[SpecRow, ...]
    line: int = 0

    @property
    def name(self) -> str:
        """The catalogue's token for this section; the title itself where the vendor's title is new."""
        return SECTION_OF_TITLE.get(self.title, self.title)


@dataclass(frozen=True)
class SpecHeading:
    """What stands above the global HTTP table: title, header cells, line of the header in the page."""

    title: str
    columns: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True)
class SpecText:
    """A heading, paragraph or other block beside the tables, as plain text."""

    text: str
    line: int
    is_heading: bool


@dataclass(frozen=True)
class SpecPage:
    """The whole page: global HTTP statuses and code sections, in the vendor's order.

    `heading` is the global table without its rows. `texts` holds every other heading, paragraph and
    block as plain text; quotations are left out, they come from the documentation system.
    """

    statuses: tuple[SpecStatus, ...]
    sections: tuple[SpecSection, ...]
    heading: SpecHeading = SpecHeading("", ())
    texts: tuple[SpecText, ...] = ()

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


@dataclass
class _Draft:
    heading: SpecHeading | None = None
    statuses: tuple[SpecStatus, ...] = ()
    sections: list[SpecSection] = field(default_factory=list)
    texts: list[SpecText] = field(default_factory=list)
    title: str = ""
    example: SpecExample | None = None

    def add_table(self, table: _Table) -> None:
        if not table.rows:
            raise SpecError(f"line {table.line}: the table {self.title!r} has no rows")
        if _find_columns(table, CODE_COLUMNS) is not None:
            self.sections.append(_read_section(self.title, self.example, table))
        elif _find_columns(table, STATUS_COLUMNS) is not None and self.heading is None:
            self.heading, self.statuses = SpecHeading(self.title, table.columns, table.line), _read_statuses(table)
        else:
            raise SpecError(f"line {table.line}: a table with other columns than expected: {', '.join(table.columns)}")

    def add_text(self, block: SpecText) -> None:
        self.texts.append(block)
        if block.is_heading:
            self.title, self.example = block.text, None


def parse_spec(text: str) -> SpecPage:
    """Parse the Markdown of the vendor's page.

    Raises SpecError, naming the line, for a page without its tables, an empty table, a ragged row, an
    unreadable status, a duplicate code or title, or a code table without its example.
    """
    draft = _Draft()
    for block in _walk_blocks(MarkdownIt("commonmark").enable("table").parse(text), split_lines(text)):
        if isinstance(block, _Table):
            draft.add_table(block)
        elif isinstance(block, SpecExample):
            draft.example = block
        else:
            draft.add_text(block)
    if draft.heading is None or len(draft.sections) < len(set(SECTION_OF_TITLE.values())):
        tables = (draft.heading is not None) + len(draft.sections)
        raise SpecError(f"not the vendor's error page, or not the whole of it: found {tables} of 3 tables")
    _refuse_duplicates(draft.sections)
    titles = {draft.heading.title, *(section.title for section in draft.sections)}
    texts = tuple(block for block in draft.texts if block.text not in titles)
    return SpecPage(draft.statuses, tuple(draft.sections), draft.heading, texts)


def decode_page(content: bytes) -> str:
    """Decode the bytes of the page; a byte order mark is dropped. Raises SpecError if they are not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SpecError(f"line {line}: not UTF-8: byte {content[error.start]:#x}") from None


def split_lines(text: str) -> list[str]:
    """Split at the line ends that Markdown knows; str.splitlines knows more, and would count other lines."""
    return LINE_END.split(text)


def read_spec(path: Path = SPEC_PAGE) -> SpecPage:
    """Parse the committed snapshot, or another file of the same page."""
    return parse_spec(decode_page(path.read_bytes()))


def _walk_blocks(tokens: list[Token], lines: list[str]) -> Iterator[SpecText | SpecExample | _Table]:
    skipped = 0
    for index, token in enumerate(tokens):
        if token.type in {"blockquote_open", "table_open"}:
            if token.type == "table_open" and not skipped:
                yield _read_table(tokens[index:], lines)
            skipped += 1
        elif token.type in {"blockquote_close", "table_close"}:
            skipped -= 1
        elif token.content.strip() and not skipped:
            line = token.map[0] + 1 if token.map else 0
            is_heading = tokens[index - 1].type == "heading_open"
            yield _read_example(token, line) or SpecText(_plain_text(token).strip(), line, is_heading)


def _plain_text(inline: Token) -> str:
    if not inline.children:
        return inline.content
    return "".join(" " if child.type in {"softbreak", "hardbreak"} else child.content for child in inline.children)


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
    return SpecSection(title, table.columns, example, tuple(rows), table.line)


def _refuse_duplicates(sections: Iterable[SpecSection]) -> None:
    seen: dict[str, int] = {}
    titles: dict[str, int] = {}
    for section in sections:
        if section.title in titles:
            raise SpecError(
                f"line {section.line}: two tables under {section.title!r}, the first on line {titles[section.title]}"
            )
        titles[section.title] = section.line
        for row in section.rows:
            if row.code in seen:
                raise SpecError(f"line {row.line}: duplicate code {row.code}, first on line {seen[row.code]}")
            seen[row.code] = row.line
