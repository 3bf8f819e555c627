"""Checks of data/*.csv and of the vendor's page: rows, catalogue or page in, one line for every problem out."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from http import HTTPStatus

from pydantic import ValidationError

from catalogue.model.loading import CatalogueError, build_catalogue
from catalogue.model.rows import Catalogue, ErrorCode, HttpStatusRow
from catalogue.model.vocabulary import Actor, Outcome, Retry
from catalogue.paths import CONFUSIONS, ERRORS, LIBRARY, OBSERVED, REQUESTS, STATUSES
from catalogue.render.markdown import strip_markup
from catalogue.vendor.page import SpecPage
from catalogue.vendor.snapshot import Manifest
from tests.site_tools import ROOT, find_repeats, read_data

# The data files


GUIDES = ROOT / "docs" / "guides"
MAX_WORDS = 25
MIN_WORDS = 100
MAX_ROWS_PER_LINE = 3

# `twins`: codes easily taken for each other; each pair must be related. `disputed`: codes on which official page,
# BitMart's docs and client libraries contradict each other. `decisions` and `categories`: what bots decide by, and
# under what the table files a code, written down a second time on purpose: a slip in one token of a row can cost a
# reader a second position; codes added later need not stand here. `look_ups`: how a step names the ways to find out
# what became of a write.
JUDGEMENTS = read_data("judgements.json")
PAIRS = [(code, other) for code, others in JUDGEMENTS["twins"].items() for other in others]
DISPUTED: list[str] = JUDGEMENTS["disputed"]

# Numbers of other vendors' tables that prose names on purpose: number → why it is not in the catalogue.
FOREIGN_NUMBERS = {"40059": "a code of BitMart's docs only; the row says so"}

LOOK_UPS: list[str] = JUDGEMENTS["look_ups"]
SEARCHES = (*LOOK_UPS, "Search", "Look for", "transfer-history", "went through")

# Advice that harms the reader, unless the same sentence forbids it.
HARMFUL = re.compile(
    r"\b(?:use|try|through|via|over|with|behind) (?:a|another|some) (?:VPN|proxy|region|country|address|IP)\b"
    r"|\b(?:omit|drop|remove|leave out|skip) (?:the |its |your |both |every )?(?:ids?\b|`?(?:client_)?order_id`?)"
    r"|\b(?:change|switch|rotate|swap) (?:the |your )?(?:keys?|IPs?|address(?:es)?)\b"
    r".*\b(?:round|around|avoid|evade|past)\b"
    r"|\b(?:resend|re-send|repeat|send) (?:the |your )?(?:order|write|transfer) (?:again )?"
    r"(?:at once|immediately|unchanged)\b",
    re.IGNORECASE,
)
FORBIDS = re.compile(r"\b(?:do not|don't|never|not|no|cannot)\b", re.IGNORECASE)
GUIDE_LINK = re.compile(r"\]\(guide:([a-z-]+)(?:#([a-z0-9-]+))?\)")
ANCHOR = re.compile(r"\{[^{}]*#([a-z0-9-]+)[^{}]*\}")


def edit_row(catalogue: Catalogue, code: str, /, **cells: object) -> Catalogue:
    """Return the catalogue with other cells in one row of errors.csv."""
    rows = (row.model_copy(update=cells) if row.code == code else row for row in catalogue.errors)
    return replace(catalogue, errors=tuple(rows))


def find_load_problems(files: Mapping[str, bytes], guides: Mapping[str, str]) -> list[str]:
    """Return what the loader refuses."""
    try:
        build_catalogue(files, guides)
    except CatalogueError as error:
        return [str(problem) for problem in error.problems]
    return []


def list_lines(error: ErrorCode) -> list[str]:
    """Return causes and steps as text, without evidence keys."""
    return [item.text for item in (*error.causes, *error.remediation)]


def read_prose(error: ErrorCode) -> str:
    """Return all prose of a row: summary, first step, causes, steps and note."""
    return "\n".join([error.summary, error.first, *(item.text for item in error.iter_items())])


def read_steps(error: ErrorCode, count: int | None = None) -> str:
    """Return the first steps of a row (default: all) as one text."""
    return "\n".join(item.text for item in error.remediation[:count])


def iter_prose(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of every prose cell of all data files."""
    for error in catalogue.errors:
        yield f"{ERRORS}:{catalogue.lines[error.code]}", read_prose(error)
    for row in catalogue.statuses:
        yield f"HTTP {row.status}", "\n".join([row.summary, *(item.text for item in row.iter_items())])
    for response in catalogue.observed:
        yield f"{OBSERVED} {response.code}", response.note
    yield from ((f"change {row.id}", row.text.text) for row in catalogue.changes)
    yield from ((f"{CONFUSIONS} {row.code}", row.difference) for row in catalogue.confusions)
    yield from ((f"{REQUESTS} {row.code}", row.note) for row in catalogue.requests)
    yield from ((f"{LIBRARY} {row.code}", row.disagreement) for row in catalogue.library)
    yield from ((f"term {row.anchor}", row.definition.text) for row in catalogue.glossary)


