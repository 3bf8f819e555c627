"""search/pages.json: what the header search and the lookup rank, made from rows and hand-written pages."""

import json
import re
from collections.abc import Iterator
from html import unescape

from catalogue.model.rows import Catalogue, ErrorCode, HttpStatusRow, Item
from catalogue.render.guides import Sources, fill_guides, locate_alternate, mark_fences
from catalogue.render.links import Site
from catalogue.render.markdown import strip_markup
from catalogue.render.pages import title_error, title_status

HEADING = re.compile(r"(?P<level>#{1,3}) (?P<title>.*?)(?: *\{ *#(?P<anchor>[\w-]+) *\})?")
# Markup of a hand-written page that is no text for a reader.
MARKUP = re.compile(r"\\(?P<literal>[!-/:-@\[-`{-~])|\{:? *[.#][^{}]*\}|</?[a-z][^<>]*>|\]\([^()\s]*\)|[*_`#|\[\]\\]+")

Entry = dict[str, str]


def format_search_index(sources: Sources, catalogue: Catalogue, site: Site) -> str:
    """Return the content of search/pages.json: an entry for every code, status, page and section of a page.

    `sources` holds the hand-written pages: path below docs/ → Markdown.
    """
    guides = fill_guides(sources, catalogue, site, tables=False)
    entries = [
        *(_describe_code(catalogue, error) for error in catalogue.errors),
        *(_describe_status(row) for row in catalogue.statuses),
        *(entry for source, text in guides.items() for entry in split_sections(source, text)),
    ]
    return json.dumps({"docs": entries}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _describe_code(catalogue: Catalogue, error: ErrorCode) -> Entry:
    tokens = (error.retry, error.outcome, error.actor)
    texts = [
        error.summary,
        error.category.label,
        *(text for token in tokens for text in (token.label, token.description)),
        *_list_texts(error.iter_items()),
        *(text for row in catalogue.list_observed(error.code) for text in (row.wording, row.note)),
    ]
    return {"location": f"codes/{error.code}/", "title": title_error(error), "text": _join(texts)}


def _describe_status(row: HttpStatusRow) -> Entry:
    texts = [row.summary, row.description, *_list_texts(row.iter_items())]
    return {"location": f"http/{row.status}/", "title": title_status(row), "text": _join(texts)}


def _list_texts(items: Iterator[Item]) -> Iterator[str]:
    return (item.text for item in items)


def _join(texts: list[str]) -> str:
    return " ".join(strip_markup(text) for text in texts if text)


def split_sections(source: str, text: str) -> Iterator[Entry]:
    """Split a hand-written page at its headings into entries; the first holds what stands above them.

    Raises ValueError for a heading without an anchor of its own, which no address could name for good.
    """
    page = locate_alternate(source).removesuffix("index.md")
    titles: list[str] = []
    entry: Entry = {"location": page, "title": "", "text": ""}
    for line, fenced in mark_fences(text.split("\n")):
        heading = None if fenced else HEADING.fullmatch(line)
        if heading is None:
            entry["text"] += " " + (line if fenced else _strip_line(line, " "))
            continue
        title = _strip_line(heading["title"], "").strip()
        if not titles:
            titles, entry["title"] = [title], title
            continue
        if not heading["anchor"]:
            raise ValueError(f"docs/{source}: give the heading an anchor: {line} {{ #name }}")
        yield _fold(entry)
        entry = {"location": f"{page}#{heading['anchor']}", "title": f"{titles[0]} · {title}", "text": ""}
    yield _fold(entry)


def _strip_line(line: str, instead: str) -> str:
    return unescape(MARKUP.sub(lambda match: match["literal"] or instead, line))


def _fold(entry: Entry) -> Entry:
    return entry | {"text": " ".join(entry["text"].split())}
