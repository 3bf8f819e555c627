"""Write what programs read: JSON, JSON Schema, CSV, Markdown twins, llms.txt, a Python module, OpenSearch, Atom.

Every function returns text made from rows alone, so two builds give the same bytes. Text in JSON is the text of the
CSV, with `guide:` links turned into addresses.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pydantic import BaseModel, ConfigDict, Field

from catalogue.changes import format_feed
from catalogue.envelope import Envelope
from catalogue.load import ERRORS, ROOT
from catalogue.model import Catalogue, ErrorCode, Item, Observed, Source
from catalogue.pymodule import format_module
from catalogue.render import PROSE, Site, render_error_twin, render_status_twin, strip_markup, unlink_prose
from catalogue.snapshot import Manifest, read_manifest
from catalogue.twins import format_llms, format_llms_full

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class PublishedError(ErrorCode):
    """One error code as published: the row, its address, its real responses, and the sources it cites."""

    url: str = Field(
        title="Address", description="Address of the page of this code.", json_schema_extra={"format": "uri"}
    )
    observed: tuple[Observed, ...] = Field(
        title="Observed", description="Real responses whose wording or shape differs from the vendor's table."
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


def resolve_links(text: str, site: Site) -> str:
    """Turn `[words](guide:NAME#anchor)` into a Markdown link with the address of the guide."""

    def replace_link(match: re.Match[str]) -> str:
        if not match["words"]:
            return match[0]
        address = site.locate(f"guides/{match['guide']}/{match['anchor'] or ''}")
        return f"[{match['words']}]({address})"

    return PROSE.sub(replace_link, text)


def publish_error(catalogue: Catalogue, error: ErrorCode, site: Site) -> PublishedError:
    """Resolve a row into the published object."""

    def resolve_item(item: Item) -> Item:
        return Item(text=resolve_links(item.text, site), evidence=item.evidence)

    resolved = {
        "summary": unlink_prose(error.summary),
        "causes": tuple(resolve_item(item) for item in error.causes),
        "remediation": tuple(resolve_item(item) for item in error.remediation),
        "note": resolve_item(error.note) if error.note else None,
    }
    observed = catalogue.list_observed(error.code)
    return PublishedError(
        **{name: resolved.get(name, getattr(error, name)) for name in ErrorCode.model_fields},
        url=site.locate(f"codes/{error.code}/"),
        observed=tuple(row.model_copy(update={"note": resolve_links(row.note, site)}) for row in observed),
        evidence=catalogue.list_evidence(error),
    )


def format_json(value: Any) -> str:
    """Write JSON deterministically: two blanks of indent, keys as given, a final line end."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


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
            "outcome": [error.outcome, error.outcome.label],
            "actor": error.actor.label,
            "summary": strip_markup(error.summary),
            "first": strip_markup(error.remediation[0].text),
            "steps": [strip_markup(item.text) for item in error.remediation[:2]],
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
    return json.dumps({"errors": errors, "statuses": statuses}, ensure_ascii=False, separators=(",", ":")) + "\n"


def format_errors_schema(site: Site) -> str:
    """Return the JSON Schema of errors.json, generated from the models."""
    schema = _describe_references(PublishedCatalogue.model_json_schema(by_alias=True, mode="serialization"))
    return format_json({"$schema": DIALECT, "$id": site.locate("errors.schema.json")} | schema)


def _describe_references(schema: dict[str, Any]) -> dict[str, Any]:
    """Repeat title and description of a definition at every property that refers to it and has none of its own."""
    definitions = schema["$defs"]
    for model in (schema, *definitions.values()):
        for field in model.get("properties", {}).values():
            if "$ref" in field:
                target = definitions[field["$ref"].removeprefix("#/$defs/")]
                field |= {name: target[name] for name in ("title", "description") if name not in field}
    return schema


def format_envelope_schema(site: Site) -> str:
    """Return the JSON Schema of the envelope, generated from the model."""
    schema = Envelope.model_json_schema(mode="validation")
    return format_json({"$schema": DIALECT, "$id": site.locate("envelope.schema.json")} | schema)


def format_opensearch(site: Site) -> str:
    """Return the OpenSearch description, so that a browser's address bar can look errors up."""
    template = escape(site.locate("#q={searchTerms}"))
    icon, own = escape(site.locate("assets/images/favicon.svg")), escape(site.locate("opensearch.xml"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        "  <ShortName>WOO X Pro errors</ShortName>\n"
        "  <Description>Look up an error code or message of the WOO X Pro REST API</Description>\n"
        "  <InputEncoding>UTF-8</InputEncoding>\n"
        f'  <Image width="16" height="16" type="image/svg+xml">{icon}</Image>\n'
        f'  <Url type="text/html" method="get" template="{template}"/>\n'
        f'  <Url type="application/opensearchdescription+xml" rel="self" template="{own}"/>\n'
        "</OpenSearchDescription>\n"
    )


def plan_exports(catalogue: Catalogue, site: Site, twins: Mapping[str, str]) -> dict[str, str]:
    """Return path below the site's root → content of every exported file; `twins` holds the hand-written pages'."""
    published = tuple(publish_error(catalogue, error, site) for error in catalogue.errors)
    files = {f"codes/{error.code}/index.json": format_error(error) for error in published}
    files |= {f"codes/{e.code}/index.md": render_error_twin(catalogue, e.code, site) + "\n" for e in catalogue.errors}
    files |= {
        f"http/{row.status}/index.md": render_status_twin(catalogue, row.status, site) + "\n"
        for row in catalogue.statuses
    }
    files |= twins
    files |= {
        "errors.json": format_catalogue(published, site),
        "lookup.json": format_lookup(catalogue),
        "errors.schema.json": format_errors_schema(site),
        "envelope.schema.json": format_envelope_schema(site),
        "errors.py": format_module(catalogue, site),
        "opensearch.xml": format_opensearch(site),
        "changes.xml": format_feed(catalogue, site),
        "llms.txt": format_llms(catalogue, site, twins),
    }
    return files | {"llms-full.txt": format_llms_full(files)}


def write_exports(catalogue: Catalogue, site: Site, target: Path, twins: Mapping[str, str], root: Path = ROOT) -> None:
    """Write every exported file below `target`; errors.csv is the data file itself."""
    for path, content in plan_exports(catalogue, site, twins).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode())
    (target / "errors.csv").write_bytes((root / ERRORS).read_bytes())
