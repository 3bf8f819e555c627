"""One exchange, many faults and simulated time: runs a schedule against the retry client and checks what it promises.

The exchange is docs/samples/mock_exchange.py, called in this process. Between it and the client stands a network that
loses, delays, cuts and swaps answers as the schedule says. Each rule of the client is one check in this file.
"""

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
from hypothesis import strategies as st

from docs.samples import mock_exchange, retry_client
from docs.samples.retry_client import ApiError, Client
from docs.samples.sign import signed_headers

Catalogue = Mapping[str, Any]
CASES = json.loads((Path(__file__).parent / "data" / "client_world.json").read_text("utf-8"))
ORDERS: dict[str, dict[str, Any]] = CASES["orders"]
LIMIT, MARKET, STOP, PLAN_ORDER = (ORDERS[kind] for kind in ("limit", "market", "tp_sl", "plan"))
SYMBOL = "BTCUSDT"
START = 1_790_000_000.0  # a moment of Unix time
WINDOW, LATEST = 2.0, 60.0


class BrokenPromiseError(Exception):
    """The client did what it promises never to do."""


class Alarm(BaseException):
    """A broken promise on its way to the end of the run, which the client cannot take for a failed request."""


class Crash(BaseException):
    """The process of the client dies."""


def need(holds: object, promise: str) -> None:
    if not holds:
        raise Alarm(promise)


@dataclass(frozen=True)
class Step:
    """What the network does with one request: `executed` says whether the exchange carries the request out first."""

    kind: str = "ok"
    code: str = ""
    executed: bool = False
    delay: float = 0.0


@dataclass(frozen=True)
class Intent:
    """One thing that a caller wants done once, and what happens meanwhile. Lists of steps end in normal answers."""

    kind: str = "limit"
    own_id: bool = False
    writes: tuple[Step, ...] = ()
    reads: tuple[Step, ...] = ()
    crash: str = ""  # where the first process dies: "on_id", "sleep" or "answer"
    restarts: int = 0


@dataclass(frozen=True)
class Schedule:
    """The intents of one run. `hidden` is how long no list shows a new order, in seconds."""

    intents: tuple[Intent, ...]
    hidden: float = 0.0
    lookalikes: bool = True
    concurrent: bool = False
    limited: bool = False


def list_codes(catalogue: Catalogue, *outcomes: str) -> list[str]:
    return [str(row["code"]) for row in catalogue["errors"] if row["outcome"] in outcomes]


def make_schedules(catalogue: Catalogue) -> st.SearchStrategy[Schedule]:
    """Return schedules whose answers are as the catalogue says: a code of outcome `rejected` executes nothing."""
    either, delays = st.booleans(), st.sampled_from([0.0, 1.0, 4.0, 20.0, 70.0])
    refusals = st.builds(Step, st.just("code"), st.sampled_from(list_codes(catalogue, "rejected")))
    wait_codes = [str(row["code"]) for row in catalogue["errors"] if row["retry"] == "wait"]
    waits = st.builds(Step, st.just("code"), st.sampled_from(wait_codes))
    unlisted = st.builds(Step, st.just("unlisted"), st.just(""), either)
    limits = st.builds(Step, st.just("code"), st.just("30013"), st.just(False), st.sampled_from([0.0, 0.0, 70.0]))
    doubts = st.builds(Step, st.just("code"), st.sampled_from(list_codes(catalogue, "unknown", "duplicate")), either)
    losses = st.builds(Step, st.sampled_from(["lost", "late", "slow"]), st.just(""), either, delays)
    bodies = st.builds(Step, st.sampled_from(sorted(BODIES.keys() - {"no-list"})), st.just(""), either)
    writes = st.one_of(losses, limits, doubts, bodies, unlisted, refusals, waits, st.just(Step()))
    read_codes = st.builds(Step, st.just("code"), st.sampled_from(["30013", "30014", "30016", "30017", "40012"]))
    failures = st.builds(Step, st.sampled_from(["lost", "html-503", "empty", "no-list"]))
    intents = st.builds(
        Intent,
        kind=st.sampled_from(["limit", "market", "tp_sl", "plan", "plan", "cancel"]),
        own_id=either,
        writes=st.lists(writes, max_size=4).map(tuple),
        reads=st.lists(st.one_of(st.just(Step()), failures, read_codes), max_size=6).map(tuple),
        crash=st.sampled_from(["", "", "on_id", "sleep", "answer"]),
        restarts=st.integers(0, 2),
    )
    return st.builds(
        Schedule,
        intents=st.lists(intents, min_size=1, max_size=3).map(tuple),
        hidden=st.sampled_from([0.0, 0.0, 1.0, 9.0, 300.0]),
        lookalikes=either,
        concurrent=st.sampled_from([False, False, True]),
        limited=st.sampled_from([False, False, True]),
    )


# kind of a step → status and body of an answer that tells nobody what became of a write
BODIES: dict[str, dict[str, Any]] = CASES["network"]


