"""Markdown twins of the hand-written pages, and the two llms files that lead to them."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping

from catalogue.model import Catalogue, ErrorCode
from catalogue.render import Links, Site, escape_markdown, strip_markup
from catalogue.tokens import Outcome, Retry

LINK = re.compile(r"\]\((?P<path>[^()\s:]+\.md)(?:#[^()\s]*)?\)")
ATTRIBUTES = re.compile(r" *\{ *[#.][^{}]*\}")


def locate_twin(source: str) -> str:
    """Return the path of the twin of docs/<source>: `guides/clock.md` → `guides/clock/index.md`."""
    stem = source.removesuffix(".md")
    if stem == "index" or stem.endswith("/index"):
        return f"{stem}.md"
    return f"{stem}/index.md"


def clean_page(source: str, text: str, site: Site) -> str:
    """Make the Markdown of docs/<source> stand alone: absolute links to twins, no theme attributes."""
    folder = posixpath.dirname(source)

    def replace_link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match["path"]))
        return f"]({site.locate(locate_twin(target))})"

    lines, fence = [], ""
    for line in text.split("\n"):
        mark = line.lstrip()[:3]
        if mark in {"```", "~~~"} and (not fence or mark == fence):
            fence = "" if fence else mark
        cleaned = line if fence or mark == "```" else ATTRIBUTES.sub("", LINK.sub(replace_link, line))
        lines.append(cleaned.rstrip() if cleaned != line else line)
    return "\n".join(lines).strip("\n") + "\n"


def make_macros(catalogue: Catalogue, site: Site) -> dict[str, Callable[..., str]]:
    """Return the macros that render differently in a twin: Markdown tables instead of HTML."""
    links = Links(catalogue, site, twin=True)
    return {
        "code_table": lambda: _render_table(catalogue.errors, links),
        "code_map": lambda: _render_table(catalogue.errors, links),
        "status_index": lambda: _render_statuses(catalogue, links),
        "retry_matrix": lambda: _render_matrix(catalogue, links),
        "lookup": lambda: f"Look a code up at `{site.locate('codes/')}<code>/index.md`.",
        "source": lambda key: f"\\[{key}\\]",
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
        f"| {links.status(row.status)} {row.reason} | {escape_markdown(strip_markup(row.summary))} "
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
    """Return llms.txt: what the site is, the rule that builds an address, and every page."""
    guides = [f"- [{_read_title(text)}]({site.locate(path)})" for path, text in twins.items() if text.startswith("# ")]
    codes = [
        f"- [{error.code} {escape_markdown(error.message)}]({site.locate(f'codes/{error.code}/index.md')}): "
        f"retry {error.retry}, outcome {error.outcome}, actor {error.actor}"
        for error in catalogue.errors
    ]
    statuses = [
        f"- [HTTP {row.status} {escape_markdown(row.reason)}]({site.locate(f'http/{row.status}/index.md')})"
        for row in catalogue.statuses
    ]
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
    parts += [["## Guides"], guides]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _read_title(text: str) -> str:
    return text.split("\n", 1)[0].removeprefix("# ")


def format_llms_full(files: Mapping[str, str]) -> str:
    """Return llms-full.txt: every Markdown twin, each after its path."""
    twins = [(path, text) for path, text in files.items() if path.endswith("index.md")]
    return "\n".join(f"<!-- {path} -->\n\n{text}" for path, text in twins)
