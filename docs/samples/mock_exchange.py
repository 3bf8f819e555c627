"""A mock of the WOO X Pro futures API that gives every error code. Only programs on your own machine can reach it.

Start it with `python mock_exchange.py [--errors errors.json] [--port 8099]`. The first line that it prints is its
address. `--errors` is a file or an https address of errors.json. Port 0 takes a free port. In a test use
`with serve("errors.json") as mock:`. Send your requests to `mock.url`. `mock.set_state(key="frozen")`,
`mock.set_script(path, steps)`, `mock.advance(seconds)`, `mock.reset()` and `mock.executions` do what the control
addresses do.

Headers of one request
    X-Mock-Error: 30014       answers with this code. Every code of errors.json works.
    X-Mock-Fault: lost-after  answers with a fault: lost-before, lost-after, html-502, html-503, html-504, route-404,
                              empty, slow or cut.
    X-Mock-Executed: yes      executes the request although the answer is an error or a fault. `no` prevents it.
                              Without this header only lost-after, slow and cut execute the request. lost-before never
                              executes it.
    X-Mock-Delay: 2           the seconds that a slow answer takes.
    X-Mock-Envelope: msg      changes the form of the answer. `msg` renames `message`. `text-code` makes the code a
                              text. `text-ids` and `number-ids` change every order_id. Join several with commas.

Control addresses, all with JSON
    POST /mock/script        {"path": "/contract/private/submit-order", "steps": [{"error": "30014"}, {}]} sets what the
                             next requests of this path get. A step has the names of the headers above in lower case:
                             error, fault, executed (true or false), delay and envelope. For an answer of your own it
                             has status and body. {} is a normal answer. {"PATH": [steps], ...} sets several paths.
                             A list of steps counts for every path, or for ?path=, or for the path in each step.
    POST /mock/state         sets what STATE below names, and gives the whole state. GET gives it too.
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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

Row = dict[str, Any]
KEY, SECRET, MEMO = "mock-trading-key", "c2f3a1d09b7e4856a3b1f0e9d8c7b6a5", "mock"
OTHER_KEYS = {"read_only_key": "mock-read-only-key", "expired_key": "mock-expired-key"}
OTHER_KEYS |= {"other_address_key": "mock-other-address-key"}
WINDOW = 2.0  # seconds in which the published limits count
HIGHEST_BODY = 1_000_000  # bytes

# method, path, level, calls in 2 seconds, basis of a success, method of Exchange that answers ("-": the mock has none)
ROUTES_TEXT = """
GET  /contract/public/details                           NONE   12 S14   read_details
GET  /contract/public/depth                             NONE   12 S3    read_depth
GET  /contract/public/kline                             NONE   12 S3    read_candles
GET  /contract/public/markprice-kline                   NONE   12 S15   read_candles
GET  /contract/public/market-trade                      NONE   12 S3    -
GET  /contract/public/open-interest                     NONE    2 S3    -
GET  /contract/public/funding-rate                      NONE   12 S3    -
GET  /contract/public/funding-rate-history              NONE   12 S3    -
GET  /contract/public/leverage-bracket                  NONE   12 S3    -
GET  /contract/private/assets-detail                    KEYED  12 B1    read_assets
GET  /contract/private/order                            KEYED  50 S19   read_order
GET  /contract/private/order-history                    KEYED   6 S20   read_history
GET  /contract/private/trades                           KEYED   6 S21   read_trades
GET  /contract/private/get-open-orders                  KEYED  50 S3,B6 read_open_orders
GET  /contract/private/current-plan-order               KEYED  50 S3,B6 read_plans
GET  /contract/private/position                         KEYED   6 S13   -
GET  /contract/private/position-v2                      KEYED   6 B6    read_positions
GET  /contract/private/position-risk                    KEYED  24 B1    -
GET  /contract/private/transaction-history              KEYED   6 B1    -
GET  /contract/private/trade-fee-rate                   KEYED   2 B1    -
GET  /contract/private/get-position-mode                KEYED   2 B1    read_position_mode
POST /contract/private/submit-order                     SIGNED 24 S6    submit_order
POST /contract/private/modify-limit-order               SIGNED 24 B1    modify_order
POST /contract/private/cancel-order                     SIGNED 40 S22   cancel_order
POST /contract/private/cancel-orders                    SIGNED  2 S3    cancel_orders
POST /contract/private/cancel-all-after                 SIGNED  4 S3    -
POST /contract/private/submit-plan-order                SIGNED 24 S7    submit_plan
POST /contract/private/modify-plan-order                SIGNED 24 S12   modify_plan
POST /contract/private/modify-preset-plan-order         SIGNED 24 B1    -
POST /contract/private/cancel-plan-order                SIGNED 40 S24   cancel_plan
POST /contract/private/submit-tp-sl-order               SIGNED 24 S8    submit_tp_sl
POST /contract/private/modify-tp-sl-order               SIGNED 24 S3    modify_tp_sl
POST /contract/private/submit-trail-order               SIGNED 24 S9    -
POST /contract/private/cancel-trail-order               SIGNED 24 S23   -
POST /contract/private/submit-leverage                  SIGNED 24 S10   submit_leverage
POST /contract/private/set-position-mode                SIGNED  2 S11   set_position_mode
POST /account/v1/transfer-contract                      SIGNED  1 S4,B1 transfer
POST /account/v1/transfer-contract-list                 LISTED  1 S4,B1 list_transfers
POST /account/contract/sub-account/main/v1/sub-to-main  SIGNED  8 B1    transfer_to_main
"""

# call → its fields without symbol. ":i" is an integer, the rest are texts. "*" is required. "=" lists what is allowed.
PRESETS = " preset_take_profit_price preset_take_profit_price_type:i=1|2"
PRESETS += " preset_stop_loss_price preset_stop_loss_price_type:i=1|2"
FIELDS_TEXT = {
    "submit-order": "side:i*=1|2|3|4 type=limit|market size:i* open_type=cross|isolated price leverage mode:i=1|2|3|4 "
    "client_order_id stp_mode:i=1|2|3" + PRESETS,
    "modify-limit-order": "order_id:i client_order_id price size:i",
    "cancel-order": "order_id client_order_id",
    "cancel-orders": "",
    "submit-plan-order": "side:i*=1|2|3|4 type=limit|market|take_profit|stop_loss size:i* leverage* "
    "open_type*=cross|isolated trigger_price* price_way:i*=1|2 price_type:i*=1|2 executive_price mode:i=1|2|3|4 "
    "plan_category:i=1|2" + PRESETS,
    "modify-plan-order": "type*=limit|market order_id* trigger_price* price_type:i*=1|2 executive_price",
    "cancel-plan-order": "order_id client_order_id",
    "submit-tp-sl-order": "side:i*=2|3 type*=take_profit|stop_loss trigger_price* executive_price* price_type:i*=1|2 "
    "size:i plan_category:i=1|2 client_order_id category=limit|market",
    "modify-tp-sl-order": "order_id client_order_id trigger_price* price_type:i*=1|2 executive_price "
    "plan_category:i=1|2 category=limit|market",
    "submit-leverage": "open_type*=cross|isolated leverage",
    "set-position-mode": "position_mode*=hedge_mode|one_way_mode",
    "transfer-contract": "currency*=USDT amount* transferType*=spot_to_contract|contract_to_spot recvWindow:i",
    "transfer-contract-list": "page:i* limit:i* currency time_start:i time_end:i recvWindow:i",
    "sub-to-main": "requestNo* amount* currency*=USDT",
}
MISSING = {"leverage": ("40040", "i23354"), "open_type": ("40045", "inference")}  # all others: 40011
NOT_ALLOWED = {"side": "40041", "type": "40042", "open_type": "40045"}  # all others: 40011
PRICES = ("price", "trigger_price", "executive_price", "preset_take_profit_price", "preset_stop_loss_price")
CANDLE_STEPS = (1, 3, 5, 15, 30, 60, 120, 240, 360, 720, 1440, 4320, 10080)  # minutes

# name of the state → code, basis, and the levels of calls that the state of the service concerns
KEY_STATES = {
    "ok": ("", ""),
    "missing": ("30002", "B7"),
    "frozen": ("30003", "S1"),
    "address": ("30010", "B1"),
    "expired": ("30011", "S1"),
    "read-only": ("30012", "S4"),
}
KEYS = dict(zip(OTHER_KEYS.values(), ("read-only", "expired", "address"), strict=True))
SERVICE_STATES = {
    "ok": ("", "", ""),
    "down": ("30014", "i14428", "NONE KEYED SIGNED LISTED"),
    "maintenance": ("30016", "S1", "NONE KEYED SIGNED LISTED"),
    "not-cleared": ("30019", "i19336", "SIGNED"),
    "address-refused": ("40006", "inference", "KEYED SIGNED LISTED"),
    "throttled": ("40013", "inference", "KEYED SIGNED LISTED"),
    "liquidating": ("40026", "inference", "SIGNED"),
    "not-opened": ("40046", "S1", "KEYED SIGNED LISTED"),
    "region": ("40047", "S1", "KEYED SIGNED LISTED"),
}
SYMBOL_STATES = {"trading": "", "offline": "40014", "paused": "40015", "liquidating": "40019"}

DETAILS = {
    "BTCUSDT": {"contract_size": "0.001", "price_precision": "0.1", "last_price": "95000"},
    "ETHUSDT": {"contract_size": "0.01", "price_precision": "0.01", "last_price": "3500"},
}
SHARED_DETAILS = {"vol_precision": "1", "min_volume": "1", "max_volume": "500000", "market_max_volume": "100000"}
SHARED_DETAILS |= {"min_leverage": "1", "max_leverage": "100", "status": "Trading"}
TERMS = {"symbol": "BTCUSDT", "leverage": "10", "open_type": "cross"}
POSITION: Row = TERMS | {"position_side": "long", "current_amount": "0", "open_avg_price": "95000"}
ASKED: Row = TERMS | {"order_id": "", "client_order_id": "", "side": 1, "size": "1", "mode": 1, "state": 2}
ORDER: Row = ASKED | {"type": "limit", "price": "90000", "deal_size": "0", "deal_avg_price": "0"}
PLAN: Row = ASKED | {"type": "plan", "order_type": "limit", "trigger_price": "99000", "executive_price": "99000"}
PLAN |= {"price_way": 1, "price_type": 1, "plan_category": 1}
TEMPLATES = {"positions": POSITION, "orders": ORDER, "plans": PLAN}

STATE: Row = {
    "clock_offset": 0.0,  # seconds by which the exchange's clock is ahead of yours
    "key": "ok",  # of KEY_STATES, for the key of /mock/credentials
    "service": "ok",  # of SERVICE_STATES
    "retired": [],  # paths that answer 30031
    "limits": {},  # path, or "*" for all → calls in 2 seconds, null for no limit
    "block_after": 3,  # refusals with 30013 in a row until 30017, unpublished
    "block_seconds": 60.0,  # unpublished
    "symbols": {},  # symbol → of SYMBOL_STATES
    "details": {},  # symbol → fields of its details, last_price among them
    "safe_sizes": {},  # symbol → largest order that does not lead to liquidation
    "balance": "10000",  # USDT of the futures account
    "spot_balance": "10000",
    "position_mode": "hedge_mode",  # or one_way_mode
    "positions": [],  # as POSITION; current_amount "0" is a position that was held and is gone
    "orders": [],  # as ORDER; state 2 is open, 4 is filled or cancelled
    "plans": [],  # as PLAN
    "visible_after": 0.0,  # seconds until a look-up shows a new order
    "reuse_ids": True,  # whether the id of a finished order is accepted again, which is unpublished
    "plan_limit": 200,  # open plan orders, unpublished
    "request_numbers": [],  # used values of requestNo
    "envelope": "",  # as X-Mock-Envelope, for every answer
}
# What check_shape compares with. A tuple lists what is allowed, "*" and a list's one item stand for all, and None
# stands for a whole number or null.
SHAPES = STATE | {
    "advance": 0.0,
    "key": tuple(KEY_STATES),
    "service": tuple(SERVICE_STATES),
    "retired": [""],
    "limits": {"*": None},
    "symbols": {"*": tuple(SYMBOL_STATES)},
    "details": {"*": DETAILS["BTCUSDT"] | SHARED_DETAILS},
    "safe_sizes": {"*": 0},
    "position_mode": ("hedge_mode", "one_way_mode"),
    "positions": [POSITION],
    "orders": [ORDER],
    "plans": [PLAN],
    "request_numbers": [""],
}
ENVELOPES = ("msg", "text-code", "text-ids", "number-ids")


class RefusedError(Exception):
    """The exchange refuses the request with this code."""

    def __init__(self, code: str, basis: str, message: str) -> None:
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


class Field(NamedTuple):
    """One field of FIELDS_TEXT."""

    kind: type
    required: bool
    choices: tuple[str, ...]


def read_routes() -> dict[tuple[str, str], Route]:
    rows = [line.split() for line in ROUTES_TEXT.strip().splitlines()]
    return {(method, path): Route(level, int(limit), *rest) for method, path, level, limit, *rest in rows}


def read_field(text: str) -> tuple[str, Field]:
    head, _, choices = text.partition("=")
    kind = int if ":i" in head else str
    return head.rstrip("*").removesuffix(":i"), Field(kind, head.endswith("*"), tuple(filter(None, choices.split("|"))))


def make_page(status: int) -> str:
    title = f"{status} {HTTPStatus(status).phrase}"
    return f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"


ROUTES = read_routes()
FIELDS = {call: dict(map(read_field, text.split())) for call, text in FIELDS_TEXT.items()}
FAULTS = {name: Answer(200, None, "inference") for name in ("lost-before", "lost-after", "slow", "cut")}
FAULTS |= {f"html-{status}": Answer(status, make_page(status), "B5", "text/html") for status in (502, 503, 504)}
FAULTS |= {"route-404": Answer(404, '{"error_msg":"404 Route Not Found"}', "C6"), "empty": Answer(200, "", "inference")}
EXECUTING = ("lost-after", "slow", "cut")  # the faults that execute the request unless told otherwise
STEP = {"path": "", "error": "", "fault": tuple(FAULTS), "executed": True, "delay": 0.0, "envelope": "", "body": ""}
STEP |= {"status": tuple(status for status in range(200, 600) if status not in (204, 304))}


def refuse_if(fails: object, code: str, basis: str = "inference", message: str = "") -> None:
    if fails:
        raise RefusedError(code, basis, message)


def need(holds: bool, problem: str) -> None:
    if not holds:
        raise ControlError(problem)


def read_decimal(value: object) -> Decimal | None:
    """Return the number that a text such as "95000.1" writes, None for everything else."""
    fits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", value)
    return Decimal(str(value)) if fits else None


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def parse_object(text: bytes | str) -> Row | None:
    """Return the JSON object, None for everything else."""
    try:
        found = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def check_shape(shape: Any, value: Any, name: str) -> None:
    """Raise ControlError if the value is not made like the shape."""
    if isinstance(shape, tuple):
        need(value in shape, f"{name}: use one of {', '.join(map(str, shape[:40]))}.")
    elif isinstance(shape, dict):
        need(isinstance(value, dict), f"{name}: use an object.")
        for key, item in value.items():
            need(key in shape or "*" in shape, f"{name}: there is no {key}. There are {', '.join(shape)}.")
            check_shape(shape.get("*", shape.get(key)), item, f"{name} {key}")
    elif isinstance(shape, list):
        need(isinstance(value, list), f"{name}: use a list.")
        for item in value:
            check_shape(shape[0], item, name)
    elif isinstance(shape, str):
        fits = isinstance(value, str) if read_decimal(shape) is None else read_decimal(value) is not None
        need(fits, f"{name}: use a text like {shape!r}.")
    else:
        fits = type(value) in {bool: (bool,), int: (int,), float: (int, float)}.get(type(shape), (int, type(None)))
        need(fits and abs(value or 0) < 1e9, f"{name}: use a value like {'100 or null' if shape is None else shape}.")


def check_envelope(text: str) -> None:
    need({part.strip() for part in text.split(",")} <= {"", *ENVELOPES}, f"envelope: use {', '.join(ENVELOPES)}.")


def change_ids(data: Any, kind: type, is_id: bool = False) -> Any:
    """Return data with every order_id as text or as number."""
    if isinstance(data, list):
        return [change_ids(item, kind) for item in data]
    if isinstance(data, dict):
        return {name: change_ids(item, kind, name == "order_id") for name, item in data.items()}
    return kind(data) if is_id and data else data


def change_envelope(envelope: Row, wanted: str) -> Row:
    parts = [part.strip() for part in wanted.split(",")]
    if "msg" in parts and "message" in envelope:
        envelope["msg"] = envelope.pop("message")
    if "text-code" in parts and "code" in envelope:
        envelope["code"] = str(envelope["code"])
    for part, kind in (("text-ids", str), ("number-ids", int)):
        envelope = change_ids(envelope, kind) if part in parts else envelope
    return envelope


def sign(secret: str, memo: str, timestamp: str, body: bytes = b"") -> str:
    """Return the documented signature: hex HMAC-SHA256 of timestamp#memo#body."""
    return hmac.new(secret.encode(), f"{timestamp}#{memo}#".encode() + body, hashlib.sha256).hexdigest()