@dataclass
class Life:
    """One process of a caller, from its first call to its end: every request, and what the caller was told."""

    sends: list[tuple[float, str]] = field(default_factory=list)  # when a write was sent, and the code of its answer
    executed: list[str] = field(default_factory=list)  # order ids, or "" for a cancel
    told_rejected: bool = False
    pause_until: float = 0.0


@dataclass
class Run:
    """One intent under way."""

    intent: Intent
    target: str  # the order that a cancel names
    index: int
    label: str = ""
    lives: list[Life] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writes, self.reads, self.crash = list(self.intent.writes), list(self.intent.reads), self.intent.crash

    @property
    def executed(self) -> list[str]:
        return [order_id for life in self.lives for order_id in life.executed]


class World:
    """The exchange, the network and the clock of one schedule."""

    def __init__(self, catalogue: Catalogue, make_client: type[Client], schedule: Schedule) -> None:
        self.catalogue, self.make_client, self.schedule = catalogue, make_client, schedule
        self.now, self.lock, self.local = START, threading.RLock(), threading.local()
        self.late: list[tuple[float, Callable[[], object]]] = []
        self.blocked: list[Client] = []
        self.retry_of = {str(row["code"]): (row["retry"], row["outcome"]) for row in catalogue["errors"]}
        self.status_of = {str(row["code"]): row["http_status"] for row in catalogue["errors"]}
        self.mock = mock_exchange.Mock(mock_exchange.load_errors(catalogue))
        for name in ("read_clock", "read_time"):
            setattr(self.mock.exchange, name, self.read)
        self.clock = SimpleNamespace(time=self.read, monotonic=self.read)
        self.mock.set_state(
            limits={} if schedule.limited else {"*": None},
            visible_after=schedule.hidden,
            positions=[{"current_amount": "100"}],
            orders=[self.make_stranger(index) for index in range(len(schedule.intents))] + [self.make_stranger(9, 4)],
            plans=[{"trigger_price": "99000", "price_way": 1}] if schedule.lookalikes else [],
        )
        self.http = httpx.Client(base_url="http://exchange", transport=httpx.MockTransport(self.answer))

    def make_stranger(self, index: int, state: int = 2) -> dict[str, Any]:
        """Return an order of another bot. It looks like ours; with the id of ours it has another size."""
        shares_id = index % 2 == 0
        label, size = (f"own{index}", "7") if shares_id else (f"stranger{index}", "1")
        return {"client_order_id": label, "symbol": SYMBOL, "side": 1, "size": size, "price": "60000", "state": state}

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.crash_at("sleep")
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """Move the clock, and carry out what has been on its way until now."""
        with self.lock:
            self.now += seconds
            due = [work for moment, work in self.late if moment <= self.now]
            self.late = [(moment, work) for moment, work in self.late if moment > self.now]
        for work in due:
            work()

    def crash_at(self, place: str) -> None:
        run: Run = self.local.run
        if run.crash == place:
            run.crash = ""
            raise Crash

    def sign(self, body: str) -> dict[str, str]:
        return signed_headers(mock_exchange.KEY, mock_exchange.SECRET, mock_exchange.MEMO, body, int(self.now * 1000))

    # The network

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Check that the request may be sent at all, then do with it what the schedule says."""
        run: Run = self.local.run
        self.pass_time(0.05)
        self.check_request(request, run)
        steps = run.writes if request.method == "POST" else run.reads
        step = steps.pop(0) if steps else Step()
        with self.lock:
            response = self.play(request, run, step)
        if request.method == "POST":
            self.crash_at("answer")
        self.note_answer(request, run, response)
        if response is None:
            raise httpx.ReadError("the connection broke", request=request)
        return response

    def play(self, request: httpx.Request, run: Run, step: Step) -> httpx.Response | None:
        life = run.lives[-1]
        executes = request.method == "GET" or step.executed or step.kind in ("ok", "slow")
        if step.kind == "late" and step.executed:
            self.late.append((self.now + step.delay, lambda: self.carry_out(request, life)))
            self.pass_time(3.0)
            return None
        real = self.carry_out(request, life) if executes and step.kind != "late" else None
        self.pass_time(step.delay)
        if step.kind == "code":
            return self.wrap(self.mock.make_error(step.code, "S1"))
        if step.kind in BODIES:
            status = BODIES[step.kind]["status"]
            headers = {"Location": request.url.path} if status == 307 else {}
            return httpx.Response(status, text=BODIES[step.kind]["body"], headers=headers)
        return real if step.kind in ("ok", "slow") else None

    def carry_out(self, request: httpx.Request, life: Life) -> httpx.Response:
        """Let the exchange answer, and note what it executed."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self.lock:
            before = len(self.mock.exchange.executions)
            found = self.mock.handle(request.method, request.url.raw_path.decode(), headers, request.content)
            for entry in self.mock.exchange.executions[before:]:
                life.executed.append(str(entry["data"].get("order_id", "")))
        return self.wrap(found)

    def wrap(self, found: mock_exchange.Answer) -> httpx.Response:
        return httpx.Response(found.status, text=found.body or "")

    # What the client promises

    def check_request(self, request: httpx.Request, run: Run) -> None:
        life, client = run.lives[-1], self.local.client
        alone = not self.schedule.concurrent
        need(not alone or client not in self.blocked, "nothing is sent after a block")
        need(not alone or self.now >= life.pause_until, "a pause of the window follows HTTP 429")
        if request.method == "POST":
            self.check_send(run)
            life.sends.append((self.now, ""))

    def check_send(self, run: Run) -> None:
        """Check one more send. With an id of the caller's own, a new process is a new decision of the caller."""
        lives = run.lives[-1:] if run.intent.own_id or run.intent.kind == "cancel" else run.lives
        sends = [send for life in lives for send in life.sends]
        certain = all(self.retry_of.get(code) == ("backoff", "rejected") for _, code in sends)
        need(certain, "a write is sent again only after a certain refusal that asks for a pause")
        timely = self.schedule.concurrent or not sends or self.now - sends[0][0] <= LATEST
        need(timely, "no order is sent more than 60 s after its first attempt")

    def note_answer(self, request: httpx.Request, run: Run, response: httpx.Response | None) -> None:
        life, envelope = run.lives[-1], read_json(response)
        code = str(envelope.get("code", ""))
        if response is not None and response.status_code > 499 and response.status_code != self.status_of.get(code):
            code = ""  # whoever sent this, it says nothing for certain
        if request.method == "POST":
            life.sends[-1] = (life.sends[-1][0], code)
        if response is not None and response.status_code == 429:
            life.pause_until = self.now + WINDOW
        if response is not None and response.status_code == 418:
            self.blocked.append(self.local.client)

    def check_error(self, run: Run, error: ApiError) -> None:
        carried = error.order_id if run.intent.kind == "cancel" else error.client_order_id
        need(carried and carried == run.label, "every error carries the id")
        run.lives[-1].told_rejected = error.outcome == "rejected"

    def check_result(self, run: Run, result: Any) -> None:
        if result is None:
            return  # a look-up after a restart showed nothing
        mine = [run.target, ""] if run.intent.kind == "cancel" else run.executed
        need(str(result.get("order_id", "")) in mine, "never another's order")

    def check_end(self, run: Run) -> None:
        need(len(run.executed) <= 1, "never more than one execution of an intended order")
        for number, life in enumerate(run.lives):
            earlier = run.lives[number : number + 1] if run.intent.kind == "cancel" else run.lives[: number + 1]
            executed = any(other.executed for other in earlier)
            need(not (life.told_rejected and executed), "never `rejected` for an executed one")

    # The callers

    def run_all(self) -> None:
        """Let every caller live its lives, one after the other or side by side, and check what became of it all."""
        orders = self.mock.exchange.orders
        intents = enumerate(self.schedule.intents)
        runs = [Run(intent, str(orders[index]["order_id"]), index) for index, intent in intents]
        with ThreadPoolExecutor() as pool, patch.object(retry_client, "time", self.clock):
            shared = self.build_client()
            if self.schedule.concurrent:
                for lived in [pool.submit(self.live, run, shared) for run in runs]:
                    lived.result()
            else:
                for run in runs:
                    self.live(run, shared)
            self.pass_time(1000.0)
        for run in runs:
            self.check_end(run)

    def build_client(self) -> Client:
        return self.make_client(self.http, self.catalogue, self.sign, sleep=self.sleep, on_id=self.store)

    def store(self, label: str) -> None:
        run: Run = self.local.run
        need(run.label in ("", label), "a stored id is kept")
        run.label = label
        self.crash_at("on_id")

    def live(self, run: Run, shared: Client) -> None:
        self.local.run = run
        for number in range(1 + run.intent.restarts):
            run.lives.append(Life())
            self.local.client = shared if number == 0 else self.build_client()
            with suppress(Crash):
                try:
                    result = self.call(self.local.client, run, number)
                except ApiError as error:
                    self.check_error(run, error)
                else:
                    self.check_result(run, result)

    def call(self, client: Client, run: Run, number: int) -> Any:
        """Do what the caller wants; after a restart with the stored id."""
        kind = run.intent.kind
        if kind == "cancel":
            run.label = run.target
            return client.cancel_order(SYMBOL, order_id=run.target)
        label = f"own{run.index}" if run.intent.own_id else run.label
        order = ORDERS[kind] | ({"client_order_id": label} if label else {})
        shows = not self.schedule.hidden and all(step.kind != "late" for step in run.intent.writes)
        if number and run.intent.own_id and not shows:
            return client.look_up(order) if kind != "plan" else None
        method = {"tp_sl": client.place_tp_sl_order, "plan": client.place_plan_order}.get(kind, client.place_order)
        return method(order)


def read_json(response: httpx.Response | None) -> dict[str, Any]:
    try:
        body = json.loads(response.text) if response is not None else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def run_schedule(catalogue: Catalogue, schedule: Schedule, make_client: type[Client]) -> None:
    """Run one schedule. Raises BrokenPromiseError if the client breaks one of its promises."""
    world = World(catalogue, make_client, schedule)
    with world.http:
        try:
            world.run_all()
        except Alarm as alarm:
            raise BrokenPromiseError(str(alarm)) from alarm
