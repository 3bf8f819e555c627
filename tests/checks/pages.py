"""Checks of pages, as rendered or as built: row and tree of a page in, one line for every problem out."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urldefrag, urljoin
from xml.etree.ElementTree import Element

import markdown
import yaml

from catalogue.model.rows import Catalogue, ErrorCode, HttpStatusRow, Item, Observed, Source
from catalogue.model.vocabulary import Category, Outcome, Retry, SourceKind
from catalogue.paths import ERRORS
from catalogue.render.envelope import format_head, make_envelope
from catalogue.render.markdown import PROSE, strip_markup
from catalogue.render.pages import describe_error, describe_status
from catalogue.render.tables import list_doors
from tests.site_tools import (
    REPO_URL,
    ROOT,
    Page,
    find_repeats,
    iter_elements,
    list_ids,
    list_links,
    parse_page,
    read_meta,
    read_text,
)

SITE_NAME = "WOO X Pro error reference"
CODE_ANCHORS = ("causes", "remediation", "requests", "example-envelope", "related-codes", "provenance")
LOOK = "was-it-executed"
WILD = "seen-in-the-wild"
FORM = "workbench-box"
OPTIONAL_ANCHORS = {LOOK, WILD}
STATUS_ANCHORS = ("without-a-code", "meaning", "codes", "provenance")
MAX_DESCRIPTION = 320

# Pages, as Markdown turned into HTML or as built


class SiteLoader(yaml.SafeLoader):
    """Reads mkdocs.yml without resolving its environment variables."""


SiteLoader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


@lru_cache(maxsize=1)
def get_converter() -> markdown.Markdown:
    """Return Python-Markdown with the extensions of mkdocs.yml."""
    configuration = SiteLoader((ROOT / "mkdocs.yml").read_text("utf-8")).get_single_data()
    extensions: dict[str, dict[str, Any]] = {}
    for extension in configuration["markdown_extensions"]:
        extensions |= extension if isinstance(extension, dict) else {extension: {}}
    return markdown.Markdown(extensions=list(extensions), extension_configs=extensions)


@lru_cache(maxsize=256)
def convert(text: str) -> Element:
    """Turn Markdown into a tree, as the site does."""
    html = get_converter().reset().convert(text)
    return parse_page("", f"<!doctype html><title>x</title>{html}").root


def convert_article(text: str) -> Element:
    """Turn the Markdown of a page into the element that holds it."""
    return next(convert(text).iter("body"))


def fold(text: str) -> str:
    """Return a text as HTML shows it, with runs of blanks folded."""
    return " ".join(text.split())


def read_raw(element: Element) -> str:
    """Return the text of an element, blanks and all."""
    return "".join(element.itertext())


def compare(place: str, found: object, expected: object) -> list[str]:
    """Return a line if two values differ."""
    return [] if found == expected else [f"{place}: found {found!r}, expected {expected!r}"]


def compare_parts(place: object, *parts: tuple[str, object, object]) -> list[str]:
    """Return a line for each part of a place (name, found, expected) that differs."""
    return [line for name, found, expected in parts for line in compare(f"{place} {name}", found, expected)]


def find_section(article: Element, anchor: str) -> list[Element]:
    """Return the elements between the heading with this id and the next heading of the same level; none without it."""
    children = list(article)
    start = next((at for at, child in enumerate(children) if child.get("id") == anchor), None)
    if start is None:
        return []
    tag = children[start].tag
    end = next((at for at in range(start + 1, len(children)) if children[at].tag == tag), len(children))
    return children[start + 1 : end]


def list_items(section: Iterable[Element]) -> list[str]:
    """Return the text of every list item of a section."""
    return [read_text(item) for element in section for item in element.iter("li")]


def list_samples(section: Iterable[Element]) -> list[str]:
    """Return the text of every code block of a section, line ends and all."""
    return [read_raw(pre).removesuffix("\n") for element in section for pre in element.iter("pre")]


def list_texts(article: Element, css_class: str) -> list[str]:
    """Return the text of every element with this class."""
    return [read_text(element) for element in iter_elements(article, css_class=css_class)]


def name_target(link: Element) -> str:
    """Return where a link leads, the same for `../codes/30005.md` and `../30005/`: `30005`."""
    return name_page(link.get("href") or "")


def name_page(url: str) -> str:
    """Return the last part of an address of a page, whether of its source or as built."""
    return url.removesuffix("/").removesuffix(".md").rpartition("/")[2]


def find_wrong_anchors(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check the headings of a code's page: their ids, in the fixed order."""
    expected = [
        "remediation",
        *([LOOK] if error.outcome.in_doubt else []),
        "causes",
        "requests",
        "example-envelope",
        *([WILD] if catalogue.list_observed(error.code) else []),
        "related-codes",
        "provenance",
    ]
    return compare(f"{error.code} headings", [heading.get("id") for heading in article.iter("h2")], expected)


def find_implied_anchors(text: str) -> list[str]:
    """Return the headings of a page's Markdown whose anchor depends on their words; samples are no headings."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [
        line for line in re.findall(r"^#{1,6} .*$", prose, re.MULTILINE) if not re.search(r"\{ #[a-z0-9-]+ \}$", line)
    ]


def find_wrong_opening(error: ErrorCode, article: Element) -> list[str]:
    """Check heading, summary, verdict and first step of a code's page, in this order, before the remediation."""
    shown = [(heading.get("id"), read_text(heading)) for heading in article.iter("h1")]
    names = [element.get("class") or element.get("id") or "" for element in article.iter()]
    order = [name for name in names if name.startswith(("summary", "verdict ", "first-step")) or name == "remediation"]
    return compare_parts(
        error.code,
        ("heading", shown, [(f"code-{error.code}", f"{error.code} {fold(error.message)}")]),
        ("summary", list_texts(article, "summary"), [fold(strip_markup(error.summary))]),
        ("first step", list_texts(article, "first-step"), [f"Do first: {fold(strip_markup(error.first))}"]),
        (
            "opening",
            order,
            ["summary", f"verdict risk-{error.outcome}", f"first-step risk-{error.outcome}", "remediation"],
        ),
    )


