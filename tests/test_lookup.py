"""The lookup in a real browser: what the decoder finds in pastes, and what the box on the home page makes of it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, Request, Route, expect

from catalogue.model.rows import Catalogue
from catalogue.render.markdown import strip_markup
from tests.site_tools import ROOT, find_element, locate_file, read_data

DATA = ROOT / "tests" / "data"
TABLES = read_data("lookup_tables.json")
SIGN_PASTE = '{"code":30005,"message":"Header X-API-SIGN is wrong","trace":"9c86bb5a"}'
SECRET_KEY = "k3yVALUEabcdef0123456789abcdef012345"
SECRET_SIGN = "51gnVALUEfedcba9876543210fedcba98765"
SECRET_MEMO = "memoVALUE77"
SECRET_PASTE = (
    f"POST /contract/private/submit-order HTTP/1.1\nX-BM-KEY: {SECRET_KEY}\nX-BM-SIGN: {SECRET_SIGN}\n"
    f'apiKey="{SECRET_KEY}", memo={SECRET_MEMO}\n\nHTTP/1.1 401 Unauthorized\n{SIGN_PASTE}\n'
)

# Words that people use; a row may hold them or not.
KEYWORDS = {"30005": ["签名错误"], "40027": ["保证金不足"], "40044": ["size too small"]}

Case = dict[str, Any]
Decode = Callable[[list[str]], list[Case]]


def read_cases(name: str) -> list[Case]:
    """Return the cases of a file of tests/data, one JSON object a line."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def over(table: str) -> pytest.MarkDecorator:
    """Return the mark that runs a test for every row of a table of lookup_tables.json; its keys are arguments."""
    rows = TABLES[table]
    return pytest.mark.parametrize(list(rows[0]), [[row[key] for key in rows[0]] for row in rows])


def find_problems(case: Case, found: Case) -> list[str]:
    """Return a line for everything in which a decoded paste is not what its case expects."""
    codes = [match["code"] for match in found["matches"]]
    first = found["matches"][0] if codes else {"code": None, "wording": "none"}
    problems = []
    if first["code"] != case["code"] or (case["code"] is None and codes):
        problems.append(f"expected {case['code']} first, found {codes}")
    if missing := set(case["also"]) - set(codes[1:]):
        problems.append(f"does not offer {sorted(missing)} too, only {codes}")
    if sorted(found["unlisted"]) != sorted(case["unlisted"]):
        problems.append(f"expected {case['unlisted']} as unlisted, found {found['unlisted']}")
    if bool(case.get("warn")) != (first["wording"] == "unfamiliar"):
        problems.append(f"wording is {first['wording']}, but warn is {bool(case.get('warn'))}")
    if missing := set(case.get("maybe") or []) - set(found["maybe"]):
        problems.append(f"does not guess {sorted(missing)}, only {found['maybe']}")
    if "http" in case and found["http"] != case["http"]:
        problems.append(f"expected HTTP {case['http']}, found {found['http']}")
    return problems


@pytest.fixture(scope="module")
def decode(workbench: Page) -> Decode:
    script = """async texts => {
        const {decode, catalogue} = await scripts()
        return texts.map(text => decode(text, catalogue))
    }"""
    return lambda texts: workbench.evaluate(script, texts)


@pytest.fixture(scope="module")
def answer(workbench: Page) -> Decode:
    """Return what the box shows for each text: its items, the whole text, the first address."""
    script = """async ([texts, words]) => {
        const {answerText, buildEntries, makeCard, catalogue, pages, root} = await scripts()
        const errors = catalogue.errors.map(row => ({...row, keywords: [...row.keywords, ...(words[row.code] ?? [])]}))
        const rows = new Map(errors.map(row => [row.code, row]))
        const entries = buildEntries(errors, pages)
        return texts.map(text => {
            const found = answerText(text, {...catalogue, errors}, entries)
            const cards = found.items.map(item => makeCard(item, {root, catalogue, rows}))
            const links = cards.map(card => card.querySelector("a").getAttribute("href").slice(root.length))
            return {...found, links, said: cards.map(card => card.textContent).join("\\n")}
        })
    }"""
    return lambda texts: workbench.evaluate(script, [texts, KEYWORDS])


def find_faults(case: Case, found: Case) -> list[str]:
    """Return a line for everything in which the answer to a plain text is not what its case expects."""
    problems = []
    if case["want"] and not found["links"][0].startswith(tuple(case["want"])):
        problems.append(f"expected {case['want']} first, found {found['links']}")
    certain = [link for item, link in zip(found["items"], found["links"], strict=True) if item["basis"] != "wording"]
    if not found["items"] or (not case["want"] and "absent" not in case and certain):
        problems.append(f"expected nothing but wordings, found {found['links']}")
    sure = [link for item, link in zip(found["items"], found["links"], strict=True) if item["basis"] == "sure"]
    if any(link.startswith(tuple(case.get("absent", ()))) for link in sure):
        problems.append(f"is sure of one of {case['absent']}")
    if case.get("says", "") not in found["said"].lower():
        problems.append(f"does not say {case['says']!r}")
    if case.get("never") and case["never"] in found["said"].lower():
        problems.append(f"says {case['never']!r}")
    return problems


def expect_first(decode: Decode, texts: dict[str, str]) -> None:
    """Assert that every text, by its code, is decoded to this code first."""
    results = zip(texts.items(), decode(list(texts.values())), strict=True)
    wrong = {
        text: [match["code"] for match in found["matches"]]
        for (code, text), found in results
        if not found["matches"] or found["matches"][0]["code"] != code
    }
    assert wrong == {}, "Left: the text, right: the codes found. The text's own code must come first."


# The decoder