def is_opening(side: int) -> bool:
    return side in (1, 4)


def name_direction(side: int) -> str:
    """Return the position that an order of this side opens or closes."""
    return "long" if side in (1, 3) else "short"


def is_open(row: Row) -> bool:
    return bool(row["state"] != 4)


def show_rows(rows: Iterable[Row]) -> list[Row]:
    """Return rows as the API shows them, without what only the mock knows."""
    return [{name: value for name, value in row.items() if name not in ("visible_at", "order_type")} for row in rows]


class Book:
    """Orders, plan orders, positions and money of the one account, with the clocks that they go by."""

    def __init__(self) -> None:
        self.state: Row = copy.deepcopy(STATE)
        self.orders: list[Row] = []
        self.plans: list[Row] = []
        self.trades: list[Row] = []
        self.positions: dict[tuple[str, str], Row] = {}
        self.leverages: dict[str, str] = defaultdict(lambda: "10")
        self.balances = {"futures": Decimal(STATE["balance"]), "spot": Decimal(STATE["spot_balance"])}
        self.last_id = 220609666322018
        self.skipped = 0.0

    def read_clock(self) -> float:
        """Return seconds that only grow: for limits, blocks and hidden orders."""
        return time.monotonic() + self.skipped

    def read_time(self) -> float:
        """Return the exchange's time of day as Unix seconds."""
        return time.time() + float(self.state["clock_offset"])

    def read_milliseconds(self) -> int:
        return int(self.read_time() * 1000)

    def make_stamps(self) -> Row:
        self.last_id += 1
        now, visible = self.read_milliseconds(), self.read_clock() + self.state["visible_after"]
        return {"order_id": str(self.last_id), "create_time": now, "update_time": now, "visible_at": visible}

    def list_symbols(self) -> set[str]:
        return {*DETAILS, *self.state["details"], *self.state["symbols"]}

    def get_details(self, symbol: object) -> Row:
        """Return the contract's details, or refuse an unknown symbol."""
        refuse_if(symbol not in self.list_symbols(), "40034")
        own: Row = self.state["details"].get(symbol, {})
        return SHARED_DETAILS | DETAILS.get(str(symbol), DETAILS["BTCUSDT"]) | own

    def get_number(self, symbol: object, name: str) -> Decimal:
        return Decimal(self.get_details(symbol)[name])

    def get_held(self, symbol: str, direction: str) -> Decimal:
        return Decimal(self.positions.get((symbol, direction), POSITION)["current_amount"])

    def list_visible(self, rows: list[Row]) -> list[Row]:
        now = self.read_clock()
        return [row for row in rows if row["visible_at"] <= now]

    def count_margin(self, row: Row, size: object, price: object) -> Decimal:
        notional = Decimal(str(size)) * Decimal(str(price)) * self.get_number(row["symbol"], "contract_size")
        return notional / max(Decimal(row["leverage"]), Decimal(1))

    def count_money(self) -> dict[str, Decimal]:
        resting = [row for row in self.orders if is_open(row) and is_opening(row["side"])]
        frozen = sum((self.count_margin(row, row["size"], row["price"]) for row in resting), Decimal(0))
        held = [(row, row["current_amount"], row["open_avg_price"]) for row in self.positions.values()]
        deposit = sum((self.count_margin(*position) for position in held), Decimal(0))
        equity = self.balances["futures"]
        available = max(equity - frozen - deposit, Decimal(0))
        amounts = {"available_balance": available, "frozen_balance": frozen, "position_deposit": deposit}
        return amounts | {"equity": equity}

    def place(self, fields: Row) -> Row:
        """Book an order, and fill it at once if the last price allows it."""
        order = ORDER | fields | self.make_stamps()
        self.orders.append(order)
        if order["type"] == "market" or (self.is_crossed(order) and order["mode"] != 4):
            self.fill(order)
        elif self.is_crossed(order) or order["mode"] in (2, 3):
            self.finish(order)
        return order

    def is_crossed(self, order: Row) -> bool:
        last, price = self.get_number(order["symbol"], "last_price"), Decimal(order["price"])
        return price >= last if order["side"] in (1, 2) else price <= last

    def finish(self, row: Row) -> None:
        """Close an order as filled or cancelled."""
        row["state"], row["update_time"] = 4, self.read_milliseconds()

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
            trade = {"trade_id": f"{order['order_id']}1", "price": price, "vol": str(size)}
            same = {name: order[name] for name in ("order_id", "symbol", "side")}
            self.trades.append(self.make_stamps() | trade | same)

    def open_position(self, order: Row, size: Decimal, price: str) -> None:
        symbol, direction = order["symbol"], name_direction(order["side"])
        if self.state["position_mode"] == "one_way_mode":
            other = "short" if direction == "long" else "long"
            netted = min(size, self.get_held(symbol, other))
            self.add_to_position(symbol, other, -netted)
            size -= netted
        if size:
            self.add_to_position(symbol, direction, size)
            terms = {name: order[name] for name in ("leverage", "open_type")}
            self.positions[symbol, direction] |= terms | {"open_avg_price": price}

    def add_to_position(self, symbol: str, direction: str, size: Decimal) -> None:
        if size:
            empty = POSITION | {"symbol": symbol, "position_side": direction}
            row = self.positions.setdefault((symbol, direction), empty)
            row["current_amount"] = str(Decimal(row["current_amount"]) + size)

    def settle(self) -> None:
        """Fill resting orders and fire plan orders that the last prices reach."""
        for order in filter(is_open, self.orders):
            if self.is_crossed(order):
                self.fill(order)
        for plan in filter(is_open, self.plans):
            last, trigger = self.get_number(plan["symbol"], "last_price"), Decimal(plan["trigger_price"])
            if last >= trigger if plan["price_way"] == 1 else last <= trigger:
                self.finish(plan)
                self.place(self.make_fired_order(plan))

    def make_fired_order(self, plan: Row) -> Row:
        price = self.get_details(plan["symbol"])["last_price"]
        if plan["order_type"] == "limit" and Decimal(plan["executive_price"]):
            price = plan["executive_price"]
        same = {name: plan[name] for name in ("symbol", "side", "size", "mode", "leverage", "open_type")}
        return same | {"client_order_id": f"PLAN_{plan['order_id']}", "type": "planorder", "price": price}


