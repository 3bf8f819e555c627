"""Execute the samples of the guides on envelope, signing, clock and rate limits, and count codes in damaged logs."""

import dataclasses
import hashlib
import hmac
import importlib
import itertools
import json
import random
import runpy
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SAMPLES = DOCS / "samples"
CASES = json.loads((ROOT / "tests" / "data" / "sample_cases.json").read_text("utf-8"))


def load_sample(name: str) -> ModuleType:
    """Import one sample by its name."""
    return importlib.import_module(f"docs.samples.{name}")


sign = load_sample("sign")
envelope = load_sample("envelope")
trace_clock = load_sample("trace_clock")
clock_drift = load_sample("clock_drift")
token_bucket = load_sample("token_bucket")


# Signing


def test_the_sample_script_prints_the_published_signature(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(SAMPLES / "sign.py"), run_name="__main__")
    printed = capsys.readouterr().out.strip()
    assert printed == "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d"


def test_the_sample_script_stops_on_a_wrong_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign, "VECTOR_MEMO", "Test001")
    with pytest.raises(SystemExit, match="expected c31dc326"):
        sign.check_vector()


def test_the_websocket_vector_is_reproduced() -> None:
    signature = sign.sign(sign.VECTOR_SECRET, "test001", 1589267764859, "bitmart.WebSocket")
    assert signature == "3ceeb7e1b8cb165a975e28a2e2dfaca4d30b358873c0351c1a071d8c83314556"


@pytest.mark.parametrize(
    ("memo", "timestamp_ms", "body"),
    [
        ("Test001", sign.VECTOR_TIMESTAMP_MS, sign.VECTOR_BODY),
        ("test001 ", sign.VECTOR_TIMESTAMP_MS, sign.VECTOR_BODY),
        ("test001", sign.VECTOR_TIMESTAMP_MS // 1000, sign.VECTOR_BODY),
        ("test001", sign.VECTOR_TIMESTAMP_MS, json.dumps(json.loads(sign.VECTOR_BODY))),
        ("test001", sign.VECTOR_TIMESTAMP_MS, ""),
    ],
    ids=["memo case", "memo blank", "seconds", "blanks in the body", "no body"],
)
def test_a_small_change_gives_another_signature(memo: str, timestamp_ms: int, body: str) -> None:
    assert sign.sign(sign.VECTOR_SECRET, memo, timestamp_ms, body) != sign.VECTOR_SIGNATURE


def test_headers_carry_the_signed_timestamp() -> None:
    headers = sign.signed_headers("key", "secret", "memo", '{"size":1}')
    payload = f'{headers["X-API-TIMESTAMP"]}#memo#{{"size":1}}'
    assert headers["X-API-SIGN"] == hmac.new(b"secret", payload.encode(), hashlib.sha256).hexdigest()
    assert len(headers["X-API-TIMESTAMP"]) == len(str(int(headers["X-API-TIMESTAMP"]))) == 13
    assert headers["X-API-KEY"] == "key"
    assert headers["Content-Type"] == "application/json"


def test_a_get_has_three_headers_and_signs_the_empty_text() -> None:
    headers = sign.signed_headers("key", "secret", "memo", timestamp_ms=1589793796145)
    assert sorted(headers) == ["X-API-KEY", "X-API-SIGN", "X-API-TIMESTAMP"]
    assert headers["X-API-SIGN"] == sign.sign("secret", "memo", 1589793796145, "")


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize("part", ["key", "secret", "memo"])
def test_an_empty_part_is_refused_by_name(part: str, empty: str) -> None:
    parts = {"key": "key", "secret": "secret", "memo": "memo", part: empty}
    with pytest.raises(ValueError, match=f"{part} must not be empty"):
        sign.signed_headers(**parts)
    if part != "key":
        with pytest.raises(ValueError, match=f"{part} must not be empty"):
            sign.sign(parts["secret"], parts["memo"], 1589793796145, "{}")


# Envelope

DEEP = "[" * 100_000
NESTED = {"JSON that nests too deeply": DEEP, "an object that nests too deeply": '{"code":1000,"data":' + DEEP}
UNREAD = {"status": 200, "code": None, "message": None, "ok": False}
BODIES = CASES["bodies"] + [UNREAD | {"name": name, "body": body} for name, body in NESTED.items()]


@pytest.mark.parametrize("case", BODIES, ids=[case["name"] for case in BODIES])
def test_every_form_of_body_is_read(case: dict[str, Any]) -> None:
    parsed = envelope.parse_envelope(case["status"], case["body"])
    assert {name: getattr(parsed, name) for name in UNREAD} == {name: case[name] for name in UNREAD}


@pytest.mark.parametrize("case", CASES["traces"], ids=lambda case: str(case["trace"]))
def test_every_form_of_trace_is_read(case: dict[str, Any]) -> None:
    body = {"code": 40035, "message": "Order not exist", "trace": case["trace"]}
    assert envelope.parse_envelope(400, json.dumps(body)).trace == case["read"]


def test_data_is_kept_and_the_envelope_is_frozen() -> None:
    parsed = envelope.parse_envelope(200, '{"code":1000,"message":"Ok","data":{"a":1}}')
    assert parsed.data == {"a": 1}
    with pytest.raises(dataclasses.FrozenInstanceError):
        parsed.code = "30000"


# Trace clock


@pytest.mark.parametrize("case", CASES["times"], ids=lambda case: str(case["trace"]))
def test_a_trace_tells_the_server_time(case: dict[str, str]) -> None:
    assert trace_clock.server_time(case["trace"]).isoformat() == case["time"]


@pytest.mark.parametrize("trace", CASES["timeless"])
def test_other_traces_tell_no_time(trace: str | None) -> None:
    assert trace_clock.server_time(trace) is None


# Drift

DATE = "Fri, 29 Sep 2023 10:04:56 GMT"
DATE_SECONDS = 1695981896.0


@pytest.mark.parametrize("true_drift", [-75.0, -1.5, 0.0, 1.5, 75.0])
@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 0.999])
@pytest.mark.parametrize("round_trip", [0.0, 0.2, 2.0])
def test_drift_has_the_right_sign_and_size(true_drift: float, fraction: float, round_trip: float) -> None:
    middle = DATE_SECONDS + fraction + true_drift
    measured = clock_drift.drift_seconds(DATE, middle - round_trip / 2, middle + round_trip / 2)
    assert abs(measured - true_drift) <= 0.5 + 1e-6


