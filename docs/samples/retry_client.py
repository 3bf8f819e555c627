"""A WOO X Pro client that sends a write again only if the exchange certainly refused it.

If nobody knows what became of a write, the client looks. It returns the order's row or raises with outcome `unknown`.
It never sends to find out. But it cannot know of an order that an earlier run sent and no list shows: one with an id of
your own, because a list may be late, or a plan order that has fired. After a crash do not place such an order again.
Call `look_up`, and if it returns None, let a person decide.

    http = httpx.Client(base_url="https://cloud-api.wooxpro.com", timeout=5)
    client = Client(http, "errors.json", lambda body: signed_headers(key, secret, memo, body), on_id=store_id)
    client.place_order({"symbol": "BTCUSDT", "side": 1, "type": "limit", "price": "60000", "size": 1})
"""

import json
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import httpx

ROOT = "/contract/private/"
SUBMIT, PLAN = ROOT + "submit-order", ROOT + "submit-plan-order"
TP_SL, CANCEL = ROOT + "submit-tp-sl-order", ROOT + "cancel-order"
OPEN_ORDERS, PLAN_ORDERS = ROOT + "get-open-orders", ROOT + "current-plan-order"
HISTORY, TRADES, ORDER = ROOT + "order-history", ROOT + "trades", ROOT + "order"
LIMITED, BLOCKED, FINISHED = "30013", "30017", "4"  # two codes, and the state of a filled or cancelled order
LATEST_SEND = 60.0  # seconds after the first attempt
LONGEST_LIST = 100  # rows; so long a list may be cut off
MADE_HERE = "rc"  # how the ids begin that this client makes

Row = Mapping[str, Any]
Hook = Callable[[str], object]
Find = Callable[[], Row | None]


@dataclass(frozen=True)
class Policy:
    """Attempts and pauses; pauses in seconds."""

    max_backoffs: int = 4
    first_backoff: float = 4.0  # the longest first pause; chance makes it shorter by up to half
    backoff_cap: float = 20.0
    max_waits: int = 3  # for reads only
    wait_pause: float = 60.0
    looks: int = 4
    look_up_pause: float = 2.0
    window: float = 2.0  # the least pause before a request is sent again
    send_within: float = 30.0  # no attempt of a write later than this after its first


@dataclass(frozen=True)
class Answer:
    """What came back, judged. `code` is "" if there was none. retry, actor and url are as in errors.json."""

    code: str
    message: str
    retry: str
    outcome: str
    actor: str
    url: str = ""
    data: Any = None
    limited: bool = False
    after: float = 0.0  # the least pause before the next attempt


SENT_BEFORE = Answer("", "an earlier call may have sent this order", "stop", "unknown", "operator")
CUT_LIST = Answer("", "a list is so long that it may be cut off before this order", "stop", "unknown", "operator")
OTHER_ORDER = Answer("", "an order with this id has another symbol, side or size", "stop", "unknown", "operator")


class ApiError(Exception):
    """The request was given up. `outcome` says what became of a write, `url` where the code is explained."""

    def __init__(self, answer: Answer, client_order_id: str | None = None, order_id: str | None = None) -> None:
        text = f"{answer.code or 'no code'}: {answer.message} ({answer.retry}, {answer.outcome})"
        super().__init__(" ".join(filter(None, (text, answer.url, client_order_id, order_id))))
        self.code, self.retry, self.outcome = answer.code, answer.retry, answer.outcome
        self.actor, self.url, self.answer = answer.actor, answer.url, answer
        self.client_order_id, self.order_id = client_order_id, order_id


@contextmanager
def report_unknown(**ids: str) -> Iterator[None]:
    """Whatever fails after a write was sent, tell its id and that its outcome is unknown."""
    try:
        yield
    except ApiError:
        raise
    except Exception as failure:
        text = f"{type(failure).__name__} after the write was sent"
        raise ApiError(Answer("", text, "stop", "unknown", "operator"), **ids) from failure


