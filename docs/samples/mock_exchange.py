"""A mock of the WOO X Pro futures API that gives every error code. Only programs on your own machine can reach it.

Start it with `python mock_exchange.py [--errors errors.json] [--port 8099]`. The first line that it prints is its
address. `--errors` is a file or an https address of errors.json. Port 0 takes a free port. In a test use
`with serve("errors.json") as mock:` and send your requests to `mock.url`.

Headers of one request
    X-Mock-Error: 30014       answers with this code. All 72 codes of errors.json work.
    X-Mock-Fault: lost-after  answers with a fault: lost-before, lost-after, html-502, html-503, html-504, route-404,
                              empty, slow or cut.
    X-Mock-Executed: yes      executes the request although the answer is an error or a fault. `no` prevents it.
                              Without this header only lost-after, slow and cut execute the request.
    X-Mock-Delay: 2           seconds that a slow answer takes.
    X-Mock-Envelope: msg      changes the form of the answer. `msg` renames `message`. `text-code` makes the code a
                              text. `text-ids` and `number-ids` change every order_id. Join several with commas.

Control addresses, all with JSON
    POST /mock/script        {"path": "/contract/private/submit-order", "steps": [{"error": "30014"}, {}]} sets what the
                             next requests of this path get. A step has the names error, fault, executed, delay and
                             envelope, or status and body for an answer of your own. {} is a normal answer.
                             {"PATH": [steps]} sets several paths. A list of steps needs ?path=, or a path in each step.
                             Steps without a path count for every path.
    POST /mock/state         sets what STATE below names. The answer is the whole state. GET returns it.
                             "advance": 5 lets 5 seconds pass for limits, blocks and hidden orders.
    POST /mock/reset         forgets orders, scripts, executions and state.
    GET  /mock/credentials   {"key", "secret", "memo"}, and further keys that the mock refuses for one reason each.
    GET  /mock/executions    every write that was executed, oldest first: {"at", "path", "body", "data"}.

Every answer has the header X-Mock-Basis. It names the source of the rule by its key on the site's provenance page, or
says `inference` where we have guessed, or `mock` where the exchange has no such address.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import hmac
import json
import re
import sys
import threading
import time
import urllib.request
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

Row = dict[str, Any]
KEY, SECRET, MEMO = "mock-trading-key", "c2f3a1d09b7e4856a3b1f0e9d8c7b6a5", "mock"
READ_ONLY_KEY, EXPIRED_KEY, OTHER_ADDRESS_KEY = "mock-read-only-key", "mock-expired-key", "mock-other-address-key"
KEYS = {KEY: "ok", READ_ONLY_KEY: "read-only", EXPIRED_KEY: "expired", OTHER_ADDRESS_KEY: "address"}
WINDOW = 2.0  # seconds in which the published limits count
HIGHEST_BODY = 1_000_000  # bytes

# method, path, level, calls in 2 seconds, basis of a success, method of Exchange that answers ("-": not in the mock)
ROUTES_TEXT = """
GET  /contract/public/details                            NONE   12 S14 read_details
GET  /contract/public/depth                              NONE   12 S3  read_depth
GET  /contract/public/kline                              NONE   12 S3  read_candles
GET  /contract/public/markprice-kline                    NONE   12 S15 read_candles
GET  /contract/public/market-trade                       NONE   12 S3  -
GET  /contract/public/open-interest                      NONE    2 S3  -
GET  /contract/public/funding-rate                       NONE   12 S3  -
GET  /contract/public/funding-rate-history               NONE   12 S3  -
GET  /contract/public/leverage-bracket                   NONE   12 S3  -
GET  /contract/private/assets-detail                     KEYED  12 B1  read_assets
GET  /contract/private/order                             KEYED  50 S19 read_order
GET  /contract/private/order-history                     KEYED   6 S20 read_history
GET  /contract/private/trades                            KEYED   6 S21 read_trades
GET  /contract/private/get-open-orders                   KEYED  50 S3,B6 read_open_orders
GET  /contract/private/current-plan-order                KEYED  50 S3,B6 read_plans
GET  /contract/private/position                          KEYED   6 S13 -
GET  /contract/private/position-v2                       KEYED   6 B6  read_positions
GET  /contract/private/position-risk                     KEYED  24 B1  -
GET  /contract/private/transaction-history               KEYED   6 B1  -
GET  /contract/private/trade-fee-rate                    KEYED   2 B1  -
GET  /contract/private/get-position-mode                 KEYED   2 B1  read_position_mode
POST /contract/private/submit-order                      SIGNED 24 S6  submit_order
POST /contract/private/modify-limit-order                SIGNED 24 B1  modify_order
POST /contract/private/cancel-order                      SIGNED 40 S22 cancel_order
POST /contract/private/cancel-orders                     SIGNED  2 S3  cancel_orders
POST /contract/private/cancel-all-after                  SIGNED  4 S3  -
POST /contract/private/submit-plan-order                 SIGNED 24 S7  submit_plan
POST /contract/private/modify-plan-order                 SIGNED 24 S12 modify_plan
POST /contract/private/modify-preset-plan-order          SIGNED 24 B1  -
POST /contract/private/cancel-plan-order                 SIGNED 40 S24 cancel_plan
POST /contract/private/submit-tp-sl-order                SIGNED 24 S8  submit_tp_sl
POST /contract/private/modify-tp-sl-order                SIGNED 24 S3  modify_tp_sl
POST /contract/private/submit-trail-order                SIGNED 24 S9  -
POST /contract/private/cancel-trail-order                SIGNED 24 S23 -
POST /contract/private/submit-leverage                   SIGNED 24 S10 submit_leverage
POST /contract/private/set-position-mode                 SIGNED  2 S11 set_position_mode
POST /account/v1/transfer-contract                       SIGNED  1 S4,B1 transfer
POST /account/v1/transfer-contract-list                  SIGNED  1 S4,B1 list_transfers
POST /account/contract/sub-account/main/v1/sub-to-main   SIGNED  8 B1  transfer_to_main
"""

PRESETS = " ".join(f"preset_{kind}_price preset_{kind}_price_type:i" for kind in ("take_profit", "stop_loss"))
# path → its fields; ":i" is an integer and all others are texts; "*" is required. symbol is checked apart.
FIELDS_TEXT = {
    "submit-order": "side:i* size:i* type price leverage open_type mode:i client_order_id stp_mode:i " + PRESETS,
    "modify-limit-order": "order_id:i client_order_id price size:i",
    "cancel-order": "order_id client_order_id",
    "cancel-orders": "",
    "submit-plan-order": "side:i* size:i* leverage open_type trigger_price* price_way:i* price_type:i* type "
    "executive_price mode:i plan_category:i " + PRESETS,
    "modify-plan-order": "order_id* trigger_price* price_type:i* type* executive_price",
    "cancel-plan-order": "order_id client_order_id",
    "submit-tp-sl-order": "type* side:i* trigger_price* executive_price* price_type:i* size:i plan_category:i "
    "client_order_id category",
    "modify-tp-sl-order": "order_id client_order_id trigger_price* price_type:i* executive_price plan_category:i "
    "category",
    "submit-leverage": "open_type leverage",
    "set-position-mode": "position_mode*",
    "transfer-contract": "currency* amount* transferType* recvWindow:i",
    "transfer-contract-list": "page:i* limit:i* currency time_start:i time_end:i recvWindow:i",
    "sub-to-main": "requestNo* amount* currency*",
}
TYPES = {
    "submit-order": ("limit", "market"),
    "submit-plan-order": ("limit", "market", "take_profit", "stop_loss"),
    "modify-plan-order": ("limit", "market"),
    "submit-tp-sl-order": ("take_profit", "stop_loss"),
}
CHOICES: dict[str, tuple[str | int, ...]] = {
    "mode": (1, 2, 3, 4),
    "stp_mode": (1, 2, 3),
    "price_way": (1, 2),
    "price_type": (1, 2),
    "preset_take_profit_price_type": (1, 2),
    "preset_stop_loss_price_type": (1, 2),
    "plan_category": (1, 2),
    "category": ("limit", "market"),
    "position_mode": ("hedge_mode", "one_way_mode"),
    "transferType": ("spot_to_contract", "contract_to_spot"),
    "currency": ("USDT",),
}
PRICES = ("price", "trigger_price", "executive_price", "preset_take_profit_price", "preset_stop_loss_price")
STEPS = (1, 3, 5, 15, 30, 60, 120, 240, 360, 720, 1440, 4320, 10080)  # minutes

# name of the state → code, basis
KEY_STATES = {
    "ok": ("", ""),
    "missing": ("30002", "B7"),
    "unknown": ("30002", "B7"),
    "frozen": ("30003", "S1"),
    "address": ("30010", "B1"),
    "expired": ("30011", "S1"),
    "read-only": ("30012", "S4"),
}
SERVICE_STATES = {
    "ok": ("", "", ""),
    "down": ("30014", "i14428", "all"),
    "maintenance": ("30016", "S1", "all"),
    "not-cleared": ("30019", "i19336", "writes"),
    "address-refused": ("40006", "inference", "private"),
    "throttled": ("40013", "inference", "private"),
    "liquidating": ("40026", "inference", "writes"),
    "not-opened": ("40046", "S1", "private"),
    "region": ("40047", "S1", "private"),
}
SYMBOL_STATES = {
    "trading": ("", ""),
    "offline": ("40014", "inference"),
    "paused": ("40015", "inference"),
    "liquidating": ("40019", "inference"),
}


class Fault(NamedTuple):
    """An answer that no API gives: `body` None closes the connection, "" comes empty."""

    executes: bool
    basis: str
    status: int = 200
    body: str | None = None
    kind: str = "text/html"


def make_gateway_fault(status: int, title: str) -> Fault:
    page = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1></body></html>"
    return Fault(False, "B5", status, page)


FAULTS = {
    "lost-before": Fault(False, "inference"),
    "lost-after": Fault(True, "inference"),
    "html-502": make_gateway_fault(502, "Bad Gateway"),
    "html-503": make_gateway_fault(503, "Service Temporarily Unavailable"),
    "html-504": make_gateway_fault(504, "Gateway Time-out"),
    "route-404": Fault(False, "C6", 404, '{"error_msg":"404 Route Not Found"}', "application/json"),
    "empty": Fault(False, "inference", 200, "", "application/json"),
    "slow": Fault(True, "inference"),
    "cut": Fault(True, "inference"),
}
STEP_NAMES = {"path", "error", "fault", "executed", "delay", "envelope", "status", "body"}
ENVELOPES = {"msg", "text-code", "text-ids", "number-ids"}

DETAILS = {
    "BTCUSDT": {"contract_size": "0.001", "price_precision": "0.1", "last_price": "95000"},
    "ETHUSDT": {"contract_size": "0.01", "price_precision": "0.01", "last_price": "3500"},
}
SHARED_DETAILS = {
    "vol_precision": "1",
    "min_volume": "1",
    "max_volume": "500000",
    "market_max_volume": "100000",
    "min_leverage": "1",
    "max_leverage": "100",
    "status": "Trading",
}
POSITION = {"symbol": "BTCUSDT", "position_side": "long", "current_amount": "0", "leverage": "10", "open_type": "cross"}
POSITION |= {"open_avg_price": "95000"}
ORDER: Row = {"order_id": "", "client_order_id": "", "symbol": "BTCUSDT", "side": 1, "type": "limit", "size": "1"}
ORDER |= {"price": "90000", "mode": 1, "leverage": "10", "open_type": "cross", "state": 2, "deal_size": "0"}
ORDER |= {"deal_avg_price": "0"}
PLAN: Row = {"order_id": "", "client_order_id": "", "symbol": "BTCUSDT", "side": 1, "type": "plan", "size": "1"}
PLAN |= {"trigger_price": "99000", "executive_price": "99000", "price_way": 1, "price_type": 1, "plan_category": 1}
PLAN |= {"mode": 1, "leverage": "10", "open_type": "cross", "state": 2, "order_type": "limit"}

STATE: Row = {
    "clock_offset": 0,  # seconds by which the exchange's clock is ahead of yours
    "key": "ok",  # of KEY_STATES; it counts for the key of /mock/credentials
    "service": "ok",  # of SERVICE_STATES
    "retired": [],  # paths that answer 30031
    "limits": {},  # path, or "*" for all → calls in 2 seconds, null for no limit
    "block_after": 3,  # refusals with 30013 in a row until 30017
    "block_seconds": 60,
    "symbols": {},  # symbol → of SYMBOL_STATES
    "details": {},  # symbol → fields of contract details, last_price among them
    "safe_sizes": {},  # symbol → largest order that does not lead to liquidation
    "balance": "10000",  # USDT of the futures account
    "spot_balance": "10000",
    "position_mode": "hedge_mode",
    "positions": [],  # as POSITION; current_amount "0" is a position that was held and is gone
    "orders": [],  # as ORDER; state 2 is open, 4 is filled or cancelled
    "plans": [],  # as PLAN
    "visible_after": 0,  # seconds until a new order can be seen by any look-up
    "reuse_ids": True,  # whether the id of a finished order is accepted again, which is unpublished
    "plan_limit": 200,  # open plan orders, unpublished
    "request_numbers": [],  # requestNo values that are used already
    "envelope": "",  # as X-Mock-Envelope, for every answer
}
CHOSEN: dict[str, tuple[str, ...]] = {
    "key": tuple(KEY_STATES),
    "service": tuple(SERVICE_STATES),
    "position_mode": ("hedge_mode", "one_way_mode"),
}
ROWS = {"positions": POSITION, "orders": ORDER, "plans": PLAN}


class RefusedError(Exception):
    """The exchange refuses the request with this code."""

    def __init__(self, code: str, basis: str = "inference", message: str = "") -> None:
        super().__init__(code)
        self.code, self.basis, self.message = code, basis, message


class ControlError(Exception):
    """A request to the mock itself that the mock cannot follow; the text says why."""


class Answer(NamedTuple):
    """What goes on the wire; `body` None closes the connection instead."""

    status: int
    body: str | None
    basis: str
    kind: str = "application/json"
    delay: float = 0.0


class Route(NamedTuple):
    """One row of ROUTES_TEXT."""

    level: str
    limit: int
    basis: str
    handler: str


def read_routes() -> dict[tuple[str, str], Route]:
    rows = [line.split() for line in ROUTES_TEXT.strip().splitlines()]
    return {(method, path): Route(level, int(limit), *rest) for method, path, level, limit, *rest in rows}


def read_fields(text: str) -> dict[str, tuple[type, bool]]:
    """Return field → its type and whether it is required."""
    names = {part.rstrip("*").removesuffix(":i"): part for part in text.split()}
    return {name: (int if ":i" in part else str, part.endswith("*")) for name, part in names.items()}


ROUTES = read_routes()
FIELDS = {call: read_fields(text) for call, text in FIELDS_TEXT.items()}


def read_decimal(value: object) -> Decimal | None:
    """Return the number that a text such as "95000.1" writes, None for everything else."""
    fits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", value)
    return Decimal(str(value)) if fits else None


def need_decimal(value: object) -> Decimal:
    number = read_decimal(value)
    if number is None:
        raise RefusedError("40007")
    return number


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def parse_object(text: bytes | str) -> Row | None:
    """Return the JSON object, None for everything else."""
    try:
        found = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def sign(secret: str, memo: str, timestamp: str, body: bytes = b"") -> str:
    """Return the documented signature: hex HMAC-SHA256 of timestamp#memo#body."""
    return hmac.new(secret.encode(), f"{timestamp}#{memo}#".encode() + body, hashlib.sha256).hexdigest()


