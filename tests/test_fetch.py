"""Reading the vendor's page from its address: every answer comes from a server of this machine."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from catalogue.vendor import drift
from catalogue.vendor.fetch import MAX_BYTES, FetchError, check_address, fetch_page, make_user_agent
from catalogue.vendor.snapshot import read_manifest
from tests.test_drift import CHANGED, CONTENT, LAST, LINES, OTHER, join_lines, run_drift


@dataclass
class Answer:
    """What the server sends: status, body, announced length (-1: none), a header; then, slowly, `drip` pieces."""

    status: int = 200
    body: bytes = CONTENT
    length: int | None = None
    header: tuple[str, str] = ("", "")
    drip: int = 0
    piece: bytes = b"\n"


ANSWERS = {
    "/page.md": Answer(),
    "/changed.md": Answer(body=CHANGED["row removed"][0].encode()),
    "/no-length": Answer(length=-1),
    "/chunked.md": Answer(
        body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(CONTENT), CONTENT), length=-1, header=("Transfer-Encoding", "chunked")
    ),
    "/moved.md": Answer(302, header=("Location", "/moved-again.md")),
    "/moved-again.md": Answer(308, header=("Location", "page.md")),
    "/404": Answer(404, b'{"error_msg":"404 Route Not Found"}'),
    "/404-with-the-page": Answer(404),
    "/500": Answer(500, b"<html>Sorry</html>"),
    "/204": Answer(204, b""),
    "/206": Answer(206),
    "/304": Answer(304, b""),
    "/html": Answer(body=b"<!doctype html><title>Just a moment</title>"),
    "/empty": Answer(body=b""),
    "/short": Answer(body=CONTENT[:5000], length=len(CONTENT)),
    "/short-by-one": Answer(body=CONTENT[:-1], length=len(CONTENT)),
    "/chunk-cut-off": Answer(body=b"ffff\r\n" + CONTENT, length=-1, header=("Transfer-Encoding", "chunked")),
    "/last-row-missing": Answer(body=join_lines([*LINES[: LAST.line - 1], ""]).encode(), length=-1),
    "/cut-at-a-line-end": Answer(body=join_lines([*LINES[: OTHER.line], ""]).encode()),
    "/large": Answer(body=CONTENT + b"\n" * MAX_BYTES),
    "/large-without-length": Answer(body=CONTENT + b"\n" * MAX_BYTES, length=-1),
    "/silent": Answer(body=b"", length=len(CONTENT), drip=100),
    "/endless": Answer(length=-1, drip=100, piece=b"\n" * MAX_BYTES),
    "/packed": Answer(header=("Content-Encoding", "gzip")),
    "/other-host": Answer(301, header=("Location", "http://localhost:9/page.md")),
    "/other-port": Answer(301, header=("Location", "http://127.0.0.1:9/page.md")),
    "/other-scheme": Answer(301, header=("Location", "file:///etc/hostname")),
    "/no-location": Answer(302),
    "/bad-location": Answer(302, header=("Location", "http://[bad/")),
    "/circle": Answer(302, header=("Location", "/circle")),
    "/1": Answer(302, header=("Location", "/2")),
    "/2": Answer(302, header=("Location", "/3")),
    "/3": Answer(302, header=("Location", "/4")),
    "/4": Answer(302, header=("Location", "/page.md")),
}

REFUSED = {
    "/404": "answered 404",
    "/404-with-the-page": "answered 404",
    "/500": "answered 500",
    "/204": "answered 204",
    "/206": "answered 206",
    "/304": "answered 304",
    "/missing": "answered 404",
    "/html": "is HTML",
    "/empty": "is empty",
    "/short": f"5000 bytes came, {len(CONTENT)} were announced",
    "/short-by-one": f"{len(CONTENT) - 1} bytes came, {len(CONTENT)} were announced",
    "/chunk-cut-off": "broke off during the transfer",
    "/last-row-missing": "came without its length",
    "/cut-at-a-line-end": "looks cut off",
    "/no-length": "came without its length",
    "/large": "is larger than",
    "/large-without-length": "is larger than",
    "/endless": "is larger than",
    "/packed": "came in the encoding 'gzip'",
    "/other-host": "redirects to 'http://localhost:9/page.md'",
    "/other-port": "redirects to 'http://127.0.0.1:9/page.md'",
    "/other-scheme": "redirects to 'file:///etc/hostname'",
    "/no-location": "redirects more than 3 times",
    "/bad-location": "Invalid IPv6 URL",
    "/circle": "redirects more than 3 times",
    "/1": "redirects more than 3 times",
}

STOPPED = threading.Event()
AGENTS: list[str | None] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        AGENTS.append(self.headers["User-Agent"])
        answer = ANSWERS.get(self.path, Answer(404, b""))
        self.send_response(answer.status)
        length = len(answer.body) if answer.length is None else answer.length
        for name, value in (answer.header, ("Content-Length", str(length) if length >= 0 else "")):
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        for _ in range(answer.drip):
            if STOPPED.wait(0.05):
                break
            self.wfile.write(answer.piece)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server on this machine that gives ANSWERS."""
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        STOPPED.set()
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/page.md", "/chunked.md", "/moved.md", "/2"])
def test_an_equal_page_of_a_server_exits_0(server: str, path: str) -> None:
    result = run_drift(server + path)
    assert (result.exit_code, "byte for byte" in result.stdout) == (0, True)


