"""The site's scripts in a real browser: pure modules by themselves, hostile texts, and no call to any other host."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.test_lookup import SECRET_KEY, SECRET_MEMO, SECRET_PASTE, SECRET_SIGN, TABLES, enter, over, read_cases

TEXTS = 10_000
LONG_TEXTS = 50
SLICES = 10

# Makes texts from a seed: mutated pastes, and runs of what breaks parsers. `big` gives 20 to 100 kB.
GENERATOR = r"""
    const makeRandom = seed => () => {
        seed = (seed + 0x6d2b79f5) | 0
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }
    const makeTexts = (seed, count, big, pastes) => {
        const random = makeRandom(seed)
        const below = n => Math.floor(random() * n)
        const pick = list => list[below(list.length)]
        const grains = [
            () => String.fromCharCode(below(32)), () => String.fromCharCode(0xd800 + below(0x800)),
            () => "{[(".repeat(1 + below(40)), () => "]})".repeat(1 + below(40)),
            () => "\\".repeat(1 + below(9)) + '"', () => `"code":${below(70000)},`,
            () => `code=${pick([30005, 40012, 1000, 50032])} msg=`, () => "'\"`\u2019\u201c",
            () => "<img src=x onerror=alert(1)>", () => "<script>alert(1)</" + "script>",
            () => "%7B%22%E0%A4%A", () => "&quot;&#x41;&#99999999;", () => String(random()),
            () => " ".repeat(below(60)), () => "\u202e\u0000\ufeff\u200b", () => "\u00e9\u0301\ufdfa\u{1d4b3}",
            () => "X-BM-KEY: " + below(1e9).toString(36), () => "a".repeat(below(200)), () => "\n\r\t",
            () => "HTTP/1.1 " + below(700), () => "error ".repeat(below(20)), () => "1".repeat(below(40)),
            () => "__proto__ constructor", () => pick(pastes),
        ]
        const changes = [
            (text, at) => text.slice(0, at) + pick(grains)() + text.slice(at), (text, at) => text.slice(at),
            (text, at) => text.slice(0, at), (text, at) => text.slice(0, at) + text.slice(at + 1 + below(8)),
            (text, at) => text + text.slice(at), text => text.split("").reverse().join(""),
        ]
        const mutate = text => {
            for (let n = below(6); n >= 0; n -= 1) text = pick(changes)(text, below(text.length + 1))
            return text
        }
        return Array.from({length: count}, () => {
            if (!big && random() < 0.6) return mutate(pick(pastes)).slice(0, 100000)
            const size = big ? 20000 + below(80001) : Math.floor(10 ** (1 + 2.5 * random()))
            const few = Array.from({length: 1 + below(5)}, () => pick(grains))
            let text = ""
            while (text.length < size) text += random() < 0.8 ? pick(few)() : pick(grains)()
            return text.slice(0, size)
        })
    }
"""

CHECK = """
    const {decode, redact, hasSecret, normalise, answerText, encodeItems, decodeItems, catalogue} = await scripts()
    const codes = new Set(catalogue.errors.map(row => row.code))
    const findFault = (text, found) => {
        const seen = found.matches.map(match => match.code)
        const number = value => Number.isInteger(value)
        if (!seen.every(code => codes.has(code))) return "a match that is not in the catalogue"
        if (new Set(seen).size < seen.length) return "a code twice"
        if (!found.matches.every(match => number(match.count) && match.count > 0)) return "no count"
        if (!found.matches.every(match => ["code", "message", "both"].includes(match.via))) return "odd via"
        const wordings = ["spec", "observed", "unfamiliar", "none"]
        if (!found.matches.every(match => wordings.includes(match.wording))) return "odd wording"
        if (!found.unlisted.every(code => /^-?\\d{4,6}$/.test(code) && !codes.has(code))) return "odd unlisted"
        if (!found.maybe.every(code => codes.has(code) && !seen.includes(code))) return "odd guess"
        if (found.http !== null && !(found.http > 99 && found.http < 600)) return "odd status"
        if (found.sensitive !== hasSecret(text)) return "sensitive and hasSecret differ"
        return ""
    }
    const findWrongAnswer = answer => {
        if (!answer.items.length) return "no answer"
        if (answer.inDoubt > answer.errors) return "more doubts than errors"
        const link = encodeItems(answer)
        if (!/^[uhl\\d.,-]*$/.test(link) || link.length > 1600) return "odd link"
        if (link && !decodeItems(link, catalogue).items.length) return "a link to nothing"
        return ""
    }
    const run = text => {
        try {
            normalise(text)
            redact(text)
            return findFault(text, decode(text, catalogue)) || findWrongAnswer(answerText(text, catalogue))
        } catch (error) {
            return String(error)
        }
    }
