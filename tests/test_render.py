"""The renderer: cells are shown literally, references lead where they should, and every page has the same shape."""

import json
import random
import re

import pytest

from catalogue.escaping import escape_markdown, format_code_span
from catalogue.model.rows import Catalogue, Item, Source
from catalogue.model.vocabulary import SourceKind
from catalogue.render.links import Links, Site
from catalogue.render.markdown import (
    render_evidence,
    render_prose,
    render_source_tag,
    strip_markup,
)
from catalogue.render.pages import describe_error, find_neighbours, render_error_page, render_status_page
from catalogue.render.tables import render_failures, render_oddities
from tests.checks.pages import (
    convert,
    convert_article,
    find_implied_anchors,
    find_section,
    fold,
    list_samples,
)
from tests.site_tools import iter_elements, read_data, read_text

SITE = Site("https://errors.example.org/", "https://github.com/example/reference")
# Texts, and what becomes of each.
TEXTS = read_data("markdown.json")
# Pieces that mean something to Markdown, to one of the site's extensions, to Jinja or to HTML.
NASTY: list[str] = TEXTS["nasty"]
# Where the templates put a cell: the Markdown around it, and the text before and after it on the page.
PLACES: dict[str, list[str]] = TEXTS["places"]


def read_shown(text: str) -> str:
    """Return what a reader sees of Markdown text."""
    return read_text(next(convert(text).iter("body")))


def make_nasty_cells(count: int) -> list[str]:
    """Return random strings of nasty pieces and words, the same in every run, as the loader would accept them."""
    chance = random.Random(30005)
    pieces = [*NASTY, " ", " ", "word", "30005"]
    cells = ("".join(chance.choices(pieces, k=chance.randint(1, 6))) for _ in range(count))
    return [cell for cell in map(str.strip, cells) if cell]


def find_misshown(cells: list[str]) -> list[str]:
    """Return a line for every cell that is not shown literally in one of the places."""
    return [
        f"{place!r}: {cell!r} is shown as {shown!r}"
        for cell in cells
        for place, (before, after) in PLACES.items()
        if (shown := read_shown(place.format(escape_markdown(cell)))) != fold(before + cell + after)
    ]


@pytest.mark.parametrize("piece", NASTY)
def test_a_nasty_cell_is_shown_literally(piece: str) -> None:
    assert find_misshown([piece, f"{piece} end", f"start {piece}", f"{piece}{piece}", f"a{piece}b"]) == []


def test_random_nasty_cells_are_shown_literally() -> None:
    assert find_misshown(make_nasty_cells(150)) == []


def test_a_line_end_in_a_cell_is_shown_as_a_blank() -> None:
    assert read_shown(escape_markdown("one\n# two\n\n- three")) == "one # two - three"


@pytest.mark.parametrize("text", ["order_id", "a`b", "`a`", "``", "a``b`c", "<b> & *x*", "{{ x }}", "| a |", "\\"])
def test_a_code_span_shows_its_text_literally(text: str) -> None:
    codes = list(convert(f"before {format_code_span(text)} after").iter("code"))
    assert [read_text(code) for code in codes] == [fold(text)]


def test_prose_keeps_code_spans_and_escapes_the_rest(catalogue: Catalogue) -> None:
    shown = convert(render_prose("Use `a_b*c` and not *this* or `{{ x }}`.", Links(catalogue)))
    assert [read_text(code) for code in shown.iter("code")] == ["a_b*c", "{{ x }}"]
    assert list(shown.iter("em")) == []


@pytest.mark.parametrize("text", make_nasty_cells(60))
def test_nasty_prose_around_markup_is_shown_literally(catalogue: Catalogue, text: str) -> None:
    literal = text.replace("`", "'").replace("30005", "word")
    prose = f"{literal} `code` {literal} [words](guide:clock) {literal}"
    assert read_shown(render_prose(prose, Links(catalogue))) == fold(f"{literal} code {literal} words {literal}")


@pytest.mark.parametrize(("link", "target"), TEXTS["guide_links"])
def test_a_guide_link_leads_to_the_guide_s_file(catalogue: Catalogue, link: str, target: str) -> None:
    anchors = list(convert(render_prose(f"See {link} first.", Links(catalogue))).iter("a"))
    assert [anchor.get("href") for anchor in anchors] == [target]


@pytest.mark.parametrize("text", ["[words](https://example.org/)", "[words](../clock.md)", "[a]", "guide:clock"])
def test_no_other_link_is_made_from_prose(catalogue: Catalogue, text: str) -> None:
    shown = convert(render_prose(text, Links(catalogue)))
    assert list(shown.iter("a")) == []
    assert read_shown(render_prose(text, Links(catalogue))) == text


@pytest.mark.parametrize(("text", "codes"), TEXTS["codes"])
def test_codes_in_prose_become_links_and_other_numbers_do_not(
    catalogue: Catalogue, text: str, codes: list[str]
) -> None:
    anchors = convert(render_prose(text, Links(catalogue, own="30005"))).iter("a")
    linked = [anchor.get("href") for anchor in anchors if "codes" in (anchor.get("href") or "")]
    assert linked == [f"../codes/{code}.md" for code in codes]
    assert read_shown(render_prose(text, Links(catalogue))) == strip_markup(text)


