"""The rules of data/*.csv that the loader does not check: what the rows say, and that no two say the same."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import pytest

from catalogue.load import ERRORS, MODELS, OBSERVED, format_csv, read_files
from catalogue.model import Catalogue, Change, ErrorCode, HttpStatusRow, Item
from catalogue.render import strip_markup
from catalogue.tokens import Actor, Outcome, Retry
from tests.site_tools import ROOT, find_repeats

GUIDES = ROOT / "docs" / "guides"
CODES_AT_FIRST = 72
MIN_WORDS = 100
MAX_ROWS_PER_LINE = 3

# Rows that still wait for their prose. A row leaves the list with the commit that writes it.
UNWRITTEN: frozenset[str] = frozenset()

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


def list_lines(error: ErrorCode) -> list[str]:
    """Return causes and steps as text, without evidence keys."""
    return [item.text for item in (*error.causes, *error.remediation)]


def read_prose(error: ErrorCode) -> str:
    """Return all prose of a row: summary, causes, steps and note."""
    return "\n".join([error.summary, *(item.text for item in error.iter_items())])


def read_steps(error: ErrorCode, count: int | None = None) -> str:
    """Return the first steps of a row (default: all) as one text."""
    return "\n".join(item.text for item in error.remediation[:count])


def is_thin(error: ErrorCode) -> bool:
    """Whether a row says too little: under two causes or steps, or few words in all."""
    words = sum(len(line.split()) for line in list_lines(error))
    return len(error.causes) < 2 or len(error.remediation) < 2 or words < MIN_WORDS


def is_generic(line: str) -> bool:
    """Whether a line would fit every code."""
    return line in GENERIC_LINES or len(line.split()) < 4


def find_harm(text: str) -> list[str]:
    """Return the sentences that give harmful advice without forbidding it."""
    sentences = re.split(r"(?<=[.;!?]) ", text)
    return [part for part in sentences if (hit := HARMFUL.search(part)) and not FORBIDS.search(part[: hit.start()])]


def find_broken_guides(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for every guide link in (place, text) that leads to no guide or to no anchor of it."""
    anchors = {path.stem: set(ANCHOR.findall(path.read_text("utf-8"))) for path in GUIDES.glob("*.md")}
    return [
        f"{place}: guide:{name}#{anchor}"
        for place, text in texts
        for name, anchor in GUIDE_LINK.findall(text)
        if name not in anchors or (anchor and anchor not in anchors[name])
    ]


