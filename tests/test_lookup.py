"""The lookup in a real browser: what the decoder finds in pastes, and what the box on the home page makes of it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, Request, expect

from catalogue.model.rows import Catalogue
from catalogue.render.markdown import strip_markup
from tests.site_tools import ROOT, find_element, locate_file

DATA = ROOT / "tests" / "data"
SIGN_PASTE = '{"code":30005,"message":"Header X-API-SIGN is wrong","trace":"9c86bb5a"}'
SECRET_KEY = "k3yVALUEabcdef0123456789abcdef012345"
SECRET_SIGN = "51gnVALUEfedcba9876543210fedcba98765"
SECRET_MEMO = "memoVALUE77"
SECRET_PASTE = (
    f"POST /contract/private/submit-order HTTP/1.1\nX-BM-KEY: {SECRET_KEY}\nX-BM-SIGN: {SECRET_SIGN}\n"
    f'apiKey="{SECRET_KEY}", memo={SECRET_MEMO}\n\nHTTP/1.1 401 Unauthorized\n{SIGN_PASTE}\n'
)

Case = dict[str, Any]
Decode = Callable[[list[str]], list[Case]]


def read_cases(name: str) -> list[Case]:
    """Return the cases of a file of tests/data, one JSON object a line."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


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

    def run(texts: list[str]) -> list[Case]:
        found: list[Case] = workbench.evaluate(script, texts)
        return found

    return run


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


@pytest.mark.parametrize(
    "shape",
    [
        "%s",
        " %s\n",
        "code %s",
        "error %s",
        "errorCode=%s",
        "code: %s",
        '{"code":%s}',
        '{"code":"%s","data":{}}',
        "{'code': %s, 'data': None}",
        '"{\\"code\\":%s,\\"trace\\":\\"1\\"}"',
        'bitmart {"trace":"7","code":%s,"data":{}}',
        "<code>%s</code>",
    ],
)
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


@pytest.mark.parametrize(
    "text",
    [
        '{"price":"30005","size":40034,"order_id":40012}',
        "BTCUSDT 30005.5 40034",
        "sold at 30005 USDT",
        "listening on 127.0.0.1:30005",
        "http://127.0.0.1:40034/contract/public/details",
        "CCXT 4.3.58 on Python 3.11.9",
        "timestamp=1696490300300 X-API-TIMESTAMP: 1696490300300",
        '{"code":1000,"message":"Ok","trace":"30005.40034.40012","data":{"price":"40035"}}',
        "order 23041030005 filled",
        "2024-10-15 13:40:03,005 INFO started",
        "9c86bb5a-3000-4003-8001-000000030005",
        "File client.py, line 30005, in request",
        "exited with code 1",
        "quantity 40034 at 30005",
        "$30005 and €40034",
        "30005% of 40034px",
        "KeyError: 'order_id'",
        "HTTP/1.1 200 OK\nContent-Length: 30005",
        "zip code 40012",
    ],
)
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


# The box


def enter(page: Page, text: str) -> Locator:
    """Put a text into the box of a page and return the cards once the answer is said."""
    status = page.locator(".lookup-status")
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


def test_a_pasted_error_becomes_a_card_with_what_to_do(home: Page, catalogue: Catalogue, server: str) -> None:
    card = enter(home, SIGN_PASTE)
    row = next(error for error in catalogue.errors if error.code == "30005")
    expect(card).to_have_count(1)
    expect(card.locator("a.card-title")).to_have_text(f"30005 {row.message}")
    expect(card.locator("a.card-title")).to_have_attribute("href", f"{server}codes/30005/")
    facts = [row.retry.label, f"Write: {row.outcome.label}", f"Acts: {row.actor.label}", f"HTTP {row.http_status}"]
    expect(card.locator(".card-facts span")).to_have_text(facts)
    expect(card.get_by_text(strip_markup(row.summary), exact=True)).to_be_visible()
    expect(card.locator(".card-steps li")).to_have_text([strip_markup(step.text) for step in row.remediation[:2]])
    expect(card.locator(".card-warning")).to_have_count(0)
    expect(home.get_by_role("status").filter(has_text="Found: 30005.")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("30005", "Recognised by its code."),
        ("Header X-API-SIGN is wrong", "Recognised by its wording."),
        (SIGN_PASTE, "Recognised by code and wording."),
    ],
)
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


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("HTTP/1.1 400 Bad Request", ["The paste says HTTP 400; the vendor's table says 401."]),
        ("HTTP/1.1 401 Unauthorized", []),
        ("", []),
    ],
)
def test_a_status_that_disagrees_with_the_table_is_mentioned(home: Page, head: str, said: list[str]) -> None:
    expect(enter(home, f"{head}\n\n{SIGN_PASTE}").locator(".card-warning")).to_have_text(said)


