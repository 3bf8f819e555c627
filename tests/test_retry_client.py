"""docs/samples/retry_client.py against the mock exchange: every code, every fault, and random schedules of both."""

import json
import math
import os
import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from hypothesis import Phase, given, settings

from docs.samples import mock_exchange, read_errors, retry_client
from docs.samples.retry_client import CANCEL, HISTORY, OPEN_ORDERS, PLAN, PLAN_ORDERS, SUBMIT, TRADES, ApiError, Client
from docs.samples.sign import signed_headers
from tests import client_world
from tests.client_world import LIMIT, MARKET, PLAN_ORDER, STOP, SYMBOL, Schedule, make_schedules, run_schedule
from tests.exchange_tools import ROOT, make_errors

DETAILS = "/contract/public/details"
SCHEDULES = int(os.environ.get("CLIENT_SCHEDULES", "250"))  # CLIENT_SCHEDULES=5000 takes some minutes
UNLISTED = ("49998", "40059", "25601", "50032")


def read_catalogue() -> dict[str, Any]:
    """Return what the client and the mock need of errors.json, made from the rows."""
    rows = make_errors()["errors"]
    for row in rows:
        row["url"] = f"https://errors.example.org/codes/{row['code']}/"
        row["after"] = int(row["after"]) if row["after"].isdigit() else row["after"] or None
    return {"errors": rows}


def read_rules() -> str:
    """Return what the guide says that the client does."""
    guide = (ROOT / "docs" / "guides" / "retries.md").read_text("utf-8")
    return guide.partition("{ #algorithm }")[2].partition("{ #client }")[0]


CATALOGUE = read_catalogue()
ROWS = CATALOGUE["errors"]
REFUSED = [row for row in ROWS if row["outcome"] == "rejected"]
BACKOFFS = [row for row in ROWS if row["retry"] == "backoff"]
IN_DOUBT = [row for row in ROWS if row["outcome"] in ("unknown", "duplicate")]


LISTS = (OPEN_ORDERS, PLAN_ORDERS, HISTORY, TRADES)
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "place_order": (SUBMIT, LIMIT),
    "place_tp_sl_order": (retry_client.TP_SL, STOP),
    "place_plan_order": (PLAN, PLAN_ORDER),
}
MINE = LIMIT | {"client_order_id": "mine"}  # with an id of the caller's own
each_kind = pytest.mark.parametrize("kind", KINDS)


def each(rows: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row["code"] for row in rows])


class Bench:
    """A client at the mock exchange, in this process: what it sent, how long it paused, which ids it gave out."""

    def __init__(self) -> None:
        self.mock = mock_exchange.Mock(mock_exchange.load_errors(CATALOGUE))
        self.mock.set_state(limits={"*": None}, positions=[{"current_amount": "5"}])
        self.log: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.pauses: list[float] = []
        self.ids: list[str] = []
        self.signed: list[str] = []
        self.http = httpx.Client(base_url="http://exchange", transport=httpx.MockTransport(self.answer))
        self.client = self.make_client()

    def make_client(self, catalogue: Any = CATALOGUE, sleep: Any = None, **limits: Any) -> Client:
        policy = retry_client.Policy(**limits)
        return Client(self.http, catalogue, self.sign, policy, sleep or self.sleep, on_id=self.ids.append)

    def sign(self, body: str) -> dict[str, str]:
        self.signed.append(body)
        return signed_headers(mock_exchange.KEY, mock_exchange.SECRET, mock_exchange.MEMO, body)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.mock.advance(seconds)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.log.append(f"{request.method} {request.url.path}")
        if request.method == "POST":
            self.bodies.append(json.loads(request.content))
        headers = {name.lower(): value for name, value in request.headers.items()}
        found = self.mock.handle(request.method, request.url.raw_path.decode(), headers, request.content)
        if found.body is None or found.delay > 5:
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(found.status, text=found.body, headers={"Location": request.url.path})

    def script(self, path: str, *steps: Any) -> None:
        self.mock.set_script(path, list(steps))

    def refuse_reads(self, *paths: str, times: int = 9) -> None:
        for path in paths:
            self.script(path, *["html-503"] * times)

    @property
    def sent(self) -> int:
        return sum(line.startswith("POST") for line in self.log)

    @property
    def placed(self) -> list[Any]:
        return [str(entry["data"].get("order_id", "")) for entry in self.mock.executions]

    def fail(self, call: Callable[[], Any]) -> ApiError:
        with pytest.raises(ApiError) as caught:
            call()
        return caught.value

    def stay_unknown(self, call: Callable[[], Any], label: str = "") -> ApiError:
        """Check that a call leaves its order in doubt and names it: by the first id given out, or by this one."""
        error = self.fail(call)
        assert (error.outcome, error.client_order_id) == ("unknown", label or self.ids[0])
        return error


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.http.close()


