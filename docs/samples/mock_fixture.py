"""Pytest fixtures: a mock exchange, and a client that talks to it. Copy this file to `conftest.py` beside your tests.

Put mock_exchange.py, retry_client.py, sign.py and errors.json into the same folder.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from mock_exchange import KEY, MEMO, SECRET, Mock, serve
from retry_client import Client
from sign import signed_headers

ERRORS = Path(__file__).with_name("errors.json")


@pytest.fixture(scope="session")
def exchange() -> Iterator[Mock]:
    """Start one mock exchange for all tests, on a free port."""
    with serve(ERRORS) as mock:
        yield mock


@pytest.fixture
def mock(exchange: Mock) -> Mock:
    """Return the mock exchange without orders, scripts or state of an earlier test."""
    exchange.reset()
    return exchange


@pytest.fixture
def client(mock: Mock) -> Iterator[Client]:
    """Return a client of the mock exchange. Its pauses pass at once, for the client and for the exchange."""
    with httpx.Client(base_url=mock.url, trust_env=False) as http:
        yield Client(http, ERRORS, partial(signed_headers, KEY, SECRET, MEMO), sleep=mock.advance)
