"""Compare the vendor's page as it is today with the snapshot and with the rows, and say what to edit.

Reading raises an error for whatever is not the whole page; comparing and formatting are pure.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from catalogue.fetch import FetchError, read_source
from catalogue.load import ERRORS, ROOT, STATUSES, get_catalogue, parse_rows
from catalogue.model import Catalogue, HttpStatusRow
from catalogue.snapshot import check_snapshot, read_manifest
from catalogue.spec import (
    SECTION_OF_TITLE,
    SpecError,
    SpecPage,
    SpecRow,
    SpecSection,
    decode_page,
    parse_spec,
    read_spec,
    split_lines,
)

SNAPSHOT = "data/spec/restful-error-code.md"
# GitHub takes 65,536 characters for an issue; two tables and the list of edits share them.
MAX_TABLE = 24_000
MAX_CELL = 400
MAX_EDITS = 100


class Kind(StrEnum):
    """What happened to a part of the page, or what is wrong with a row; the value is shown to people."""

    CODE_ADDED = "code added"
    CODE_REMOVED = "code removed"
    CODE_RENUMBERED = "code renumbered"
    CODE_MOVED = "code moved"
    MESSAGE_CHANGED = "message changed"
    STATUS_CHANGED = "status changed"
    SECTION_ADDED = "section added"
    SECTION_REMOVED = "section removed"
    SECTION_RENAMED = "section renamed"
    SECTIONS_REORDERED = "sections reordered"
    SECTION_UNKNOWN = "section unknown"
    COLUMNS_CHANGED = "columns changed"
    EXAMPLE_STATUS_CHANGED = "example status changed"
    EXAMPLE_BODY_CHANGED = "example body changed"
    GLOBAL_STATUS_ADDED = "global status added"
    GLOBAL_STATUS_REMOVED = "global status removed"
    DESCRIPTION_CHANGED = "description changed"
    TEXT_ADDED = "text added"
    TEXT_REMOVED = "text removed"
    ROW_MISSING = "row missing"
    ROW_LEFT_OVER = "row left over"
    ROW_WRONGLY_RETIRED = "row wrongly retired"


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
class Change:
    """One difference; all fields are text, empty where there is nothing to say.

    `where` is a place to open: `page:63` is line 63 of today's page, otherwise a file of this
    repository with its line. `code` is an error code, or a status of the global table.
    """

    kind: Kind
    where: str
    code: str
    before: str
    after: str


@dataclass(frozen=True)
class Edit:
    """One thing to do: a place in this repository, and what to do there. Holds no text of the vendor."""

    place: str
    text: str


class DriftError(ValueError):
    """Nothing could be compared. The message says why, and what to do."""


@dataclass(frozen=True)
class Report:
    """The result of one comparison: changes since the snapshot, differences of the rows, what to do."""

    address: str
    snapshot: str
    bytes_equal: bool
    changes: tuple[Change, ...]
    rows: tuple[Change, ...]
    edits: tuple[Edit, ...]

    @property
    def has_drift(self) -> bool:
        """Whether content differs, from the snapshot or from the rows."""
        return bool(self.changes or self.rows)


def check_drift(source: str | None = None, *, whole: bool = False) -> tuple[Report, bytes]:
    """Compare the page at `source` (default: the manifest's address) with snapshot and rows of this repository.

    Returns the report and the page's bytes. Raises DriftError for whatever is not known to be the
    whole page; `whole` says that a page which looks cut off is not.
    """
    try:
        problem, manifest, old, catalogue = check_snapshot(), read_manifest(), read_spec(), get_catalogue()
        status_lines, prose = read_status_lines((ROOT / STATUSES).read_bytes()), read_prose(ROOT / "docs")
    except (OSError, ValueError) as error:
        raise DriftError(f"This repository cannot be read: {error}") from None
    if problem:
        raise DriftError(problem)
    address = source or manifest.url
    content, page = read_page(address, old, whole=whole)
    changes, rows = compare_pages(old, page), compare_rows(page, catalogue, status_lines)
    edits = list_edits(changes, rows, prose)
    is_equal = sha256(content).hexdigest() == manifest.sha256
    return Report(address, manifest.retrieved, is_equal, tuple(changes), tuple(rows), tuple(edits)), content


def read_page(source: str, old: SpecPage, *, whole: bool = False) -> tuple[bytes, SpecPage]:
    """Read and parse the page. Raises DriftError if it cannot be read, is another page or (unless `whole`) cut off."""
    try:
        content = read_source(source)
        text = decode_page(content)
        page = parse_spec(text)
    except FetchError as error:
        raise DriftError(f"{source} {error}") from None
    except SpecError as error:
        advice = "Look at it in a browser. If it is whole, teach catalogue/spec.py its form; else try again later."
        raise DriftError(f"{source} is not the page as it is known: {error}. {advice}") from None
    reason = None if whole else find_truncation(old, page, text)
    if reason:
        advice = "Look at it in a browser. If the codes are gone for good, compare with --whole; else try again later."
        raise DriftError(f"{source} looks cut off: {reason}. {advice}")
    return content, page


def compare_pages(old: SpecPage, new: SpecPage) -> list[Change]:
    """Return what differs in content between two readings of the page; the order of rows is no content."""
    matches = match_sections(old, new)
    return [
        *_compare_sections(old, new, matches),
        *_compare_codes(old, new, {title: section.title for title, section in matches.items()}),
        *_compare_statuses(old, new),
        *_compare_texts(old, new),
    ]


def match_sections(old: SpecPage, new: SpecPage) -> dict[str, SpecSection]:
    """Return new title → old section: by title, else by token, else by the most codes in common."""
    matches: dict[str, SpecSection] = {}
    rules: tuple[Callable[[SpecSection, SpecSection], int], ...] = (
        lambda before, after: before.title == after.title,
        lambda before, after: before.name == after.name,
        lambda before, after: len({row.code for row in before.rows} & {row.code for row in after.rows}),
    )
    for rule in rules:
        for section in new.sections:
            free = [before for before in old.sections if before not in matches.values()]
            best = max(free, key=lambda before: rule(before, section), default=None)
            if section.title not in matches and best is not None and rule(best, section):
                matches[section.title] = best
    return matches


def _compare_sections(old: SpecPage, new: SpecPage, matches: Mapping[str, SpecSection]) -> Iterator[Change]:
    for after in new.sections:
        before = matches.get(after.title)
        where = f"page:{after.line}"
        if before is None:
            yield Change(Kind.SECTION_ADDED, where, "", "", after.title)
            continue
        parts = (
            (Kind.SECTION_RENAMED, before.title, after.title),
            (Kind.COLUMNS_CHANGED, " | ".join(before.columns), " | ".join(after.columns)),
            (Kind.EXAMPLE_STATUS_CHANGED, str(before.example.http_status), str(after.example.http_status)),
            (Kind.EXAMPLE_BODY_CHANGED, before.example.body, after.example.body),
        )
        yield from (Change(kind, where, "", one, other) for kind, one, other in parts if one != other)
    kept = [section.title for section in matches.values()]
    for section in old.sections:
        if section.title not in kept:
            yield Change(Kind.SECTION_REMOVED, f"{SNAPSHOT}:{section.line}", "", section.title, "")
    ordered = [section.title for section in old.sections if section.title in kept]
    found = [matches[section.title].title for section in new.sections if section.title in matches]
    if found != ordered:
        yield Change(Kind.SECTIONS_REORDERED, f"page:{new.sections[0].line}", "", ", ".join(ordered), ", ".join(found))


def _index_rows(page: SpecPage) -> dict[str, tuple[str, SpecRow]]:
    return {row.code: (section.title, row) for section in page.sections for row in section.rows}


def _compare_codes(old: SpecPage, new: SpecPage, old_titles: Mapping[str, str]) -> Iterator[Change]:
    before, after = _index_rows(old), _index_rows(new)
    renumbered = _pair_renumbered(before, after)
    for code, (title, row) in after.items():
        if code not in before and code not in renumbered:
            text = f"{row.message} (HTTP {row.http_status}, {title})"
            yield Change(Kind.CODE_ADDED, f"page:{row.line}", code, "", text)
            continue
        old_code = renumbered.get(code, code)
        old_title, old_row = before[old_code]
        parts = (
            (Kind.CODE_RENUMBERED, old_code, code),
            (Kind.MESSAGE_CHANGED, old_row.message, row.message),
            (Kind.STATUS_CHANGED, str(old_row.http_status), str(row.http_status)),
            (Kind.CODE_MOVED, old_title, title if old_titles.get(title) != old_title else old_title),
        )
        yield from (Change(kind, f"page:{row.line}", code, one, other) for kind, one, other in parts if one != other)
    for code, (title, row) in before.items():
        if code not in after and code not in renumbered.values():
            text = f"{row.message} (HTTP {row.http_status}, {title})"
            yield Change(Kind.CODE_REMOVED, f"{SNAPSHOT}:{row.line}", code, text, "")


def _pair_renumbered(
    before: Mapping[str, tuple[str, SpecRow]], after: Mapping[str, tuple[str, SpecRow]]
) -> dict[str, str]:
    # A message that vanished with one code and came with one other is the same error under a new number.
    gone = [(row.message, code) for code, (_, row) in before.items() if code not in after]
    come = [(row.message, code) for code, (_, row) in after.items() if code not in before]
    pairs = {}
    for message, code in come:
        former = [old for text, old in gone if text == message]
        if len(former) == 1 and [text for text, _ in come].count(message) == 1:
            pairs[code] = former[0]
    return pairs


def _compare_statuses(old: SpecPage, new: SpecPage) -> Iterator[Change]:
    where = f"page:{new.heading.line}"
    if new.heading.title != old.heading.title:
        yield Change(Kind.SECTION_RENAMED, where, "", old.heading.title, new.heading.title)
    if new.heading.columns != old.heading.columns:
        yield Change(Kind.COLUMNS_CHANGED, where, "", " | ".join(old.heading.columns), " | ".join(new.heading.columns))
    before = {row.status: row for row in old.statuses}
    after = {row.status: row for row in new.statuses}
    for status, row in after.items():
        if status not in before:
            yield Change(Kind.GLOBAL_STATUS_ADDED, f"page:{row.line}", str(status), "", row.description)
        elif before[status].description != row.description:
            texts = (before[status].description, row.description)
            yield Change(Kind.DESCRIPTION_CHANGED, f"page:{row.line}", str(status), *texts)
    for status, row in before.items():
        if status not in after:
            yield Change(Kind.GLOBAL_STATUS_REMOVED, f"{SNAPSHOT}:{row.line}", str(status), row.description, "")


def _compare_texts(old: SpecPage, new: SpecPage) -> Iterator[Change]:
    before, after = ({block.text for block in page.texts} for page in (old, new))
    for block in new.texts:
        if block.text not in before:
            yield Change(Kind.TEXT_ADDED, f"page:{block.line}", "", "", block.text)
    for block in old.texts:
        if block.text not in after:
            yield Change(Kind.TEXT_REMOVED, f"{SNAPSHOT}:{block.line}", "", block.text, "")


def compare_rows(page: SpecPage, catalogue: Catalogue, status_lines: Mapping[int, int]) -> list[Change]:
    """Return where the rows differ from the page; before: the row, after: the page.

    `status_lines` gives the line of each status in http_statuses.csv. A retired code belongs off the page.
    """
    return [
        *(
            Change(Kind.SECTION_UNKNOWN, "catalogue/spec.py", "", "", section.title)
            for section in page.sections
            if section.title not in SECTION_OF_TITLE
        ),
        *_compare_error_rows(page, catalogue),
        *_compare_status_rows(page, catalogue, status_lines),
    ]


def _compare_error_rows(page: SpecPage, catalogue: Catalogue) -> Iterator[Change]:
    on_page = _index_rows(page)
    for code, (title, row) in on_page.items():
        error = catalogue.by_code.get(code)
        if error is None:
            text = f"{row.message} (HTTP {row.http_status}, {title})"
            yield Change(Kind.ROW_MISSING, f"{ERRORS}:{_find_line(catalogue, code)}", code, "", text)
            continue
        parts = (
            (Kind.ROW_WRONGLY_RETIRED, error.retired or "", ""),
            (Kind.MESSAGE_CHANGED, error.message, row.message),
            (Kind.STATUS_CHANGED, str(error.http_status), str(row.http_status)),
            (Kind.CODE_MOVED, str(error.section), SECTION_OF_TITLE.get(title, str(error.section))),
        )
        where = f"{ERRORS}:{catalogue.lines[code]}"
        yield from (Change(kind, where, code, one, other) for kind, one, other in parts if one != other)
    for error in catalogue.errors:
        if error.code not in on_page and error.retired is None:
            where = f"{ERRORS}:{catalogue.lines[error.code]}"
            yield Change(Kind.ROW_LEFT_OVER, where, error.code, error.message, "")


def _find_line(catalogue: Catalogue, code: str) -> int:
    following = [line for other, line in catalogue.lines.items() if int(other) > int(code)]
    return min(following, default=max(catalogue.lines.values()) + 1)


def _compare_status_rows(page: SpecPage, catalogue: Catalogue, lines: Mapping[int, int]) -> Iterator[Change]:
    found = {row.status: row.description for row in page.statuses}
    rows = {row.status: row.description for row in catalogue.statuses if row.description}
    for status, description in found.items():
        where = f"{STATUSES}:{lines[status]}" if status in lines else STATUSES
        if status not in rows:
            yield Change(Kind.GLOBAL_STATUS_ADDED, where, str(status), "", description)
        elif rows[status] != description:
            yield Change(Kind.DESCRIPTION_CHANGED, where, str(status), rows[status], description)
    for status, description in rows.items():
        if status not in found:
            yield Change(Kind.GLOBAL_STATUS_REMOVED, f"{STATUSES}:{lines[status]}", str(status), description, "")


def find_truncation(old: SpecPage, new: SpecPage, text: str) -> str | None:
    """Return why the page seems to end too early, although every line of it can be read; else None.

    It seems so if nothing follows the last row, and the codes that follow that row in the snapshot are
    nowhere on the page: two or more of them, or one where the page also ends without a line end.
    """
    end = new.sections[-1].rows[-1]
    if end.line != len(split_lines(text.rstrip())):
        return None
    present = {row.code for _, row in new.iter_rows()}
    codes = next((codes for codes in _list_codes(old) if end.code in codes), [])
    lost = codes[codes.index(end.code) + 1 :] if codes else []
    if not lost or present & set(lost) or (len(lost) == 1 and text.endswith(("\n", "\r"))):
        return None
    return f"it ends with {end.code} on line {end.line}, and after that the snapshot has {', '.join(lost)}"


def _list_codes(page: SpecPage) -> Iterator[list[str]]:
    yield from ([row.code for row in section.rows] for section in page.sections)


def read_status_lines(content: bytes) -> dict[int, int]:
    """Return status → line on which its row starts, from the bytes of http_statuses.csv."""
    rows = parse_rows(STATUSES, content, tuple(HttpStatusRow.model_fields), [])
    return {int(row.cells[0]): row.line for row in rows}


def read_prose(docs: Path) -> dict[str, str]:
    """Return path → text of the hand-written pages and samples; pages made from rows are left out."""
    return {
        path.relative_to(docs.parent).as_posix(): path.read_text("utf-8")
        for path in sorted(docs.rglob("*"))
        if path.suffix in {".md", ".py", ".yml"} and not path.stem.isdecimal()
    }


def list_edits(changes: Iterable[Change], rows: Iterable[Change], prose: Mapping[str, str]) -> list[Edit]:
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


def _format_block(title: str, changes: tuple[Change, ...]) -> str:
    if not changes:
        return f"{title}: equal"
    lines = [title]
    widths = [max(len(text) for text in column) for column in zip(*map(_head, changes), strict=True)]
    for change in changes:
        head = "  ".join(cell.ljust(width) for cell, width in zip(_head(change), widths, strict=True))
        lines.append(f"  {head.rstrip()}")
        lines += [f"      {mark} {show(text)}" for mark, text in (("-", change.before), ("+", change.after)) if text]
    return "\n".join(lines)


def _head(change: Change) -> tuple[str, str, str]:
    return change.kind.value, change.code, change.where


def show(text: str) -> str:
    """Return text of the vendor so that a terminal shows every character and obeys none."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def describe_equality(report: Report) -> str:
    """Return the one line for a page without drift."""
    if report.bytes_equal:
        return f"No drift: the page equals the snapshot of {report.snapshot}, byte for byte."
    return f"No drift: bytes differ from the snapshot of {report.snapshot}, but the content is equal."


def format_json(report: Report) -> str:
    """Return the report as JSON: the fields of Report, and `drift`."""
    return json.dumps({"drift": report.has_drift, **asdict(report)}, ensure_ascii=False, indent=2)


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


def _format_table(changes: tuple[Change, ...]) -> str:
    if not changes:
        return "Equal."
    lines = ["| Change | Code | Where | Before | After |", "| --- | --- | --- | --- | --- |"]
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
    text = show(text)
    text = text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}…"
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


FORMATS: Mapping[str, Callable[[Report], str]] = {"text": format_text, "json": format_json, "markdown": format_markdown}