def find_removed_rows(catalogue: Catalogue, addresses: Iterable[str]) -> list[str]:
    """Return the codes whose pages have been published (`addresses` lists all of them) and that have no row."""
    published = {match[1] for address in addresses if (match := re.fullmatch(r"codes/([0-9]+)/", address))}
    return sorted(published - set(catalogue.by_code))


def find_worn_lines(catalogue: Catalogue) -> list[str]:
    """Return the lines that stand in more rows than allowed."""
    counts = Counter(line for error in catalogue.errors for line in set(list_lines(error)))
    return [f"{count} rows: {line}" for line, count in counts.items() if count > MAX_ROWS_PER_LINE]


def find_repeated_lines(catalogue: Catalogue) -> list[str]:
    """Return the lines that stand twice in one row."""
    return [f"{error.code}: {line}" for error in catalogue.errors for line in find_repeats(list_lines(error))]


def find_shared_causes(catalogue: Catalogue) -> list[str]:
    """Return the codes whose causes are those of another code."""
    causes = {error.code: frozenset(item.text for item in error.causes) for error in catalogue.errors}
    return [code for code, lines in causes.items() if list(causes.values()).count(lines) > 1]


def is_generic(line: str) -> bool:
    """Whether a line would fit every code."""
    return line in JUDGEMENTS["generic_lines"] or len(line.split()) < 4


def find_generic_lines(catalogue: Catalogue) -> list[str]:
    """Return the causes and steps that would fit every code."""
    return [f"{e.code}: {line}" for e in catalogue.errors for line in list_lines(e) if is_generic(line)]


def find_repeated_summaries(catalogue: Catalogue) -> list[str]:
    """Return the summaries of more than one code."""
    return find_repeats(error.summary for error in catalogue.errors)


def find_long_summaries(catalogue: Catalogue) -> list[str]:
    """Return the codes whose summary or first step does not end with a full stop, or has a sentence too long."""
    return [
        error.code
        for error in catalogue.errors
        for text in (error.summary, error.first)
        if not text.endswith(".") or any(len(part.split()) > MAX_WORDS for part in re.split(r"(?<=[.]) ", text))
    ]


def find_double_blanks(catalogue: Catalogue) -> list[str]:
    """Return the places of prose with two blanks together."""
    return [place for place, text in iter_prose(catalogue) if "  " in text]


def find_other_markup(catalogue: Catalogue) -> list[str]:
    """Return the places of prose with markup beside code spans and guide links."""
    leftovers = re.compile(r"`|\]\(|\*\*|\bhttps?://\S+\]|guide:")
    return [place for place, text in iter_prose(catalogue) if leftovers.search(strip_markup(text))]


def find_unknown_numbers(catalogue: Catalogue) -> list[str]:
    """Return the numbers in prose that look like a code of the vendor and are none."""
    known = catalogue.by_code.keys() | FOREIGN_NUMBERS.keys()
    numbers = re.compile(r"(?<![\w.`])([34]\d{4})(?![\w.`]\w|\d| ms)")
    return [f"{place}: {n}" for place, text in iter_prose(catalogue) for n in numbers.findall(text) if n not in known]


def find_idle_foreign_numbers(catalogue: Catalogue) -> list[str]:
    """Return the exempted numbers that no prose names, or that have become codes."""
    prose = "\n".join(text for _, text in iter_prose(catalogue))
    return [number for number in FOREIGN_NUMBERS if number not in prose or number in catalogue.by_code]


def find_confusion(catalogue: Catalogue, code: str, other: str) -> list[str]:
    """Return the relation that two codes lack although they are easily confused."""
    pairs = ((catalogue.by_code[code], other), (catalogue.by_code[other], code))
    return [f"Add {b} to the related codes of {a.code}." for a, b in pairs if b not in a.related]


def find_vague_differences(catalogue: Catalogue) -> list[str]:
    """Return the pairs of codes whose difference does not name both."""
    return [
        f"{row.code} and {row.other}"
        for row in catalogue.confusions
        if not {row.code, row.other} <= set(re.findall(r"[0-9]{4,5}", row.difference))
    ]


def is_thin(error: ErrorCode) -> bool:
    """Whether a row says too little: under two causes or steps, or few words in all."""
    words = sum(len(line.split()) for line in list_lines(error))
    return len(error.causes) < 2 or len(error.remediation) < 2 or words < MIN_WORDS


