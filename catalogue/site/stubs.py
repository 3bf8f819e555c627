"""Keep the stubs docs/codes/<code>.md and docs/http/<status>.md equal to the rows.

A stub is front matter and one macro call. Its title and description are HTML text, since the themes print them as
they are.
"""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path

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
    """Return a page that calls one macro. JSON strings are YAML strings, whatever they hold."""
    lines = ["---", *(f"{name}: {_quote(text)}" for name, text in (("title", title), ("description", description)))]
    return "\n".join([*lines, "hide: [navigation]", "---", "", f"{{{{ {call} }}}}", ""])


def _quote(text: str) -> str:
    return json.dumps(escape(text), ensure_ascii=False)


def check_stubs(catalogue: Catalogue, docs: Path = DOCS) -> list[str]:
    """Return one line for every stub that is missing, too many, or edited; empty if stubs and rows are equal."""
    planned = plan_stubs(catalogue)
    problems = []
    for path, content in planned.items():
        file = docs / path
        if not file.is_file():
            problems.append(f"docs/{path} is missing. Run: python -m catalogue pages")
        elif file.read_bytes() != content.encode():
            source = ERRORS if path.startswith("codes/") else STATUSES
            problems.append(
                f"docs/{path} differs from its row in {source}. Edit the row, then run: python -m catalogue pages"
            )
    problems += [f"docs/{path} has no row. Run: python -m catalogue pages" for path in _find_extra(planned, docs)]
    return sorted(problems)


def write_stubs(catalogue: Catalogue, docs: Path = DOCS) -> list[str]:
    """Write missing and changed stubs, remove those without a row, and return the paths that changed."""
    planned = plan_stubs(catalogue)
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