def make_answer(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a step of a script that answers with these rows."""
    return {"status": 200, "body": json.dumps({"code": 1000, "message": "Ok", "data": rows})}


def step(row: dict[str, Any], executed: bool = False) -> dict[str, Any]:
    return {"error": row["code"], "executed": executed}


# Reads


@each(ROWS)
def test_a_read_is_repeated_as_often_as_its_code_says(bench: Bench, row: dict[str, Any]) -> None:
    bench.script(DETAILS, *[row["code"]] * 9)
    client = bench.make_client(max_backoffs=3, max_waits=2, wait_pause=60.0)
    if row["retry"] == "none":
        assert client.get(DETAILS) == {}
    else:
        error = bench.fail(lambda: client.get(DETAILS))
        seen = (error.code, error.retry, error.outcome, error.actor, error.url)
        assert seen == tuple(row[key] for key in ("code", "retry", "outcome", "actor", "url"))
    attempts = {"backoff": 1 + 3, "wait": 1 + 2}.get(row["retry"], 1)
    assert len(bench.log) == attempts == len(bench.pauses) + 1
    if row["retry"] == "wait":
        assert set(bench.pauses) == {60.0}


def test_pauses_grow_with_jitter_up_to_a_cap(bench: Bench) -> None:
    bench.script(DETAILS, *["30014"] * 9)
    client = bench.make_client(max_backoffs=4, first_backoff=10.0, backoff_cap=30.0)
    bench.fail(lambda: client.get(DETAILS))
    for pause, longest in zip(bench.pauses, (10.0, 20.0, 30.0, 30.0), strict=True):
        assert longest / 2 <= pause <= longest


def make_patient_catalogue(row: dict[str, Any]) -> dict[str, Any]:
    """Return the catalogue with `after` of one row at 7 seconds."""
    return {"errors": [other | ({"after": 7} if other is row else {}) for other in ROWS]}


@each(BACKOFFS)
@pytest.mark.parametrize("after", [2, 7])
def test_no_policy_makes_a_pause_shorter_than_after(bench: Bench, row: dict[str, Any], after: int) -> None:
    catalogue = CATALOGUE if after == row["after"] else make_patient_catalogue(row)
    client = bench.make_client(catalogue, first_backoff=0.01, backoff_cap=0.01, window=0.01)
    bench.script(DETAILS, row["code"], row["code"])
    assert client.get(DETAILS)
    assert len(bench.pauses) == 2
    assert min(bench.pauses) >= after
    if row["outcome"] == "rejected":
        bench.script(SUBMIT, row["code"])
        assert client.place_order(LIMIT)
        assert len(bench.pauses) == 3
        assert bench.pauses[2] >= after


@pytest.mark.parametrize(
    "scripts",
    [
        {SUBMIT: "lost-after", OPEN_ORDERS: "30013"},
        {SUBMIT: {"status": 500, "body": '{"code": 30013, "message": "?"}', "executed": True}},
    ],
    ids=["of a list", "that leaves a write in doubt"],
)
def test_no_list_is_read_after_a_limit_sooner_than_after(bench: Bench, scripts: dict[str, Any]) -> None:
    limit = next(row for row in ROWS if row["code"] == "30013")
    client = bench.make_client(make_patient_catalogue(limit))
    for path, answer in scripts.items():
        bench.script(path, answer)
    assert [client.place_order(LIMIT)["order_id"]] == bench.placed
    assert bench.pauses == [7.0]


@pytest.mark.parametrize("after", [None, "the maintenance is over", 0])
def test_a_row_without_seconds_is_given_the_window(bench: Bench, after: Any) -> None:
    catalogue = {"errors": [row | {"after": after} for row in ROWS]}
    client = bench.make_client(catalogue, first_backoff=0.01, wait_pause=0.01)
    bench.script(DETAILS, "30014", "30016")
    assert client.get(DETAILS)
    assert len(bench.pauses) == 2
    assert min(bench.pauses) >= 2.0


def test_a_client_without_backoffs_raises_at_once(bench: Bench) -> None:
    client = bench.make_client(max_backoffs=0)
    bench.script(DETAILS, "30014")
    bench.script(SUBMIT, "30013")
    assert bench.fail(lambda: client.get(DETAILS)).code == "30014"
    assert bench.fail(lambda: client.place_order(LIMIT)).code == "30013"
    assert (len(bench.log), bench.pauses) == (2, [])


@pytest.mark.parametrize("limit", ["30013", {"status": 429, "body": "<html>slow down</html>"}], ids=["code", "HTML"])
def test_a_read_pauses_at_least_the_window_after_429(bench: Bench, limit: Any) -> None:
    bench.script(DETAILS, limit, limit)
    assert bench.make_client(first_backoff=0.01).get(DETAILS)
    assert len(bench.pauses) == 2
    assert min(bench.pauses) >= retry_client.Policy().window == 2.0
    assert bench.pauses[1] >= 4.0


@pytest.mark.parametrize("fault", ["lost-before", "html-502", "html-503", "html-504", "route-404"])
def test_a_read_without_an_answer_is_repeated_after_a_pause(bench: Bench, fault: str) -> None:
    bench.script(DETAILS, fault)
    assert bench.make_client(first_backoff=0.01).get(DETAILS)["symbols"]
    assert len(bench.log) == 2
    assert bench.pauses[0] >= 2.0


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_read_is_repeated_as_its_code_says_whatever_the_status(bench: Bench, status: int) -> None:
    bench.script(DETAILS, {"status": status, "body": '{"code": 30013, "message": "?"}'})
    assert bench.client.get(DETAILS)["symbols"]
    bench.script(DETAILS, {"status": status, "body": '{"code": 40027, "message": "?"}'})
    assert bench.fail(lambda: bench.client.get(DETAILS)).retry == "fix"
    assert len(bench.log) == 3


@pytest.mark.parametrize("code", UNLISTED)
def test_an_unlisted_code_ends_a_read(bench: Bench, code: str) -> None:
    assert code not in {row["code"] for row in ROWS}, f"{code} is listed now: take it out of UNLISTED"
    bench.script(DETAILS, {"status": 400, "body": json.dumps({"code": int(code), "message": "?"})})
    assert bench.fail(lambda: bench.client.get(DETAILS)).code == code
    assert len(bench.log) == 1


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["", "<html></html>", "{}", '{"code": null}', '{"code": true}', '{"error_msg": "?"}'])
def test_the_client_and_read_errors_decide_alike_about_reads_without_a_code(
    bench: Bench, status: int, body: str
) -> None:
    bench.script(DETAILS, {"status": status, "body": body})
    with suppress(ApiError):
        bench.client.get(DETAILS)
    envelope = json.loads(body) if body.startswith("{") else {}
    decided = read_errors.decide({row["code"]: row for row in ROWS}, status, envelope, False)
    assert decided == ("repeat" if len(bench.log) == 2 else "report")


# Writes


@each([row for row in REFUSED if row["retry"] != "backoff"])
def test_a_refused_write_is_not_sent_again(bench: Bench, row: dict[str, Any]) -> None:
    bench.script(SUBMIT, *[step(row)] * 9)
    error = bench.fail(lambda: bench.client.place_order(LIMIT))
    seen = (error.code, error.retry, error.outcome, error.actor, error.url, error.client_order_id)
    assert seen == (*(row[key] for key in ("code", "retry", "outcome", "actor", "url")), bench.ids[0])
    assert bench.log == [f"POST {SUBMIT}"]
    assert bench.pauses == [], "a write is never held"


@each([row for row in REFUSED if row["retry"] == "backoff"])
def test_a_write_refused_with_backoff_is_sent_again_after_the_window(bench: Bench, row: dict[str, Any]) -> None:
    bench.script(SUBMIT, step(row), step(row))
    data = bench.client.place_order(LIMIT)
    assert [str(data["order_id"])] == bench.placed
    assert bench.sent == 3
    assert min(bench.pauses) >= 2.0
    assert bench.signed.count(json.dumps(bench.bodies[0])) == 3, "each attempt is signed anew"
    assert bench.bodies[0] == bench.bodies[1] == bench.bodies[2]


def test_a_write_is_given_up_while_its_price_is_fresh(bench: Bench) -> None:
    bench.script(SUBMIT, *["30013"] * 99)
    client = bench.make_client(max_backoffs=99, send_within=600.0)
    error = bench.fail(lambda: client.place_order(LIMIT))
    assert (error.code, error.outcome) == ("30013", "rejected")
    assert bench.sent > 2
    assert sum(bench.pauses) <= retry_client.LATEST_SEND == 60.0


@pytest.mark.parametrize("clock", ["time", "monotonic"])
def test_time_that_passes_outside_of_pauses_counts(bench: Bench, clock: str) -> None:
    moments = iter([0.0, 61.0])
    clocks = {"time": lambda: 0.0, "monotonic": lambda: 0.0} | {clock: lambda: next(moments)}
    bench.script(SUBMIT, "30013")
    with patch.object(retry_client, "time", SimpleNamespace(**clocks)):
        error = bench.fail(lambda: bench.client.place_order(LIMIT))
    assert (bench.sent, error.code) == (1, "30013")


@each(IN_DOUBT)
def test_a_write_in_doubt_that_was_executed_is_found(bench: Bench, row: dict[str, Any]) -> None:
    bench.script(SUBMIT, step(row, executed=True))
    found = bench.client.place_order(LIMIT)
    assert [found["order_id"]] == bench.placed
    assert bench.sent == 1


@each(IN_DOUBT)
def test_a_write_in_doubt_that_shows_nowhere_stays_unknown(bench: Bench, row: dict[str, Any]) -> None:
    bench.script(SUBMIT, step(row))
    error = bench.stay_unknown(lambda: bench.client.place_order(LIMIT))
    assert error.code == row["code"]
    assert bench.ids[0] in str(error)
    looks = [f"GET {path}" for path in LISTS] * retry_client.Policy().looks
    assert bench.log == [f"POST {SUBMIT}", *looks]


LOSSES: dict[str, Any] = {fault: {"fault": fault} for fault in mock_exchange.FAULTS if fault != "slow"}
LOSSES |= client_world.CASES["losses"] | {"deep nesting": {"status": 200, "body": "[" * 100_000}}
LOSSES["a slow answer"] = {"fault": "slow", "delay": 600}
each_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


@each_loss
@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("order", [LIMIT, MARKET], ids=["limit", "market"])
def test_a_lost_answer_is_looked_up_and_never_sent_again(
    bench: Bench, loss: dict[str, Any], executed: bool, order: dict[str, Any]
) -> None:
    bench.script(SUBMIT, loss | {"executed": executed})
    if executed and loss.get("fault") != "lost-before":
        assert [bench.client.place_order(order)["order_id"]] == bench.placed
    else:
        bench.stay_unknown(lambda: bench.client.place_order(order))
        assert bench.placed == []
    assert bench.sent == 1


def test_no_look_up_hurries_after_a_limit(bench: Bench) -> None:
    bench.script(SUBMIT, {"status": 429, "body": ""})
    bench.script(HISTORY, "30013")
    bench.fail(lambda: bench.make_client(look_up_pause=0.01).place_order(LIMIT))
    assert [pause for pause in bench.pauses if pause >= 2.0] == [2.0, 2.0]


def test_a_list_that_is_limited_is_read_again_after_the_window(bench: Bench) -> None:
    bench.script(HISTORY, "30013")
    assert bench.client.place_order({**MARKET, "client_order_id": "mine"})
    assert (bench.pauses, bench.sent) == ([2.0], 1)
    bench.script(HISTORY, "30013", "30013")
    assert bench.fail(lambda: bench.client.place_order({**MARKET, "client_order_id": "mine2"})).code == "30013"
    assert (bench.pauses, bench.sent) == ([2.0] * 3, 1)


def test_an_order_that_shows_late_is_found(bench: Bench) -> None:
    bench.mock.set_state(visible_after=5)
    bench.script(SUBMIT, "lost-after")
    assert [bench.client.place_order(LIMIT)["order_id"]] == bench.placed
    assert bench.pauses == [2.0, 4.0]


@pytest.mark.parametrize(
    "fault", ["html-503", "30014", "40012", {"status": 200, "body": '{"code":1000,"message":"OK","data":{}}'}]
)
def test_a_look_up_that_fails_says_unknown(bench: Bench, fault: Any) -> None:
    bench.script(SUBMIT, "lost-after")
    for path in (OPEN_ORDERS, HISTORY, TRADES):
        bench.script(path, *[fault] * 9)
    bench.stay_unknown(lambda: bench.client.place_order(LIMIT))
    assert bench.sent == 1


def test_one_list_that_answers_is_enough(bench: Bench) -> None:
    for paths in ((OPEN_ORDERS, PLAN_ORDERS, HISTORY), (OPEN_ORDERS, PLAN_ORDERS, TRADES)):
        bench.script(SUBMIT, "lost-after")
        bench.refuse_reads(*paths, times=1)
        assert bench.client.place_order(MARKET)["order_id"] == bench.placed[-1]
    assert f"GET {retry_client.ORDER}" in bench.log, "a trade leads to its order"


def test_another_order_with_the_same_id_is_never_returned(bench: Bench) -> None:
    for difference in ({"size": "2"}, {"side": 2}, {"symbol": "ETHUSDT"}):
        bench.mock.set_state(orders=[{"client_order_id": "mine", "price": "1000"} | difference])
        bench.stay_unknown(lambda: bench.client.place_order(MINE), "mine")


def test_another_order_of_the_same_look_is_never_returned(bench: Bench) -> None:
    bench.mock.set_state(orders=[{"client_order_id": label, "price": "60000"} for label in ("", "other")])
    bench.script(SUBMIT, "lost-before")
    assert bench.fail(lambda: bench.client.place_order(LIMIT)).outcome == "unknown"


@pytest.mark.parametrize("size", [1, "1", "1.0", 1.0])
def test_sizes_are_compared_as_numbers(bench: Bench, size: Any) -> None:
    bench.mock.set_state(orders=[{"client_order_id": "mine", "price": "60000"}])
    assert bench.client.place_order({**MINE, "size": size})["client_order_id"] == "mine"
    assert bench.sent == 0


# A block


@pytest.mark.parametrize("block", ["30017", {"status": 418, "body": "<html></html>"}], ids=["code", "HTML"])
def test_after_a_block_nothing_is_sent(bench: Bench, block: Any) -> None:
    bench.script(SUBMIT, block)
    first = bench.fail(lambda: bench.client.place_order(LIMIT))
    assert first.client_order_id == bench.ids[0]
    calls: list[Callable[[], Any]] = [
        lambda: bench.client.place_order(LIMIT),
        lambda: bench.client.place_tp_sl_order(STOP),
        lambda: bench.client.place_plan_order(PLAN_ORDER),
        lambda: bench.client.cancel_order(SYMBOL, order_id=7),
        lambda: bench.client.get(DETAILS),
    ]
    outcomes = [bench.fail(call).outcome for call in calls]
    assert outcomes == ["rejected"] * 5
    assert bench.log == [f"POST {SUBMIT}"]
    assert bench.pauses == []


def test_a_block_ends_a_look_up(bench: Bench) -> None:
    bench.script(SUBMIT, "lost-after")
    bench.script(OPEN_ORDERS, "30017")
    assert bench.fail(lambda: bench.client.place_order(LIMIT)).outcome == "unknown"
    assert bench.log == [f"POST {SUBMIT}", f"GET {OPEN_ORDERS}"]


# Ids and restarts


@each_kind
def test_the_id_is_handed_over_before_anything_is_sent(bench: Bench, kind: str) -> None:
    seen: list[tuple[str, int]] = []
    getattr(bench.client, kind)(KINDS[kind][1], on_id=lambda label: seen.append((label, len(bench.log))))
    assert seen == [(bench.ids[0], 0)]
    assert bench.sent == 1


def test_the_client_makes_an_id_the_api_accepts_and_keeps_a_given_one(bench: Bench) -> None:
    bench.client.place_order(LIMIT)
    bench.client.place_order({**LIMIT, "client_order_id": "mine1"})
    made, given_id = (body["client_order_id"] for body in bench.bodies)
    assert made == bench.ids[0]
    assert (made.isalnum(), made.isascii(), len(made)) == (True, True, 32)
    assert given_id == bench.ids[1] == "mine1"


@each_kind
@pytest.mark.parametrize("fault", ["lost-before", "lost-after"])
def test_a_restart_with_the_stored_id_never_sends(bench: Bench, kind: str, fault: str) -> None:
    path, order = KINDS[kind]
    bench.script(path, fault)
    bench.mock.set_state(visible_after=1000)
    bench.fail(lambda: getattr(bench.client, kind)(order))
    bench.mock.advance(2000)
    restarted = bench.make_client()
    stored = {**order, "client_order_id": bench.ids[0]}
    if fault == "lost-after" and kind != "place_plan_order":
        assert [getattr(restarted, kind)(stored)["order_id"]] == bench.placed
    else:
        bench.stay_unknown(lambda: getattr(restarted, kind)(stored))
    assert bench.sent == 1


def test_an_id_of_the_callers_own_is_looked_up_before_the_order_is_sent(bench: Bench) -> None:
    mine = {**MARKET, "client_order_id": "mine"}
    placed = bench.client.place_order(mine)
    assert bench.log[-1] == f"POST {SUBMIT}"
    assert bench.log[:4] == [f"GET {path}" for path in LISTS]
    assert bench.make_client().place_order(mine)["order_id"] == str(placed["order_id"])
    assert bench.client.place_order(mine)["order_id"] == str(placed["order_id"])
    assert bench.sent == 1


def test_an_id_of_the_callers_own_is_not_sent_if_a_list_gives_no_answer(bench: Bench) -> None:
    mine = {**MARKET, "client_order_id": "mine"}
    bench.refuse_reads(HISTORY, times=1)
    bench.stay_unknown(lambda: bench.client.place_order(mine), "mine")
    assert bench.sent == 0
    assert bench.client.place_order(mine), "the first call sent nothing, so the second may"
    assert bench.sent == 1


def test_a_plan_order_with_an_id_of_the_callers_own_is_not_sent_beside_its_double(bench: Bench) -> None:
    mine = {**PLAN_ORDER, "client_order_id": "mine"}
    assert bench.client.place_plan_order(mine)
    assert bench.fail(lambda: bench.make_client().place_plan_order(mine)).outcome == "unknown"
    assert bench.fail(lambda: bench.client.place_plan_order(mine)).outcome == "unknown"
    assert bench.sent == 1


@pytest.mark.parametrize(
    ("kind", "path"),
    [("place_order", OPEN_ORDERS), ("place_order", PLAN_ORDERS), ("place_plan_order", PLAN_ORDERS)],
)
@pytest.mark.parametrize(("others", "sent"), [(99, 1), (100, 0)])
def test_an_order_with_an_id_of_the_callers_own_is_not_sent_if_a_list_may_be_cut_off(
    bench: Bench, kind: str, path: str, others: int, sent: int
) -> None:
    other = {"symbol": SYMBOL, "trigger_price": "1"}
    rows = [other | {"order_id": str(number), "client_order_id": f"x{number}"} for number in range(others)]
    place, order = getattr(bench.client, kind), KINDS[kind][1]
    mine = {**order, "client_order_id": "mine"}
    looks = [bench.client.look_up] if kind == "place_order" else []
    bench.script(path, *[make_answer(rows)] * (1 + len(looks)))
    if sent:
        assert [look_up(mine) for look_up in looks] == [None] * len(looks)
        assert place(mine)
    else:
        for call in (*looks, place):
            bench.stay_unknown(partial(call, mine), "mine")
    assert bench.sent == sent
    assert place(order), "an order without an id of the caller's own is placed"


@each_kind
def test_a_refused_order_may_be_placed_with_its_id_again(bench: Bench, kind: str) -> None:
    path, order = KINDS[kind]
    place, mine = getattr(bench.client, kind), {**order, "client_order_id": "mine"}
    bench.script(path, "40027")
    assert bench.fail(lambda: place(mine)).outcome == "rejected"
    assert place(mine)["order_id"]


def test_a_refused_cancel_does_not_free_the_id_of_its_order(bench: Bench) -> None:
    bench.script(SUBMIT, "lost-before")
    bench.fail(lambda: bench.client.place_order(MINE))
    assert bench.fail(lambda: bench.client.cancel_order(SYMBOL, client_order_id="mine")).code == "40037"
    assert bench.fail(lambda: bench.client.place_order(MINE)).outcome == "unknown"
    assert bench.log.count(f"POST {SUBMIT}") == 1


def test_an_order_with_an_id_of_the_callers_own_is_sent_again_while_no_list_shows_it(bench: Bench) -> None:
    """No client can know better. So the text says what to do, and `look_up` sends nothing."""
    bench.mock.set_state(visible_after=1000)
    mine = {**MARKET, "client_order_id": "mine"}
    bench.client.place_order(mine)
    assert bench.make_client().look_up(mine) is None
    assert bench.sent == 1
    bench.make_client().place_order(mine)
    assert bench.sent == 2
    for said in (retry_client.__doc__, Client.place_order.__doc__, read_rules()):
        assert said
        assert "`look_up`" in said
        assert "never sends an order twice" not in said


def test_the_guide_and_the_policy_name_the_same_limits() -> None:
    policy, rules = retry_client.Policy(), read_rules()
    for said in (
        f"at most {policy.max_backoffs} times",
        f"never later than {policy.send_within:g} seconds",
        f"at least {policy.window:g} seconds",
        f"holds {retry_client.LONGEST_LIST} rows",
        "`Policy(max_backoffs=0)`",
        "a status above 499",
    ):
        assert said.casefold() in rules.casefold()


def test_look_up_sends_nothing_but_reads(bench: Bench) -> None:
    assert bench.client.look_up(MINE) is None
    placed = bench.client.place_order(MINE)
    row = bench.client.look_up(MINE)
    assert row is not None
    assert row["order_id"] == str(placed["order_id"])
    bench.refuse_reads(TRADES, times=1)
    assert bench.fail(lambda: bench.client.look_up({**MINE, "client_order_id": "other"})).outcome == "unknown"
    assert bench.sent == 1
    for wrong in (LIMIT, {**LIMIT, "client_order_id": ""}):
        with pytest.raises(ValueError, match="client_order_id"):
            bench.client.look_up(wrong)


# Stops and plan orders


@pytest.mark.parametrize("loss", ["lost-after", "cut"])
def test_a_stop_in_doubt_is_found_among_the_plan_orders(bench: Bench, loss: str) -> None:
    bench.script(retry_client.TP_SL, loss)
    whole = {name: value for name, value in STOP.items() if name != "size"}
    for order in (STOP, whole):
        assert bench.client.place_tp_sl_order(order)["order_id"] == bench.placed[-1]
    assert bench.sent == 2


def test_a_plan_order_in_doubt_is_the_new_one_that_fits(bench: Bench) -> None:
    double = {"trigger_price": "99000", "price_way": 1}
    bench.mock.set_state(plans=[double, double])
    bench.client.place_plan_order(PLAN_ORDER)
    bench.script(PLAN, "lost-after")
    assert bench.client.place_plan_order(PLAN_ORDER)["order_id"] == bench.placed[-1]
    assert all("client_order_id" not in body for body in bench.bodies), "the endpoint takes no id"


@pytest.mark.parametrize("difference", [{"trigger_price": "99001"}, {"size": "2"}, {"side": 4}, {"type": "stop_loss"}])
def test_a_plan_order_that_does_not_fit_is_never_returned(bench: Bench, difference: dict[str, Any]) -> None:
    other = {"order_id": "77", "trigger_price": "99000", "price_way": 1, "state": 2, "client_order_id": ""}
    answer = make_answer([{**PLAN_ORDER, **other, "type": "plan"} | difference])
    bench.script(PLAN, "lost-before")
    bench.script(PLAN_ORDERS, {}, *[answer] * 9)
    assert bench.fail(lambda: bench.client.place_plan_order(PLAN_ORDER)).outcome == "unknown"


def test_a_plan_order_that_may_be_anothers_is_never_returned(bench: Bench) -> None:
    rows = [{"order_id": str(number), "trigger_price": "99000", "price_way": 1} for number in range(100)]
    new = make_answer([PLAN_ORDER | row | {"type": "plan"} for row in rows])
    for before, after in (
        ({}, new),  # two of them are new
        ("html-503", {}),  # what stood before is not known
        (new, {}),  # nor in a list that may be cut off
    ):
        bench.script(PLAN, {"fault": "lost-after"})
        bench.script(PLAN_ORDERS, before, *[after] * retry_client.Policy().looks)
        assert bench.fail(lambda: bench.make_client().place_plan_order(PLAN_ORDER)).outcome == "unknown"
    assert bench.sent == 3


def test_after_one_plan_order_in_doubt_the_next_is_not_taken_for_it(bench: Bench) -> None:
    bench.mock.set_state(visible_after=100)
    bench.script(PLAN, "lost-after", "lost-before")
    bench.fail(lambda: bench.client.place_plan_order(PLAN_ORDER))
    bench.mock.advance(95)
    assert bench.fail(lambda: bench.client.place_plan_order(PLAN_ORDER)).outcome == "unknown"


def test_a_stop_of_another_client_is_not_taken_for_a_lost_plan_order(bench: Bench) -> None:
    other = bench.make_client()
    bench.script(PLAN, "lost-before")
    bench.script(PLAN_ORDERS, {}, "html-503")
    pauses = iter([lambda: other.place_tp_sl_order(STOP)])
    client = bench.make_client(sleep=lambda _: next(pauses, int)())
    bench.stay_unknown(lambda: client.place_plan_order(STOP))
    assert len(bench.placed) == 1


@pytest.mark.parametrize("loss", [{}, {"fault": "lost-after"}], ids=["placed", "in doubt"])
def test_a_stop_under_way_is_not_taken_for_a_lost_plan_order(bench: Bench, loss: dict[str, Any]) -> None:
    bench.script(PLAN, "lost-before")
    bench.script(PLAN_ORDERS, {}, "html-503")
    bench.script(retry_client.TP_SL, loss)

    def place_stop() -> None:
        bench.mock.set_state(visible_after=1000)
        with suppress(ApiError):
            client.place_tp_sl_order(STOP)
        nameless = [{**row, "client_order_id": ""} for row in bench.mock.exchange.plans]
        bench.script(PLAN_ORDERS, *[make_answer(nameless)] * 9)

    pauses = iter([place_stop])
    client = bench.make_client(sleep=lambda _: next(pauses, int)())
    bench.stay_unknown(lambda: client.place_plan_order(STOP))
    assert len(bench.placed) == 1


def test_a_plan_order_in_doubt_is_found_beside_a_stop_that_was_placed(bench: Bench) -> None:
    bench.client.place_tp_sl_order(STOP)
    bench.client.place_tp_sl_order({**STOP, "trigger_price": "91000", "client_order_id": "mine"})
    bench.script(PLAN, "lost-after")
    assert bench.client.place_plan_order(PLAN_ORDER)["order_id"] == bench.placed[-1]


# Failures of the caller's own code


def fail_at(bench: Bench, number: int, failure: BaseException) -> Callable[[str], dict[str, str]]:
    """Return a `sign` that fails at its call of this number, and works before and after."""
    calls = count(1)

    def sign(body: str) -> dict[str, str]:
        if next(calls) == number:
            raise failure
        return bench.sign(body)

    return sign


FAILURES = [ValueError("no memo"), OSError("no key store"), KeyError("secret"), TypeError("None")]
each_failure = pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)


@each_failure
@each_kind
def test_a_failure_after_a_write_was_sent_tells_its_id_and_outcome(bench: Bench, kind: str, failure: Exception) -> None:
    path, order = KINDS[kind]
    bench.script(path, "lost-after")
    reads = 1 if kind == "place_plan_order" else 0
    bench.client.sign = fail_at(bench, reads + 2, failure)
    error = bench.stay_unknown(lambda: getattr(bench.client, kind)(order))
    assert (error.__cause__, len(bench.placed)) == (failure, 1)
    assert type(failure).__name__ in str(error)
    again = bench.fail(lambda: bench.client.place_plan_order({**PLAN_ORDER, "client_order_id": bench.ids[0]}))
    assert (again.outcome, bench.sent) == ("unknown", 1)


def test_a_failure_between_two_attempts_tells_the_id_and_the_outcome(bench: Bench) -> None:
    bench.script(SUBMIT, "30013", "30013", "30013")
    bench.client.sign = fail_at(bench, 2, ValueError("no memo"))
    assert bench.fail(lambda: bench.client.place_order(LIMIT)).outcome == "unknown"
    bench.script(CANCEL, "30013")
    client = bench.make_client(sleep=lambda _: math.sqrt(-1))
    error = bench.fail(lambda: client.cancel_order(SYMBOL, order_id=7))
    assert (error.outcome, error.order_id) == ("unknown", "7")


def test_a_client_closed_meanwhile_tells_the_id_and_the_outcome(bench: Bench) -> None:
    bench.script(SUBMIT, {"fault": "lost-after"})
    bench.refuse_reads(*LISTS)
    client = bench.make_client(sleep=lambda _: bench.http.close())
    error = bench.stay_unknown(lambda: client.place_order(LIMIT))
    assert isinstance(error.__cause__, RuntimeError)
    for call in (partial(client.place_order, LIMIT), partial(client.get, DETAILS)):
        with pytest.raises(RuntimeError, match="closed"):
            call()
    assert bench.sent == 1


def test_a_failing_hook_of_httpx_tells_the_id_and_the_outcome(bench: Bench) -> None:
    def fail(_: httpx.Response) -> None:
        raise LookupError

    bench.http.event_hooks = {"response": [fail]}
    bench.stay_unknown(lambda: bench.client.place_order(LIMIT))
    assert len(bench.placed) == 1


def test_a_stop_by_the_keyboard_is_no_failure_of_the_api(bench: Bench) -> None:
    bench.script(SUBMIT, "lost-after")
    bench.client.sign = fail_at(bench, 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        bench.client.place_order(LIMIT)


@each_failure
@each_kind
@pytest.mark.parametrize("number", [1, 2, 4, 5])
def test_what_fails_before_a_write_is_sent_is_raised_as_it_is_and_frees_the_id(
    bench: Bench, kind: str, failure: Exception, number: int
) -> None:
    """Before an order with an id of the caller's own come four reads, before a plan order one."""
    place, mine = getattr(bench.client, kind), {**KINDS[kind][1], "client_order_id": "mine"}
    bench.client.sign = fail_at(bench, min(number, 2) if kind == "place_plan_order" else number, failure)
    with pytest.raises(type(failure)) as caught:
        place(mine)
    assert (caught.value, bench.sent) == (failure, 0)
    assert place(mine)["order_id"]
    assert bench.sent == 1


def test_a_failing_look_up_of_an_earlier_order_tells_its_id(bench: Bench) -> None:
    bench.script(SUBMIT, "lost-before")
    bench.fail(lambda: bench.client.place_order(MINE))
    bench.client.sign = fail_at(bench, 1, ValueError("no memo"))
    bench.stay_unknown(lambda: bench.client.place_order(MINE), "mine")
    bench.client.sign = fail_at(bench, 1, ValueError("no memo"))
    bench.fail(lambda: bench.client.place_order(MINE))
    assert bench.sent == 1, "the id is not free"


# Secrets


def test_no_text_of_the_client_tells_a_secret(bench: Bench) -> None:
    secrets = (mock_exchange.KEY, mock_exchange.SECRET, mock_exchange.MEMO)
    client = Client(bench.http, CATALOGUE, partial(signed_headers, *secrets), on_id=partial(print, *secrets))
    shown = f"{client!r} {client}"
    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("end", ["\n", "\r\n", " ", "\x00", "\x7f", "ä"], ids=ascii)
def test_a_key_that_no_header_can_hold_is_refused_before_anything_is_sent(end: str) -> None:
    with mock_exchange.serve(CATALOGUE) as mock, httpx.Client(base_url=mock.url, trust_env=False) as http:
        key = mock_exchange.KEY + end
        client = Client(http, CATALOGUE, partial(signed_headers, key, mock_exchange.SECRET, mock_exchange.MEMO))
        calls: list[Callable[[], Any]] = [lambda: client.place_order(LIMIT), lambda: client.get(DETAILS)]
        for call in calls:
            with pytest.raises(ValueError, match=r"a header|can't encode") as caught:
                call()
            assert mock_exchange.KEY not in str(caught.value)


def test_an_error_of_the_network_does_not_quote_a_header(bench: Bench) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError(f"Illegal header value {request.headers['X-API-KEY']}", request=request)

    with httpx.Client(base_url="http://exchange", transport=httpx.MockTransport(refuse)) as http:
        error = bench.fail(lambda: Client(http, CATALOGUE, bench.sign, sleep=bench.sleep).place_order(LIMIT))
    assert "no answer: LocalProtocolError" in str(error)
    assert mock_exchange.KEY not in str(error)
    assert error.outcome == "unknown", "over HTTP/2 such an error may come after the request was sent"


# Cancels


def test_a_cancel_names_one_order(bench: Bench) -> None:
    placed = [bench.client.place_order(LIMIT) for _ in range(3)]
    assert bench.client.cancel_order(SYMBOL, order_id=placed[0]["order_id"]) == {}
    assert bench.client.cancel_order(SYMBOL, client_order_id=bench.ids[1]) == {}
    assert bench.bodies[-2:] == [
        {"symbol": SYMBOL, "order_id": str(placed[0]["order_id"])},
        {"symbol": SYMBOL, "client_order_id": bench.ids[1]},
    ]
    assert [row["client_order_id"] for row in bench.client.get(OPEN_ORDERS)] == [bench.ids[2]]


NO_IDS: list[Any] = [None, "", " ", [], math.nan, True]
NO_ORDER: list[dict[str, Any]] = [{}, {"client_order_id": ""}, {"client_order_id": {}}]
NO_ORDER += [{"order_id": value} for value in NO_IDS]
NO_ORDER += [{"order_id": value, "client_order_id": "a"} for value in ("", "1")]


@pytest.mark.parametrize("ids", NO_ORDER, ids=str)
def test_a_cancel_without_exactly_one_id_is_refused(bench: Bench, ids: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="order_id"):
        bench.client.cancel_order(SYMBOL, **ids)
    wrong: list[Any] = ["", " ", None, [], math.nan]
    for symbol in wrong:
        with pytest.raises(ValueError, match="symbol"):
            bench.client.cancel_order(symbol, order_id="1")
    assert bench.log == []


@each_loss
def test_a_lost_cancel_is_settled_by_the_lists(bench: Bench, loss: dict[str, Any]) -> None:
    bench.client.place_order(LIMIT)
    bench.script(CANCEL, loss | {"executed": True})
    if loss.get("fault") == "lost-before":
        bench.stay_unknown(lambda: bench.client.cancel_order(SYMBOL, client_order_id=bench.ids[0]))
    else:
        row = bench.client.cancel_order(SYMBOL, client_order_id=bench.ids[0])
        assert (row["client_order_id"], row["state"]) == (bench.ids[0], 4)
    assert bench.log.count(f"POST {CANCEL}") == 1


def test_a_cancel_whose_order_is_open_or_nowhere_stays_unknown(bench: Bench) -> None:
    bench.client.place_order(LIMIT)
    bench.script(CANCEL, "lost-before", "lost-before", "lost-after")
    bench.fail(lambda: bench.client.cancel_order(SYMBOL, client_order_id=bench.ids[0]))
    error = bench.fail(lambda: bench.client.cancel_order(SYMBOL, order_id="404"))
    assert (error.outcome, error.order_id, error.client_order_id) == ("unknown", "404", None)
    bench.refuse_reads(OPEN_ORDERS)
    assert bench.fail(lambda: bench.client.cancel_order(SYMBOL, client_order_id=bench.ids[0])).outcome == "unknown"


# What is refused before the wire


NO_NUMBERS = (math.nan, math.inf, -math.inf, "nan", "Infinity", "-inf", {"deep": math.nan})
WRONG = [
    *(({"client_order_id": label}, "client_order_id must be text") for label in ("", " ", None, 7)),
    *(({"price": value}, r"price is|JSON") for value in NO_NUMBERS),
    *(({"size": value}, "give sizes and prices as int or text") for value in (Decimal(1), b"1", {1})),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG, ids=str)
@each_kind
def test_an_empty_id_and_what_is_no_number_or_no_json_is_refused(
    bench: Bench, kind: str, wrong: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        getattr(bench.client, kind)(LIMIT | wrong)
    assert (bench.log, bench.ids) == ([], [])


def test_an_order_without_a_symbol_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="symbol must be text"):
        bench.client.place_order({"side": 1, "size": 1})
    assert bench.log == []


# Construction


def test_a_client_without_an_address_fails_at_once() -> None:
    with httpx.Client() as http, pytest.raises(ValueError, match="base_url"):
        Client(http, CATALOGUE, lambda _: {})


@pytest.mark.parametrize("form", ["mapping", "text", "path", "path as text"])
def test_the_catalogue_is_a_path_a_text_or_a_mapping(bench: Bench, tmp_path: Path, form: str) -> None:
    path, text = tmp_path / "errors.json", json.dumps(CATALOGUE)
    path.write_text(text, encoding="utf-8")
    catalogue: Any = {"mapping": CATALOGUE, "text": text, "path": path, "path as text": str(path)}[form]
    client = Client(bench.http, catalogue, bench.sign)
    assert list(client.rows) == [row["code"] for row in ROWS]


@pytest.mark.parametrize("field", ["code", "retry", "outcome", "actor"])
@pytest.mark.parametrize("damage", [{}, None, ""], ids=["left out", "null", "empty"])
def test_a_catalogue_with_a_row_that_lacks_something_is_refused(bench: Bench, field: str, damage: Any) -> None:
    row = {name: value for name, value in ROWS[1].items() if name != field} | ({} if damage == {} else {field: damage})
    with pytest.raises(ValueError, match=rf"row 1 .* lacks {field}$") as caught:
        Client(bench.http, {"errors": [ROWS[0], row]}, bench.sign)
    assert field == "code" or f"code {ROWS[1]['code']}" in str(caught.value)


def test_the_sample_runs_as_a_file_of_its_own() -> None:
    assert runpy.run_path(retry_client.__file__)["Client"].__name__ == "Client"


def test_it_works_over_http() -> None:
    with mock_exchange.serve(CATALOGUE) as mock, httpx.Client(base_url=mock.url, trust_env=False) as http:
        signing = (mock_exchange.KEY, mock_exchange.SECRET, mock_exchange.MEMO)
        client = Client(http, CATALOGUE, lambda body: signed_headers(*signing, body), sleep=mock.advance)
        mock.set_script(SUBMIT, ["30014", {"error": "30014", "executed": True}, "lost-after", "30013"])
        outcomes = []
        for _ in range(4):
            try:
                outcomes.append(str(client.place_order(LIMIT)["order_id"]))
            except ApiError as error:
                outcomes.append(error.outcome)
        assert outcomes == ["unknown", *[str(entry["data"]["order_id"]) for entry in mock.executions]]


# The proof


def prove(make_client: type[Client], examples: int) -> None:
    """Run random schedules; raises BrokenPromiseError for the first in which the client breaks a promise."""
    phases = list(Phase) if make_client is Client else [Phase.generate]

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=phases)
    @given(make_schedules(CATALOGUE))
    def keep_promises(schedule: Schedule) -> None:
        run_schedule(CATALOGUE, schedule, make_client)

    keep_promises()