def find_thin_rows(catalogue: Catalogue) -> list[str]:
    """Return the codes whose rows say too little."""
    return [error.code for error in catalogue.errors if is_thin(error)]


def find_one_source(catalogue: Catalogue, code: str) -> list[str]:
    """Return a line if a disputed code cites fewer than two sources."""
    cited = {key for item in catalogue.by_code[code].iter_items() for key in item.evidence}
    return [] if len(cited) >= 2 else [f"{code}: the sources disagree; name and cite both sides."]


def find_broken_guides(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for every guide link in (place, text) that leads to no guide or to no anchor of it."""
    anchors = {path.stem: set(ANCHOR.findall(path.read_text("utf-8"))) for path in GUIDES.glob("*.md")}
    return [
        f"{place}: guide:{name}#{anchor}"
        for place, text in texts
        for name, anchor in GUIDE_LINK.findall(text)
        if name not in anchors or (anchor and anchor not in anchors[name])
    ]


def find_silent_unknowns(catalogue: Catalogue) -> list[str]:
    """Return the codes of unknown outcome without a step that finds out."""
    unknown = [error for error in catalogue.errors if error.outcome is Outcome.UNKNOWN]
    return [error.code for error in unknown if not any(word in read_steps(error) for word in LOOK_UPS)]


def find_late_searches(catalogue: Catalogue) -> list[str]:
    """Return the duplicates whose first steps do not look for the earlier write."""
    duplicates = [error for error in catalogue.errors if error.outcome is Outcome.DUPLICATE]
    return [error.code for error in duplicates if not any(word in read_steps(error, 2) for word in SEARCHES)]


def find_idle_stops(catalogue: Catalogue) -> list[str]:
    """Return the codes that say `stop` without a person or the exchange to act."""
    persons = {Actor.OPERATOR, Actor.EXCHANGE}
    return [e.code for e in catalogue.errors if e.retry is Retry.STOP and e.actor not in persons]


def find_false_success(catalogue: Catalogue) -> list[str]:
    """Return the codes that share a token with success, or success where it lacks one."""
    success = (Retry.NONE, Outcome.ACCEPTED, Actor.NOBODY)
    return [
        f"{error.code} {token}"
        for error in catalogue.errors
        for token, expected in zip((error.retry, error.outcome, error.actor), success, strict=True)
        if (token is expected) != (error.code == "1000")
    ]


def find_retried_duplicates(catalogue: Catalogue) -> list[str]:
    """Return the duplicates that say: send again."""
    return [e.code for e in catalogue.errors if e.outcome is Outcome.DUPLICATE and e.retry is Retry.BACKOFF]


def find_changed_decisions(catalogue: Catalogue) -> list[str]:
    """Return a line for every code that is gone, or whose tokens differ from the second list of them."""
    found = {
        error.code: (f"{error.retry} {error.outcome} {error.actor}", str(error.category)) for error in catalogue.errors
    }
    decisions = {code: tokens for tokens, codes in JUDGEMENTS["decisions"].items() for code in codes}
    categories = {code: category for category, codes in JUDGEMENTS["categories"].items() for code in codes}
    expected = {code: (decision, categories[code]) for code, decision in decisions.items()}
    return [
        f"{code}: {found.get(code)}, expected {row}" for code, row in sorted(expected.items()) if found.get(code) != row
    ]


def find_harm(text: str) -> list[str]:
    """Return the sentences that give harmful advice without forbidding it."""
    sentences = re.split(r"(?<=[.;!?]) |\n", text)
    return [part for part in sentences if (hit := HARMFUL.search(part)) and not FORBIDS.search(part[: hit.start()])]


def find_harmful_advice(catalogue: Catalogue) -> list[str]:
    """Return the harmful sentences of all data files."""
    return [f"{place}: {hit}" for place, text in iter_prose(catalogue) for hit in find_harm(text)]


def is_date(text: str) -> bool:
    """Whether a text is a day, month or year that exists."""
    try:
        date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return False
    return True


def find_repeated_responses(catalogue: Catalogue) -> list[str]:
    """Return the observed responses that stand twice."""
    return find_repeats(f"{row.code} {row.body} {row.source}" for row in catalogue.observed)


def find_unseen_wordings(catalogue: Catalogue) -> list[str]:
    """Return the observed wordings that their body does not hold."""
    return [f"{row.code}: {row.wording}" for row in catalogue.observed if row.wording not in row.body]


def find_misfiled_responses(catalogue: Catalogue) -> list[str]:
    """Return the observed responses whose body has the code of another page."""
    written = re.compile(r"\"code\": ?(\d+)[,}]")
    return [f"{row.code}: {row.body}" for row in catalogue.observed if {*written.findall(row.body)} - {row.code}]


def find_usual_responses(catalogue: Catalogue) -> list[str]:
    """Return the observed responses that are as the vendor's table has them."""
    return [
        f"{row.code}: {row.wording}"
        for row in catalogue.observed
        if row.wording == catalogue.by_code[row.code].message and '"message"' in row.body
    ]


def find_wrong_reasons(catalogue: Catalogue) -> list[str]:
    """Return the HTTP statuses whose reason phrase is not that of the standard, whatever its capitals."""
    return [
        f"{row.status}: {row.reason}"
        for row in catalogue.statuses
        if row.reason.lower() != HTTPStatus(row.status).phrase.lower()
    ]


# The vendor's page


# Examples on the vendor's page whose message is not that of their code: code → the code whose message they carry.
WRONG_EXAMPLES = {"40001": "40002"}
SPEC_URL = "https://developer.wooxpro.com/english/error_code/restful.md"


def find_differences(errors: Iterable[ErrorCode], page: SpecPage) -> list[str]:
    """Return one line for every cell, code or place in which the rows and the vendor's page differ."""
    listed = {error.code: error for error in errors if error.retired is None}
    found = {row.code: (section, row) for section, row in page.iter_rows()}
    lines = [f"{code}: on the vendor's page, not in {ERRORS}. Add a row" for code in found if code not in listed]
    lines += [f"{code}: not on the vendor's page. Fill its column `retired`" for code in listed if code not in found]
    for code, (section, row) in found.items():
        if code in listed:
            vendor = {"message": row.message, "http_status": row.http_status, "section": section}
            lines += _compare_cells(listed[code], vendor)
    for section in dict.fromkeys(section for section, _ in found.values()):
        ours = [code for code, error in listed.items() if error.section == section]
        theirs = [code for code, (name, _) in found.items() if name == section]
        if ours != theirs:
            lines.append(f"{section}: the codes or their order differ: page {theirs}, {ERRORS} {ours}")
    return lines


def _compare_cells(error: ErrorCode, vendor: Mapping[str, object]) -> list[str]:
    return [
        f"{error.code} {column}: page {value!r}, {ERRORS} {getattr(error, column)!r}"
        for column, value in vendor.items()
        if getattr(error, column) != value
    ]


def find_description_differences(statuses: Iterable[HttpStatusRow], page: SpecPage) -> list[str]:
    """Return one line for every HTTP status whose description is not the vendor's."""
    ours = {row.status: row.description for row in statuses if row.description}
    theirs = {row.status: row.description for row in page.statuses}
    differing = [status for status in sorted(ours.keys() | theirs.keys()) if ours.get(status) != theirs.get(status)]
    return [f"{status}: page {theirs.get(status)!r}, {STATUSES} {ours.get(status)!r}" for status in differing]


def find_status_differences(statuses: Iterable[HttpStatusRow], page: SpecPage) -> list[str]:
    """Return one line for every HTTP status that only the rows or only the vendor's tables have."""
    used = {row.http_status for _, row in page.iter_rows()} | {row.status for row in page.statuses}
    return [
        f"{status}: only one of page and {STATUSES} has it" for status in sorted(used ^ {r.status for r in statuses})
    ]


def find_wrong_examples(page: SpecPage) -> list[str]:
    """Return one line for every example of the vendor whose fields, status or message is not as it is known."""
    rows = {row.code: row for _, row in page.iter_rows()}
    lines = []
    for section in page.sections:
        body = json.loads(section.example.body)
        if not set(body) >= {"code", "message", "trace"}:
            lines.append(f"{section.title}: the example has the fields {', '.join(body)}")
            continue
        code = str(body["code"])
        expected = rows[WRONG_EXAMPLES.get(code, code)].message if code in rows else None
        if expected != body["message"] or rows[code].http_status != section.example.http_status:
            lines.append(f"{section.title}: {section.example.http_status} {section.example.body}")
    return lines


def find_manifest_faults(content: bytes) -> list[str]:
    """Return what is wrong with the snapshot's manifest beside its hash."""
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        return [str(detail["loc"]) for detail in error.errors()]
    faults = [] if manifest.url == SPEC_URL else [f"url: {manifest.url}"]
    faults += (
        [] if is_date(manifest.retrieved) and len(manifest.retrieved) == 10 else [f"retrieved: {manifest.retrieved}"]
    )
    canonical = f"{json.dumps(manifest.model_dump(), indent=2)}\n".encode()
    return faults + ([] if canonical == content else ["not as `python -m catalogue drift --accept` writes it"])
