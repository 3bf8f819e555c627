"""The hand-written pages as Markdown that stands alone: macros filled in, links absolute, no markup of the theme."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from html import unescape
from urllib.parse import urljoin, urlsplit

from jinja2 import Environment, StrictUndefined, select_autoescape

from catalogue.escaping import escape_destination, escape_inline
from catalogue.model.rows import Catalogue
from catalogue.render.links import Site
from catalogue.render.macros import TABLES, list_alternate_macros

Sources = Mapping[str, str]
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
FENCE = re.compile(r" *(?P<run>`{3,}|~{3,})(?P<info>.*)")
MARKUP = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r'|\]\((?P<target>[^()\s]+)(?P<title> "[^"]*")?\)'
    r'|<a [^<>]*href="(?P<href>[^"]*)"[^<>]*>(?P<words>[^<]*)</a>'
    r"|(?P<theme> *\{:? *[#.][^{}]*\}|</?span[^<>]*>)"
)
# A line of HTML that is left after links and spans are gone only arranges the page.
HTML_LINE = re.compile(r" *</?[a-z]")


def render_guides(sources: Sources, catalogue: Catalogue, site: Site) -> dict[str, str]:
    """Return path below the site's root → Markdown of every hand-written page."""
    filled = fill_guides(sources, catalogue, site)
    return {locate_alternate(source): clean_page(source, text, site) for source, text in filled.items()}


def fill_guides(sources: Sources, catalogue: Catalogue, site: Site, *, tables: bool = True) -> dict[str, str]:
    """Return path below docs/ → Markdown of every hand-written page, its macros filled in, without front matter.

    `sources` holds the pages as they are written. Without `tables` the macros that list all codes or statuses give
    nothing.
    """
    environment = Environment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=select_autoescape((), default_for_string=False),  # what macros return is Markdown
    )
    environment.globals |= list_alternate_macros(catalogue, site)
    if not tables:
        environment.globals |= dict.fromkeys(TABLES, str)
    return {
        source: environment.from_string(FRONT_MATTER.sub("", text)).render()
        for source, text in sources.items()
        if not is_stub(source)
    }


def is_stub(source: str) -> bool:
    """Return whether docs/<source> is a page that `python -m catalogue pages` writes."""
    folder, _, name = source.partition("/")
    return folder in {"codes", "http"} and name != "index.md"


def locate_alternate(source: str) -> str:
    """Return the path of the Markdown alternate of docs/<source>: `guides/clock.md` → `guides/clock/index.md`."""
    stem = source.removesuffix(".md")
    if stem == "index" or stem.endswith("/index"):
        return f"{stem}.md"
    return f"{stem}/index.md"


def clean_page(source: str, text: str, site: Site) -> str:
    """Make the Markdown of docs/<source> stand alone: absolute links, to alternates where it can; no theme markup."""
    page = site.locate(locate_alternate(source).removesuffix("index.md"))
    replace = partial(_replace_markup, source=source, page=page, site=site)
    lines: list[str] = []
    for line, fenced in mark_fences(text.strip("\n").split("\n")):
        if fenced:
            lines.append(line)
            continue
        cleaned = MARKUP.sub(replace, line)
        kept = "" if HTML_LINE.match(cleaned) else cleaned.rstrip() if cleaned != line else line
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines).strip("\n") + "\n"


def mark_fences(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield every line, and whether it belongs to a fenced block; a fence is closed by one as long, without info."""
    opened = ""
    for line in lines:
        fence = FENCE.fullmatch(line)
        yield line, bool(opened or fence)
        if not opened:
            opened = fence["run"] if fence else ""
        elif fence and fence["run"].startswith(opened) and not fence["info"].strip():
            opened = ""


def _replace_markup(match: re.Match[str], source: str, page: str, site: Site) -> str:
    if match["target"]:
        return f"]({_resolve_target(match['target'], source, page, site)}{match['title'] or ''})"
    if match["href"] is not None:
        address = escape_destination(urljoin(page, unescape(match["href"])))
        return f"[{escape_inline(unescape(match['words']))}]({address})"
    return "" if match["theme"] else match[0]


def _resolve_target(target: str, source: str, page: str, site: Site) -> str:
    if urlsplit(target).scheme:
        return target
    if target.startswith("#"):
        return page + target
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target.partition("#")[0]))
    return site.locate(locate_alternate(path) if path.endswith(".md") else path)


def read_title(text: str) -> str:
    """Return the words of the first heading; raises ValueError for a page that has none."""
    for line, fenced in mark_fences(text.split("\n")):
        if not fenced and line.startswith("# "):
            return line.removeprefix("# ")
    raise ValueError(f"A page has no heading. Start it with `# Title`:\n{text[:200]}")
