"""JSON for programs: every code, all codes, and the shorter list that the lookup reads.

Text in JSON is the text of the CSV, with links turned into addresses.
"""

import json

from pydantic import BaseModel, ConfigDict, Field

from catalogue.model.rows import Catalogue, ErrorCode, Item, LibraryException, Observed, Request, Source
from catalogue.render.links import Links, Site
from catalogue.render.markdown import resolve_links, strip_markup, unlink_prose
from catalogue.vendor.snapshot import Manifest, read_manifest


class PublishedError(ErrorCode):
    """One error code as published: the row, its address, its real responses, and the sources it cites."""

    url: str = Field(
        title="Address", description="Address of the page of this code.", json_schema_extra={"format": "uri"}
    )
    observed: tuple[Observed, ...] = Field(
        title="Observed", description="Real responses whose wording or shape differs from the vendor's table."
    )
    requests: tuple[Request, ...] = Field(
        title="Requests",
        description="A wrong request that gets this code and a similar one that is accepted; may be empty. "
        "Never send the right one unread.",
    )
    ccxt: LibraryException | None = Field(
        title="CCXT", description="What CCXT 4.5.68 raises for this code; null for success."
    )
    evidence: tuple[Source, ...] = Field(
        title="Evidence", description="The sources that causes, steps, note and observed responses cite by key."
    )


class PublishedCatalogue(BaseModel):
    """The whole catalogue as published in errors.json."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="WOO X Pro REST error codes")

    schema_address: str = Field(
        alias="$schema", title="Schema", description="Address of this schema.", json_schema_extra={"format": "uri"}
    )
    spec: Manifest = Field(title="Spec", description="The snapshot of the vendor's page that the rows equal.")
    errors: tuple[PublishedError, ...] = Field(title="Errors", description="All codes, ascending.")


def publish_error(catalogue: Catalogue, error: ErrorCode, site: Site) -> PublishedError:
    """Resolve a row into the published object."""

    links = Links(catalogue, site, own=error.code)

    def resolve_item(item: Item) -> Item:
        return Item(text=resolve_links(item.text, links), evidence=item.evidence)

    resolved = {
        "summary": unlink_prose(error.summary),
        "first": unlink_prose(error.first),
        "causes": tuple(resolve_item(item) for item in error.causes),
        "remediation": tuple(resolve_item(item) for item in error.remediation),
        "note": resolve_item(error.note) if error.note else None,
    }
    observed = catalogue.list_observed(error.code)
    return PublishedError(
        **{name: resolved.get(name, getattr(error, name)) for name in ErrorCode.model_fields},
        url=site.locate(f"codes/{error.code}/"),
        observed=tuple(row.model_copy(update={"note": resolve_links(row.note, links)}) for row in observed),
        requests=catalogue.list_requests(error.code),
        ccxt=catalogue.library_by_code.get(error.code),
        evidence=catalogue.list_evidence(error),
    )


def format_error(error: PublishedError) -> str:
    """Return the content of codes/<code>/index.json."""
    return error.model_dump_json(indent=2) + "\n"


def format_catalogue(published: tuple[PublishedError, ...], site: Site) -> str:
    """Return the content of errors.json."""
    document = PublishedCatalogue(
        **{"$schema": site.locate("errors.schema.json")}, spec=read_manifest(), errors=published
    )
    return document.model_dump_json(by_alias=True, indent=2) + "\n"


def format_lookup(catalogue: Catalogue) -> str:
    """Return the content of lookup.json: errors.json cut down to what the lookup matches and shows."""
    errors = [
        {
            "code": error.code,
            "http_status": error.http_status,
            "message": error.message,
            "section": error.section,
            "retry": [error.retry, error.retry.label],
            "after": error.after,
            "outcome": [error.outcome, error.outcome.label],
            "actor": error.actor.label,
            "summary": strip_markup(error.summary),
            "first": strip_markup(error.first),
            "keywords": error.keywords,
            "observed": [{"wording": row.wording} for row in catalogue.list_observed(error.code) if not row.foreign],
        }
        for error in catalogue.errors
    ]
    statuses = [
        {
            "status": row.status,
            "reason": row.reason,
            "summary": strip_markup(row.summary),
            "first": strip_markup(row.steps[0].text),
        }
        for row in catalogue.statuses
    ]
    content = {"errors": errors, "statuses": statuses}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
