"""Print a code for the terminal."""

import textwrap
from unicodedata import normalize

from catalogue.escaping import escape_terminal
from catalogue.model.rows import Catalogue, ErrorCode, Item, Observed
from catalogue.render.envelope import format_envelope, format_head
from catalogue.render.markdown import strip_markup
from catalogue.render.pages import find_neighbours

WIDTH = 100
# No code is longer; int() refuses numbers of thousands of digits.
MAX_DIGITS = 9


def explain_code(catalogue: Catalogue, code: str) -> tuple[str, bool]:
    """Return the text for a code, and whether the catalogue has it; an unknown one gets its neighbours."""
    code = code.strip()
    if code.isdecimal():
        code = normalize("NFKC", code)  # wide digits, as a Chinese keyboard writes them
    error = catalogue.by_code.get(code)
    if error is None:
        return _describe_unknown(catalogue, code), False
    related = [f"- {other} {catalogue.by_code[other].message}" for other in error.related]
    observed = [_format_observed(row) for row in catalogue.list_observed(code)]
    sources = [
        f"[{source.key}] {source.kind.label}: {source.url or source.title}" for source in catalogue.list_evidence(error)
    ]
    parts = [
        _wrap(f"{error.code} · {error.message}"),
        f"Retired: the vendor's page has not listed this code since {error.retired}." if error.retired else "",
        _wrap(strip_markup(error.summary)),
        _format_facts(error),
        "Causes\n" + _format_items(error.causes),
        "Remediation\n" + _format_items(error.remediation),
        f"Example envelope\n{format_head(error)}\n\n{format_envelope(error)}",
        "\n".join(["Seen in the wild", *observed]) if observed else "",
        "\n".join(["Related codes", *map(_wrap, related)]) if related else "",
        _wrap(f"Note: {strip_markup(error.note.text)}") if error.note else "",
        "\n".join(["Sources", *sources]) if sources else "",
    ]
    return escape_terminal("\n\n".join(part for part in parts if part), kept="\n"), True


def _describe_unknown(catalogue: Catalogue, code: str) -> str:
    if not code.isascii() or not code.isdecimal() or len(code) > MAX_DIGITS:
        return f"{code!r} is not a code. Give the number of the envelope's `code`, for example 30005."
    near = " and ".join(f"{error.code} {error.message}" for error in find_neighbours(catalogue, code) if error)
    return _wrap(
        f"{code} is not in the vendor's page. Count the outcome of a write as unknown. Its neighbours: {near}."
    )


def _format_observed(row: Observed) -> str:
    status = f"HTTP {row.http_status}, " if row.http_status else ""
    return _wrap(f"- {row.wording} ({status}{row.date or 'no date'}) [{row.source}]: {strip_markup(row.note)}", "  ")


def _format_facts(error: ErrorCode) -> str:
    facts = {
        "Retry": f"{error.retry.label}. {error.retry.description}",
        "Outcome of a write": f"{error.outcome.label}. {error.outcome.description}",
        "Who acts": f"{error.actor.label}. {error.actor.description}",
        "HTTP status": str(error.http_status),
        "Category": error.category.label,
    }
    return "\n".join(_wrap(f"{name}: {value}") for name, value in facts.items())


def _format_items(items: tuple[Item, ...]) -> str:
    lines = []
    for number, item in enumerate(items, 1):
        keys = "".join(f"[{key}]" for key in item.evidence) or "(inference)"
        lines.append(_wrap(f"{number}. {strip_markup(item.text)} {keys}", indent="   "))
    return "\n".join(lines)


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
