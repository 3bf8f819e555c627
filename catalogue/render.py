"""Turn rows into Markdown: pure functions, rows in, text out, through the templates in templates/.

Cells are text, not Markdown: `escape_markdown` makes them safe, `Links` decides where a reference leads.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from html import escape
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from catalogue.cache import open_templates
from catalogue.envelope import format_envelope, format_head
from catalogue.model import Catalogue, ErrorCode, HttpStatusRow, Item, Source
from catalogue.tokens import Outcome, Retry, Section, SourceKind

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"

ALWAYS_ESCAPED: dict[int, str] = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_{}[]|#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "\n": " "}
)
LINE_START = re.compile(r"^(?:[-+=~:!]|\d+(?=[.)]))")
PROSE = re.compile(
    r"`(?P<span>[^`]+)`"
    r"|\[(?P<words>[^\[\]]+)\]\(guide:(?P<guide>[a-z-]+)(?P<anchor>#[a-z0-9-]+)?\)"
    r"|(?<![\w.])(?P<code>\d{5})(?![\w.]\w|\d)"
)


@dataclass(frozen=True)
class Site:
    """Where the site is published: its address with a final slash, and the repository's, if any."""

    url: str = "http://127.0.0.1:8000/"
    repo_url: str | None = None

    def locate(self, path: str) -> str:
        """Return the absolute address of a path below the site's root."""
        return self.url + path


@dataclass(frozen=True)
class Links:
    """Where references lead: Markdown files below `prefix` for pages, absolute addresses for Markdown twins."""

    catalogue: Catalogue
    site: Site = field(default_factory=Site)
    prefix: str = "../"
    twin: bool = False

    def page(self, path: str) -> str:
        """Return the target of `codes/30005` or `guides/clock#window`."""
        path, _, anchor = path.partition("#")
        suffix = f"#{anchor}" if anchor else ""
        if self.twin:
            return self.site.locate(f"{path.removesuffix('index')}{'' if path.endswith('index') else '/'}index.md")
        return f"{self.prefix}{path}.md{suffix}"

    def code(self, code: str) -> str:
        """Return a Markdown link to the page of a code."""
        return f"[{code}]({self.page(f'codes/{code}')})"

    def status(self, status: int) -> str:
        """Return a Markdown link to the page of an HTTP status, or the bare number where it has none."""
        return f"[{status}]({self.page(f'http/{status}')})" if status in self.catalogue.by_status else str(status)


def escape_markdown(text: str) -> str:
    """Escape one line of text so that Markdown shows it literally, at the start of a block too."""
    escaped = text.translate(ALWAYS_ESCAPED)
    start = LINE_START.match(escaped)
    if not start:
        return escaped
    at = start.end() if start[0][-1].isdigit() else 0
    if escaped[at] in "=~:":
        return f"&#{ord(escaped[at])};{escaped[at + 1 :]}"
    return f"{escaped[:at]}\\{escaped[at:]}"


def format_code_span(text: str) -> str:
    """Return text as a Markdown code span, whatever backticks it holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def render_prose(text: str, links: Links, own: str = "") -> str:
    """Render prose: literal text, `code spans`, guide links, and five-digit codes of the catalogue as links."""
    parts: list[str] = []
    end = 0
    for match in PROSE.finditer(text):
        code = match["code"]
        if code and (code == own or code not in links.catalogue.by_code):
            continue
        before = text[end : match.start()]
        parts.append(escape_markdown(before) if not parts else escape_markdown("x" + before)[1:])
        if match["span"]:
            parts.append(format_code_span(match["span"]))
        elif code:
            parts.append(links.code(code))
        else:
            target = links.page(f"guides/{match['guide']}{match['anchor'] or ''}")
            parts.append(f"[{escape_markdown('x' + match['words'])[1:]}]({target})")
        end = match.end()
    rest = text[end:]
    return "".join(parts) + (escape_markdown("x" + rest)[1:] if parts else escape_markdown(rest))


def render_evidence(item: Item, catalogue: Catalogue) -> str:
    """Render the sources of an item as short links; an item without a source is marked as our inference."""
    if not item.evidence:
        return '<span class="ev">inference</span>'
    return " ".join(render_source_tag(catalogue.sources[key]) for key in item.evidence)


def render_source_tag(source: Source) -> str:
    """Render a source as a short link `BitMart B1`; its title stands in the tooltip."""
    label = f"{source.kind.label} {source.key}"
    if source.url is None:
        return f'<span class="ev ev-{source.kind}">{label}</span>'
    return f'<a class="ev ev-{source.kind}" href="{escape(source.url)}" title="{escape(source.title)}">{label}</a>'


def render_evidence_plain(item: Item) -> str:
    """Render the sources of an item as `[B1]` keys, for Markdown twins."""
    return "".join(f"\\[{key}\\]" for key in item.evidence) or "(inference)"


def strip_markup(text: str) -> str:
    """Return prose without its markup: for descriptions, terminals and data files' readers."""
    return PROSE.sub(lambda match: match["span"] or match["words"] or match[0], text)


