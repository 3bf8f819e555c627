"""The place for whole logs on a page: what a reader sees, copies and saves, and that nothing is sent."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests.log_maker import FORMATS, PLANTED, make_log, read_rows
from tests.site_tools import ROOT

MADE = make_log(read_rows(), list(FORMATS), 60, 11)
TEXT = "\n".join(MADE.lines) + "\n"
MARKUP = (ROOT / "templates/triage.html.jinja").read_text("utf-8")
MOUNT = """
async ({root, markup}) => {
    document.querySelector("article").innerHTML = markup
    const {mountTriage} = await import(`${root}assets/javascripts/triage-view.js`)
    const rows = fetch(`${root}lookup.json`).then(answer => answer.json())
    window.view = mountTriage(document, root, () => rows)
    await rows
}
"""


@pytest.fixture
def place(page: Page, server: str) -> Page:
    """Return a page that holds the log reader and nothing else."""
    page.goto(f"{server}codes/")
    page.evaluate(MOUNT, {"root": server, "markup": MARKUP})
    return page


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    """Choose files, and wait for the report."""
    payloads: list[FilePayload] = [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files]
    page.locator("#triage-file").set_input_files(payloads)
    expect(page.locator("[data-report]")).to_be_visible()


def test_a_chosen_log_is_reported(place: Page, server: str) -> None:
    choose(place, ("bot.log", TEXT.encode()))
    count = len(MADE.truth.writes)
    expect(place.get_by_role("status").first).to_contain_text(f"{count} writes in doubt")
    assert place.locator(".triage-writes > li").count() == min(count, 50)
    rows = place.locator("[data-report] tbody tr")
    codes = {row.locator("th").inner_text(): row.locator("td").first.inner_text() for row in rows.all()}
    assert {code: str(number) for code, number in MADE.truth.codes.items()}.items() <= codes.items()
    link = rows.locator("a").first
    assert (link.get_attribute("href") or "").startswith(f"{server}codes/")


def test_codes_that_leave_writes_in_doubt_come_first(place: Page) -> None:
    choose(place, ("bot.log", TEXT.encode()))
    doubts = {row["code"] for row in MADE.truth.writes if row["code"]}
    heads = place.locator("[data-report] tbody th").all_inner_texts()
    assert set(heads[: len(doubts)]) == doubts


def test_each_write_in_doubt_has_its_look_up_calls(place: Page) -> None:
    choose(place, ("bot.log", TEXT.encode()))
    named = next(row for row in MADE.truth.writes if row["client_order_id"] and row["symbol"] and row["at"])
    row = place.locator(".triage-writes > li", has_text=named["client_order_id"])
    row.locator("summary").click()
    expect(row.locator("code")).to_have_count(5)
    calls = row.locator("code")
    text = "\n".join(calls.all_text_contents())
    for endpoint in ("get-open-orders", "current-plan-order", "order-history", "trades", "position-v2"):
        assert f"/contract/private/{endpoint}?symbol={named['symbol']}" in text
    assert f"client_order_id={named['client_order_id']}" in text
    assert "X-API-KEY: $WOOX_KEY" in text


def test_a_gzip_file_and_a_wide_encoding_read_like_the_text(place: Page) -> None:
    choose(place, ("bot.log", TEXT.encode()))
    plain = place.locator(".triage-writes").inner_text()
    for name, content in (
        ("bot.log.gz", gzip.compress(TEXT.encode())),
        ("wide.log", b"\xff\xfe" + TEXT.encode("utf-16-le")),
    ):
        choose(place, (name, content))
        assert place.locator(".triage-writes").inner_text() == plain


def test_several_files_are_one_log_with_running_line_numbers(place: Page) -> None:
    half = len(MADE.lines) // 2
    parts = ["\n".join(MADE.lines[:half]), "\n".join(MADE.lines[half:])]
    choose(place, ("bot.1.log", parts[0].encode()), ("bot.2.log", parts[1].encode()))
    numbers = place.locator(".triage-numbers").inner_text()
    assert f"Starts at line {half + 1}" in numbers
    assert f"{len(MADE.lines):,}" in numbers


def test_a_file_dropped_anywhere_is_read(place: Page) -> None:
    place.evaluate(
        """text => {
            const data = new DataTransfer()
            data.items.add(new File([text], "dropped.log"))
            const event = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})
            document.querySelector("footer").dispatchEvent(event)
            window.stopped = event.defaultPrevented
        }""",
        TEXT,
    )
    expect(place.locator("[data-report]")).to_be_visible()
    assert place.evaluate("window.stopped")


def test_a_long_paste_into_the_box_is_read_as_a_log(page: Page, server: str) -> None:
    long = TEXT * (20_000 // len(TEXT) + 1)
    page.goto(server)
    box = page.locator("form.lookup textarea")
    box.fill("no log")
    expect(page.locator("form.lookup [role=status]")).not_to_be_empty()
    expect(page.locator("[data-report]")).to_be_hidden()
    box.fill(long)
    expect(page.locator(".triage-numbers")).to_contain_text(f"{long.count(chr(10)):,}")
    expect(page.locator(".triage-writes > li").first).to_be_visible()


def test_a_reading_can_be_cancelled(place: Page) -> None:
    place.evaluate("text => { window.view.read([new Blob(new Array(2000).fill(text))]) }", TEXT)
    place.get_by_role("button", name="Cancel").click()
    expect(place.get_by_role("status").first).to_have_text("Cancelled. Nothing was kept.")
    expect(place.locator("progress")).to_be_hidden()
    expect(place.locator("[data-report]")).to_be_hidden()
    choose(place, ("bot.log", TEXT.encode()))


def test_a_broken_archive_is_named(place: Page) -> None:
    broken: FilePayload = {"name": "bot.gz", "mimeType": "application/gzip", "buffer": b"\x1f\x8bnot an archive"}
    place.locator("#triage-file").set_input_files(broken)
    expect(place.get_by_role("status").first).to_contain_text("The log could not be read")


def test_note_and_downloads_hold_the_report_and_no_secret(place: Page, context: BrowserContext, tmp_path: Path) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose(place, ("bot.log", TEXT.encode()))
    place.get_by_role("button", name="Copy as incident note").click()
    expect(place.get_by_role("status").first).to_contain_text("Incident note copied")
    saved = {"note": place.evaluate("navigator.clipboard.readText()"), "page": place.content()}
    for kind in ("md", "json"):
        with place.expect_download() as download:
            place.locator(f"[data-save={kind}]").click()
        file = tmp_path / kind
        download.value.save_as(file)
        saved[kind] = file.read_text("utf-8")
    assert saved["md"] == saved["note"]
    report: dict[str, Any] = json.loads(saved["json"])
    assert len(report["writes"]) == len(MADE.truth.writes)
    assert [(kind, secret) for kind, text in saved.items() for secret in PLANTED if secret in text] == []


def test_no_request_leaves_with_or_for_the_log(place: Page, server: str) -> None:
    asked: list[tuple[str, str, str]] = []
    place.on("request", lambda request: asked.append((request.method, request.url, request.post_data or "")))
    choose(place, ("bot.log", TEXT.encode()))
    assert [one for one in asked if one[0] != "GET" or one[2] or not one[1].startswith((server, "blob:"))] == []
    words = [row["client_order_id"] for row in MADE.truth.writes if row["client_order_id"]] + ["bot.log", *PLANTED]
    assert [(word, url) for _, url, _ in asked for word in words if word in url] == []


def test_markup_in_a_log_stays_text(place: Page) -> None:
    line = '2026-11-10 03:14:15 ERROR POST /contract/private/submit-order client_order_id=<img/src=x> {"code":40012}\n'
    choose(place, ("<img src=x onerror=alert(1)>.log", line.encode()), ("b.log", line.encode()))
    assert place.locator("[data-report] img").count() == 0
    expect(place.locator(".triage-numbers")).to_contain_text("<img src=x onerror=alert(1)>.log")


def test_the_chart_says_in_words_what_it_shows(place: Page) -> None:
    choose(place, ("bot.log", TEXT.encode()))
    most = max(MADE.truth.minutes.values())
    expect(place.locator(".triage-chart")).to_have_accessible_name(place.locator("figcaption").inner_text())
    expect(place.locator("figcaption")).to_contain_text(f"Most: {most} at")


def test_a_log_without_errors_says_so(place: Page) -> None:
    choose(place, ("quiet.log", b"2026-11-10 03:14:15 INFO all is well, price 40012\n"))
    expect(place.get_by_role("status").first).to_have_text("0 errors in 1 line. No write in doubt was found.")
    expect(place.locator("[data-report]")).to_contain_text("No error of this API was found.")
