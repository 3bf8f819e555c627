"""Prose of the rows as Markdown.

Cells are text, not Markdown: catalogue.escaping makes them safe. Three things in a cell are more than text:
code spans, links to guides or to sections of the same page, and codes of the catalogue.
"""

import re
from collections.abc import Callable, Mapping

from catalogue.escaping import (
    escape_destination,
    escape_html,
    escape_inline,
    escape_markdown,
    format_code_span,
)
from catalogue.model.rows import Catalogue, Item, Source
from catalogue.render.links import Links

PROSE = re.compile(
    r"`(?P<span>[^`]+)`"
    r"|\[(?P<words>[^\[\]]+)\]\((?:guide:(?P<guide>[a-z-]+))?(?P<anchor>#[a-z0-9-]+)?\)"
    r"|(?<![\w.])(?P<code>[0-9]{5})(?![\w.]\w|\d)"
)
Replacement = Callable[[re.Match[str]], str | None]


def substitute_prose(text: str, replace: Replacement, keep: Callable[[str, bool], str] = lambda part, _: part) -> str:
    """Replace the code spans, links and codes of a text; `keep` treats what stands between them.

    `replace` gets each match of PROSE, and returns None for one that is plain text after all. `keep` gets
    a part, and whether the text starts with it.
    """
    parts: list[str] = []
    end = 0
    for match in PROSE.finditer(text):
        replaced = replace(match)
        if replaced is not None:
            parts += [keep(text[end : match.start()], end == 0), replaced]
            end = match.end()
    return "".join([*parts, keep(text[end:], end == 0)])


def get_target(match: re.Match[str]) -> str:
    """Return where a link of the prose leads, as `Links.page` takes it."""
    return f"guides/{match['guide']}{match['anchor'] or ''}" if match["guide"] else match["anchor"] or ""


def render_prose(text: str, links: Links) -> str:
    """Render prose: literal text, `code spans`, links, and five-digit codes of the catalogue as links."""

    def replace(match: re.Match[str]) -> str | None:
        code = match["code"]
        if code:
            return links.code(code) if code != links.own and code in links.catalogue.by_code else None
        if match["span"]:
            span = format_code_span(match["span"])
            return links.term(f"`{match['span']}`", span) or span
        return f"[{escape_inline(match['words'])}]({links.page(get_target(match))})"

    def keep(part: str, starts: bool) -> str:
        first, *others = _split_terms(part, links)
        return (escape_markdown if starts else escape_inline)(first) + "".join(others)

    return substitute_prose(text, replace, keep)


def _split_terms(text: str, links: Links) -> list[str]:
    """Return the text before the first new glossary term, unescaped, then links and the text between them, escaped."""
    parts, end = [text], 0
    for match in links.catalogue.terms.finditer(text):
        link = links.term(match[0], escape_inline(match[0]))
        if link:
            between = text[end : match.start()]
            parts = [between, link] if len(parts) == 1 else [*parts[:-1], escape_inline(between), link]
            end = match.end()
            parts.append(text[end:])
    return parts if len(parts) == 1 else [*parts[:-1], escape_inline(parts[-1])]


def render_evidence(item: Item, catalogue: Catalogue, numbers: Mapping[str, int] | None = None) -> str:
    """Render the sources of an item as small numbers that lead to the page's list of sources.

    A source without a number is a link to the source itself; an item without a source is marked as our inference.
    """
    if not item.evidence:
        return '<span class="ev ev-inference">inference</span>'
    return " ".join(_render_reference(catalogue.sources[key], (numbers or {}).get(key)) for key in item.evidence)


def _render_reference(source: Source, number: int | None) -> str:
    if number is None:
        return render_source_tag(source)
    return f'<a class="ev ev-{source.kind}" href="#source-{number}" aria-label="Source {number}">{number}</a>'


def render_source_tag(source: Source) -> str:
    """Render a source as a short link `BitMart B1`; its title stands in the tooltip."""
    label = f"{source.kind.label} {source.key}"
    if source.url is None:
        return f'<span class="ev ev-{source.kind}">{label}</span>'
    address, title = escape_html(source.url), escape_html(source.title)
    return f'<a class="ev ev-{source.kind}" href="{address}" title="{title}">{label}</a>'


def render_evidence_keys(item: Item) -> str:
    r"""Render the sources of an item as `\[B1\]` keys, for Markdown alternates."""
    return "".join(f"\\[{key}\\]" for key in item.evidence) or "(inference)"


def describe_source(source: Source) -> str:
    """Render a source as a Markdown link with its title."""
    title = escape_markdown(source.title)
    if not source.url:
        return f"{title} (no public address known)"
    archived = f" ([archived copies]({escape_destination(source.archive_url)}))" if source.archive_url else ""
    return f"[{title}]({escape_destination(source.url)}){archived}"


def strip_markup(text: str) -> str:
    """Return prose without its markup: for descriptions, terminals and data files' readers."""
    return substitute_prose(text, lambda match: match["span"] or match["words"] or match[0])


def unlink_prose(text: str) -> str:
    """Return prose with its links replaced by their words; code spans stay."""
    return substitute_prose(text, lambda match: match["words"] or match[0])


def resolve_links(text: str, links: Links) -> str:
    """Return prose with the addresses of its links in full, as JSON shows it; code spans stay."""

    def replace(match: re.Match[str]) -> str:
        if not match["words"]:
            return match[0]
        path, _, anchor = get_target(match).partition("#")
        folder = f"{path}/" if path else f"codes/{links.own}/"
        return f"[{match['words']}]({links.site.locate(folder)}{'#' + anchor if anchor else ''})"

    return substitute_prose(text, replace)
