"""Tables and lists over many rows: as HTML for pages, as Markdown for alternates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from catalogue.escaping import escape_markdown
from catalogue.model.rows import Catalogue, ErrorCode, Item
from catalogue.model.vocabulary import Actor, Category, Outcome, Retry, SourceKind, Token
from catalogue.render.links import Links
from catalogue.render.markdown import render_evidence, render_prose, strip_markup
from catalogue.render.templates import render_template


def render_code_table(catalogue: Catalogue, errors: Iterable[ErrorCode], caption: str, root: str) -> str:
    """Render codes as an HTML table; `root` is the relative address of the site's root."""
    return render_template("code_table.html.jinja", Links(catalogue), errors=list(errors), caption=caption, root=root)


# A choice of the filter that stands for several values: its words in the list, and the values.
IN_DOUBT = ("May be live (any in doubt)", tuple(outcome for outcome in Outcome if outcome.in_doubt))
LATER = ("May pass later (pause or wait)", (Retry.BACKOFF, Retry.WAIT))
# The choices that are one press away: words, list, value in the address, the values that it stands for.
CHIPS = (
    ("May be live", "outcome", "in-doubt", IN_DOUBT[1]),
    ("May pass later", "retry", "later", LATER[1]),
    ("Fix it first", "retry", "fix", (Retry.FIX,)),
    ("A person must act", "retry", "stop", (Retry.STOP,)),
)
# Value in the address, words, and the values that it stands for if they are several.
Choice = tuple[str, str, Sequence[str]]


def render_code_filter(catalogue: Catalogue) -> str:
    """Render the form that filters the table of all codes; a script makes it work."""
    chips = [
        (label, facet, choice, sum(getattr(error, facet) in values for error in catalogue.errors))
        for label, facet, choice, values in CHIPS
    ]
    return render_template(
        "code_filter.html.jinja",
        Links(catalogue),
        chips=chips,
        facets=list_facets(catalogue),
        total=len(catalogue.errors),
    )


def list_facets(catalogue: Catalogue) -> list[tuple[str, str, list[Choice]]]:
    """Return the lists of the filter, each with its name, label and choices in the order of the vocabulary."""
    errors = catalogue.errors
    statuses = sorted({error.http_status for error in errors})
    outcomes = _list_choices(Outcome, {error.outcome for error in errors})
    retries = _list_choices(Retry, {error.retry for error in errors})
    return [
        ("http", "HTTP status", [(str(status), str(status), ()) for status in statuses]),
        ("outcome", "Executed?", [("in-doubt", *IN_DOUBT), *outcomes]),
        ("retry", "Send it again?", [("later", *LATER), *retries]),
        ("actor", "Who acts", _list_choices(Actor, {error.actor for error in errors})),
        ("category", "Category", _list_choices(Category, {error.category for error in errors})),
    ]


def _list_choices(tokens: type[Token], used: Collection[Token]) -> list[Choice]:
    return [(token, token.label, ()) for token in tokens if token in used]


def render_code_list(errors: Iterable[ErrorCode], links: Links) -> str:
    """Render codes as a Markdown table."""
    rows = [
        f"| {links.code(error.code)} | {escape_markdown(error.message)} | {error.http_status} "
        f"| {error.retry} | {error.outcome} | {error.actor} | {error.category} |"
        for error in errors
    ]
    head = ["| Code | Message | HTTP status | Retry | Outcome | Actor | Category |", "| --- " * 7 + "|"]
    return "\n".join(head + rows)


# The groups of the home page: what one was doing, the anchor, and the categories of its codes.
TASKS = (
    ("Key, signature and time", "map-authentication", {Category.CREDENTIALS, Category.SIGNATURE, Category.CLOCK}),
    ("Permission and account", "map-permission", {Category.PERMISSION, Category.ACCOUNT}),
    ("Limits and outages", "map-availability", {Category.RATE_LIMIT, Category.AVAILABILITY, Category.SUCCESS}),
    ("Address, version and form", "map-request", {Category.ROUTING, Category.DEPRECATION, Category.REQUEST}),
    ("Contracts", "map-contract", {Category.SYMBOL}),
    ("Orders", "map-order", {Category.ORDER}),
    ("Stops and other plan orders", "map-plan-order", {Category.PLAN_ORDER}),
    ("Position and margin", "map-position", {Category.POSITION, Category.MARGIN}),
    ("Balance and transfers", "map-balance", {Category.BALANCE, Category.TRANSFER}),
)


def list_doors(catalogue: Catalogue) -> list[tuple[str, str, str, list[ErrorCode]]]:
    """Return the three questions of the home page: title, words, address of the filtered table, codes."""
    in_doubt = [error for error in catalogue.errors if error.outcome in IN_DOUBT[1]]
    again = [error for error in catalogue.errors if error.retry in LATER[1]]
    person = [error for error in catalogue.errors if error.retry is Retry.STOP]
    return [
        ("May my order be live?", "Look it up before you send again", "codes/?outcome=in-doubt", in_doubt),
        ("May it pass later?", "After a pause, or once something changes", "codes/?retry=later", again),
        ("Must a person act?", "Stop sending until that is done", "codes/?retry=stop", person),
    ]


