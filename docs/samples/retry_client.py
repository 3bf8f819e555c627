"""A WOO X Pro client that repeats what may be repeated and never sends an order twice by accident.

Made from errors.json: the fields `retry` and `outcome` of a code decide what happens, so no code number stands here.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

SUBMIT = "/contract/private/submit-order"
OPEN_ORDERS = "/contract/private/get-open-orders"
HISTORY = "/contract/private/order-history"

Row = Mapping[str, Any]
Signer = Callable[[str], Mapping[str, str]]  # the exact body ("" for a GET) → the X-API-* headers


@dataclass(frozen=True)
class Answer:
    """What came back, judged: `code` is "" if there was none; retry, outcome, actor and url are as in errors.json."""

    code: str
    message: str
    retry: str
    outcome: str
    actor: str
    url: str = ""
    data: Any = None


class ApiError(Exception):
    """The request was given up. `outcome` says what became of a write, `url` where the code is explained."""

    def __init__(self, answer: Answer) -> None:
        name = answer.code or "no code"
        super().__init__(f"{name}: {answer.message} ({answer.retry}, {answer.outcome}) {answer.url}".rstrip())
        self.code, self.retry, self.outcome = answer.code, answer.retry, answer.outcome
        self.actor, self.url = answer.actor, answer.url


@dataclass(frozen=True)
class Policy:
    """Attempts and pauses; pauses in seconds."""

    max_backoffs: int = 4
    first_backoff: float = 0.5
    backoff_cap: float = 20.0
    max_waits: int = 10
    wait_pause: float = 60.0
    look_up_pause: float = 2.0


class Client:
    """Reads with `get`, writes with `place_order`; both return the `data` of the answer or raise ApiError."""

    def __init__(
        self,
        http: httpx.Client,
        catalogue: Path | Mapping[str, Any],
        sign: Signer,
        policy: Policy | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.http, self.sign, self.sleep = http, sign, sleep
        self.policy = policy or Policy()
        published = json.loads(catalogue.read_text("utf-8")) if isinstance(catalogue, Path) else catalogue
        self.rows: dict[str, Row] = {row["code"]: row for row in published["errors"]}

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Read. A read changes nothing, so only `retry` counts."""
        pauses: Counter[str] = Counter()
        while True:
            answer = self._send("GET", path, params=params)
            if answer.retry == "none":
                return answer.data
            delay = self._next_delay(answer, pauses)
            if delay is None:
                raise ApiError(answer)
            self.sleep(delay)

    def place_order(self, order: Mapping[str, Any]) -> Any:
        """Send one intended order; returns the `data` of the answer, or the order's row if it had to be looked up."""
        order = {"client_order_id": uuid4().hex, **order}
        symbol, order_id, body = order["symbol"], order["client_order_id"], json.dumps(order)
        pauses: Counter[str] = Counter()
        doubts = 0
        while True:
            answer = self._send("POST", SUBMIT, body)
            if answer.retry == "none":
                return answer.data
            delay = self._next_delay(answer, pauses)
            if answer.outcome != "rejected":
                doubts += 1
            if doubts:
                found = self._look_up(symbol, order_id, answer, delay or 0.0)
                if found is not None:
                    return found
            elif delay is not None:
                self.sleep(delay)
            if delay is None or doubts > 1:
                # A refusal does not settle an earlier attempt whose answer was lost.
                in_doubt = doubts and answer.outcome == "rejected"
                raise ApiError(replace(answer, outcome="unknown") if in_doubt else answer)

    def _look_up(self, symbol: str, order_id: str, answer: Answer, delay: float) -> Row | None:
        """Look twice: how soon an order appears in the history is not published."""
        try:
            found = self._find(symbol, order_id)
            if found is None:
                self.sleep(max(delay, self.policy.look_up_pause))
                found = self._find(symbol, order_id)
        except ApiError as failure:
            raise ApiError(replace(answer, outcome="unknown")) from failure
        return found

    def _find(self, symbol: str, order_id: str) -> Row | None:
        places = {OPEN_ORDERS: {"symbol": symbol}, HISTORY: {"symbol": symbol, "client_order_id": order_id}}
        for path, params in places.items():
            rows: list[Row] | None = self.get(path, params)
            if not isinstance(rows, list | None):
                raise ApiError(Answer("", f"{path} returned no list", "stop", "unknown", "developer"))
            for row in rows or []:
                if row.get("client_order_id") == order_id:
                    return row
        return None

    def _next_delay(self, answer: Answer, pauses: Counter[str]) -> float | None:
        """Seconds until the next attempt, or None if there must be none."""
        done, policy = pauses[answer.retry], self.policy
        pauses[answer.retry] += 1
        if answer.retry == "backoff" and done < policy.max_backoffs:
            longest = min(policy.backoff_cap, policy.first_backoff * 2**done)
            return random.uniform(longest / 2, longest)
        if answer.retry == "wait" and done < policy.max_waits:
            return policy.wait_pause
        return None

    def _send(self, method: str, path: str, body: str = "", params: Mapping[str, str] | None = None) -> Answer:
        """One attempt, signed anew: an old timestamp would be refused."""
        headers = {**self.sign(body), "Content-Type": "application/json"}
        try:
            response = self.http.request(method, path, params=params, content=body or None, headers=headers)
        except httpx.RequestError as failure:
            return Answer("", f"no answer: {failure}", "backoff", "unknown", "nobody")
        return self._judge(response)

    def _judge(self, response: httpx.Response) -> Answer:
        try:
            envelope = response.json()
        except ValueError:
            envelope = None
        if not isinstance(envelope, dict) or envelope.get("code") is None:
            passing = response.status_code in (404, 429) or response.status_code >= 500
            return Answer("", f"HTTP {response.status_code}", "backoff" if passing else "stop", "unknown", "exchange")
        code = str(envelope["code"])
        message = str(envelope.get("message") or envelope.get("msg") or "")
        row = self.rows.get(code)
        succeeded = response.status_code == 200 and message.casefold() in ("ok", "success")
        if row is None or (row["retry"] == "none" and not succeeded):
            return Answer(code, message, "stop", "unknown", "developer")
        return Answer(code, message, row["retry"], row["outcome"], row["actor"], row["url"], envelope.get("data"))
