"""Whole logs: counts are exact, the ledger of writes in doubt is complete, and nothing secret leaves the reader."""

import json
import os
import random
from collections import Counter
from typing import Any

import pytest

from tests.log_maker import FORMATS, PLANTED, LogMaker, make_log, read_rows
from tests.node_tools import GROWTH, MAX_GROWTH, run_script
from tests.site_tools import ROOT

FUZZ = int(os.environ.get("FUZZ", "150"))
ROWS = read_rows()
LEDGER = ("line", "code", "outcome", "method", "path", "symbol", "client_order_id", "order_id")
CATALOGUE = {"errors": list(ROWS.values())}
# The second file was written by a reader who had not seen the code.
CASES = [
    case
    for name in ("logs", "logs_stranger")
    for case in json.loads((ROOT / f"tests/data/{name}.json").read_text("utf-8"))
]
READ = """
const main = async ({logs, catalogue}) => {
    const {triage, toMarkdown} = await load("triage.js")
    const all = []
    for (const chunks of logs) {
        const report = await triage(chunks, catalogue)
        all.push({...report, note: toMarkdown(report)})
    }
    return all
}
"""


def read_logs(logs: list[list[str]], catalogue: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the report, and the note beside it, for each log given in chunks."""
    reports: list[dict[str, Any]] = run_script(READ, {"logs": logs, "catalogue": catalogue or CATALOGUE})
    return reports


def read_log(text: str) -> dict[str, Any]:
    """Return the report for one log."""
    return read_logs([[text]])[0]


def show_ledger(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a ledger as they are compared, the time to the second."""
    return [{name: row[name] for name in LEDGER} | {"at": (row["at"] or "")[:19]} for row in rows]


def summarise(report: dict[str, Any]) -> dict[str, Any]:
    """Return what a report says, in the form of the truth."""
    return {
        "codes": {row["code"]: row["count"] for row in report["codes"]},
        "unlisted": {row["code"]: row["count"] for row in report["unlisted"]},
        "http": {row["status"]: row["count"] for row in report["http"]},
        "minutes": dict(report["minutes"]),
        "lost": report["lost"]["count"],
        "undecided": report["undecided"],
        "writes": show_ledger(report["writes"]),
    }


def tell_truth(maker: LogMaker) -> dict[str, Any]:
    """Return what is true of a generated log."""
    truth = maker.truth
    counts = {name: dict(getattr(truth, name)) for name in ("codes", "unlisted", "http", "minutes")}
    writes = show_ledger(sorted(truth.writes, key=lambda row: row["line"]))
    return counts | {"lost": truth.lost, "undecided": truth.undecided, "writes": writes}


MADE = {name: make_log(ROWS, [name], 80, seed) for seed, name in enumerate(FORMATS)}
MADE |= {f"mixed {seed}": make_log(ROWS, list(FORMATS), 120, seed, zones=True) for seed in range(4)}


@pytest.fixture(scope="module")
def reports() -> dict[str, dict[str, Any]]:
    """Return the report for each generated log."""
    return dict(zip(MADE, read_logs([["\n".join(one.lines) + "\n"] for one in MADE.values()]), strict=True))


@pytest.mark.parametrize("name", MADE)
def test_counts_and_ledger_equal_the_truth(reports: dict[str, dict[str, Any]], name: str) -> None:
    assert summarise(reports[name]) == tell_truth(MADE[name])


@pytest.mark.parametrize("name", MADE)
def test_no_planted_secret_is_in_any_output(reports: dict[str, dict[str, Any]], name: str) -> None:
    said = json.dumps(reports[name])
    assert [secret for secret in PLANTED if secret in said] == []


def test_the_generated_logs_hold_every_planted_secret() -> None:
    text = "\n".join(line for one in MADE.values() for line in one.lines)
    assert [secret for secret in PLANTED if secret not in text] == []


def test_the_generated_logs_hold_doubts_of_every_kind() -> None:
    outcomes = Counter((row["outcome"], row["code"] is None) for one in MADE.values() for row in one.truth.writes)
    assert min(outcomes[kind] for kind in (("unknown", True), ("unknown", False), ("duplicate", False))) > 10


def test_windows_line_ends_change_nothing_but_the_bytes() -> None:
    lines = MADE["mixed 1"].lines
    unix, windows = read_logs([["\n".join(lines) + "\n"], ["\r\n".join(lines) + "\r\n"]])
    assert windows["bytes"] == unix["bytes"] + len(lines)
    assert windows | {"bytes": 0, "note": ""} == unix | {"bytes": 0, "note": ""}


def test_chunks_may_end_anywhere() -> None:
    text = "\ufeff" + "\r\n".join(MADE["mixed 2"].lines[:160]) + '\r\n😀 é 签名 \ud83d\n{"code":40012}'
    whole = read_log(text)
    draw = random.Random(5)
    cuts = [sorted(draw.sample(range(len(text)), count)) for count in (1, 7, 60, 900)]
    logs = [[text[a:b] for a, b in zip([0, *cut], [*cut, len(text)], strict=True)] for cut in cuts]
    logs += [list(text), ["", *text, ""]]
    assert [report for report in read_logs(logs) if report != whole] == []


def test_a_surrogate_pair_cut_in_two_counts_four_bytes() -> None:
    script = """
    const main = async catalogue => {
        const {triage} = await load("triage.js")
        const halves = await triage(["a\\ud83d", "\\ude00b\\n"], catalogue)
        return [halves.bytes, (await triage(["a\\ud83d\\ude00b\\n"], catalogue)).bytes, halves.lines]
    }
    """
    assert run_script(script, CATALOGUE) == [7, 7, 1]


@pytest.fixture(scope="module")
def case_reports() -> dict[str, dict[str, Any]]:
    """Return name of a log written by hand → its report; all are read by one process."""
    reports = read_logs([["\n".join(case["log"]) + "\n"] for case in CASES])
    return {case["name"]: report for case, report in zip(CASES, reports, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_logs_written_by_hand(case: dict[str, Any], case_reports: dict[str, dict[str, Any]]) -> None:
    report = case_reports[case["name"]]
    found = summarise(report) | {
        "unsent": report["unsent"]["count"],
        "settled": report["settled"],
        "unanswered": report["unanswered"],
        "foreign": report["foreign"],
    }
    found["http"] = {str(status): count for status, count in found["http"].items()}
    found["writes"] = [" ".join(str(row[name]) for name in LEDGER) for row in report["writes"]]
    assert {name: found[name] for name in case["want"]} == case["want"]


AT = "2026-11-24 03:12:25"
SUBMIT = f"{AT} ERROR POST /contract/private/submit-order client_order_id=abcd1234 "
ADDRESS = "https://cloud-api.wooxpro.com/contract/private/submit-order"
# Two failures of one moment, and the lines of the writes among them.
PAIRS = [
    ("create_order BTC/USDT:USDT", "create_order ETH/USDT:USDT", [1, 2]),
    ("create_order BTC/USDT:USDT", "cancel_order BTC/USDT:USDT", [1, 2]),
    ("fetch_positions", "create_order ETH/USDT:USDT", [2]),
    ("create_order ETH/USDT:USDT", "fetch_positions", [1]),
    ("create_order BTC/USDT:USDT buy", "create_order BTC/USDT:USDT sell", [1, 2]),
    ("set_leverage BTC/USDT:USDT", "create_order BTC/USDT:USDT", [1, 2]),
    ("transfer 5 USDT", "create_order", [1, 2]),
]
MOMENTS = [
    (f"{AT},120 ERROR bot {first} failed: {what}\n{AT},121 ERROR {logger} {second} failed: {what}\n", lines)
    for first, second, lines in PAIRS
    for what in ("TimeoutError", "code=30014")
    for logger in ("bot", "bot.exchange")
]
# What answers a write, and whether it leaves the write in doubt.
ANSWERS = {
    "status=502 code=42000": True,
    'HTTP 500 {"code":40044,"message":"Order size error"}': True,
    'HTTP 504 {"code":30013,"message":"Request too many requests"}': True,
    'HTTP 429 {"code":30013,"message":"Request too many requests"}': False,
    'HTTP 503 {"code":30018,"message":"Request Body requires JSON format"}': False,
    "status=400 code=40099": True,
    'HTTP 200 {"code":59999,"message":"busy"}': True,
    'HTTP 429 {"msg":"slow down"}': True,
    "HTTP 403 {}": True,
    'HTTP 400 {"error":"bad"}': True,
    "HTTP 401": True,
    "HTTP 418": True,
    "HTTP 302": True,
    "HTTP 200 empty body": True,
    "HTTP 200 JSONDecodeError: Expecting value: line 1 column 1 (char 0)": True,
    "HTTP 200 IncompleteRead(0 bytes read)": True,
    "Read timed out. Then the second try: [Errno 111] Connection refused": True,
    "[Errno 111] Connection refused": False,
    "failed: 504": True,
    "failed: [504]": True,
    "failed: HTTPError(504)": True,
    "failed with 502": True,
    "got 504 from server": True,
    "response: 502": True,
    "-> no reply in 5s": True,
    "json decode error": True,
    "invalid json in response": True,
    f"error sending request for url ({ADDRESS}): tcp connect error": False,
}
LOST = [
    *(
        "请求超时",
        "连接被重置",
        "fetch failed",
        "TypeError: Failed to fetch",
        "AxiosError: Network Error",
        "ERR_NETWORK",
    ),
    *("AbortError: This operation was aborted", "http2: server sent GOAWAY and closed the connection"),
    *("stream error: stream ID 3; INTERNAL_ERROR", "unexpected end of stream on com.android.okhttp.Address@1"),
    *("write tcp 10.0.0.5:40012: use of closed network connection", "Empty response", "HTTP 200 empty body"),
    *("no reply within 5s", "{:error, :closed}", f"error sending request for url ({ADDRESS})"),
    *("curl: (92) HTTP/2 stream 1 was not closed cleanly", "ClientOSError", "ClientPayloadError", "io.EOF"),
    *(
        "Bad Gateway",
        "Service Unavailable",
        f"bitmart POST {ADDRESS}",
        f"ExchangeNotAvailable('bitmart POST {ADDRESS}')",
    ),
]
# What programs call a write.
CALLS = [
    *("order BTCUSDT client_order_id=abcd1234", "order abcd1234", "NewOrder clOrdId=abcd1234", "cancel-all BTCUSDT"),
    *("buy BTCUSDT", "sell BTC/USDT:USDT", "market_sell BTCUSDT", "exchange.buy(BTCUSDT, 1)", "stop loss placement"),
    "could not place stop-loss BTCUSDT:",
]
IN_DOUBT = f"{AT} ERROR submit-order symbol=BTCUSDT client_order_id=abcd1234 TimeoutError\n"
TELLS_NOTHING = [
    "0 orders found for abcd1234",
    "found 3 open orders, none is abcd1234",
    "order efgh5678 filled while abcd1234 pending",
    "order efgh5678 filled, abcd1234 open",
    "abcd1234 open, efgh5678 filled",
    "abcd1234 sent - previous order filled",
    "order efgh5678 state=4 abcd1234",
    "order abcd1234 rejected, giving up",
    "order abcd1234 accepted",
    "order abcd1234 state=expired locally",
    "marking order abcd1234 as cancelled",
    "the request of order abcd1234 was cancelled",
    "Cancelled order abcd1234",
    "order abcd1234: 0 filled",
    "order abcd1234 filled 0.0",
    "order abcd1234 filled? no",
    '{"client_order_id":"abcd1234","status":"new","exchange_id":null}',
    '{"client_order_id":"abcd1234","status":"filled","exchange_id":null}',
    '{"client_order_id":"abcd1234","order_id":"55","status":1}',
    '{"id":17,"client_order_id":"abcd1234","status":"open"}',
    "Trade(id=17, pair=BTC/USDT, client_order_id=abcd1234, status=open)",
    '{"client_order_id":"abcd1234","rows":[{"order_id":"9","client_order_id":"zzz","state":4}]}',
    "[Order(client_order_id='abcd1234', side=1), Order(client_order_id='zzz', state=4)]",
    "create_order() returned {'id': '5', 'clientOrderId': 'abcd1234', 'status': 'closed'}",
    'POST /contract/private/cancel-order client_order_id=abcd1234 200 {"code":1000,"message":"Ok"}',
    "cancel-order client_order_id=abcd1234 answered 1000 Ok",
    'submit-order client_order_id=abcd1234 answered {"code":1000,"message":"Ok","data":{"order_id":"5551"}}',
    'submit-order client_order_id=abcd1234 {"code":1000,"message":"Ok"}\n' + AT + " INFO order abcd1234 filled",
    f"submit-order client_order_id=abcd1234 code=42000\n{AT} INFO order abcd1234 rejected, giving up",
]
TELLS_AN_END = [
    "order abcd1234 filled at 5",
    "order abcd1234 is cancelled",
    "filled order abcd1234",
    "OrderFilled(instrument_id=BTCUSDT-PERP.WOOXPRO, client_order_id=abcd1234, venue_order_id=231)",
    "open order client_order_id=abcd1234 order_id=231116386000701 state=2",
    "Order(order_id='5', client_order_id='abcd1234', state=4)",
    "{'id': '231116386000701', 'clientOrderId': 'abcd1234', 'status': 'open'}",
    '{"exchange_id":"55","client_order_id":"abcd1234","status":"open"}',
    "fetch_order: {'id': '5', 'clientOrderId': 'abcd1234', 'status': 'closed'}",
    '{"code":1000,"message":"Ok","data":[{"order_id":"7","client_order_id":"abcd1234","state":2}]}',
    '{"action":3,"order":{"order_id":"7","client_order_id":"abcd1234","state":4,"last_trade":{"fillQty":"1"}}}',
]
CANCEL = f"{AT} ERROR POST /contract/private/cancel-order client_order_id=abcd1234 HTTP 502\n{AT} INFO "
SHORT_LOGS = [
    *(log for log, _ in MOMENTS),
    *(SUBMIT + answer for answer in ANSWERS),
    *(f"{AT} ERROR bot create_order failed: {what}" for what in LOST),
    *(f"{AT} ERROR {call} failed: ReadTimeout" for call in CALLS),
    *(f"{IN_DOUBT}{AT} INFO {line}" for line in TELLS_NOTHING + TELLS_AN_END),
    *(CANCEL + f'{{"order_id":"7","client_order_id":"abcd1234","state":{state}}}' for state in (2, 4)),
]


@pytest.fixture(scope="module")
def short_reports() -> dict[str, dict[str, Any]]:
    """Return log of one or two lines → its report; all are read by one process."""
    return dict(zip(SHORT_LOGS, read_logs([[log] for log in SHORT_LOGS]), strict=True))


@pytest.mark.parametrize(("log", "lines"), MOMENTS)
def test_failures_of_one_moment_stay_apart(short_reports: dict[str, Any], log: str, lines: list[int]) -> None:
    report = short_reports[log]
    assert [row["line"] for row in report["writes"]] == lines
    assert (report["errors"], report["undecided"]) == (2, 0)


def test_a_line_of_the_same_moment_that_may_be_about_a_write_is_no_echo_of_a_read() -> None:
    report = read_log(f"{AT},120 ERROR bot fetch_positions failed: TimeoutError\n{AT},121 ERROR bot TimeoutError\n")
    assert (report["errors"], report["undecided"]) == (2, 1)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_leaves_a_write_in_doubt_unless_it_proves_a_refusal(
    short_reports: dict[str, Any], answer: str
) -> None:
    found = [(row["client_order_id"], row["outcome"]) for row in short_reports[SUBMIT + answer]["writes"]]
    assert found == [("abcd1234", "unknown")] * ANSWERS[answer]


@pytest.mark.parametrize("answer", ["code=40099 message=busy", "HTTP 429 from the gateway"])
def test_an_answer_without_its_request_stays_undecided(answer: str) -> None:
    report = read_log(f"{AT} ERROR {answer}")
    assert (report["writes"], report["undecided"]) == ([], 1)


@pytest.mark.parametrize("what", LOST)
def test_every_word_for_a_lost_answer_leaves_a_write_in_doubt(short_reports: dict[str, Any], what: str) -> None:
    report = short_reports[f"{AT} ERROR bot create_order failed: {what}"]
    assert (report["lost"]["count"], len(report["writes"])) == (1, 1)


@pytest.mark.parametrize("call", CALLS)
def test_every_word_for_a_write_tells_of_one(short_reports: dict[str, Any], call: str) -> None:
    report = short_reports[f"{AT} ERROR {call} failed: ReadTimeout"]
    assert (len(report["writes"]), report["undecided"]) == (1, 0)


def test_a_chinese_line_tells_of_a_write() -> None:
    write, read = read_logs([[f"{AT} 下单失败 client_order_id=abcd1234: 请求超时"], [f"{AT} 查询订单失败: 请求超时"]])
    assert [len(report["writes"]) for report in (write, read)] == [1, 0]
    assert (write["undecided"], read["undecided"]) == (0, 0)


@pytest.mark.parametrize("line", TELLS_NOTHING)
def test_what_is_no_row_of_the_order_settles_nothing(short_reports: dict[str, Any], line: str) -> None:
    report = short_reports[f"{IN_DOUBT}{AT} INFO {line}"]
    assert ([row["line"] for row in report["writes"]], report["settled"]) == ([1], 0)


@pytest.mark.parametrize("line", TELLS_AN_END)
def test_a_row_or_an_end_of_the_order_settles_it(short_reports: dict[str, Any], line: str) -> None:
    report = short_reports[f"{IN_DOUBT}{AT} INFO {line}"]
    assert (report["writes"], report["settled"]) == ([], 1)


@pytest.mark.parametrize(("state", "settled"), [(2, 0), (4, 1)])
def test_only_the_end_of_an_order_settles_its_cancel(short_reports: dict[str, Any], state: int, settled: int) -> None:
    log = CANCEL + f'{{"order_id":"7","client_order_id":"abcd1234","state":{state}}}'
    assert short_reports[log]["settled"] == settled


@pytest.mark.parametrize(
    "call", ["submit-order symbol=BTCUSDT client_order_id=n1", "create_order BTC/USDT:USDT", "place order BTCUSDT"]
)
def test_a_call_without_a_time_is_a_request(call: str) -> None:
    report = read_log(f"{call}\nerror: read ECONNRESET\n")
    found = [(row["line"], row["symbol"]) for row in report["writes"]]
    assert (found, report["undecided"]) == ([(2, "BTCUSDT")], 0)


@pytest.mark.parametrize("call", ["POST /contract/private/submit-order", "create_order"])
def test_a_write_that_failed_for_an_unknown_reason_is_unanswered(call: str) -> None:
    report = read_log(f"{AT} ERROR {call} failed: something odd\n")
    assert (report["unanswered"], report["writes"]) == (1, [])
    answered = read_log(f"{AT} ERROR {call} failed: something odd\n{AT} ERROR code 40012 System error\n")
    assert (answered["unanswered"], len(answered["writes"])) == (0, 1)


@pytest.mark.parametrize(
    "line", ["submit-order client_order_id=abcd1234 -> 502 <html>", "POST /contract/private/submit-order 502"]
)
def test_a_status_right_behind_its_endpoint_needs_no_name(line: str) -> None:
    report = read_log(f"{AT} ERROR {line}\n")
    assert [row["status"] for row in report["http"]] == [502]
    assert [row["outcome"] for row in report["writes"]] == ["unknown"]


def test_a_library_frame_named_get_makes_no_read_of_a_write() -> None:
    frames = "\n".join(f'  File "x.py", line 1, in {name}' for name in ("create_order", "_make_request", "getresponse"))
    report = read_log(f"{AT} ERROR failed\nTraceback (most recent call last):\n{frames}\nTimeoutError: timed out\n")
    assert (len(report["writes"]), report["undecided"]) == (1, 0)


def test_an_answer_to_one_of_several_writes_is_the_answer_to_a_write() -> None:
    sent = "".join(f"{AT} INFO POST /contract/private/submit-order client_order_id=m{n}\n" for n in (1, 2))
    report = read_log(f"{sent}{AT} INFO something else\n{AT} ERROR code 40012 System error\n")
    assert ([row["code"] for row in report["writes"]], report["undecided"]) == (["40012"], 0)


TRACE = [
    "Traceback (most recent call last):",
    '  File "/app/rest.py", line 77, in post',
    "    raise ApiError(answer.text)",
    'rest.ApiError: {"code":40027,"message":"You contract account available balance not enough","trace":"N/A"}',
    "",
    "During handling of the above exception, another exception occurred:",
    "",
    "Traceback (most recent call last):",
    '  File "/app/bot.py", line 9, in submit_order',
    "    raise OrderFailed(str(error))",
    'bot.OrderFailed: {"code":40027,"message":"You contract account available balance not enough","trace":"N/A"}',
]


@pytest.mark.parametrize("start", [0, 1, 2])
def test_the_traceback_that_a_rotated_log_begins_with_is_one_error(start: int) -> None:
    assert read_log("\n".join(TRACE[start:]))["errors"] == 1


def test_three_lines_and_a_traceback_about_one_refusal_are_one_error() -> None:
    said = ["submit-order client_order_id=abcd1234 code=40027", "order abcd1234 refused code=40027", "stop code=40027"]
    lines = [f'ts=2026-11-24T03:12:25.{ms}Z level=error msg="{what}"' for ms, what in enumerate(said, 100)]
    assert read_log("\n".join([*lines, *TRACE]))["errors"] == 1


def test_both_published_forms_of_the_rows_give_the_same_report() -> None:
    text = "\n".join(MADE["mixed 3"].lines)
    paired = {"errors": [row | {"outcome": [row["outcome"], "in words"]} for row in ROWS.values()]}
    assert read_logs([[text]], paired) == read_logs([[text]])


def test_an_empty_log_gives_an_empty_report() -> None:
    report = read_log("")
    assert (report["bytes"], report["lines"], report["first"], report["last"]) == (0, 0, None, None)
    assert summarise(report) == tell_truth(LogMaker(ROWS, 0))
    assert "None that this log shows." in report["note"]


def test_the_note_names_each_write_in_doubt_and_what_the_log_does_not_say(reports: dict[str, dict[str, Any]]) -> None:
    report = reports["mixed 0"]
    note = report["note"]
    assert note.startswith("# Incident note")
    assert [row for row in report["writes"] if f"Line {row['line']}," not in note] == []
    assert f"{report['undecided']} errors of which the log does not say" in note
    assert "not in the log" in note


def test_a_huge_line_is_cut_and_counted() -> None:
    report = read_log("x" * 600000 + '\n{"code":40012,"message":"System error"}\n')
    assert report["cut"]["lines"] == 1
    assert [row["code"] for row in report["codes"]] == ["40012"]


def test_what_does_not_fit_into_the_ledger_is_counted() -> None:
    lines = [
        f"2026-11-10 03:14:15 ERROR POST /contract/private/submit-order client_order_id=c{i} HTTP status is 502"
        for i in range(10200)
    ]
    report = read_log("\n".join(lines))
    assert len(report["writes"]) + report["cut"]["writes"] == 10200
    assert "writes in doubt left out because of their number" in report["note"]


PIECES = [
    *("{", "}", "[", "]", '"', "'", "\\", "\n", "\r\n", " ", ":", "=", "code", '"code":', "30014", "40012", "1000"),
    *("POST ", "GET ", "/contract/private/submit-order", "HTTP/1.1 503", "status=502", "timed out", "order_id"),
    *("Traceback (most recent call last):\n", "ccxt.base.errors.ExchangeError: ", "client_order_id=", "bot1"),
    *("filled", "\ud83d", "\ude00", "\0", "\ufffd", "é", "签名\uff1a", "2026-11-10 03:14:15,123 "),
    *("2026-99-99T99:99:99Z", "1736467374568", "fetch Request: ", "fetch Response: ", "< HTTP/2 503\n"),
    *("curl: (28) timed out\n", "secret=", "key", "X-API-KEY", "a@b.co", "1.2.3.4", "\x1b[31m", "&quot;", "%22"),
    *("trace", "-----BEGIN X-----"),
]
FUZZING = """
const main = async ({count, catalogue, seed, pieces}) => {
    const [{triage, toMarkdown}, {redact, hasSecret}] = [await load("triage.js"), await load("redact.js")]
    let state = seed
    const next = most => ((state = (state * 1103515245 + 12345) % 2147483648) >> 8) % most
    const bad = []
    for (let i = 0; i < count; i++) {
        let text = ""
        for (let length = next(60); length > 0; length--) {
            const piece = next(12) ? pieces[next(pieces.length)] : String.fromCharCode(next(65536))
            text += piece.repeat(next(9) ? 1 : next(400))
        }
        const cut = next(text.length + 1)
        const whole = await triage([text], catalogue)
        const parts = await triage([text.slice(0, cut), text.slice(cut)], catalogue)
        if (JSON.stringify(whole) !== JSON.stringify(parts)) bad.push({text, why: "border"})
        const tallies = [...whole.codes, ...whole.unlisted, whole.lost, whole.unsent]
        const counted = tallies.reduce((sum, one) => sum + one.count, 0)
        if (counted > whole.errors || whole.undecided > whole.errors) bad.push({text, why: "sums"})
        if (whole.bytes !== new TextEncoder().encode(text).length) bad.push({text, why: "bytes"})
        const masked = redact(text)
        if (redact(masked) !== masked) bad.push({text, why: "masked twice", masked, again: redact(masked)})
        if (hasSecret(masked)) bad.push({text, why: "still secret", masked})
        if (toMarkdown(whole).includes("undefined")) bad.push({text, why: "note"})
    }
    return bad.slice(0, 3)
}
"""


def test_any_text_is_read_without_a_fault() -> None:
    assert run_script(FUZZING, {"count": FUZZ, "catalogue": CATALOGUE, "seed": 7, "pieces": PIECES}, seconds=1200) == []


def test_deep_json_is_read() -> None:
    deep = '{"a":' * 60000 + "1" + "}" * 60000
    report = read_log(f'{deep}\n{"[" * 200000}\n{{"code":40012,"message":"System error"}}\n')
    assert [row["code"] for row in report["codes"]] == ["40012"]


# Each repeat makes some pattern of the reader begin, and lets none of them end.
REPEATS = [
    *(
        "code",
        '"code":',
        "code:40012 ",
        "30014 ",
        "{",
        "}",
        '{"code":40012,',
        "POST ",
        "status ",
        "order ",
        "client_order_id=",
    ),
    *(
        "trace=abcdefgh ",
        "2026-11-10 03:14:15 ",
        "symbol=",
        "creating a ",
        "submit-order a ",
        "buy ",
        "连接",
        "connection a",
        "fetch the ",
        "/contract/",
        "https://a",
        "-",
        "\\",
    ),
    *(
        "[",
        '"',
        "a",
        "A1",
        "error ",
        "timed out ",
        "\n",
        "{\n",
        "}\n",
        "Traceback\n",
        " x\n",
        "1000 message: ",
        "order a1 ",
        " 504 1 a b ---- 1/",
        "POST /contract/a a=b ",
        "filled ",
        ", in a",
        "at a.b (",
    ),
]
TIME = """
const main = async ({repeats, catalogue, start}) => {
    const {triage} = await load("triage.js")
    const all = []
    for (const unit of repeats) all.push([unit, await measureGrowth(unit, text => triage([start, text], catalogue))])
    return all
}
"""
# The same behind a write in doubt: each repeat looks as if it told of this write.
NAMES = [
    *("abcd1234 ", "abcd1234 filled ", "order abcd1234 not filled ", '{"client_order_id":"abcd1234",', "status=open "),
    *(
        "abcd1234 state=2 ",
        "filled abcd1234 ",
        "OrderFilled(client_order_id=abcd1234, ",
        "abcd1234 id=1 ",
        "{abcd1234}",
    ),
]


def test_eight_times_the_log_takes_about_eight_times_as_long() -> None:
    found = run_script(GROWTH + TIME, {"repeats": REPEATS, "catalogue": CATALOGUE, "start": ""})
    assert [(unit, growth) for unit, growth in found if growth > MAX_GROWTH] == []


def test_eight_times_the_names_of_a_write_in_doubt_take_about_eight_times_as_long() -> None:
    found = run_script(GROWTH + TIME, {"repeats": NAMES, "catalogue": CATALOGUE, "start": f"{IN_DOUBT}{AT} INFO "})
    assert [(unit, growth) for unit, growth in found if growth > MAX_GROWTH] == []


MEMORY = """
const main = async ({text, catalogue}) => {
    const {triage} = await load("triage.js")
    const read = async times => {
        let most = 0
        function* chunks() {
            for (let i = 0; i < times; i++) {
                if (i % 10 === 9) {
                    gc()
                    most = Math.max(most, process.memoryUsage().heapUsed)
                }
                yield text
            }
        }
        await triage(chunks(), catalogue)
        return most
    }
    await read(10)
    return [await read(20), await read(120)]
}
"""


def test_memory_does_not_grow_with_the_log() -> None:
    noise = "2026-11-10 03:14:15,123 - bot - DEBUG - ticker BTCUSDT bid 1.5 ask 1.6\n" * 700
    text = noise + "\n".join(MADE["mixed 0"].lines[:30]) + "\n"
    short, long = run_script(MEMORY, {"text": text, "catalogue": CATALOGUE})
    assert long - short < 3_000_000, (short, long)