def render_code_map(catalogue: Catalogue) -> str:
    """Render three questions, all codes as rows grouped by task, and all statuses, for the home page."""
    tasks = [(task, anchor, [e for e in catalogue.errors if e.category in kinds]) for task, anchor, kinds in TASKS]
    doors = list_doors(catalogue)
    return render_template(
        "code_map.html.jinja", Links(catalogue), doors=doors, tasks=tasks, statuses=catalogue.statuses
    )


def render_status_index(catalogue: Catalogue) -> str:
    """Render the cross-index of HTTP statuses and their codes as an HTML table, for /http/."""
    return render_template("status_index.html.jinja", Links(catalogue), statuses=catalogue.statuses)


def render_status_list(links: Links) -> str:
    """Render the cross-index of HTTP statuses and their codes as a Markdown table."""
    catalogue = links.catalogue
    rows = [
        f"| {links.status(row.status)} {escape_markdown(row.reason)} | {escape_markdown(strip_markup(row.summary))} "
        f"| {' '.join(links.code(error.code) for error in catalogue.errors_with_status(row.status)) or 'none'} |"
        for row in catalogue.statuses
    ]
    return "\n".join(["| HTTP status | Meaning | Codes |", "| --- | --- | --- |", *rows])


def group_by_decision(catalogue: Catalogue) -> Mapping[tuple[Retry, Outcome], list[ErrorCode]]:
    """Return (retry, outcome) → the codes with both, for every pair; the list may be empty."""
    return {
        (retry, outcome): [e for e in catalogue.errors if e.retry is retry and e.outcome is outcome]
        for retry in Retry
        for outcome in Outcome
    }


def render_retry_matrix(catalogue: Catalogue) -> str:
    """Render the table retry × outcome with every code placed by its row, for the guides."""
    cells = group_by_decision(catalogue)
    used = [outcome for outcome in Outcome if any(cells[retry, outcome] for retry in Retry)]
    links = Links(catalogue)
    return render_template("retry_matrix.html.jinja", links, cells=cells, retries=list(Retry), outcomes=used)


def render_retry_list(links: Links) -> str:
    """Render the codes by retry and outcome as a Markdown list."""
    return "\n".join(
        f"- retry `{retry}`, outcome `{outcome}`: {' '.join(links.code(error.code) for error in errors)}"
        for (retry, outcome), errors in group_by_decision(links.catalogue).items()
        if errors
    )


def render_decision(catalogue: Catalogue) -> str:
    """Render the picture that leads from an error to what may be done, with the number of codes on each way."""
    outcomes = [error.outcome for error in catalogue.errors]
    return render_template(
        "decision_diagram.svg.jinja",
        Links(catalogue),
        rejected=outcomes.count(Outcome.REJECTED),
        accepted=outcomes.count(Outcome.ACCEPTED),
        doubt=sum(outcome.in_doubt for outcome in outcomes),
    )


def render_failures(catalogue: Catalogue, status: int) -> str:
    """Render the codes of failures sent with an HTTP status as a Markdown list, for the guides."""
    links = Links(catalogue)
    return "\n".join(
        f"- {links.code(error.code)} {escape_markdown(error.message)}"
        for error in catalogue.errors_with_status(status)
        if error.retry is not Retry.NONE
    )


def render_oddities(catalogue: Catalogue) -> str:
    """Render every note on the vendor's rows as a Markdown list, for the guides."""
    links = Links(catalogue)
    codes = [
        f"- {links.code(error.code)}: {_render_item(error.note, Links(catalogue, own=error.code))}"
        for error in catalogue.errors
        if error.note
    ]
    statuses = [
        f"- HTTP {links.status(row.status)}: {_render_item(row.note, links)}" for row in catalogue.statuses if row.note
    ]
    return "\n".join(codes + statuses)


def _render_item(item: Item, links: Links) -> str:
    tags = f" {render_evidence(item, links.catalogue)}" if item.evidence else ""
    return render_prose(item.text, links) + tags


def render_glossary(catalogue: Catalogue) -> str:
    """Render the terms of the glossary, in alphabetical order, each under a heading of its own."""
    terms = sorted(catalogue.glossary, key=lambda term: term.term.casefold())
    links = Links(catalogue, linked_terms={term.anchor for term in terms})
    return render_template("glossary.md.jinja", links, terms=terms)


def render_library_map(catalogue: Catalogue) -> str:
    """Render what CCXT makes of each code, and where this catalogue decides otherwise, as a Markdown table."""
    links = Links(catalogue)
    rows = [
        f"| {links.code(row.code)} | `{row.exception}` | {'yes' if row.retryable else 'no'} "
        f"| {catalogue.by_code[row.code].retry.label} | {render_prose(row.disagreement, links)} |"
        for row in catalogue.library
    ]
    return "\n".join(["| Code | CCXT raises | CCXT retries | Here | Where we differ |", "| --- " * 5 + "|", *rows])


def render_source_list(catalogue: Catalogue) -> str:
    """Render all sources, grouped by kind, as Markdown lists."""
    rank = list(SourceKind)
    ordered = sorted(catalogue.sources.values(), key=lambda source: rank.index(source.kind))
    groups = [(kind, list(sources)) for kind, sources in groupby(ordered, key=lambda source: source.kind)]
    return render_template("source_list.md.jinja", Links(catalogue), groups=groups)