@pytest.mark.parametrize("name", ["pasted.jsonl", "pasted_more.jsonl"])
def test_every_paste_is_decoded_as_its_case_says(decode: Decode, name: str) -> None:
    cases = read_cases(name)
    results = zip(cases, decode([case["text"] for case in cases]), strict=True)
    wrong = [
        f"{case['text']!r}: {problem} ({case['note']})"
        for case, found in results
        for problem in find_problems(case, found)
    ]
    assert wrong == [], "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "40012"), ("code", None), ("also", ["40034"]), ("unlisted", ["61001"]), ("warn", True), ("maybe", ["1"])],
)
def test_a_case_with_a_wrong_expectation_is_noticed(decode: Decode, field: str, value: object) -> None:
    case: Case = {"text": SIGN_PASTE, "code": "30005", "also": [], "unlisted": []}
    found = decode([SIGN_PASTE])[0]
    assert find_problems(case, found) == []
    assert len(find_problems(case | {field: value}, found)) == 1


@over("shapes of a code")
def test_every_code_is_recognised_by_its_number(decode: Decode, catalogue: Catalogue, shape: str) -> None:
    expect_first(decode, {error.code: shape % error.code for error in catalogue.errors})


def fold_header(message: str) -> str:
    return message.replace("X-API-", "X-BM-")


@pytest.mark.parametrize(
    "change",
    [
        str,
        str.upper,
        str.lower,
        fold_header,
        lambda text: f"(U){text}.",
        lambda text: f"“{text}”",
        lambda text: f"{text} [5f2a]",
        lambda text: text.replace("'", "’"),
    ],
    ids=["vendor", "upper", "lower", "X-BM", "prefix", "quoted", "suffix", "curly"],
)
def test_every_code_is_recognised_by_the_vendors_wording_alone(
    decode: Decode, catalogue: Catalogue, change: Callable[[str], str]
) -> None:
    expect_first(decode, {error.code: change(error.message) for error in catalogue.errors})


def swap_letters(text: str) -> str:
    """Swap the two letters in the middle of the longest word."""
    word = max(re.findall(r"[A-Za-z]+", text), key=len)
    at = next(at for at in range(len(word) // 2, len(word)) if word[at - 1] != word[at])
    return text.replace(word, word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :], 1)


def drop_letter(text: str) -> str:
    """Leave out the letter in the middle of the longest word."""
    word = max(re.findall(r"[A-Za-z]+", text), key=len)
    return text.replace(word, word[: len(word) // 2] + word[len(word) // 2 + 1 :], 1)


def double_letter(text: str) -> str:
    """Type the letter in the middle of the longest word twice."""
    word = max(re.findall(r"[A-Za-z]+", text), key=len)
    at = len(word) // 2
    return text.replace(word, word[:at] + word[at] + word[at:], 1)


# Two letters with one of them wrong are no wording: OK is left out.
@pytest.mark.parametrize("mistype", [swap_letters, drop_letter, double_letter])
def test_every_code_is_recognised_by_a_wording_with_a_typing_error(
    decode: Decode, catalogue: Catalogue, mistype: Callable[[str], str]
) -> None:
    expect_first(decode, {error.code: mistype(error.message) for error in catalogue.errors if error.code != "1000"})


def test_a_typing_error_in_the_wording_sent_with_a_code_changes_nothing(decode: Decode, catalogue: Catalogue) -> None:
    rows = [error for error in catalogue.errors if error.code != "1000"]
    texts = [json.dumps({"code": int(error.code), "message": drop_letter(error.message)}) for error in rows]
    wrong = [
        (text, found["matches"])
        for error, text, found in zip(rows, texts, decode(texts), strict=True)
        if [(one["code"], one["via"], one["wording"]) for one in found["matches"]] != [(error.code, "both", "spec")]
    ]
    assert wrong == []


@over("numbers that are no code")
def test_a_number_that_is_not_offered_as_a_code_is_no_match(decode: Decode, text: str) -> None:
    found = decode([text])[0]
    assert [match["code"] for match in found["matches"] if match["code"] != "1000"] == []
    assert found["unlisted"] == []


def read_example(pages: dict[str, Element], code: str) -> tuple[str, str]:
    """Return head and body of the example envelope on the page of a code."""
    blocks = [
        "".join(pre.itertext()).strip()
        for pre in find_element(pages[f"codes/{code}/index.html"], "article").iter("pre")
    ]
    at = next(at for at, block in enumerate(blocks) if block.startswith("HTTP/"))
    return blocks[at], blocks[at + 1]


def test_the_example_on_the_page_of_a_code_leads_back_to_the_page(
    decode: Decode, catalogue: Catalogue, pages: dict[str, Element]
) -> None:
    examples = {error.code: read_example(pages, error.code) for error in catalogue.errors}
    texts = [text for head, body in examples.values() for text in (body, f"{head}\n\n{body}")]
    expected = [[error.code, "both", "spec", http] for error in catalogue.errors for http in (None, error.http_status)]
    results = [
        [*(match[key] for key in ("code", "via", "wording")), found["http"]]
        for found in decode(texts)
        for match in found["matches"]
    ]
    assert results == expected


# The engine


# The last file was written by a reader who had seen neither the code nor the other files.
@pytest.mark.parametrize("name", ["plain.jsonl", "plain_more.jsonl", "plain_stranger.jsonl"])
def test_every_plain_text_is_answered_as_its_case_says(answer: Decode, name: str) -> None:
    cases = read_cases(name)
    results = zip(cases, answer([case["text"] for case in cases]), strict=True)
    wrong = [f"{case['text']!r}: {fault}" for case, found in results for fault in find_faults(case, found)]
    assert wrong == [], "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("field", "value"),
    [("want", ["codes/40012"]), ("want", None), ("says", "banana"), ("never", "unknown"), ("absent", ["http/503"])],
)
def test_a_plain_case_with_a_wrong_expectation_is_noticed(answer: Decode, field: str, value: object) -> None:
    case: Case = {"text": "HTTP/2 503", "want": ["http/503"]}
    found = answer([case["text"]])[0]
    assert find_faults(case, found) == []
    assert len(find_faults(case | {field: value}, found)) == 1


@pytest.mark.parametrize("name", ["pasted.jsonl", "pasted_more.jsonl"])
def test_every_paste_gets_an_answer(answer: Decode, name: str) -> None:
    cases = read_cases(name)
    results = zip(cases, answer([case["text"] for case in cases]), strict=True)
    assert [case["text"] for case, found in results if not found["items"]] == []


@pytest.mark.parametrize("text", ["?!", "....", "😀", "good morning", "x" * 9000, "\u202e\u200b", "<img src=x>", "0"])
def test_no_text_stays_without_an_answer(answer: Decode, text: str) -> None:
    found = answer([text])[0]
    assert found["heading"] == "closest"
    assert 1 <= len(found["items"]) <= 5


def test_a_write_is_never_called_refused_where_no_code_answered(answer: Decode) -> None:
    texts = ["HTTP/1.1 502 Bad Gateway", "timeout", "404 Route Not Found", "HTTP 500 order not exist", "520", "EOF"]
    said = [found["said"].lower() for found in answer(texts)]
    assert [text for text, words in zip(texts, said, strict=True) if "outcome: unknown" not in words] == []
    assert [words for words in said if "not executed" in words or "outcome: accepted" in words] == []


@pytest.mark.parametrize("case", read_cases("attempts.jsonl"), ids=lambda case: case.get("name", case["text"][:60]))
def test_every_attempt_of_a_paste_is_judged_for_itself(answer: Decode, case: Case) -> None:
    found = answer([case["text"]])[0]
    items = found["items"]
    judged = {
        "first": items[0]["key"],
        "counts": {item["key"]: item["count"] for item in items},
        "unsettled": [item["key"] for item in items if item["inDoubt"]],
        "warnings": [item["warnings"] for item in items],
        "errors": found["errors"],
        "doubt": found["inDoubt"],
    }
    assert judged | {field: case[field] for field in judged if field in case} == judged
    assert found["links"][0].startswith(tuple(case.get("want", [""])))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 418, 429, 500, 502, 504])