@dataclass(eq=False, repr=False)  # `sign` may hold the secret, and a failed test prints what repr gives
class Client:
    """Every method returns the `data` of the answer, or the order's row if it had to look, or raises ApiError."""

    http: httpx.Client
    catalogue: Path | str | Mapping[str, Any]  # errors.json: its path, its text or its content
    sign: Callable[[str], Mapping[str, str]]  # the exact body ("" for a GET) → the X-API-* headers
    policy: Policy | None = None
    sleep: Callable[[float], object] = time.sleep
    _: KW_ONLY
    on_id: Hook | None = None  # gets the id of each order before the order is sent

    def __post_init__(self) -> None:
        if not self.http.base_url.host:
            raise ValueError('give the httpx.Client an address: base_url="https://cloud-api.wooxpro.com"')
        self.rules = self.policy or Policy()
        self.rows = read_catalogue(self.catalogue)
        self._block: Answer | None = None
        self._lock = Lock()
        # Orders that may have been executed: id → symbol and known order_id of what waits for a trigger, else empty.
        self._sent: dict[str, tuple[str, str]] = {}

    # Reads

    def get(self, path: str, params: Row | None = None) -> Any:
        """Read. A read changes nothing, so only `retry` counts."""
        tries: Counter[str] = Counter()
        while (answer := self._send(self._build("GET", path, params=params))).retry != "none":
            if (pause := self._next_pause(answer, tries[answer.retry])) is None:
                raise ApiError(answer)
            tries[answer.retry] += 1
            self.sleep(pause)
        return answer.data

    def look_up(self, order: Row) -> Row | None:
        """Return the row of an order that an earlier run may have sent, or None if every list answers without it."""
        if "client_order_id" not in order:
            raise ValueError("an order can be looked up by its client_order_id only")
        return self._find(name_order(order), whole=True)

    # Writes

    def place_order(self, order: Row, on_id: Hook | None = None) -> Any:
        """Place one order. Leave client_order_id out: a later run never sends an order whose id the client made.

        An order with an id of your own is sent if no list shows it. Lists may be late, so after a crash call `look_up`.
        """
        return self._place(SUBMIT, order, on_id)

    def place_tp_sl_order(self, order: Row, on_id: Hook | None = None) -> Any:
        """Place a take-profit or stop-loss order, as `place_order` does."""
        return self._place(TP_SL, order, on_id)

    def place_plan_order(self, order: Row, on_id: Hook | None = None) -> Any:
        """Place a plan order. The exchange takes no id for it, so the id is not sent. It names the order on errors."""
        fields = name_order(order)
        label, symbol = fields.pop("client_order_id"), fields["symbol"]
        body, before = write_body(fields), None
        with self._claim(label, order, on_id, symbol) as sent_before:
            if sent_before:
                raise ApiError(SENT_BEFORE, label)
            with suppress(ApiError):  # a failed read must not hold up a stop
                before = self._list_rows(PLAN_ORDERS, {"symbol": symbol})
            whole = before is not None and len(before) < LONGEST_LIST
            if "client_order_id" in order and (not whole or any(fits_plan(row, fields) for row in before or ())):
                self._sent.pop(label, None)  # a run that crashed may have sent it, but this call sent nothing
                raise ApiError(SENT_BEFORE, label)
            data = self._deliver(PLAN, body, partial(self._find_plan, label, fields, before), client_order_id=label)
            return self._note(label, data)

    def cancel_order(self, symbol: str, order_id: str | int | None = None, client_order_id: str | None = None) -> Any:
        """Cancel one order. A cancel without an id would cancel every order of the symbol."""
        given = {"order_id": order_id, "client_order_id": client_order_id}
        ids = {name: as_text(value) for name, value in given.items() if value is not None}
        wanted = {"symbol": as_text(symbol), **ids}
        if len(ids) != 1 or not all(wanted.values()):
            raise ValueError("name the symbol, and either order_id or client_order_id; neither may be empty")
        return self._deliver(CANCEL, write_body(wanted), partial(self._find_finished, wanted), **ids)

    def _place(self, path: str, order: Row, on_id: Hook | None) -> Any:
        named = name_order(order)
        label, body, find = named["client_order_id"], write_body(named), partial(self._find, named)
        with self._claim(label, order, on_id, named["symbol"] if path == TP_SL else "") as sent_before:
            if sent_before:
                with report_unknown(client_order_id=label):
                    return self._settle(SENT_BEFORE, find, client_order_id=label)
            try:  # an id of the caller's own may come from a run that crashed
                row = self._find(named, whole=True) if "client_order_id" in order else None
            except ApiError:
                self._sent.pop(label, None)  # this call sent nothing
                raise
            return self._note(label, row or self._deliver(path, body, find, client_order_id=label))

    def _note(self, label: str, data: Any) -> Any:
        self._sent[label] = self._sent[label][0], str(data.get("order_id") or "") if isinstance(data, Mapping) else ""
        return data

    @contextmanager
    def _claim(self, label: str, order: Row, on_id: Hook | None, plan_symbol: str = "") -> Iterator[bool]:
        """Hand the id to the caller, and give whether an order of this id may have been sent before."""
        for hook in filter(None, (self.on_id, on_id)):
            hook(label)
        made_here = "client_order_id" in order and label.startswith(MADE_HERE) and len(label) == 32
        with self._lock:
            before = made_here or label in self._sent
            self._sent.setdefault(label, (plan_symbol, ""))
        try:
            yield before
        except Exception as error:
            if not isinstance(error, ApiError) or error.outcome == "rejected":
                self._sent.pop(label, None)  # nothing was sent, or nothing was executed
            raise

    def _deliver(self, path: str, body: str, find: Find, **ids: str) -> Any:
        """Send a write. Only a certain refusal that asks for a pause leads to another attempt."""
        request = self._build("POST", path, body)  # what fails until here was not sent, and is raised as it is
        with report_unknown(**ids):
            latest, slept = min(self.rules.send_within, LATEST_SEND), 0.0
            started = time.time(), time.monotonic()  # the first may be set back, the second stops in a machine's sleep
            for refusals in count():
                answer = self._send(request)
                if answer.retry == "none":
                    return answer.data
                if answer.outcome != "rejected":
                    return self._settle(answer, find, **ids)
                pause = self._next_pause(answer, refusals) if answer.retry == "backoff" else None
                if pause is None or slept + pause > latest:
                    break
                self.sleep(pause)
                slept += pause
                if max(time.time() - started[0], time.monotonic() - started[1]) > latest:
                    break
                request = self._build("POST", path, body)  # an old timestamp is refused
            raise ApiError(answer, **ids)

    # Look-ups

    def _settle(self, answer: Answer, find: Find, **ids: str) -> Row:
        """Look a few times, because nobody has published how soon an order shows in a list."""
        pause = answer.after if answer.limited else 0.0
        for look in range(self.rules.looks):
            if self._block:
                break
            if pause:
                self.sleep(pause)
            try:
                if (row := find()) is not None:
                    return row
            except ApiError as error:
                if error.answer is OTHER_ORDER:
                    raise
            pause = min(self.rules.backoff_cap, self.rules.look_up_pause * 2**look)
        raise ApiError(replace(answer, outcome="unknown", retry=answer.retry if answer.code else "stop"), **ids)

    def _find(self, order: Row, whole: bool = False) -> Row | None:
        """Return the row that has id, symbol, side and size of the order. `whole` wants every list, none cut off."""
        label, symbol, rows, cut = order["client_order_id"], {"symbol": order["symbol"]}, list[Row](), False
        named = {**symbol, "client_order_id": label}
        for path, params in ((OPEN_ORDERS, symbol), (PLAN_ORDERS, symbol), (HISTORY, named), (TRADES, named)):
            try:
                listed = self._list_rows(path, params)
                cut = cut or (params is symbol and len(listed) >= LONGEST_LIST)
                rows += [row for row in listed if row.get("client_order_id") == label]
            except ApiError as error:
                if whole:
                    raise ApiError(replace(error.answer, outcome="unknown"), label) from error
            if found := [row for row in rows if fits(row, order)]:
                return found[0]
        if rows:
            raise ApiError(OTHER_ORDER, label)
        if whole and cut:
            raise ApiError(CUT_LIST, label)
        return None

    def _find_plan(self, label: str, order: Row, before: list[Row] | None) -> Row | None:
        """Return the one plan order that fits and is new, or None if it may be another's."""
        rows = self._list_rows(PLAN_ORDERS, {"symbol": order["symbol"]})
        rows = [row for row in rows if not row.get("client_order_id")]  # with an id it is a TP/SL order
        sent = [plan for name, plan in list(self._sent.items()) if plan[0] == order["symbol"] and name != label]
        known = {order_id for _, order_id in sent} | {str(row.get("order_id")) for row in before or ()}
        new = [row for row in rows if fits_plan(row, order) and str(row.get("order_id")) not in known]
        certain = before is not None and len(before) < LONGEST_LIST and "" not in known
        return new[0] if certain and len(new) == 1 else None

    def _find_finished(self, wanted: Row) -> Row | None:
        """Return the row of an order that was to be cancelled, once it is finished and no longer open."""
        ids = tuple(wanted.keys() - {"symbol"})
        resting = [row for row in self._list_rows(OPEN_ORDERS, {"symbol": wanted["symbol"]}) if fits(row, wanted, ids)]
        past = [row for row in self._list_rows(HISTORY, wanted) if fits(row, wanted, (*ids, "symbol"))]
        done = [row for row in past if str(row.get("state")) == FINISHED]
        return done[0] if done and not resting else None

    def _list_rows(self, path: str, params: Row) -> list[Row]:
        """Read once, because a look-up has its own pauses. After HTTP 429 pause and read once more."""
        for _ in range(2):
            answer = self._send(self._build("GET", path, params=params))
            if not answer.limited:
                break
            self.sleep(answer.after)
        if answer.retry != "none":
            raise ApiError(answer)
        rows = [answer.data] if path == ORDER else answer.data
        if not isinstance(rows, list | None):
            raise ApiError(replace(answer, message=f"{path} gave no list", retry="stop", outcome="unknown"))
        rows = [row for row in rows or () if isinstance(row, Mapping)]
        if path != TRADES:
            return rows
        ids = {str(row.get("order_id")) for row in rows}  # a trade has no client_order_id, its order has
        return self._list_rows(ORDER, {"symbol": params["symbol"], "order_id": ids.pop()}) if len(ids) == 1 else []

    # One attempt

    def _next_pause(self, answer: Answer, tries: int) -> float | None:
        """Return the seconds until the next attempt, or None if there must be none."""
        if answer.retry == "wait" and tries < self.rules.max_waits:
            return max(self.rules.wait_pause, answer.after)
        if answer.retry != "backoff" or tries >= self.rules.max_backoffs:
            return None
        first = max(self.rules.first_backoff, 2 * answer.after)
        longest = min(max(self.rules.backoff_cap, first), first * 2**tries)
        return random.uniform(longest / 2, longest)

    def _build(self, method: str, path: str, body: str = "", params: Row | None = None) -> httpx.Request:
        """Sign and build one attempt. What fails here was not sent."""
        if self.http.is_closed:
            raise RuntimeError("the httpx.Client is closed")
        headers = {**self.sign(body), "Content-Type": "application/json"}
        request = self.http.build_request(method, path, params=params, content=body or None, headers=headers)
        if not all(value.isprintable() and value == value.strip() for value in request.headers.values()):
            raise ValueError("a header, perhaps the API key, begins or ends in a space or has a line break")
        return request

    def _send(self, request: httpx.Request) -> Answer:
        """Send one attempt. After a block nothing is sent any more."""
        if self._block:
            return self._block
        try:
            response = self.http.send(request, follow_redirects=False)  # a redirect would send an order twice
        except (httpx.HTTPError, OSError) as failure:
            name = type(failure).__name__  # its text may quote the API key
            return Answer("", f"no answer: {name}", "backoff", "unknown", "nobody", after=self.rules.window)
        answer = self._judge(response)
        if answer.code == BLOCKED or response.status_code == 418:
            text = f"not sent, for the exchange has blocked this client: {answer.message}"
            self._block = replace(answer, message=text, retry="stop", outcome="rejected")
        return answer

    def _judge(self, response: httpx.Response) -> Answer:
        status, envelope = response.status_code, read_envelope(response)
        code = as_text(envelope.get("code"))
        message = str(envelope.get("message") or envelope.get("msg") or f"HTTP {status}")
        limited, row = status == 429 or code == LIMITED, self.rows.get(code, {})
        url, after, window = row.get("url", ""), row.get("after"), self.rules.window
        after = max(after, window) if isinstance(after, int | float) else window  # else it names an event or is null
        succeeded = status == 200 and message.strip().casefold() in ("ok", "success")
        if not code:
            retry = "backoff" if status in (404, 429) or status >= 500 else "stop"
            return Answer("", message, retry, "unknown", "exchange", limited=limited, after=after)
        if not row or (row["retry"] == "none" and not succeeded):
            return Answer(code, message, "stop", "unknown", "developer", url, limited=limited, after=after)
        outcome = row["outcome"] if status < 500 or status == row.get("http_status", status) else "unknown"
        return Answer(code, message, row["retry"], outcome, row["actor"], url, envelope.get("data"), limited, after)