def is_buy(side: int) -> bool:
    return side in (1, 2)


def is_opening(side: int) -> bool:
    return side in (1, 4)


def name_direction(side: int) -> str:
    """Return the position that an order of this side opens or closes."""
    return "long" if side in (1, 3) else "short"


class Book:
    """Orders, plan orders, positions and money of the one account, with the clock that they go by."""

    def __init__(self) -> None:
        self.state: Row = copy.deepcopy(STATE)
        self.orders: list[Row] = []
        self.plans: list[Row] = []
        self.trades: list[Row] = []
        self.positions: dict[tuple[str, str], Row] = {}
        self.leverages: dict[str, str] = {}
        self.balances = {"futures": Decimal(10000), "spot": Decimal(10000)}
        self.last_id = 220609666322018
        self.skipped = 0.0

    def read_clock(self) -> float:
        """Return seconds that only grow: for limits, blocks and hidden orders."""
        return time.monotonic() + self.skipped

    def read_time(self) -> float:
        """Return the exchange's time of day as Unix seconds."""
        return time.time() + float(self.state["clock_offset"])

    def make_stamps(self) -> Row:
        now = int(self.read_time() * 1000)
        visible = self.read_clock() + self.state["visible_after"]
        return {"create_time": now, "update_time": now, "_visible": visible}

    def make_id(self) -> str:
        self.last_id += 1
        return str(self.last_id)

    def get_details(self, symbol: object) -> Row:
        """Return the contract's details, or refuse an unknown symbol."""
        if not isinstance(symbol, str) or symbol not in DETAILS | self.state["details"] | self.state["symbols"]:
            raise RefusedError("40034", "C5")
        own: Row = self.state["details"].get(symbol, {})
        return SHARED_DETAILS | DETAILS.get(symbol, DETAILS["BTCUSDT"]) | own

    def get_number(self, symbol: str, name: str) -> Decimal:
        return Decimal(self.get_details(symbol)[name])

    def get_held(self, symbol: str, direction: str) -> Decimal:
        return Decimal(self.positions.get((symbol, direction), POSITION)["current_amount"])

    def list_visible(self, rows: list[Row]) -> list[Row]:
        now = self.read_clock()
        return [row for row in rows if row["_visible"] <= now]

    def list_open(self, symbol: str) -> list[Row]:
        return [order for order in self.orders if order["symbol"] == symbol and order["state"] != 4]

    def count_margin(self, symbol: str, size: object, price: object, leverage: object) -> Decimal:
        notional = Decimal(str(size)) * self.get_number(symbol, "contract_size") * Decimal(str(price))
        return notional / max(Decimal(str(leverage)), Decimal(1))

    def count_frozen(self) -> Decimal:
        waiting = [row for row in self.orders if row["state"] != 4 and is_opening(row["side"])]
        return sum(
            (self.count_margin(row["symbol"], row["size"], row["price"], row["leverage"]) for row in waiting),
            Decimal(0),
        )

    def count_deposit(self) -> Decimal:
        parts = (
            self.count_margin(row["symbol"], row["current_amount"], row["open_avg_price"], row["leverage"])
            for row in self.positions.values()
        )
        return sum(parts, Decimal(0))

    def count_available(self) -> Decimal:
        return max(self.balances["futures"] - self.count_frozen() - self.count_deposit(), Decimal(0))

    def place(self, fields: Row) -> Row:
        """Book an order, and fill it at once if the last price allows it."""
        order = ORDER | fields | {"order_id": self.make_id()} | self.make_stamps()
        self.orders.append(order)
        crosses = order["type"] == "market" or self.is_crossed(order)
        if crosses and not (order["type"] == "limit" and order["mode"] == 4):
            self.fill(order)
        elif crosses or order["mode"] in (2, 3):
            self.finish(order)
        return order

    def is_crossed(self, order: Row) -> bool:
        last = self.get_number(order["symbol"], "last_price")
        return Decimal(order["price"]) >= last if is_buy(order["side"]) else Decimal(order["price"]) <= last

    def finish(self, row: Row) -> None:
        """Close an order as cancelled or filled."""
        row["state"], row["update_time"] = 4, int(self.read_time() * 1000)

    def fill(self, order: Row) -> None:
        """Execute an order whole at the last price. A closing order takes at most what is held."""
        symbol, direction = order["symbol"], name_direction(order["side"])
        price, size = self.get_details(symbol)["last_price"], Decimal(order["size"])
        if is_opening(order["side"]):
            self.open_position(order, size, price)
        else:
            size = min(size, self.get_held(symbol, direction))
            self.add_to_position(symbol, direction, -size)
        self.finish(order)
        if size:
            order |= {"deal_size": str(size), "deal_avg_price": price}
            trade = {name: order[name] for name in ("order_id", "symbol", "side")}
            self.trades.append(
                trade | {"trade_id": self.make_id(), "price": price, "vol": str(size)} | self.make_stamps()
            )

    def open_position(self, order: Row, size: Decimal, price: str) -> None:
        symbol, direction = order["symbol"], name_direction(order["side"])
        other = "short" if direction == "long" else "long"
        if self.state["position_mode"] == "one_way_mode":
            netted = min(size, self.get_held(symbol, other))
            self.add_to_position(symbol, other, -netted)
            size -= netted
        if size:
            self.add_to_position(symbol, direction, size)
            terms = {name: order[name] for name in ("leverage", "open_type")}
            self.positions[symbol, direction] |= terms | {"open_avg_price": price}

    def add_to_position(self, symbol: str, direction: str, size: Decimal) -> None:
        if size:
            row = self.positions.setdefault(
                (symbol, direction), POSITION | {"symbol": symbol, "position_side": direction}
            )
            row["current_amount"] = str(Decimal(row["current_amount"]) + size)

    def settle(self) -> None:
        """Fill resting orders and fire plan orders that the last prices reach."""
        for order in [row for row in self.orders if row["state"] != 4]:
            if self.is_crossed(order):
                self.fill(order)
        for plan in [row for row in self.plans if row["state"] != 4]:
            last, trigger = self.get_number(plan["symbol"], "last_price"), Decimal(plan["trigger_price"])
            if last >= trigger if plan["price_way"] == 1 else last <= trigger:
                self.finish(plan)
                self.place(self.make_fired_order(plan))

    def make_fired_order(self, plan: Row) -> Row:
        names = ("symbol", "side", "size", "mode", "leverage", "open_type")
        price = self.get_details(plan["symbol"])["last_price"]
        if plan["order_type"] == "limit" and Decimal(plan["executive_price"]):
            price = plan["executive_price"]
        fired = {"client_order_id": f"PLAN_{plan['order_id']}", "type": "planorder", "price": price}
        return {name: plan[name] for name in names} | fired