def test_a_page_does_not_link_to_itself(catalogue: Catalogue) -> None:
    assert render_prose("It is 30005, not 30004.", Links(catalogue, own="30005")).count("](") == 1


@pytest.mark.parametrize(("prose", "plain"), TEXTS["plain"])
def test_strip_markup_leaves_the_words(prose: str, plain: str) -> None:
    assert strip_markup(prose) == plain


def test_item_text_and_keys_are_told_apart() -> None:
    assert Item.parse("A cause. [S5][i17436]") == Item(text="A cause.", evidence=("S5", "i17436"))
    assert Item.parse("A cause.") == Item(text="A cause.", evidence=())
    assert Item.parse("See [this](guide:clock).") == Item(text="See [this](guide:clock).", evidence=())
    assert Item.parse("An array [0] inside. [S5]") == Item(text="An array [0] inside.", evidence=("S5",))


def test_no_anchor_depends_on_the_words_of_its_heading(catalogue: Catalogue) -> None:
    texts = [render_error_page(catalogue, error.code, SITE) for error in catalogue.errors]
    texts += [render_status_page(catalogue, row.status, SITE) for row in catalogue.statuses]
    assert [line for text in texts for line in find_implied_anchors(text)] == [], "Write `{ #anchor }` after it."


def test_every_example_carries_its_own_code_message_status_and_trace(catalogue: Catalogue) -> None:
    traces = set()
    for error in catalogue.errors:
        article = convert_article(render_error_page(catalogue, error.code, SITE))
        head, body = list_samples(find_section(article, "example-envelope"))
        envelope = json.loads(body)
        assert (str(envelope["code"]), envelope["message"]) == (error.code, error.message)
        assert head.split(" ")[:2] == ["HTTP/1.1", str(error.http_status)]
        traces.add(envelope["trace"])
    assert len(traces) == len(catalogue.errors)


def make_source(kind: SourceKind, url: str | None = "https://example.org/") -> Source:
    """Return a made-up source of a kind."""
    return Source(key="Z9", kind=kind, title='A "title"', url=url, retrieved="2026-11-24")


def test_the_kinds_of_evidence_are_told_apart(catalogue: Catalogue) -> None:
    tags = [render_source_tag(make_source(kind)) for kind in SourceKind]
    tags += [render_evidence(Item(text="x", evidence=()), catalogue)]
    shown = [convert(tag) for tag in tags]
    words = [read_text(next(page.iter("body"))).removesuffix(" Z9") for page in shown]
    assert words == [*(kind.label for kind in SourceKind), "inference"]
    assert len(set(words)) == len(words)
    classes = [next(iter_elements(page, css_class="ev")).get("class") for page in shown]
    assert len(set(classes)) == len(classes)


def test_evidence_links_to_its_source_and_names_it(catalogue: Catalogue) -> None:
    source = catalogue.sources["S1"]
    anchor = next(convert(render_evidence(Item(text="x", evidence=("S1",)), catalogue)).iter("a"))
    assert (anchor.get("href"), anchor.get("title")) == (source.url, source.title)


def test_a_source_without_an_address_is_no_link() -> None:
    assert list(convert(render_source_tag(make_source(SourceKind.COMMUNITY, url=None))).iter("a")) == []


def test_a_number_has_the_nearest_codes_as_neighbours(catalogue: Catalogue) -> None:
    errors = catalogue.errors
    assert find_neighbours(catalogue, "1") == (None, errors[0])
    assert find_neighbours(catalogue, "99999") == (errors[-1], None)
    for before, error, after in zip((None, *errors), errors, (*errors[1:], None), strict=False):
        assert find_neighbours(catalogue, error.code) == (before, after)
        unlisted = str(int(error.code) + 1)
        if unlisted not in catalogue.by_code:
            assert find_neighbours(catalogue, unlisted) == (error, after)


def test_without_a_repository_there_is_no_edit_link(catalogue: Catalogue) -> None:
    page = render_error_page(catalogue, "30005", Site("https://errors.example.org/"))
    assert "#L" not in page
    assert "Edit" not in page


def test_every_description_is_short_and_plain(catalogue: Catalogue) -> None:
    texts = [describe_error(error) for error in catalogue.errors]
    assert [text for text in texts if len(text) > 300 or "`" in text or "guide:" in text] == []
    assert len(set(texts)) == len(texts)


def test_failures_of_a_status_leave_out_success(catalogue: Catalogue) -> None:
    codes = re.findall(r"^- \[(\d+)\]", render_failures(catalogue, 200), re.MULTILINE)
    assert codes == [e.code for e in catalogue.errors if e.http_status == 200 and e.code != "1000"]


def test_every_note_stands_in_the_list_of_oddities(catalogue: Catalogue) -> None:
    lines = render_oddities(catalogue).split("\n")
    notes = [e for e in catalogue.errors if e.note]
    rows = [row for row in catalogue.statuses if row.note]
    assert len(lines) == len(notes) + len(rows)
    assert [line[3:].split("]")[0] for line in lines[: len(notes)]] == [error.code for error in notes]