def test_the_client_keeps_its_promises_whatever_happens() -> None:
    prove(Client, SCHEDULES)


WEAKENINGS: dict[type[Client], str] = {}


class Weakened(Client):
    """A client that breaks one of its promises."""

    def __init_subclass__(cls, breaks: str) -> None:
        WEAKENINGS[cls] = breaks


class SendsAgainAfterLostAnswer(Weakened, breaks="a write is sent again only after a certain refusal"):
    """Sends an order again that no list shows: the manner of the first edition."""

    def _settle(self, answer: retry_client.Answer, find: retry_client.Find, **ids: str) -> retry_client.Row:
        try:
            return super()._settle(answer, find, **ids)
        except ApiError as error:
            raise ApiError(replace(error.answer, outcome="again"), **ids) from error

    def _deliver(self, path: str, body: str, find: retry_client.Find, **ids: str) -> Any:
        try:
            return super()._deliver(path, body, find, **ids)
        except ApiError as error:
            if error.outcome != "again":
                raise
            return super()._deliver(path, body, find, **ids)


class TakesUnfoundForRefused(Weakened, breaks="never `rejected` for an executed one"):
    """Does not look at all, and says that the order was not executed."""

    def _settle(self, answer: retry_client.Answer, find: retry_client.Find, **ids: str) -> retry_client.Row:
        del find
        raise ApiError(replace(answer, outcome="rejected"), **ids)