def test_a_status_without_a_code_leaves_a_write_in_doubt(answer: Decode, status: int) -> None:
    found = answer([f"HTTP/1.1 {status} Some Reason\n\n<html></html>"])[0]
    first = found["items"][0]
    assert (first["kind"], first["key"], first["inDoubt"]) == ("status", str(status), True)
    assert found["inDoubt"] == 1
    assert found["said"].startswith("Outcome unknown.")


@pytest.mark.parametrize("text", ["HTTP/1.1 418 I'm a teapot", "418", "<html><title>418</title></html>"])
def test_after_a_block_nothing_is_sent_not_even_a_look_up(answer: Decode, text: str) -> None:
    said = answer([text])[0]["said"]
    assert "Stop every process, reads included." in said
    assert "Repeat reads only" not in said
    assert "Look for the write under" not in said


def test_no_answer_promises_that_a_write_in_doubt_may_be_sent_again(answer: Decode) -> None:
    texts = ["HTTP/1.1 502 Bad Gateway", "read timeout", "code 30099", '{"code":40050,"message":"x"}', "code 40012"]
    said = [found["said"] for found in answer(texts)]
    assert [words for words in said if "No program sends it again." not in words or "before you send" in words] == []


def test_a_wording_under_a_code_in_doubt_is_in_doubt_too(answer: Decode) -> None:
    found = answer(['{"code":40012,"message":"You contract account available balance not enough"}'])[0]
    assert [(item["key"], item["inDoubt"]) for item in found["items"]] == [("40012", True), ("40027", True)]
    assert (found["errors"], found["inDoubt"]) == (1, 1)
    assert "Not executed" not in found["said"]


@pytest.mark.parametrize("text", ["429", "418", "HTTP/1.1 429 Too Many Requests"])
def test_a_code_guessed_from_a_status_alone_is_in_doubt_too(answer: Decode, text: str) -> None:
    found = answer([text])[0]
    assert {item["kind"] for item in found["items"]} == {"status", "code"}
    assert all(item["inDoubt"] for item in found["items"])
    assert "Not executed" not in found["said"]


@pytest.mark.parametrize("message", ["service is busy", "This service is down", "try again later", "okay not"])
def test_a_success_code_with_another_message_is_no_success(answer: Decode, message: str) -> None:
    found = answer([json.dumps({"code": 1000, "message": message})])[0]
    assert found["links"] == ["codes/1000/"]
    assert found["inDoubt"] == 1
    assert "Outcome: Unknown" in found["said"]
    assert "Accepted" not in found["said"]


@pytest.mark.parametrize("message", ["OK", "Ok", "success", "SUCCESS"])
def test_a_success_is_a_success(answer: Decode, message: str) -> None:
    found = answer([json.dumps({"code": 1000, "message": message})])[0]
    assert found["inDoubt"] == 0
    assert "Outcome: Accepted" in found["said"]


def test_codes_that_leave_a_write_in_doubt_come_first(answer: Decode, catalogue: Catalogue) -> None:
    found = answer(["\n".join(f'{{"code":{error.code}}}' for error in catalogue.errors)])[0]
    outcomes = {error.code: error.outcome.value for error in catalogue.errors}
    doubts = [outcomes[item["key"]] in {"unknown", "duplicate"} for item in found["items"]]
    assert doubts == sorted(doubts, reverse=True)
    assert (found["errors"], found["inDoubt"]) == (len(outcomes), sum(doubts))


@over("shared texts")
def test_a_shared_link_holds_codes_and_counts(workbench: Page, text: str) -> None:
    script = """async text => {
        const {answerText, encodeItems, decodeItems, catalogue} = await scripts()
        const first = answerText(text, catalogue)
        const link = encodeItems(first)
        const second = decodeItems(link, catalogue)
        const list = ({items}) => items.map(item => [item.kind, item.key, item.count, item.inDoubt])
        return [link, list(first), list(second)]
    }"""
    link, first, second = workbench.evaluate(script, text)
    assert re.fullmatch(r"(?:[uhl]?\d*(?:\.\d+)?)(?:,[uhl]?\d*(?:\.\d+)?)*", link)
    assert first == second