def read_catalogue(catalogue: Any) -> dict[str, Row]:
    """Return code → row. Raise ValueError for a row that lacks what the client decides by."""
    if not isinstance(catalogue, Mapping):
        is_text = isinstance(catalogue, str) and catalogue.lstrip().startswith("{")
        catalogue = json.loads(catalogue if is_text else Path(catalogue).read_text("utf-8"))
    for number, row in enumerate(catalogue["errors"]):
        if lacking := [name for name in ("code", "retry", "outcome", "actor") if row.get(name) in (None, "")]:
            raise ValueError(f"row {number} of the catalogue, code {row.get('code')}, lacks {', '.join(lacking)}")
    return {str(row["code"]): row for row in catalogue["errors"]}


def read_envelope(response: httpx.Response) -> Row:
    with suppress(ValueError, RecursionError):
        if isinstance(body := response.json(), dict):
            return body
    return {}


def as_text(value: object) -> str:
    """Return 40034 and "40034" alike as text, "" for anything else."""
    return str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""


def name_order(order: Row) -> dict[str, Any]:
    """Return the order with an id. Raise ValueError for an empty id or symbol, and for NaN and infinities."""
    named = {**order, "client_order_id": order.get("client_order_id", MADE_HERE + uuid4().hex[:30])}
    for field in ("client_order_id", "symbol"):
        if not isinstance(named.get(field), str) or not named[field].strip():
            raise ValueError(f"{field} must be text and must not be empty")
    for field in order.keys() - {"client_order_id", "symbol"}:
        if is_endless(order[field]):
            raise ValueError(f"{field} is {order[field]}")
    return named


def is_endless(value: Any) -> bool:
    with suppress(TypeError, ValueError, OverflowError):
        return not math.isfinite(float(value))
    return False


def write_body(fields: Row) -> str:
    try:
        return json.dumps(fields, allow_nan=False)
    except TypeError as error:
        raise ValueError(f"give sizes and prices as int or text: {error}") from error


def fits(row: Row, order: Row, fields: tuple[str, ...] = ("symbol", "side", "size")) -> bool:
    """Compare the fields that the order has. Sizes and prices are compared as numbers, all else as text."""
    return all(plain(row.get(name), name) == plain(order[name], name) for name in fields if name in order)


def fits_plan(row: Row, order: Row) -> bool:
    stops = {"take_profit", "stop_loss"}
    same_kind = {str(row.get("type"))} & stops == {str(order.get("type"))} & stops
    return same_kind and fits(row, order, ("symbol", "side", "size", "trigger_price"))


def plain(value: Any, field: str) -> Any:
    if field in ("side", "size", "trigger_price") and not is_endless(value):
        with suppress(InvalidOperation):
            return Decimal(str(value))
    return str(value)