"""


@pytest.fixture(scope="module")
def pastes() -> list[str]:
    return [case["text"] for case in read_cases("pasted.jsonl")]


# Pure modules


def call(page: Page, function: str, *values: Any) -> Any:
    """Call a function of the site's modules in the browser."""
    return page.evaluate("async ([name, values]) => (await scripts())[name](...values)", [function, list(values)])


@over("pure modules")
def test_pure_modules_name_no_page_no_network_and_no_storage(site_dir: Path, name: str) -> None:
    source = (site_dir / "assets" / "javascripts" / name).read_text("utf-8")
    assert [row["word"] for row in TABLES["words of a page"] if row["word"] in source] == []


@over("words of a text")
def test_text_is_split_into_words(workbench: Page, text: str, words: list[str]) -> None:
    assert call(workbench, "splitWords", text) == words


@over("likeness of words")
def test_words_answer_a_query_by_how_alike_they_are(
    workbench: Page, word: str, term: str, least: float, most: float
) -> None:
    assert least <= call(workbench, "matchWord", word, term) <= most


@over("numbers of paths")
def test_the_number_of_a_path_is_found(workbench: Page, path: str, number: str | None) -> None:
    assert call(workbench, "findNumber", path) == number


@over("fragments")
def test_a_fragment_is_decoded_as_far_as_it_goes(workbench: Page, fragment: str, text: str) -> None:
    assert call(workbench, "decodeFragment", fragment) == text


@over("masked texts")
def test_secrets_are_masked_and_errors_are_not(workbench: Page, text: str, masked: str) -> None:
    assert call(workbench, "redact", text) == masked
    assert call(workbench, "hasSecret", text) == (text != masked)


def test_a_masked_paste_holds_no_secret_and_the_same_error(workbench: Page) -> None:
    masked = call(workbench, "redact", SECRET_PASTE)
    assert [secret for secret in (SECRET_KEY, SECRET_SIGN, SECRET_MEMO) if secret in masked] == []
    script = (
        "async texts => { const {decode, catalogue} = await scripts(); return texts.map(t => decode(t, catalogue)) }"
    )
    before, after = workbench.evaluate(script, [SECRET_PASTE, masked])
    assert before["sensitive"]
    assert before["matches"] == after["matches"]


def test_wordings_that_differ_in_form_only_are_one(workbench: Page) -> None:
    forms = ["Header X-API-SIGN is wrong", "(U)header x-bm-sign is wrong.", "HEADER “X-BM-SIGN” IS WRONG [1a2b]"]
    assert len({call(workbench, "normalise", form) for form in forms}) == 1


def test_the_lookup_works_over_errors_json_as_well(workbench: Page, server: str, pastes: list[str]) -> None:
    script = """async ([address, texts]) => {
        const {decode, catalogue} = await scripts()
        const full = await (await fetch(address)).json()
        return texts.filter(text => JSON.stringify(decode(text, catalogue)) !== JSON.stringify(decode(text, full)))
    }"""
    assert workbench.evaluate(script, [f"{server}errors.json", pastes]) == []


# Hostile texts