VERDICTS = {
    Outcome.ACCEPTED: "Accepted.",
    Outcome.REJECTED: "Not executed.",
    Outcome.UNKNOWN: "May have executed.",
    Outcome.DUPLICATE: "An earlier one may have executed.",
}


def find_wrong_facts(error: ErrorCode, article: Element) -> list[str]:
    """Check the verdict of a code's page: what became of the request, whether to send again, who acts, the status."""
    verdicts = [
        read_text(strong) for line in iter_elements(article, css_class="verdict-line") for strong in line.iter("strong")
    ]
    facts = {
        read_text(name): read_text(value)
        for strip in iter_elements(article, css_class="facts")
        for name, value in zip(strip.iter("dt"), strip.iter("dd"), strict=True)
    }
    again = error.retry.label
    if error.retry is Retry.BACKOFF:
        again += f": {error.after} seconds at least"
    elif error.retry is Retry.WAIT:
        again += f": until {error.after}"
    expected = {"After a read": again} if error.outcome is Outcome.UNKNOWN else {}
    expected |= {"After a write": "No program sends it again"} if error.outcome.in_doubt else {"Send it again?": again}
    expected |= {"Who acts?": error.actor.label, "HTTP status": str(error.http_status)}
    links = [name_target(link) for strip in iter_elements(article, css_class="facts") for link in strip.iter("a")]
    return compare_parts(
        error.code,
        ("verdict", verdicts, [VERDICTS[error.outcome]]),
        ("facts", facts, expected),
        ("link to the status", links, [str(error.http_status)]),
    )


def describe_item(item: Item, numbers: Mapping[str, int]) -> str:
    """Return what a page shows of an item: its text, then the numbers of its sources or that it is inferred."""
    tags = [str(numbers[key]) for key in item.evidence] or ["inference"]
    return fold(" ".join([strip_markup(item.text), *tags]))


def number_sources(sources: Iterable[Source]) -> dict[str, int]:
    """Return key → number of the sources of a page, in the order of its list."""
    return {source.key: number for number, source in enumerate(sources, 1)}


def list_inner_links(items: Iterable[Item], catalogue: Catalogue, own: str) -> list[str]:
    """Return where the codes and guide links in the text of items must lead: `30004`, `clock#window`."""
    return [
        match["code"] or f"{match['guide'] or ''}{match['anchor'] or ''}"
        for item in items
        for match in PROSE.finditer(item.text)
        if match["words"] or (match["code"] in catalogue.by_code and match["code"] != own)
    ]


def find_wrong_inner_links(
    catalogue: Catalogue, own: str, items: Iterable[Item], section: Iterable[Element]
) -> list[str]:
    """Check that codes and guide links in the text of items lead where they should, and nothing else is a link.

    Links to the glossary are left out: which use of a term is the first on a page, find_wrong_terms says.
    """
    links = [link for part in section for link in part.iter("a") if "ev" not in (link.get("class") or "").split()]
    parts = [urldefrag(link.get("href") or "") for link in links]
    found = [f"{name_page(url)}#{fragment}" if fragment else name_page(url) for url, fragment in parts]
    found = [target for target in found if not target.startswith("glossary#")]
    return compare(f"{own} links in the text", found, list_inner_links(items, catalogue, own))