class Exchange(Book):
    """What the API checks and answers: one method for each call, which returns `data` or refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self.strikes: dict[str, int] = defaultdict(int)
        self.blocked_until = 0.0
        self.transfers: list[Row] = []
        self.executions: list[Row] = []

    def process(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Check the request and carry it out."""
        path, _, query = target.partition("?")
        route = self.find_route(method, path)
        caller = "" if route.level == "NONE" else headers.get("x-api-key", "").strip()
        self.check_rate(caller, path, route.limit)
        if route.level != "NONE":
            self.check_key(caller, route.level)
        if route.level in ("SIGNED", "LISTED"):
            self.check_signature(headers, body)
        given = parse_object(body) if method == "POST" else {name: found[0] for name, found in parse_qs(query).items()}
        if given is None:
            raise RefusedError("30018", "S1" if body else "inference", "")
        self.check_service(path, route.level)
        if route.handler == "-":
            return Answer(501, json.dumps({"error": f"The mock does not answer {path}."}), "mock")
        if method == "POST":
            given = self.check_fields(path, given)
        data = getattr(self, route.handler)(given)
        if route.level == "SIGNED":
            done = {"at": self.read_milliseconds(), "path": path, "body": given, "data": data}
            self.executions.append(copy.deepcopy(done))
        return Answer(200, json.dumps(self.wrap(path, data)), route.basis)

    def wrap(self, path: str, data: object) -> Row:
        if path.endswith("/transfer-contract"):
            return {"code": 1000, "message": "Ok", "data": data}  # the vendor's sample of this call has no trace
        message = "OK" if path.startswith("/account/") else "Ok"
        return {"code": 1000, "message": message, "trace": f"mock.{time.monotonic_ns()}", "data": data}

    def find_route(self, method: str, path: str) -> Route:
        refuse_if(path.startswith("/contract/v1/"), "30030", "C5")
        refuse_if(path not in {known for _, known in ROUTES}, "30000", "C5")
        refuse_if((method, path) not in ROUTES, "30000")
        return ROUTES[method, path]

    def check_rate(self, caller: str, path: str, limit: int) -> None:
        now, calls, limits = self.read_clock(), self.calls[caller, path], self.state["limits"]
        refuse_if(now < self.blocked_until, "30017", "B1")
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        allowed = limits.get(path, limits.get("*", limit))
        if allowed is None or len(calls) < allowed:
            calls.append(now)
            self.strikes[caller] = 0
            return
        self.strikes[caller] += 1
        if self.strikes[caller] > self.state["block_after"]:
            self.blocked_until = now + self.state["block_seconds"]
        blocked = now < self.blocked_until
        raise RefusedError(*(("30017", "B1") if blocked else ("30013", "S3")), "")

    def check_key(self, key: str, level: str) -> None:
        refuse_if(not key, "30001", "S1")
        state = self.state["key"] if key == KEY else KEYS.get(key, "missing")
        refuse_if(state != "ok" and (level == "SIGNED" or state != "read-only"), *KEY_STATES[state])

    def check_signature(self, headers: Mapping[str, str], body: bytes) -> None:
        signature, stamp = headers.get("x-api-sign", "").strip(), headers.get("x-api-timestamp", "").strip()
        refuse_if(not stamp, "30006", "S1")
        refuse_if(not re.fullmatch("[0-9]{1,19}", stamp), "30008", "S1")
        age = self.read_milliseconds() - int(stamp)
        refuse_if(abs(age) > 60_000, "30007", "S1,B10")
        refuse_if(not signature, "30004", "S1")
        refuse_if(signature != sign(SECRET, MEMO, stamp, body), "30005", "B1,B5")
        window = (parse_object(body) or {}).get("recvWindow", 60_000)
        refuse_if(type(window) is not int or not 0 < window <= 60_000 or age > window, "30007", "B5")

    def check_service(self, path: str, level: str) -> None:
        code, basis, levels = SERVICE_STATES[self.state["service"]]
        refuse_if(level in levels.split(), code, basis)
        refuse_if(path in self.state["retired"], "30031", "C9")

    def check_fields(self, path: str, given: Row) -> Row:
        """Check symbol, types and values, without orders and positions. Return the fields that have a value."""
        call = path.rpartition("/")[2]
        if "/private/" in path and call != "set-position-mode":
            self.check_symbol(given.get("symbol"))
        for name, code in (("ver", "40009"), ("func", "40010")):
            refuse_if(name in given, code)
        refuse_if(call == "submit-order" and given.get("type") == "market" and "price" in given, "40011", "C8")
        for name, field in FIELDS[call].items():
            value = given.get(name)
            if value is None:
                refuse_if(field.required, *MISSING.get(name, ("40011", "inference")))
                continue
            refuse_if(name == "size" and isinstance(value, float), "40043")
            refuse_if(type(value) is not field.kind, "40007")
            refuse_if(field.choices and str(value) not in field.choices, NOT_ALLOWED.get(name, "40011"))
        given = {name: value for name, value in given.items() if value is not None}
        self.check_numbers(given, FIELDS[call])
        return given

    def check_symbol(self, symbol: object) -> None:
        refuse_if(not isinstance(symbol, str), "40034")
        refuse_if(self.get_details(symbol)["status"] != "Trading", "40014")
        state = self.state["symbols"].get(symbol, "trading")
        refuse_if(state != "trading", SYMBOL_STATES[state])

    def check_numbers(self, given: Row, fields: Mapping[str, Field]) -> None:
        symbol, wanted = given.get("symbol"), fields.keys() & given.keys()
        for name in [name for name in PRICES if name in wanted]:
            price, step = read_decimal(given[name]), self.get_number(symbol, "price_precision")
            refuse_if(price is None, "40007")
            refuse_if((step and Decimal(given[name]) % step) or not (price or name == "executive_price"), "40043")
        if "leverage" in wanted:
            leverage = read_decimal(given["leverage"])
            refuse_if(leverage is None, "40040", "C3t")
            refuse_if(Decimal(given["leverage"]) > self.get_number(symbol, "max_leverage"), "40029")
            refuse_if(Decimal(given["leverage"]) < self.get_number(symbol, "min_leverage"), "40030")
        if "size" in wanted:
            highest = self.get_number(symbol, "market_max_volume" if given.get("type") == "market" else "max_volume")
            refuse_if(not self.get_number(symbol, "min_volume") <= given["size"] <= highest, "40044", "B5")
        if "client_order_id" in wanted:
            refuse_if(len(given["client_order_id"]) > 32, "40049", "S1,S6")
            refuse_if(not re.fullmatch("[A-Za-z0-9]+", given["client_order_id"]), "40048", "S1,S6")

    def check_new_id(self, given: Row) -> None:
        name = given.get("client_order_id")
        same = [row for row in self.orders + self.plans if name is not None and row["client_order_id"] == name]
        refuse_if(any(map(is_open, same)), "40050", "S1")
        refuse_if(same and not self.state["reuse_ids"], "40050")

    def check_position(self, order: Row) -> None:
        """Compare an order with the position that it opens or closes, and with resting orders of that position."""
        symbol, direction, opening = order["symbol"], name_direction(order["side"]), is_opening(order["side"])
        place = (symbol, direction)
        resting = [row for row in self.orders if is_open(row) and (row["symbol"], name_direction(row["side"])) == place]
        refuse_if(any(is_opening(row["side"]) != opening for row in resting), "40017")
        if opening:
            self.check_terms(order)
        else:
            bound = sum(Decimal(row["size"]) for row in resting)
            refuse_if(order["size"] > self.need_position(symbol, order["side"]) - bound, "40020")

    def need_position(self, symbol: str, side: int) -> Decimal:
        held, direction = self.get_held(symbol, name_direction(side)), name_direction(side)
        refuse_if(not held and (symbol, direction) in self.positions, "40018")
        refuse_if(not held, "40021", "B5")
        return held

    def check_terms(self, order: Row) -> None:
        """Refuse leverage or open_type that differ from those of an open position."""
        for direction in ("long", "short"):
            if self.get_held(order["symbol"], direction):
                position = self.positions[order["symbol"], direction]
                same = all(order.get(name, position[name]) == position[name] for name in ("leverage", "open_type"))
                refuse_if(not same, "40012", "B5,B6o")

    def submit_order(self, given: Row) -> Row:
        market, opening = given.get("type") == "market", is_opening(given["side"])
        refuse_if("price" not in given and not market, "40011")
        refuse_if(market and given.get("mode") == 4, "40011")
        refuse_if(opening and "open_type" not in given, "40045")
        self.check_new_id(given)
        order = {name: value for name, value in given.items() if name in ORDER}
        order.setdefault("leverage", self.leverages[given["symbol"]])
        order.setdefault("price", self.get_details(given["symbol"])["last_price"])
        self.check_position(order)
        if opening:
            refuse_if(order["size"] > self.state["safe_sizes"].get(order["symbol"], order["size"]), "40016")
            margin = self.count_margin(order, order["size"], order["price"])
            refuse_if(margin > self.count_money()["available_balance"], "40027", "B5")
        placed = self.place(order | {"size": str(order["size"])})
        return {"order_id": int(placed["order_id"]), "price": given.get("price", "market price")}

    def find_row(self, rows: list[Row], given: Row, basis: str = "inference") -> Row:
        """Return the open row with the given order_id or client_order_id."""
        wanted = {name: str(given[name]) for name in ("symbol", "order_id", "client_order_id") if name in given}
        refuse_if(len(wanted) < 2, "40011")
        found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
        refuse_if(not found, "40037", basis)
        refuse_if(not is_open(found[-1]), "40036")
        return found[-1]

    def cancel_order(self, given: Row) -> Row:
        return self.cancel(self.orders, given)

    def cancel_orders(self, given: Row) -> Row:
        return self.cancel(self.orders, {"symbol": given["symbol"]})

    def cancel_plan(self, given: Row) -> Row:
        return self.cancel(self.plans, given)

    def cancel(self, rows: list[Row], given: Row) -> Row:
        """Cancel one order by its id; without an id all orders of the symbol."""
        if given.keys() & {"order_id", "client_order_id"}:
            rows = [self.find_row(rows, given, "C3")]
        for row in rows:
            if is_open(row) and row["symbol"] == given["symbol"]:
                self.finish(row)
        return {}

    def modify_order(self, given: Row) -> Row:
        order = self.find_row(self.orders, given)
        refuse_if(not given.keys() & {"price", "size"}, "40011")
        order |= {name: str(given[name]) for name in ("price", "size") if name in given}
        self.settle()
        return {"order_id": int(order["order_id"]), "client_order_id": order["client_order_id"]}

    def check_trigger(self, given: Row) -> None:
        last, trigger = self.get_number(given["symbol"], "last_price"), Decimal(given["trigger_price"])
        refuse_if(not last / 10 <= trigger <= last * 10, "40031")
        refuse_if(given.get("type", "limit") == "limit" and "executive_price" not in given, "40011")

    def add_plan(self, given: Row, changes: Row) -> Row:
        refuse_if(sum(map(is_open, self.plans)) >= self.state["plan_limit"], "40028")
        kept = {name: value for name, value in given.items() if name in PLAN}
        plan = PLAN | {"executive_price": "0"} | kept | changes | self.make_stamps()
        self.plans.append(plan)
        self.settle()
        return plan

    def submit_plan(self, given: Row) -> Row:
        self.check_trigger(given)
        if is_opening(given["side"]):
            self.check_terms(given)
        else:
            self.need_position(given["symbol"], given["side"])
        kind = given.get("type", "limit")
        shown = kind if kind in ("take_profit", "stop_loss") else "plan"
        plan = self.add_plan(given, {"type": shown, "order_type": kind, "size": str(given["size"])})
        return {"order_id": int(plan["order_id"])}

    def submit_tp_sl(self, given: Row) -> Row:
        self.check_new_id(given)
        held = self.need_position(given["symbol"], given["side"])
        refuse_if(given.get("size", held) > held, "40020")
        waits_for_rise = (given["type"] == "take_profit") == (given["side"] == 3)
        changes = {"size": str(given.get("size", held)), "price_way": 1 if waits_for_rise else 2}
        plan = self.add_plan(given, changes | {"order_type": given.get("category", "market")})
        return {"order_id": plan["order_id"], "client_order_id": plan["client_order_id"]}

    def modify_plan(self, given: Row) -> Row:
        self.check_trigger(given)
        return self.modify_tp_sl(given)

    def modify_tp_sl(self, given: Row) -> Row:
        plan, changed = self.find_row(self.plans, given), ("trigger_price", "price_type", "executive_price")
        plan |= {name: given[name] for name in changed if name in given}
        plan["order_type"] = given.get("type", given.get("category", plan["order_type"]))
        self.settle()
        return {"order_id": plan["order_id"]}

    def submit_leverage(self, given: Row) -> Row:
        self.check_terms(given)
        symbol = given["symbol"]
        self.leverages[symbol] = given.get("leverage", self.leverages[symbol])
        answer = {"symbol": symbol, "leverage": self.leverages[symbol], "open_type": given["open_type"]}
        return answer | {"max_value": self.get_details(symbol)["max_leverage"]}

    def set_position_mode(self, given: Row) -> Row:
        busy = any(map(is_open, self.orders)) or any(self.get_held(*place) for place in self.positions)
        refuse_if(busy, "40059", "B6o", "The position mode cannot change while a position or an order is open")
        self.state["position_mode"] = given["position_mode"]
        return self.read_position_mode(given)

    def read_amount(self, given: Row) -> Decimal:
        refuse_if(read_decimal(given["amount"]) is None, "40007")
        amount = Decimal(given["amount"])
        refuse_if(amount % Decimal("0.01"), "40005")
        refuse_if(not Decimal("0.01") <= amount <= 10_000_000_000, "40011")
        return amount

    def transfer(self, given: Row) -> Row:
        amount, inward = self.read_amount(given), given["transferType"] == "spot_to_contract"
        refuse_if(amount > (self.balances["spot"] if inward else self.count_money()["available_balance"]), "42000")
        self.balances["spot"] += -amount if inward else amount
        self.balances["futures"] += amount if inward else -amount
        row = {"transfer_id": str(len(self.transfers) + 1), "currency": "USDT", "amount": given["amount"]}
        row |= {"type": given["transferType"], "state": "FINISHED", "timestamp": self.read_milliseconds()}
        self.transfers.append(row)
        return {}

    def transfer_to_main(self, given: Row) -> Row:
        refuse_if(given["requestNo"] in self.state["request_numbers"], "40003")
        refuse_if(self.read_amount(given) > self.count_money()["available_balance"], "42000")
        self.balances["futures"] -= self.read_amount(given)
        self.state["request_numbers"].append(given["requestNo"])
        return {}

    def list_transfers(self, given: Row) -> Row:
        page, limit = given["page"], given["limit"]
        refuse_if(not 1 <= page <= 1000 or not 10 <= limit <= 100, "40011")
        return {"records": self.transfers[::-1][(page - 1) * limit : page * limit]}

    def read_details(self, given: Row) -> Row:
        names = sorted(self.list_symbols()) if "symbol" not in given else [given["symbol"]]
        refuse_if(not self.list_symbols().issuperset(names), "40012", "C5", "SYMBOL_NOT_EXIST")
        return {"symbols": [{"symbol": name} | self.get_details(name) for name in names]}

    def get_traded_details(self, given: Row) -> Row:
        refuse_if(given.get("symbol") not in self.list_symbols(), "40034", "C5")
        details = self.get_details(given["symbol"])
        refuse_if(details["status"] != "Trading", "40034", "C5")
        return details

    def read_depth(self, given: Row) -> Row:
        details = self.get_traded_details(given)
        last, step = Decimal(details["last_price"]), Decimal(details["price_precision"])
        sides = {"asks": [[str(last + step), "10"]], "bids": [[str(last - step), "10"]]}
        return sides | {"timestamp": self.read_milliseconds()}

    def read_range(self, given: Row, longest: int) -> tuple[int, int]:
        """Return start and end in seconds, by default the last 7 days."""
        now = int(self.read_time())
        texts = (given.get("start_time", str(now - 7 * 86400)), given.get("end_time", str(now)))
        refuse_if(not all(re.fullmatch("[0-9]{1,10}", text) for text in texts), "40039")
        start, end = map(int, texts)
        refuse_if(not start < end <= start + longest, "40039")
        return start, end

    def read_candles(self, given: Row) -> list[Row]:
        price, step = self.get_traded_details(given)["last_price"], given.get("step", "1")
        refuse_if(step not in map(str, CANDLE_STEPS), "40038", "C5")
        refuse_if(not given.keys() >= {"start_time", "end_time"}, "40039")
        start, end = self.read_range(given, 10**10)
        prices = dict.fromkeys(("open_price", "high_price", "low_price", "close_price"), price)
        return [{"timestamp": at, "volume": "1"} | prices for at in range(start, end + 1, int(step) * 60)[:500]]

    def read_assets(self, _: Row) -> list[Row]:
        return [{"currency": "USDT"} | {name: str(amount) for name, amount in self.count_money().items()}]

    def read_order(self, given: Row) -> Row:
        self.get_details(given.get("symbol"))
        refuse_if("order_id" not in given, "40011")
        wanted = (given["symbol"], given["order_id"])
        found = [row for row in self.list_visible(self.orders) if (row["symbol"], row["order_id"]) == wanted]
        refuse_if(not found, "40035", "B5")
        return show_rows(found)[0]

    def read_history(self, given: Row) -> list[Row]:
        self.get_details(given.get("symbol"))
        finished = [row for row in self.list_visible(self.orders) if not is_open(row)]
        return self.select_recent(finished, given, ("symbol", "order_id", "client_order_id"))

    def read_trades(self, given: Row) -> list[Row]:
        name = given.get("client_order_id")
        known = {row["order_id"] for row in self.orders if name in (None, row["client_order_id"])}
        rows = [row for row in self.list_visible(self.trades) if row["order_id"] in known]
        return self.select_recent(rows, given, ("symbol", "order_id"))

    def select_recent(self, rows: list[Row], given: Row, names: tuple[str, ...]) -> list[Row]:
        """Return the newest 200 rows of the asked time whose fields equal the given ones."""
        start, end = self.read_range(given, 90 * 86400)
        rows = [row for row in rows if all(given.get(name, row[name]) == row[name] for name in names)]
        return show_rows([row for row in rows if start <= row["create_time"] // 1000 <= end][::-1][:200])

    def read_open_orders(self, given: Row) -> list[Row]:
        whole = given.get("order_state") != "partially_filled"  # the mock fills an order whole or not at all
        return self.select_open(self.orders if whole else [], given, {"type": given.get("type")})

    def read_plans(self, given: Row) -> list[Row]:
        kinds = {"plan": ("plan",), "profit_loss": ("take_profit", "stop_loss")}.get(given.get("plan_type", ""))
        rows = [row for row in self.plans if kinds is None or row["type"] in kinds]
        return self.select_open(rows, given, {"order_type": given.get("type")})

    def select_open(self, rows: list[Row], given: Row, wanted: Row) -> list[Row]:
        """Return the newest open rows, at most 100 of them, however many there are."""
        if "symbol" in given:
            self.get_details(given["symbol"])
        wanted |= {"symbol": given.get("symbol")}
        rows = [row for row in self.list_visible(rows) if is_open(row)]
        rows = [row for row in rows if all(value in (None, row[name]) for name, value in wanted.items())]
        limit = given.get("limit", "100")
        highest = min(int(limit), 100) if re.fullmatch("[0-9]{1,3}", limit) else 100
        return show_rows(rows[::-1][:highest])

    def read_positions(self, given: Row) -> list[Row]:
        symbols = [given["symbol"]] if "symbol" in given else sorted({symbol for symbol, _ in self.positions})
        rows = [row for symbol in symbols for row in self.list_positions(symbol)]
        return [row for row in rows if "symbol" in given or Decimal(row["current_amount"])]

    def list_positions(self, symbol: str) -> list[Row]:
        """Return long and short in hedge mode; one row with a signed amount in one-way mode."""
        self.get_details(symbol)
        empty, rows = POSITION | {"symbol": symbol, "open_avg_price": "0"}, []
        for direction in ("long", "short"):
            row = empty | self.positions.get((symbol, direction), {}) | {"position_side": direction}
            rows.append(row | {"position_amount": row["current_amount"]})
        if self.state["position_mode"] == "hedge_mode":
            return rows
        is_short = bool(Decimal(rows[1]["current_amount"]))
        amount = "-" * is_short + rows[is_short]["current_amount"]
        return [rows[is_short] | {"position_side": "both", "position_amount": amount}]

    def read_position_mode(self, _: Row) -> Row:
        return {"position_mode": self.state["position_mode"]}


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
        self.set_state(advance=seconds)

    def set_state(self, /, **changes: Any) -> Row:
        """Change the state as POST /mock/state does, and return the whole of it."""
        with self.lock:
            check_shape(SHAPES, changes, "state")
            check_envelope(changes.get("envelope", ""))
            changes, exchange = copy.deepcopy(changes), self.exchange
            exchange.skipped += max(changes.pop("advance", 0), 0)
            for symbol, fields in changes.pop("details", {}).items():
                exchange.state["details"].setdefault(symbol, {}).update(fields)
            self.set_rows({name: changes.pop(name) for name in TEMPLATES if name in changes})
            exchange.state |= changes
            for wallet, name in (("futures", "balance"), ("spot", "spot_balance")):
                exchange.balances[wallet] = Decimal(changes.get(name, exchange.balances[wallet]))
            exchange.settle()
            return self.show_state()

    def set_rows(self, changes: Row) -> None:
        exchange = self.exchange
        rows = {name: [TEMPLATES[name] | row for row in given] for name, given in changes.items()}
        for row in [row for given in rows.values() for row in given]:
            need(row["symbol"] in exchange.list_symbols(), f"Name {row['symbol']} under details first.")
            need(bool(re.fullmatch("[0-9]{0,18}", row.get("order_id", ""))), "An order_id is a text of digits.")
        for row in rows.get("orders", []) + rows.get("plans", []):
            own = {"order_id": row["order_id"]} if row["order_id"] else {}
            row.update(exchange.make_stamps() | {"visible_at": 0.0} | own)
        exchange.orders, exchange.plans = rows.get("orders", exchange.orders), rows.get("plans", exchange.plans)
        if "positions" in rows:
            exchange.positions = {(row["symbol"], row["position_side"]): row for row in rows["positions"]}

    def show_state(self) -> Row:
        exchange = self.exchange
        rows = {"positions": [*exchange.positions.values()], "orders": exchange.orders, "plans": exchange.plans}
        money = {"balance": str(exchange.balances["futures"]), "spot_balance": str(exchange.balances["spot"])}
        return copy.deepcopy(exchange.state | rows | money)

    def set_script(self, path: str, steps: list[Any]) -> None:
        """Add what the next requests of a path get; "*" counts for every path."""
        found = [self.read_step(step) for step in steps]
        with self.lock:
            for step in found:
                self.script[step.get("path", path)].append(step)

    def read_step(self, step: Any) -> Row:
        """Check a step. "30014" and "lost-after" are short for an error and a fault."""
        if isinstance(step, int | str):
            step = {} if step in ("", "ok") else {"error" if str(step).isdecimal() else "fault": str(step)}
        if isinstance(step, dict) and isinstance(step.get("error"), int):
            step = step | {"error": str(step["error"])}
        check_shape(STEP, step, "step")
        need(step.get("error", "1000") in self.errors, f"errors.json has no code {step.get('error')}.")
        need(0 <= step.get("delay", 0) <= 600, "delay: use seconds from 0 to 600.")
        check_envelope(step.get("envelope", ""))
        return dict(step)

    def find_step(self, path: str, headers: Mapping[str, str]) -> Row:
        """Return what this request gets: its own headers first, then the script of its path, then that of all paths."""
        names = ("error", "fault", "executed", "delay", "envelope")
        step: Row = {name: headers[f"x-mock-{name}"] for name in names if f"x-mock-{name}" in headers}
        if "executed" in step:
            need(step["executed"] in ("yes", "no"), "X-Mock-Executed: use yes or no.")
            step["executed"] = step["executed"] == "yes"
        if "delay" in step:
            need(read_decimal(step["delay"]) is not None, "X-Mock-Delay: use a number of seconds.")
            step["delay"] = float(step["delay"])
        if step:
            return self.read_step(step)
        waiting = self.script.get(path) or self.script.get("*")
        return waiting.popleft() if waiting else {}

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
        """Execute the request or not, and answer with what happened, an error or a fault."""
        step = self.find_step(target.partition("?")[0], headers)
        fault, own = step.get("fault"), step.keys() & {"error", "status", "body"}
        executes = step.get("executed", fault in EXECUTING or not (fault or own))
        answer = Answer(200, json.dumps({"code": 1000, "message": "Ok", "data": {}}), "inference")
        if executes and fault != "lost-before":
            answer = self.process(method, target, headers, body)
        if "error" in step:
            answer = self.make_error(step["error"], "S1")
        elif own:
            answer = Answer(step.get("status", 200), step.get("body", ""), "inference")
        elif fault == "cut":
            answer = answer._replace(body=(answer.body or "")[: len(answer.body or "") // 2], basis="inference")
        elif fault == "slow":
            answer = answer._replace(delay=step.get("delay", 1.0))
        elif fault:
            answer = FAULTS[fault]
        wanted, envelope = step.get("envelope", self.exchange.state["envelope"]), parse_object(answer.body or "")
        return answer._replace(body=json.dumps(change_envelope(envelope, wanted))) if wanted and envelope else answer

    def process(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            return self.exchange.process(method, target, headers, body)
        except RefusedError as refusal:
            return self.make_error(refusal.code, refusal.basis, refusal.message)

    def make_error(self, code: str, basis: str, message: str = "") -> Answer:
        """Return the example envelope of the code's page. A code that errors.json lacks comes with HTTP 400."""
        row = self.errors.get(code, {"http_status": 400, "message": message})
        trace = f"00000000-0000-4000-8000-{code:0>12}"
        body = {"code": int(code), "message": message or row["message"], "trace": trace}
        if code == "1000":
            body["data"] = {}
        return Answer(int(row["http_status"]), json.dumps(body), basis)

    def control(self, method: str, path: str, query: str, body: bytes) -> Any:
        if (method, path) == ("POST", "/mock/reset"):
            self.reset()
            return {}
        if (method, path) == ("POST", "/mock/state"):
            changes = parse_object(body)
            need(changes is not None, "Send a JSON object.")
            return self.set_state(**(changes or {}))
        if (method, path) == ("POST", "/mock/script"):
            return self.control_script(query, body)
        answers: Row = {"/mock/credentials": {"key": KEY, "secret": SECRET, "memo": MEMO} | OTHER_KEYS}
        answers |= {"/mock/state": self.show_state(), "/mock/executions": self.executions}
        need(method == "GET" and path in answers, f"There is no {method} {path}. Read the top of mock_exchange.py.")
        return answers[path]

    def control_script(self, query: str, body: bytes) -> Row:
        found = (parse_object(b'{"scripts": ' + body + b"}") or {}).get("scripts")
        path = parse_qs(query).get("path", ["*"])[0]
        if isinstance(found, list):
            found = {path: found}
        elif isinstance(found, dict) and "steps" in found:
            found = {str(found.get("path", path)): found["steps"]}
        scripts: Row = found if isinstance(found, dict) else {"": None}
        fits = all(isinstance(steps, list) for steps in scripts.values())
        need(fits, "Send a JSON list of steps, or an object with path and steps.")
        for name, steps in scripts.items():
            self.set_script(name, steps)
        return {name: len(steps) for name, steps in self.script.items()}


class Handler(BaseHTTPRequestHandler):
    """Reads one request whole, asks the mock, and writes the answer."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one packet
    timeout = 600  # seconds until an idle connection is closed
    server: Server

    def reply(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,9}", length):
            return self.send_error(411, "Send the body with a Content-Length.")
        if int(length) > HIGHEST_BODY:
            return self.send_error(413, "The body is too long.")
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.mock.handle(self.command, self.path, headers, self.rfile.read(int(length)))
        time.sleep(answer.delay)
        return self.write(answer)

    def write(self, answer: Answer) -> None:
        if answer.body is None:
            self.close_connection = True
            return
        content = answer.body.encode("utf-8", "replace")
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Mock-Basis", answer.basis)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no proper HTTP request with JSON, and close the connection."""
        self.close_connection, self.request_version = True, self.protocol_version
        self.write(Answer(int(code), json.dumps({"error": message or explain}), "mock"))

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def date_time_string(self, timestamp: float | None = None) -> str:
        now = self.server.mock.exchange.read_time()
        return super().date_time_string(now if timestamp is None else timestamp)

    def log_message(self, *_: object) -> None:
        """Stay quiet: the answers say what happened."""


for verb in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
    setattr(Handler, f"do_{verb}", Handler.reply)


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 only, so that nobody else can reach the mock."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, mock: Mock, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.mock, mock.url = mock, f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Say in one line what failed. A client that hangs up is no failure."""
        problem = sys.exception()
        if not isinstance(problem, OSError):
            print(f"The mock failed: {problem!r}", file=sys.stderr)


@contextmanager
def serve(errors: str | Path | Mapping[str, Any] = "errors.json", port: int = 0) -> Iterator[Mock]:
    """Run the mock in a thread: a file, an address or the document in, a Mock with `url` out. Leaving stops it."""
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
    except (OSError, OverflowError, ValueError, KeyError, TypeError) as problem:
        raise SystemExit(f"The mock does not start ({chosen.errors}, {chosen.port}): {problem}") from None
    print(server.mock.url, flush=True)
    with server, suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
