"""The rules across rows and files: order, relations, citations."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalogue.model.reading import Problem, RawRow
from catalogue.model.rows import (
    Change,
    Confusion,
    ErrorCode,
    HttpStatusRow,
    Item,
    LibraryException,
    Observed,
    Request,
    Row,
    Source,
    Term,
)
from catalogue.model.vocabulary import Retry
from catalogue.paths import CONFUSIONS, ERRORS, SOURCES

# A heading of a guide names its anchor so.
ANCHOR = re.compile(r"\{:? *#([\w-]+)")
# A guide cites a source with this macro call.
CITATION = re.compile(r"source\(\"([A-Za-z0-9]+)\"\)")


def check_errors(rows: list[tuple[RawRow, ErrorCode]], rejected: set[str]) -> Iterator[Problem]:
    """Check codes and related codes across all rows; `rejected` holds the codes of rows with problems of their own."""
    by_code = {error.code: error for _, error in rows}
    known = by_code.keys() | rejected
    yield from check_order(rows, [(int(error.code),) for _, error in rows], "code")
    for raw, error in rows:
        if list(error.related) != sorted(error.related, key=lambda code: (len(code), code)):
            yield Problem(raw.path, raw.line, f"related: {';'.join(error.related)} is not sorted by code")
        for code in error.related:
            if code == error.code or code not in known:
                yield Problem(raw.path, raw.line, f"related: {code} is not another code of this file")
            elif code in by_code and error.code not in by_code[code].related:
                yield Problem(raw.path, raw.line, f"related: {code} does not name {error.code} in return. Add it there")


def check_order(
    rows: Iterable[tuple[RawRow, Row]], numbers: Sequence[tuple[int, ...]], column: str, *, unique: bool = True
) -> Iterator[Problem]:
    """Check that the rows of a file ascend by the numbers of each, and that no two rows have the same if `unique`."""
    for (raw, _), before, key in zip(list(rows)[1:], numbers, numbers[1:], strict=False):
        words = " and ".join(map(str, key))
        if key == before and unique:
            yield Problem(raw.path, raw.line, f"{column}: {words} is a duplicate")
        elif key < before:
            yield Problem(raw.path, raw.line, f"{column}: {words} should come before {' and '.join(map(str, before))}")


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


def list_citations(
    rows: Iterable[tuple[RawRow, ErrorCode | HttpStatusRow | Change | Term]],
    observed: Iterable[tuple[RawRow, Observed]],
) -> Iterator[tuple[RawRow, str, str]]:
    """Yield (row, column, key) for every source that a row cites."""
    for raw, row in rows:
        for name in type(row).model_fields:
            value = getattr(row, name)
            items = value if isinstance(value, tuple) else (value,)
            for item in items:
                if isinstance(item, Item):
                    yield from ((raw, name, key) for key in item.evidence)
    for raw, response in observed:
        yield raw, "source", response.source


def check_observed(observed: list[tuple[RawRow, Observed]], codes: set[str]) -> Iterator[Problem]:
    """Check that the observed responses ascend by code, and that every code has a row."""
    yield from check_order(observed, [(int(row.code),) for _, row in observed], "code", unique=False)
    for raw, row in observed:
        if row.code not in codes:
            yield Problem(raw.path, raw.line, f"code: {row.code} does not stand in {ERRORS}")


def check_confusions(rows: list[tuple[RawRow, Confusion]], errors: list[tuple[RawRow, ErrorCode]]) -> Iterator[Problem]:
    """Check that every pair of related codes has one row that says how they differ, and that no other pair has."""
    related = {(error.code, other) for _, error in errors for other in error.related if int(error.code) < int(other)}
    seen: set[tuple[str, str]] = set()
    yield from check_order(rows, [(int(row.code), int(row.other)) for _, row in rows], "code")
    for raw, row in rows:
        pair = (row.code, row.other)
        if pair not in related:
            yield Problem(raw.path, raw.line, f"other: {ERRORS} does not relate {row.other} to {row.code}")
        seen.add(pair)
    for raw, error in errors:
        for other in error.related:
            if int(error.code) < int(other) and (error.code, other) not in seen:
                yield Problem(
                    raw.path, raw.line, f"related: {CONFUSIONS} does not say how {error.code} and {other} differ"
                )


def check_codes(rows: Iterable[tuple[RawRow, Request | LibraryException]], known: set[str]) -> Iterator[Problem]:
    """Check that every row belongs to a code of the catalogue."""
    for raw, row in rows:
        if row.code not in known:
            yield Problem(raw.path, raw.line, f"code: {row.code} does not stand in {ERRORS}")


def check_unique(rows: Iterable[tuple[RawRow, Row]], column: str) -> Iterator[Problem]:
    """Check that no two rows of a file have the same value in a column."""
    seen: dict[str, int] = {}
    for raw, row in rows:
        value = getattr(row, column)
        if value in seen:
            yield Problem(raw.path, raw.line, f"{column}: {value} stands on line {seen[value]} already")
        seen.setdefault(value, raw.line)


def check_forms(rows: Iterable[tuple[RawRow, Term]]) -> Iterator[Problem]:
    """Check that no two terms of the glossary claim the same words."""
    seen: dict[str, int] = {}
    for raw, term in rows:
        for form in term.forms:
            if form in seen:
                yield Problem(raw.path, raw.line, f"forms: {form} stands on line {seen[form]} already")
            seen.setdefault(form, raw.line)


def check_anchors(rows: Iterable[tuple[RawRow, Row]], column: str, page: str) -> Iterator[Problem]:
    """Check that no anchor of a row stands in the text of the page that shows it: an address leads to one place."""
    taken = set(ANCHOR.findall(page))
    for raw, row in rows:
        anchor = getattr(row, column)
        if anchor in taken:
            yield Problem(raw.path, raw.line, f"{column}: {anchor} is an anchor of the page already. Choose another")


def check_after(rows: Iterable[tuple[RawRow, ErrorCode]]) -> Iterator[Problem]:
    """Check that backoff says after how many seconds, that wait says after what, and that nothing else does."""
    for raw, error in rows:
        if error.retry is Retry.BACKOFF and not isinstance(error.after, int):
            yield Problem(raw.path, raw.line, "after: give the least pause in whole seconds, since retry is backoff")
        elif error.retry is Retry.WAIT and not isinstance(error.after, str):
            yield Problem(raw.path, raw.line, "after: name the event to wait for in words, since retry is wait")
        elif error.retry not in {Retry.BACKOFF, Retry.WAIT} and error.after is not None:
            yield Problem(raw.path, raw.line, f"after: must be empty, since retry is {error.retry}")
