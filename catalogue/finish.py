"""Finish a built site: what the theme loads on every page is cut down to what a page needs."""

import json
from functools import partial
from hashlib import sha256
from html import escape
from importlib.metadata import version
from pathlib import Path

from catalogue.cache import recall
from catalogue.model import Catalogue, ErrorCode
from catalogue.render import strip_markup
from catalogue.styles import Names, trim_styles

SEARCH_INDEX = "search/search_index.json"
SEARCH_PAGES = "search/pages.json"
STYLES = "assets/stylesheets/site.css"
OWN_STYLES = "assets/stylesheets/extra.css"


def defer_search_index(site_dir: Path, catalogue: Catalogue) -> None:
    """Move the search index aside, add the codes to it, and leave an empty one in its place.

    The theme fetches the index with every first page; our search worker fetches the pages with the first query.
    """
    index = site_dir / SEARCH_INDEX
    content = json.loads(index.read_bytes())
    pages = content | {"docs": [*content["docs"], *(describe_code(catalogue, error) for error in catalogue.errors)]}
    (site_dir / SEARCH_PAGES).write_bytes(json.dumps(pages, ensure_ascii=False, separators=(",", ":")).encode())
    index.write_bytes(json.dumps(content | {"docs": []}).encode())


def describe_code(catalogue: Catalogue, error: ErrorCode) -> dict[str, str]:
    """Return the entry of a code in the search index: all that its page says by its own row."""
    tokens = (error.retry, error.outcome, error.actor)
    texts = [
        error.summary,
        error.category.label,
        *(text for token in tokens for text in (token.label, token.description)),
    ]
    texts += [item.text for item in error.iter_items()]
    texts += [text for row in catalogue.list_observed(error.code) for text in (row.wording, row.note)]
    texts += [
        text for code in error.related for text in (catalogue.by_code[code].message, catalogue.by_code[code].summary)
    ]
    texts += [source.title for source in catalogue.list_evidence(error)]
    return {
        "location": f"codes/{error.code}/",
        "title": f"{error.code} · {escape(error.message, quote=False)}",
        "text": escape(" ".join(strip_markup(text) for text in texts), quote=False),
    }


def merge_styles(site_dir: Path) -> None:
    """Write one stylesheet from the theme's two and our own, trimmed to what the built pages and scripts can use."""
    assets = site_dir / "assets"
    scripts = "".join(file.read_text("utf-8") for file in sorted((assets / "javascripts").glob("*.js")))
    names = Names(scripts)
    for page in site_dir.rglob("*.html"):
        names.add_page(page.read_text("utf-8"))
    sheets = [
        *sorted((assets / "stylesheets").glob("main.*.css")),
        *sorted((assets / "stylesheets").glob("palette.*.css")),
    ]
    sources = "".join(sheet.read_text("utf-8").partition("/*# sourceMappingURL")[0] for sheet in sheets)
    sources += (site_dir / OWN_STYLES).read_text("utf-8")
    trimmed = recall("styles", [*names.iter_inputs(), sources], partial(trim_styles, sources, names))
    (site_dir / STYLES).write_text(trimmed, "utf-8")


def fingerprint_styles(docs: Path) -> str:
    """Return a short text that changes with the theme or our styles, so that browsers fetch the merged file anew."""
    own = (docs / OWN_STYLES).read_bytes()
    return sha256(version("mkdocs-material").encode() + own).hexdigest()[:8]