def test_a_clock_ahead_is_positive() -> None:
    assert clock_drift.drift_seconds(DATE, DATE_SECONDS + 90.4, DATE_SECONDS + 90.6) == pytest.approx(90.0)


@pytest.mark.parametrize(
    ("header", "sent", "received", "reason"),
    [
        ("yesterday", 0.0, 1.0, "date"),
        ("", 0.0, 1.0, "date"),
        (DATE, 2.0, 1.0, "before"),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", 0.0, 0.0, "date|year"),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", 0.0, 0.0, "date|year"),
    ],
)
def test_drift_refuses_what_it_cannot_measure(header: str, sent: float, received: float, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        clock_drift.drift_seconds(header, sent, received)


@pytest.mark.parametrize("name", ["Date", "date", "DATE"])
def test_the_drift_is_read_from_the_headers_of_a_response(name: str) -> None:
    headers = {name: DATE, "Content-Type": "application/json"}
    assert clock_drift.read_drift(headers, DATE_SECONDS + 90.4, DATE_SECONDS + 90.6) == pytest.approx(90.0)


@pytest.mark.parametrize("headers", [{}, {"Date": DATE, "Age": "0"}, {"date": DATE, "age": "120"}], ids=str)
def test_a_response_from_a_cache_tells_no_drift(headers: dict[str, str]) -> None:
    assert clock_drift.read_drift(headers, DATE_SECONDS, DATE_SECONDS) is None


# Token bucket

TICK = 1 / 1024  # a binary fraction: simulated moments add up without rounding


class SimulatedTime:
    """A clock that moves only when someone sleeps; shared by threads."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0
        self._lock = threading.Lock()

    def read(self) -> float:
        with self._lock:
            return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        with self._lock:
            self.now += seconds
            self.slept += seconds

    def make_bucket(self, *sizes: float) -> Any:
        return token_bucket.TokenBucket(*sizes, clock=self.read, sleep=self.sleep)


def count_fullest_window(moments: Sequence[float], window: float) -> int:
    """Return the largest number of moments in any window that contains its start but not its end."""
    fullest, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - window:
            first += 1
        fullest = max(fullest, last - first + 1)
    return fullest


def test_the_window_count_sees_a_burst_across_a_boundary() -> None:
    moments = [1.9] * 12 + [2.1] * 12
    assert count_fullest_window(moments, 2.0) == 24
    assert count_fullest_window([0.0, 2.0, 4.0], 2.0) == 1


@pytest.mark.parametrize("limit", [1, 2, 12, 24, 50])
@pytest.mark.parametrize("slack", [0.0, 0.25])
def test_the_bucket_never_exceeds_the_limit_in_any_window(limit: int, slack: float) -> None:
    time = SimulatedTime()
    bucket = time.make_bucket(limit, 2.0, slack)
    chance = random.Random(limit)
    moments = []
    for _ in range(1000):
        if chance.random() < 0.3:
            time.now += round(chance.expovariate(limit / 2.0) / TICK) * TICK
        moments.append(bucket.acquire())
    assert moments == sorted(moments)
    assert count_fullest_window(moments, 2.0) <= limit
    assert all(later - earlier >= 2.0 + slack for earlier, later in zip(moments, moments[limit:], strict=False))


def test_the_bucket_uses_the_whole_limit() -> None:
    bucket = SimulatedTime().make_bucket(24, 2.0, 0.0)
    moments = [bucket.acquire() for _ in range(1000)]
    assert count_fullest_window(moments, 2.0) == 24
    assert moments[-1] - moments[0] == pytest.approx(41 * 2.0)


def test_a_quiet_caller_never_waits() -> None:
    time = SimulatedTime()
    bucket = time.make_bucket(2)
    for _ in range(100):
        bucket.acquire()
        time.now += 1.2
    assert time.slept == 0.0


def test_threads_share_one_limit() -> None:
    bucket = SimulatedTime().make_bucket(12, 2.0, 0.0)
    lists: list[list[float]] = [[] for _ in range(8)]
    threads = [
        threading.Thread(target=lambda own=own: own.extend(bucket.acquire() for _ in range(125))) for own in lists
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    moments = sorted(itertools.chain.from_iterable(lists))
    assert len(moments) == 1000
    assert count_fullest_window(moments, 2.0) <= 12


def test_a_pause_holds_back_every_caller() -> None:
    bucket = SimulatedTime().make_bucket(12)
    before = bucket.acquire()
    bucket.pause(10.0)
    bucket.pause(3.0)
    assert bucket.acquire() - before == pytest.approx(10.0)


def test_after_a_pause_one_caller_goes_first() -> None:
    bucket = SimulatedTime().make_bucket(12, 2.0, 0.25)
    bucket.pause(4.0)
    moments = [bucket.acquire() - 1000.0 for _ in range(14)]
    assert moments[:12] == [4.0] + [6.25] * 11
    assert moments[12:] == [6.25, 8.5]


def test_a_second_429_holds_the_others_back_once_more() -> None:
    bucket = SimulatedTime().make_bucket(12, 2.0, 0.25)
    bucket.pause(2.0)
    first = bucket.acquire()
    bucket.pause(4.0)
    assert [bucket.acquire() - first for _ in range(3)] == [4.0, 6.25, 6.25]


def test_the_bucket_says_that_it_counts_one_process() -> None:
    assert "one process" in (token_bucket.__doc__ or "")


@pytest.mark.parametrize(("limit", "window", "slack"), [(0, 2.0, 0.2), (1, 0.0, 0.2), (1, 2.0, -0.1)])
def test_the_bucket_refuses_impossible_sizes(limit: int, window: float, slack: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        token_bucket.TokenBucket(limit, window, slack)


# Codes in logs


def count_codes(*arguments: Path, text: bytes = b"") -> dict[str, int]:
    """Return code → count as extract_codes.sh prints them."""
    command = ["sh", str(SAMPLES / "extract_codes.sh"), *map(str, arguments)]
    result = subprocess.run(command, input=text, capture_output=True, check=True)
    assert result.stderr == b""
    return {code: int(count) for count, code in map(str.split, result.stdout.decode("ascii").splitlines())}


@pytest.mark.parametrize(
    "damage",
    [b"\0", b"\0" * 5000, b"\xff\xfe", b"\xe4", "ä€".encode()],
    ids=["NUL", "many NULs", "a byte order mark", "Latin-1", "UTF-8"],
)
def test_codes_are_counted_in_a_log_with_bytes_that_are_no_text(tmp_path: Path, damage: bytes) -> None:
    log = tmp_path / "bot.log"
    log.write_bytes(b'"code":30014,\n' + damage + b'\n"code":40012' + damage + b',\n"code":30014}\n')
    assert count_codes(log) == count_codes(text=log.read_bytes()) == {"30014": 2, "40012": 1}


def test_the_last_line_of_one_log_is_not_joined_to_the_first_of_the_next(tmp_path: Path) -> None:
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    logs[0].write_bytes(b"code: 40012")
    logs[1].write_bytes(b"2026-11-22 code: 30014")
    assert count_codes(*logs) == {"40012": 1, "30014": 1}


# Snippets inside the guides


def read_fences(guide: str, language: str) -> list[str]:
    """Return the fenced blocks of one language in a guide."""
    tokens = MarkdownIt().parse((DOCS / "guides" / f"{guide}.md").read_text(encoding="utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info.strip() == language]


def run_snippet(code: str, folder: Path, **names: Any) -> dict[str, Any]:
    """Execute one snippet with the names that its text takes for granted."""
    path = folder / "snippet.py"
    path.write_text(code, encoding="utf-8")
    given = {"key": "key", "secret": "secret", "memo": "memo", "signed_headers": sign.signed_headers, **names}
    return runpy.run_path(str(path), init_globals=given)


def test_the_body_snippet_sends_what_it_signs(tmp_path: Path) -> None:
    (snippet,) = read_fences("signing", "python")
    sent: dict[str, Any] = {}
    client = SimpleNamespace(post=lambda url, content, headers: sent.update(url=url, content=content, headers=headers))
    order = {"symbol": "BTCUSDT", "size": 1}
    run_snippet(snippet, tmp_path, json=json, order=order, url="/contract/private/submit-order", client=client)
    assert sent["content"] == b'{"symbol":"BTCUSDT","size":1}'
    moment = int(sent["headers"]["X-API-TIMESTAMP"])
    assert sent["headers"]["X-API-SIGN"] == sign.sign("secret", "memo", moment, sent["content"].decode())


def test_the_bucket_snippet_is_executed(tmp_path: Path) -> None:
    (snippet,) = read_fences("rate-limits", "python")
    namespace = run_snippet(snippet, tmp_path, TokenBucket=token_bucket.TokenBucket, body="{}")
    assert "X-API-SIGN" in namespace["headers"]


def test_the_envelope_snippets_are_read_as_the_guide_says() -> None:
    success, gateway = (envelope.parse_envelope(200, text) for text in read_fences("envelope", "json"))
    assert success.ok
    assert (gateway.code, gateway.message, gateway.ok) == ("30000", "Not found", False)


def test_the_other_guides_hold_no_unexecuted_python() -> None:
    assert read_fences("envelope", "python") + read_fences("clock", "python") == []


def test_the_signing_guide_shows_the_vector_of_the_sample() -> None:
    text = (DOCS / "guides" / "signing.md").read_text(encoding="utf-8")
    payload = f"{sign.VECTOR_TIMESTAMP_MS}#{sign.VECTOR_MEMO}#{sign.VECTOR_BODY}"
    assert [value for value in (sign.VECTOR_SECRET, payload, sign.VECTOR_SIGNATURE) if f"`{value}`" not in text] == []
