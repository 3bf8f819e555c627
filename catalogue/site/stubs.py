"""Keep the stubs docs/codes/<code>.md and docs/http/<status>.md equal to the rows.

A stub is front matter and one macro call. Its title and description are HTML text, since the themes print them as
they are.
"""

from collections.abc import Iterator
from pathlib import Path

from catalogue.escaping import escape_front_matter
from catalogue.files import write_files
from catalogue.model.rows import Catalogue
from catalogue.paths import DOCS, ERRORS, STATUSES
from catalogue.render.pages import describe_error, describe_status, title_error, title_status

# Hand-written pages of the two folders.
KEPT = {"index.md"}


def plan_stubs(catalogue: Catalogue) -> dict[str, str]:
    """Return path below docs/ → content, for every code and every HTTP status."""
    stubs = {
        f"codes/{error.code}.md": format_stub(title_error(error), describe_error(error), f'error_page("{error.code}")')
        for error in catalogue.errors
    }
    stubs |= {
        f"http/{row.status}.md": format_stub(title_status(row), describe_status(row), f'status_page("{row.status}")')
        for row in catalogue.statuses
    }
    return stubs


def format_stub(title: str, description: str, call: str) -> str:
    """Return a page that calls one macro."""
    lines = [
        "---",
        *(f"{name}: {escape_front_matter(text)}" for name, text in (("title", title), ("description", description))),
    ]
    return "\n".join([*lines, "hide: [navigation]", "---", "", f"{{{{ {call} }}}}", ""])


def check_stubs(catalogue: Catalogue, docs: Path = DOCS) -> list[str]:
    """Return one line for every stub that is missing, too many, or edited; empty if stubs and rows are equal."""
    planned = plan_stubs(catalogue)
    problems = find_strays(catalogue, docs)
    for path, content in planned.items():
        file = docs / path
        if file.is_file() and not _is_equal(file, content):
            source = ERRORS if path.startswith("codes/") else STATUSES
            problems.append(
                f"docs/{path} differs from its row in {source}. Edit the row, then run: python -m catalogue pages"
            )
    return sorted(problems)


def find_strays(catalogue: Catalogue, docs: Path = DOCS) -> list[str]:
    """Return one line for every row without a page, and every page without a row: no site can be built from them."""
    planned = plan_stubs(catalogue)
    missing = [
        f"docs/{path} is missing. Run: python -m catalogue pages" for path in planned if not (docs / path).is_file()
    ]
    return missing + [f"docs/{path} has no row. Run: python -m catalogue pages" for path in _find_extra(planned, docs)]


def write_stubs(catalogue: Catalogue, docs: Path = DOCS) -> list[str]:
    """Write missing and changed stubs, remove those without a row, and return the paths that changed."""
    planned = plan_stubs(catalogue)
    changed = {path: content.encode() for path, content in planned.items() if not _is_equal(docs / path, content)}
    write_files({docs / path: content for path, content in changed.items()})
    extra = list(_find_extra(planned, docs))
    for path in extra:
        (docs / path).unlink()
    return sorted([*changed, *extra])


def _is_equal(file: Path, content: str) -> bool:
    return file.is_file() and file.read_bytes() == content.encode()


def _find_extra(planned: dict[str, str], docs: Path) -> Iterator[str]:
    for folder in ("codes", "http"):
        for file in sorted((docs / folder).glob("*")):
            path = file.relative_to(docs).as_posix()
            if path not in planned and file.name not in KEPT:
                yield path