def test_no_text_breaks_the_decoder(workbench: Page, pastes: list[str]) -> None:
    script = f"""async ([seed, count, long, pastes]) => {{
        {GENERATOR}
        {CHECK}
        const texts = [...makeTexts(seed, count - long, false, pastes), ...makeTexts(seed, long, true, pastes)]
        return texts.map(text => [run(text), text.slice(0, 300)]).filter(([fault]) => fault).slice(0, 5)
    }}"""
    for part in range(SLICES):
        faults = workbench.evaluate(script, [20_261_122 + part, TEXTS // SLICES, LONG_TEXTS // SLICES, pastes])
        assert faults == [], f"Left: the fault, right: the text's beginning; part {part}."


def test_a_decoder_that_breaks_is_noticed(workbench: Page) -> None:
    script = f"""async () => {{
        {CHECK}
        const bad = {{matches: [{{code: "99999", count: 0}}], unlisted: [], maybe: [], http: null, sensitive: false}}
        return [findFault("", bad), run({{toString() {{ throw new Error("broken") }}}})]
    }}"""
    assert workbench.evaluate(script) == ["a match that is not in the catalogue", "Error: broken"]


def test_hostile_queries_do_not_break_the_search(workbench: Page, pastes: list[str]) -> None:
    script = f"""async pastes => {{
        {GENERATOR}
        const {{createSearch, catalogue, pages}} = await scripts()
        const search = createSearch(catalogue, pages)
        const texts = [...pastes, ...makeTexts(3, 30, false, pastes), ...makeTexts(4, 1, true, pastes)]
        const own = /^<small>[\\w ]+<\\/small> |^<b class="risk-\\w+">[\\w ]+<\\/b> · [\\w ,:]+<br>/
        const strip = hit => hit.title.replace(own, "") + hit.text.replace(own, "")
        return texts.flatMap(text => search(text)).flat().filter(hit => /[<>]/.test(strip(hit))).length
    }}"""
    assert workbench.evaluate(script, pastes) == 0


def test_hostile_texts_leave_the_lookup_as_it_is(page: Page, server: str) -> None:
    page.goto(server)
    before = page.locator("form.lookup *").count()
    for text in ("\x00\x01\x1b[31m", "{" * 50_000, "]" * 99_999, "<svg onload=alert(1)>" * 3000, "\u202e\ufeff"):
        enter(page, text)
        expect(page.locator("form.lookup .lookup-status")).to_contain_text("Closest by wording.")
    page.evaluate(
        """() => {
            const box = document.querySelector("#lookup-text")
            box.value = "\\ud800 code=30005 \\udfff"
            box.dispatchEvent(new Event("input", {bubbles: true}))
        }"""
    )
    expect(page.locator(".cards .card-title b")).to_have_text(["30005"])
    page.locator("form.lookup").get_by_role("button", name="Clear").click()
    expect(page.locator(".cards > li")).to_have_count(0)
    assert page.locator("form.lookup *").count() == before
    assert page.page_errors() == []


# No call to any other host


def guard(context: BrowserContext, own: str) -> list[str]:
    """Refuse every request of a context to another host, and return the list in which they are noted."""
    foreign: list[str] = []

    def check(route: Route, request: Request) -> None:
        foreign.append(request.url)
        route.abort()

    context.route(lambda url: not url.startswith((own, "data:", "blob:")), check)
    return foreign


def test_lookup_and_search_call_no_other_host(browser: Browser, server: str) -> None:
    context = browser.new_context()
    foreign = guard(context, server)
    page = context.new_page()
    page.goto(server)
    page.wait_for_function("() => 'document$' in window")
    enter(page, SECRET_PASTE)
    page.locator(".md-search__input").fill("30005")
    expect(page.locator(".md-search-result__link").first).to_have_attribute(
        "href", re.compile(f"^{server}codes/30005/")
    )
    page.wait_for_load_state("networkidle")
    assert foreign == []
    context.close()


def test_a_call_to_another_host_is_noticed(browser: Browser, server: str) -> None:
    # The policy of the pages would stop the calls before they are made.
    context = browser.new_context(bypass_csp=True)
    foreign = guard(context, server)
    page = context.new_page()
    page.goto(server)
    script = "fetch('https://stars.example.com/').catch(() => 0), new Image().src = 'https://img.example.com/x.png'"
    with page.expect_request("https://img.example.com/x.png"):
        page.evaluate(f"() => {{ {script} }}")
    expect(page.locator("body")).to_be_visible()
    assert sorted(foreign) == ["https://img.example.com/x.png", "https://stars.example.com/"]
    context.close()


def test_the_worker_speaks_the_protocol_of_the_theme(page: Page, server: str) -> None:
    page.goto(f"{server}codes/30005/")
    page.wait_for_function("() => 'document$' in window")
    script = """async address => {
        const worker = new Worker(address)
        const ask = data => new Promise(resolve => {
            worker.onmessage = event => resolve(event.data)
            worker.postMessage(data)
        })
        const ready = await ask({type: 0, data: {}})
        const empty = await ask({type: 2, data: "  "})
        const found = await ask({type: 2, data: "30005"})
        worker.terminate()
        return [ready.type, empty.data.items.length, found.data.items[0][0].location]
    }"""
    assert page.evaluate(script, f"{server}assets/javascripts/search-worker.js") == [1, 0, "codes/30005/"]
