"""data/requests.csv against the mock exchange: the wrong request gets its code, the right one succeeds."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.exchange_tools import (
    ERRORS,
    REQUESTS,
    SOURCES,
    make_errors,
    mock_exchange,
    parse_request,
    read_csv,
    send_request,
)

COLUMNS = ["code", "basis", "given", "wrong", "right", "note"]
PLACEHOLDERS = {"X-API-KEY": "{KEY}", "X-API-SIGN": "{SIGN}", "X-API-TIMESTAMP": "{TIMESTAMP}"}
UNDOCUMENTED = {"30000", "30030"}  # the wrong path is the error

LEGACY = "The text belongs to an older protocol. No documented call has what it speaks of."
NO_MARGIN_CALL = "No documented call moves margin in or out of a position."
NO_LIFETIME = "No documented call has a field for the lifetime of a plan order."
ONLY_TIME = "The request is right. It succeeds when the state of the exchange changes."
ONLY_PERSON = "The request is right. A person must settle the account with the exchange."
NO_REQUEST = {
    "1000": "It is the success that every right request gets.",
    "30003": "The exchange has frozen the key, and no other request frees the key.",
    "30013": "It takes many requests in 2 seconds, and each of them is right.",
    "30014": ONLY_TIME,
    "30016": ONLY_TIME,
    "30017": "It takes many requests after 30013, and then no request succeeds.",
    "30019": ONLY_PERSON,
    "40001": LEGACY,
    "40002": LEGACY,
    "40004": LEGACY,
    "40006": "The back end refuses the address. Which addresses it refuses is not published.",
    "40008": LEGACY,
    "40013": "The text has two meanings, too many requests and a wrong clock. No capture says which.",
    "40015": ONLY_TIME,
    "40018": "The position is gone, so that nothing is left to close.",
    "40019": ONLY_TIME,
    "40022": NO_MARGIN_CALL,
    "40023": NO_MARGIN_CALL,
    "40024": NO_MARGIN_CALL,
    "40025": NO_MARGIN_CALL,
    "40026": ONLY_TIME,
    "40032": NO_LIFETIME,
    "40033": NO_LIFETIME,
    "40046": ONLY_PERSON,
    "40047": ONLY_PERSON,
}

ROWS = read_csv(REQUESTS)
STATUSES = {row["code"]: int(row["http_status"]) for row in read_csv(ERRORS)}
KINDS = {row["key"]: row["kind"] for row in read_csv(SOURCES)}
each_row = pytest.mark.parametrize("row", ROWS, ids=[row["code"] for row in ROWS])


@pytest.fixture(scope="module")
def mock() -> Iterator[Any]:
    with mock_exchange.serve(make_errors()) as running:
        yield running


@pytest.fixture(scope="module")
def http(mock: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mock.url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def credentials(http: httpx.Client) -> dict[str, str]:
    found: dict[str, str] = http.get("/mock/credentials").json()
    return found


def send_in_state(http: httpx.Client, row: dict[str, str], name: str, credentials: dict[str, str]) -> httpx.Response:
    """Send one of the two requests to a mock that knows nothing but the given state."""
    http.post("/mock/reset").raise_for_status()
    if row["given"]:
        http.post("/mock/state", content=row["given"]).raise_for_status()
    return send_request(http, parse_request(row[name]), credentials)


@each_row
def test_the_wrong_request_gets_exactly_its_code_and_status(
    http: httpx.Client, credentials: dict[str, str], row: dict[str, str]
) -> None:
    answer = send_in_state(http, row, "wrong", credentials)
    assert (str(answer.json()["code"]), answer.status_code) == (row["code"], STATUSES[row["code"]])


@each_row
def test_the_right_request_succeeds(http: httpx.Client, credentials: dict[str, str], row: dict[str, str]) -> None:
    answer = send_in_state(http, row, "right", credentials)
    assert (answer.json()["code"], answer.status_code) == (1000, 200), answer.text


@each_row
def test_the_answer_names_sources_of_the_basis_that_the_row_names(
    http: httpx.Client, credentials: dict[str, str], row: dict[str, str]
) -> None:
    named = send_in_state(http, row, "wrong", credentials).headers["X-Mock-Basis"]
    if row["basis"] == "inference":
        assert named == "inference"
        return
    kinds = {KINDS[key] for key in named.split(",")}
    assert ("community" in kinds) == (row["basis"] == "reported")


def test_every_code_has_a_pair_or_a_reason_and_never_both() -> None:
    paired = [row["code"] for row in ROWS]
    both = sorted(set(paired) & NO_REQUEST.keys())
    assert both == [], f"These codes have requests now. Take their reasons out of NO_REQUEST: {both}"
    missing = sorted(STATUSES.keys() - set(paired) - NO_REQUEST.keys())
    assert missing == [], f"Add a row to requests.csv, or a reason to NO_REQUEST, for: {missing}"
    assert {*paired, *NO_REQUEST} == STATUSES.keys()


def test_the_rows_stand_in_the_order_of_the_codes() -> None:
    assert [row["code"] for row in ROWS] == sorted({row["code"] for row in ROWS}, key=int)


def test_the_file_is_canonical() -> None:
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROWS)
    assert REQUESTS.read_bytes() == written.getvalue().encode(), "Write requests.csv with Python's csv writer."


@each_row
def test_a_row_has_a_known_basis_a_note_and_a_given_object(row: dict[str, str]) -> None:
    assert row["basis"] in {"documented", "reported", "inference"}
    assert row["given"] == "" or isinstance(json.loads(row["given"]), dict)
    assert row["note"].endswith("."), "Make the note a sentence."
    sentences = re.split(r"(?<=[.])\s+(?=[A-Z`])", row["note"])
    assert max(len(sentence.split()) for sentence in sentences) <= 25, "Say it in at most 25 words a sentence."


@each_row
def test_wrong_and_right_differ(row: dict[str, str]) -> None:
    assert row["wrong"] != row["right"]


@each_row
def test_both_requests_use_documented_calls(row: dict[str, str]) -> None:
    requests = {name: parse_request(row[name]) for name in ("wrong", "right")}
    known = {name: (request.method, request.path) in mock_exchange.ROUTES for name, request in requests.items()}
    assert known == {"wrong": row["code"] not in UNDOCUMENTED, "right": True}


@each_row
def test_only_the_body_that_is_no_json_is_no_json(row: dict[str, str]) -> None:
    bodies = {name: parse_request(row[name]).body for name in ("wrong", "right")}
    for name, body in bodies.items():
        if body and (row["code"], name) != ("30018", "wrong"):
            assert body == json.dumps(json.loads(body), separators=(",", ":")), "Write the JSON without blanks."


@each_row
def test_the_right_request_leaves_key_time_and_signature_to_the_sender(row: dict[str, str]) -> None:
    request = parse_request(row["right"])
    filled = {name: value for name, value in request.headers.items() if name in PLACEHOLDERS}
    level = mock_exchange.ROUTES[request.method, request.path].level
    wanted = {"NONE": (), "KEYED": ("X-API-KEY",), "SIGNED": PLACEHOLDERS}[level]
    assert filled == {name: PLACEHOLDERS[name] for name in wanted}
