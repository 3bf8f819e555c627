"""The guide for programs says what is published, and its samples run against the built site."""

import json
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from playwright.sync_api import Page as BrowserPage

from catalogue.model.rows import Catalogue, ErrorCode
from catalogue.model.vocabulary import Actor, Outcome, Retry
from catalogue.publish.json_files import PublishedError
from catalogue.site.permalinks import read_anchors
from docs.samples import read_errors
from tests.site_tools import ROOT

SAMPLE = ROOT / "docs" / "samples" / "read_errors.py"
GUIDE = "guides/programs"
CASES = json.loads((ROOT / "tests" / "data" / "program_cases.json").read_text("utf-8"))
UNLISTED = ["49998", "40059", ""]
NO_CODES: list[object] = [None, "", " ", True, [], {}]
DECISIONS = ["done", "look-up", "repeat", "wait", "report"]
NOT_FOR_PROGRAMS = {"_headers", "404.html", "index.html", "index.md", "lookup.json", "sitemap.xml", "sitemap.xml.gz"}


@pytest.fixture(scope="module")
def guide(site_dir: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse((site_dir / GUIDE / "index.md").read_text("utf-8"))


@pytest.fixture(scope="module")
def errors(site_dir: Path) -> dict[str, dict[str, Any]]:
    document = json.loads((site_dir / "errors.json").read_bytes())
    return {error["code"]: error for error in document["errors"]}


def list_blocks(guide: list[Token], language: str) -> list[str]:
    return [token.content for token in guide if token.type == "fence" and token.info == language]


def read_tables(guide: list[Token]) -> list[list[list[str]]]:
    """Return the tables of a page as lists of rows of cells, heads left out."""
    tables: list[list[list[str]]] = []
    for token in guide:
        if token.type == "tbody_open":
            tables.append([])
        elif token.type == "tr_open" and tables:
            tables[-1].append([])
        elif token.type == "inline" and token.level == 4 and tables and tables[-1]:
            tables[-1][-1].append("".join(child.content for child in token.children or ()))
        elif token.type == "thead_open":
            tables.append([])
    return [table[1:] if table and not table[0] else table for table in tables if len(table) > 1]


# What the guide says


def test_the_guide_has_the_promised_anchors(site_dir: Path) -> None:
    anchors = read_anchors((site_dir / GUIDE / "index.html").read_text("utf-8"))
    assert set(anchors) - {"for-programs"} == set(CASES["anchors"])


def test_the_guide_names_every_published_file(site_dir: Path, guide: list[Token]) -> None:
    files = {file.name for file in site_dir.iterdir() if file.is_file()} - NOT_FOR_PROGRAMS
    named = {name for row in read_tables(guide)[0] for name in row[0].split(", ")}
    assert named == files | {"codes/<code>/index.json"}


def test_the_guide_names_every_field_and_explains_every_decision_in_order(guide: list[Token]) -> None:
    fields, decisions = ([row[0] for row in table] for table in read_tables(guide)[1:3])
    assert (fields, decisions) == (list(PublishedError.model_fields), DECISIONS)


def test_no_value_is_added_to_the_fields_that_programs_branch_on() -> None:
    promise = "The guide promises these lists for ever (docs/guides/programs.md#stability)"
    assert list(Retry) == ["none", "backoff", "wait", "fix", "stop"], promise
    assert list(Outcome) == ["accepted", "rejected", "unknown", "duplicate"], promise
    assert list(Actor) == ["developer", "operator", "exchange", "nobody"], promise


# Shell


def list_commands(guide: list[Token]) -> list[list[list[str]]]:
    """Return the shell samples: lines, as commands of a pipe, as words."""
    lines = [line for block in list_blocks(guide, "bash") for line in block.splitlines()]
    return [[shlex.split(command) for command in line.split(" | ")] for line in lines]


def fetch(url: str) -> bytes:
    with urllib.request.build_opener().open(url, timeout=10) as response:
        return bytes(response.read())


def test_the_shell_samples_read_what_is_published(guide: list[Token], server: str) -> None:
    tools = []
    for curl, tool in list_commands(guide):
        assert curl[:2] == ["curl", "-fsS"]
        assert curl[2].startswith(server)
        tools.append((tool, fetch(curl[2])))
    (python, body), (jq, other) = tools
    assert python[0] == "python3"
    shown = subprocess.run([sys.executable, *python[1:]], input=body, capture_output=True, check=True).stdout
    assert json.loads(shown)["code"] == "30005"
    assert jq[:2] == ["jq", "-r"]
    for path in jq[2].split(", "):
        assert read_path(json.loads(other), path), f"{path} leads to nothing"


def read_path(value: Any, path: str) -> Any:
    """Follow a jq path of field names and indexes, such as `.remediation[0].text`; KeyError if it leads nowhere."""
    assert re.fullmatch(r"(?:\.\w+(?:\[\d+\])?)+", path), f"{path} is more than field access"
    for name, index in re.findall(r"\.(\w+)(?:\[(\d+)\])?", path):
        value = value[name][int(index)] if index else value[name]
    return value


# Python


def run_sample(server: str, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SAMPLE), server, code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_python_sample_prints_a_code(server: str, errors: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    result = run_sample(server, "30014", tmp_path)
    assert result.stdout.splitlines() == [
        "30014 Service unavailable: retry backoff, outcome unknown",
        errors["30014"]["url"],
    ]
    assert (result.returncode, result.stderr) == (0, "")
    assert [file.name for file in tmp_path.iterdir()] == ["errors-cache.json"]


def test_the_python_sample_refuses_an_unlisted_code(server: str, tmp_path: Path) -> None:
    result = run_sample(server, "49998", tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "49998 is not listed: count a write as unknown.\n"


def test_the_module_sample_runs_beside_errors_py(guide: list[Token], site_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "errors.py").write_bytes((site_dir / "errors.py").read_bytes())
    sample = next(block for block in list_blocks(guide, "python") if block.startswith("from errors import"))
    (tmp_path / "sample.py").write_text(sample, "utf-8")
    command = [sys.executable, "sample.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout == "Service unavailable backoff True\n"


@dataclass
class Host:
    """A stub host of errors.json: what it sends, and the validators it was asked with."""

    body: bytes
    tag: str = '"v1"'
    status: int = 200
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)


@contextmanager
def serve(server: TCPServer) -> Iterator[str]:
    """Let a server answer, and yield its address."""
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


def serve_host(host: Host) -> AbstractContextManager[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append((self.headers["If-None-Match"], self.headers["If-Modified-Since"]))
            unchanged = self.headers["If-None-Match"] == host.tag
            self.send_response(304 if unchanged else host.status)
            self.send_header("ETag", host.tag)
            self.send_header("Last-Modified", "Sun, 22 Nov 2026 00:00:00 GMT")
            self.end_headers()
            self.wfile.write(b"" if unchanged else host.body)

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

    return serve(ThreadingHTTPServer(("127.0.0.1", 0), Handler))


def make_body(message: str) -> bytes:
    row = {"code": "30005", "http_status": 401, "message": message, "retry": "fix", "outcome": "rejected", "url": ""}
    return json.dumps({"errors": [row]}).encode()


def test_the_python_sample_downloads_only_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    host, cache = Host(make_body("one")), tmp_path / "cache.json"
    with serve_host(host) as site:
        first, second = (read_errors.fetch_errors(site, cache) for _ in range(2))
        host.body, host.tag = make_body("two"), '"v2"'
        third = read_errors.fetch_errors(site, cache)
    assert [errors["30005"]["message"] for errors in (first, second, third)] == ["one", "one", "two"]
    assert host.asked == [(None, None), *[('"v1"', "Sun, 22 Nov 2026 00:00:00 GMT")] * 2]
    assert capsys.readouterr().err == ""


WHOLE = json.loads(make_body("two"))["errors"][0]
ANSWERS = {case["name"]: (case["status"], case["body"].encode()) for case in CASES["answers"]}
ANSWERS["deep nesting"] = (200, b"[" * 100_000)
PARTS = {f"no {left_out}": {name: WHOLE[name] for name in WHOLE if name != left_out} for left_out in WHOLE}
ANSWERS |= {name: (200, json.dumps({"errors": [part]}).encode()) for name, part in PARTS.items()}


@pytest.mark.parametrize(("status", "body"), ANSWERS.values(), ids=ANSWERS)
def test_the_python_sample_keeps_its_copy_when_the_host_fails_or_serves_something_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, body: bytes
) -> None:
    host, cache = Host(make_body("one")), tmp_path / "cache.json"
    with serve_host(host) as site:
        read_errors.fetch_errors(site, cache)
        kept = cache.read_bytes()
        host.status, host.body, host.tag = status, body, '"v2"'
        assert read_errors.fetch_errors(site, cache)["30005"]["message"] == "one"
    assert read_errors.fetch_errors(site, cache)["30005"]["message"] == "one"
    assert cache.read_bytes() == kept
    assert capsys.readouterr().err.count("errors.json was not refreshed") == 2


DAMAGED = [text.encode() for text in CASES["damaged copies"]] + [b"[" * 100_000, b"\xff"]


@pytest.mark.parametrize("damage", DAMAGED)
def test_the_python_sample_survives_a_damaged_copy(tmp_path: Path, damage: bytes) -> None:
    host, cache = Host(make_body("one")), tmp_path / "cache.json"
    cache.write_bytes(damage)
    with serve_host(host) as site:
        assert read_errors.fetch_errors(site, cache)["30005"]["message"] == "one"
        assert read_errors.fetch_errors(site, cache)["30005"]["message"] == "one"
    assert host.asked == [(None, None), ('"v1"', "Sun, 22 Nov 2026 00:00:00 GMT")]
    cache.write_bytes(damage)
    with pytest.raises(OSError, match="refused"):
        read_errors.fetch_errors(site, cache)


def serve_bytes(sent: bytes) -> AbstractContextManager[str]:
    """Give these bytes to whoever connects, whatever they are."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(sent)

    return serve(ThreadingTCPServer(("127.0.0.1", 0), Handler))


@pytest.mark.parametrize("sent", [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"no HTTP\r\n\r\n", b""])
def test_the_python_sample_keeps_its_copy_when_the_answer_is_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sent: bytes
) -> None:
    cache = tmp_path / "cache.json"
    with serve_host(Host(make_body("one"))) as site:
        read_errors.fetch_errors(site, cache)
    with serve_bytes(sent) as site:
        assert read_errors.fetch_errors(site, cache)["30005"]["message"] == "one"
    assert capsys.readouterr().err.count("errors.json was not refreshed") == 1


def test_the_python_sample_takes_an_address_without_a_final_slash(tmp_path: Path) -> None:
    with serve_host(Host(make_body("one"))) as site:
        errors = read_errors.fetch_errors(site.removesuffix("/"), tmp_path / "cache.json")
    assert errors["30005"]["message"] == "one"


def test_the_python_sample_fails_without_host_and_copy(tmp_path: Path) -> None:
    with serve_host(Host(b"")) as site:
        pass
    with pytest.raises(OSError, match="refused"):
        read_errors.fetch_errors(site, tmp_path / "cache.json")


# Decisions, in Python and in JavaScript


def expect_decision(
    error: ErrorCode | None, success: bool, is_write: bool, passing: bool = False, contradicted: bool = False
) -> str:
    """Return what docs/guides/retries.md#algorithm asks for.

    `passing` is an answer without a code that may pass, `contradicted` a code that came with a strange HTTP status.
    """
    if success:
        return "done"
    if error is None or error.code == "1000":
        return "look-up" if is_write else "repeat" if passing else "report"
    if is_write and error.code != "30017" and (contradicted or error.outcome is not Outcome.REJECTED):
        return "look-up"
    return {Retry.BACKOFF: "repeat", Retry.WAIT: "wait"}.get(error.retry, "report")


def list_cases(catalogue: Catalogue) -> list[tuple[tuple[int, dict[str, Any], bool], str]]:
    """Return arguments of `decide` and the decision expected, for every code and for answers without one."""
    cases: list[tuple[tuple[int, dict[str, Any], bool], str]] = []
    for error, is_write in product(catalogue.errors, (True, False)):
        for code in (int(error.code), error.code):
            body = {"code": code, "message": error.message}
            expected = expect_decision(error, error.code == "1000", is_write)
            cases.append(((error.http_status, body, is_write), expected))
            cases.append(((418, body, is_write), "report"))
            for status in {500, 502, 503, 504} - {error.http_status}:
                expected = expect_decision(error, False, is_write, contradicted=True)
                cases.append(((status, body, is_write), expected))
    for is_write in (True, False):
        unknown = expect_decision(None, False, is_write)
        cases += [((200, {"code": code, "message": "x"}, is_write), unknown) for code in UNLISTED]
        passing = expect_decision(None, False, is_write, passing=True)
        gateway = {"error_msg": "404 Route Not Found"}
        cases += [((status, gateway, is_write), passing) for status in (404, 429, 500, 502, 503, 504)]
        cases += [((503, {"code": code}, is_write), passing) for code in NO_CODES]
        cases += [((status, {}, is_write), unknown) for status in (200, 400, 401, 403)]
        cases += [((418, body, is_write), "report") for body in ({}, gateway, {"code": 49998, "message": "x"})]
        cases.append(((200, {"code": 1000, "message": "This service is down"}, is_write), unknown))
        cases.append(((500, {"code": 1000, "message": "OK"}, is_write), unknown))
        cases.append(((200, {"code": "1000", "msg": "Success"}, is_write), "done"))
    return cases


def test_the_python_sample_decides_for_every_code(catalogue: Catalogue, errors: dict[str, dict[str, Any]]) -> None:
    cases = list_cases(catalogue)
    wrong = [f"{given}: not {expected}" for given, expected in cases if read_errors.decide(errors, *given) != expected]
    assert not wrong
    assert {expected for _, expected in cases} == set(DECISIONS)


def test_a_write_of_unknown_outcome_is_never_repeated(catalogue: Catalogue, errors: dict[str, dict[str, Any]]) -> None:
    for (status, body, is_write), _ in list_cases(catalogue):
        error = catalogue.by_code.get(str(body.get("code")))
        if is_write and (error is None or error.outcome is not Outcome.REJECTED):
            allowed = {"report"} if status == 418 else {"done", "look-up"}
            assert read_errors.decide(errors, status, body, is_write) in allowed


def test_the_javascript_sample_decides_for_every_code(page: BrowserPage, server: str, catalogue: Catalogue) -> None:
    cases = list_cases(catalogue)
    page.goto(f"{server}404.html")
    decided = page.evaluate(
        """async ([site, cases]) => {
            const { fetchErrors, decide } = await import(new URL("samples/read_errors.js", site));
            const errors = await fetchErrors(site);
            return cases.map((given) => decide(errors, ...given));
        }""",
        [server, [list(given) for given, _ in cases]],
    )
    results = zip(cases, decided, strict=True)
    assert [f"{given}: {got}, not {expected}" for (given, expected), got in results if got != expected] == []


@pytest.mark.parametrize(("path", "expected"), [("woo", "one"), ("woo/", "one"), ("nowhere/", "errors.json: HTTP 404")])
def test_the_javascript_sample_takes_either_address_and_says_when_the_file_is_missing(
    page: BrowserPage, server: str, path: str, expected: str
) -> None:
    page.route(f"{server}woo/errors.json", lambda route: route.fulfill(body=make_body("one").decode()))
    page.goto(f"{server}404.html")
    messages = page.evaluate(
        """async ([server, site]) => {
            const { fetchErrors } = await import(new URL("samples/read_errors.js", server));
            const found = [fetchErrors(site), fetchErrors(new URL(site))];
            const tell = (reading) => reading.then((rows) => rows.get("30005").message, (error) => error.message);
            return Promise.all(found.map(tell));
        }""",
        [server, f"{server}{path}"],
    )
    assert messages == [expected, expected]
