"""The rules of data/*.csv that the loader does not check: what the rows say, and that no two say the same."""

import pytest

from catalogue.model.rows import Catalogue, Item
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
    is_generic,
    is_thin,
    iter_prose,
)

# Rows that still wait for their prose. A row leaves the list with the commit that writes it.
UNWRITTEN: frozenset[str] = frozenset()


def test_no_row_is_ever_removed(catalogue: Catalogue) -> None:
    assert find_removed_rows(catalogue, read_permalinks()) == [], "A row is gone. Restore it and fill `retired`."


def test_no_line_stands_in_more_than_three_rows(catalogue: Catalogue) -> None:
    assert find_worn_lines(catalogue) == [], "Say what is special about each code, or link a guide."


def test_no_row_repeats_a_line(catalogue: Catalogue) -> None:
    assert find_repeated_lines(catalogue) == [], "Remove one of the two."


def test_no_two_rows_have_the_same_causes(catalogue: Catalogue) -> None:
    assert find_shared_causes(catalogue) == [], "Say in the causes what tells these codes apart."


def test_no_line_is_generic(catalogue: Catalogue) -> None:
    assert find_generic_lines(catalogue) == [], "Replace it with a cause or step of this code."


@pytest.mark.parametrize("line", ["Contact support.", "Check your request.", "Try again."])
def test_generic_lines_are_recognised(line: str) -> None:
    assert is_generic(line)


def test_every_summary_is_unique(catalogue: Catalogue) -> None:
    assert find_repeated_summaries(catalogue) == []


def test_every_summary_and_first_step_is_read_in_one_breath(catalogue: Catalogue) -> None:
    assert find_long_summaries(catalogue) == [], "End with a full stop, and cut sentences of more than 25 words."


def test_every_difference_names_both_codes(catalogue: Catalogue) -> None:
    assert find_vague_differences(catalogue) == [], "Say of each of the two codes what it means."


def test_prose_has_no_double_blank(catalogue: Catalogue) -> None:
    assert find_double_blanks(catalogue) == []


def test_prose_uses_no_other_markup(catalogue: Catalogue) -> None:
    assert find_other_markup(catalogue) == []


@pytest.mark.parametrize(("code", "other"), PAIRS)
def test_codes_easily_confused_are_related(catalogue: Catalogue, code: str, other: str) -> None:
    assert find_confusion(catalogue, code, other) == []


def test_every_thin_row_is_on_the_list_and_no_other(catalogue: Catalogue) -> None:
    thin = set(find_thin_rows(catalogue))
    assert thin == UNWRITTEN, "Write the missing rows, and take those off UNWRITTEN that are written."


def test_a_thin_row_is_recognised(catalogue: Catalogue) -> None:
    short = Item(text="The value is wrong here.", evidence=())
    assert is_thin(
        catalogue.by_code["30005"].model_copy(update={"causes": (short, short), "remediation": (short,) * 2})
    )


@pytest.mark.parametrize("code", DISPUTED)
def test_a_disputed_code_cites_two_sources(catalogue: Catalogue, code: str) -> None:
    assert find_one_source(catalogue, code) == []


def test_guide_links_lead_to_anchors_that_exist(catalogue: Catalogue) -> None:
    assert find_broken_guides(iter_prose(catalogue)) == [], (
        "Add `{ #anchor }` to the guide's heading, or correct the link."
    )


@pytest.mark.parametrize("target", ["nowhere", "clock#nowhere"])
def test_a_guide_link_to_nowhere_is_found(target: str) -> None:
    assert find_broken_guides([("here", f"See [this](guide:{target}).")]) != []


def test_an_unknown_outcome_comes_with_a_look_up(catalogue: Catalogue) -> None:
    assert find_silent_unknowns(catalogue) == [], (
        "Add the step that finds out what became of the write, or link guide:retries#look-up."
    )


def test_a_duplicate_is_looked_up_first(catalogue: Catalogue) -> None:
    assert find_late_searches(catalogue) == [], "Start with the look-up of the earlier write."


def test_stop_needs_a_person_or_the_exchange(catalogue: Catalogue) -> None:
    assert find_idle_stops(catalogue) == [], "`stop` means that a person acts: the actor is operator or exchange."


def test_only_success_has_nothing_to_retry(catalogue: Catalogue) -> None:
    assert find_false_success(catalogue) == []


def test_a_duplicate_is_never_retried(catalogue: Catalogue) -> None:
    assert find_retried_duplicates(catalogue) == [], "An earlier write exists: look it up, do not repeat."


def test_no_advice_harms_the_reader(catalogue: Catalogue) -> None:
    assert find_harmful_advice(catalogue) == [], (
        "Never advise evasion, dropping an id, or sending a write again blindly."
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


def test_no_observed_response_stands_twice(catalogue: Catalogue) -> None:
    assert find_repeated_responses(catalogue) == []


def test_every_observed_wording_stands_in_its_body(catalogue: Catalogue) -> None:
    assert find_unseen_wordings(catalogue) == [], "Copy the wording from the body, letter by letter."


def test_every_observed_response_differs_from_the_table(catalogue: Catalogue) -> None:
    assert find_usual_responses(catalogue) == [], (
        "The file is for wordings and shapes that differ from the vendor's table."
    )


def test_every_observed_response_has_the_code_of_its_page(catalogue: Catalogue) -> None:
    assert find_misfiled_responses(catalogue) == [], "Correct the column `code`, or the body."


def test_what_bots_decide_by_changes_only_on_purpose(catalogue: Catalogue) -> None:
    assert find_changed_decisions(catalogue) == [], (
        "If the change is meant, change DECISIONS or CATEGORIES in tests/checks/data.py too."
    )


def test_every_vendor_number_in_prose_is_a_code(catalogue: Catalogue) -> None:
    assert find_unknown_numbers(catalogue) == [], "Correct the number, or name it in FOREIGN_NUMBERS with a reason."


def test_no_exempted_number_is_left_over(catalogue: Catalogue) -> None:
    assert find_idle_foreign_numbers(catalogue) == [], "Take it off FOREIGN_NUMBERS."


def test_every_reason_phrase_is_that_of_the_standard(catalogue: Catalogue) -> None:
    assert find_wrong_reasons(catalogue) == []
