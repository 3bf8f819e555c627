"""docs/guides/testing.md: its commands and programs run, its fixtures work, and its two generated files are valid."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from catalogue.publish.openapi import CALLS, format_openapi
from catalogue.publish.wiremock import format_wiremock
from docs.samples import mock_exchange
from docs.samples.sign import signed_headers
from tests.exchange_tools import ROOT, make_errors
from tests.test_samples_basics import SAMPLES, read_fences

GUIDE = (ROOT / "docs" / "guides" / "testing.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8099"
ERRORS: list[dict[str, Any]] = [
    row | {"url": f"https://errors.example.org/codes/{row['code']}/"} for row in make_errors()["errors"]
]
list_blocks = partial(read_fences, "testing")
TEXT = json.dumps({"errors": ERRORS})
WIREMOCK, OPENAPI = json.loads(format_wiremock(ERRORS)), json.loads(format_openapi(ERRORS))


def list_downloads() -> list[str]:
    [download] = [block for block in list_blocks("bash") if "site_url" in block]
    lines = [line.split("{{ site_url() }}") for line in download.splitlines()]
    assert {start for start, _ in lines} == {"curl -fsSO "}
    return [path for _, path in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with what the guide tells its reader to download."""
    for path in list_downloads():
        if path == "errors.json":
            (tmp_path / path).write_text(TEXT, "utf-8")
        else:
            shutil.copy(ROOT / "docs" / path, tmp_path)
    return tmp_path


def run(folder: Path, *command: str) -> str:
    result = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_command_starts_the_mock_exchange(folder: Path) -> None:
    [line] = [block for block in list_blocks("bash") if "python3" in block]
    command = [sys.executable, *shlex.split(line)[1:], "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", first)


def test_the_request_provokes_the_error(folder: Path) -> None:
    [command] = [block for block in list_blocks("bash") if "X-Mock-Error" in block]
    curl, option, flag, header, address = shlex.split(command)
    assert (curl, option, flag) == ("curl", "-i", "-H")
    name, _, code = header.partition(": ")
    with mock_exchange.serve(folder / "errors.json") as mock:
        answer = mock.handle("GET", address.removeprefix(ADDRESS), {name.lower(): code}, b"")
    assert json.loads(answer.body or "")["code"] == int(code)
    assert f"[{code}](../codes/{code}.md#example-envelope)" in GUIDE


def test_the_program_prints_what_the_guide_shows(folder: Path) -> None:
    program = (SAMPLES / "try_client.py").read_text("utf-8")
    [shown] = list_blocks("text")
    with mock_exchange.serve(folder / "errors.json") as mock:
        assert program.count(ADDRESS) == 1
        (folder / "try_client.py").write_text(program.replace(ADDRESS, mock.url), "utf-8")
        printed = run(folder, "try_client.py")
    hide = re.compile(r"\brc[0-9a-f]{30}\b")
    assert hide.sub("ID", printed) == hide.sub("ID", shown)


def test_the_fixtures_run_beside_a_readers_tests(folder: Path) -> None:
    (folder / "mock_fixture.py").rename(folder / "conftest.py")
    shutil.copy(SAMPLES / "test_my_client.py", folder)
    printed = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:playwright", "--rootdir", ".")
    assert "5 passed" in printed


def executes(fault: str) -> bool:
    """Say whether the mock exchange executes a cancel that meets the fault."""
    mock = mock_exchange.Mock(mock_exchange.load_errors({"errors": ERRORS}))
    mock.set_state(orders=[{"order_id": "7"}])
    body = '{"symbol":"BTCUSDT","order_id":"7"}'
    signed = signed_headers(mock_exchange.KEY, mock_exchange.SECRET, mock_exchange.MEMO, body)
    headers = {name.lower(): value for name, value in signed.items()} | {"x-mock-fault": fault}
    mock.handle("POST", "/contract/private/cancel-order", headers, body.encode())
    return bool(mock.executions)


