"""The catalogue's history for readers: the rows of data/changes.csv, newest first."""

from catalogue.escaping import escape_inline
from catalogue.model.rows import Catalogue, Change
from catalogue.render.links import Links
from catalogue.render.markdown import render_evidence, render_prose

WHO = {"vendor": "The vendor", "catalogue": "This site"}


def render_changes(catalogue: Catalogue) -> str:
    """Render all changes as Markdown, newest first."""
    links = Links(catalogue)
    parts = []
    for change in sort_newest(catalogue):
        tags = f" {render_evidence(change.text, catalogue)}" if change.text.evidence else ""
        parts.append(
            f"## {change.date} · {escape_inline(change.title)} {{ #{change.id} }}\n\n"
            f"{WHO[change.who]}: {render_prose(change.text.text, links)}{tags}"
        )
    return "\n\n".join(parts)


def sort_newest(catalogue: Catalogue) -> list[Change]:
    """Return all changes, the newest first."""
    return sorted(catalogue.changes, key=lambda change: change.date, reverse=True)