def test_a_shared_link_stays_short(workbench: Page) -> None:
    script = """async () => {
        const {answerText, encodeItems, catalogue} = await scripts()
        const codes = Array.from({length: 5000}, (_, at) => `code=${at % 2 ? 50000 + at : 100000 + at}`)
        const all = [...catalogue.errors.map(row => `code=${row.code}`), ...codes]
        return encodeItems(answerText(all.join(" "), catalogue))
    }"""
    assert len(workbench.evaluate(script)) < 1600


# The work grows as the text does

COST = """
    const count = async work => {
        let cost = 0
        const names = ["slice", "indexOf", "lastIndexOf", "search", "split", "replace", "normalize", "includes"]
        const own = names.map(name => String.prototype[name])
        names.forEach((name, at) => {
            String.prototype[name] = function (...values) {
                const result = own[at].apply(this, values)
                cost += name === "slice" ? result.length : name.endsWith("ndexOf") && result >= 0
                    ? Math.abs(result - (values[1] ?? (name === "indexOf" ? 0 : this.length))) : this.length
                return result
            }
        })
        try { work() } finally { names.forEach((name, at) => (String.prototype[name] = own[at])) }
        return cost
    }
"""


@over("grains")
def test_twice_the_text_is_twice_the_work(workbench: Page, grain: str) -> None:
    script = f"""async grain => {{
        const {{answerText, catalogue}} = await scripts()
        {COST}
        answerText(grain, catalogue)
        const measure = size => count(() => answerText(grain.repeat(size / grain.length), catalogue))
        return [await measure(20000), await measure(40000)]
    }}"""
    small, large = workbench.evaluate(script, grain)
    assert small < large < 2.5 * small


def test_a_line_is_found_in_few_steps(workbench: Page) -> None:
    script = """async () => {
        const {findLine} = await scripts()
        let reads = 0
        const starts = new Proxy(Array.from({length: 100000}, (_, at) => at * 10), {
            get: (list, name) => { if (name !== "length") reads += 1; return list[name] },
        })
        return [findLine(starts, 123456), reads]
    }"""
    line, reads = workbench.evaluate(script)
    assert line == 12345
    assert reads < 20


@pytest.mark.parametrize("text", ["code:30005 ", "err 30005,30005,30005 "])
def test_numbers_are_counted_up_to_a_limit(decode: Decode, text: str) -> None:
    (found,) = decode([text * 20000])
    (match,) = found["matches"]
    assert (match["code"], match["count"] <= 5000) == ("30005", True)


# The box


def wait_for_instant(page: Page) -> None:
    """Wait until the theme follows links without a new document: its script and the list of pages have come."""
    page.wait_for_function("""() => 'document$' in window && performance.getEntriesByType("resource")
        .some(entry => entry.name.endsWith("/sitemap.xml") && entry.responseEnd > 0)""")


