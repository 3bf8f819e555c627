"""The rows of data/*.csv as frozen models, and the catalogue that holds them all."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from catalogue.model.cells import (
    ADDRESS,
    ANCHOR,
    CLASS,
    CODE,
    DAY,
    EVIDENCE,
    KEY,
    NAME,
    PERIOD,
    check_day,
    read_after,
    read_object,
    read_status,
)
from catalogue.model.vocabulary import Actor, Basis, Category, Outcome, Retry, Section, SourceKind
from catalogue.paths import CHANGES, CONFUSIONS, ERRORS, GLOSSARY, LIBRARY, OBSERVED, REQUESTS, SOURCES, STATUSES

CITED = re.compile(r"\[([A-Za-z][A-Za-z0-9]*)\]")


class Item(BaseModel):
    """One cause or step: its text, and the keys of the sources that support it (none: our inference)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(title="Text", description="One cause, step or remark, in plain words.")
    evidence: tuple[str, ...] = Field(
        title="Evidence", description="Keys of the supporting sources; empty means: our inference."
    )

    @classmethod
    def parse(cls, line: str) -> "Item":
        """Split `text [S1][B2]` into text and keys."""
        match = EVIDENCE.search(line)
        keys = match[0] if match else ""
        return cls(text=line.removesuffix(keys), evidence=tuple(CITED.findall(keys)))


def _split_lines(cell: Any) -> Any:
    return tuple(Item.parse(line) for line in cell.split("\n")) if isinstance(cell, str) and cell else cell or ()


def _split_tokens(cell: Any) -> Any:
    return tuple(cell.split(";")) if isinstance(cell, str) and cell else cell or ()


def _empty_to_none(cell: Any) -> Any:
    return None if cell == "" else cell


def _read_yes(cell: Any) -> Any:
    return {"": False, "yes": True}.get(cell, cell)


def _read_note(cell: Any) -> Any:
    return (Item.parse(cell) if cell else None) if isinstance(cell, str) else cell


Items = Annotated[tuple[Item, ...], BeforeValidator(_split_lines)]
Words = Annotated[tuple[str, ...], BeforeValidator(_split_tokens)]
Code = Annotated[str, Field(pattern=CODE)]
Name = Annotated[str, Field(pattern=NAME)]
After = Annotated[int | str | None, BeforeValidator(read_after)]
HttpStatus = Annotated[int, Field(ge=100, le=599), BeforeValidator(read_status)]
Note = Annotated[Item | None, BeforeValidator(_read_note)]
Date = Annotated[str, Field(pattern=DAY), AfterValidator(check_day)]
OptionalDay = Annotated[str | None, Field(pattern=DAY), BeforeValidator(_empty_to_none), AfterValidator(check_day)]
OptionalDate = Annotated[str | None, Field(pattern=PERIOD), BeforeValidator(_empty_to_none), AfterValidator(check_day)]


class Row(BaseModel):
    """A row of one of the data files; a column is a field, in the file's order."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorCode(Row):
    """One error code: the vendor's row, and what this catalogue says of it."""

    code: Code = Field(title="Code", description="The error code, as digits.")
    name: Name = Field(title="Name", description="Symbolic name of the code. It is unique and never changes.")
    http_status: HttpStatus = Field(title="HTTP status", description="HTTP status in the vendor's table.")
    message: str = Field(min_length=1, title="Message", description="Message in the vendor's table, verbatim.")
    section: Section = Field(title="Section", description="Which table of the vendor's page lists the code.")
    category: Category = Field(title="Category", description="What the error is about.")
    retry: Retry = Field(title="Retry", description="Whether, and how, the same request may be sent again.")
    after: After = Field(
        title="After",
        description="For backoff and wait: the least pause in seconds, or the event to wait for; null elsewhere.",
    )
    outcome: Outcome = Field(
        title="Outcome of this request",
        description="What became of this very request, if it was a write, whatever an earlier request did.",
    )
    actor: Actor = Field(title="Who acts", description="Who must act.")
    summary: str = Field(min_length=1, max_length=160, title="Summary", description="What it means, in plain words.")
    first: str = Field(min_length=1, max_length=200, title="First", description="The one thing to do first.")
    causes: Items = Field(min_length=2, title="Causes", description="Likeliest first.")
    remediation: Items = Field(min_length=2, title="Remediation", description="Steps, in the order to try them.")
    related: Words = Field(title="Related codes", description="Codes easily confused with this one.")
    keywords: Words = Field(title="Keywords", description="Words people search that the page does not contain.")
    note: Note = Field(title="Note", description="What is odd about the vendor's row; null if nothing.")
    retired: OptionalDay = Field(
        title="Retired", description="Date on which the vendor's page dropped the code; null while listed."
    )

    @property
    def advice(self) -> str:
        """What a list says of sending again, in a few words: a write in doubt is looked up, whatever a read may do."""
        if not self.outcome.in_doubt:
            return self.retry.label
        return f"{'Reads only' if self.retry is Retry.BACKOFF else 'Look it up, then'}: {self.retry.label}"

    def iter_items(self) -> Iterator[Item]:
        """Yield every cause, step and note of the row."""
        yield from self.causes
        yield from self.remediation
        if self.note:
            yield self.note


