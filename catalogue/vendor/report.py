"""The report of one comparison: what differs, what to edit, and both as text, JSON or Markdown. Pure functions."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from catalogue.escaping import escape_terminal
from catalogue.vendor.differences import Difference, Kind

# GitHub takes 65,536 characters for an issue; two tables and the list of edits share them.
MAX_TABLE = 24_000
MAX_CELL = 400
MAX_EDITS = 100

# What a person does about a difference between page and rows, at the place of the change.
INSTRUCTIONS = {
    Kind.ROW_MISSING: "add the row of {code} here, then run: python -m catalogue pages",
    Kind.ROW_LEFT_OVER: "fill `retired` of {code} with the day on which the code was missed",
    Kind.ROW_WRONGLY_RETIRED: "empty `retired` of {code}: the code is on the page again",
    Kind.MESSAGE_CHANGED: "edit `message` of {code}, then read the rest of the row again",
    Kind.STATUS_CHANGED: "edit `http_status` of {code}, then read the rest of the row again",
    Kind.CODE_MOVED: "edit `section` of {code}",
    Kind.SECTION_UNKNOWN: "add the new title to SECTION_OF_TITLE",
    Kind.GLOBAL_STATUS_ADDED: "edit `description` of {code}, or add its row",
    Kind.GLOBAL_STATUS_REMOVED: "empty `description` of {code}",
    Kind.DESCRIPTION_CHANGED: "edit `description` of {code}",
}


@dataclass(frozen=True)
class Edit:
    """One thing to do: a place in this repository, and what to do there. Holds no text of the vendor."""

    place: str
    text: str


@dataclass(frozen=True)
class Report:
    """The result of one comparison: changes since the snapshot, differences of the rows, what to do."""

    address: str
    snapshot: str
    bytes_equal: bool
    changes: tuple[Difference, ...]
    rows: tuple[Difference, ...]
    edits: tuple[Edit, ...]

    @property
    def has_drift(self) -> bool:
        """Whether content differs, from the snapshot or from the rows."""
        return bool(self.changes or self.rows)


def list_edits(changes: Iterable[Difference], rows: Iterable[Difference], prose: Mapping[str, str]) -> list[Edit]:
    """Return what to do: in the rows, in prose that names a changed code, and for the readers."""
    changes, rows = list(changes), list(rows)
    edits = [Edit(change.where, INSTRUCTIONS[change.kind].format(code=change.code)) for change in rows]
    # Error codes have four digits or more; the three digits of a status stand in prose for many things.
    codes = {change.code for change in [*changes, *rows] if len(change.code) > 3}
    codes |= {change.before for change in changes if change.kind is Kind.CODE_RENUMBERED}
    for path, text in prose.items():
        for number, line in enumerate(text.splitlines(), 1):
            named = sorted(codes & set(re.findall(r"\d+", line)))
            if named:
                edits.append(Edit(f"{path}:{number}", f"names {', '.join(named)}: read it again"))
    if any(change.kind in {Kind.EXAMPLE_BODY_CHANGED, Kind.EXAMPLE_STATUS_CHANGED} for change in changes):
        edits.append(Edit("docs/guides/envelope.md", "read again what it says of the envelope"))
    if changes:
        edits.append(Edit("data/changes.csv", "add a row that tells readers what changed"))
        edits.append(Edit("data/spec", "replace the snapshot, if not done yet: python -m catalogue drift --accept"))
    return edits


def format_text(report: Report) -> str:
    """Return the report for the terminal: two tables, and what to do."""
    if not report.has_drift:
        return describe_equality(report)
    parts = [
        f"{report.address} differs.",
        _format_block(f"Since the snapshot of {report.snapshot} (-), today's page (+)", report.changes),
        _format_block("The rows of data/ (-), today's page (+)", report.rows),
        "\n".join(["To do", *(f"  {edit.place}  {edit.text}" for edit in report.edits)]),
    ]
    return "\n\n".join(part for part in parts if part)


def _format_block(title: str, changes: tuple[Difference, ...]) -> str:
    if not changes:
        return f"{title}: equal"
    lines = [title]
    widths = [max(len(text) for text in column) for column in zip(*map(_head, changes), strict=True)]
    for change in changes:
        head = "  ".join(cell.ljust(width) for cell, width in zip(_head(change), widths, strict=True))
        lines.append(f"  {head.rstrip()}")
        lines += [
            f"      {mark} {escape_terminal(text)}"
            for mark, text in (("-", change.before), ("+", change.after))
            if text
        ]
    return "\n".join(lines)


def _head(change: Difference) -> tuple[str, str, str]:
    return change.kind.value, change.code, change.where


def describe_equality(report: Report) -> str:
    """Return the one line for a page without drift."""
    if report.bytes_equal:
        return f"No drift: the page equals the snapshot of {report.snapshot}, byte for byte."
    return f"No drift: bytes differ from the snapshot of {report.snapshot}, but the content is equal."


def format_json(report: Report) -> str:
    """Return the report as JSON in ASCII: the fields of Report, and `drift`."""
    return json.dumps({"drift": report.has_drift, **asdict(report)}, indent=2)


def format_markdown(report: Report) -> str:
    """Return the report as Markdown for an issue; text of the vendor stands in code spans only."""
    if not report.has_drift:
        return describe_equality(report)
    left = len(report.edits) - MAX_EDITS
    parts = [
        f"The vendor's page <{report.address}> differs." if "://" in report.address else "The vendor's page differs.",
        f"## Since the snapshot of {report.snapshot}",
        _format_table(report.changes),
        "## Rows that differ from the page",
        _format_table(report.rows),
        "## To do",
        "\n".join(f"- [ ] {quote_cell(edit.place)} {edit.text}" for edit in report.edits[:MAX_EDITS]),
        f"And {left} more. Run: `python -m catalogue drift`" if left > 0 else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _format_table(changes: tuple[Difference, ...]) -> str:
    if not changes:
        return "Equal."
    lines = ["| Difference | Code | Where | Before | After |", "| --- | --- | --- | --- | --- |"]
    size = 0
    for number, change in enumerate(changes):
        cells = (change.kind.value, *map(quote_cell, (change.code, change.where, change.before, change.after)))
        line = f"| {' | '.join(cells)} |"
        size += len(line)
        if size > MAX_TABLE:
            return "\n".join([*lines, "", f"And {len(changes) - number} more. Run: `python -m catalogue drift`"])
        lines.append(line)
    return "\n".join(lines)


def quote_cell(text: str) -> str:
    """Return text as a code span that fits into a table cell: no mention, link or markup of it works."""
    text = escape_terminal(text)
    text = text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}…"
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


FORMATS: Mapping[str, Callable[[Report], str]] = {"text": format_text, "json": format_json, "markdown": format_markdown}
