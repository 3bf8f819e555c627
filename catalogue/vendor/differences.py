"""What differs between two readings of the vendor's page, and between the page and the rows. Pure functions."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalogue.model.rows import Catalogue
from catalogue.paths import ERRORS, STATUSES
from catalogue.vendor.page import SECTION_OF_TITLE, SpecPage, SpecRow, SpecSection

SNAPSHOT = "data/spec/restful-error-code.md"


class Kind(StrEnum):
    """What happened to a part of the page, or what is wrong with a row; the value is shown to people."""

    CODE_ADDED = "code added"
    CODE_REMOVED = "code removed"
    CODE_RENUMBERED = "code renumbered"
    CODE_MOVED = "code moved"
    MESSAGE_CHANGED = "message changed"
    STATUS_CHANGED = "status changed"
    CELLS_CHANGED = "marks or other cells changed"
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


@dataclass(frozen=True)
class Difference:
    """One difference; all fields are text, empty where there is nothing to say.

    `where` is a place to open: `page:63` is line 63 of today's page, otherwise a file of this
    repository with its line. `code` is an error code, or a status of the global table.
    """

    kind: Kind
    where: str
    code: str
    before: str
    after: str


def compare_pages(old: SpecPage, new: SpecPage) -> list[Difference]:
    """Return what differs in content between two readings of the page; the order of rows is no content."""
    matches = match_sections(old, new)
    return [
        *_compare_sections(old, new, matches),
        *_compare_codes(old, new, matches),
        *_compare_statuses(old, new),
        *_compare_texts(old, new, matches),
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


def _compare_sections(old: SpecPage, new: SpecPage, matches: Mapping[str, SpecSection]) -> Iterator[Difference]:
    for after in new.sections:
        before = matches.get(after.title)
        where = f"page:{after.line}"
        if before is None:
            yield Difference(Kind.SECTION_ADDED, where, "", "", after.title)
            continue
        parts = (
            (Kind.SECTION_RENAMED, before.title, after.title),
            (Kind.COLUMNS_CHANGED, " | ".join(before.columns), " | ".join(after.columns)),
            (Kind.EXAMPLE_STATUS_CHANGED, str(before.example.http_status), str(after.example.http_status)),
            (Kind.EXAMPLE_BODY_CHANGED, before.example.body, after.example.body),
        )
        yield from (Difference(kind, where, "", one, other) for kind, one, other in parts if one != other)
    kept = [section.title for section in matches.values()]
    for section in old.sections:
        if section.title not in kept:
            yield Difference(Kind.SECTION_REMOVED, f"{SNAPSHOT}:{section.line}", "", section.title, "")
    ordered = [section.title for section in old.sections if section.title in kept]
    found = [matches[section.title].title for section in new.sections if section.title in matches]
    if found != ordered:
        yield Difference(
            Kind.SECTIONS_REORDERED, f"page:{new.sections[0].line}", "", ", ".join(ordered), ", ".join(found)
        )


def _index_rows(page: SpecPage) -> dict[str, tuple[SpecSection, SpecRow]]:
    return {row.code: (section, row) for section in page.sections for row in section.rows}


def _compare_codes(old: SpecPage, new: SpecPage, matches: Mapping[str, SpecSection]) -> Iterator[Difference]:
    before, after = _index_rows(old), _index_rows(new)
    renumbered = _pair_renumbered(before, after)
    for code, (section, row) in after.items():
        if code not in before and code not in renumbered:
            yield Difference(Kind.CODE_ADDED, f"page:{row.line}", code, "", _describe_row(section, row))
            continue
        old_code = renumbered.get(code, code)
        old_section, old_row = before[old_code]
        titles = (old_section.title, section.title)
        parts = (
            (Kind.CODE_RENUMBERED, old_code, code),
            (Kind.MESSAGE_CHANGED, old_row.message, row.message),
            (Kind.STATUS_CHANGED, str(old_row.http_status), str(row.http_status)),
            (Kind.CELLS_CHANGED, *_describe_rest(old_row.rest, row.rest, old_section.columns, section.columns)),
            (Kind.CODE_MOVED, *(("", "") if matches.get(section.title) is old_section else titles)),
        )
        yield from (
            Difference(kind, f"page:{row.line}", code, one, other) for kind, one, other in parts if one != other
        )
    for code, (section, row) in before.items():
        if code not in after and code not in renumbered.values():
            yield Difference(Kind.CODE_REMOVED, f"{SNAPSHOT}:{row.line}", code, _describe_row(section, row), "")


def _describe_row(section: SpecSection, row: SpecRow) -> str:
    return f"{row.message} (HTTP {row.http_status}, {section.title})"


def _describe_rest(
    before: Mapping[str, str], after: Mapping[str, str], old_columns: Iterable[str], new_columns: Iterable[str]
) -> tuple[str, str]:
    # A column that comes or goes is one difference, not one for each of its cells.
    changed = set(old_columns) ^ set(new_columns)

    def describe(rest: Mapping[str, str]) -> str:
        kept = ((name, html) for name, html in sorted(rest.items()) if name not in changed)
        return "; ".join(f"{name}: {html}" if name else html for name, html in kept)

    return describe(before), describe(after)


def _pair_renumbered(
    before: Mapping[str, tuple[SpecSection, SpecRow]], after: Mapping[str, tuple[SpecSection, SpecRow]]
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


def _compare_statuses(old: SpecPage, new: SpecPage) -> Iterator[Difference]:
    where = f"page:{new.heading.line}"
    if new.heading.title != old.heading.title:
        yield Difference(Kind.SECTION_RENAMED, where, "", old.heading.title, new.heading.title)
    if new.heading.columns != old.heading.columns:
        yield Difference(
            Kind.COLUMNS_CHANGED, where, "", " | ".join(old.heading.columns), " | ".join(new.heading.columns)
        )
    before = {row.status: row for row in old.statuses}
    after = {row.status: row for row in new.statuses}
    for status, row in after.items():
        where = f"page:{row.line}"
        if status not in before:
            yield Difference(Kind.GLOBAL_STATUS_ADDED, where, str(status), "", row.description)
            continue
        old_row = before[status]
        parts = (
            (Kind.DESCRIPTION_CHANGED, old_row.description, row.description),
            (Kind.CELLS_CHANGED, *_describe_rest(old_row.rest, row.rest, old.heading.columns, new.heading.columns)),
        )
        yield from (Difference(kind, where, str(status), one, other) for kind, one, other in parts if one != other)
    for status, row in before.items():
        if status not in after:
            yield Difference(Kind.GLOBAL_STATUS_REMOVED, f"{SNAPSHOT}:{row.line}", str(status), row.description, "")


def _compare_texts(old: SpecPage, new: SpecPage, matches: Mapping[str, SpecSection]) -> Iterator[Difference]:
    # A text belongs to the table under whose title it stands, also where the title has changed.
    places = {title: section.title for title, section in matches.items()} | {new.heading.title: old.heading.title}
    old_places = {title: title for title in (old.heading.title, *(section.title for section in old.sections))}
    before = Counter((old_places.get(text.heading), text.html) for text in old.texts)
    after = Counter((places.get(text.heading), text.html) for text in new.texts)
    added, removed = after - before, before - after
    for text in new.texts:
        if added.pop((places.get(text.heading), text.html), 0):
            yield Difference(Kind.TEXT_ADDED, f"page:{text.line}", "", "", text.text)
    for text in old.texts:
        if removed.pop((old_places.get(text.heading), text.html), 0):
            yield Difference(Kind.TEXT_REMOVED, f"{SNAPSHOT}:{text.line}", "", text.text, "")


def compare_rows(page: SpecPage, catalogue: Catalogue, status_lines: Mapping[int, int]) -> list[Difference]:
    """Return where the rows differ from the page; before: the row, after: the page.

    `status_lines` gives the line of each status in http_statuses.csv. A retired code belongs off the page.
    """
    return [
        *(
            Difference(Kind.SECTION_UNKNOWN, "catalogue/vendor/page.py", "", "", section.title)
            for section in page.sections
            if section.title not in SECTION_OF_TITLE
        ),
        *_compare_error_rows(page, catalogue),
        *_compare_status_rows(page, catalogue, status_lines),
    ]


def _compare_error_rows(page: SpecPage, catalogue: Catalogue) -> Iterator[Difference]:
    on_page = _index_rows(page)
    for code, (section, row) in on_page.items():
        error = catalogue.by_code.get(code)
        if error is None:
            where = f"{ERRORS}:{_find_line(catalogue, code)}"
            yield Difference(Kind.ROW_MISSING, where, code, "", _describe_row(section, row))
            continue
        parts = (
            (Kind.ROW_WRONGLY_RETIRED, error.retired or "", ""),
            (Kind.MESSAGE_CHANGED, error.message, row.message),
            (Kind.STATUS_CHANGED, str(error.http_status), str(row.http_status)),
            (Kind.CODE_MOVED, str(error.section), SECTION_OF_TITLE.get(section.title, str(error.section))),
        )
        where = f"{ERRORS}:{catalogue.lines[code]}"
        yield from (Difference(kind, where, code, one, other) for kind, one, other in parts if one != other)
    for error in catalogue.errors:
        if error.code not in on_page and error.retired is None:
            where = f"{ERRORS}:{catalogue.lines[error.code]}"
            yield Difference(Kind.ROW_LEFT_OVER, where, error.code, error.message, "")


def _find_line(catalogue: Catalogue, code: str) -> int:
    following = [line for other, line in catalogue.lines.items() if int(other) > int(code)]
    return min(following, default=max(catalogue.lines.values()) + 1)


def _compare_status_rows(page: SpecPage, catalogue: Catalogue, lines: Mapping[int, int]) -> Iterator[Difference]:
    found = {row.status: row.description for row in page.statuses}
    rows = {row.status: row.description for row in catalogue.statuses if row.description}
    for status, description in found.items():
        where = f"{STATUSES}:{lines[status]}" if status in lines else STATUSES
        if status not in rows:
            yield Difference(Kind.GLOBAL_STATUS_ADDED, where, str(status), "", description)
        elif rows[status] != description:
            yield Difference(Kind.DESCRIPTION_CHANGED, where, str(status), rows[status], description)
    for status, description in rows.items():
        if status not in found:
            yield Difference(Kind.GLOBAL_STATUS_REMOVED, f"{STATUSES}:{lines[status]}", str(status), description, "")