class HttpStatusRow(Row):
    """One HTTP status: the vendor's description where there is one, and what the status alone tells."""

    status: HttpStatus = Field(title="HTTP status", description="The status.")
    reason: str = Field(min_length=1, title="Reason phrase", description="The reason phrase of the HTTP standard.")
    description: str = Field(title="Description", description="The vendor's description, verbatim; empty if none.")
    summary: str = Field(min_length=1, max_length=160, title="Summary", description="What it means here.")
    meaning: Items = Field(min_length=1, title="Meaning", description="What the status alone tells.")
    steps: Items = Field(min_length=1, title="Steps", description="What to do when the body has no code.")
    note: Note = Field(title="Note", description="What is odd about the vendor's use of it; null if nothing.")

    def iter_items(self) -> Iterator[Item]:
        """Yield every remark, step and note of the row."""
        yield from self.meaning
        yield from self.steps
        if self.note:
            yield self.note


class Source(Row):
    """One source of evidence."""

    key: str = Field(pattern=KEY, title="Key", description="Key by which items cite it.")
    kind: SourceKind = Field(title="Kind", description="How far it can be trusted for WOO X Pro.")
    title: str = Field(min_length=1, title="Title", description="What it is.")
    url: Annotated[str | None, Field(pattern=ADDRESS), BeforeValidator(_empty_to_none)] = Field(
        title="Address", description="Public address; null where none is known."
    )
    retrieved: Date = Field(title="Retrieved", description="Day on which a copy of it was last read for this site.")

    @property
    def archive_url(self) -> str | None:
        """Address of the web archive's copies. Only BitMart's pages need one: they will go with the company."""
        return f"https://web.archive.org/web/{self.url}" if self.url and self.kind is SourceKind.LINEAGE else None


class Observed(Row):
    """One real response whose wording or shape differs from the vendor's table."""

    code: Code = Field(title="Code", description="The code whose page shows it.")
    http_status: Annotated[HttpStatus | None, BeforeValidator(_empty_to_none)] = Field(
        title="HTTP status", description="HTTP status it came with; null if not recorded."
    )
    wording: str = Field(min_length=1, title="Wording", description="The message text, as seen.")
    body: str = Field(min_length=1, title="Body", description="The response as published; parts may be elided.")
    date: OptionalDate = Field(title="Date", description="When it was seen: YYYY, YYYY-MM or YYYY-MM-DD; or null.")
    source: str = Field(min_length=1, title="Source", description="Key of the source.")
    note: str = Field(min_length=1, title="Note", description="What is different about it.")
    foreign: Annotated[bool, BeforeValidator(_read_yes)] = Field(
        title="Foreign", description="True where the wording belongs to another endpoint that reuses the number."
    )


class Change(Row):
    """One change of the vendor's page or of this catalogue, for readers."""

    id: str = Field(pattern=ANCHOR, title="Id", description="Anchor of the change; never reused.")
    date: Date = Field(title="Date", description="Day on which it was recorded here.")
    who: Literal["vendor", "catalogue"] = Field(title="Who", description="Whose change it is.")
    title: str = Field(min_length=1, title="Title", description="The change in a few words.")
    text: Annotated[Item, BeforeValidator(_read_note)] = Field(title="Text", description="What changed, in prose.")

    def iter_items(self) -> Iterator[Item]:
        """Yield the text of the row."""
        yield self.text


class Confusion(Row):
    """How two codes that are easily confused differ."""

    code: Code = Field(title="Code", description="The lower of the two codes.")
    other: Code = Field(title="Other code", description="The higher of the two codes.")
    difference: str = Field(min_length=1, title="Difference", description="How the two differ, for both pages.")


class Request(Row):
    """A request that gets a code, and a similar one that is accepted."""

    code: Code = Field(title="Code", description="The code that the wrong request gets.")
    basis: Basis = Field(title="Basis", description="How it is known that the wrong request gets this code.")
    given: Annotated[dict[str, Any], BeforeValidator(read_object)] = Field(
        title="Given", description="State of account and market, as `POST /mock/state` of the mock exchange takes it."
    )
    wrong: str = Field(min_length=1, title="Wrong", description="The request that gets the code, as on the wire.")
    right: str = Field(
        min_length=1,
        title="Right",
        description="A similar request that is accepted, as on the wire. Read the note before you send it.",
    )
    note: str = Field(min_length=1, title="Note", description="What differs between the two.")


