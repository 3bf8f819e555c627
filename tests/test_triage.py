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
        "foreign": report["foreign"],
    }
    found["http"] = {str(status): count for status, count in found["http"].items()}
    found["writes"] = [" ".join(str(row[name]) for name in LEDGER) for row in report["writes"]]
    assert {name: found[name] for name in case["want"]} == case["want"]


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
        "filled ",
        ", in a",
        "at a.b (",
    ),
]
TIME = """
const main = async ({repeats, catalogue}) => {
    const {triage} = await load("triage.js")
    const all = []
    for (const unit of repeats) all.push([unit, await measureGrowth(unit, text => triage([text], catalogue))])
    return all
}
"""


def test_eight_times_the_log_takes_about_eight_times_as_long() -> None:
    found = run_script(GROWTH + TIME, {"repeats": REPEATS, "catalogue": CATALOGUE})
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
