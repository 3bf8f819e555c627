"""Checks of data/*.csv and of the vendor's page: rows, catalogue or page in, one line for every problem out."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from http import HTTPStatus
from itertools import pairwise

from pydantic import ValidationError

from catalogue.model.loading import CatalogueError, build_catalogue
from catalogue.model.reading import format_csv
from catalogue.model.rows import Catalogue, Change, ErrorCode, HttpStatusRow, Item
from catalogue.model.vocabulary import Actor, Outcome, Retry
from catalogue.paths import ERRORS, OBSERVED, STATUSES
from catalogue.render.markdown import strip_markup
from catalogue.vendor.page import SpecPage
from catalogue.vendor.snapshot import Manifest
from tests.site_tools import ROOT, find_repeats

# The data files


GUIDES = ROOT / "docs" / "guides"
CODES_AT_FIRST = 72
MIN_WORDS = 100
MAX_ROWS_PER_LINE = 3

# Codes easily taken for each other: each pair must be related, and one of the two must say how they differ.
TWINS = {
    "30001": ["30002"],
    "30004": ["30005"],
    "30006": ["30007", "30008"],
    "30007": ["30008", "40008", "40039"],
    "30010": ["40006"],
    "30012": ["30019", "40046"],
    "30019": ["40046"],
    "30013": ["30017", "40013"],
    "30014": ["30016"],
    "30030": ["30031"],
    "40014": ["40015", "40034"],
    "40015": ["40034"],
    "40018": ["40021"],
    "40027": ["42000"],
    "40029": ["40030", "40040"],
    "40030": ["40040"],
    "40035": ["40036", "40037"],
    "40036": ["40037"],
    "40048": ["40049", "40050"],
    "40049": ["40050"],
}
PAIRS = [(code, other) for code, others in TWINS.items() for other in others]

# Codes on which official page, BitMart's docs and client libraries contradict each other.
DISPUTED = ["30017", "30018", "40008", "40012", "40013"]

# What bots decide by, and under what the table files a code, written down a second time on purpose: a slip in one
# token of a row can cost a reader a second position. Codes added later need not stand here.
DECISIONS = {
    "none accepted nobody": "1000",
    "backoff rejected developer": "30013",
    "backoff unknown exchange": "30014",
    "wait rejected exchange": "30016 40015 40019 40026",
    "stop rejected operator": "30003 30011 30017 30019 40004 40014 40046 40047",
    "stop unknown operator": "40001",
    "fix duplicate developer": "40003 40050",
    "fix unknown developer": "40002 40008 40012 40035 40036 40037",
    "fix rejected operator": "30002 30010 30012 40006 40016 40023 40024 40025 40027 42000",
    "fix rejected developer": (
        "30000 30001 30004 30005 30006 30007 30008 30018 30030 30031 40005 40007 40009 40010 40011 40013 40017 40018 "
        "40020 40021 40022 40028 40029 40030 40031 40032 40033 40034 40038 40039 40040 40041 40042 40043 40044 40045 "
        "40048 40049"
    ),
}
CATEGORIES = {
    "account": "40001 40004 40046",
    "availability": "30014 30016",
    "balance": "40027 42000",
    "clock": "30006 30007 30008 40008",
    "credentials": "30001 30002 30003 30011",
    "deprecation": "30030 30031",
    "margin": "40016 40022 40023 40024 40025",
    "order": "40017 40029 40030 40035 40036 40037 40040 40041 40042 40043 40044 40045 40048 40049 40050",
    "permission": "30010 30012 30019 40006 40047",
    "plan-order": "40028 40031 40032 40033",
    "position": "40018 40019 40020 40021 40026",
    "rate-limit": "30013 30017 40013",
    "request": "30018 40007 40009 40011 40012 40038 40039",
    "routing": "30000 40010",
    "signature": "30004 30005",
    "success": "1000",
    "symbol": "40014 40015 40034",
    "transfer": "40002 40003 40005",
}

# Numbers of other vendors' tables that prose names on purpose: number → why it is not in the catalogue.
FOREIGN_NUMBERS = {"40059": "a code of BitMart's docs only; the row says so"}

GENERIC_LINES = {
    "Ask support.",
    "Check the documentation.",
    "Check the request.",
    "Check your code.",
    "Check your request.",
    "Contact customer service.",
    "Contact support.",
    "Fix the request and try again.",
    "Read the documentation.",
    "Retry later.",
    "See the documentation.",
    "The request is invalid.",
    "The request is wrong.",
    "Try again later.",
    "Wait and try again.",
}

# How a step names the ways to find out what became of a write.
LOOK_UPS = (
    "order-history",
    "get-open-orders",
    "contract/private/trades",
    "contract/private/order`",
    "assets-detail",
    "available_balance",
    "guide:retries#look-up",
    "guide:retries#unknown-outcome",
)
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


def find_load_problems(files: Mapping[str, bytes], guides: Mapping[str, str]) -> list[str]:
    """Return what the loader refuses."""
    try:
        build_catalogue(files, guides)
    except CatalogueError as error:
        return [str(problem) for problem in error.problems]
    return []


def find_noncanonical(path: str, content: bytes) -> list[str]:
    """Return the file if writing its cells again gives other bytes."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    written = format_csv(path, rows[1:]).encode()
    return [] if written == content else [f"{path}: quote only cells that need it, and end lines with LF"]