class LibraryException(Row):
    """What the library CCXT makes of a code."""

    code: Code = Field(title="Code", description="The code.")
    exception: str = Field(pattern=CLASS, title="Exception", description="Class that CCXT raises.")
    retryable: Annotated[bool, BeforeValidator(_read_yes)] = Field(
        title="Retryable", description="Whether that class counts as retryable in CCXT."
    )
    disagreement: str = Field(title="Disagreement", description="Why this catalogue decides otherwise; empty if not.")


class Term(Row):
    """A term of the vendor or of this site, for the glossary."""

    anchor: str = Field(pattern=ANCHOR, title="Anchor", description="Anchor on the glossary page.")
    term: str = Field(min_length=1, title="Term", description="The term, as the glossary heads it.")
    forms: Words = Field(title="Forms", description="The words that a page links at their first use; none: no links.")
    definition: Annotated[Item, BeforeValidator(_read_note)] = Field(
        title="Definition", description="What it means, in plain words."
    )

    def iter_items(self) -> Iterator[Item]:
        """Yield the definition."""
        yield self.definition


@dataclass(frozen=True)
class Catalogue:
    """All rows, validated. `lines` gives the line in errors.csv on which the row of a code starts."""

    errors: tuple[ErrorCode, ...]
    statuses: tuple[HttpStatusRow, ...]
    sources: Mapping[str, Source]
    observed: tuple[Observed, ...]
    changes: tuple[Change, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    requests: tuple[Request, ...] = ()
    library: tuple[LibraryException, ...] = ()
    glossary: tuple[Term, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    by_code: Mapping[str, ErrorCode] = field(init=False)
    by_status: Mapping[int, HttpStatusRow] = field(init=False)
    observed_by_code: Mapping[str, tuple[Observed, ...]] = field(init=False)
    term_by_form: Mapping[str, Term] = field(init=False)
    library_by_code: Mapping[str, LibraryException] = field(init=False)
    _differences: Mapping[tuple[str, str], str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {error.code: error for error in self.errors})
        object.__setattr__(self, "by_status", {row.status: row for row in self.statuses})
        seen: dict[str, tuple[Observed, ...]] = {}
        for row in self.observed:
            seen[row.code] = (*seen.get(row.code, ()), row)
        object.__setattr__(self, "observed_by_code", seen)
        object.__setattr__(self, "term_by_form", {form: term for term in self.glossary for form in term.forms})
        object.__setattr__(self, "library_by_code", {row.code: row for row in self.library})
        object.__setattr__(self, "_differences", {(row.code, row.other): row.difference for row in self.confusions})

    def list_observed(self, code: str) -> tuple[Observed, ...]:
        """Return the real responses shown on the page of this code."""
        return self.observed_by_code.get(code, ())

    def errors_with_status(self, status: int) -> tuple[ErrorCode, ...]:
        """Return the codes that the vendor's table sends with this HTTP status."""
        return tuple(error for error in self.errors if error.http_status == status)

    @cached_property
    def terms(self) -> re.Pattern[str]:
        """What finds the words of glossary terms in a text; nothing where there are none."""
        forms = sorted((form for form in self.term_by_form if "`" not in form), key=len, reverse=True)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?![\w-])" if forms else r"(?!)")

    def list_requests(self, code: str) -> tuple[Request, ...]:
        """Return the wrong and right requests of this code."""
        return tuple(row for row in self.requests if row.code == code)

    def explain_difference(self, code: str, other: str) -> str:
        """Return how two related codes differ; KeyError if they are not related."""
        pair = (code, other) if int(code) < int(other) else (other, code)
        return self._differences[pair]

    def list_evidence(self, error: ErrorCode) -> tuple[Source, ...]:
        """Return the sources cited by a row and by its observed responses, each once, in order of citation."""
        keys = [key for item in error.iter_items() for key in item.evidence]
        keys += [row.source for row in self.list_observed(error.code)]
        return tuple(self.sources[key] for key in dict.fromkeys(keys))


MODELS: dict[str, type[Row]] = {
    ERRORS: ErrorCode,
    STATUSES: HttpStatusRow,
    SOURCES: Source,
    OBSERVED: Observed,
    CHANGES: Change,
    CONFUSIONS: Confusion,
    REQUESTS: Request,
    LIBRARY: LibraryException,
    GLOSSARY: Term,
}