class ForgetsPlanOrders(SendsAgainAfterLostAnswer, breaks="a write is sent again only after a certain refusal"):
    """Sends a stop again that neither open orders nor history show."""

    def _list_rows(self, path: str, params: retry_client.Row) -> list[retry_client.Row]:
        return [] if path == PLAN_ORDERS else super()._list_rows(path, params)


class ComparesIdsOnly(Weakened, breaks="never another's order"):
    """Takes an order with the same id for its own, whatever side and size."""

    def _find(self, order: retry_client.Row, whole: bool = False) -> retry_client.Row | None:
        return super()._find({name: order[name] for name in ("symbol", "client_order_id")}, whole)


class ComparesLooksOnly(Weakened, breaks="never another's order"):
    """Takes the first order of the same symbol, side and size for its own."""

    def _find(self, order: retry_client.Row, whole: bool = False) -> retry_client.Row | None:
        if whole:
            return super()._find(order, whole)
        rows = self._list_rows(OPEN_ORDERS, {"symbol": order["symbol"]})
        return next((row for row in rows if retry_client.fits(row, order)), None)


class TakesOldPlanOrders(Weakened, breaks="never another's order"):
    """Takes a plan order that stood before for its own."""

    def _find_plan(self, label: str, order: retry_client.Row, before: Any) -> retry_client.Row | None:
        return super()._find_plan(label, order, before and [])


