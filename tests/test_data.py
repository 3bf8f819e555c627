"""The rules of data/*.csv that the loader does not check: what the rows say, and that no two say the same."""

from collections.abc import Callable

import pytest

from catalogue.model.rows import Catalogue
from catalogue.site.permalinks import read_permalinks
from tests.checks.data import (
    DISPUTED,
    PAIRS,
    find_broken_guides,
    find_changed_decisions,
    find_confusion,
    find_double_blanks,
    find_false_success,
    find_generic_lines,
    find_harm,
    find_harmful_advice,
    find_idle_foreign_numbers,
    find_idle_stops,
    find_late_searches,
    find_long_summaries,
    find_misfiled_responses,
    find_one_source,
    find_other_markup,
    find_removed_rows,
    find_repeated_lines,
    find_repeated_responses,
    find_repeated_summaries,
    find_retried_duplicates,
    find_shared_causes,
    find_silent_unknowns,
    find_thin_rows,
    find_unknown_numbers,
    find_unseen_wordings,
    find_usual_responses,
    find_vague_differences,
    find_worn_lines,
    find_wrong_reasons,
    iter_prose,
)

# Rule → what to do if a row breaks it.
RULES: dict[Callable[[Catalogue], list[str]], str] = {
    find_worn_lines: "Say what is special about each code, or link a guide.",
    find_repeated_lines: "Remove one of the two.",
    find_shared_causes: "Say in the causes what tells these codes apart.",
    find_generic_lines: "Replace it with a cause or step of this code.",
    find_thin_rows: "Write more than one cause and one step, in a few sentences.",
    find_repeated_summaries: "Say what is special about each code.",
    find_long_summaries: "End with a full stop, and cut sentences of more than 25 words.",
    find_vague_differences: "Say of each of the two codes what it means.",
    find_double_blanks: "Remove one blank.",
    find_other_markup: "Use code spans and links to guides alone.",
    find_silent_unknowns: "Add the step that finds out what became of the write, or link guide:retries#look-up.",
    find_late_searches: "Start with the look-up of the earlier write.",
    find_idle_stops: "`stop` means that a person acts: the actor is operator or exchange.",
    find_false_success: "Success alone has nothing to send again.",
    find_retried_duplicates: "An earlier write exists: look it up, do not repeat.",
    find_harmful_advice: "Never advise evasion, dropping an id, or sending a write again blindly.",
    find_repeated_responses: "Remove one of the two.",
    find_unseen_wordings: "Copy the wording from the body, letter by letter.",
    find_usual_responses: "The file is for wordings and shapes that differ from the vendor's table.",
    find_misfiled_responses: "Correct the column `code`, or the body.",
    find_changed_decisions: "If the change is meant, change DECISIONS or CATEGORIES in tests/checks/data.py too.",
    find_unknown_numbers: "Correct the number, or name it in FOREIGN_NUMBERS with a reason.",
    find_idle_foreign_numbers: "Take it off FOREIGN_NUMBERS.",
    find_wrong_reasons: "Write the reason phrase of the standard.",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
def test_the_rows_keep_every_rule(catalogue: Catalogue, rule: Callable[[Catalogue], list[str]]) -> None:
    assert rule(catalogue) == [], RULES[rule]


def test_no_row_is_ever_removed(catalogue: Catalogue) -> None:
    assert find_removed_rows(catalogue, read_permalinks()) == [], "A row is gone. Restore it and fill `retired`."


@pytest.mark.parametrize(("code", "other"), PAIRS)
def test_codes_easily_confused_are_related(catalogue: Catalogue, code: str, other: str) -> None:
    assert find_confusion(catalogue, code, other) == []


@pytest.mark.parametrize("code", DISPUTED)
def test_a_disputed_code_cites_two_sources(catalogue: Catalogue, code: str) -> None:
    assert find_one_source(catalogue, code) == []


def test_guide_links_lead_to_anchors_that_exist(catalogue: Catalogue) -> None:
    assert find_broken_guides(iter_prose(catalogue)) == [], (
        "Add `{ #anchor }` to the guide's heading, or correct the link."
    )


@pytest.mark.parametrize(
    "advice",
    [
        "Use a VPN.",
        "Send it through another proxy.",
        "Omit the order_id and cancel again.",
        "Drop the `client_order_id`.",
        "Switch keys to get round the block.",
        "Resend the order immediately.",
    ],
)
def test_harmful_advice_is_recognised(advice: str) -> None:
    assert find_harm(advice) == [advice]
    assert find_harm(f"Never {advice[0].lower()}{advice[1:]}") == []