class Exchange(Book):
    """What the API checks and answers: one method for each call, which returns `data` or raises RefusedError."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self.strikes: dict[str, int] = defaultdict(int)
        self.blocked_until = 0.0
        self.transfers: list[Row] = []
        self.executions: list[Row] = []

    def process(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Check the request, carry it out, and return the answer; RefusedError if a check fails."""
        path, _, query = target.partition("?")
        route = self.find_route(method, path)
        caller = headers.get("x-api-key", "") if route.level != "NONE" else "address"
        self.check_rate(caller, path, route.limit)
        if route.level != "NONE":
            self.check_key(caller, is_write=route.level == "SIGNED" and not path.endswith("-list"))
        if route.level == "SIGNED":
            self.check_signature(headers, body)
        given = parse_object(body) if method == "POST" else {name: found[0] for name, found in parse_qs(query).items()}
        if given is None:
            raise RefusedError("30018", "S1" if body else "inference")
        self.check_service(path, route.level)
        if route.handler == "-":
            return Answer(501, json.dumps({"error": f"The mock does not answer {path}."}), "mock")
        if method == "POST":
            self.check_fields(path, given)
        data = getattr(self, route.handler)(given)
        if method == "POST" and not path.endswith("-list"):
            at = int(self.read_time() * 1000)
            self.executions.append({"at": at, "path": path, "body": given, "data": copy.deepcopy(data)})
        return Answer(200, json.dumps(self.wrap(path, data)), route.basis)

    def wrap(self, path: str, data: object) -> Row:
        if path.endswith("/transfer-contract"):
            return {"code": 1000, "message": "Ok", "data": data}
        message = "OK" if path.startswith("/account/") else "Ok"
        return {"code": 1000, "message": message, "trace": f"mock-{self.make_id()}", "data": data}

    def find_route(self, method: str, path: str) -> Route:
        if path.startswith("/contract/v1/"):
            raise RefusedError("30030", "C5")
        found = ROUTES.get((method, path))
        if found is None:
            known = any(path == other for _, other in ROUTES)
            raise RefusedError("30000", "inference" if known else "C5")
        return found

    def check_rate(self, caller: str, path: str, limit: int) -> None:
        now, limits = self.read_clock(), self.state["limits"]
        if now < self.blocked_until:
            raise RefusedError("30017", "B1")
        allowed = limits.get(path, limits.get("*", limit))
        calls = self.calls[caller, path]
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if allowed is None or len(calls) < allowed:
            calls.append(now)
            self.strikes[caller] = 0
            return
        self.strikes[caller] += 1
        if self.strikes[caller] > self.state["block_after"]:
            self.blocked_until = now + self.state["block_seconds"]
            raise RefusedError("30017", "B1")
        raise RefusedError("30013", "S3")

    def check_key(self, key: str, is_write: bool) -> None:
        if not key.strip():
            raise RefusedError("30001", "S1")
        state = self.state["key"] if key == KEY else KEYS.get(key, "missing")
        code, basis = KEY_STATES[state]
        if code and (is_write or state != "read-only"):
            raise RefusedError(code, basis)

    def check_signature(self, headers: Mapping[str, str], body: bytes) -> None:
        signature, stamp = headers.get("x-api-sign", ""), headers.get("x-api-timestamp", "")
        if not stamp.strip():
            raise RefusedError("30006", "S1")
        if not re.fullmatch(r"[0-9]{1,19}", stamp):
            raise RefusedError("30008", "S1")
        if abs(self.read_time() * 1000 - int(stamp)) > 60_000:
            raise RefusedError("30007", "S1,B10")
        if not signature.strip():
            raise RefusedError("30004", "S1")
        if not hmac.compare_digest(signature.encode(), sign(SECRET, MEMO, stamp, body).encode()):
            raise RefusedError("30005", "B1,B5")
        window = (parse_object(body) or {}).get("recvWindow", 60_000)
        if not isinstance(window, int) or not 0 < window <= 60_000 or self.read_time() * 1000 - int(stamp) > window:
            raise RefusedError("30007", "B5")

    def check_service(self, path: str, level: str) -> None:
        code, basis, reach = SERVICE_STATES[self.state["service"]]
        levels = {"all": ("NONE", "KEYED", "SIGNED"), "private": ("KEYED", "SIGNED"), "writes": ("SIGNED",)}
        if code and level in levels[reach]:
            raise RefusedError(code, basis)
        if path in self.state["retired"]:
            raise RefusedError("30031", "C9")

    def check_fields(self, path: str, given: Row) -> None:
        """Check the symbol, then types, then values, as far as they need no state."""
        call = path.rpartition("/")[2]
        if "/private/" in path and call != "set-position-mode":
            self.check_symbol(given)
        for name, code in (("ver", "40009"), ("func", "40010")):
            if name in given:
                raise RefusedError(code)
        if call == "submit-order" and given.get("type") == "market" and "price" in given:
            raise RefusedError("40011", "C8")
        for name, (kind, required) in FIELDS[call].items():
            self.check_type(name, kind, given)
            if required and given.get(name) is None:
                raise RefusedError("40011")
        self.check_values(call, given)

    def check_symbol(self, given: Row) -> None:
        details = self.get_details(given.get("symbol"))
        if details["status"] != "Trading":
            raise RefusedError("40034")
        code, basis = SYMBOL_STATES[self.state["symbols"].get(given["symbol"], "trading")]
        if code:
            raise RefusedError(code, basis)

    def check_type(self, name: str, kind: type, given: Row) -> None:
        value = given.get(name)
        if name == "size" and isinstance(value, float):
            raise RefusedError("40043")
        if value is not None and type(value) is not kind:
            raise RefusedError("40007")

    def check_values(self, call: str, given: Row) -> None:
        if "side" in FIELDS[call] and given["side"] not in ((2, 3) if call == "submit-tp-sl-order" else (1, 2, 3, 4)):
            raise RefusedError("40041")
        if call in TYPES and given.get("type", "limit") not in TYPES[call]:
            raise RefusedError("40042", "B5" if call == "submit-tp-sl-order" else "inference")
        for name in FIELDS[call].keys() & CHOICES.keys() & given.keys():
            if given[name] is not None and given[name] not in CHOICES[name]:
                raise RefusedError("40011")
        if given.get("open_type") not in (None, "cross", "isolated"):
            raise RefusedError("40045")
        self.check_numbers(call, given)
        self.check_client_id(given.get("client_order_id"))

    def check_numbers(self, call: str, given: Row) -> None:
        for name in FIELDS[call].keys() & set(PRICES) & given.keys():
            if given[name] is not None:
                price, step = need_decimal(given[name]), self.get_number(given["symbol"], "price_precision")
                if price % step or not (price or name == "executive_price"):
                    raise RefusedError("40043")
        if "leverage" in FIELDS[call] and given.get("leverage") is not None:
            self.check_leverage(given["symbol"], given["leverage"])
        size = given.get("size")
        if size is not None:
            name = "market_max_volume" if given.get("type") == "market" else "max_volume"
            if not self.get_number(given["symbol"], "min_volume") <= size <= self.get_number(given["symbol"], name):
                raise RefusedError("40044", "B5")

    def check_leverage(self, symbol: str, leverage: str) -> None:
        wanted = read_decimal(leverage)
        if wanted is None:
            raise RefusedError("40040", "C3t")
        if wanted > self.get_number(symbol, "max_leverage"):
            raise RefusedError("40029")
        if wanted < self.get_number(symbol, "min_leverage"):
            raise RefusedError("40030")

    def check_client_id(self, name: str | None) -> None:
        if name is None:
            return
        if len(name) > 32:
            raise RefusedError("40049", "S1,S6")
        if not re.fullmatch(r"[A-Za-z0-9]+", name):
            raise RefusedError("40048", "S1,S6")

    def check_new_id(self, name: str | None) -> None:
        same = [row for row in self.orders + self.plans if name and row["client_order_id"] == name]
        if any(row["state"] != 4 for row in same):
            raise RefusedError("40050", "S1")
        if same and not self.state["reuse_ids"]:
            raise RefusedError("40050")

    def check_position(self, order: Row) -> None:
        """Compare an order with the position that it opens or closes, and with resting orders of that position."""
        symbol, side, direction = order["symbol"], order["side"], name_direction(order["side"])
        resting = [row for row in self.list_open(symbol) if name_direction(row["side"]) == direction]
        if any(is_opening(row["side"]) != is_opening(side) for row in resting):
            raise RefusedError("40017")
        held, position = self.get_held(symbol, direction), self.positions.get((symbol, direction))
        if is_opening(side):
            self.check_terms(symbol, order)
        elif not held:
            raise RefusedError(*(("40018",) if position else ("40021", "B5")))
        elif order["size"] > held - sum(Decimal(row["size"]) for row in resting):
            raise RefusedError("40020")

    def check_terms(self, symbol: str, order: Row) -> None:
        for direction in ("long", "short"):
            if self.get_held(symbol, direction):
                position = self.positions[symbol, direction]
                if any(order.get(name, position[name]) != position[name] for name in ("leverage", "open_type")):
                    raise RefusedError("40012", "B5,B6o")

    def check_funds(self, order: Row) -> None:
        symbol, size = order["symbol"], order["size"]
        if size > self.state["safe_sizes"].get(symbol, size):
            raise RefusedError("40016")
        price = order.get("price") or self.get_details(symbol)["last_price"]
        if self.count_margin(symbol, size, price, order["leverage"]) > self.count_available():
            raise RefusedError("40027", "B5")

    def submit_order(self, given: Row) -> Row:
        market, side = given.get("type") == "market", given["side"]
        if (not market and given.get("price") is None) or (market and given.get("mode") == 4):
            raise RefusedError("40011")
        if is_opening(side) and given.get("open_type") is None:
            raise RefusedError("40045")
        self.check_new_id(given.get("client_order_id"))
        order = {name: value for name, value in given.items() if name in ORDER and value is not None}
        order.setdefault("leverage", self.leverages.get(given["symbol"], "10"))
        self.check_position(order)
        if is_opening(side):
            self.check_funds(order)
        price = self.get_details(given["symbol"])["last_price"] if market else given["price"]
        placed = self.place(order | {"size": str(given["size"]), "price": price})
        return {"order_id": int(placed["order_id"]), "price": "market price" if market else given["price"]}

    def find_row(self, rows: list[Row], given: Row) -> Row:
        """Return the open row with the given order_id or client_order_id."""
        wanted = {name: str(given[name]) for name in ("order_id", "client_order_id") if given.get(name) is not None}
        if not wanted:
            raise RefusedError("40011")
        for row in reversed(rows):
            if row["symbol"] == given["symbol"] and all(row[name] == text for name, text in wanted.items()):
                if row["state"] == 4:
                    raise RefusedError("40036")
                return row
        raise RefusedError("40037", "C3")

    def cancel(self, rows: list[Row], given: Row) -> Row:
        """Cancel one order by its id; without an id all orders of the symbol."""
        if given.get("order_id") is None and given.get("client_order_id") is None:
            found = [row for row in rows if row["symbol"] == given["symbol"] and row["state"] != 4]
        else:
            found = [self.find_row(rows, given)]
        for row in found:
            self.finish(row)
        return {}

    def cancel_order(self, given: Row) -> Row:
        return self.cancel(self.orders, given)

    def cancel_orders(self, given: Row) -> Row:
        return self.cancel(self.orders, {"symbol": given["symbol"]})

    def cancel_plan(self, given: Row) -> Row:
        return self.cancel(self.plans, given)

    def modify_order(self, given: Row) -> Row:
        order = self.find_row(self.orders, given)
        if given.get("price") is None and given.get("size") is None:
            raise RefusedError("40011")
        order |= {name: str(given[name]) for name in ("price", "size") if given.get(name) is not None}
        self.settle()
        return {"order_id": int(order["order_id"]), "client_order_id": order["client_order_id"]}

    def check_trigger(self, given: Row) -> None:
        last = self.get_number(given["symbol"], "last_price")
        if abs(Decimal(given["trigger_price"]) - last) > last / 2:
            raise RefusedError("40031")
        if given.get("type", "limit") == "limit" and given.get("executive_price") is None:
            raise RefusedError("40011")

    def add_plan(self, given: Row, changes: Row) -> Row:
        if sum(row["state"] != 4 for row in self.plans) >= self.state["plan_limit"]:
            raise RefusedError("40028")
        kept = {name: value for name, value in given.items() if name in PLAN and value is not None}
        plan = PLAN | {"executive_price": "0"} | kept | changes | {"order_id": self.make_id()} | self.make_stamps()
        self.plans.append(plan)
        return plan

    def submit_plan(self, given: Row) -> Row:
        if given.get("leverage") is None:
            raise RefusedError("40040", "i23354")
        if given.get("open_type") is None:
            raise RefusedError("40045")
        self.check_trigger(given)
        if is_opening(given["side"]):
            self.check_terms(given["symbol"], given)
        else:
            self.need_position(given["symbol"], given["side"])
        kind = given.get("type", "limit")
        shown = "plan" if kind in ("limit", "market") else kind
        plan = self.add_plan(given, {"type": shown, "order_type": kind, "size": str(given["size"])})
        self.settle()
        return {"order_id": int(plan["order_id"])}

    def modify_plan(self, given: Row) -> Row:
        self.check_trigger(given)
        plan = self.find_row(self.plans, given)
        plan |= {name: given[name] for name in ("trigger_price", "price_type", "executive_price") if given.get(name)}
        plan["order_type"] = given["type"]
        self.settle()
        return {"order_id": plan["order_id"]}

    def need_position(self, symbol: str, side: int) -> Decimal:
        held = self.get_held(symbol, name_direction(side))
        if not held:
            raise RefusedError("40021", "B5")
        return held

    def submit_tp_sl(self, given: Row) -> Row:
        self.check_new_id(given.get("client_order_id"))
        held = self.need_position(given["symbol"], given["side"])
        if given.get("size", held) > held:
            raise RefusedError("40020")
        waits_for_rise = (given["type"] == "take_profit") == (given["side"] == 3)
        category = given.get("category", "market")
        changes = {"size": str(given.get("size", held)), "price_way": 1 if waits_for_rise else 2}
        plan = self.add_plan(given, changes | {"order_type": category})
        self.settle()
        return {"order_id": plan["order_id"], "client_order_id": plan["client_order_id"]}

    def modify_tp_sl(self, given: Row) -> Row:
        plan = self.find_row(self.plans, given)
        plan |= {name: given[name] for name in ("trigger_price", "price_type", "executive_price") if given.get(name)}
        self.settle()
        return {"order_id": plan["order_id"]}

    def submit_leverage(self, given: Row) -> Row:
        if given.get("open_type") is None:
            raise RefusedError("40045")
        self.check_terms(given["symbol"], {name: given[name] for name in ("leverage", "open_type") if given.get(name)})
        leverage = given.get("leverage") or self.leverages.get(given["symbol"], "10")
        self.leverages[given["symbol"]] = leverage
        kept = {name: given[name] for name in ("symbol", "open_type")}
        return kept | {"leverage": leverage, "max_value": self.get_details(given["symbol"])["max_leverage"]}

    def set_position_mode(self, given: Row) -> Row:
        held = any(Decimal(row["current_amount"]) for row in self.positions.values())
        if held or any(row["state"] != 4 for row in self.orders):
            raise RefusedError("40059", "B6o", "The position mode cannot change while positions or orders are open")
        self.state["position_mode"] = given["position_mode"]
        return {"position_mode": given["position_mode"]}

    def check_amount(self, given: Row) -> Decimal:
        amount = need_decimal(given["amount"])
        if amount % Decimal("0.01"):
            raise RefusedError("40005")
        if not Decimal("0.01") <= amount <= 10_000_000_000:
            raise RefusedError("40011")
        return amount

    def transfer(self, given: Row) -> Row:
        amount = self.check_amount(given)
        into_futures = given["transferType"] == "spot_to_contract"
        if amount > (self.balances["spot"] if into_futures else self.count_available()):
            raise RefusedError("42000")
        self.balances["spot"] += -amount if into_futures else amount
        self.balances["futures"] += amount if into_futures else -amount
        row = {
            "transfer_id": self.make_id(),
            "currency": "USDT",
            "amount": given["amount"],
            "type": given["transferType"],
        }
        self.transfers.append(row | {"state": "FINISHED", "timestamp": int(self.read_time() * 1000)})
        return {}

    def transfer_to_main(self, given: Row) -> Row:
        if given["requestNo"] in self.state["request_numbers"]:
            raise RefusedError("40003")
        if self.check_amount(given) > self.count_available():
            raise RefusedError("42000")
        self.balances["futures"] -= self.check_amount(given)
        self.state["request_numbers"].append(given["requestNo"])
        return {}

    def list_transfers(self, given: Row) -> Row:
        if not 1 <= given["page"] <= 1000 or not 10 <= given["limit"] <= 100:
            raise RefusedError("40011")
        start = (given["page"] - 1) * given["limit"]
        return {"records": self.transfers[::-1][start : start + given["limit"]]}

    def read_details(self, given: Row) -> Row:
        names = sorted(DETAILS | self.state["details"])
        if given.get("symbol", names[0]) not in names:
            raise RefusedError("40012", "C5", "SYMBOL_NOT_EXIST")
        wanted = [given["symbol"]] if "symbol" in given else names
        return {"symbols": [{"symbol": name} | self.get_details(name) for name in wanted]}

    def read_depth(self, given: Row) -> Row:
        last, step = (self.get_number_of(given, name) for name in ("last_price", "price_precision"))
        sides = {"asks": [str(last + step), "10"], "bids": [str(last - step), "10"]}
        return {name: [level] for name, level in sides.items()} | {"timestamp": int(self.read_time() * 1000)}

    def get_number_of(self, given: Row, name: str) -> Decimal:
        return Decimal(self.get_details(given.get("symbol"))[name])

    def read_range(self, given: Row, required: bool) -> tuple[int, int]:
        """Return start and end in seconds; the default is the last 7 days."""
        now = int(self.read_time())
        texts = [given.get("start_time"), given.get("end_time")]
        if required and None in texts:
            raise RefusedError("40039")
        start, end = (
            default if text is None else int(text) if re.fullmatch("[0-9]{1,10}", text) else -1
            for text, default in zip(texts, (now - 7 * 86400, now), strict=True)
        )
        if not 0 <= start < end:
            raise RefusedError("40039")
        return start, end

    def read_candles(self, given: Row) -> list[Row]:
        price = str(self.get_number_of(given, "last_price"))
        step = given.get("step", "1")
        if step not in map(str, STEPS):
            raise RefusedError("40038", "C5")
        start, end = self.read_range(given, required=True)
        times = range(start, end + 1, int(step) * 60)[:500]
        prices = dict.fromkeys(("open_price", "high_price", "low_price", "close_price"), price)
        return [{"timestamp": moment, "volume": "1"} | prices for moment in times]

    def read_assets(self, _: Row) -> list[Row]:
        frozen, deposit, equity = self.count_frozen(), self.count_deposit(), self.balances["futures"]
        amounts = {"available_balance": self.count_available(), "frozen_balance": frozen, "position_deposit": deposit}
        amounts |= {"equity": equity, "unrealized": Decimal(0)}
        return [{"currency": "USDT"} | {name: str(amount) for name, amount in amounts.items()}]

    def show(self, rows: list[Row]) -> list[Row]:
        hidden = ("_visible", "order_type")
        return [{name: value for name, value in row.items() if name not in hidden} for row in rows]

    def read_order(self, given: Row) -> Row:
        symbol = self.get_details(given.get("symbol")) and given["symbol"]
        for row in self.list_visible(self.orders):
            if row["symbol"] == symbol and row["order_id"] == given.get("order_id"):
                return self.show([row])[0]
        raise RefusedError("40035", "B5")

    def read_history(self, given: Row) -> list[Row]:
        self.get_details(given.get("symbol"))
        finished = [row for row in self.list_visible(self.orders) if row["state"] == 4]
        names = ("symbol", "order_id", "client_order_id")
        return self.select_recent(finished, given, names)

    def select_recent(self, rows: list[Row], given: Row, names: tuple[str, ...]) -> list[Row]:
        """Return the newest 200 rows of the asked time whose fields equal the given ones."""
        start, end = self.read_range(given, required=False)
        if end - start > 90 * 86400:
            raise RefusedError("40039")
        rows = [row for row in rows if all(row[name] == given[name] for name in names if name in given)]
        return self.show([row for row in rows if start <= row["create_time"] // 1000 <= end][::-1][:200])

    def read_trades(self, given: Row) -> list[Row]:
        rows, name = self.list_visible(self.trades), given.get("client_order_id")
        if name is not None:
            known = {row["order_id"] for row in self.orders if row["client_order_id"] == name}
            rows = [row for row in rows if row["order_id"] in known]
        return self.select_recent(rows, given, ("symbol", "order_id"))

    def read_open_orders(self, given: Row) -> list[Row]:
        rows = [row for row in self.list_visible(self.orders) if row["state"] != 4]
        return self.select_open(rows, given, {"type": given.get("type")})

    def read_plans(self, given: Row) -> list[Row]:
        rows = [row for row in self.list_visible(self.plans) if row["state"] != 4]
        kinds = {"plan": ("plan",), "profit_loss": ("take_profit", "stop_loss")}.get(given.get("plan_type", ""))
        rows = [row for row in rows if kinds is None or row["type"] in kinds]
        return self.select_open(rows, given, {"order_type": given.get("type")})

    def select_open(self, rows: list[Row], given: Row, wanted: Row) -> list[Row]:
        """Return the newest rows, at most 100 of them, however many there are."""
        if "symbol" in given:
            self.get_details(given["symbol"])
        wanted |= {"symbol": given.get("symbol")}
        rows = [row for row in rows if all(value in (None, row[name]) for name, value in wanted.items())]
        limit = given.get("limit", "100")
        return self.show(rows[::-1][: min(int(limit), 100) if re.fullmatch("[0-9]{1,3}", limit) else 100])

    def read_positions(self, given: Row) -> list[Row]:
        symbols = [given["symbol"]] if "symbol" in given else sorted({symbol for symbol, _ in self.positions})
        rows = [row for symbol in symbols for row in self.list_positions(symbol)]
        return [row for row in rows if "symbol" in given or Decimal(row["current_amount"])]

    def list_positions(self, symbol: str) -> list[Row]:
        self.get_details(symbol)
        empty = POSITION | {"symbol": symbol, "open_avg_price": "0"}
        rows = []
        for direction in ("long", "short"):
            row = empty | self.positions.get((symbol, direction), {}) | {"position_side": direction}
            rows.append(row | {"position_amount": row["current_amount"]})
        if self.state["position_mode"] == "hedge_mode":
            return rows
        held = next((row for row in rows if Decimal(row["current_amount"])), rows[0])
        sign_of = "-" if held is rows[1] else ""
        return [held | {"position_side": "both", "position_amount": sign_of + held["current_amount"]}]

    def read_position_mode(self, _: Row) -> Row:
        return {"position_mode": self.state["position_mode"]}


def need(holds: bool, problem: str) -> None:
    """Refuse a request to the mock itself, unless the condition holds."""
    if not holds:
        raise ControlError(problem)


def is_amount(value: object) -> bool:
    return read_decimal(value) is not None


def check_state_value(name: str, value: Any) -> None:
    """Compare a value with the one in STATE: it must have the same type, and a known name where names are listed."""
    need(name in STATE, f"The state has no {name}. It has: {', '.join(STATE)}, advance.")
    kinds = (int, float) if isinstance(STATE[name], int) and not isinstance(STATE[name], bool) else type(STATE[name])
    need(
        isinstance(value, kinds) and (isinstance(value, bool) == isinstance(STATE[name], bool)), f"{name}: wrong type."
    )
    if isinstance(value, int | float):
        need(abs(value) < 1e9, f"{name}: the number is too large.")
    if name in CHOSEN:
        need(value in CHOSEN[name], f"{name}: use one of {', '.join(CHOSEN[name])}.")
    if name.endswith("balance"):
        need(is_amount(value), f'{name}: use a text such as "1000.5".')
    if name == "envelope":
        check_envelope(value)
    if isinstance(value, list) and name not in ROWS:
        need(all(isinstance(item, str) for item in value), f"{name}: use a list of texts.")
    if isinstance(value, dict):
        for key, item in value.items():
            check_entry(name, key, item)


def check_entry(name: str, key: str, item: Any) -> None:
    """Check one entry of the state's objects: limits, symbols, safe_sizes, details."""
    if name == "symbols":
        need(item in list(SYMBOL_STATES), f"symbols {key}: use one of {', '.join(SYMBOL_STATES)}.")
    elif name == "details":
        known = SHARED_DETAILS | DETAILS["BTCUSDT"]
        need(isinstance(item, dict) and item.keys() <= known.keys(), f"details {key}: use {', '.join(known)}.")
        numbers = [value for field, value in item.items() if field != "status"]
        need(all(is_amount(value) and Decimal(value) for value in numbers), f'details {key}: use texts such as "0.1".')
        need(item.get("status", "Trading") in ("Trading", "Delisted"), f"details {key}: status is Trading or Delisted.")
    else:
        fits = (isinstance(item, int) and not isinstance(item, bool)) or (item is None and name == "limits")
        need(fits, f"{name} {key}: use a whole number.")


def fill_row(name: str, given: Any) -> Row:
    """Return a row of positions, orders or plans: what is given, and the template's values for the rest."""
    template = ROWS[name]
    need(isinstance(given, dict) and given.keys() <= template.keys(), f"{name}: a row has {', '.join(template)}.")
    for field, value in given.items():
        need(type(value) is type(template[field]), f"{name} {field}: wrong type.")
        need(not is_amount(template[field]) or is_amount(value), f'{name} {field}: use a text such as "1".')
    row: Row = template | given
    need(row.get("side", 1) in (1, 2, 3, 4), f"{name}: side is 1, 2, 3 or 4.")
    need(row.get("position_side", "long") in ("long", "short"), f"{name}: position_side is long or short.")
    return row


def check_envelope(text: object) -> str:
    parts = str(text).replace(" ", "").split(",")
    need(set(parts) <= ENVELOPES | {""}, f"envelope: use {', '.join(sorted(ENVELOPES))}.")
    return ",".join(parts)


def change_ids(data: Any, kind: type) -> Any:
    """Return data with every order_id as text or as number."""
    if isinstance(data, list):
        return [change_ids(item, kind) for item in data]
    if isinstance(data, dict):
        return {name: kind(item) if name == "order_id" else change_ids(item, kind) for name, item in data.items()}
    return data


def change_envelope(text: str, wanted: str) -> str:
    envelope, parts = json.loads(text), set(wanted.split(","))
    if "msg" in parts and "message" in envelope:
        envelope["msg"] = envelope.pop("message")
    if "text-code" in parts and "code" in envelope:
        envelope["code"] = str(envelope["code"])
    for part, kind in (("text-ids", str), ("number-ids", int)):
        if part in parts:
            envelope = change_ids(envelope, kind)
    return json.dumps(envelope)


def load_errors(source: str | Path | Mapping[str, Any]) -> dict[str, Row]:
    """Return code → row of errors.json, from a file, from an http address or from the document itself."""
    if isinstance(source, Mapping):
        document = source
    elif str(source).startswith(("https://", "http://")):
        with urllib.request.build_opener().open(str(source), timeout=10) as response:
            document = json.load(response)
    else:
        document = json.loads(Path(source).read_text("utf-8"))
    return {str(row["code"]): row for row in document["errors"]}


class Mock:
    """The exchange with the switches of a test: forced errors, faults, scripts and state."""

    def __init__(self, errors: Mapping[str, Row]) -> None:
        self.errors, self.lock, self.url = errors, threading.RLock(), ""
        self.reset()

    def reset(self) -> None:
        """Forget orders, scripts, executions and state."""
        with self.lock:
            self.exchange = Exchange()
            self.script: dict[str, deque[Row]] = defaultdict(deque)

    @property
    def executions(self) -> list[Row]:
        """Every write that was executed, oldest first."""
        with self.lock:
            return copy.deepcopy(self.exchange.executions)

    def advance(self, seconds: float) -> None:
        """Let time pass for limits, blocks and hidden orders."""
        with self.lock:
            self.exchange.skipped += seconds

    def set_state(self, **changes: Any) -> Row:
        """Change the state as POST /mock/state does, and return the whole of it."""
        changes = copy.deepcopy(changes)
        with self.lock:
            seconds = changes.pop("advance", 0)
            need(isinstance(seconds, int | float) and 0 <= seconds < 1e9, "advance: use a number of seconds.")
            for name, value in changes.items():
                check_state_value(name, value)
            rows = {name: [fill_row(name, row) for row in changes.pop(name)] for name in ROWS if name in changes}
            self.advance(seconds)
            self.apply(changes, rows)
            return copy.deepcopy(self.exchange.state)

    def apply(self, changes: Row, rows: Row) -> None:
        exchange = self.exchange
        for symbol, fields in changes.pop("details", {}).items():
            exchange.state["details"][symbol] = exchange.state["details"].get(symbol, {}) | fields
        exchange.state |= changes | rows
        for wallet, name in (("futures", "balance"), ("spot", "spot_balance")):
            if name in changes:
                exchange.balances[wallet] = Decimal(changes[name])
        for row in rows.get("orders", []) + rows.get("plans", []):
            row.update(exchange.make_stamps() | {"_visible": 0.0, "order_id": row["order_id"] or exchange.make_id()})
        if "positions" in rows:
            exchange.positions = {(row["symbol"], row["position_side"]): dict(row) for row in rows["positions"]}
        exchange.orders = [dict(row) for row in rows["orders"]] if "orders" in rows else exchange.orders
        exchange.plans = [dict(row) for row in rows["plans"]] if "plans" in rows else exchange.plans
        exchange.settle()

    def set_script(self, path: str, steps: list[Any]) -> None:
        """Set what the next requests of a path get; "*" counts for every path."""
        found = [self.read_step(step) for step in steps]
        with self.lock:
            for step in found:
                self.script[step.get("path", path)].append(step)

    def read_step(self, step: Any) -> Row:
        """Return a step in its full form; "30014" and "lost-after" are short for an error and a fault."""
        if isinstance(step, int | str):
            step = {} if step in ("", "ok") else {"error" if str(step).isdecimal() else "fault": str(step)}
        need(isinstance(step, dict) and step.keys() <= STEP_NAMES, f"A step has {', '.join(sorted(STEP_NAMES))}.")
        code, fault, delay = str(step.get("error", "1000")), step.get("fault", "slow"), step.get("delay", 1)
        need(code in self.errors, f"errors.json has no code {code}.")
        need(fault in list(FAULTS), f"There is no fault {fault}. Use {', '.join(FAULTS)}.")
        need(isinstance(delay, int | float) and 0 <= delay <= 600, "delay: use a number of seconds up to 600.")
        need(isinstance(step.get("executed", True), bool), "executed: use true or false.")
        need(step.get("status", 200) in range(200, 600), "status: use a number from 200 to 599.")
        need(
            isinstance(step.get("body", ""), str) and isinstance(step.get("path", ""), str), "body and path are texts."
        )
        return {**step, "envelope": check_envelope(step.get("envelope", ""))}

    def read_headers(self, headers: Mapping[str, str]) -> Row:
        """Return the step that the X-Mock headers of a request ask for."""
        names = ("error", "fault", "executed", "delay", "envelope")
        step: Row = {name: headers[f"x-mock-{name}"] for name in names if f"x-mock-{name}" in headers}
        if "executed" in step:
            need(step["executed"].lower() in ("yes", "no", "true", "false"), "X-Mock-Executed: use yes or no.")
            step["executed"] = step["executed"].lower() in ("yes", "true")
        if "delay" in step:
            need(is_amount(step["delay"]), "X-Mock-Delay: use a number of seconds.")
            step["delay"] = float(step["delay"])
        return self.read_step(step)

    def find_step(self, path: str, headers: Mapping[str, str]) -> Row:
        """Return what this request gets: its own headers first, then the script of its path, then that of all paths."""
        step = self.read_headers(headers)
        if step != {"envelope": ""}:
            return step
        waiting = self.script.get(path) or self.script.get("*")
        return waiting.popleft() if waiting else step

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request. The names of its headers are in lower case."""
        path, _, query = target.partition("?")
        try:
            with self.lock:
                if path.startswith("/mock/"):
                    return Answer(200, json.dumps(self.control(method, path, query, body)), "mock")
                return self.play(method, target, headers, body)
        except ControlError as problem:
            return Answer(400, json.dumps({"error": str(problem)}), "mock")

    def play(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        step = self.find_step(target.partition("?")[0], headers)
        fault = FAULTS.get(step.get("fault", ""))
        scripted = "error" in step or "status" in step or "body" in step
        default = fault.executes if fault else not scripted
        answer = Answer(200, json.dumps({"code": 1000, "message": "Ok", "data": {}}), "inference")
        if step.get("executed", default) and step.get("fault") != "lost-before":
            answer = self.answer(method, target, headers, body)
        if "error" in step:
            answer = self.make_error(str(step["error"]), "S1")
        elif "status" in step or "body" in step:
            answer = Answer(step.get("status", 200), step.get("body", ""), "inference")
        elif fault:
            answer = self.distort(answer, step, fault)
        wanted = step["envelope"] or self.exchange.state["envelope"]
        if wanted and answer.body and parse_object(answer.body) is not None:
            answer = answer._replace(body=change_envelope(answer.body, wanted))
        return answer

    def distort(self, answer: Answer, step: Row, fault: Fault) -> Answer:
        if step["fault"] == "slow":
            return answer._replace(delay=step.get("delay", 1))
        if step["fault"] == "cut":
            return answer._replace(body=(answer.body or "")[: len(answer.body or "") // 2])
        return Answer(fault.status, fault.body, fault.basis, fault.kind)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            return self.exchange.process(method, target, headers, body)
        except RefusedError as refusal:
            return self.make_error(refusal.code, refusal.basis, refusal.message)

    def make_error(self, code: str, basis: str, message: str = "") -> Answer:
        row = self.errors.get(code, {"http_status": 400, "message": message})
        body = {
            "code": int(code),
            "message": message or row["message"],
            "trace": f"00000000-0000-4000-8000-{code:0>12}",
        }
        if code == "1000":
            body["data"] = {}
        return Answer(int(row["http_status"]), json.dumps(body), basis)

    def control(self, method: str, path: str, query: str, body: bytes) -> Any:
        if (method, path) == ("POST", "/mock/script"):
            return self.control_script(query, body)
        if (method, path) == ("POST", "/mock/state"):
            changes = parse_object(body)
            need(changes is not None, "Send a JSON object.")
            return self.set_state(**(changes or {}))
        if (method, path) == ("POST", "/mock/reset"):
            self.reset()
            return {}
        others = {"read_only_key": READ_ONLY_KEY, "expired_key": EXPIRED_KEY, "other_address_key": OTHER_ADDRESS_KEY}
        answers = {
            "/mock/state": self.exchange.state,
            "/mock/credentials": {"key": KEY, "secret": SECRET, "memo": MEMO} | others,
            "/mock/executions": self.exchange.executions,
        }
        need(method == "GET" and path in answers, f"The mock has no {method} {path}. Read the top of mock_exchange.py.")
        return answers[path]

    def control_script(self, query: str, body: bytes) -> Row:
        found = parse_object(b'{"steps": ' + body + b"}") or {}
        need(
            isinstance(found.get("steps"), list | dict), "Send a JSON list of steps, or an object with path and steps."
        )
        given, path = found["steps"], parse_qs(query).get("path", ["*"])[0]
        scripts = {path: given} if isinstance(given, list) else given
        if "steps" in scripts:
            scripts = {scripts.get("path", path): scripts["steps"]}
        for name, steps in scripts.items():
            need(isinstance(name, str) and isinstance(steps, list), "Give each path a list of steps.")
        for name, steps in scripts.items():
            self.set_script(name, steps)
        return {"waiting": {name: len(steps) for name, steps in self.script.items()}}


class Handler(BaseHTTPRequestHandler):
    """Reads one request whole, asks the mock, and writes the answer."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one packet
    timeout = 60
    server: Server

    def reply(self) -> None:
        body = self.read_body()
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.mock.handle(self.command, self.path, headers, body)
        if answer.delay:
            time.sleep(answer.delay)
        if answer.body is None:
            self.close_connection = True
        else:
            self.write(answer)

    def read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,7}", length):
            self.send_error(411, "Send the body with a Content-Length")
        elif int(length) > HIGHEST_BODY:
            self.send_error(413, "The body is too long")
        else:
            return self.rfile.read(int(length))
        return None

    def write(self, answer: Answer) -> None:
        content = (answer.body or "").encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Mock-Basis", answer.basis)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no proper HTTP request with JSON, and close the connection."""
        self.close_connection = True
        self.write(Answer(int(code), json.dumps({"error": message or explain}), "mock"))

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.server.mock.exchange.read_time() if timestamp is None else timestamp)

    def log_message(self, *_: object) -> None:
        """Stay quiet: the answers say what happened."""