def test_one_status_of_several_errors_contradicts_none_if_it_fits_one(home: Page) -> None:
    cards = enter(home, 'HTTP/1.1 401 Unauthorized\n\n{"code":30005}\n{"code":40034}')
    expect(cards).to_have_count(2)
    expect(cards.locator(".card-warning")).to_have_count(0)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("30099", "By its range it would belong to the authentication codes. Its neighbours: 30031 and 40000."),
        ("40059", "By its range it would belong to the contract codes. Its neighbours: 40052 and 42000."),
        ("61001", "Its range is not one of this API: it may come from another product or exchange."),
    ],
)
def test_a_number_outside_the_vendors_page_says_so(home: Page, catalogue: Catalogue, number: str, said: str) -> None:
    card = enter(home, f'{{"code":{number},"message":"?"}}')
    expect(card.locator(".card-title")).to_have_text(f"{number} is not in the vendor's page")
    codes = [int(error.code) for error in catalogue.errors]
    before = max(code for code in codes if code < int(number))
    after = [code for code in codes if code > int(number)]
    neighbours = f"Its neighbours: {' and '.join(map(str, [before, *after[:1]]))}."
    expect(card).to_contain_text(said.partition(" Its neighbours")[0])
    expect(card).to_contain_text(neighbours)
    expect(card.get_by_role("link", name=str(before))).to_have_attribute("href", re.compile(rf"/codes/{before}/$"))


def test_each_of_several_errors_is_shown_once_with_its_count(home: Page) -> None:
    lines = [f'10:00:0{n} ERROR {{"code":{code}}}' for n, code in enumerate([30005, 40034, 30005, 30013, 30005, 40034])]
    cards = enter(home, "\n".join(lines))
    expect(cards.locator(".card-title b")).to_have_text(["30005", "40034", "30013"])
    counts = ["Found 3 times.", "Found 2 times.", ""]
    for at, count in enumerate(counts):
        expect(cards.nth(at).locator(".card-remark")).to_have_text(f"Recognised by its code. {count}".strip())


def test_guesses_are_shown_only_where_nothing_is_certain(home: Page) -> None:
    cards = enter(home, "HTTP status is 400. Message: order not exist")
    expect(cards.filter(has_text="A guess from the wording alone.").first).to_be_visible()
    expect(home.locator(".lookup-status")).to_have_text("No code found. The wording resembles these:")
    expect(enter(home, "Invalid order")).to_have_count(1)


def test_a_text_without_an_error_says_what_to_paste_instead(home: Page) -> None:
    expect(enter(home, "good morning")).to_have_count(0)
    expect(home.locator(".lookup-status")).to_have_text(
        "No error of this API found. Paste the whole response body, or type the code."
    )


def test_every_card_leads_to_a_page(home: Page, catalogue: Catalogue, server: str, site_dir: Path) -> None:
    text = "\n".join(f"code={code}" for code in [*(error.code for error in catalogue.errors), "30099", "61001"])
    cards = enter(home, text)
    expect(cards).to_have_count(len(catalogue.errors) + 2)
    links: list[str] = cards.get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    assert [link for link in links if not link.startswith(server)] == []
    assert [link for link in links if not locate_file(site_dir, urlsplit(link.removeprefix(server)).path)] == []
    assert {link for link in links if "/codes/" in link} == {f"{server}codes/{e.code}/" for e in catalogue.errors}


def test_results_follow_what_is_typed(page: Page, server: str) -> None:
    page.goto(server)
    page.locator("#lookup-text").press_sequentially("30005")
    expect(page.locator(".cards .card-title b")).to_have_text(["30005"])
    page.locator("#lookup-text").press("Backspace")
    expect(page.locator(".cards .card-title b")).to_have_text(["3000"])
    page.locator("form.lookup").get_by_role("button", name="Clear").click()
    expect(page.locator("#lookup-text")).to_have_value("")
    expect(page.locator(".cards")).to_be_hidden()
    expect(page.locator(".lookup-status")).to_be_empty()


