"""Read Markdown into its blocks: tables cell by cell, everything else as text and HTML. Nothing is left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

LINE_END = re.compile(r"\r\n?|\n")
MARKDOWN = MarkdownIt("commonmark").enable("table")
# Parts of a line that are text and nothing else.
UNMARKED = {"text", "softbreak", "hardbreak"}


class SpecError(ValueError):
    """The text is not the vendor's error page, or a part of it cannot be read. The message names the line."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table, as plain text and as HTML; the HTML says more where the cell holds marks or links."""

    text: str
    html: str
    is_marked: bool

    @property
    def name(self) -> str:
        """The text, or the HTML where the text alone would hide something."""
        return self.html if self.is_marked else self.text


@dataclass(frozen=True)
class Row:
    """A row of a table, with its line in the text."""

    cells: tuple[Cell, ...]
    line: int


@dataclass(frozen=True)
class Table:
    """A table: the names of its columns, and its rows below the header."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int


@dataclass(frozen=True)
class Block:
    """Any other block: what it is in the parser's words, its Markdown on one line, and its HTML.

    `parts` holds the tokens of its first line of text.
    """

    kind: str
    source: str
    html: str
    line: int
    parts: tuple[Token, ...] = ()

    @property
    def title(self) -> str:
        """What stands in a heading."""
        return _read_cell(self.parts).name


def split_lines(text: str) -> list[str]:
    """Split at the line ends that Markdown knows; str.splitlines knows more, and would count other lines."""
    return LINE_END.split(text)


def read_blocks(text: str) -> Iterator[Table | Block]:
    """Yield the blocks of a page in their order, then the link definitions. Raises SpecError for a ragged row."""
    lines = split_lines(text)
    found: dict[str, Any] = {}
    group: list[Token] = []
    for token in MARKDOWN.parse(text, found):
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield _read_table(group, lines) if group[0].type == "table_open" else _read_block(group, lines, found)
            group = []
    # Markdown shows nothing of a definition that no link uses, and nothing of a second one for the same word.
    for definition in (*found.get("references", {}).values(), *found.get("duplicate_refs", ())):
        start, end = definition["map"]
        source = _join_words("\n".join(lines[start:end]))
        yield Block("definition", source, source, start + 1)


def _read_block(group: list[Token], lines: list[str], found: dict[str, Any]) -> Block:
    start, end = group[0].map or (0, 0)
    html = MARKDOWN.renderer.render(group, MARKDOWN.options, found)
    parts = next((token.children for token in group if token.children), None) or []
    return Block(group[0].type, _join_words("\n".join(lines[start:end])), _join_words(html), start + 1, tuple(parts))


def _join_words(text: str) -> str:
    return " ".join(text.split())


def _read_cell(parts: tuple[Token, ...]) -> Cell:
    text = "".join(" " if part.type in {"softbreak", "hardbreak"} else part.content for part in parts).strip()
    html = MARKDOWN.renderer.render([Token("inline", "", 0, children=list(parts))], MARKDOWN.options, {})
    return Cell(text, _join_words(html), any(part.type not in UNMARKED for part in parts))


def _read_table(group: list[Token], lines: list[str]) -> Table:
    rows: list[list[Cell]] = []
    for token in group:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_read_cell(tuple(token.children or ())))
    start, end = group[0].map or (0, 0)
    # The rule below the header is no row.
    numbers = [start + 1, *range(start + 3, end + 1)]
    numbered = [Row(tuple(cells), line) for line, cells in zip(numbers, rows, strict=True)]
    head, *others = numbered
    for row in numbered:
        _refuse_ragged(lines[row.line - 1], row.line, len(head.cells), len(row.cells))
    columns = tuple(cell.name for cell in head.cells)
    if len(set(columns)) < len(columns):
        raise SpecError(f"line {head.line}: two columns of a table have the same name: {', '.join(columns)}")
    return Table(columns, tuple(others), head.line)


def _refuse_ragged(source: str, line: int, columns: int, parsed: int) -> None:
    # The Markdown parser pads and cuts ragged rows silently, so the cells of the source line are counted.
    source = source.strip()
    cells = escapedSplit(source)
    cells = cells[1:] if cells and cells[0] == "" else cells
    cells = cells[:-1] if cells and cells[-1] == "" else cells
    if len(cells) != columns or parsed != columns or not (source.startswith("|") and source.endswith("|")):
        raise SpecError(f"line {line}: ragged row: {len(cells)} cells where the header has {columns}")
