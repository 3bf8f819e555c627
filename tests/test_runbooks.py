"""The alerting and log samples of docs/samples: they parse, link to pages that exist and read the right codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.exchange_tools import ERRORS, ROOT, read_csv
from tests.test_samples_basics import SAMPLES, count_codes

DATA = ROOT / "tests" / "data"
LINES = json.loads((DATA / "log_lines.json").read_text("utf-8"))
LABEL = "{{ $labels.code }}"
REGEX = (SAMPLES / "codes.regex").read_text("utf-8").strip()
LOGQL = (SAMPLES / "codes.logql").read_text("utf-8")
CODE_GROUP = 3

# Pastes in which a log query cannot find a code, each with the reason; an entry that no paste needs is an error.
EXCLUDED: dict[str, Callable[[str], object]] = {
    "the text has no key `code`, only a message": lambda text: "code" not in text.casefold(),
    "the text ends inside the number": lambda text: re.search(r"code\W{1,3}\d{1,3}$", text),
}


def read_rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((SAMPLES / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def read_codes() -> list[str]:
    return [row["code"] for row in read_csv(ERRORS)]


def selects(rule: dict[str, Any], labels: dict[str, str]) -> bool:
    """Apply the label matchers of a rule's only selector as Prometheus does: patterns match whole values."""
    [selector] = re.findall(r"wooxpro_api_errors_total\{([^}]*)\}", rule["expr"])
    matchers = re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', selector)
    assert len(matchers) == selector.count('"') / 2, selector
    for name, sign, value in matchers:
        hit = re.fullmatch(value, labels[name]) is not None if "~" in sign else labels[name] == value
        if hit == sign.startswith("!"):
            return False
    return True


def list_alerts(row: dict[str, str], method: str) -> dict[str, str]:
    """Return alert → severity for one failed request; alerts that wait first are left out."""
    labels = {"code": row["code"], "method": method, "retry": row["retry"], "outcome": row["outcome"]}
    fired = [rule for rule in read_rules() if "for" not in rule and selects(rule, labels)]
    return {rule["alert"]: rule["labels"]["severity"] for rule in fired}


def pages(row: dict[str, str], method: str) -> bool:
    return "page" in list_alerts(row, method).values()


def read_pastes() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "pasted.jsonl").read_text("utf-8").splitlines()]


def extract_codes(text: str) -> list[str]:
    return [match[CODE_GROUP] for match in re.finditer(REGEX, text)]


def explain_exclusion(text: str) -> str | None:
    return next((reason for reason, applies in EXCLUDED.items() if applies(text)), None)


def test_every_alert_has_a_summary_a_severity_and_a_runbook() -> None:
    for rule in read_rules():
        assert set(rule["annotations"]) == {"summary", "runbook_url"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]


@pytest.mark.parametrize("rule", read_rules(), ids=lambda rule: rule["alert"])
def test_every_runbook_address_is_that_of_a_page(rule: dict[str, Any]) -> None:
    template = rule["annotations"]["runbook_url"]
    if LABEL not in template:
        address = urlsplit(template)
        page = ROOT / "docs" / f"{address.path.strip('/')}.md"
        assert f"{{ #{address.fragment} }}" in page.read_text("utf-8"), f"{template}: give {page.name} this anchor"
        return
    assert "sum by (code)" in rule["expr"], f"{rule['alert']}: without `by (code)` the label is lost"
    for code in read_codes():
        address = urlsplit(template.replace(LABEL, code))
        assert (address.path, address.fragment) == (f"/codes/{code}/", "remediation")


def test_every_retry_class_that_needs_someone_raises_an_alert() -> None:
    expressions = " ".join(rule["expr"] for rule in read_rules())
    outcomes, retries = 'outcome=~"unknown|duplicate|accepted"', 'retry=~"backoff|wait"'
    for selector in (outcomes, retries, 'retry="stop"', 'retry="fix"', 'code="none"'):
        assert selector in expressions


# What fails for one request fails for all: cancels and stops as well.
EVERY_REQUEST = {"credentials", "signature", "clock", "permission", "account", "deprecation"}
RACES = {"40036", "40037"}  # a cancel that came after the fill
TRANSFERS = {"40005"}  # a refused transfer leaves no position without its stop


def test_a_failure_of_every_request_pages_a_person() -> None:
    rows = [row for row in read_csv(ERRORS) if row["category"] in EVERY_REQUEST or row["retry"] == "stop"]
    assert len(rows) > 20
    urgent = [row for row in rows if row["retry"] in {"fix", "stop"}]
    silent = [row["code"] for row in urgent if not (pages(row, "GET") and pages(row, "POST"))]
    assert not silent, f"alerts.yml: page for {', '.join(silent)}"


def test_a_write_that_may_have_been_executed_is_never_called_missing() -> None:
    rows = [row for row in read_csv(ERRORS) if row["outcome"] != "rejected"]
    alerts = {row["code"]: list_alerts(row, "POST") for row in rows}
    assert len(alerts) > 5
    assert [code for code, fired in alerts.items() if "WooxProWriteRefused" in fired] == []
    assert [code for code, fired in alerts.items() if "WooxProOutcomeUnknown" not in fired] == []