def shrink(page: Page, colors: Any) -> None:
    """Give a page the screen of a small phone, and the colours that its owner prefers."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme=colors)


def enter(page: Page, text: str) -> Locator:
    """Put a text into the box of a page and return the cards once the answer is said."""
    status = page.locator("form.lookup .lookup-status")
    page.locator("#lookup-text").fill("")
    expect(status).to_be_empty()
    page.locator("#lookup-text").fill(text)
    expect(status).not_to_be_empty()
    return page.locator(".cards > li")


@pytest.fixture(scope="module")
def home(browser: Browser, server: str) -> Iterator[Page]:
    page = browser.new_page(base_url=server)
    page.goto(server)
    yield page
    page.close()


@pytest.fixture
def fresh(page: Page, server: str) -> Page:
    """Return the tab with the home page just opened."""
    page.goto(server)
    return page


def test_every_example_is_answered_and_each_in_its_own_way(fresh: Page) -> None:
    chips = fresh.locator("[data-example]")
    answers = []
    for chip in chips.all():
        fresh.locator("form.lookup").get_by_role("button", name="Clear").click()
        expect(fresh.locator(".cards")).to_be_hidden()
        chip.click()
        expect(fresh.locator("#lookup-text")).to_have_value(chip.get_attribute("data-example") or "")
        expect(fresh.locator(".cards a").first).to_be_visible()
        answers.append(fresh.locator(".cards").inner_text())
    assert len(set(answers)) == len(answers) >= 4


def test_a_pasted_error_becomes_a_card_with_what_to_do(home: Page, catalogue: Catalogue, server: str) -> None:
    card = enter(home, SIGN_PASTE)
    row = next(error for error in catalogue.errors if error.code == "30005")
    expect(card).to_have_count(1)
    expect(card.locator("a.card-title")).to_have_text(f"30005 {row.message}")
    expect(card.locator("a.card-title")).to_have_attribute("href", f"{server}codes/30005/")
    facts = [row.retry.label, f"Outcome: {row.outcome.label}", f"Acts: {row.actor.label}", f"HTTP {row.http_status}"]
    expect(card.locator(".card-facts span")).to_have_text(facts)
    expect(card.get_by_text(strip_markup(row.summary), exact=True)).to_be_visible()
    expect(card.locator(".card-first")).to_have_text(re.compile("^Do first: .{20,}"))
    expect(card.locator(".card-warning, .card-doubt")).to_have_count(0)
    expect(home.locator("form.lookup .lookup-status")).to_have_text(f"1 result. First: 30005 {row.message}.")


@over("cards in doubt")
def test_a_card_leads_with_the_outcome_where_it_is_in_doubt(home: Page, server: str, text: str, address: str) -> None:
    card = enter(home, text).first
    expect(card).to_have_text(re.compile(r"^\s*Outcome unknown\. The write may have executed\."))
    expect(card.get_by_role("link").first).to_have_attribute("href", f"{server}{address}")
    expect(card.get_by_text("Outcome: Unknown")).to_be_visible()
    expect(card.locator(".card-first")).to_be_visible()


def test_a_duplicate_leads_with_the_earlier_write(home: Page) -> None:
    expect(enter(home, "code=40050").first).to_have_text(re.compile(r"^\s*Outcome duplicate\. An earlier write"))


def test_several_errors_start_with_one_line_and_the_risky_ones(home: Page) -> None:
    text = "".join(f'{{"code":{code}}}\n' for code in ["30013", "40034", "30014", "30013", "30014"])
    cards = enter(home, text)
    expect(cards.locator(".card-title b")).to_have_text(["30014", "30013", "40034"])
    status = home.locator("form.lookup .lookup-status")
    expect(status).to_have_text("5 errors. 2 writes may be in doubt. First: 30014 Service unavailable.")
    enter(home, "code=30013 code=40034")
    expect(status).to_have_text(re.compile(r"^2 errors\. No write is in doubt\."))


def test_plain_words_find_the_closest_pages(home: Page, server: str) -> None:
    cards = enter(home, "wrong signature")
    expect(cards).to_have_count(5)
    expect(cards.first.get_by_role("link")).to_have_attribute("href", f"{server}codes/30005/")
    expect(home.locator("form.lookup .lookup-status")).to_have_text(
        re.compile(r"^Closest by wording\. 5 results\. First: 30005 ")
    )
    expect(home.get_by_role("button", name="Copy link")).to_be_hidden()


def test_a_code_among_few_words_is_marked_as_probable(home: Page) -> None:
    card = enter(home, "cancel 40035")
    expect(card.locator(".card-remark")).to_have_text(
        "Probably this code: the number stands by itself, without a word for code."
    )
    expect(home.locator("form.lookup .lookup-status")).to_have_text(re.compile(r"^Probably this\. 1 result\."))


def test_more_unlisted_numbers_than_help_are_only_counted(home: Page) -> None:
    cards = enter(home, " ".join(f"code={number}" for number in range(70000, 70050)))
    expect(cards).to_have_count(20)
    expect(home.locator("[data-more]")).to_have_text("and 30 more numbers that are not in the vendor's page")
    assert len(home.locator("form.lookup .lookup-status").inner_text()) < 200
    enter(home, "30005")
    expect(home.locator("[data-more]")).to_be_empty()


@over("remarks")
def test_a_card_says_how_the_error_was_recognised(home: Page, text: str, remark: str) -> None:
    expect(enter(home, text).locator(".card-remark")).to_have_text(remark)


def test_a_wording_that_the_catalogue_does_not_know_is_flagged(home: Page) -> None:
    card = enter(home, '{"code":40012,"message":"the moon is in the wrong house tonight"}')
    expect(card.locator(".card-title")).to_contain_text("40012")
    expect(card.locator(".card-warning")).to_have_text(
        "This catalogue does not know the wording for this code. Is this response from WOO X Pro?"
    )


def test_code_and_wording_of_two_rows_are_both_shown_with_the_reason(home: Page) -> None:
    cards = enter(home, '{"code":40012,"message":"SYMBOL_NOT_EXIST"}')
    expect(cards.locator(".card-title b")).to_have_text(["40012", "40034"])
    expect(cards.nth(1).locator(".card-remark")).to_contain_text("The wording sent with 40012 is that of 40034.")


@over("statuses beside the table's")
def test_a_status_that_disagrees_with_the_table_is_mentioned(home: Page, head: str, said: list[str]) -> None:
    expect(enter(home, f"{head}\n\n{SIGN_PASTE}").locator(".card-warning")).to_have_text(said)


def test_one_status_of_several_errors_contradicts_none_if_it_fits_one(home: Page) -> None:
    cards = enter(home, 'HTTP/1.1 401 Unauthorized\n\n{"code":30005}\n{"code":40034}')
    expect(cards).to_have_count(2)
    expect(cards.locator(".card-warning")).to_have_count(0)


@over("unlisted numbers")
def test_a_number_outside_the_vendors_page_says_so(home: Page, catalogue: Catalogue, number: str, said: str) -> None:
    card = enter(home, f'{{"code":{number},"message":"?"}}')
    expect(card.locator(".card-title")).to_have_text(f"{number} is not in the vendor's page")
    codes = [int(error.code) for error in catalogue.errors]
    before = max(code for code in codes if code < int(number))
    after = [code for code in codes if code > int(number)]
    neighbours = f"Its neighbours: {' and '.join(map(str, [before, *after[:1]]))}."
    expect(card.locator("p").first).to_have_class("card-doubt")
    expect(card).to_contain_text(said)
    expect(card).to_contain_text(neighbours)
    expect(card.get_by_role("link", name=str(before))).to_have_attribute("href", re.compile(rf"/codes/{before}/$"))


def test_each_of_several_errors_is_shown_once_with_its_count(home: Page) -> None:
    lines = [f'10:00:0{n} ERROR {{"code":{code}}}' for n, code in enumerate([30005, 40034, 30005, 30013, 30005, 40034])]
    cards = enter(home, "\n".join(lines))
    expect(cards.locator(".card-title b")).to_have_text(["30005", "40034", "30013"])
    counts = ["Found 3 times.", "Found 2 times.", ""]
    for at, count in enumerate(counts):
        expect(cards.nth(at).locator(".card-remark")).to_have_text(f"Recognised by its code. {count}".strip())


def test_guesses_are_shown_only_where_no_code_is_certain(home: Page, server: str) -> None:
    cards = enter(home, "HTTP status is 400. Message: order not exist")
    expect(cards.first.get_by_role("link")).to_have_attribute("href", f"{server}http/400/")
    expect(cards.filter(has_text="A guess from the wording alone.").first).to_be_visible()
    expect(enter(home, "Invalid order")).to_have_count(1)


def test_every_card_leads_to_a_page(home: Page, catalogue: Catalogue, server: str, site_dir: Path) -> None:
    text = "\n".join(f"code={code}" for code in [*(error.code for error in catalogue.errors), "30099", "61001"])
    cards = enter(home, text)
    expect(cards).to_have_count(len(catalogue.errors) + 2)
    links: list[str] = cards.get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    assert [link for link in links if not link.startswith(server)] == []
    assert [link for link in links if not locate_file(site_dir, urlsplit(link.removeprefix(server)).path)] == []
    assert {link for link in links if "/codes/" in link} == {f"{server}codes/{e.code}/" for e in catalogue.errors}


def test_results_follow_what_is_typed(fresh: Page) -> None:
    fresh.locator("#lookup-text").press_sequentially("30005")
    expect(fresh.locator(".cards .card-title b")).to_have_text(["30005"])
    fresh.locator("#lookup-text").press("Backspace")
    expect(fresh.locator(".cards .card-title b")).to_have_text(["3000"])
    fresh.locator("form.lookup").get_by_role("button", name="Clear").click()
    expect(fresh.locator("#lookup-text")).to_have_value("")
    expect(fresh.locator(".cards")).to_be_hidden()
    expect(fresh.locator("form.lookup .lookup-status")).to_be_empty()


# What happens to the text


@pytest.mark.parametrize("secret", [SECRET_KEY, SECRET_SIGN, SECRET_MEMO])
def test_a_secret_in_a_paste_is_shown_nowhere(home: Page, secret: str) -> None:
    expect(enter(home, SECRET_PASTE).locator(".card-title b")).to_have_text(["30005"])
    assert secret in home.locator("#lookup-text").input_value()
    assert secret not in home.content()
    assert secret not in unquote(home.url)
    expect(home.locator("form.lookup .lookup-status .lookup-warning")).to_contain_text(
        "seems to hold a key, signature, secret"
    )


@pytest.mark.parametrize("errors", ['{"code":40034}', "code=61001"])
def test_a_secret_is_not_in_the_copied_link(fresh: Page, server: str, errors: str) -> None:
    enter(fresh, SECRET_PASTE + errors)
    assert re.fullmatch(rf"{server}#c=[\du.,]+", copy_link(fresh))


def test_a_secret_beside_a_mere_guess_gives_no_link(home: Page) -> None:
    enter(home, f"X-BM-KEY: {SECRET_KEY}\nMessage: order not exist")
    expect(home.get_by_role("button", name="Copy link")).to_be_hidden()


@over("markup")
def test_markup_in_a_paste_stays_out_of_the_page(home: Page, payload: str) -> None:
    dialogs: list[str] = []

    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    home.on("dialog", refuse)
    text = json.dumps({"code": 30005, "message": f"Header X-API-SIGN is wrong {payload}", payload: payload})
    cards = enter(home, f"{payload}\n{text}\n{payload} code=61001 msg={payload}")
    expect(cards.locator(".card-title b")).to_have_text(["30005", "61001"])
    assert "pwned" not in home.content()
    assert home.locator("form.lookup :is(img, script, svg, iframe)").count() == 0
    assert dialogs == []
    home.remove_listener("dialog", refuse)


def test_the_text_is_sent_nowhere(page: Page, context: BrowserContext, server: str) -> None:
    requests: list[Request] = []

    def note(request: Request) -> None:
        requests.append(request)

    context.on("request", note)
    page.goto(server)
    enter(page, SIGN_PASTE)
    enter(page, SECRET_PASTE)
    assert [request.url for request in requests if request.method != "GET" or "?q" in request.url] == []
    traces = [f"{request.url} {request.all_headers()}" for request in requests if "/codes/" not in request.url]
    assert [trace for trace in traces if SECRET_KEY in trace or "30005" in trace or "SIGN" in trace] == []


def read_stored(page: Page) -> str:
    """Return all that a page has stored in the browser."""
    stored: str = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])")
    assert page.evaluate("indexedDB.databases().then(list => list.length)") == 0
    return stored


def test_only_this_tab_keeps_the_text_masked_until_it_is_cleared(fresh: Page) -> None:
    enter(fresh, SECRET_PASTE)
    stored = read_stored(fresh)
    assert "30005" in stored
    assert [secret for secret in (SECRET_KEY, SECRET_SIGN, SECRET_MEMO) if secret in stored] == []
    assert fresh.evaluate("Object.keys(localStorage).filter(key => key.includes('lookup'))") == []
    fresh.locator("form.lookup").get_by_role("button", name="Clear").click()
    expect(fresh.locator(".cards")).to_be_hidden()
    assert "30005" not in read_stored(fresh)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_forms_cannot_navigate(browser: Browser, server: str, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(server)
    expect(page.locator("form.lookup")).to_have_attribute("method", "dialog")
    if scripts:
        page.wait_for_function("() => 'document$' in window")
        expect(page.locator("form.md-search__form")).to_have_attribute("method", "dialog")
        page.locator("#lookup-text").fill("30005")
        forms = "document.querySelectorAll('form.lookup, form.md-search__form')"
        page.evaluate(f"{forms}.forEach(form => form.requestSubmit())")
        page.evaluate(f"{forms}.forEach(form => HTMLFormElement.prototype.submit.call(form))")
        page.locator("#lookup-text").fill("40034")
        expect(page.locator(".cards .card-title b")).to_have_text(["40034"])
    assert page.url == server
    context.close()


def test_the_page_says_what_is_kept(home: Page) -> None:
    expect(home.get_by_text("The text never leaves your browser. This tab keeps it,")).to_be_visible()
    described = (home.locator("#lookup-text").get_attribute("aria-describedby") or "").split()
    expect(home.locator(f"#{described[0]}")).to_contain_text("never leaves your browser")
    expect(home.locator(f"#{described[1]}")).to_contain_text("Enter opens a single result.")


# What is there before the script, and after coming back


def hold_script(page: Page, name: str) -> Callable[[], None]:
    """Hold a script back and return the function that lets it through."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/{name}", hold)

    def release() -> None:
        for route in held:
            route.continue_()
        page.unroute(f"**/{name}")

    return release


