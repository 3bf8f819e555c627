"""docs/samples/mock_exchange.py: every code, every fault, scripts, state, limits, and the rules of its order book."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from calendar import timegm
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exchange_tools import ERRORS, SAMPLE, SOURCES, Request, make_errors, mock_exchange, read_csv, send_request

PRIVATE = "/contract/private"
SUBMIT, CANCEL = f"{PRIVATE}/submit-order", f"{PRIVATE}/cancel-order"
PLAN, TP_SL = f"{PRIVATE}/submit-plan-order", f"{PRIVATE}/submit-tp-sl-order"
OPEN, HISTORY, TRADES = f"{PRIVATE}/get-open-orders", f"{PRIVATE}/order-history", f"{PRIVATE}/trades"
PLANS, POSITION, ASSETS = f"{PRIVATE}/current-plan-order", f"{PRIVATE}/position-v2", f"{PRIVATE}/assets-detail"
DEPTH = "/contract/public/depth"
SYMBOL = {"symbol": "BTCUSDT"}
ORDER = SYMBOL | {"side": 1, "price": "90000", "size": 2, "leverage": "10", "open_type": "cross"}
MARKET = {name: value for name, value in ORDER.items() if name != "price"} | {"type": "market"}
PLAN_ORDER = MARKET | {"trigger_price": "99000", "price_way": 1, "price_type": 1}
STOP = SYMBOL | {"type": "stop_loss", "side": 3, "trigger_price": "90000", "executive_price": "0", "price_type": 1}
LONG = SYMBOL | {"position_side": "long", "current_amount": "5", "leverage": "10", "open_type": "cross"}
KEYED, SIGNED = ("X-API-KEY",), ("X-API-KEY", "X-API-TIMESTAMP", "X-API-SIGN")
FILLED_IN = {"X-API-KEY": "{KEY}", "X-API-TIMESTAMP": "{TIMESTAMP}", "X-API-SIGN": "{SIGN}"}

ROWS = read_csv(ERRORS)
BASES = {"inference", "mock", *(row["key"] for row in read_csv(SOURCES))}
each_row = pytest.mark.parametrize("row", ROWS, ids=[row["code"] for row in ROWS])

Sender = Callable[..., httpx.Response]
Case = dict[str, Any]
CASES: dict[str, list[Case]] = json.loads(Path(__file__).with_name("data").joinpath("mock_exchange.json").read_bytes())


def list_names(table: str) -> set[str]:
    return {case["name"] for case in CASES[table]}


def each_case(table: str) -> pytest.MarkDecorator:
    """Run a test with each case of a table of the data file, named as it names itself."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[table]])


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    with mock_exchange.serve(make_errors()) as started:
        yield started


@pytest.fixture(scope="module")
def http(running: Any) -> Iterator[httpx.Client]:
    def check_basis(response: httpx.Response) -> None:
        assert set(response.headers["X-Mock-Basis"].split(",")) <= BASES

    with httpx.Client(base_url=running.url, trust_env=False, event_hooks={"response": [check_basis]}) as client:
        yield client


@pytest.fixture(autouse=True)
def mock(running: Any) -> Any:
    """Return the mock as it is after a reset."""
    running.reset()
    return running


@pytest.fixture
def frozen(mock: Any) -> Any:
    """Return the mock with a clock that only `advance` moves, so that a slow machine changes no result."""
    exchange = mock.exchange
    exchange.read_clock = lambda: 1000.0 + exchange.skipped
    return mock


@pytest.fixture
def send(http: httpx.Client) -> Sender:
    credentials = http.get("/mock/credentials").json()

    def send_signed(method: str, target: str, body: object = None, **headers: str) -> httpx.Response:
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        named = {f"X-Mock-{name.title()}": value for name, value in headers.items()}
        return send_request(http, Request(method, target, FILLED_IN | named, text), credentials)

    return send_signed


def read_code(answer: httpx.Response) -> tuple[int, int, str]:
    return answer.status_code, answer.json()["code"], answer.headers["X-Mock-Basis"]


