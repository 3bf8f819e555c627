"""What the tests of the mock exchange share: the rows, the sample as a module, and a sender of written requests."""

from __future__ import annotations

import csv
import importlib.util
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent
ERRORS = ROOT / "data" / "errors.csv"
REQUESTS = ROOT / "data" / "requests.csv"
SOURCES = ROOT / "data" / "sources.csv"
SAMPLE = ROOT / "docs" / "samples" / "mock_exchange.py"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def make_errors() -> dict[str, Any]:
    """Return as much of errors.json as the mock reads, made from the rows."""
    return {"errors": [row | {"http_status": int(row["http_status"])} for row in read_csv(ERRORS)]}


def load_sample() -> ModuleType:
    """Return docs/samples/mock_exchange.py as a module."""
    spec = importlib.util.spec_from_file_location("mock_exchange", SAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


mock_exchange = load_sample()


@dataclass(frozen=True)
class Request:
    """A request as it is written in data/requests.csv."""

    method: str
    target: str
    headers: dict[str, str]
    body: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


def parse_request(text: str) -> Request:
    """Read the first line, the header lines and, after a blank line, the body."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    method, target = first.split(" ")
    return Request(method, target, dict(line.split(": ", 1) for line in lines), body)


def fill_headers(request: Request, credentials: dict[str, str]) -> dict[str, str]:
    """Fill in the key, the time and the signature, as whoever sends the request does."""
    now = str(time.time_ns() // 1_000_000)
    headers = {
        name: value.replace("{KEY}", credentials["key"]).replace("{TIMESTAMP}", now)
        for name, value in request.headers.items()
    }
    stamp = headers.get("X-API-TIMESTAMP", "")
    signature = mock_exchange.sign(credentials["secret"], credentials["memo"], stamp, request.body.encode())
    return {name: value.replace("{SIGN}", signature) for name, value in headers.items()}


def send_request(http: httpx.Client, request: Request, credentials: dict[str, str]) -> httpx.Response:
    headers = fill_headers(request, credentials)
    return http.request(request.method, request.target, content=request.body or None, headers=headers)