# What happens to the text


@pytest.mark.parametrize("secret", [SECRET_KEY, SECRET_SIGN, SECRET_MEMO])
def test_a_secret_in_a_paste_is_shown_nowhere(home: Page, secret: str) -> None:
    expect(enter(home, SECRET_PASTE).locator(".card-title b")).to_have_text(["30005"])
    assert secret in home.locator("#lookup-text").input_value()
    assert secret not in home.content()
    assert secret not in unquote(home.url)
    expect(home.locator(".lookup-status .lookup-warning")).to_contain_text("seems to hold a key, signature or secret")


@pytest.mark.parametrize("errors", ["", '{"code":40034}', "code=61001"])
def test_a_secret_is_not_in_the_copied_link(page: Page, context: BrowserContext, server: str, errors: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(server)
    enter(page, SECRET_PASTE + errors)
    link = unquote(copy_link(page))
    assert "30005" in link
    assert [secret for secret in (SECRET_KEY, SECRET_SIGN, SECRET_MEMO) if secret in link] == []


def test_a_secret_beside_a_mere_guess_gives_no_link(home: Page) -> None:
    enter(home, f"X-BM-KEY: {SECRET_KEY}\nHTTP status is 400. Message: order not exist")
    expect(home.get_by_role("button", name="Copy link")).to_be_hidden()


@pytest.mark.parametrize(
    "payload",
    [
        "<img src=x onerror=alert('pwned')>",
        "<script>alert('pwned')</script>",
        "<svg/onload=alert('pwned')>",
        "</textarea><iframe srcdoc=pwned></iframe>",
        "javascript:alert('pwned')",
        "{{constructor.constructor('pwned')()}}",
    ],
)
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


def test_the_text_is_neither_sent_nor_stored(page: Page, context: BrowserContext, server: str) -> None:
    requests: list[Request] = []

    def note(request: Request) -> None:
        requests.append(request)

    context.on("request", note)
    page.goto(server)
    enter(page, SIGN_PASTE)
    enter(page, SECRET_PASTE)
    assert [request.url for request in requests if request.method != "GET" or "?q" in request.url] == []
    traces = [f"{request.url} {request.all_headers()}" for request in requests]
    assert [trace for trace in traces if SECRET_KEY in trace or "30005" in trace or "SIGN" in trace] == []
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])")
    assert "30005" not in stored
    assert SECRET_KEY not in stored
    assert page.url == server
    assert page.evaluate("indexedDB.databases().then(list => list.length)") == 0


def test_the_page_says_that_the_text_stays_in_the_browser(home: Page) -> None:
    expect(home.get_by_text("The text stays in your browser: it is neither sent nor stored.")).to_be_visible()
    described = home.locator("#lookup-text").get_attribute("aria-describedby")
    expect(home.locator(f"#{described}")).to_contain_text("stays in your browser")


# The address


def copy_link(page: Page) -> str:
    """Press the button that copies the link and return the clipboard's text."""
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (SIGN_PASTE, ["30005"]),
        ('{"code":40012,"message":"SYMBOL_NOT_EXIST"}', ["40012", "40034"]),
        ("code=30005 & 100% sure+\ncode=40034 #2 ünï\\", ["30005", "40034"]),
        ("30099", ["30099"]),
    ],
)
def test_a_lookup_can_be_copied_as_a_link(
    page: Page, context: BrowserContext, server: str, text: str, codes: list[str]
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(server)
    expect(enter(page, text).locator(".card-title b")).to_have_text(codes)
    link = copy_link(page)
    assert link.startswith(f"{server}#q=")
    other = context.new_page()
    other.goto(link)
    expect(other.locator(".cards .card-title b")).to_have_text(codes)


def test_a_browser_without_a_clipboard_gets_the_link_in_the_address(page: Page, server: str) -> None:
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))")
    page.goto(server)
    enter(page, SIGN_PASTE)
    page.get_by_role("button", name="Copy link").click()
    expect(page).to_have_url(f"{server}#q=30005")
    expect(page.get_by_role("button", name="Copy it from the address bar")).to_be_visible()


