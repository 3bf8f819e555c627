"""The rules of data/*.csv that the loader does not check: what the rows say, and that no two say the same."""

import pytest

from catalogue.model.loading import read_files
from catalogue.model.rows import MODELS, Catalogue, Item
from catalogue.paths import ERRORS
from tests.checks.data import (
    DISPUTED,
    PAIRS,
    find_broken_guides,
    find_changed_decisions,
    find_confusion,
    find_double_blanks,
    find_false_dates,
    find_false_success,
    find_few_rows,
    find_generic_lines,
    find_harm,
    find_harmful_advice,
    find_idle_foreign_numbers,
    find_idle_stops,
    find_late_searches,
    find_long_summaries,
    find_misfiled_responses,
    find_noncanonical,
    find_one_sided,
    find_one_source,
    find_open_spans,
    find_other_markup,
    find_poor_rows,
    find_repeated_changes,
    find_repeated_keys,
    find_repeated_lines,
    find_repeated_responses,
    find_repeated_summaries,
    find_retried_duplicates,
    find_shared_causes,
    find_silent_unknowns,
    find_stray_keys,
    find_thin_rows,
    find_uncited,
    find_unknown_numbers,
    find_unseen_wordings,
    find_unsorted_responses,
    find_usual_responses,
    find_worn_lines,
    find_wrong_reasons,
    is_date,
    is_generic,
    is_thin,
    iter_prose,
)
from tests.site_tools import ROOT

# Rows that still wait for their prose. A row leaves the list with the commit that writes it.
UNWRITTEN: frozenset[str] = frozenset()


def test_no_row_is_ever_removed(catalogue: Catalogue) -> None:
    assert find_few_rows(catalogue) == [], "A row is gone. Restore it and fill its column `retired`."


@pytest.mark.parametrize("path", MODELS)
def test_every_data_file_is_in_canonical_form(path: str) -> None:
    assert find_noncanonical(path, read_files()[path]) == []


def test_canonical_form_refuses_needless_quotation_marks() -> None:
    content = read_files()[ERRORS].replace(b"30005,401", b'"30005",401')
    assert find_noncanonical(ERRORS, content) != []


def test_every_row_has_two_causes_and_two_steps(catalogue: Catalogue) -> None:
    assert find_poor_rows(catalogue) == [], "Write at least two causes and two steps for each."


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


def test_every_summary_is_one_sentence(catalogue: Catalogue) -> None:
    assert find_long_summaries(catalogue) == [], "Write one sentence, with a full stop."


def test_prose_has_no_double_blank(catalogue: Catalogue) -> None:
    assert find_double_blanks(catalogue) == []


def test_prose_closes_every_code_span(catalogue: Catalogue) -> None:
    assert find_open_spans(catalogue) == [], "Close the code span with a backtick."


def test_prose_uses_no_other_markup(catalogue: Catalogue) -> None:
    assert find_other_markup(catalogue) == []


def test_related_codes_name_each_other(catalogue: Catalogue) -> None:
    assert find_one_sided(catalogue) == [], "Add the code to the other row's column `related`."


def test_every_source_is_cited_and_every_citation_has_a_source(catalogue: Catalogue) -> None:
    guides = [path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")]
    assert find_uncited(catalogue, guides) == [], "Cite the source in a row or a guide, or correct the key."


def test_no_item_cites_a_source_twice(catalogue: Catalogue) -> None:
    assert find_repeated_keys(catalogue) == []


def test_no_evidence_key_is_left_in_the_text(catalogue: Catalogue) -> None:
    assert find_stray_keys(catalogue) == [], "Keys stand at the end."


@pytest.mark.parametrize(("code", "other"), PAIRS)
def test_codes_easily_confused_are_related_and_told_apart(catalogue: Catalogue, code: str, other: str) -> None:
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


def test_observed_responses_are_sorted_by_code(catalogue: Catalogue) -> None:
    assert find_unsorted_responses(catalogue) == [], "Sort data/observed.csv by code."


def test_every_date_exists(catalogue: Catalogue) -> None:
    assert find_false_dates(catalogue) == []


@pytest.mark.parametrize("text", ["2025-13", "2025-02-30", "25"])
def test_a_date_that_does_not_exist_is_recognised(text: str) -> None:
    assert not is_date(text)


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


def test_no_id_of_a_change_stands_twice(catalogue: Catalogue) -> None:
    assert find_repeated_changes(catalogue) == [], "Give the newer change an id of its own."


def test_every_reason_phrase_is_that_of_the_standard(catalogue: Catalogue) -> None:
    assert find_wrong_reasons(catalogue) == []
