"""What the site masks in a text that it keeps, shows or copies: every secret, and nothing that a reader needs."""

import json
from typing import Any

import pytest

from tests.node_tools import GROWTH, MAX_GROWTH, run_script
from tests.site_tools import ROOT

CASES = [json.loads(line) for line in (ROOT / "tests/data/secrets.jsonl").read_text("utf-8").splitlines()]
SECRETS = [case for case in CASES if case["secret"]]
HARMLESS = [case["text"] for case in CASES if not case["secret"]]

MASK = """
const main = async texts => {
    const {redact, hasSecret} = await load("redact.js")
    return texts.map(text => ({out: redact(text), again: redact(redact(text)), found: hasSecret(text)}))
}
"""
# Each repeat makes some pattern of the module begin, and lets none of them end.
REPEATS = [
    *("key=", "secret:", "a", "1.", "::", "0:", "-----BEGIN X-----", "a@", "eyJ", "bearer ", "\\", '"', "'", "key "),
    *("1234567890#", "://", "[", "key%22", "cookie:a;", "secret=null ", "secret \t ", "\n secret:\n  ", "0x", "&quot;"),
    *(
        "a.b-",
        "key,",
        'secret"',
        'secret"\\',
        "'secret':'",
        "token is ",
        '{"a":',
        "'key',",
        "密钥",
        "key\\u0022",
        "token: \n ",
        "a_key_key=",
        "key=$",
    ),
]
TIME = """
const main = async repeats => {
    const {redact} = await load("redact.js")
    const all = []
    for (const unit of repeats) all.push([unit, await measureGrowth(unit, redact)])
    return all
}
"""


@pytest.fixture(scope="module")
def masked() -> dict[str, Any]:
    """Return text → its masked form, for every case."""
    texts = [case["text"] for case in CASES]
    return dict(zip(texts, run_script(MASK, texts), strict=True))


def test_the_cases_are_as_many_as_were_promised() -> None:
    assert len({case["text"] for case in SECRETS}) >= 134
    assert len(set(HARMLESS)) >= 67


def test_no_secret_survives_masking(masked: dict[str, Any]) -> None:
    leaks = [case["text"] for case in SECRETS if case["secret"] in masked[case["text"]]["out"]]
    assert leaks == []


def test_a_text_without_a_secret_stays_as_it_is(masked: dict[str, Any]) -> None:
    assert {text: masked[text]["out"] for text in HARMLESS if masked[text]["out"] != text} == {}


def test_masking_twice_changes_nothing_more(masked: dict[str, Any]) -> None:
    assert [text for text, one in masked.items() if one["again"] != one["out"]] == []


def test_a_secret_is_noticed_and_an_address_alone_is_not_taken_for_one(masked: dict[str, Any]) -> None:
    credentials = {case["text"]: not case.get("address") for case in SECRETS} | dict.fromkeys(HARMLESS, False)
    wrong = [text for text, is_secret in credentials.items() if masked[text]["found"] != is_secret]
    assert wrong == []


def test_the_names_of_secrets_and_the_errors_stay_readable() -> None:
    text = 'X-API-KEY: 9d2e7c41f0\nX-API-SIGN: 00aa11bb\nmemo=test001&code=30005\n{"apiKey":"k1","code":40012}'
    wanted = 'X-API-KEY: ***\nX-API-SIGN: ***\nmemo=***&code=30005\n{"apiKey":"***","code":40012}'
    assert run_script(MASK, [text])[0]["out"] == wanted


def test_eight_times_the_text_takes_about_eight_times_as_long() -> None:
    found = run_script(GROWTH + TIME, REPEATS)
    assert [(unit, growth) for unit, growth in found if growth > MAX_GROWTH] == []
