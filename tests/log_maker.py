"""Write logs of eleven kinds of clients with known truth: which errors they hold and which writes stay in doubt."""

import csv
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.site_tools import ROOT

HOST = "https://cloud-api.wooxpro.com"
WRITES = ["submit-order", "cancel-order", "submit-plan-order", "submit-tp-sl-order", "modify-limit-order"]
READS = ["position-v2", "get-open-orders", "order-history", "trades", "assets-detail"]
SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
UNLISTED = ["40059", "25601", "49998", "51008"]
DOUBT = ("unknown", "duplicate")
GATEWAY = [500, 502, 503, 504]
KEY, SIGN, SECRET, MEMO = "k9d2e7c41f0b35a68c1", "5f00aa11bb22cc33dd44ee55", "Zx7qPw2LmN8vRt4KsEcReT", "memoFORmybot77"
PLANTED = [KEY, SIGN, SECRET, MEMO, "203.0.113.7", "trader@example.org"]
Rows = dict[str, dict[str, Any]]


def read_rows() -> Rows:
    """Return what a log reader needs of each row, by code."""
    with (ROOT / "data/errors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("code", "message", "outcome")
    return {row["code"]: {name: row[name] for name in names} | {"http_status": int(row["http_status"])} for row in rows}


@dataclass(frozen=True)
class Incident:
    """One error response, or one answer that never came, and the request that it belongs to."""

    at: datetime
    code: str | None
    status: int | None
    message: str
    method: str
    path: str
    symbol: str
    client_id: str
    trace: str | None
    lost: bool = False

    @property
    def body(self) -> str:
        """Return the envelope, or the gateway's page where no code came."""
        if self.code is None:
            return f"<html><head><title>{self.status} Gateway</title></head><body><h1>{self.status}</h1></body></html>"
        envelope: dict[str, Any] = {"code": int(self.code), "message": self.message}
        return json.dumps(envelope | ({"trace": self.trace} if self.trace else {}), separators=(",", ":"))

    @property
    def sent(self) -> str:
        """Return the body of the request."""
        return json.dumps({"symbol": self.symbol, "client_order_id": self.client_id, "side": 1, "size": 40012})


@dataclass(frozen=True)
class Said:
    """The lines that one client writes about an incident, the line that names the error, and what the lines tell."""

    lines: list[str]
    error: int
    told: frozenset[str]


@dataclass
class Truth:
    """What a report must say."""

    codes: Counter[str] = field(default_factory=Counter)
    unlisted: Counter[str] = field(default_factory=Counter)
    http: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    undecided: int = 0
    minutes: Counter[str] = field(default_factory=Counter)
    writes: list[dict[str, Any]] = field(default_factory=list)


def _headers() -> str:
    return f"{{'X-API-KEY': '{KEY}', 'X-API-SIGN': '{SIGN}', 'X-API-TIMESTAMP': '1736467374568'}}"


def _said(lines: list[str], needle: str, told: str) -> Said:
    error = next((index for index, line in enumerate(lines) if needle in line), len(lines) - 1)
    return Said(lines, error, frozenset(told.split()))


def _exception(one: Incident) -> str:
    if one.lost:
        return f"ccxt.base.errors.RequestTimeout: bitmart {one.method} {HOST}{one.path}"
    if one.code is None:
        return (
            f"ccxt.base.errors.ExchangeNotAvailable: bitmart {one.method} {HOST}{one.path} {one.status} Bad {one.body}"
        )
    return f"ccxt.base.errors.ExchangeError: bitmart {one.body}"


def _stamp(one: Incident) -> str:
    zone = f"{one.at:%z}" if one.at.utcoffset() else ""
    return f"{one.at:%Y-%m-%d %H:%M:%S},{one.at.microsecond // 1000:03}{zone}"


def say_python(one: Incident) -> Said:
    """Python logging: a line and a traceback that repeats the exception."""
    call = "create_order" if one.method == "POST" else "fetch_positions"
    said = "RequestTimeout" if one.lost else _exception(one).split(": ", 1)[1]
    lines = [
        f"{_stamp(one)} - bot.core - ERROR - {call} failed for {one.symbol} ({one.client_id}): {said}",
        "Traceback (most recent call last):",
        '  File "/app/bot/core.py", line 40034, in run',
        f"    exchange.{call}('BTC/USDT:USDT')",
        f'  File "/app/ccxt/bitmart.py", line 30014, in {call}',
        "    response = self.request(path)",
        _exception(one),
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        '  File "/app/bot/main.py", line 41, in <module>',
        _exception(one),
    ]
    known = " request" if one.lost else " request status" if one.code is None else ""
    return _said(lines, one.code or ("RequestTimeout" if one.lost else str(one.status)), f"symbol kind{known}")


def say_structlog(one: Incident) -> Said:
    """Write structlog's JSON lines: the request, then its failure."""
    stamp = one.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    sent = {"event": "request", "method": one.method, "path": one.path, "client_order_id": one.client_id}
    failed: dict[str, Any] = {"symbol": one.symbol, "client_order_id": one.client_id, "method": one.method}
    failed |= {"path": one.path, "api_key": KEY, "level": "error", "timestamp": stamp}
    if one.lost:
        failed |= {"event": "no answer", "exception": "httpx.ReadTimeout: The read operation timed out"}
    else:
        failed |= {"event": "request_failed", "status_code": one.status, "response": one.body}
    lines = [json.dumps(sent | {"level": "info", "timestamp": stamp}), json.dumps(failed)]
    return Said(lines, 1, frozenset(["request", "ids", "symbol", "status"]))


def say_pino(one: Incident) -> Said:
    """Write pino's JSON line: message and stack repeat the exception."""
    said = _exception(one).removeprefix("ccxt.base.errors.")
    err = {
        "type": "ExchangeError",
        "message": said,
        "stack": f"{said}\n    at bitmart.createOrder (/app/x.js:40012:13)",
    }
    req = {"method": one.method, "url": f"{HOST}{one.path}", "headers": {"x-api-key": KEY, "x-api-sign": SIGN}}
    row: dict[str, Any] = {"level": 50, "time": int(one.at.timestamp() * 1000), "pid": 40012, "hostname": "bot-1"}
    row |= {"req": req, "err": err, "clientOrderId": one.client_id, "symbol": one.symbol, "msg": "request failed"}
    if not one.lost:
        row["res"] = {"statusCode": one.status}
    return Said([json.dumps(row, separators=(",", ":"))], 0, frozenset(["request", "ids", "symbol", "status"]))


def say_bunyan(one: Incident) -> Said:
    """Write bunyan's JSON line, with the code as a field and without the request."""
    row: dict[str, Any] = {"name": "bot", "hostname": "h", "pid": 30005, "level": 50, "v": 0}
    row |= (
        {"code": int(one.code)} if one.code else {"err": "socket hang up"} if one.lost else {"statusCode": one.status}
    )
    row |= {"msg": "answer not usable", "time": one.at.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    return Said([json.dumps(row)], 0, frozenset(["status"] if one.code is None else []))


def say_logfmt(one: Incident) -> Said:
    """Write one logfmt line."""
    what = (
        'err="context deadline exceeded"'
        if one.lost
        else f"status={one.status}" + (f" code={one.code}" if one.code else "")
    )
    line = (
        f'time={one.at.isoformat()} level=error msg="call failed" method={one.method} path={one.path} {what}'
        f" symbol={one.symbol} client_order_id={one.client_id} latency_ms=30014 token={SECRET}"
    )
    return Said([line], 0, frozenset(["request", "ids", "symbol", "status"]))


def say_ccxt(one: Incident) -> Said:
    """CCXT verbose: request and response over several lines, then the exception."""
    sent = f"RequestBody: {one.sent}" if one.method == "POST" else "RequestBody: None"
    date = one.at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    lines = ["", f"fetch Request: bitmart {one.method} {HOST}{one.path} RequestHeaders: {_headers()} {sent}"]
    if not one.lost:
        lines += [
            "",
            f"fetch Response: bitmart {one.method} {HOST}{one.path} {one.status} ResponseHeaders: {{'Date': '{date}',",
            " 'Content-Type': 'application/json', 'X-BM-RateLimit-Limit': '24'}",
            f" ResponseBody: {one.body}",
        ]
    lines += ["Traceback (most recent call last):", '  File "run.py", line 30007, in <module>', _exception(one)]
    ids = "ids symbol" if one.method == "POST" else ""
    code = f'"code":{one.code}' if one.code else None
    needle = code or ("RequestTimeout" if one.lost else f" {one.status} ")
    return _said(lines, needle, f"request status {ids}" + (" untimed" if one.lost else ""))


def say_hummingbot(one: Incident) -> Said:
    """Write hummingbot's line."""
    what = f"HTTP status is {one.status}. Error: {one.body}"
    text = f"Error executing request {one.method} {HOST}{one.path}. " + ("Read timed out." if one.lost else what)
    lines = [
        f"{_stamp(one)} - 1 - hummingbot.connector.derivative.bitmart_perpetual - ERROR - Unexpected error",
        "Traceback (most recent call last):",
        '  File "/home/hummingbot/web_assistant.py", line 40016, in execute',
        "    raise IOError(",
        f"OSError: {text}",
    ]
    return Said(lines, 4, frozenset(["request", "status"]))


def say_freqtrade(one: Incident) -> Said:
    """Write freqtrade's line, which names the call and not the address."""
    verb = "Could not place buy order" if one.method == "POST" else "Could not fetch positions"
    text = f"{verb} due to ExchangeError. Message: {_exception(one).split(': ', 1)[1]}"
    if one.lost:
        text = f"{verb} due to RequestTimeout. Message: bitmart {one.method} {HOST}{one.path}"
    call = "create_order()" if one.method == "POST" else "fetch_positions()"
    logger = f"{_stamp(one)} - freqtrade.exchange.common - WARNING"
    line = f'{logger} - {call} returned exception: "{text}". Retrying still for 3 times.'
    known = "kind" if one.code else "kind request" if one.lost else "kind request status"
    return Said([line], 0, frozenset(known.split()))


def say_nautilus(one: Incident) -> Said:
    """Write nautilus's event line for a write, and its warning for a read."""
    stamp = f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{one.at.microsecond:06}123Z"
    reason = "request timed out" if one.lost else f"HTTP status {one.status}"
    if one.code:
        reason = f"code={one.code}" if one.code in UNLISTED else f"{one.code} {one.message}"
    known = "" if one.code else " status"
    if one.method == "POST":
        text = (
            f"[ERROR] TRADER-001.ExecClient-BITMART: OrderRejected(instrument_id={one.symbol}-PERP.BITMART, "
            f"client_order_id={one.client_id}, account_id=BITMART-001, "
            f"reason='{reason}', ts_event={int(one.at.timestamp())}000000000)"
        )
        return Said([f"{stamp} {text}"], 0, frozenset(f"kind ids symbol{known}".split()))
    text = f"[WARN] TRADER-001.DataClient-BITMART: Failed to query position report for {one.symbol}: {reason}"
    return Said([f"{stamp} {text}"], 0, frozenset(f"kind symbol{known}".split()))


def say_curl(one: Incident) -> Said:
    """Write the transcript of curl -v."""
    date = one.at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    data = f" -d '{one.sent}'" if one.method == "POST" else ""
    lines = [
        f"$ curl -v -X {one.method} {HOST}{one.path} -H 'X-API-KEY: {KEY}'{data}",
        "* Connected to cloud-api.wooxpro.com (203.0.113.7) port 30005 (#0)",
        f"> {one.method} {one.path} HTTP/2",
        "> Host: cloud-api.wooxpro.com",
        f"> X-API-SIGN: {SIGN}",
        ">",
    ]
    if one.lost:
        lines.append("* Operation timed out after 5000 milliseconds with 0 bytes received")
        lines.append("curl: (28) Operation timed out after 5000 milliseconds with 0 bytes received")
        return Said(lines, -2, frozenset(["request", "untimed"]) | set(["ids", "symbol"] if data else ()))
    lines += [f"< HTTP/2 {one.status}", f"< date: {date}", "< content-type: application/json", "<", one.body]
    lines.append("* Connection #0 to host cloud-api.wooxpro.com left intact")
    return _said(
        lines,
        f'"code":{one.code}' if one.code else f"HTTP/2 {one.status}",
        "request status" + (" ids symbol" if data else ""),
    )


def say_nginx(one: Incident) -> Said:
    """Write nginx's access log, which knows statuses only."""
    status = 499 if one.lost else one.status
    line = (
        f"203.0.113.7 - trader@example.org [{one.at:%d/%b/%Y:%H:%M:%S %z}] "
        f'"{one.method} {one.path}?key={KEY} HTTP/1.1" {status} 190 "-" "python-requests/2.31.0" rt=30.005'
    )
    return Said([line], 0, frozenset(["request", "status", "nocode"]))


FORMATS: dict[str, Callable[[Incident], Said]] = {
    "python": say_python,
    "structlog": say_structlog,
    "pino": say_pino,
    "bunyan": say_bunyan,
    "logfmt": say_logfmt,
    "ccxt": say_ccxt,
    "hummingbot": say_hummingbot,
    "freqtrade": say_freqtrade,
    "nautilus": say_nautilus,
    "curl": say_curl,
    "nginx": say_nginx,
}


class LogMaker:
    """Writes one log and keeps its truth."""

    def __init__(self, rows: Rows, seed: int) -> None:
        """Take the rows by code, and the seed that decides everything."""
        self.rows = rows
        self.random = random.Random(seed)
        self.truth = Truth()
        self.lines: list[str] = []
        self.now = datetime(2026, 11, 10, 3, 14, 15, tzinfo=UTC)
        self.count = 0
        self.open: list[tuple[str, dict[str, Any]]] = []

    def make_incident(self, zone: timezone) -> Incident:
        """Choose an error, its request and its time."""
        self.count += 1
        self.now += timedelta(seconds=self.random.randint(3, 90), milliseconds=self.random.randint(0, 999))
        kind = self.random.choices(["listed", "unlisted", "gateway", "lost"], [6, 1, 2, 2])[0]
        code = None
        if kind == "listed":
            doubtful = self.random.random() < 0.4
            code = self.random.choice(
                [code for code in self.rows if code != "1000" and (not doubtful or self.rows[code]["outcome"] in DOUBT)]
            )
        elif kind == "unlisted":
            code = self.random.choice(UNLISTED)
        row = self.rows.get(code or "", {"http_status": self.random.choice(GATEWAY), "message": "hold mode error"})
        is_write = self.random.random() < 0.6
        name = self.random.choice(WRITES if is_write else READS)
        trace = f"{self.random.getrandbits(128):032x}.{self.count}.{17364673745684111 + self.count}"
        return Incident(
            at=self.now.astimezone(zone),
            code=code,
            status=None if kind == "lost" else 400 if kind == "unlisted" else row["http_status"],
            message=row["message"],
            method="POST" if is_write else "GET",
            path=f"/contract/private/{name}",
            symbol=self.random.choice(SYMBOLS),
            client_id=f"bot{self.random.getrandbits(64):016x}",
            trace=trace if self.random.random() < 0.7 else None,
            lost=kind == "lost",
        )

    def add(self, name: str, zone: timezone) -> None:
        """Write one incident as the client of this name does, and note what is true."""
        one = self.make_incident(zone)
        said = FORMATS[name](one)
        error = said.error if said.error >= 0 else len(said.lines) + said.error
        line = len(self.lines) + error + 1
        self.lines += said.lines
        self.note(one, said, line)

    def note(self, one: Incident, said: Said, line: int) -> None:
        """Add what a report must say about an incident."""
        code = None if "nocode" in said.told else one.code
        status = 499 if one.lost and "nocode" in said.told else one.status if "status" in said.told else None
        if code is None and status and status < 400:
            return
        if code:
            (self.truth.codes if code in self.rows else self.truth.unlisted)[code] += 1
        if status and status > 399:
            self.truth.http[status] += 1
        self.truth.lost += one.lost and status is None
        if "untimed" not in said.told:
            self.truth.minutes[f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"] += 1
        # Without a code, and with one that the table lacks, nobody knows what became of a write.
        outcome = str(self.rows[code]["outcome"]) if code in self.rows else "unknown"
        told = said.told
        knows = "request" in told or "kind" in told
        if not knows and outcome != "duplicate":
            self.truth.undecided += 1
        elif (one.method == "POST" or not knows) and outcome in DOUBT:
            self.truth.writes.append(describe_write(one, told, line, code, outcome))

    def settle(self) -> None:
        """Write what became of one write in doubt, and take it off the list if the exchange said so."""
        named = [one for one in self.truth.writes if one["client_order_id"]]
        if not named:
            return
        one = self.random.choice(named)
        self.now += timedelta(seconds=1)
        word = self.random.choice(["filled", "cancelled", "accepted", "rejected, giving up", "state=expired locally"])
        stamp = f"{self.now:%Y-%m-%d %H:%M:%S},{self.now.microsecond // 1000:03}"
        self.lines.append(f"{stamp} - bot.core - INFO - order client_order_id={one['client_order_id']} {word}")
        if word in ("filled", "cancelled"):
            self.truth.writes.remove(one)

    def add_noise(self) -> None:
        """Write lines without an error that look as if they held one."""
        self.now += timedelta(milliseconds=self.random.randint(1, 500))
        stamp = f"{self.now:%Y-%m-%d %H:%M:%S},{self.now.microsecond // 1000:03} - bot.core"
        named = [one["client_order_id"] for one in self.truth.writes if one["client_order_id"]] or ["botnone"]
        name = self.random.choice(named)
        self.lines.append(
            self.random.choice(
                [
                    f"{stamp} - INFO - BTCUSDT price 40012.5 size 30014 spread 30005",
                    f"{stamp} - INFO - order 40034 of page 40035 in 30007 ms, pid 40012, port 30005",
                    f'{stamp} - DEBUG - ticker {{"symbol":"BTCUSDT","last":"40012","seq":30014}}',
                    f"{stamp} - DEBUG - look-up of client_order_id={name} found nothing",
                    f"{stamp} - INFO - memo={MEMO} user trader@example.org from 203.0.113.7",
                    f"{stamp} - INFO - websocket closed, code = 1000 (OK), no reason",
                    json.dumps(
                        {
                            "level": "info",
                            "event": "done",
                            "code": 1000,
                            "msg": "order placed",
                            "timestamp": self.now.isoformat(),
                        }
                    ),
                    f"{stamp} - INFO - waiting until client_order_id={name} is filled",
                    f"{stamp} - INFO - 0 orders found for {name}",
                    f"{stamp} - INFO - found 3 open orders, none is {name}",
                    f"{stamp} - INFO - order efgh5678 filled while {name} stands open",
                ]
            )
        )


def describe_write(one: Incident, told: frozenset[str], line: int, code: str | None, outcome: str) -> dict[str, Any]:
    """Return the row that the ledger must hold."""

    def seen(word: str, value: str) -> str | None:
        return value if word in told else None

    at = None if "untimed" in told else f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    return {
        "line": line,
        "at": at,
        "code": code,
        "outcome": outcome,
        "method": seen("request", one.method),
        "path": seen("request", one.path),
        "symbol": seen("symbol", one.symbol),
        "client_order_id": seen("ids", one.client_id),
        "order_id": None,
    }


def make_log(
    rows: Rows, names: list[str], count: int, seed: int, *, zones: bool = False, settles: bool = True
) -> LogMaker:
    """Write a log with so many errors, by the clients named."""
    maker = LogMaker(rows, seed)
    for _ in range(count):
        hours = maker.random.choice([0, 8, -5]) if zones else 0
        maker.add(maker.random.choice(names), timezone(timedelta(hours=hours)))
        for _ in range(maker.random.randint(0, 3)):
            maker.add_noise()
        if settles and maker.random.random() < 0.1:
            maker.settle()
    return maker


def stream_log(rows: Rows, names: list[str], size: int) -> Iterator[str]:
    """Repeat one log until it is so many characters long, for the bench."""
    text = "\n".join(make_log(rows, names, 500, 1).lines) + "\n"
    for _ in range(size // len(text) + 1):
        yield text