def test_a_changed_page_of_a_server_exits_1(server: str) -> None:
    result = run_drift(f"{server}/changed.md", "--markdown")
    assert (result.exit_code, f"<{server}/changed.md>" in result.stdout) == (1, True)


@pytest.mark.parametrize("path", REFUSED)
def test_a_failed_fetch_exits_2_and_says_why(server: str, path: str) -> None:
    result = run_drift(server + path, "--markdown")
    assert (result.exit_code, result.stdout) == (2, "")
    assert REFUSED[path] in result.stderr
    assert server + path in result.stderr


def test_a_silent_server_is_not_waited_for(server: str) -> None:
    with pytest.raises(FetchError, match=r"took longer than 0\.2 s|timed out"):
        fetch_page(f"{server}/silent", timeout=0.2)


def test_a_page_without_its_length_can_be_declared_whole(server: str) -> None:
    assert run_drift(f"{server}/no-length", "--whole").exit_code == 0
    assert run_drift(f"{server}/last-row-missing", "--whole").exit_code == 1


def test_nobody_listening_exits_2() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = run_drift(f"http://127.0.0.1:{port}/page.md")
    assert (result.exit_code, "cannot be reached" in result.stderr) == (2, True)


def test_without_argument_the_address_of_the_manifest_is_read(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = read_manifest()
    monkeypatch.setattr(drift, "read_manifest", lambda: manifest.model_copy(update={"url": f"{server}/page.md"}))
    assert run_drift().exit_code == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/page.md",
        "http://127.0.0.1.example.org/",
        "ftp://localhost/page.md",
        "file:///etc/hostname",
        "https:///page.md",
        "https://[bad/",
        "https://example.org/a b",
        "https://example.org/\n",
    ],
)
def test_an_address_that_is_not_safe_is_not_asked(url: str) -> None:
    with pytest.raises(FetchError):
        check_address(url)
    assert run_drift(url).exit_code == 2


def test_the_address_of_the_manifest_is_safe() -> None:
    check_address(read_manifest().url)


def test_the_request_says_who_asks(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPO_URL", "https://example.org/errors")
    assert fetch_page(f"{server}/page.md") == CONTENT
    assert AGENTS[-1] == "wooxpro-error-reference/1.0 (+https://example.org/errors)"


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, ""),
        ({"REPO_URL": "https://example.org/a", "SITE_URL": "https://example.org/b"}, " (+https://example.org/a)"),
        ({"SITE_URL": "https://example.org/b"}, " (+https://example.org/b)"),
        ({"SITE_URL": "https://example.org/\r\nX: y"}, ""),
    ],
)
def test_the_name_holds_an_address_only_where_one_is_set(environment: dict[str, str], address: str) -> None:
    assert make_user_agent(environment) == f"wooxpro-error-reference/1.0{address}"
