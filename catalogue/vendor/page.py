"""Read the vendor's error page (Markdown) into plain rows; each knows its line, so that a difference has a place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalogue.paths import SPEC_PAGE
from catalogue.vendor.blocks import Block, Row, SpecError, Table, read_blocks

SECTION_OF_TITLE = {"Authentication Error Code": "authentication", "Contract API Error Code": "contract"}
STATUS_COLUMNS = {"status": "http", "description": "description"}
CODE_COLUMNS = {"message": "error message", "code": "error code", "http_status": "http status"}
# int() and \d would take the digits of every script.
EXAMPLE = re.compile(r"^Example: *httpStatus: *([1-5][0-9]{2}), *body: *$")
STATUS = re.compile(r"[1-5][0-9]{2}")
CODE = re.compile(r"[0-9]{3,6}")
DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True)
class SpecStatus:
    """One row of the global HTTP table: status (int), description (text), line in the page (from 1).

    `rest` holds, by the name of its column, each cell that says more than these: as HTML.
    """

    status: int
    description: str
    line: int
    rest: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SpecRow:
    """One row of a code table: code (digits), message (Markdown escapes resolved), HTTP status, line in the page.

    `rest` holds, by the name of its column, each cell that says more than these: as HTML.
    """

    code: str
    message: str
    http_status: int
    line: int
    rest: Mapping[str, str] = field(default_factory=dict, hash=False)


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
    """A heading, paragraph, list, quotation or other block beside the tables.

    `text` is its Markdown on one line. `html` is what it says, whatever the Markdown: two blocks with the
    same HTML under the same heading are equal.
    """

    text: str
    line: int
    html: str
    heading: str = ""


@dataclass(frozen=True)
class SpecPage:
    """The whole page: global HTTP statuses and code sections, in the vendor's order.

    `heading` is the global table without its rows. `texts` holds everything else, but for the index of
    the documentation system that opens the page.
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


@dataclass
class _Draft:
    """The page as far as it has been read; the last title and example wait for their table."""

    heading: SpecHeading | None = None
    statuses: tuple[SpecStatus, ...] = ()
    sections: list[SpecSection] = field(default_factory=list)
    texts: list[SpecText] = field(default_factory=list)
    title: str = ""
    title_text: SpecText | None = None
    example: SpecExample | None = None
    example_text: SpecText | None = None

    def add_table(self, table: Table) -> None:
        if not table.rows:
            raise SpecError(f"line {table.line}: the table {self.title!r} has no rows")
        if _find_columns(table, CODE_COLUMNS) is not None:
            self.sections.append(_read_section(self.title, self.example, table))
            self._drop_text(self.example_text)
        elif _find_columns(table, STATUS_COLUMNS) is not None and self.heading is None:
            self.heading, self.statuses = SpecHeading(self.title, table.columns, table.line), _read_statuses(table)
        else:
            raise SpecError(f"line {table.line}: a table with other columns than expected: {', '.join(table.columns)}")
        self._drop_text(self.title_text)

    def add_text(self, block: Block) -> None:
        is_heading, example = block.kind == "heading_open", _read_example(block)
        text = SpecText(block.source, block.line, block.html, "" if is_heading else self.title)
        self.texts.append(text)
        if is_heading:
            self.title, self.title_text, self.example = block.title, text, None
        elif example and self.example is None:
            self.example, self.example_text = example, text

    def _drop_text(self, text: SpecText | None) -> None:
        # What a table has taken is compared with the table.
        self.texts = [other for other in self.texts if other is not text]


def parse_spec(text: str) -> SpecPage:
    """Parse the Markdown of the vendor's page.

    Raises SpecError, naming the line, for a page without its tables, an empty table, a ragged row, an
    unreadable status, a duplicate code or title, or a code table without its example.
    """
    draft = _Draft()
    for number, block in enumerate(read_blocks(text)):
        if isinstance(block, Table):
            draft.add_table(block)
        elif number or not _is_index(block):
            draft.add_text(block)
    if draft.heading is None or len(draft.sections) < len(set(SECTION_OF_TITLE.values())):
        tables = (draft.heading is not None) + len(draft.sections)
        raise SpecError(f"not the vendor's error page, or not the whole of it: found {tables} of 3 tables")
    _refuse_duplicates(draft.sections)
    return SpecPage(draft.statuses, tuple(draft.sections), draft.heading, tuple(draft.texts))


def decode_page(content: bytes) -> str:
    """Decode the bytes of the page; a byte order mark is dropped. Raises SpecError if they are not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SpecError(f"line {line}: not UTF-8: byte {content[error.start]:#x}") from None


def read_spec(path: Path = SPEC_PAGE) -> SpecPage:
    """Parse the committed snapshot, or another file of the same page."""
    return parse_spec(decode_page(path.read_bytes()))


def _is_index(block: Block) -> bool:
    # The documentation system puts a quotation above each page. One that names a number may be about a code.
    return block.kind == "blockquote_open" and not DIGIT.search(block.source)


def _read_example(block: Block) -> SpecExample | None:
    if block.kind != "paragraph_open" or not block.parts or block.parts[-1].type != "code_inline":
        return None
    *before, code = block.parts
    match = EXAMPLE.match("".join(part.content if part.type == "text" else "*" for part in before))
    return SpecExample(int(match[1]), code.content.strip(), block.line) if match else None


def _find_columns(table: Table, wanted: Mapping[str, str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for role, words in wanted.items():
        hits = [index for index, name in enumerate(table.columns) if name.lower().endswith((words, f"{words} code"))]
        if len(hits) != 1:
            return None
        found[role] = hits[0]
    return found


def _read_status(text: str, line: int) -> int:
    if not STATUS.fullmatch(text):
        raise SpecError(f"line {line}: unreadable HTTP status {text!r}")
    return int(text)


def _read_statuses(table: Table) -> tuple[SpecStatus, ...]:
    at = _find_columns(table, STATUS_COLUMNS) or {}
    statuses = tuple(
        SpecStatus(
            _read_status(row.cells[at["status"]].name, row.line),
            row.cells[at["description"]].text,
            row.line,
            _list_rest(table, row, at, at["description"]),
        )
        for row in table.rows
    )
    seen: dict[int, int] = {}
    for status in statuses:
        if status.status in seen:
            first = seen[status.status]
            raise SpecError(f"line {status.line}: duplicate HTTP status {status.status}, first on line {first}")
        seen[status.status] = status.line
    return statuses


def _read_section(title: str, example: SpecExample | None, table: Table) -> SpecSection:
    if example is None:
        raise SpecError(f"line {table.line}: the table {title!r} has no example envelope above it")
    at = _find_columns(table, CODE_COLUMNS) or {}
    rows = []
    for row in table.rows:
        code = row.cells[at["code"]].name
        if not CODE.fullmatch(code):
            raise SpecError(f"line {row.line}: unreadable code {code!r}")
        status = _read_status(row.cells[at["http_status"]].name, row.line)
        rest = _list_rest(table, row, at, at["message"])
        rows.append(SpecRow(code, row.cells[at["message"]].text, status, row.line, rest))
    return SpecSection(title, table.columns, example, tuple(rows), table.line)


def _list_rest(table: Table, row: Row, known: Mapping[str, int], text: int) -> dict[str, str]:
    others = set(range(len(table.columns))) - set(known.values())
    rest = {table.columns[index]: row.cells[index].html for index in sorted(others)}
    return rest | ({"": row.cells[text].html} if row.cells[text].is_marked else {})


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
