"""Reading the vendor's page from its address: every answer comes from a server of this machine."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from catalogue.vendor import drift
from catalogue.vendor.fetch import MAX_BYTES, FetchError, check_address, fetch_page, make_user_agent
from catalogue.vendor.snapshot import read_manifest
from tests.test_drift import CHANGED, CONTENT, LAST, LINES, OTHER, join_lines, run_drift
from tests.test_lookup import read_cases

# A case says what the server sends, by default the page with its length; then, slowly, `drip` times a piece.
ANSWERS = {case["path"]: case for case in read_cases("fetch_answers.jsonl")}
REFUSED = [path for path, case in ANSWERS.items() if "said" in case]
BODIES = {
    "<page>": CONTENT,
    "<changed page>": CHANGED["row removed"][0].encode(),
    "<chunks>": b"%x\r\n%s\r\n0\r\n\r\n" % (len(CONTENT), CONTENT),
    "<chunk cut off>": b"ffff\r\n" + CONTENT,
    "<start>": CONTENT[:5000],
    "<all but one byte>": CONTENT[:-1],
    "<page without its last row>": join_lines([*LINES[: LAST.line - 1], ""]).encode(),
    "<page cut at a line end>": join_lines([*LINES[: OTHER.line], ""]).encode(),
    "<large page>": CONTENT + b"\n" * MAX_BYTES,
    "<many line ends>": b"\n" * MAX_BYTES,
}

STOPPED = threading.Event()
AGENTS: list[str | None] = []


def get_body(text: str) -> bytes:
    """Return the body that a case names, or the text itself."""
    return BODIES.get(text, text.encode())


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        AGENTS.append(self.headers["User-Agent"])
        answer = ANSWERS[self.path]
        body = answer.get("body", "<page>")
        announced = answer.get("announced", body)
        self.send_response(answer.get("status", 200))
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        if announced is not None:
            self.send_header("Content-Length", str(len(get_body(announced))))
        self.end_headers()
        self.wfile.write(get_body(body))
        for _ in range(answer.get("drip", 0)):
            if STOPPED.wait(0.05):
                break
            self.wfile.write(get_body(answer["piece"]))

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
    assert ANSWERS[path]["said"].format(page=len(CONTENT), less=len(CONTENT) - 1) in result.stderr
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