def test_the_guide_says_of_every_fault_whether_the_request_is_executed() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|.* \| (yes|no) \|$", GUIDE, re.MULTILINE)
    named = {fault: executed == "yes" for cell, executed in rows for fault in re.findall(r"`([^`]+)`", cell)}
    assert named == {fault: executes(fault) for fault in mock_exchange.FAULTS}


# wiremock.json


def test_wiremock_has_one_mapping_for_each_code_and_fault() -> None:
    asked = [mapping["request"]["headers"] for mapping in WIREMOCK["mappings"]]
    assert WIREMOCK["meta"] == {"total": len(asked)}
    codes = [headers["X-Mock-Error"]["equalTo"] for headers in asked if "X-Mock-Error" in headers]
    faults = {headers["X-Mock-Fault"]["equalTo"] for headers in asked if "X-Mock-Fault" in headers}
    assert codes == [row["code"] for row in ERRORS]
    assert faults == set(mock_exchange.FAULTS)
    assert len(asked) == len(codes) + len(faults)


def test_wiremock_answers_as_the_mock_exchange_does() -> None:
    mock = mock_exchange.Mock(mock_exchange.load_errors({"errors": ERRORS}))
    for mapping in WIREMOCK["mappings"]:
        headers = {name.lower(): match["equalTo"] for name, match in mapping["request"]["headers"].items()}
        answer = mock.handle("GET", "/contract/public/details", headers, b"")
        response = mapping["response"]
        if "X-Mock-Error" in mapping["request"]["headers"]:
            assert (answer.status, json.loads(answer.body or "")) == (response["status"], response["jsonBody"])
        elif answer.body is None:
            assert response["fault"] in {"EMPTY_RESPONSE", "CONNECTION_RESET_BY_PEER"}
        else:
            assert answer.status == response["status"]


def test_wiremock_mappings_have_the_shape_that_wiremock_reads() -> None:
    known = {"status", "headers", "body", "jsonBody", "fault", "fixedDelayMilliseconds"}
    for mapping in WIREMOCK["mappings"]:
        assert set(mapping) == {"name", "priority", "request", "response", "metadata"}
        assert set(mapping["request"]) == {"method", "urlPathPattern", "headers"}
        assert set(mapping["response"]) <= known
        assert not {"body", "jsonBody"} <= set(mapping["response"])
        assert re.fullmatch(mapping["request"]["urlPathPattern"], "/contract/private/submit-order")


# openapi.json


def test_openapi_is_valid() -> None:
    OpenAPIV31SpecValidator(OPENAPI).validate()


def test_openapi_has_an_example_for_each_code_under_its_status() -> None:
    found = [
        (code, int(name.removeprefix("Http")), example["value"]["code"], example["value"]["message"])
        for name, response in OPENAPI["components"]["responses"].items()
        for code, example in response["content"]["application/json"]["examples"].items()
    ]
    expected = [(row["code"], row["http_status"], int(row["code"]), row["message"]) for row in ERRORS]
    assert sorted(found) == sorted(expected)


def test_openapi_offers_every_status_on_every_call_and_lets_every_write_have_a_body_and_no_read() -> None:
    statuses = sorted({str(row["http_status"]) for row in ERRORS})
    for path, (method, _) in CALLS.items():
        assert (method.upper(), path) in mock_exchange.ROUTES
        call = OPENAPI["paths"][path][method]
        assert list(call["responses"]) == statuses
        assert ("requestBody" in call) == (method == "post")
        if method == "post":
            assert call["requestBody"]["required"] is False, "an error is given for a request without a body too"
            assert call["requestBody"]["content"]["application/json"]["schema"]["type"] == "object"
    assert set(OPENAPI["components"]["schemas"]["ErrorCode"]["enum"]) == {int(row["code"]) for row in ERRORS}
    assert OPENAPI["servers"][0]["url"] == ADDRESS, "no test may reach the real exchange by this file"


@pytest.mark.parametrize("write", [format_wiremock, format_openapi])
def test_the_same_rows_give_the_same_bytes(write: Any) -> None:
    text = write(ERRORS)
    assert text == write(json.loads(json.dumps(ERRORS)))
    assert text.endswith("}\n")
    assert "\r" not in text