class TrustsUnlistedCodes(Weakened, breaks="a write is sent again only after a certain refusal"):
    """Takes a code that it does not know for a refusal, and sends again."""

    def _judge(self, response: httpx.Response) -> retry_client.Answer:
        answer = super()._judge(response)
        unlisted = answer.code != "" and answer.code not in self.rows
        return replace(answer, retry="backoff", outcome="rejected") if unlisted else answer


class TrustsCodesOnly(Weakened, breaks="a write is sent again only after a certain refusal"):
    """Believes a code although the HTTP status contradicts it."""

    def _judge(self, response: httpx.Response) -> retry_client.Answer:
        row = self.rows.get(retry_client.as_text(retry_client.read_envelope(response).get("code")), {})
        contradicted = response.status_code > 499 and row.get("outcome") == "rejected"
        status = row["http_status"] if contradicted else response.status_code
        return super()._judge(httpx.Response(status, content=response.content))


class HoldsOrders(Weakened, breaks="a write is sent again only after a certain refusal"):
    """Sends an order again when the exchange is back."""

    def _judge(self, response: httpx.Response) -> retry_client.Answer:
        answer = super()._judge(response)
        return replace(answer, retry="backoff") if answer.retry == "wait" else answer


class SendsOldOrders(Weakened, breaks="no order is sent more than 60 s after its first attempt"):
    """Counts its own pauses only, not the time that answers take."""

    def _deliver(self, path: str, body: str, find: retry_client.Find, **ids: str) -> Any:
        with patch.object(retry_client, "time", SimpleNamespace(time=float, monotonic=float)):
            return super()._deliver(path, body, find, **ids)


