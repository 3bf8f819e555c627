"""OpenAPI: a document of the errors, with an example per code, for tools that mock or check an API by it."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from catalogue.publish.wiremock import make_body

# Calls whose errors a client has to handle first. Which call gives which code is not published, so each may give all.
CALLS = {
    "/contract/private/submit-order": ("post", "Place an order"),
    "/contract/private/submit-plan-order": ("post", "Place a plan order"),
    "/contract/private/submit-tp-sl-order": ("post", "Place a take-profit or stop-loss order"),
    "/contract/private/cancel-order": ("post", "Cancel an order"),
    "/contract/private/get-open-orders": ("get", "Read the open orders"),
    "/contract/private/current-plan-order": ("get", "Read the plan orders"),
    "/contract/private/order-history": ("get", "Read finished orders"),
    "/contract/private/trades": ("get", "Read the fills"),
    "/contract/private/position-v2": ("get", "Read the positions"),
}
JUDGEMENTS = ("retry", "outcome", "actor", "url")


def format_openapi(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return openapi.json (OpenAPI 3.1), made from rows of errors.json."""
    statuses = sorted({int(error["http_status"]) for error in errors})
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Errors of the WOO X Pro REST API",
            "version": "1.0.0",
            "summary": "The body of every error code, by HTTP status.",
            "description": (
                "This document describes errors only: parameters and results are left out. Which call gives which "
                "code is not published. Not an official publication of WOO X Pro."
            ),
        },
        "servers": [{"url": "http://127.0.0.1:8099", "description": "The mock exchange on your own machine"}],
        "paths": {path: describe_call(path, statuses) for path in CALLS},
        "components": {
            "schemas": {"Envelope": describe_envelope(errors), "ErrorCode": describe_codes(errors)},
            "responses": {f"Http{status}": describe_response(status, errors) for status in statuses},
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def describe_call(path: str, statuses: Sequence[int]) -> dict[str, Any]:
    """Return the path item of one call."""
    method, summary = CALLS[path]
    operation: dict[str, Any] = {
        "operationId": path.rpartition("/")[2],
        "summary": summary,
        "responses": {str(status): {"$ref": f"#/components/responses/Http{status}"} for status in statuses},
    }
    if method == "post":  # without a requestBody, a mock server may refuse every request that has a body
        schema = {"type": "object", "description": "The fields are left out here."}
        operation["requestBody"] = {"required": False, "content": {"application/json": {"schema": schema}}}
    return {method: operation}


def describe_response(status: int, errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the response of one HTTP status, with an example for each of its codes."""
    examples = {str(error["code"]): describe_example(error) for error in errors if error["http_status"] == status}
    schema = {"$ref": "#/components/schemas/Envelope"}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def describe_example(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return the example of one code, with its judgements and the address of its page."""
    return {
        "summary": error["message"],
        "description": f"retry {error['retry']}, outcome {error['outcome']}, actor {error['actor']}: {error['url']}",
        "value": make_body(error),
    }


def describe_envelope(errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of the body. A code that is not listed is allowed: take a write as of unknown outcome then."""
    return {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {
                "anyOf": [{"$ref": "#/components/schemas/ErrorCode"}, {"type": "integer"}],
                "description": f"One of {len(errors)} listed codes, or a number that is not listed.",
            },
            "message": {"type": "string", "description": "Text that belongs to the code."},
            "trace": {"type": "string", "description": "Id of the request."},
            "data": {"type": ["object", "array", "null"], "description": "The result, if there is one."},
        },
    }


def describe_codes(errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of the listed codes, with the judgements on each as extensions."""
    judgements = {str(error["code"]): {name: error[name] for name in JUDGEMENTS} for error in errors}
    return {"type": "integer", "enum": [int(error["code"]) for error in errors], "x-errors": judgements}