@pytest.mark.parametrize("name", ["site.js", "lookup.js", "answer.js"])
def test_text_that_stands_in_the_box_before_the_script_is_read(page: Page, server: str, name: str) -> None:
    release = hold_script(page, name)
    with page.expect_request(f"**/{name}"):
        page.goto(server, wait_until="commit")
        page.locator("#lookup-text").fill("code=40034")
    expect(page.locator(".cards > li")).to_have_count(0)
    release()
    expect(page.locator(".cards .card-title b")).to_have_text(["40034"])


@pytest.mark.parametrize("instant", [True, False])
def test_back_restores_text_results_and_scroll(page: Page, server: str, instant: bool) -> None:
    page.goto(server)
    if instant:
        wait_for_instant(page)
    else:
        page.route("**/assets/javascripts/bundle*.js", lambda route: route.abort())
        page.goto(server)
    cards = enter(page, "\n".join(f"code={code}" for code in ["30005", "30007", "40034", "40027", "40044"]))
    link = cards.nth(4).locator("a.card-title")
    link.scroll_into_view_if_needed()
    before = page.evaluate("window.scrollY")
    assert before > 0
    link.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("40044")
    page.go_back()
    expect(cards).to_have_count(5)
    expect(page.locator("#lookup-text")).to_have_value(re.compile("code=30005\ncode=30007"))
    page.wait_for_function("before => Math.abs(window.scrollY - before) < 60", arg=before)