def find_wrong_terms(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check that a page links every term of the glossary that its prose holds, once."""
    targets = [urldefrag(link.get("href") or "") for link in article.iter("a")]
    found = [fragment for url, fragment in targets if name_page(url) == "glossary"]
    items = [error.summary, error.first, *(item.text for item in error.iter_items())]
    spans = [match["span"] for text in items for match in PROSE.finditer(text) if match["span"]]
    bare = [PROSE.sub(" ", text) for text in items]
    words = {match[0] for text in bare for match in catalogue.terms.finditer(text)} | {f"`{span}`" for span in spans}
    expected = {catalogue.term_by_form[word].anchor for word in words if word in catalogue.term_by_form}
    return [
        *(f"{error.code} links the term {name} twice" for name in find_repeats(found)),
        *(f"{error.code} does not link the term {name}" for name in sorted(expected - set(found))),
    ]


def find_wrong_items(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check causes and steps of a code's page: text, evidence and order."""
    lines = []
    sources = catalogue.list_evidence(error)
    for anchor, items in (("causes", error.causes), ("remediation", error.remediation)):
        section = find_section(article, anchor)
        expected = [describe_item(item, number_sources(sources)) for item in items]
        # Behind the steps of some codes stands a form in a closed section.
        lines += compare(f"{error.code} {anchor}", [element.tag for element in section][:1], ["ol"])
        section = section[:1]
        lines += compare(f"{error.code} {anchor}", list_items(section), expected)
        lines += find_wrong_tags(sources, section)
        lines += find_wrong_inner_links(catalogue, error.code, items, section)
    return lines


def find_wrong_tags(sources: Sequence[Source], section: Iterable[Element]) -> list[str]:
    """Check that every number of evidence leads to its source and is named after it."""
    lines = []
    for tag in (tag for element in section for tag in iter_elements(element, css_class="ev")):
        number = read_text(tag)
        if number != "inference":
            source = sources[int(number) - 1]
            found = (tag.get("class"), tag.get("href"), tag.get("aria-label"))
            expected = (f"ev ev-{source.kind}", f"#source-{number}", f"Source {number}")
            lines += compare(f"evidence {number}", found, expected)
    return lines


def find_wrong_look_up(error: ErrorCode, article: Element) -> list[str]:
    """Check that a page in doubt says how to look: calls to copy, what found means, what not found means."""
    section = find_section(article, LOOK)
    text = " ".join(read_text(part) for part in section)
    transfer = error.category in {Category.TRANSFER, Category.ACCOUNT}
    calls = ["assets-detail", "transaction-history", "transfer-contract-list"]
    if not transfer:
        calls = ["get-open-orders", "order-history", "trades", "current-plan-order", "position-v2"]
    words = [*calls, "let a person decide"] if error.outcome.in_doubt else []
    return [
        *(f"{error.code} look-up: does not name {word}" for word in words if word not in text),
        *compare(f"{error.code} calls to copy", bool(list_samples(section)), error.outcome.in_doubt),
    ]


def find_wrong_requests(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check the wrong and the right request of a page: texts, what differs, note and basis; or where to provoke it."""
    section = find_section(article, "requests")
    rows = catalogue.list_requests(error.code)
    captions = [read_text(part) for part in section if part.get("class") == "caption"]
    notes = [fold(f"{strip_markup(row.note)} Basis: {row.basis.label.lower()}.") for row in rows]
    marked = [bool(list(figure.iter("mark"))) for part in section for figure in part.iter("figure")]
    provoked = any(f"X-Mock-Error: {error.code}" in read_text(part) for part in section)
    return compare_parts(
        error.code,
        ("requests", list_samples(section), [text for row in rows for text in (row.wrong, row.right)]),
        ("notes of requests", captions, notes),
        ("marked difference", not rows or any(marked), True),
        ("mock exchange", provoked, not rows),
    )


def find_wrong_example(error: ErrorCode, article: Element) -> list[str]:
    """Check the example of a code's page: head, body, and that what is made up is called so."""
    section = find_section(article, "example-envelope")
    samples = list_samples(section)
    if len(samples) != 2:
        return [f"{error.code} example: {len(samples)} code blocks"]
    captions = [read_text(element) for element in section if element.get("class") == "caption"]
    caption = "The message and the status are the vendor's. The trace is made up."
    return compare_parts(
        error.code,
        ("head", samples[0], format_head(error)),
        ("envelope", parse_json(samples[1]), make_envelope(error)),
        ("caption", captions, [caption]),
    )


def parse_json(text: str) -> object:
    """Return the value of a JSON text, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def describe_response(row: Observed, catalogue: Catalogue) -> str:
    """Return what a page shows of a real response."""
    source = catalogue.sources[row.source]
    parts = [row.wording, f"HTTP {row.http_status}" if row.http_status else None, row.date, name_source(source)]
    return fold(f"{' · '.join(part for part in parts if part)} {strip_markup(row.note)} {row.body}")


def find_wrong_responses(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check the real responses on a code's page: all of them, in order, and none on other pages."""
    rows = catalogue.list_observed(error.code)
    section = find_section(article, WILD)
    return compare_parts(
        error.code,
        ("real responses", list_items(section), [describe_response(row, catalogue) for row in rows]),
        ("bodies", list_samples(section), [row.body for row in rows]),
    )


def describe_confusion(catalogue: Catalogue, error: ErrorCode, other: ErrorCode) -> str:
    """Return what a page shows of a code confused with its own: number, message with one full stop, difference."""
    difference = strip_markup(catalogue.explain_difference(error.code, other.code))
    return f"{other.code} {other.message.removesuffix('.')}. {difference}"


def find_wrong_related(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check the codes confused with this one: each linked, with message and difference, or that there is none."""
    section = find_section(article, "related-codes")
    others = [catalogue.by_code[code] for code in error.related]
    texts = [fold(describe_confusion(catalogue, error, other)) for other in others]
    links = [name_target(next(item.iter("a"))) for part in section for item in part.iter("li") if list(item.iter("a"))]
    sentence = [] if others else ["No other code is easily confused with this one."]
    return compare_parts(
        error.code,
        ("related", list_items(section), texts),
        ("links to related codes", links, list(error.related)),
        ("related", [read_text(part) for part in section if part.tag == "p"], sentence),
    )


def find_wrong_provenance(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check the provenance on a code's page: what BitMart is, the vendor's row, the note, every source cited above."""
    section = find_section(article, "provenance")
    sources = catalogue.list_evidence(error)
    details = [part for part in section if part.tag == "details"]
    paragraphs = [read_text(part) for detail in details for part in detail if part.tag == "p"]
    note = fold(strip_markup(error.note.text)) if error.note else ""
    bare = "Nothing beyond the vendor's row is published. All causes and steps are our inference."
    expected = [
        f"The vendor's row, in the table of {error.section.label.lower()} codes:",
        *([note] * bool(note)),
        "Sources, with what their signs mean:" if sources else bare,
    ]
    links = [urldefrag(link.get("href") or "") for part in section for link in part.iter("a")]
    targets = {fragment for url, fragment in links if name_page(url) == "provenance"}
    first = read_text(section[0]) if section else ""
    return [
        *compare_parts(
            error.code,
            ("says what BitMart is", first.startswith("BitMart's futures API has the same"), True),
            ("vendor's row", list_samples(section)[:1], [f"{error.message} | {error.code} | {error.http_status}"]),
            ("provenance", _match_starts(paragraphs, expected), expected),
            ("links to the guide", targets, {"judgements", *(["evidence"] if sources else [])}),
            ("name", f"is {error.name}." in " ".join(paragraphs), True),
        ),
        *find_wrong_tags(sources, section),
        *find_wrong_sources(sources, [item for part in section for item in part.iter("li")]),
    ]


def _match_starts(found: Sequence[str], starts: Sequence[str]) -> list[str]:
    return [text[: len(start)] for text, start in zip(found, starts, strict=False)]


def find_wrong_sources(sources: Iterable[Source], items: Iterable[Element]) -> list[str]:
    """Check the numbered sources of a page: anchor, kind, key, title, address, archived copies and day of each."""
    shown = [
        (
            read_text(item),
            [link.get("href") for link in item.iter("a")],
            [(span.get("id"), span.get("class")) for span in item.iter("span")],
        )
        for item in items
    ]
    expected = [
        (
            f"{source.kind.label} {source.key}: {name_source(source)}, read {source.retrieved}",
            [url for url in (source.url, source.archive_url) if url],
            [(f"source-{number}", f"ev-{source.kind}")],
        )
        for number, source in enumerate(sources, 1)
    ]
    return compare("sources", shown, expected)


def name_source(source: Source) -> str:
    """Return the title of a source as pages show it."""
    if not source.url:
        return f"{fold(source.title)} (no public address known)"
    return f"{fold(source.title)} (archived copies)" if source.archive_url else fold(source.title)


def find_wrong_services(error: ErrorCode, article: Element, line: int, url: str) -> list[str]:
    """Check what a code's page offers: itself for programs, the row to edit, a link for runbooks."""
    hrefs = [link.get("href") or "" for link in article.iter("a")]
    files = [href for href in hrefs if href in {"index.json", "index.md"}]
    lines = [line for sample in list_samples(find_section(article, "provenance"))[1:] for line in sample.split("\n")]
    words = f"{error.code} {fold(error.message)}"
    link = convert(lines[0]) if lines else convert("")
    return compare_parts(
        error.code,
        ("files for programs", files, ["index.json", "index.md"]),
        (
            "actions",
            [button.get("data-copy") for button in article.iter("button") if button.get("data-copy")],
            ["link", "markdown", "note"],
        ),
        ("edit link", [href for href in hrefs if ERRORS in href], [f"{REPO_URL}/blob/main/{ERRORS}#L{line}"]),
        (
            "runbook link",
            [(read_text(anchor), anchor.get("href")) for anchor in link.iter("a")],
            [(words, f"{url}codes/{error.code}/")],
        ),
        ("runbook address", lines[1:], [f"{url}codes/{error.code}/#remediation"]),
    )


def list_guide_links(parts: Iterable[Element]) -> set[str]:
    """Return the guides, with anchors, to which parts of a page lead; links to the glossary are left out."""
    links = [urldefrag(link.get("href") or "") for part in parts for link in part.iter("a")]
    guides = {f"{name_page(url)}{'#' * bool(anchor)}{anchor}" for url, anchor in links if "guides/" in url}
    return {guide for guide in guides if not guide.startswith("glossary")}


def find_wrong_frame(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check what frames a code's page: breadcrumb, actions, the line of the closed details, links to guides."""
    trails = [read_text(nav) for nav in article.iter("nav")]
    homes = [urldefrag(link.get("href") or "").url for nav in article.iter("nav") for link in nav.iter("a")][:1]
    before, after = list_around(catalogue, error)
    steps = [f"← {before}"] * bool(before) + [f"{after} →"] * bool(after)
    trail = " ".join([f"All codes › {error.section.label} › {error.category.label}", *steps])
    actions = [element.get("data-actions") for element in article.iter() if element.get("data-actions") is not None]
    count = len(catalogue.list_evidence(error))
    closed = iter_elements(article, "details", "provenance")
    lines = [read_text(summary) for details in closed for summary in details.iter("summary")]
    note = [error.note] if error.note else []
    numbers = number_sources(catalogue.list_evidence(error))
    notes = [describe_item(item, numbers).removesuffix(" inference") for item in note]
    provenance = find_section(article, "provenance")
    paragraphs = [read_text(part) for details in provenance for part in details if part.tag == "p"]
    mock = set() if catalogue.list_requests(error.code) else {"testing"}
    look_up = {"retries#look-up"} if error.outcome.in_doubt else set()
    form = {"signing"} if error.category is Category.SIGNATURE else set()
    form |= {"clock"} if error.category is Category.CLOCK else set()
    return compare_parts(
        error.code,
        ("breadcrumb", trails, [trail]),
        ("breadcrumb link", [home in {"../codes/index.md", "../"} for home in homes], [True]),
        ("actions", actions, [error.code]),
        ("details", lines, [f"The vendor's row, {count} sources, addresses for runbooks"]),
        ("note", [text for text in notes if text not in paragraphs], []),
        ("guide of the form", list_guide_links(iter_elements(article, "details", FORM)), form),
        ("guide of the requests", list_guide_links(find_section(article, "requests")), mock),
        ("guide of the look-up", list_guide_links(find_section(article, LOOK)), look_up),
        ("guides of the provenance", {"programs", "runbooks#link"} - list_guide_links(provenance), set()),
    )


def find_wrong_neighbours(catalogue: Catalogue, error: ErrorCode, article: Element) -> list[str]:
    """Check the links to the codes before and after."""
    before, after = list_around(catalogue, error)
    around = [(word, code) for word, code in (("Previous", before), ("Next", after)) if code]
    text = " · ".join(f"{word}: {code} {fold(catalogue.by_code[code].message)}" for word, code in around)
    targets = [code for _, code in around]
    found = [
        (read_text(line), [name_target(link) for link in line.iter("a")])
        for line in iter_elements(article, css_class="neighbours")
    ]
    steps = [[name_target(link) for link in part.iter("a")] for part in iter_elements(article, "span", "steps")]
    return compare_parts(error.code, ("neighbours", found, [(text, targets)]), ("steps", steps, [targets]))


def list_around(catalogue: Catalogue, error: ErrorCode) -> tuple[str | None, str | None]:
    """Return the codes before and after one, as they stand in the data."""
    codes = [None, *(other.code for other in catalogue.errors), None]
    at = codes.index(error.code)
    return codes[at - 1], codes[at + 1]


def find_wrong_notice(error: ErrorCode, article: Element) -> list[str]:
    """Check that a retired code says so, with the day, and that no other page warns."""
    notices = [read_text(element) for element in iter_elements(article, css_class="admonition")]
    words = "The vendor's page has not listed this code since {}. Old logs may still hold it, so this page stays."
    return compare(f"{error.code} notice", notices, [f"Retired {words.format(error.retired)}"] if error.retired else [])


def make_code_page_checks(catalogue: Catalogue, url: str) -> dict[str, Callable[[ErrorCode, Element], list[str]]]:
    """Return name → check of the content of a code's page, to be called with the row and the page's article."""
    return {
        "find_wrong_anchors": partial(find_wrong_anchors, catalogue),
        "find_wrong_opening": find_wrong_opening,
        "find_wrong_facts": find_wrong_facts,
        "find_wrong_items": partial(find_wrong_items, catalogue),
        "find_wrong_example": find_wrong_example,
        "find_wrong_responses": partial(find_wrong_responses, catalogue),
        "find_wrong_look_up": find_wrong_look_up,
        "find_wrong_requests": partial(find_wrong_requests, catalogue),
        "find_wrong_terms": partial(find_wrong_terms, catalogue),
        "find_wrong_related": partial(find_wrong_related, catalogue),
        "find_wrong_provenance": partial(find_wrong_provenance, catalogue),
        "find_wrong_services": lambda error, page: find_wrong_services(error, page, catalogue.lines[error.code], url),
        "find_wrong_way": find_wrong_way,
        "find_wrong_frame": partial(find_wrong_frame, catalogue),
        "find_wrong_neighbours": partial(find_wrong_neighbours, catalogue),
        "find_wrong_notice": find_wrong_notice,
    }


def find_wrong_status_page(catalogue: Catalogue, row: HttpStatusRow, article: Element) -> list[str]:
    """Check the content of a status's page: heading, summary, headings, remarks, steps, codes and provenance."""
    place = f"HTTP {row.status}"
    steps, meaning, codes, provenance = (find_section(article, anchor) for anchor in STATUS_ANCHORS)
    sent = catalogue.errors_with_status(row.status)
    keys = dict.fromkeys(key for item in row.iter_items() for key in item.evidence)
    sources = [catalogue.sources[key] for key in keys]
    numbers = number_sources(sources)
    quote = f"The vendor describes {row.status} so: “{fold(row.description)}”."
    missing = f"The vendor's list of global HTTP return codes does not have {row.status}."
    shown = [read_text(part) for part in provenance if part.tag == "p"]
    note = [describe_item(row.note, numbers).removesuffix(" inference")] if row.note else []
    head = (f"http-{row.status}", f"HTTP {row.status} {row.reason}")
    first = f"Do first: {fold(strip_markup(row.steps[0].text))}"
    homes = [urldefrag(link.get("href") or "").url for nav in article.iter("nav") for link in nav.iter("a")]
    labels = list(dict.fromkeys(error.outcome.label for error in sent))
    facts = {
        f"Codes with {row.status}": str(len(sent) or "no code"),
        "Writes with a code": ", ".join(labels) or "no code",
        "Writes without a code": "May have executed",
    }
    shown_facts = dict(zip(map(read_text, article.iter("dt")), map(read_text, article.iter("dd")), strict=True))
    return [
        *compare_parts(
            place,
            ("breadcrumb", [read_text(nav) for nav in article.iter("nav")], [f"All HTTP statuses › {row.status}"]),
            ("breadcrumb link", [home in {"../http/index.md", "../"} for home in homes], [True]),
            ("guides", list_guide_links(provenance), {"provenance#evidence"} if sources else set()),
            ("summary", list_texts(article, "summary"), [fold(strip_markup(row.summary))]),
            ("first step", list_texts(article, "first-step"), [first]),
            ("headings", tuple(h.get("id") for h in article.iter("h2")), STATUS_ANCHORS),
            ("meaning", list_items(meaning), [describe_item(item, numbers) for item in row.meaning]),
            ("steps", list_items(steps), [describe_item(item, numbers) for item in row.steps]),
            ("steps", [part.tag for part in steps], ["ol"]),
            ("facts", shown_facts, facts),
            ("provenance", shown[: 1 + len(note)], [quote if row.description else missing, *note]),
            ("alternate", [a.get("href") for p in provenance for a in p.iter("a")][-1:], ["index.md"]),
        ),
        *compare(place, [(h.get("id"), read_text(h)) for h in article.iter("h1")], [head]),
        *find_wrong_rows(sent, [table for part in codes for table in part.iter("table")], "../../"),
        *find_wrong_sources(sources, [i for p in provenance for i in p.iter("li")]),
        *find_wrong_tags(sources, [*meaning, *steps, *provenance]),
        *find_wrong_inner_links(catalogue, "", [*row.meaning, *row.steps], [*meaning, *steps]),
    ]


def find_wrong_rows(errors: Sequence[ErrorCode], tables: Sequence[Element], root: str) -> list[str]:
    """Check a table of codes: one row a code, with link, cells and the values that the filter reads."""
    if len(tables) != bool(errors):
        return [f"{len(tables)} tables for {len(errors)} codes"]
    rows = [row for table in tables for row in table.iter("tr") if list(row.iter("td"))]
    expected = [_expect_row(error, root) for error in errors]
    lines = compare("codes in the table", [read_text(row[0]) for row in rows], [error.code for error in errors])
    for row, cells in zip(rows, expected, strict=False):
        link = [anchor.get("href") for anchor in row.iter("a")]
        lines += compare("row of the table", (link, [read_text(cell) for cell in row], dict(row.items())), cells)
    marks = [mark.get("class") for row in rows for mark in iter_elements(row, "span", "mark")]
    lines += compare("marks", marks, [f"mark mark-{error.retry}" for error in errors])
    return lines + [f"table {number}: no caption" for number, table in enumerate(tables) if not _read_captions(table)]


def _read_captions(table: Element) -> list[str]:
    return [text for caption in table.iter("caption") if (text := read_text(caption))]


def _expect_row(error: ErrorCode, root: str) -> tuple[list[str], list[str], dict[str, str]]:
    words = [error.outcome.label, error.retry.label, error.actor.label]
    values = {"class": f"risk-{error.outcome}"} if error.outcome.in_doubt else {}
    values["data-category"] = error.category.value
    message = fold(f"{error.message} {strip_markup(error.summary)}")
    return [f"{root}codes/{error.code}/"], [error.code, message, str(error.http_status), *words], values


# What stands before the retry of a code that leaves a write in doubt.
LIMITS = {Retry.BACKOFF: "Reads only"}


def find_wrong_map(catalogue: Catalogue, root: Element) -> list[str]:
    """Check the rows of the home page: every code once, grouped, with message, outcome and retry in words."""
    rows = [link for part in iter_elements(root, "ul", "code-rows") for link in part.iter("a")]
    found = {link.get("href"): (link.get("class"), [read_text(part) for part in link]) for link in rows}
    expected = {
        f"codes/{e.code}/": (f"risk-{e.outcome}", [e.code, fold(e.message), e.outcome.label, advice])
        for e in catalogue.errors
        for advice in [
            e.retry.label if not e.outcome.in_doubt else f"{LIMITS.get(e.retry, 'Look it up, then')}: {e.retry.label}"
        ]
    }
    groups = [(heading.get("id"), bool(read_text(heading))) for heading in root.iter("h3")]
    labels = [part.get("aria-labelledby") for part in iter_elements(root, "ul") if part.get("aria-labelledby")]
    statuses = [
        (link.get("href"), read_text(link))
        for part in iter_elements(root, "ul", "status-strip")
        for link in part.iter("a")
    ]
    doors = [
        (link.get("href"), [read_text(part) for part in link])
        for part in iter_elements(root, "ul", "doors")
        for link in part.iter("a")
    ]
    return [
        *(f"home: {href}: {found.get(href)}" for href, row in expected.items() if found.get(href) != row),
        *compare("rows of the home page", len(rows), len(catalogue.errors)),
        *compare("groups of the home page", groups, [(label, True) for label in labels]),
        *compare(
            "statuses", statuses, [(f"http/{row.status}/", f"{row.status} {row.reason}") for row in catalogue.statuses]
        ),
        *compare(
            "doors",
            doors,
            [(href, [title, words, str(len(codes))]) for title, words, href, codes in list_doors(catalogue)],
        ),
    ]


def list_parts(root: Element, tag: str) -> list[Element]:
    """Return the elements of a picture with this tag, whatever their namespace."""
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == tag]


def find_wrong_picture(catalogue: Catalogue, root: Element) -> list[str]:
    """Check the picture of the decision: the number of codes on each way, a title and a text for screen readers."""
    words = [read_text(text) for text in list_parts(root, "text")]
    outcomes = [error.outcome for error in catalogue.errors]
    accepted = outcomes.count(Outcome.ACCEPTED)
    expected = {
        f"{outcomes.count(Outcome.REJECTED)} codes",
        f"{accepted} code{'s' * (accepted != 1)}",
        f"{sum(outcome.in_doubt for outcome in outcomes)} codes, or no code",
    }
    boxes = list_parts(root, "rect")
    places = [part.get("x") and part.get("y") for part in [*boxes, *list_parts(root, "text")]]
    kinds = {box.get("class") for box in list_parts(root, "g")}
    told = [bool(read_text(part)) for tag in ("title", "desc") for part in list_parts(root, tag)]
    return [
        *(f"picture: lacks {text}" for text in sorted(expected - set(words))),
        *compare("picture told", told, [True, True]),
        *compare("words", (len(words), all(words)), (2 * len(boxes), True)),
        # A tree has one box more than it has ways.
        *compare("boxes", len(boxes), 1 + sum("M" in (path.get("d") or "") for path in list_parts(root, "path")[1:])),
        *compare("places", (all(places), all(box.get("width") for box in boxes)), (True, True)),
        *compare("kinds", kinds >= {"box risk", "box good", "box quiet"}, expected=True),
    ]


def find_wrong_way(error: ErrorCode, article: Element) -> list[str]:
    """Check the line from the error to what may be done."""
    ways = [[read_text(item) for item in way.iter("li")] for way in iter_elements(article, "ol", "way")]
    kinds = [
        item.get("class") for way in iter_elements(article, "ol", "way") for item in way.iter("li") if item.get("class")
    ]
    if error.outcome.in_doubt:
        rest = ["Look it up", "Found: use that row", "Not found: a person decides"]
    elif error.outcome is Outcome.ACCEPTED:
        rest = ["Watch its result"]
    else:
        pause = f": {error.after} s" if error.retry is Retry.BACKOFF else ""
        act = {Retry.STOP: "A person acts", Retry.FIX: "Follow the steps"}.get(error.retry, "Decide anew, then send")
        rest = [error.retry.label + pause, act]
    return compare_parts(
        error.code,
        ("way", ways, [[f"You get {error.code}", error.outcome.label, *rest]]),
        ("colour of the way", kinds, [f"risk-{error.outcome}"]),
    )


def find_wrong_matrix(catalogue: Catalogue, root: Element) -> list[str]:
    """Check the matrix: every code once, in the row of its retry and the column of its outcome."""
    heads = [read_text(cell) for row in root.iter("tr") if not list(row.iter("td")) for cell in row.iter("th")][1:]
    rows = [row for row in root.iter("tr") if list(row.iter("td"))]
    found = {
        (read_text(row[0]), head, read_text(anchor), anchor.get("href"))
        for row in rows
        for head, cell in zip(heads, row.findall("td"), strict=False)
        for anchor in cell.iter("a")
    }
    expected = {
        (
            f"{error.retry.label}{error.retry.description}",
            f"{error.outcome.label}{error.outcome.description}",
            error.code,
            f"../../codes/{error.code}/",
        )
        for error in catalogue.errors
    }
    cells = len(list(root.iter("a")))
    return [
        *(f"matrix: {cell}" for cell in sorted(found ^ expected, key=str)),
        *compare("codes in the matrix", cells, len(catalogue.errors)),
        *compare("rows of the matrix", len(rows), len(Retry)),
        *_find_wrong_tooltips(catalogue, root.iter("a")),
    ]


def _find_wrong_tooltips(catalogue: Catalogue, links: Iterable[Element]) -> list[str]:
    return [
        line
        for link in links
        for line in compare("tooltip", link.get("title"), catalogue.by_code[read_text(link)].message)
    ]


def find_wrong_status_index(catalogue: Catalogue, root: Element) -> list[str]:
    """Check the index of statuses: the summary of each, what a write may have done, and its codes with messages."""
    found = [
        (
            [(read_text(anchor), anchor.get("href"), anchor.get("class")) for anchor in row.iter("a")],
            [read_text(cell) for cell in row][:3],
        )
        for row in root.iter("tr")
        if list(row.iter("td"))
    ]
    return compare("index of statuses", found, [_expect_status_row(catalogue, row) for row in catalogue.statuses])


def _expect_status_row(catalogue: Catalogue, row: HttpStatusRow) -> tuple[list[tuple[str, str, str | None]], list[str]]:
    errors = catalogue.errors_with_status(row.status)
    outcomes = ", ".join(dict.fromkeys(error.outcome.label for error in errors)) or "no code"
    links: list[tuple[str, str, str | None]] = [
        (fold(f"{error.code} {error.message}"), f"../codes/{error.code}/", f"risk-{error.outcome}") for error in errors
    ]
    cells = [f"{row.status} {row.reason}", fold(strip_markup(row.summary)), outcomes]
    return [(str(row.status), f"{row.status}/", None), *links], cells


def find_wrong_source_list(catalogue: Catalogue, root: Element) -> list[str]:
    """Check the list of all sources: grouped by kind, each with title and address."""
    heads = [(heading.get("id"), read_text(heading)) for heading in root.iter("h3")]
    parts = [element for element in root.iter() if element.tag in {"h3", "p", "li"}]
    shown = [read_text(part) for part in parts]
    groups = {kind: [s for s in catalogue.sources.values() if s.kind is kind] for kind in SourceKind}
    expected = [
        text
        for kind, sources in groups.items()
        for text in (kind.label, kind.description, *(f"{s.key}: {name_source(s)}, read {s.retrieved}" for s in sources))
    ]
    addresses = [link.get("href") for link in root.iter("a") if link.get("class") != "headerlink"]
    listed = [url for sources in groups.values() for s in sources for url in (s.url, s.archive_url) if url]
    return [
        *compare("kinds of sources", heads, [(f"sources-{kind}", kind.label) for kind in SourceKind]),
        *compare("list of sources", shown, expected),
        *compare("addresses", addresses, listed),
    ]


# The built site


# Parse errors that are the theme's own, each with the reason why it stays: "path-independent error" → reason.
THEME_ERRORS: dict[str, str] = {}

# Signs of a template or macro that was published unrendered. Samples of other template languages stand in <pre>.
LEFTOVERS = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{#|Macro (?:Syntax |Rendering )?Error|\bundefined\b|\bNone\b(?! of\b)|guide:"
)


def list_code_paths(catalogue: Catalogue) -> set[str]:
    """Return the files below codes/ and http/ that the rows ask for."""
    codes = (f"codes/{error.code}/index.html" for error in catalogue.errors)
    return {"codes/index.html", *codes, "http/index.html", *(f"http/{r.status}/index.html" for r in catalogue.statuses)}


def find_wrong_paths(catalogue: Catalogue, paths: Iterable[str], folder: str) -> list[str]:
    """Return the pages of a folder that the rows ask for and the site lacks, or the other way round."""
    found = {path for path in paths if path.startswith(f"{folder}/") and path.endswith(".html")}
    expected = {path for path in list_code_paths(catalogue) if path.startswith(f"{folder}/")}
    return [f"{path}: only the rows or only the site has it" for path in sorted(found ^ expected)]


def find_unpublished(paths: Iterable[str]) -> list[str]:
    """Return the pages of docs/ that the site lacks, or the other way round."""
    sources = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    stems = {path.removesuffix("index.md").removesuffix(".md") for path in sources}
    expected = {f"{stem}/" if stem and not stem.endswith("/") else stem for stem in stems}
    found = {path.removesuffix("index.html") for path in paths if path.endswith(".html") and path != "404.html"}
    return [f"{path or './'}: only docs/ or only the site has it" for path in sorted(found ^ expected)]


def iter_page_prose(element: Element) -> Iterator[str]:
    """Yield all text and attribute values of an element, without code, scripts and samples."""
    if element.tag not in {"pre", "code", "script", "style", "comment"}:
        yield from (value for name, value in element.items() if name in {"title", "alt", "content", "aria-label"})
        yield element.text or ""
        for child in element:
            yield from iter_page_prose(child)
    yield element.tail or ""


def find_leftovers(path: str, root: Element) -> list[str]:
    """Return the first sign of something unrendered on a page."""
    hit = LEFTOVERS.search(" ".join(iter_page_prose(root)))
    return [f"{path}: {hit[0]}"] if hit else []


def find_wrong_head(path: str, root: Element, url: str) -> list[str]:
    """Check what a page says of itself: language, one heading, description, its own address."""
    own = urljoin(url, path.removesuffix("index.html"))
    links = list_links(root)
    canonical = [link.url for link in links if "canonical" in link.rel]
    twins = [meta.get("href") for meta in root.iter("link") if meta.get("type") == "text/markdown"]
    description = read_meta(root, "description") or ""
    graph = {meta.get("property"): meta.get("content") for meta in root.iter("meta") if meta.get("property")}
    missing = path == "404.html"
    return compare_parts(
        path,
        ("language", root.get("lang"), "en"),
        ("first headings", len(list(root.iter("h1"))), 1),
        ("description", 0 < len(description) <= MAX_DESCRIPTION, True),
        ("canonical", canonical, [] if missing else [own]),
        ("Markdown", [urljoin(own, twin or "") for twin in twins], [] if missing else [f"{own}index.md"]),
        ("og:title", bool(graph.get("og:title")), not missing),
        ("og:image", bool(graph.get("og:image")), not missing),
        ("og:url", graph.get("og:url"), None if missing else own),
        ("og:description", graph.get("og:description"), None if missing else description),
    )


def find_wrong_code_head(error: ErrorCode, root: Element) -> list[str]:
    """Check title and description of a code's page, for tabs and for those who link it."""
    words = f"{error.code} {fold(error.message)}"
    graph = [fold(meta.get("content") or "") for meta in root.iter("meta") if meta.get("property") == "og:title"]
    return compare_parts(
        error.code,
        ("og:title", graph, [words]),
        ("title", [read_text(t) for t in root.iter("title")][:1], [f"{words} - {SITE_NAME}"]),
        ("description", fold(read_meta(root, "description") or ""), fold(describe_error(error))),
    )


def find_wrong_status_head(row: HttpStatusRow, root: Element) -> list[str]:
    """Check title and description of a status's page."""
    title = f"HTTP {row.status} {row.reason} - {SITE_NAME}"
    return compare_parts(
        row.status,
        ("title", [read_text(t) for t in root.iter("title")][:1], [title]),
        ("description", fold(read_meta(root, "description") or ""), fold(describe_status(row))),
    )


def find_repeated_ids(path: str, root: Element) -> list[str]:
    """Return the ids that stand more than once on a page."""
    return [f"{path}: {name}" for name in find_repeats(list_ids(root))]


def name_error(error: str) -> str:
    """Return a parse error without its position."""
    return error.split(": ", 1)[1]


def find_invalid_html(page: Page) -> list[str]:
    """Return the parse errors of a page that are not the theme's own."""
    return [f"{page.path} {error}" for error in page.errors if name_error(error) not in THEME_ERRORS]


FOREIGN_STYLES = re.compile(r"url\(\s*[\"']?(?:https?:)?//|@import")


def find_foreign_styles(path: str, text: str) -> list[str]:
    """Return a style sheet that fetches anything from elsewhere."""
    return [path] if FOREIGN_STYLES.search(text) else []


def read_search(content: bytes) -> dict[str, str]:
    """Return location → title and text of every entry of the search index."""
    return {entry["location"]: f"{entry['title']} {entry['text']}" for entry in json.loads(content)["docs"]}


def find_unsearchable(catalogue: Catalogue, content: bytes) -> list[str]:
    """Return the codes whose page the search index does not hold under code and message."""
    entries = read_search(content)
    titles = {f"codes/{error.code}/": fold(f"{error.code} {error.message}") for error in catalogue.errors}
    return [f"{place}: {title}" for place, title in titles.items() if not entries.get(place, "").startswith(title)]


def find_searchable_tables(catalogue: Catalogue, content: bytes) -> list[str]:
    """Return the entries of the search index that hold rows of the tables of codes."""
    tables = {
        place: text
        for place, text in read_search(content).items()
        if re.fullmatch(r"(?:#.*)?|codes/(?:#.*)?|http/(?:#.*)?|http/\d+/#codes", place)
    }
    missing = [f"{place or './'} is not in the index" for place in ("", "codes/", "http/") if place not in tables]
    long = [error.message for error in catalogue.errors if len(error.message) > 10]
    return missing + [place for place, text in tables.items() if any(message in text for message in long)]