class IgnoresBlocks(Weakened, breaks="nothing is sent after a block"):
    """Goes on after 30017."""

    def _send(self, request: httpx.Request) -> retry_client.Answer:
        self._block = None
        return super()._send(request)


class HurriesAfterLimits(Weakened, breaks="a pause of the window follows HTTP 429"):
    """Pauses half a second after 429."""

    def _next_pause(self, answer: retry_client.Answer, tries: int) -> float | None:
        return super()._next_pause(answer, tries) and 0.5


class ForgetsWhatItSent(Weakened, breaks="a write is sent again only after a certain refusal"):
    """Takes a stored id for a new one."""

    @contextmanager
    def _claim(self, *given: Any, **named: Any) -> Iterator[bool]:
        with super()._claim(*given, **named):
            yield False

    def _find(self, order: retry_client.Row, whole: bool = False) -> retry_client.Row | None:
        return None if whole else super()._find(order)


class ForgetsItsIds(Weakened, breaks="every error carries the id"):
    """Raises without the id of the order."""

    def _deliver(self, path: str, body: str, find: retry_client.Find, **ids: str) -> Any:
        try:
            return super()._deliver(path, body, find, **ids)
        except ApiError as error:
            raise ApiError(error.answer) from error


@pytest.mark.parametrize("weakened", WEAKENINGS, ids=lambda weakened: weakened.__name__)
def test_a_weakened_client_breaks_a_promise(weakened: type[Client]) -> None:
    with pytest.raises(client_world.BrokenPromiseError, match=WEAKENINGS[weakened]):
        prove(weakened, 2000)