def test_a_refused_or_doubtful_write_pages_a_person() -> None:
    refused = [row for row in read_csv(ERRORS) if row["code"] not in TRANSFERS and row["retry"] != "backoff"]
    doubtful = [row for row in read_csv(ERRORS) if row["outcome"] == "unknown"]
    silent = [row["code"] for row in refused + doubtful if row["code"] not in RACES and not pages(row, "POST")]
    assert not silent, f"alerts.yml: page for {', '.join(silent)}"


@pytest.mark.parametrize("code", ["40059", "1000", "30013"])
def test_what_no_table_settles_pages_a_person(code: str) -> None:
    odd = {"code": code, "retry": "stop", "outcome": "unknown"}
    assert list_alerts(odd, "POST")["WooxProOutcomeUnknown"] == "page"
    assert list_alerts(odd, "GET") == {"WooxProPersonNeeded": "page"}


def test_a_page_hides_the_ticket_as_long_as_the_ticket_lasts() -> None:
    spans = {rule["alert"]: re.findall(r"\[(\w+)\]", rule["expr"]) for rule in read_rules() if "for" not in rule}
    assert {span for found in spans.values() for span in found} == {"5m"}


@pytest.mark.parametrize("outcome", ["rejected", "unknown"])
def test_a_race_of_cancel_and_fill_pages_nobody(outcome: str) -> None:
    for row in read_csv(ERRORS):
        if row["code"] in RACES | TRANSFERS:
            assert list_alerts(row | {"outcome": outcome if row["code"] in RACES else "rejected"}, "POST") == {
                "WooxProRequestRefused": "ticket"
            }


def test_the_rules_name_listed_codes_only() -> None:
    named = {code for rule in read_rules() for code in re.findall(r"[0-9]{5}", rule["expr"])}
    assert named <= set(read_codes())


def test_a_write_without_a_code_pages_at_once_and_a_read_later() -> None:
    nothing = {"code": "none", "retry": "backoff", "outcome": "unknown"}
    assert list_alerts(nothing, "POST") == {"WooxProNoCode": "page"}
    assert list_alerts(nothing, "GET") == {}


def test_slack_gets_the_runbook_of_one_code() -> None:
    config = yaml.safe_load((SAMPLES / "alertmanager.yml").read_text("utf-8"))
    [receiver] = config["receivers"]
    [slack] = receiver["slack_configs"]
    assert config["route"]["receiver"] == receiver["name"]
    assert set(config["route"]["group_by"]) == {"alertname", "code"}, "an annotation is common only within one code"
    assert slack["title_link"] == slack["actions"][0]["url"] == "{{ .CommonAnnotations.runbook_url }}"


def test_the_log_query_and_the_shell_script_use_one_pattern() -> None:
    named = re.findall(r"regexp `(.*)`", LOGQL)
    assert [pattern.replace("?P<code>", "") for pattern in named] == [REGEX], "copy codes.regex into codes.logql"


def test_the_pattern_needs_no_lookaround() -> None:
    assert "(?" not in REGEX, "neither grep -E nor Loki knows it"


def test_every_paste_with_a_code_gives_that_code() -> None:
    checked, wrong = 0, []
    for paste in read_pastes():
        if explain_exclusion(paste["text"]):
            continue
        checked += 1
        named = [paste["code"], *paste.get("also", []), *paste.get("unlisted", [])]
        found = extract_codes(paste["text"])
        if not found or not set(found) <= set(named):
            wrong.append(f"{paste['text'][:80]!r}: found {found}, expected {named}")
    assert not wrong, "\n".join(wrong)
    assert checked >= 20, f"only {checked} pastes hold a key `code`: too few to prove anything"


def test_an_excluded_paste_gives_no_code() -> None:
    excluded = [paste["text"] for paste in read_pastes() if explain_exclusion(paste["text"])]
    assert [text for text in excluded if extract_codes(text)] == []
    assert {explain_exclusion(text) for text in excluded} == set(EXCLUDED), "remove the reason that no paste needs"


def test_the_shell_script_finds_what_the_pattern_finds() -> None:
    lines = "\n".join(line for paste in read_pastes() for line in paste["text"].splitlines())
    found = extract_codes(lines)
    assert count_codes(text=lines.encode()) == {code: found.count(code) for code in found}


@pytest.mark.parametrize("line", LINES["with the code 40012"])
def test_a_code_key_in_any_dress_is_read(line: str) -> None:
    assert extract_codes(line) == ["40012"]
    assert count_codes(text=line.encode()) == {"40012": 1}


@pytest.mark.parametrize("line", LINES["without a code"])
def test_a_price_a_port_or_a_status_is_not_read(line: str) -> None:
    assert extract_codes(line) == []
    assert count_codes(text=line.encode()) == {}