def unlink_prose(text: str) -> str:
    """Return prose with its guide links replaced by their words; code spans stay."""
    return PROSE.sub(lambda match: match["words"] or match[0], text)


@cache
def _get_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=open_templates(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
    )
    environment.filters |= {
        "md": escape_markdown,
        "quoted": partial(json.dumps, ensure_ascii=False),
        "span": format_code_span,
        "unlink": unlink_prose,
    }
    return environment


def find_neighbours(catalogue: Catalogue, code: str) -> tuple[str | None, str | None]:
    """Return the codes before and after this number in the catalogue; the number need not be listed."""
    codes = sorted(int(error.code) for error in catalogue.errors)
    before = [number for number in codes if number < int(code)]
    after = [number for number in codes if number > int(code)]
    return (str(before[-1]) if before else None, str(after[0]) if after else None)


def render_error_page(catalogue: Catalogue, code: str, site: Site) -> str:
    """Render the page of a code as Markdown for MkDocs."""
    return _render_error("error.md.jinja", catalogue, code, Links(catalogue, site))


def render_error_twin(catalogue: Catalogue, code: str, site: Site) -> str:
    """Render the Markdown twin of the page of a code, with its fields in the front matter."""
    return _render_error("error_twin.md.jinja", catalogue, code, Links(catalogue, site, twin=True))


def _render_error(template: str, catalogue: Catalogue, code: str, links: Links) -> str:
    error = catalogue.by_code[code]
    return _render(
        template,
        links,
        error=error,
        own=code,
        status=catalogue.by_status.get(error.http_status),
        head=format_head(error),
        body=format_envelope(error),
        observed=catalogue.list_observed(code),
        evidence=catalogue.list_evidence(error),
        related=[catalogue.by_code[other] for other in error.related],
        neighbours=_list_neighbours(catalogue, code),
        line=catalogue.lines.get(code),
    )


def _list_neighbours(catalogue: Catalogue, code: str) -> tuple[ErrorCode, ...]:
    errors = catalogue.errors
    at = bisect_left(errors, int(code), key=lambda error: int(error.code))
    return errors[max(at - 1, 0) : at] + errors[at + 1 : at + 2]


def render_status_page(catalogue: Catalogue, status: int, site: Site) -> str:
    """Render the page of an HTTP status as Markdown for MkDocs."""
    return _render_status("status.md.jinja", catalogue, status, Links(catalogue, site))


def render_status_twin(catalogue: Catalogue, status: int, site: Site) -> str:
    """Render the Markdown twin of the page of an HTTP status."""
    return _render_status("status_twin.md.jinja", catalogue, status, Links(catalogue, site, twin=True))


def _render_status(template: str, catalogue: Catalogue, status: int, links: Links) -> str:
    row, codes = catalogue.by_status[status], catalogue.list_codes(status)
    keys = [key for item in row.iter_items() for key in item.evidence]
    return _render(
        template,
        links,
        own="",
        row=row,
        codes=codes,
        status_codes=render_code_table(catalogue, codes, f"Codes sent with HTTP {status}", "../../")
        if codes
        else "No code of the vendor's tables is sent with this status.",
        evidence=[catalogue.sources[key] for key in dict.fromkeys(keys)],
    )


def render_code_table(catalogue: Catalogue, errors: Iterable[ErrorCode], caption: str, root: str) -> str:
    """Render codes as an HTML table; `root` is the relative address of the site's root."""
    return _render("code_table.html.jinja", Links(catalogue), errors=list(errors), caption=caption, root=root)


