"""JSON Schemas, generated from the models: one of errors.json, one of the envelope of every response."""

import json
from typing import Any

from catalogue.publish.json_files import PublishedCatalogue
from catalogue.render.envelope import Envelope
from catalogue.render.links import Site

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def format_errors_schema(site: Site) -> str:
    """Return the JSON Schema of errors.json, generated from the models."""
    schema = _describe_references(PublishedCatalogue.model_json_schema(by_alias=True, mode="serialization"))
    return _format({"$schema": DIALECT, "$id": site.locate("errors.schema.json")} | schema)


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
    return _format({"$schema": DIALECT, "$id": site.locate("envelope.schema.json")} | schema)


def _format(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