def iter_prose(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of every prose cell of all data files."""
    for error in catalogue.errors:
        yield f"{ERRORS}:{catalogue.lines[error.code]}", read_prose(error)
    for row in catalogue.statuses:
        yield f"HTTP {row.status}", "\n".join([row.summary, *(item.text for item in row.iter_items())])
    for response in catalogue.observed:
        yield f"{OBSERVED} {response.code}", response.note
    for change in catalogue.changes:
        yield f"change {change.id}", change.text.text


def is_date(text: str) -> bool:
    """Whether a text is a day, month or year that exists."""
    try:
        date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return False
    return True


def test_no_row_is_ever_removed(catalogue: Catalogue) -> None:
    assert len(catalogue.errors) >= CODES_AT_FIRST, "A row is gone. Restore it and fill its column `retired`."


@pytest.mark.parametrize("path", MODELS)
def test_every_data_file_is_in_canonical_form(path: str) -> None:
    content = read_files()[path].decode()
    rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    assert format_csv(path, rows[1:]) == content, f"{path}: quote only cells that need it, and end lines with LF"


def test_canonical_form_refuses_needless_quotation_marks() -> None:
    content = read_files()[ERRORS].decode().replace("30005,401", '"30005",401')
    rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    assert format_csv(ERRORS, rows[1:]) != content


def test_every_row_has_two_causes_and_two_steps(catalogue: Catalogue) -> None:
    poor = [error.code for error in catalogue.errors if len(error.causes) < 2 or len(error.remediation) < 2]
    assert poor == [], "Write at least two causes and two steps for each."


def test_no_line_stands_in_more_than_three_rows(catalogue: Catalogue) -> None:
    counts = Counter(line for error in catalogue.errors for line in set(list_lines(error)))
    worn = [f"{count} rows: {line}" for line, count in counts.items() if count > MAX_ROWS_PER_LINE]
    assert worn == [], "Say what is special about each code, or link a guide."


def test_no_row_repeats_a_line(catalogue: Catalogue) -> None:
    repeats = [f"{error.code}: {line}" for error in catalogue.errors for line in find_repeats(list_lines(error))]
    assert repeats == [], "Remove one of the two."


def test_no_two_rows_have_the_same_causes(catalogue: Catalogue) -> None:
    causes = {error.code: frozenset(item.text for item in error.causes) for error in catalogue.errors}
    shared = [code for code, lines in causes.items() if list(causes.values()).count(lines) > 1]
    assert shared == [], "Say in the causes what tells these codes apart."


def test_no_line_is_generic(catalogue: Catalogue) -> None:
    generic = [f"{e.code}: {line}" for e in catalogue.errors for line in list_lines(e) if is_generic(line)]
    assert generic == [], "Replace it with a cause or step of this code."


@pytest.mark.parametrize("line", ["Contact support.", "Check your request.", "Try again."])
def test_generic_lines_are_recognised(line: str) -> None:
    assert is_generic(line)


def test_every_summary_is_unique(catalogue: Catalogue) -> None:
    assert find_repeats(error.summary for error in catalogue.errors) == []


def test_every_summary_is_one_sentence(catalogue: Catalogue) -> None:
    wrong = [e.code for e in catalogue.errors if not e.summary.endswith(".") or ". " in e.summary]
    assert wrong == [], "Write one sentence, with a full stop."


def test_prose_has_no_double_blank(catalogue: Catalogue) -> None:
    assert [place for place, text in iter_prose(catalogue) if "  " in text] == []


def test_prose_closes_every_code_span(catalogue: Catalogue) -> None:
    texts = [(place, line) for place, text in iter_prose(catalogue) for line in text.split("\n")]
    assert [place for place, line in texts if line.count("`") % 2] == [], "Close the code span with a backtick."


def test_prose_uses_no_other_markup(catalogue: Catalogue) -> None:
    leftovers = re.compile(r"`|\]\(|\*\*|\bhttps?://\S+\]|guide:")
    assert [place for place, text in iter_prose(catalogue) if leftovers.search(strip_markup(text))] == []


def test_related_codes_name_each_other(catalogue: Catalogue) -> None:
    pairs = {(error.code, other) for error in catalogue.errors for other in error.related}
    assert pairs == {(other, code) for code, other in pairs}, "Add the code to the other row's column `related`."


def test_every_source_is_cited_and_every_citation_has_a_source(catalogue: Catalogue) -> None:
    rows: list[ErrorCode | HttpStatusRow | Change] = [*catalogue.errors, *catalogue.statuses, *catalogue.changes]
    cited = {key for row in rows for item in row.iter_items() for key in item.evidence}
    cited |= {row.source for row in catalogue.observed}
    for path in (ROOT / "docs").rglob("*.md"):
        cited |= set(re.findall(r"source\(\"(\w+)\"\)", path.read_text("utf-8")))
    assert cited == set(catalogue.sources), "Cite the source in a row or a guide, or correct the key."


def test_no_item_cites_a_source_twice(catalogue: Catalogue) -> None:
    rows: list[ErrorCode | HttpStatusRow] = [*catalogue.errors, *catalogue.statuses]
    assert [item.text for row in rows for item in row.iter_items() if find_repeats(item.evidence)] == []


def test_no_evidence_key_is_left_in_the_text(catalogue: Catalogue) -> None:
    keys = re.compile(rf"\[(?:{'|'.join(map(re.escape, catalogue.sources))})\]")
    assert [place for place, text in iter_prose(catalogue) if keys.search(text)] == [], "Keys stand at the end."


@pytest.mark.parametrize(("code", "other"), PAIRS)
def test_codes_easily_confused_are_related_and_told_apart(catalogue: Catalogue, code: str, other: str) -> None:
    one, two = catalogue.by_code[code], catalogue.by_code[other]
    assert two.code in one.related, f"Add {two.code} to the related codes of {one.code}."
    assert one.code in two.related, f"Add {one.code} to the related codes of {two.code}."
    told = re.search(rf"\b{two.code}\b", read_prose(one)) or re.search(rf"\b{one.code}\b", read_prose(two))
    assert told, f"Say in a cause, step or note of {one.code} or {two.code} how the other one differs."


def test_every_thin_row_is_on_the_list_and_no_other(catalogue: Catalogue) -> None:
    thin = {error.code for error in catalogue.errors if is_thin(error)}
    assert thin == UNWRITTEN, "Write the missing rows, and take those off UNWRITTEN that are written."


def test_a_thin_row_is_recognised(catalogue: Catalogue) -> None:
    short = Item(text="The value is wrong here.", evidence=())
    assert is_thin(
        catalogue.by_code["30005"].model_copy(update={"causes": (short, short), "remediation": (short,) * 2})
    )


@pytest.mark.parametrize("code", DISPUTED)
def test_a_disputed_code_cites_two_sources(catalogue: Catalogue, code: str) -> None:
    cited = {key for item in catalogue.by_code[code].iter_items() for key in item.evidence}
    assert len(cited) >= 2, f"{code}: the sources disagree; name and cite both sides."


def test_guide_links_lead_to_anchors_that_exist(catalogue: Catalogue) -> None:
    assert find_broken_guides(iter_prose(catalogue)) == [], (
        "Add `{ #anchor }` to the guide's heading, or correct the link."
    )


@pytest.mark.parametrize("target", ["nowhere", "clock#nowhere"])
def test_a_guide_link_to_nowhere_is_found(target: str) -> None:
    assert find_broken_guides([("here", f"See [this](guide:{target}).")]) != []


def test_an_unknown_outcome_comes_with_a_look_up(catalogue: Catalogue) -> None:
    silent = [
        error.code
        for error in catalogue.errors
        if error.outcome is Outcome.UNKNOWN and not any(word in read_steps(error) for word in LOOK_UPS)
    ]
    assert silent == [], "Add the step that finds out what became of the write, or link guide:retries#look-up."


def test_a_duplicate_is_looked_up_first(catalogue: Catalogue) -> None:
    late = [
        error.code
        for error in catalogue.errors
        if error.outcome is Outcome.DUPLICATE and not any(word in read_steps(error, 2) for word in SEARCHES)
    ]
    assert late == [], "Start with the look-up of the earlier write."


def test_stop_needs_a_person_or_the_exchange(catalogue: Catalogue) -> None:
    persons = {Actor.OPERATOR, Actor.EXCHANGE}
    wrong = [e.code for e in catalogue.errors if e.retry is Retry.STOP and e.actor not in persons]
    assert wrong == [], "`stop` means that a person acts: the actor is operator or exchange."


def test_only_success_has_nothing_to_retry(catalogue: Catalogue) -> None:
    assert [e.code for e in catalogue.errors if e.retry is Retry.NONE] == ["1000"]
    assert [e.code for e in catalogue.errors if e.outcome is Outcome.ACCEPTED] == ["1000"]
    assert [e.code for e in catalogue.errors if e.actor is Actor.NOBODY] == ["1000"]


def test_a_duplicate_is_never_retried(catalogue: Catalogue) -> None:
    wrong = [e.code for e in catalogue.errors if e.outcome is Outcome.DUPLICATE and e.retry is Retry.BACKOFF]
    assert wrong == [], "An earlier write exists: look it up, do not repeat."


def test_no_advice_harms_the_reader(catalogue: Catalogue) -> None:
    harm = [f"{place}: {hit}" for place, text in iter_prose(catalogue) for hit in find_harm(text)]
    assert harm == [], "Never advise evasion, dropping an id, or sending a write again blindly."


@pytest.mark.parametrize(
    "advice",
    [
        "Use a VPN.",
        "Send it through another proxy.",
        "Omit the order_id and cancel again.",
        "Drop the `client_order_id`.",
        "Switch keys to get round the block.",
        "Resend the order immediately.",
    ],
)
def test_harmful_advice_is_recognised(advice: str) -> None:
    assert find_harm(advice) == [advice]
    assert find_harm(f"Never {advice[0].lower()}{advice[1:]}") == []


def test_observed_responses_are_sorted_by_code(catalogue: Catalogue) -> None:
    codes = [int(row.code) for row in catalogue.observed]
    assert codes == sorted(codes), "Sort data/observed.csv by code."


def test_every_date_exists(catalogue: Catalogue) -> None:
    dates = [row.date for row in catalogue.observed if row.date] + [change.date for change in catalogue.changes]
    dates += [error.retired for error in catalogue.errors if error.retired]
    assert [text for text in dates if not is_date(text)] == []


@pytest.mark.parametrize("text", ["2025-13", "2025-02-30", "25"])
def test_a_date_that_does_not_exist_is_recognised(text: str) -> None:
    assert not is_date(text)


def test_no_observed_response_stands_twice(catalogue: Catalogue) -> None:
    assert find_repeats(f"{row.code} {row.body} {row.source}" for row in catalogue.observed) == []


def test_every_observed_wording_stands_in_its_body(catalogue: Catalogue) -> None:
    missing = [f"{row.code}: {row.wording}" for row in catalogue.observed if row.wording not in row.body]
    assert missing == [], "Copy the wording from the body, letter by letter."


def test_every_observed_response_differs_from_the_table(catalogue: Catalogue) -> None:
    same = [
        f"{row.code}: {row.wording}"
        for row in catalogue.observed
        if row.wording == catalogue.by_code[row.code].message and '"message"' in row.body
    ]
    assert same == [], "The file is for wordings and shapes that differ from the vendor's table."
