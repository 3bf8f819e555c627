"""Markdown twins of the hand-written pages, and the two llms files that lead to them."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from urllib.parse import urljoin, urlsplit

from catalogue.model import Catalogue, ErrorCode
from catalogue.render import Links, Site, escape_markdown, strip_markup
from catalogue.tokens import Outcome, Retry

FENCE = re.compile(r" *(?P<run>`{3,}|~{3,})(?P<info>.*)")
MARKUP = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r'|\]\((?P<target>[^()\s]+)(?P<title> "[^"]*")?\)'
    r'|<a [^<>]*href="(?P<href>[^"]*)"[^<>]*>(?P<words>[^<]*)</a>'
    r"|(?P<theme> *\{:? *[#.][^{}]*\}|</?span[^<>]*>)"
)
# A line of HTML that is left after links and spans are gone only arranges the page.
HTML_LINE = re.compile(r" *</?[a-z]")
GUIDES = "guides/"
FILES = {
    "errors.json": "all codes as JSON",
    "errors.schema.json": "JSON Schema of errors.json; one code is `#/$defs/PublishedError`",
    "envelope.schema.json": "JSON Schema of the body of every response",
    "errors.csv": "the rows as they are kept",
    "errors.py": "the codes as a Python module",
    "llms-full.txt": "every page of this list in one file",
    "changes.xml": "changes as an Atom feed",
}


def locate_twin(source: str) -> str:
    """Return the path of the twin of docs/<source>: `guides/clock.md` → `guides/clock/index.md`."""
    stem = source.removesuffix(".md")
    if stem == "index" or stem.endswith("/index"):
        return f"{stem}.md"
    return f"{stem}/index.md"


def clean_page(source: str, text: str, site: Site) -> str:
    """Make the Markdown of docs/<source> stand alone: absolute links, to twins where it can; no theme markup."""
    page = site.locate(locate_twin(source).removesuffix("index.md"))
    replace = partial(_replace_markup, source=source, page=page, site=site)
    lines: list[str] = []
    for line, fenced in _mark_fences(text.strip("\n").split("\n")):
        if fenced:
            lines.append(line)
            continue
        cleaned = MARKUP.sub(replace, line)
        kept = "" if HTML_LINE.match(cleaned) else cleaned.rstrip() if cleaned != line else line
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines).strip("\n") + "\n"


def _mark_fences(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
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
        return f"[{match['words']}]({urljoin(page, match['href'])})"
    return "" if match["theme"] else match[0]


def _resolve_target(target: str, source: str, page: str, site: Site) -> str:
    if urlsplit(target).scheme:
        return target
    if target.startswith("#"):
        return page + target
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target.partition("#")[0]))
    return site.locate(locate_twin(path) if path.endswith(".md") else path)


def make_macros(catalogue: Catalogue, site: Site) -> dict[str, Callable[..., str]]:
    """Return the macros that render differently in a twin: Markdown tables instead of HTML."""
    links = Links(catalogue, site, twin=True)
    return {
        "code_table": lambda: _render_table(catalogue.errors, links),
        "code_map": lambda: _render_table(catalogue.errors, links),
        "status_index": lambda: _render_statuses(catalogue, links),
        "retry_matrix": lambda: _render_matrix(catalogue, links),
        "signature_workbench": lambda: f"Find the mistake offline: `{site.locate('samples/explain_signature.py')}`.",
        "clock_workbench": lambda: f"Read the time of a trace offline: `{site.locate('samples/trace_clock.py')}`.",
        "lookup": lambda: f"Look a code up at `{site.locate('codes/')}<code>/index.md`.",
    }


def _render_table(errors: Iterable[ErrorCode], links: Links) -> str:
    rows = [
        f"| {links.code(error.code)} | {escape_markdown(error.message)} | {error.http_status} "
        f"| {error.retry} | {error.outcome} | {error.actor} | {error.category} |"
        for error in errors
    ]
    head = ["| Code | Message | HTTP status | Retry | Outcome | Actor | Category |", "| --- " * 7 + "|"]
    return "\n".join(head + rows)


def _render_statuses(catalogue: Catalogue, links: Links) -> str:
    rows = [
        f"| {links.status(row.status)} {escape_markdown(row.reason)} | {escape_markdown(strip_markup(row.summary))} "
        f"| {' '.join(links.code(error.code) for error in catalogue.list_codes(row.status)) or 'none'} |"
        for row in catalogue.statuses
    ]
    return "\n".join(["| HTTP status | Meaning | Codes |", "| --- | --- | --- |", *rows])


def _render_matrix(catalogue: Catalogue, links: Links) -> str:
    lines = []
    for retry in Retry:
        for outcome in Outcome:
            codes = [e.code for e in catalogue.errors if e.retry is retry and e.outcome is outcome]
            if codes:
                listed = " ".join(links.code(code) for code in codes)
                lines.append(f"- retry `{retry}`, outcome `{outcome}`: {listed}")
    return "\n".join(lines)


def format_llms(catalogue: Catalogue, site: Site, twins: Mapping[str, str]) -> str:
    """Return llms.txt: what the site is, the rule that builds an address, every page once, and the files."""
    codes = [
        f"- [{error.code} {escape_markdown(error.message)}]({site.locate(f'codes/{error.code}/index.md')}): "
        f"retry {error.retry}, outcome {error.outcome}, actor {error.actor}"
        f"{f', retired since {error.retired}' if error.retired else ''}"
        for error in catalogue.errors
    ]
    statuses = [
        f"- [HTTP {row.status} {escape_markdown(row.reason)}]({site.locate(f'http/{row.status}/index.md')}): "
        f"{escape_markdown(strip_markup(row.summary))}"
        for row in catalogue.statuses
    ]
    pages = {path: f"- [{_read_title(text)}]({site.locate(path)})" for path, text in twins.items()}
    guides = [entry for path, entry in pages.items() if path.startswith(GUIDES)]
    others = [entry for path, entry in pages.items() if not path.startswith(GUIDES)]
    files = [f"- [{path}]({site.locate(path)}): {words}" for path, words in FILES.items()]
    lead = (
        "> Every error code of the WOO X Pro REST API: causes, steps, whether to retry, whether an order may have gone "
        "through, who must act, and how that is known. Not an official publication."
    )
    rule = (
        f"The page of code N is {site.locate('codes/N/index.md')}, as JSON {site.locate('codes/N/index.json')}. All "
        f"codes are in {site.locate('errors.json')}. "
        "Never resend an order whose outcome is `unknown`: look it up first."
    )
    parts = [["# WOO X Pro error reference"], [lead], [rule], ["## Codes"], codes, ["## HTTP statuses"], statuses]
    parts += [["## Guides"], guides, ["## Files"], files, ["## Optional"], others]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _read_title(text: str) -> str:
    """Return the words of the first heading; raises ValueError for a page that has none."""
    for line, fenced in _mark_fences(text.split("\n")):
        if not fenced and line.startswith("# "):
            return line.removeprefix("# ")
    raise ValueError(f"A page has no heading. Start it with `# Title`:\n{text[:200]}")


def format_llms_full(files: Mapping[str, str]) -> str:
    """Return llms-full.txt: every Markdown twin, each after its path."""
    twins = [(path, text) for path, text in files.items() if path.endswith("index.md")]
    return "\n".join(f"<!-- {path} -->\n\n{text}" for path, text in twins)
