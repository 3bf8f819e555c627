"""Read the vendor's page as it is today, and compare it with the snapshot and the rows of this repository."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from catalogue.model.loading import get_catalogue
from catalogue.model.reading import parse_rows
from catalogue.model.rows import HttpStatusRow
from catalogue.paths import DOCS, ROOT, STATUSES
from catalogue.vendor.blocks import SpecError, split_lines
from catalogue.vendor.differences import compare_pages, compare_rows
from catalogue.vendor.fetch import FetchError, read_source
from catalogue.vendor.page import SpecPage, decode_page, parse_spec
from catalogue.vendor.report import Report, list_edits
from catalogue.vendor.snapshot import SnapshotError, check_snapshot, read_manifest, read_snapshot


class DriftError(ValueError):
    """Nothing could be compared. The message says why, and what to do."""


def check_drift(source: str | None = None, *, whole: bool = False, accept: bool = False) -> tuple[Report, bytes]:
    """Compare the page at `source` (default: the manifest's address) with snapshot and rows of this repository.

    Returns the report and the page's bytes. Raises DriftError for whatever is not known to be the
    whole page; `whole` says that a page which looks cut off is not. Before an acceptance (`accept`) the
    snapshot need not be that of its manifest: a killed acceptance leaves it so, and another one mends it.
    """
    try:
        problem, manifest, old, catalogue = check_snapshot(), read_manifest(), read_snapshot(), get_catalogue()
        status_lines, prose = read_status_lines((ROOT / STATUSES).read_bytes()), read_prose(DOCS)
    except SnapshotError as error:
        raise DriftError(str(error)) from None
    except (OSError, ValueError) as error:
        raise DriftError(f"This repository cannot be read: {error}") from None
    if problem and not accept:
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
        content = read_source(source, whole=whole)
        text = decode_page(content)
        page = parse_spec(text)
    except FetchError as error:
        raise DriftError(f"{source} {error}") from None
    except SpecError as error:
        advice = "Look at it in a browser. If it is whole, teach catalogue/vendor/page.py its form. Else try later."
        raise DriftError(f"{source} is not the page as it is known: {error}. {advice}") from None
    reason = None if whole else find_truncation(old, page, text)
    if reason:
        advice = "Look at it in a browser. If the codes are gone for good, compare with --whole; else try again later."
        raise DriftError(f"{source} looks cut off: {reason}. {advice}")
    return content, page


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