@pytest.mark.parametrize(
    ("fragment", "value", "codes"),
    [
        ("30005", "30005", ["30005"]),
        ("%7B%22code%22%3A30005%7D", '{"code":30005}', ["30005"]),
        ("code%3D40034+and%20more", "code=40034 and more", ["40034"]),
        ("error%2040012%", "error%2040012%", []),
        ("%E0%A4%A code=30005", "%E0%A4%A%20code=30005", []),
        ("%", "%", []),
        ("", "", []),
        ("%3Cimg%20src=x%20onerror=alert(1)%3E%2030099", "<img src=x onerror=alert(1)> 30099", []),
    ],
)
def test_a_link_opens_its_lookup(page: Page, server: str, fragment: str, value: str, codes: list[str]) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(error.message))
    page.goto(f"{server}#q={fragment}")
    expect(page.locator("#lookup-text")).to_have_value(value)
    if codes:
        expect(page.locator(".cards .card-title b")).to_have_text(codes)
    page.wait_for_function("window.document$")
    expect(enter(page, "30013").locator(".card-title b")).to_have_text("30013")
    assert failures == []


def test_another_link_on_the_open_page_opens_its_lookup(page: Page, server: str) -> None:
    page.goto(f"{server}#q=30005")
    expect(page.locator(".cards .card-title b")).to_have_text(["30005"])
    page.evaluate("location.hash = '#q=40034'")
    expect(page.locator(".cards .card-title b")).to_have_text(["40034"])
    page.go_back()
    expect(page.locator(".cards .card-title b")).to_have_text(["30005"])


# Keyboard, screen reader, small screens


def test_arrow_keys_walk_the_results_and_escape_clears(page: Page, server: str) -> None:
    page.goto(server)
    titles = enter(page, '{"code":40012,"message":"SYMBOL_NOT_EXIST"}').locator("a.card-title")
    box = page.locator("#lookup-text")
    for key, focused in [
        ("ArrowDown", titles.nth(0)),
        ("ArrowDown", titles.nth(1)),
        ("ArrowDown", titles.nth(1)),
        ("ArrowUp", titles.nth(0)),
        ("ArrowUp", box),
    ]:
        page.keyboard.press(key)
        expect(focused).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(page.locator(".cards")).to_be_hidden()


def test_enter_on_a_result_opens_its_page(page: Page, server: str) -> None:
    page.goto(server)
    enter(page, SIGN_PASTE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server}codes/30005/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("30005")


def test_the_results_are_a_named_list_and_announced_politely(home: Page) -> None:
    enter(home, SIGN_PASTE)
    expect(home.get_by_role("list", name="Errors found").get_by_role("listitem").first).to_be_visible()
    expect(home.get_by_role("textbox", name="Paste an error, a log line or a code")).to_be_visible()
    expect(home.locator(".lookup-status")).to_have_attribute("role", "status")
    expect(home.locator(".lookup-status")).to_have_attribute("aria-live", "polite")


def test_the_lookup_works_after_instant_navigation(page: Page, server: str) -> None:
    page.goto(f"{server}codes/30005/")
    page.wait_for_function("window.document$")
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
def test_the_lookup_fits_a_small_screen_in_both_palettes(
    browser: Browser, server: str, colors: Any, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=colors)
    page = context.new_page()
    page.goto(server)
    long = "\n".join([SIGN_PASTE, "code=30099", '{"code":40012,"message":"SYMBOL_NOT_EXIST"}', "x" * 300])
    cards = enter(page, long)
    expect(cards).to_have_count(4)
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    wide = cards.evaluate_all("cards => cards.filter(card => card.getBoundingClientRect().right > 320).length")
    assert wide == 0
    context.close()


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
    expect(page.locator(".lookup-status")).to_contain_text("could not be loaded. Check the connection and type again")
    page.unroute("**/lookup.json")
    expect(enter(page, "30005").locator(".card-title b")).to_have_text("30005")


def test_the_home_page_names_the_search_for_browsers(home: Page, server: str) -> None:
    link = home.locator('link[rel="search"][type="application/opensearchdescription+xml"]')
    assert link.evaluate("link => link.href") == f"{server}opensearch.xml"
    template = home.request.get(f"{server}opensearch.xml").text()
    assert f'template="{server}#q={{searchTerms}}"' in template
