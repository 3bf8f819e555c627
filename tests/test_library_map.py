"""What data/ccxt.csv says of CCXT is what CCXT 4.5.68 does with the example envelope of each code."""

import csv
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
VERSION = "4.5.68"


@pytest.fixture(scope="module")
def ccxt() -> Any:
    """Return the library, which brings all its exchanges along and takes seconds to import, and has no type marker."""
    return import_module("ccxt")


def read_rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


ERRORS = read_rows("errors.csv")
LIBRARY = {row["code"]: row for row in read_rows("ccxt.csv")}


def raise_exception(ccxt: Any, exchange: Any, body: dict[str, object]) -> Any:
    """Return the class that CCXT raises for a body, None where it takes the body for a success."""
    try:
        exchange.handle_errors(200, "", "", "POST", {}, json.dumps(body), body, {}, None)
    except ccxt.BaseError as error:
        return type(error)
    return None


def test_the_map_is_made_from_the_version_that_it_names(ccxt: Any) -> None:
    assert ccxt.__version__ == VERSION
    guide = (DATA.parent / "docs" / "guides" / "programs.md").read_text("utf-8")
    assert f"what CCXT {VERSION} makes of" in guide


def test_the_map_says_what_ccxt_raises(ccxt: Any) -> None:
    exchange, expected = ccxt.bitmart(), {}
    for row in ERRORS:
        raised = raise_exception(ccxt, exchange, {"code": int(row["code"]), "message": row["message"], "trace": "x"})
        if raised:
            retryable = "yes" if issubclass(raised, ccxt.OperationFailed) else ""
            expected[row["code"]] = (raised.__name__, retryable)
    said = {code: (row["exception"], row["retryable"]) for code, row in LIBRARY.items()}
    assert said == expected, "Correct data/ccxt.csv"


def test_ccxt_for_python_fails_on_a_body_with_msg(ccxt: Any) -> None:
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'lower'"):
        raise_exception(ccxt, ccxt.bitmart(), {"code": 30000, "msg": "Not found", "trace": "x"})