def render_code_map(catalogue: Catalogue) -> str:
    """Render all codes as tiles grouped by section, with a legend of the retry tokens, for the home page."""
    sections = [(section, [e for e in catalogue.errors if e.section is section]) for section in Section]
    return _render("code_map.html.jinja", Links(catalogue), sections=sections, legend=list(Retry))


def render_lookup(catalogue: Catalogue, source: str, root: str) -> str:
    """Render the lookup form; `source` is `text`, or `path` where the page's own address is looked up first."""
    return _render("lookup.html.jinja", Links(catalogue), source=source, root=root)


def render_workbench(catalogue: Catalogue, name: str, root: str = "../../", closed: bool = False) -> str:
    """Render a form of the guides; `closed` puts it into a section that a reader opens."""
    return _render(f"{name}.html.jinja", Links(catalogue), root=root, closed=closed)


def render_status_index(catalogue: Catalogue) -> str:
    """Render the cross-index of HTTP statuses and their codes as an HTML table, for /http/."""
    return _render("status_index.html.jinja", Links(catalogue), statuses=catalogue.statuses)


def render_retry_matrix(catalogue: Catalogue) -> str:
    """Render the table retry × outcome with every code placed by its row, for the guides."""
    cells = {
        (retry, outcome): [e for e in catalogue.errors if e.retry is retry and e.outcome is outcome]
        for retry in Retry
        for outcome in Outcome
    }
    used = [outcome for outcome in Outcome if any(cells[retry, outcome] for retry in Retry)]
    return _render("retry_matrix.html.jinja", Links(catalogue), cells=cells, retries=list(Retry), outcomes=used)


def render_failures(catalogue: Catalogue, status: int) -> str:
    """Render the codes of failures sent with an HTTP status as a Markdown list, for the guides."""
    links = Links(catalogue)
    return "\n".join(
        f"- {links.code(error.code)} {escape_markdown(error.message)}"
        for error in catalogue.list_codes(status)
        if error.retry is not Retry.NONE
    )


def render_oddities(catalogue: Catalogue) -> str:
    """Render every note on the vendor's rows as a Markdown list, for the guides."""
    links = Links(catalogue)
    codes = [
        f"- {links.code(error.code)}: {_render_item(error.note, links, error.code)}"
        for error in catalogue.errors
        if error.note
    ]
    statuses = [
        f"- HTTP {links.status(row.status)}: {_render_item(row.note, links, '')}"
        for row in catalogue.statuses
        if row.note
    ]
    return "\n".join(codes + statuses)


def _render_item(item: Item, links: Links, own: str) -> str:
    tags = f" {render_evidence(item, links.catalogue)}" if item.evidence else ""
    return render_prose(item.text, links, own) + tags


def render_source_list(catalogue: Catalogue) -> str:
    """Render all sources, grouped by kind, as Markdown lists."""
    rank = list(SourceKind)
    ordered = sorted(catalogue.sources.values(), key=lambda source: rank.index(source.kind))
    groups = [(kind, list(sources)) for kind, sources in groupby(ordered, key=lambda source: source.kind)]
    return _render("source_list.md.jinja", Links(catalogue), groups=groups)


def describe_source(source: Source) -> str:
    """Render a source as a Markdown link with its title."""
    title = escape_markdown(source.title)
    return f"[{title}]({source.url})" if source.url else f"{title} (no public address known)"


def describe_error(error: ErrorCode) -> str:
    """Return the description of a code's page for search engines, at most 300 characters."""
    return f"{strip_markup(error.summary)} Retry: {error.retry.label}. Write: {error.outcome.label}."


def describe_status(row: HttpStatusRow) -> str:
    """Return the description of a status page for search engines."""
    return strip_markup(row.summary)


def _render(template: str, links: Links, **values: object) -> str:
    environment = _get_environment()
    text = environment.get_template(template).render(
        links=links,
        site=links.site,
        catalogue=links.catalogue,
        describe_source=describe_source,
        prose=lambda text, own="": render_prose(text, links, own),
        tags=lambda item: render_evidence(item, links.catalogue),
        keys=render_evidence_plain,
        **values,
    )
    return text.strip("\n")
