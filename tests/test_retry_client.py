"""docs/samples/retry_client.py against a stub exchange: every code of data/errors.csv, as a read and as a write."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

ROOT = Path(__file__).parent.parent
ERRORS = ROOT / "data" / "errors.csv"
SAMPLE = ROOT / "docs" / "samples" / "retry_client.py"
DETAILS = "/contract/public/details"
ORDER = {"symbol": "BTCUSDT", "side": 1, "type": "limit", "price": "60000", "size": 1}
UNLISTED = ("49998", "40059", "25601", "50032")


def load_sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("retry_client", SAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def read_rows() -> list[dict[str, str]]:
    with ERRORS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


retry_client = load_sample()
ROWS = read_rows()
POLICY = retry_client.Policy(max_backoffs=3, first_backoff=1.0, backoff_cap=2.0, max_waits=2, wait_pause=60.0)
ATTEMPTS = {"none": 1, "backoff": 1 + POLICY.max_backoffs, "wait": 1 + POLICY.max_waits, "fix": 1, "stop": 1}
each_row = pytest.mark.parametrize("row", ROWS, ids=[row["code"] for row in ROWS])


@dataclass(frozen=True)
class Reply:
    """One prepared answer; `executes` books the order first, `lost` closes the socket instead of answering."""

    status: int = 200
    body: str = '{"code": 1000, "message": "OK", "trace": "t", "data": {"order_id": 7}}'
    executes: bool = False
    lost: bool = False


OK = Reply(executes=True)


def make_reply(row: dict[str, str], executes: bool = False) -> Reply:
    body = json.dumps({"code": int(row["code"]), "message": row["message"], "trace": "t", "data": {}})
    return Reply(int(row["http_status"]), body, executes)


@dataclass
class Exchange:
    """What the stub does and what it saw. The last reply of a list is repeated."""

    url: str = ""
    submit: list[Reply] = field(default_factory=lambda: [OK])
    details: list[Reply] = field(default_factory=lambda: [OK])
    history: list[Reply] = field(default_factory=list)
    hidden_looks: int = 0
    booked: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def handle(self, method: str, target: str, body: str) -> Reply:
        path = urlsplit(target).path
        self.log.append(f"{method} {path}")
        if path == retry_client.HISTORY and not self.history:
            return self.show_history(parse_qs(urlsplit(target).query))
        if path == retry_client.OPEN_ORDERS:
            return Reply(body='{"code": 1000, "message": "Ok", "data": []}')
        replies = {retry_client.SUBMIT: self.submit, retry_client.HISTORY: self.history, DETAILS: self.details}[path]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if method == "POST":
            self.bodies.append(body)
            if reply.executes:
                self.booked.append({**json.loads(body), "order_id": "7"})
        return reply

    def show_history(self, query: dict[str, list[str]]) -> Reply:
        self.hidden_looks -= 1
        shown = self.booked if self.hidden_looks < 0 else []
        rows = [order for order in shown if [order["client_order_id"]] == query["client_order_id"]]
        return Reply(body=json.dumps({"code": 1000, "message": "Ok", "data": rows}))

    @property
    def sent(self) -> int:
        return self.log.count(f"POST {retry_client.SUBMIT}")

    @property
    def looks(self) -> int:
        return self.log.count(f"GET {retry_client.HISTORY}")


class Handler(BaseHTTPRequestHandler):
    exchange: Exchange

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        reply = self.exchange.handle(self.command, self.path, body)
        if reply.lost:
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.end_headers()
        self.wfile.write(reply.body.encode())

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


for verb in ("GET", "POST"):
    setattr(Handler, f"do_{verb}", Handler.answer)


@pytest.fixture(scope="module")
def server() -> Iterator[type[Handler]]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    Handler.exchange = Exchange(f"http://127.0.0.1:{http.server_port}")
    yield Handler
    http.shutdown()
    http.server_close()


@pytest.fixture
def exchange(server: type[Handler]) -> Exchange:
    server.exchange = Exchange(server.exchange.url)
    return server.exchange


@pytest.fixture(scope="module")
def catalogue_json() -> dict[str, Any]:
    keys = ("code", "message", "retry", "outcome", "actor")
    return {"errors": [{key: row[key] for key in keys} | {"url": f"/codes/{row['code']}/"} for row in ROWS]}


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture(scope="module")
def http(server: type[Handler]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.exchange.url, trust_env=False) as client:
        yield client


@pytest.fixture
def client(http: httpx.Client, catalogue_json: dict[str, Any], pauses: list[float]) -> Any:
    return retry_client.Client(http, catalogue_json, sign_with_key_only, POLICY, pauses.append)


def sign_with_key_only(_: str) -> dict[str, str]:
    return {"X-API-KEY": "k"}


def find_blind_resends(log: list[str]) -> list[int]:
    """The sends that follow another send without a look at both open orders and history in between."""
    sends = [place for place, line in enumerate(log) if line.startswith("POST ")]
    looks = {f"GET {retry_client.OPEN_ORDERS}", f"GET {retry_client.HISTORY}"}
    return [later for earlier, later in pairwise(sends) if not looks <= set(log[earlier:later])]


def check_error(error: Any, row: dict[str, str]) -> None:
    seen = (error.code, error.retry, error.outcome, error.actor, error.url)
    assert seen == (row["code"], row["retry"], row["outcome"], row["actor"], f"/codes/{row['code']}/")


@each_row
def test_a_read_is_repeated_as_often_as_its_code_says(
    client: Any, exchange: Exchange, pauses: list[float], row: dict[str, str]
) -> None:
    exchange.details = [make_reply(row)]
    if row["retry"] == "none":
        assert client.get(DETAILS) == {}
    else:
        with pytest.raises(retry_client.ApiError) as caught:
            client.get(DETAILS)
        check_error(caught.value, row)
    assert exchange.log == [f"GET {DETAILS}"] * ATTEMPTS[row["retry"]]
    assert len(pauses) == len(exchange.log) - 1
    if row["retry"] == "wait":
        assert set(pauses) == {POLICY.wait_pause}
    for pause, longest in zip(pauses, (1.0, 2.0, 2.0), strict=False):
        assert row["retry"] != "backoff" or longest / 2 <= pause <= longest


@each_row
def test_a_write_that_was_not_executed_is_repeated_only_as_its_code_says(
    client: Any, exchange: Exchange, row: dict[str, str]
) -> None:
    exchange.submit = [make_reply(row)]
    if row["retry"] == "none":
        assert client.place_order(ORDER) == {}
        assert exchange.log == [f"POST {retry_client.SUBMIT}"]
        return
    with pytest.raises(retry_client.ApiError) as caught:
        client.place_order(ORDER)
    check_error(caught.value, row)
    once_more = row["outcome"] == "unknown" and ATTEMPTS[row["retry"]] > 1
    expected = {"rejected": ATTEMPTS[row["retry"]], "duplicate": 1, "unknown": 2 if once_more else 1}
    assert exchange.sent == expected[row["outcome"]]
    assert exchange.looks == (0 if row["outcome"] == "rejected" else 2 * exchange.sent)


@each_row
def test_a_write_that_was_executed_is_found_and_not_sent_again(
    client: Any, exchange: Exchange, row: dict[str, str]
) -> None:
    if row["outcome"] not in {"unknown", "duplicate"}:
        assert row["outcome"] in {"accepted", "rejected"}, f"errors.csv {row['code']}: teach the client this outcome"
        return
    exchange.submit = [make_reply(row, executes=True)]
    assert client.place_order(ORDER)["order_id"] == "7"
    assert (exchange.sent, exchange.looks) == (1, 1)


@each_row
def test_no_write_of_unknown_outcome_is_sent_again_without_a_look_up(
    client: Any, exchange: Exchange, row: dict[str, str]
) -> None:
    exchange.submit = [make_reply(row)]
    with suppress(retry_client.ApiError):
        client.place_order(ORDER)
    assert row["outcome"] == "rejected" or find_blind_resends(exchange.log) == []


@each_row
def test_after_a_lost_answer_no_code_leads_to_a_blind_resend(
    client: Any, exchange: Exchange, row: dict[str, str]
) -> None:
    exchange.submit = [Reply(lost=True), make_reply(row)]
    with suppress(retry_client.ApiError):
        client.place_order(ORDER)
    assert find_blind_resends(exchange.log) == []


def test_the_check_for_blind_resends_can_fail() -> None:
    look, send = [f"GET {retry_client.OPEN_ORDERS}", f"GET {retry_client.HISTORY}"], [f"POST {retry_client.SUBMIT}"]
    assert find_blind_resends(send + look + send) == []
    assert find_blind_resends(send + look[:1] + send) == [2]
    assert find_blind_resends(send + look + send + send) == [4]


@pytest.mark.parametrize("code", UNLISTED)
def test_an_unlisted_code_is_looked_up_and_never_repeated(client: Any, exchange: Exchange, code: str) -> None:
    assert code not in {row["code"] for row in ROWS}, f"{code} is listed now: take it out of UNLISTED"
    reply = Reply(400, f'{{"code": {code}, "message": "?"}}')
    exchange.submit = exchange.details = [reply]
    with pytest.raises(retry_client.ApiError) as read:
        client.get(DETAILS)
    with pytest.raises(retry_client.ApiError) as write:
        client.place_order(ORDER)
    assert (read.value.code, write.value.code, write.value.outcome) == (code, code, "unknown")
    assert (exchange.log.count(f"GET {DETAILS}"), exchange.sent, exchange.looks) == (1, 1, 2)


LOST = {
    "the socket is closed": Reply(lost=True),
    "HTTP 500 without a body": Reply(500, ""),
    "HTML from a proxy": Reply(502, "<html><title>502 Bad Gateway</title></html>"),
    "404 of the gateway": Reply(404, '{"error_msg":"404 Route Not Found"}'),
    "an empty object": Reply(503, "{}"),
    "no object": Reply(503, "[]"),
    "a null code": Reply(503, '{"code": null}'),
}
each_loss = pytest.mark.parametrize("lost", LOST.values(), ids=LOST)


@each_loss
def test_a_lost_answer_of_an_executed_order_is_looked_up(client: Any, exchange: Exchange, lost: Reply) -> None:
    exchange.submit = [Reply(lost.status, lost.body, executes=True, lost=lost.lost)]
    assert client.place_order(ORDER)["order_id"] == "7"
    assert (exchange.sent, len(exchange.booked)) == (1, 1)


@each_loss
def test_an_order_that_never_arrived_is_sent_once_more_with_the_same_id(
    client: Any, exchange: Exchange, lost: Reply
) -> None:
    exchange.submit = [lost, OK]
    assert client.place_order(ORDER) == {"order_id": 7}
    assert (exchange.sent, exchange.looks, len(exchange.booked)) == (2, 2, 1)
    assert exchange.bodies[0] == exchange.bodies[1]


@each_loss
def test_a_read_without_a_code_is_repeated(client: Any, exchange: Exchange, lost: Reply) -> None:
    exchange.details = [lost, OK]
    assert client.get(DETAILS) == {"order_id": 7}


def test_a_second_lost_answer_ends_the_attempts(client: Any, exchange: Exchange) -> None:
    exchange.submit = [Reply(lost=True)]
    with pytest.raises(retry_client.ApiError) as caught:
        client.place_order(ORDER)
    assert (exchange.sent, exchange.looks, caught.value.outcome) == (2, 4, "unknown")


def test_an_order_that_reaches_the_history_late_is_found(client: Any, exchange: Exchange, pauses: list[float]) -> None:
    exchange.submit, exchange.hidden_looks = [Reply(executes=True, lost=True)], 1
    assert client.place_order(ORDER)["order_id"] == "7"
    assert (exchange.sent, exchange.looks) == (1, 2)
    assert pauses == [POLICY.look_up_pause]


def test_a_failed_look_up_forbids_the_resend(client: Any, exchange: Exchange) -> None:
    exchange.submit, exchange.history = [Reply(lost=True)], [Reply(400, '{"code": 40012, "message": "System error"}')]
    with pytest.raises(retry_client.ApiError) as caught:
        client.place_order(ORDER)
    assert (exchange.sent, caught.value.outcome) == (1, "unknown")


def test_a_history_that_is_no_list_forbids_the_resend(client: Any, exchange: Exchange) -> None:
    exchange.submit = [Reply(lost=True)]
    exchange.history = [Reply(body='{"code": 1000, "message": "OK", "data": {"orders": []}}')]
    with pytest.raises(retry_client.ApiError):
        client.place_order(ORDER)
    assert exchange.sent == 1


def test_a_refusal_after_a_lost_answer_stays_unknown(client: Any, exchange: Exchange) -> None:
    refused = next(row for row in ROWS if (row["retry"], row["outcome"]) == ("fix", "rejected"))
    exchange.submit = [Reply(lost=True), make_reply(refused)]
    with pytest.raises(retry_client.ApiError) as caught:
        client.place_order(ORDER)
    assert (caught.value.code, caught.value.outcome) == (refused["code"], "unknown")


def test_success_with_an_error_text_is_not_trusted(client: Any, exchange: Exchange) -> None:
    exchange.submit = [Reply(body='{"code": 1000, "message": "This service is down"}')]
    with pytest.raises(retry_client.ApiError) as caught:
        client.place_order(ORDER)
    assert (exchange.sent, exchange.looks, caught.value.outcome) == (1, 2, "unknown")


def test_a_timeout_is_an_unknown_outcome(catalogue_json: dict[str, Any], pauses: list[float]) -> None:
    book = Exchange(submit=[OK])

    def answer(request: httpx.Request) -> httpx.Response:
        reply = book.handle(request.method, str(request.url), request.content.decode())
        if request.method == "POST":
            raise httpx.ReadTimeout("too slow", request=request)
        return httpx.Response(reply.status, text=reply.body)

    with httpx.Client(base_url="http://stub", transport=httpx.MockTransport(answer)) as http:
        client = retry_client.Client(http, catalogue_json, sign_with_key_only, POLICY, pauses.append)
        assert client.place_order(ORDER)["order_id"] == "7"
    assert (book.sent, len(book.booked)) == (1, 1)


def test_every_attempt_is_signed_anew_over_the_very_body_sent(
    http: httpx.Client, exchange: Exchange, catalogue_json: dict[str, Any], pauses: list[float]
) -> None:
    exchange.submit, signed = [Reply(lost=True), OK], []

    def sign(body: str) -> dict[str, str]:
        signed.append(body)
        return {"X-API-SIGN": "s"}

    retry_client.Client(http, catalogue_json, sign, POLICY, pauses.append).place_order(ORDER)
    assert len(signed) == len(exchange.log)
    assert [body for body in signed if body] == exchange.bodies


def test_the_client_makes_an_id_the_api_accepts_and_keeps_a_given_one(client: Any, exchange: Exchange) -> None:
    client.place_order(ORDER)
    client.place_order({**ORDER, "client_order_id": "mine1"})
    made, given = (json.loads(body)["client_order_id"] for body in exchange.bodies)
    assert made.isalnum()
    assert len(made) == 32
    assert given == "mine1"


def test_the_client_reads_a_published_file(http: httpx.Client, tmp_path: Path, catalogue_json: dict[str, Any]) -> None:
    path = tmp_path / "errors.json"
    path.write_text(json.dumps(catalogue_json), encoding="utf-8")
    client = retry_client.Client(http, path, sign_with_key_only)
    assert list(client.rows) == [row["code"] for row in ROWS]