def list_lines(error: ErrorCode) -> list[str]:
    """Return causes and steps as text, without evidence keys."""
    return [item.text for item in (*error.causes, *error.remediation)]


def read_prose(error: ErrorCode) -> str:
    """Return all prose of a row: summary, causes, steps and note."""
    return "\n".join([error.summary, *(item.text for item in error.iter_items())])


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
    for change in catalogue.render.changes:
        yield f"change {change.id}", change.text.text


def iter_items(catalogue: Catalogue) -> Iterator[Item]:
    """Yield every item of all data files that may cite sources."""
    rows: list[ErrorCode | HttpStatusRow | Change] = [*catalogue.errors, *catalogue.statuses, *catalogue.render.changes]
    for row in rows:
        yield from row.iter_items()


def find_few_rows(catalogue: Catalogue) -> list[str]:
    """Return a line if there are fewer codes than at first."""
    return [] if len(catalogue.errors) >= CODES_AT_FIRST else [f"{len(catalogue.errors)} codes of {CODES_AT_FIRST}"]


def find_poor_rows(catalogue: Catalogue) -> list[str]:
    """Return the codes with under two causes or steps."""
    return [error.code for error in catalogue.errors if len(error.causes) < 2 or len(error.remediation) < 2]


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
    return line in GENERIC_LINES or len(line.split()) < 4


def find_generic_lines(catalogue: Catalogue) -> list[str]:
    """Return the causes and steps that would fit every code."""
    return [f"{e.code}: {line}" for e in catalogue.errors for line in list_lines(e) if is_generic(line)]


def find_repeated_summaries(catalogue: Catalogue) -> list[str]:
    """Return the summaries of more than one code."""
    return find_repeats(error.summary for error in catalogue.errors)


def find_long_summaries(catalogue: Catalogue) -> list[str]:
    """Return the codes whose summary is not one sentence."""
    return [e.code for e in catalogue.errors if not e.summary.endswith(".") or ". " in e.summary]


def find_double_blanks(catalogue: Catalogue) -> list[str]:
    """Return the places of prose with two blanks together."""
    return [place for place, text in iter_prose(catalogue) if "  " in text]


def find_open_spans(catalogue: Catalogue) -> list[str]:
    """Return the places of prose with a code span that is not closed."""
    texts = [(place, line) for place, text in iter_prose(catalogue) for line in text.split("\n")]
    return [place for place, line in texts if line.count("`") % 2]


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


def find_one_sided(catalogue: Catalogue) -> list[str]:
    """Return the pairs of related codes of which only one names the other."""
    pairs = {(error.code, other) for error in catalogue.errors for other in error.related}
    return [f"{code} {other}" for code, other in sorted(pairs) if (other, code) not in pairs]


def find_uncited(catalogue: Catalogue, guides: Iterable[str]) -> list[str]:
    """Return the sources that nothing cites, and the keys cited without a source; `guides` are texts of pages."""
    cited = {key for item in iter_items(catalogue) for key in item.evidence}
    cited |= {row.source for row in catalogue.observed}
    for text in guides:
        cited |= set(re.findall(r"source\(\"(\w+)\"\)", text))
    return sorted(cited ^ set(catalogue.sources))


def find_repeated_keys(catalogue: Catalogue) -> list[str]:
    """Return the items that cite a source twice."""
    return [item.text for item in iter_items(catalogue) if find_repeats(item.evidence)]


def find_stray_keys(catalogue: Catalogue) -> list[str]:
    """Return the places of prose with an evidence key that does not stand at the end."""
    keys = re.compile(rf"\[(?:{'|'.join(map(re.escape, catalogue.sources))})\]")
    return [place for place, text in iter_prose(catalogue) if keys.search(text)]


def find_confusion(catalogue: Catalogue, code: str, other: str) -> list[str]:
    """Return what two codes that are easily confused lack: a relation, or words that tell them apart."""
    one, two = catalogue.by_code[code], catalogue.by_code[other]
    lacks = [f"Add {b.code} to the related codes of {a.code}." for a, b in ((one, two), (two, one))]
    lacks = [line for line, (a, b) in zip(lacks, ((one, two), (two, one)), strict=True) if b.code not in a.related]
    if not (re.search(rf"\b{two.code}\b", read_prose(one)) or re.search(rf"\b{one.code}\b", read_prose(two))):
        lacks.append(f"Say in a cause, step or note of {one.code} or {two.code} how the other one differs.")
    return lacks


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
    decisions = {code: tokens for tokens, codes in DECISIONS.items() for code in codes.split()}
    categories = {code: category for category, codes in CATEGORIES.items() for code in codes.split()}
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


def find_unsorted_responses(catalogue: Catalogue) -> list[str]:
    """Return the codes of observed responses that should come earlier."""
    codes = [int(row.code) for row in catalogue.observed]
    return [f"{code} should come before {before}" for before, code in pairwise(codes) if code < before]


def is_date(text: str) -> bool:
    """Whether a text is a day, month or year that exists."""
    try:
        date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return False
    return True


def find_false_dates(catalogue: Catalogue) -> list[str]:
    """Return the dates that do not exist."""
    dates = [row.date for row in catalogue.observed if row.date] + [change.date for change in catalogue.render.changes]
    dates += [error.retired for error in catalogue.errors if error.retired]
    return [text for text in dates if not is_date(text)]


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


def find_repeated_changes(catalogue: Catalogue) -> list[str]:
    """Return the ids that more than one change has."""
    return find_repeats(change.id for change in catalogue.render.changes)


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