for verb in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
    setattr(Handler, f"do_{verb}", Handler.reply)


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 only, so that nobody else can reach the mock."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, mock: Mock, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.mock = mock
        mock.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Say in one line what failed. A client that hangs up is no failure."""
        problem = sys.exception()
        if not isinstance(problem, OSError):
            print(f"The mock failed: {problem!r}", file=sys.stderr)


@contextmanager
def serve(errors: str | Path | Mapping[str, Any] = "errors.json", port: int = 0) -> Iterator[Mock]:
    """Run the mock in a thread: a file, an address or the document in, a Mock with `url` out. Close it by leaving."""
    with Server(Mock(load_errors(errors)), port) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.mock
        finally:
            server.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(description="A mock of the WOO X Pro futures API that gives every error code.")
    parser.add_argument("--errors", default="errors.json", help="file or https address of errors.json")
    parser.add_argument("--port", default=8099, type=int, help="port on 127.0.0.1; 0 takes a free one")
    chosen = parser.parse_args()
    try:
        server = Server(Mock(load_errors(chosen.errors)), chosen.port)
    except (OSError, ValueError, KeyError) as problem:
        raise SystemExit(
            f"The mock cannot start with --errors {chosen.errors} --port {chosen.port}: {problem}"
        ) from None
    print(server.mock.url, flush=True)
    with server, suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