def read_rows(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.json()["code"] == 1000, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


def read_ids(answer: httpx.Response) -> list[str]:
    return [row["client_order_id"] for row in read_rows(answer)]


@each_row
def test_a_named_error_answers_as_the_page_of_its_code(http: httpx.Client, row: dict[str, str]) -> None:
    answer = http.post(SUBMIT, json=ORDER, headers={"X-Mock-Error": row["code"]})
    envelope = {"code": int(row["code"]), "message": row["message"]}
    envelope |= {"trace": f"00000000-0000-4000-8000-{row['code']:0>12}"}
    assert answer.json() == envelope | ({"data": {}} if row["code"] == "1000" else {})
    assert answer.status_code == int(row["http_status"])
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Mock-Basis"] == "S1"


def test_a_named_error_is_not_executed_unless_told_so(mock: Any, send: Sender) -> None:
    send("POST", SUBMIT, ORDER, error="30014")
    assert mock.executions == []
    assert send("POST", SUBMIT, ORDER, error="30014", executed="yes").json()["code"] == 30014
    assert len(mock.executions) == 1


def test_the_envelope_takes_the_forms_seen_in_the_wild(send: Sender) -> None:
    answer = send("GET", DEPTH, error="30000", envelope="msg, text-code").json()
    assert (answer["code"], answer["msg"], "message" in answer) == ("30000", "Not found", False)
    assert isinstance(send("POST", SUBMIT, ORDER).json()["data"]["order_id"], int)
    assert isinstance(send("POST", SUBMIT, ORDER, envelope="text-ids").json()["data"]["order_id"], str)
    assert isinstance(send("GET", OPEN).json()["data"][0]["order_id"], str)
    assert isinstance(send("GET", OPEN, envelope="number-ids").json()["data"][0]["order_id"], int)


@pytest.mark.parametrize("fault", ["lost-before", "lost-after"])
@pytest.mark.parametrize("wish", [{}, {"executed": "yes"}, {"executed": "no"}])
def test_a_lost_answer_closes_the_connection(mock: Any, send: Sender, fault: str, wish: dict[str, str]) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        send("POST", SUBMIT, ORDER, fault=fault, **wish)
    assert len(mock.executions) == (1 if fault == "lost-after" and wish != {"executed": "no"} else 0)
    assert len(read_rows(send("GET", OPEN))) == len(mock.executions)


@each_case("gateway")
def test_a_gateway_answers_without_a_code(mock: Any, send: Sender, case: Case) -> None:
    answer = send("POST", SUBMIT, ORDER, fault=case["name"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (case["status"], case["type"])
    assert case["text"] in answer.text
    assert bool(answer.text) == bool(case["text"])
    assert mock.executions == []
    assert send("POST", SUBMIT, ORDER, fault=case["name"], executed="yes").text == answer.text
    assert len(mock.executions) == 1


def test_a_cut_answer_is_half_an_answer_of_an_executed_request(mock: Any, send: Sender) -> None:
    answer = send("POST", SUBMIT, ORDER, fault="cut")
    assert answer.text.startswith('{"code": 1000')
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(mock.executions) == 1


def test_a_slow_answer_comes_after_its_delay_and_does_not_hold_up_others(
    mock: Any, http: httpx.Client, send: Sender
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        http.post(SUBMIT, headers={"X-Mock-Fault": "slow", "X-Mock-Delay": "20"}, timeout=httpx.Timeout(10, read=0.1))
    started = time.monotonic()
    assert send("POST", SUBMIT, ORDER, fault="slow", delay="0.2").json()["code"] == 1000
    assert 0.2 <= time.monotonic() - started < 10
    assert len(mock.executions) == 1


def test_every_fault_has_a_test() -> None:
    assert set(mock_exchange.FAULTS) == {*list_names("gateway"), "lost-before", "lost-after", "slow", "cut"}


@each_case("scripts")
def test_a_script_sets_what_the_next_requests_of_a_path_get(http: httpx.Client, send: Sender, case: Case) -> None:
    assert http.post(case["address"], json=case["script"]).status_code == 200
    assert [send("POST", SUBMIT, ORDER).status_code for _ in range(3)] == [503, 404, 200]


def test_a_script_leaves_other_paths_alone_and_yields_to_headers(mock: Any, send: Sender) -> None:
    mock.set_script(SUBMIT, ["30014"])
    assert read_rows(send("GET", OPEN)) == []
    assert send("POST", SUBMIT, ORDER, error="30016").json()["code"] == 30016
    assert send("POST", SUBMIT, ORDER).json()["code"] == 30014


def test_a_step_may_carry_an_answer_of_its_own(mock: Any, send: Sender) -> None:
    body = '{"code":1000,"message":"This service is down"}'
    mock.set_script(SUBMIT, [{"status": 200, "body": body, "executed": True}, {"error": "30014", "envelope": "msg"}])
    assert send("POST", SUBMIT, ORDER).text == body
    assert "msg" in send("POST", SUBMIT, ORDER).json()
    assert len(mock.executions) == 1


def test_reset_forgets_everything(mock: Any, http: httpx.Client, send: Sender) -> None:
    fresh = http.get("/mock/state").json()
    send("POST", SUBMIT, MARKET)
    mock.set_state(key="frozen", service="down")
    mock.set_script(SUBMIT, ["30014"])
    http.post("/mock/reset")
    assert http.get("/mock/state").json() == fresh
    assert http.get("/mock/executions").json() == []
    assert send("POST", SUBMIT, ORDER).json()["code"] == 1000


def test_executions_list_every_write_that_was_executed(http: httpx.Client, send: Sender) -> None:
    send("POST", SUBMIT, ORDER)
    send("POST", SUBMIT, ORDER | {"side": 9})
    send("GET", OPEN)
    send("POST", CANCEL, SYMBOL)
    assert [done["path"] for done in http.get("/mock/executions").json()] == [SUBMIT, CANCEL]
    assert http.get("/mock/executions").json()[0]["body"] == ORDER


@each_case("states")
def test_the_state_decides(mock: Any, send: Sender, case: Case) -> None:
    mock.set_state(**case["state"])
    assert list(read_code(send("POST", SUBMIT, ORDER))) == case["order"]
    assert len(mock.executions) == (case["order"][1] == 1000)
    others = {
        "open": ("GET", OPEN),
        "depth": ("GET", f"{DEPTH}?symbol=BTCUSDT"),
        "other": ("POST", SUBMIT, ORDER | {"symbol": "ETHUSDT", "price": "3000"}),
    }
    for name in others.keys() & case.keys():
        assert send(*others[name]).json()["code"] == case[name]


def test_every_state_has_a_test() -> None:
    states = {f"key {name}" for name in mock_exchange.KEY_STATES}
    states |= {f"service {name}" for name in mock_exchange.SERVICE_STATES}
    assert states - {"key ok", "service ok"} <= list_names("states")


def test_the_date_header_tells_the_clock_of_the_exchange(mock: Any, http: httpx.Client) -> None:
    now = time.strptime(http.get(DEPTH).headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
    mock.set_state(clock_offset=7200)
    later = time.strptime(http.get(DEPTH).headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
    assert 7199 <= timegm(later) - timegm(now) <= 7230


def test_the_signature_covers_the_documented_text() -> None:
    secret = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"
    body = b'{"symbol":"BTC_USDT","price":"8600","count":"100"}'
    expected = "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d"
    assert mock_exchange.sign(secret, "test001", "1589793796145", body) == expected


def test_the_checks_come_in_the_order_that_we_infer(mock: Any, http: httpx.Client, send: Sender) -> None:
    mock.set_state(service="maintenance")
    assert http.post(f"{PRIVATE}/nothing").json()["code"] == 30000
    assert http.post(SUBMIT).json()["code"] == 30001
    assert http.post(SUBMIT, headers={"X-API-KEY": "x"}).json()["code"] == 30002
    assert http.post(SUBMIT, headers={"X-API-KEY": mock_exchange.KEY}).json()["code"] == 30006
    assert send("POST", SUBMIT, "{").json()["code"] == 30018
    assert send("POST", SUBMIT, "").headers["X-Mock-Basis"] == "inference"
    assert send("POST", SUBMIT, ORDER | {"side": 9}).json()["code"] == 30016


def test_over_the_limit_is_429_and_going_on_is_418(frozen: Any, send: Sender) -> None:
    limit = mock_exchange.ROUTES["GET", HISTORY].limit
    assert {send("GET", f"{HISTORY}?symbol=BTCUSDT").status_code for _ in range(limit)} == {200}
    for _ in range(3):
        assert read_code(send("GET", f"{HISTORY}?symbol=BTCUSDT")) == (429, 30013, "S3")
    assert read_code(send("GET", f"{HISTORY}?symbol=BTCUSDT")) == (418, 30017, "B1")
    assert read_code(send("GET", OPEN)) == (418, 30017, "B1")
    frozen.advance(59)
    assert send("GET", OPEN).status_code == 418
    frozen.advance(2)
    assert send("GET", OPEN).status_code == 200


def test_a_pause_of_the_window_ends_429(frozen: Any, send: Sender) -> None:
    frozen.set_state(limits={HISTORY: 1})
    assert [send("GET", f"{HISTORY}?symbol=BTCUSDT").status_code for _ in range(3)] == [200, 429, 429]
    frozen.advance(1.5)
    assert send("GET", f"{HISTORY}?symbol=BTCUSDT").status_code == 429
    frozen.advance(0.5)
    assert [send("GET", f"{HISTORY}?symbol=BTCUSDT").status_code for _ in range(2)] == [200, 429]


def test_limits_count_apart_for_each_path_and_can_be_lifted(frozen: Any, send: Sender) -> None:
    frozen.set_state(limits={"*": 1})
    assert [send("GET", path).status_code for path in (OPEN, PLANS, OPEN)] == [200, 200, 429]
    frozen.set_state(limits={"*": None})
    assert {send("GET", f"{HISTORY}?symbol=BTCUSDT").status_code for _ in range(20)} == {200}


def test_an_order_is_hidden_for_as_long_as_the_state_says(frozen: Any, send: Sender) -> None:
    frozen.set_state(visible_after=5)
    order_id = send("POST", SUBMIT, ORDER | {"client_order_id": "a1"}).json()["data"]["order_id"]
    send("POST", SUBMIT, MARKET | {"client_order_id": "a2"})
    send("POST", PLAN, PLAN_ORDER)
    looks = [OPEN, PLANS, f"{HISTORY}?symbol=BTCUSDT", f"{TRADES}?symbol=BTCUSDT"]
    one = f"{PRIVATE}/order?symbol=BTCUSDT&order_id={order_id}"
    assert [len(read_rows(send("GET", look))) for look in looks] == [0, 0, 0, 0]
    assert read_code(send("GET", one)) == (400, 40035, "B5")
    frozen.advance(5)
    assert [len(read_rows(send("GET", look))) for look in looks] == [1, 1, 1, 1]
    assert send("GET", one).json()["data"]["client_order_id"] == "a1"
    assert read_rows(send("GET", f"{POSITION}?symbol=BTCUSDT"))[0]["current_amount"] == "2"


def test_a_resting_order_fills_when_the_price_reaches_it(mock: Any, send: Sender) -> None:
    send("POST", SUBMIT, ORDER | {"client_order_id": "a1"})
    assert read_ids(send("GET", OPEN)) == ["a1"]
    assert read_rows(send("GET", f"{HISTORY}?symbol=BTCUSDT")) == []
    mock.set_state(details={"BTCUSDT": {"last_price": "90000"}})
    assert read_ids(send("GET", OPEN)) == []
    history = read_rows(send("GET", f"{HISTORY}?symbol=BTCUSDT&client_order_id=a1"))
    assert [(row["state"], row["deal_size"]) for row in history] == [(4, "2")]
    trade = read_rows(send("GET", f"{TRADES}?symbol=BTCUSDT&client_order_id=a1"))[0]
    assert (trade["order_id"], trade["vol"], "client_order_id" in trade) == (history[0]["order_id"], "2", False)
    assert read_rows(send("GET", f"{TRADES}?symbol=BTCUSDT&client_order_id=other")) == []


def test_an_id_is_refused_while_its_order_is_open_and_free_afterwards(mock: Any, send: Sender) -> None:
    named = ORDER | {"client_order_id": "a1"}
    assert [send("POST", SUBMIT, named).json()["code"] for _ in range(2)] == [1000, 40050]
    send("POST", CANCEL, SYMBOL | {"client_order_id": "a1"})
    assert send("POST", SUBMIT, named).json()["code"] == 1000
    mock.set_state(reuse_ids=False)
    send("POST", CANCEL, SYMBOL | {"client_order_id": "a1"})
    assert read_code(send("POST", SUBMIT, named)) == (403, 40050, "inference")


def test_of_many_orders_with_one_id_at_a_time_one_is_executed(mock: Any, send: Sender) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(send, "POST", SUBMIT, ORDER | {"client_order_id": "a1"}) for _ in range(8)]
    assert sorted(answer.result().json()["code"] for answer in sent) == [1000] + [40050] * 7
    assert len(mock.executions) == 1


def test_a_cancel_without_an_id_cancels_every_order_of_the_symbol(send: Sender) -> None:
    for name in ("a1", "a2"):
        send("POST", SUBMIT, ORDER | {"client_order_id": name})
    send("POST", SUBMIT, ORDER | {"symbol": "ETHUSDT", "price": "3000", "client_order_id": "e1"})
    assert send("POST", CANCEL, SYMBOL).json()["data"] == {}
    assert read_ids(send("GET", OPEN)) == ["e1"]
    assert read_code(send("POST", CANCEL, SYMBOL | {"client_order_id": "a1"})) == (400, 40036, "inference")
    assert read_code(send("POST", CANCEL, SYMBOL | {"client_order_id": "none"})) == (400, 40037, "C3")


def test_open_lists_end_at_100_rows(mock: Any, send: Sender) -> None:
    mock.set_state(orders=[{"client_order_id": f"o{number}"} for number in range(120)], plans=[{}] * 120)
    rows = read_ids(send("GET", OPEN))
    assert (len(rows), rows[0], "o0" in rows) == (100, "o119", False)
    assert len(read_rows(send("GET", f"{OPEN}?limit=7"))) == 7
    assert read_rows(send("GET", f"{OPEN}?order_state=partially_filled")) == []
    assert read_rows(send("GET", f"{OPEN}?type=market")) == []
    assert len(read_rows(send("GET", PLANS))) == 100


def test_a_plan_order_fires_at_its_trigger(mock: Any, send: Sender) -> None:
    order_id = send("POST", PLAN, PLAN_ORDER).json()["data"]["order_id"]
    assert [row["order_id"] for row in read_rows(send("GET", PLANS))] == [str(order_id)]
    mock.set_state(details={"BTCUSDT": {"last_price": "99000"}})
    assert read_rows(send("GET", PLANS)) == []
    assert read_ids(send("GET", f"{HISTORY}?symbol=BTCUSDT")) == [f"PLAN_{order_id}"]


def test_a_plan_order_can_be_changed_and_cancelled(send: Sender) -> None:
    order_id = str(send("POST", PLAN, PLAN_ORDER).json()["data"]["order_id"])
    change = {"order_id": order_id, "type": "market", "trigger_price": "98000", "price_type": 1}
    answer = send("POST", f"{PRIVATE}/modify-plan-order", SYMBOL | change)
    assert answer.json()["data"] == {"order_id": order_id}
    assert read_rows(send("GET", PLANS))[0]["trigger_price"] == "98000"
    send("POST", f"{PRIVATE}/cancel-plan-order", SYMBOL | {"order_id": order_id})
    assert read_rows(send("GET", PLANS)) == []


def test_a_stop_closes_the_position(mock: Any, send: Sender) -> None:
    assert read_code(send("POST", TP_SL, STOP)) == (400, 40021, "B5")
    mock.set_state(positions=[LONG])
    answer = send("POST", TP_SL, STOP | {"client_order_id": "s1"}).json()["data"]
    assert (type(answer["order_id"]), answer["client_order_id"]) == (str, "s1")
    assert read_ids(send("GET", f"{PLANS}?plan_type=profit_loss")) == ["s1"]
    assert read_rows(send("GET", f"{PLANS}?plan_type=plan")) == []
    mock.set_state(details={"BTCUSDT": {"last_price": "90000"}})
    assert read_rows(send("GET", POSITION)) == []
    assert {row["current_amount"] for row in read_rows(send("GET", f"{POSITION}?symbol=BTCUSDT"))} == {"0"}
    assert read_code(send("POST", SUBMIT, MARKET | {"side": 3})) == (400, 40018, "inference")


def test_one_way_mode_shows_one_row_with_a_signed_amount(mock: Any, send: Sender) -> None:
    mode = f"{PRIVATE}/set-position-mode"
    assert send("POST", mode, {"position_mode": "one_way_mode"}).json()["code"] == 1000
    send("POST", SUBMIT, MARKET | {"side": 4})
    row = read_rows(send("GET", POSITION))[0]
    assert (row["position_side"], row["current_amount"], row["position_amount"]) == ("both", "2", "-2")
    mock.advance(2)
    assert read_code(send("POST", mode, {"position_mode": "hedge_mode"})) == (400, 40059, "B6o")
    send("POST", SUBMIT, MARKET | {"size": 3})
    row = read_rows(send("GET", POSITION))[0]
    assert (row["current_amount"], row["position_amount"]) == ("1", "1")
    assert send("GET", f"{PRIVATE}/get-position-mode").json()["data"] == {"position_mode": "one_way_mode"}


def test_money_is_bound_by_orders_and_moved_by_transfers(send: Sender) -> None:
    send("POST", SUBMIT, ORDER)
    assets = read_rows(send("GET", ASSETS))[0]
    assert (float(assets["available_balance"]), float(assets["frozen_balance"])) == (9982, 18)
    transfer = {"currency": "USDT", "amount": "500", "transferType": "spot_to_contract"}
    answer = send("POST", "/account/v1/transfer-contract", transfer)
    assert answer.json() == {"code": 1000, "message": "Ok", "data": {}}
    assert float(read_rows(send("GET", ASSETS))[0]["equity"]) == 10500
    listed = send("POST", "/account/v1/transfer-contract-list", {"page": 1, "limit": 10}).json()
    assert (listed["message"], listed["data"]["records"][0]["amount"]) == ("OK", "500")


def test_leverage_is_kept_for_orders_without_one(send: Sender) -> None:
    change = SYMBOL | {"leverage": "5", "open_type": "isolated"}
    answer = send("POST", f"{PRIVATE}/submit-leverage", change).json()["data"]
    assert answer == change | {"max_value": "100"}
    send("POST", SUBMIT, {name: value for name, value in ORDER.items() if name != "leverage"})
    assert read_rows(send("GET", OPEN))[0]["leverage"] == "5"


def test_an_order_can_be_changed(send: Sender) -> None:
    order_id = send("POST", SUBMIT, ORDER).json()["data"]["order_id"]
    change = SYMBOL | {"order_id": order_id, "price": "89000"}
    assert send("POST", f"{PRIVATE}/modify-limit-order", change).json()["data"]["order_id"] == order_id
    assert read_rows(send("GET", OPEN))[0]["price"] == "89000"
    change["order_id"] += 999
    assert read_code(send("POST", f"{PRIVATE}/modify-limit-order", change)) == (400, 40037, "inference")


@pytest.mark.parametrize(
    ("mode", "price", "open_rows", "filled"),
    [(2, "90000", 0, 0), (4, "96000", 0, 0), (4, "90000", 1, 0), (3, "96000", 0, 1)],
)
def test_the_mode_of_a_limit_order_decides_whether_it_rests(
    send: Sender, mode: int, price: str, open_rows: int, filled: int
) -> None:
    assert send("POST", SUBMIT, ORDER | {"mode": mode, "price": price}).json()["code"] == 1000
    assert len(read_rows(send("GET", OPEN))) == open_rows
    assert len(read_rows(send("GET", f"{TRADES}?symbol=BTCUSDT"))) == filled


def test_history_takes_a_range_of_at_most_90_days_in_seconds(send: Sender) -> None:
    send("POST", SUBMIT, MARKET)
    now = int(time.time())
    ranges = {
        (now - 60, now + 60): 1000,
        (now - 91 * 86400, now): 40039,
        (now, now - 1): 40039,
        (now * 1000, now * 1000 + 1): 40039,
    }
    for (start, end), code in ranges.items():
        answer = send("GET", f"{HISTORY}?symbol=BTCUSDT&start_time={start}&end_time={end}")
        assert answer.json()["code"] == code
    assert read_rows(send("GET", f"{HISTORY}?symbol=BTCUSDT&start_time={now - 120}&end_time={now - 60}")) == []


def test_candles_end_at_500_rows(http: httpx.Client) -> None:
    query = "symbol=BTCUSDT&start_time=1764028800&end_time=1764118800"
    assert len(read_rows(http.get(f"/contract/public/kline?{query}&step=1"))) == 500


def test_an_unknown_symbol_is_a_system_error_of_details_only(http: httpx.Client) -> None:
    answer = http.get("/contract/public/details?symbol=NONE")
    assert (*read_code(answer), answer.json()["message"]) == (400, 40012, "C5", "SYMBOL_NOT_EXIST")
    assert read_code(http.get(f"{DEPTH}?symbol=NONE")) == (400, 40034, "C5")


def test_a_delisted_contract_is_unknown_to_reads_and_offline_to_writes(mock: Any, send: Sender) -> None:
    mock.set_state(details={"BTCUSDT": {"status": "Delisted"}})
    assert read_code(send("GET", f"{DEPTH}?symbol=BTCUSDT")) == (400, 40034, "C5")
    assert read_code(send("POST", SUBMIT, ORDER)) == (400, 40014, "inference")
    assert read_code(send("POST", SUBMIT, ORDER | {"symbol": "NONE"})) == (400, 40034, "inference")


def test_system_time_is_no_call_of_this_api(http: httpx.Client) -> None:
    assert read_code(http.get("/system/time")) == (404, 30000, "C5")
    assert read_code(http.get(SUBMIT)) == (404, 30000, "inference")


def test_a_documented_call_that_the_mock_lacks_is_refused_in_words(send: Sender) -> None:
    answer = send("GET", f"{PRIVATE}/position")
    assert (answer.status_code, answer.headers["X-Mock-Basis"]) == (501, "mock")
    assert "does not answer" in answer.json()["error"]


def test_every_handler_of_a_route_exists_and_every_write_has_fields() -> None:
    for (method, path), route in mock_exchange.ROUTES.items():
        assert route.handler == "-" or callable(getattr(mock_exchange.Exchange, route.handler))
        assert set(route.basis.split(",")) <= BASES
        assert method == "GET" or route.handler == "-" or path.rpartition("/")[2] in mock_exchange.FIELDS


def test_credentials_name_key_secret_and_memo_and_further_keys(http: httpx.Client) -> None:
    found = http.get("/mock/credentials").json()
    assert found.keys() == {"key", "secret", "memo", "read_only_key", "expired_key", "other_address_key"}
    codes = {"read_only_key": 1000, "expired_key": 30011, "other_address_key": 30010}
    for name, code in codes.items():
        assert http.get(ASSETS, headers={"X-API-KEY": found[name]}).json()["code"] == code


@each_case("controls")
def test_a_control_that_cannot_be_followed_is_refused_in_words(mock: Any, http: httpx.Client, case: Case) -> None:
    before = mock.show_state()
    answer = http.post(f"/mock/{case['control']}", json=case["body"])
    assert (answer.status_code, answer.headers["X-Mock-Basis"]) == (400, "mock")
    assert len(answer.json()["error"]) > 10
    assert mock.show_state() == before


@each_case("headers")
def test_a_header_that_cannot_be_followed_is_refused_in_words(http: httpx.Client, case: Case) -> None:
    answer = http.get(DEPTH, headers=case["headers"])
    assert (answer.status_code, answer.headers["X-Mock-Basis"]) == (400, "mock")


def test_the_mock_listens_on_this_machine_only(running: Any) -> None:
    assert urlsplit(running.url).hostname == "127.0.0.1"
    server = mock_exchange.Server(mock_exchange.Mock({}), 0)
    assert server.server_address[0] == "127.0.0.1"
    server.server_close()


def send_bytes(mock: Any, data: bytes) -> bytes:
    """Send bytes as they are, close that side, and return all that comes back."""
    address = urlsplit(mock.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


GARBAGE = [
    b"\x00\xff\xfe\r\n\r\n",
    b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/9.9.9\r\n\r\n",
    b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
    b"POST /mock/state HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"POST /mock/state HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
    b"POST /mock/state HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_proper_request_gets_a_short_refusal(
    mock: Any, capfd: pytest.CaptureFixture[str], data: bytes
) -> None:
    answer = send_bytes(mock, data)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert b"X-Mock-Basis: mock" in answer
    assert capfd.readouterr() == ("", "")


def test_one_connection_carries_many_requests(mock: Any) -> None:
    request = b"GET /contract/public/depth?symbol=BTCUSDT HTTP/1.1\r\nHost: x\r\n\r\n"
    post = b"POST /contract/private/submit-order HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    assert send_bytes(mock, request + post + request).count(b"HTTP/1.1 ") == 3


def test_a_client_that_asks_before_it_sends_the_body_is_told_to_go_on(running: Any) -> None:
    address = urlsplit(running.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(b"POST /mock/state HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"{}")
        assert line.recv(100).startswith(b"HTTP/1.1 200 ")


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["1", "0", "BTCUSDT"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
POSTS = [path for (method, path), route in mock_exchange.ROUTES.items() if method == "POST" and route.handler != "-"]
GETS = [path for (method, path), route in mock_exchange.ROUTES.items() if method == "GET" and route.handler != "-"]
NAMES = sorted({"symbol", "ver", *(name for fields in mock_exchange.FIELDS.values() for name in fields)})
READ_NAMES = ["symbol", "order_id", "client_order_id", "start_time", "end_time", "step", "limit", "type", "plan_type"]
LIKELY = ORDER | PLAN_ORDER | {"order_id": "220609666322019", "client_order_id": "a1", "amount": "1", "limit": 10}
fuzzed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzzed
@given(
    path=st.sampled_from(POSTS),
    body=st.dictionaries(st.sampled_from(NAMES), JSON_VALUES, max_size=3),
    likely=st.booleans(),
)
def test_no_body_breaks_the_mock(send: Sender, mock: Any, path: str, body: dict[str, Any], likely: bool) -> None:
    mock.set_state(limits={"*": None})
    answer = send("POST", path, (LIKELY if likely else {}) | body)
    assert answer.status_code < 500 or answer.json()["code"] == 30018


@fuzzed
@given(path=st.sampled_from(GETS), query=st.dictionaries(st.sampled_from(READ_NAMES), st.text(max_size=12), max_size=4))
def test_no_query_breaks_the_mock(send: Sender, mock: Any, path: str, query: dict[str, str]) -> None:
    mock.set_state(limits={"*": None})
    target = httpx.URL(path, params={"symbol": "BTCUSDT"} | query)
    assert send("GET", str(target)).status_code < 500


@fuzzed
@given(changes=st.dictionaries(st.sampled_from(sorted(mock_exchange.SHAPES)), JSON_VALUES, max_size=2))
def test_no_state_breaks_the_mock(http: httpx.Client, send: Sender, mock: Any, changes: dict[str, Any]) -> None:
    mock.reset()
    assert http.post("/mock/state", content=json.dumps(changes)).status_code in (200, 400)
    assert send("POST", SUBMIT, ORDER).status_code < 504
    assert send("GET", POSITION).status_code < 504


@fuzzed
@given(data=st.binary(max_size=200), path=st.sampled_from(["/mock/state", "/mock/script", SUBMIT, "/%ff?%", "//["]))
def test_no_bytes_break_the_mock(mock: Any, data: bytes, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    assert send_bytes(mock, head + data).startswith(b"HTTP/1.1 4")


def write_errors(folder: Path) -> Path:
    path = folder / "errors.json"
    path.write_text(json.dumps(make_errors()), encoding="utf-8")
    return path


def run_mock(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(SAMPLE), *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def errors_address(tmp_path: Path) -> Iterator[str]:
    write_errors(tmp_path)

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(tmp_path))

        def log_message(self, *_: object) -> None:
            """Keep the test output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/errors.json"
        server.shutdown()


def check_started(process: subprocess.Popen[str]) -> None:
    with process:
        assert process.stdout
        url = process.stdout.readline().strip()
        try:
            answer = httpx.get(url + DEPTH, headers={"X-Mock-Error": "30014"}, trust_env=False)
        finally:
            process.terminate()
    assert answer.json()["code"] == 30014


def test_the_command_prints_its_address_and_reads_errors_json_beside_it(tmp_path: Path) -> None:
    write_errors(tmp_path)
    check_started(run_mock(tmp_path, "--port", "0"))


def test_the_command_reads_errors_json_from_an_address(tmp_path: Path, errors_address: str) -> None:
    check_started(run_mock(tmp_path / "..", "--errors", errors_address, "--port", "0"))


def test_the_command_says_in_one_line_why_it_does_not_start(tmp_path: Path) -> None:
    with run_mock(tmp_path, "--port", "0") as process:
        output, problem = process.communicate()
    assert (process.returncode, output, len(problem.splitlines())) == (1, "", 1)
    assert "errors.json" in problem
