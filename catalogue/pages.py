"""Keep the one-line pages docs/codes/<code>.md and docs/http/<status>.md equal to the rows."""

from collections.abc import Iterator
from pathlib import Path

from catalogue.load import ERRORS, STATUSES
from catalogue.model import Catalogue

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# Hand-written pages of the two folders.
KEPT = {"index.md"}


def plan_pages(catalogue: Catalogue) -> dict[str, str]:
    """Return path below docs/ → content, for every code and every HTTP status."""
    pages = {f"codes/{error.code}.md": f'{{{{ error_page("{error.code}") }}}}\n' for error in catalogue.errors}
    pages |= {f"http/{row.status}.md": f'{{{{ status_page("{row.status}") }}}}\n' for row in catalogue.statuses}
    return pages


def check_pages(catalogue: Catalogue, docs: Path = DOCS) -> list[str]:
    """Return one line for every page that is missing, too many, or edited; empty if pages and rows are equal."""
    planned = plan_pages(catalogue)
    problems = []
    for path, content in planned.items():
        file = docs / path
        if not file.is_file():
            problems.append(f"docs/{path} is missing. Run: python -m catalogue pages")
        elif file.read_bytes() != content.encode():
            source = ERRORS if path.startswith("codes/") else STATUSES
            problems.append(f"docs/{path} was edited. Edit {source} instead, then run: python -m catalogue pages")
    problems += [f"docs/{path} has no row. Run: python -m catalogue pages" for path in _find_extra(planned, docs)]
    return sorted(problems)


def write_pages(catalogue: Catalogue, docs: Path = DOCS) -> list[str]:
    """Write missing and edited pages, remove those without a row, and return the paths that changed."""
    planned = plan_pages(catalogue)
    changed = []
    for path, content in planned.items():
        file = docs / path
        if not file.is_file() or file.read_bytes() != content.encode():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode())
            changed.append(path)
    for path in list(_find_extra(planned, docs)):
        (docs / path).unlink()
        changed.append(path)
    return sorted(changed)


def _find_extra(planned: dict[str, str], docs: Path) -> Iterator[str]:
    for folder in ("codes", "http"):
        for file in sorted((docs / folder).glob("*")):
            path = file.relative_to(docs).as_posix()
            if path not in planned and file.name not in KEPT:
                yield path
