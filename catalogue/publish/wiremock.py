"""WireMock: a stub mapping per error code and per fault, for tests in languages other than Python.

A request names its error in the header `X-Mock-Error` and its fault in `X-Mock-Fault`, as for the mock exchange.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

JSON_TYPE = {"Content-Type": "application/json"}
ANY_REQUEST = {"method": "ANY", "urlPathPattern": "/(contract|account)/.*"}
SLOW_MS = 30_000


def format_wiremock(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return wiremock.json, made from rows of errors.json: put it into the folder `mappings` of a WireMock server."""
    mappings = [map_error(error) for error in errors] + map_faults()
    document = {"mappings": mappings, "meta": {"total": len(mappings)}}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def make_body(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return the response body of a code, equal to the example on its page."""
    code = str(error["code"])
    body = {"code": int(code), "message": error["message"], "trace": f"00000000-0000-4000-8000-{code:0>12}"}
    return body | ({"data": {}} if error["outcome"] == "accepted" else {})


def map_error(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping of one code. Its metadata says what a client must make of it."""
    return {
        "name": f"{error['code']} {error['message']}",
        "priority": 1,
        "request": ANY_REQUEST | {"headers": {"X-Mock-Error": {"equalTo": str(error["code"])}}},
        "response": {"status": error["http_status"], "headers": JSON_TYPE, "jsonBody": make_body(error)},
        "metadata": {name: error[name] for name in ("retry", "outcome", "actor", "url")},
    }


def map_faults() -> list[dict[str, Any]]:
    """Return the mappings of answers that carry no code: the outcome of a write is unknown after each."""
    html = {"Content-Type": "text/html"}
    pages = {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}
    route = {"status": 404, "headers": JSON_TYPE, "jsonBody": {"error_msg": "404 Route Not Found"}}
    success = {"code": 1000, "message": "Ok", "trace": "00000000-0000-4000-8000-000000001000", "data": {}}
    responses: dict[str, dict[str, Any]] = {
        f"html-{status}": {"status": status, "headers": html, "body": f"<html><title>{status} {title}</title></html>"}
        for status, title in pages.items()
    }
    responses |= {
        "lost-before": {"fault": "EMPTY_RESPONSE"},
        "lost-after": {"fault": "CONNECTION_RESET_BY_PEER"},
        "route-404": route,
        "empty": {"status": 200, "headers": JSON_TYPE, "body": ""},
        "slow": {"status": 200, "headers": JSON_TYPE, "jsonBody": success, "fixedDelayMilliseconds": SLOW_MS},
        "cut": {"status": 200, "headers": JSON_TYPE, "body": json.dumps(success)[:20]},
    }
    return [
        {
            "name": f"fault {fault}",
            "priority": 1,
            "request": ANY_REQUEST | {"headers": {"X-Mock-Fault": {"equalTo": fault}}},
            "response": response,
            "metadata": {"outcome": "unknown"},
        }
        for fault, response in sorted(responses.items())
    ]