def test_back_after_clear_restores_nothing(page: Page, server: str) -> None:
    page.goto(server)
    enter(page, "30005")
    page.locator("form.lookup").get_by_role("button", name="Clear").click()
    expect(page.locator(".cards")).to_be_hidden()
    page.goto(f"{server}codes/")
    page.go_back()
    page.locator("#lookup-text").focus()
    expect(page.locator("form.lookup")).to_have_attribute("data-mounted", "true")
    expect(page.locator("#lookup-text")).to_have_value("")


# Long texts


def test_a_long_text_is_read_by_a_worker(fresh: Page) -> None:
    with fresh.expect_worker(lambda worker: worker.url.endswith("/answer-worker.js")):
        enter(fresh, "code=30005 " * 3000)
    expect(fresh.locator(".cards .card-title b")).to_have_text(["30005"])
    expect(fresh.locator(".card-remark")).to_contain_text("Found 3000 times.")


@pytest.mark.parametrize("grain", ["code=30005 ", "\ufdfa", "e\u0301", "{", "x"])
def test_a_long_text_never_stands_in_the_box_as_a_whole(fresh: Page, grain: str) -> None:
    fresh.locator("#lookup-text").evaluate(
        """(box, text) => {
            box.value = text
            box.dispatchEvent(new InputEvent("input", {bubbles: true}))
        }""",
        grain * (300_000 // len(grain)),
    )
    expect(fresh.locator(".cards > li").first).to_be_visible()
    assert len(fresh.locator("#lookup-text").input_value()) == 2000


def test_only_the_last_of_several_long_texts_is_shown(fresh: Page) -> None:
    fresh.locator("#lookup-text").fill("code=30005 " * 20000)
    fresh.locator("#lookup-text").fill("code=40034 " * 3000)
    expect(fresh.locator(".cards .card-title b")).to_have_text(["40034"])
    fresh.locator("#lookup-text").fill("30013")
    expect(fresh.locator(".cards .card-title b")).to_have_text(["30013"])


def test_a_cut_text_says_so(home: Page) -> None:
    cards = enter(home, "code=30005 " + "x " * 250_000)
    expect(cards).to_have_count(1)
    expect(home.locator("form.lookup .lookup-status")).to_contain_text("Only the first 400,000 characters were read.")


# The address


def copy_link(page: Page) -> str:
    """Press the button that copies the link and return the clipboard's text."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied


@over("links of one result")
def test_the_link_of_one_result_is_its_page(fresh: Page, server: str, text: str, address: str) -> None:
    enter(fresh, text)
    assert copy_link(fresh) == f"{server}{address}"


@over("links of several results")
def test_a_link_to_several_results_holds_codes_and_counts_only(
    page: Page, context: BrowserContext, server: str, text: str, fragment: str
) -> None:
    codes = re.findall(r"\d{5}", fragment)
    page.goto(server)
    expect(enter(page, text).locator(".card-title b")).to_have_text(codes)
    link = copy_link(page)
    assert link == f"{server}#c={fragment}"
    other = context.new_page()
    other.goto(link)
    expect(other.locator(".cards .card-title b")).to_have_text(codes)
    expect(other.locator("#lookup-text")).to_have_value("")


@over("odd links")
def test_an_odd_link_does_no_harm(page: Page, server: str, fragment: str) -> None:
    page.goto(f"{server}#c={fragment}")
    expect(page.locator("form.lookup .lookup-status")).not_to_be_empty()
    page.locator("#lookup-text").fill("30013")
    expect(page.locator(".cards .card-title b")).to_have_text(["30013"])
    assert page.page_errors() == []


def test_a_browser_without_a_clipboard_gets_the_link_in_the_address(fresh: Page, server: str) -> None:
    fresh.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')) }")
    enter(fresh, "code=30005 code=40034")
    fresh.get_by_role("button", name="Copy link").click()
    expect(fresh).to_have_url(f"{server}#c=30005,40034")
    expect(fresh.get_by_role("button", name="Copy it from the address bar")).to_be_visible()


@over("linked texts")
def test_a_link_opens_its_lookup(page: Page, server: str, fragment: str, value: str, codes: list[str]) -> None:
    page.goto(f"{server}#q={fragment}")
    expect(page.locator("#lookup-text")).to_have_value(value)
    if codes:
        expect(page.locator(".cards .card-title b")).to_have_text(codes)
    page.wait_for_function("() => 'document$' in window")
    expect(enter(page, "30013").locator(".card-title b")).to_have_text("30013")
    assert page.page_errors() == []


def test_another_link_on_the_open_page_opens_its_lookup(page: Page, server: str) -> None:
    page.goto(f"{server}#q=30005")
    expect(page.locator(".cards .card-title b")).to_have_text(["30005"])
    page.evaluate("location.hash = '#q=40034'")
    expect(page.locator(".cards .card-title b")).to_have_text(["40034"])
    page.go_back()
    expect(page.locator(".cards .card-title b")).to_have_text(["30005"])


# Keyboard, screen reader, small screens


def test_arrow_keys_walk_the_results_and_escape_clears(fresh: Page) -> None:
    titles = enter(fresh, '{"code":40012,"message":"SYMBOL_NOT_EXIST"}').locator("a.card-title")
    box = fresh.locator("#lookup-text")
    for key, focused in [
        ("ArrowDown", titles.nth(0)),
        ("ArrowDown", titles.nth(1)),
        ("ArrowDown", titles.nth(1)),
        ("ArrowUp", titles.nth(0)),
        ("ArrowUp", box),
    ]:
        fresh.keyboard.press(key)
        expect(focused).to_be_focused()
    fresh.keyboard.press("ArrowDown")
    fresh.keyboard.press("Escape")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(fresh.locator(".cards")).to_be_hidden()


@pytest.mark.parametrize("key", ["/", "Control+k", "Meta+k"])
@pytest.mark.parametrize(("path", "field"), [("", "#lookup-text"), ("codes/30005/", ".md-search__input")])
def test_keys_go_to_the_box_or_else_to_the_search(page: Page, server: str, path: str, field: str, key: str) -> None:
    page.goto(f"{server}{path}")
    page.wait_for_function("() => 'document$' in window")
    page.keyboard.press(key)
    expect(page.locator(field)).to_be_focused()
    expect(page.locator(field)).to_have_value("")
    page.keyboard.type("a/b")
    expect(page.locator(field)).to_have_value("a/b")


def test_enter_opens_a_single_result(fresh: Page, server: str) -> None:
    fresh.locator("#lookup-text").fill("40034")
    fresh.locator("#lookup-text").press("Enter")
    expect(fresh).to_have_url(f"{server}codes/40034/")


def test_enter_goes_to_the_first_of_several_results(fresh: Page, server: str) -> None:
    titles = enter(fresh, "code=30005 code=40034").locator("a.card-title")
    fresh.keyboard.press("Enter")
    expect(titles.first).to_be_focused()
    assert fresh.url == server


def test_shift_and_enter_make_a_line_and_the_box_grows(fresh: Page) -> None:
    box = fresh.locator("#lookup-text")
    enter(fresh, "code=30005")
    before = box.bounding_box()
    for _ in range(4):
        fresh.keyboard.press("Shift+Enter")
    expect(box).to_have_value("code=30005\n\n\n\n")
    expect(box).to_have_attribute("rows", "5")
    after = box.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    box.fill("x\n" * 100)
    expect(box).to_have_attribute("rows", "12")


def test_enter_on_a_result_opens_its_page(fresh: Page, server: str) -> None:
    enter(fresh, SIGN_PASTE)
    fresh.keyboard.press("ArrowDown")
    fresh.keyboard.press("Enter")
    expect(fresh).to_have_url(f"{server}codes/30005/")
    expect(fresh.get_by_role("heading", level=1)).to_contain_text("30005")


def test_the_results_are_a_named_list_and_announced_politely(home: Page) -> None:
    enter(home, SIGN_PASTE)
    expect(home.get_by_role("list", name="Results").get_by_role("listitem").first).to_be_visible()
    expect(home.get_by_role("textbox", name="Paste an error, a log line or a code")).to_be_visible()
    expect(home.locator("form.lookup .lookup-status")).to_have_attribute("role", "status")
    expect(home.locator("form.lookup .lookup-status")).to_have_attribute("aria-live", "polite")


def test_the_lookup_works_after_instant_navigation(page: Page, server: str) -> None:
    page.goto(f"{server}codes/30005/")
    wait_for_instant(page)
    page.evaluate("window.sameDocument = true")
    page.locator(".md-tabs").get_by_role("link", name="Home").click()
    expect(enter(page, "40034").locator(".card-title b")).to_have_text("40034")
    page.locator(".cards a.card-title").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("40034")
    page.go_back()
    expect(page.locator("#lookup-text")).to_be_visible()
    expect(enter(page, "30013").locator(".card-title b")).to_have_text("30013")
    assert page.evaluate("window.sameDocument")


@pytest.mark.parametrize(("colors", "scheme"), [("light", "default"), ("dark", "slate")])
def test_the_lookup_fits_a_small_screen_in_both_palettes(page: Page, server: str, colors: Any, scheme: str) -> None:
    shrink(page, colors)
    page.goto(server)
    long = "\n".join([SIGN_PASTE, "code=30099", '{"code":40012,"message":"SYMBOL_NOT_EXIST"}', "x" * 300])
    cards = enter(page, long)
    expect(cards).to_have_count(4)
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    wide = cards.evaluate_all("cards => cards.filter(card => card.getBoundingClientRect().right > 320).length")
    assert wide == 0


def test_without_javascript_the_page_says_what_to_do_instead(
    browser: Browser, server: str, catalogue: Catalogue
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server)
    expect(page.locator("form.lookup")).to_be_hidden()
    expect(page.locator("noscript p")).to_contain_text("The lookup needs JavaScript.")
    expect(page.locator("noscript p")).to_be_visible()
    page.get_by_role("link", name="table of all codes").first.click()
    expect(page).to_have_url(f"{server}codes/")
    expect(page.locator("table.codes tbody tr:visible")).to_have_count(len(catalogue.errors))
    context.close()


def test_a_lost_connection_is_said_and_the_next_try_works(page: Page, server: str) -> None:
    page.route("**/lookup.json", lambda route: route.abort())
    page.goto(server)
    enter(page, "30005")
    expect(page.locator("form.lookup .lookup-status")).to_contain_text(
        "could not be loaded. Check the connection and type again"
    )
    page.unroute("**/lookup.json")
    expect(enter(page, "30005").locator(".card-title b")).to_have_text("30005")


def test_the_home_page_names_the_search_for_browsers(home: Page, server: str) -> None:
    link = home.locator('link[rel="search"][type="application/opensearchdescription+xml"]')
    assert link.evaluate("link => link.href") == f"{server}opensearch.xml"
    template = home.request.get(f"{server}opensearch.xml").text()
    assert f'template="{server}#q={{searchTerms}}"' in template
