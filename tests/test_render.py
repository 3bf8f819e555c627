"""The renderer: cells are shown literally, references lead where they should, and every page has the same shape."""

import json
import random
import re
from dataclasses import replace

import pytest

from catalogue.escaping import escape_markdown, format_code_span
from catalogue.model.rows import Catalogue, ErrorCode, Item, Source
from catalogue.model.vocabulary import Retry, SourceKind
from catalogue.paths import ERRORS
from catalogue.render.links import Links, Site
from catalogue.render.markdown import (
    render_evidence,
    render_prose,
    render_source_tag,
    strip_markup,
)
from catalogue.render.pages import describe_error, find_neighbours, render_error_page, render_status_page
from catalogue.render.tables import (
    render_code_map,
    render_code_table,
    render_failures,
    render_oddities,
    render_retry_matrix,
    render_source_list,
    render_status_index,
)
from tests.checks.pages import (
    CODE_ANCHORS,
    WILD,
    convert,
    convert_article,
    find_implied_anchors,
    find_wrong_map,
    find_wrong_matrix,
    find_wrong_rows,
    find_wrong_source_list,
    find_wrong_status_index,
    find_wrong_status_page,
    fold,
    list_headings,
    make_code_page_checks,
)
from tests.site_tools import ROOT, iter_elements, parse_page, read_text

SITE = Site("https://errors.example.org/", "https://github.com/example/reference")
HEADINGS = list(CODE_ANCHORS)

# Pieces that mean something to Markdown, to one of the site's extensions, to Jinja or to HTML.
NASTY = [
    *("|", "<", ">", "&", "*", "_", "`", "[", "]", "{", "}", "#", "+", "-", "1.", "1)", "=", "~", ":", "!", "\\", "^"),
    *("**b**", "_i_", "~~~", "```", "---", "===", "***", "!!! note", "??? note", "{: .a }", "{ #a }", "{#id}", "](a)"),
    *("{{ x }}", "{% x %}", "{# x #}", "<script>alert(1)</script>", "<!-- x -->", "&copy;", "&#35;", "| a | b |"),
    *("https://example.org/?a=1&b=2", "[a](b)", "![a](b)", "[a]: b", "*[a]: b", "[^1]", "a  b", "'", '"', "$", "%"),
]
# Where the templates put a cell: the Markdown around it, and the text before and after it on the page.
PLACES = {
    "{}": ("", ""),
    "{}\n{{ .summary }}": ("", ""),
    "**Do first:** {}\n{{ .first-step }}": ("Do first: ", ""),
    "# 30005 · {} {{ #code-30005 }}": ("30005 · ", ""),
    "- {}": ("", ""),
    "1. {} [Official S1](https://example.org/){{ .ev }}": ("", " Official S1"),
    "- [30005 {}](../codes/30005.md) — tail": ("30005 ", " — tail"),
    "word {} word": ("word ", " word"),
}


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


def test_an_unescaped_cell_would_be_noticed() -> None:
    assert read_shown("**b** &copy; `x`") != "**b** &copy; `x`"


def test_a_line_end_in_a_cell_is_shown_as_a_blank() -> None:
    assert read_shown(escape_markdown("one\n# two\n\n- three")) == "one # two - three"


def test_no_element_comes_from_a_cell() -> None:
    body = next(convert(escape_markdown("<script>alert(1)</script><img src=x onerror=y>")).iter("body"))
    assert [element.tag for element in body.iter()] == ["body", "p"]


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


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("[drift](guide:clock#measure-drift)", "../guides/clock.md#measure-drift"),
        ("[clock](guide:clock)", "../guides/clock.md"),
        ("[look-up](guide:rate-limits#after-429)", "../guides/rate-limits.md#after-429"),
    ],
)
def test_a_guide_link_leads_to_the_guide_s_file(catalogue: Catalogue, link: str, target: str) -> None:
    anchors = list(convert(render_prose(f"See {link} first.", Links(catalogue))).iter("a"))
    assert [anchor.get("href") for anchor in anchors] == [target]


@pytest.mark.parametrize("text", ["[words](https://example.org/)", "[words](../clock.md)", "[a]", "guide:clock"])
def test_no_other_link_is_made_from_prose(catalogue: Catalogue, text: str) -> None:
    shown = convert(render_prose(text, Links(catalogue)))
    assert list(shown.iter("a")) == []
    assert read_shown(render_prose(text, Links(catalogue))) == text


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("It is 30006.", ["30006"]),
        ("30006, 30007 or 30008", ["30006", "30007", "30008"]),
        ("(30006)", ["30006"]),
        ("30006/30007", ["30006", "30007"]),
        ("The code 1000 and the port 30009", []),
        ("300060 and 130006", []),
        ("30006.5 and 1.30006", []),
        ("`30006`", []),
        ("[30006](guide:clock)", []),
        ("v30006 and 30006ms", []),
    ],
)
def test_codes_in_prose_become_links_and_other_numbers_do_not(
    catalogue: Catalogue, text: str, codes: list[str]
) -> None:
    anchors = convert(render_prose(text, Links(catalogue, own="30005"))).iter("a")
    linked = [anchor.get("href") for anchor in anchors if "codes" in (anchor.get("href") or "")]
    assert linked == [f"../codes/{code}.md" for code in codes]
    assert read_shown(render_prose(text, Links(catalogue))) == strip_markup(text)


def test_a_page_does_not_link_to_itself(catalogue: Catalogue) -> None:
    assert render_prose("It is 30005, not 30004.", Links(catalogue, own="30005")).count("](") == 1


@pytest.mark.parametrize(
    ("prose", "plain"),
    [
        ("Send `order_id` as text.", "Send order_id as text."),
        ("See [the recipe](guide:signing#recipe), then 30005.", "See the recipe, then 30005."),
        ("Nothing to strip * here _ and [there].", "Nothing to strip * here _ and [there]."),
        ("`a` and `b` and [c d](guide:clock)", "a and b and c d"),
    ],
)
def test_strip_markup_leaves_the_words(prose: str, plain: str) -> None:
    assert strip_markup(prose) == plain


def test_item_text_and_keys_are_told_apart() -> None:
    assert Item.parse("A cause. [S5][i17436]") == Item(text="A cause.", evidence=("S5", "i17436"))
    assert Item.parse("A cause.") == Item(text="A cause.", evidence=())
    assert Item.parse("See [this](guide:clock).") == Item(text="See [this](guide:clock).", evidence=())
    assert Item.parse("An array [0] inside. [S5]") == Item(text="An array [0] inside.", evidence=("S5",))


def find_fences(page: str, language: str) -> list[str]:
    """Return the content of every fence of a language that starts at the margin."""
    return re.findall(rf"^```{language}\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)


def test_every_rendered_page_passes_the_checks_of_a_built_page(catalogue: Catalogue) -> None:
    problems = [
        line
        for error in catalogue.errors
        for check in make_code_page_checks(catalogue, SITE.url).values()
        for line in check(error, convert_article(render_error_page(catalogue, error.code, SITE)))
    ]
    assert problems == []


def test_no_anchor_depends_on_the_words_of_its_heading(catalogue: Catalogue) -> None:
    texts = [render_error_page(catalogue, error.code, SITE) for error in catalogue.errors]
    texts += [render_status_page(catalogue, row.status, SITE) for row in catalogue.statuses]
    assert [line for text in texts for line in find_implied_anchors(text)] == [], "Write `{ #anchor }` after it."


def test_every_example_carries_its_own_code_message_and_status(catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        page = render_error_page(catalogue, error.code, SITE)
        (body,), (head,) = find_fences(page, "json"), find_fences(page, "http")
        envelope = json.loads(body)
        assert (str(envelope["code"]), envelope["message"]) == (error.code, error.message)
        assert head.split(" ")[:2] == ["HTTP/1.1", str(error.http_status)]


def test_every_example_has_a_trace_of_its_own(catalogue: Catalogue) -> None:
    pages = [render_error_page(catalogue, error.code, SITE) for error in catalogue.errors]
    traces = {json.loads(find_fences(page, "json")[0])["trace"] for page in pages}
    assert len(traces) == len(pages)


def test_the_vendor_s_row_stands_verbatim_on_its_page(catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        page = render_error_page(catalogue, error.code, SITE)
        assert f"{error.message} | {error.code} | {error.http_status}" in find_fences(page, "text")


def test_real_responses_stand_only_on_pages_that_have_them(catalogue: Catalogue) -> None:
    shown = {e.code for e in catalogue.errors if WILD in list_headings(render_error_page(catalogue, e.code, SITE))}
    assert shown == {row.code for row in catalogue.observed}


def test_every_real_response_stands_on_its_page(catalogue: Catalogue) -> None:
    for row in catalogue.observed:
        page = convert(render_error_page(catalogue, row.code, SITE))
        assert fold(row.body) in [read_text(pre) for pre in page.iter("pre")], row
        assert fold(row.wording) in [read_text(code) for code in page.iter("code")], row


def replace_error(catalogue: Catalogue, error: ErrorCode) -> Catalogue:
    """Return the catalogue with one row replaced."""
    errors = tuple(error if row.code == error.code else row for row in catalogue.errors)
    return replace(catalogue, errors=errors)


@pytest.mark.parametrize("text", ["{{ x }} {% raw %}", "<script>alert(1)</script>", "- # 1. | *a* _b_ [c](d) {#e}"])
def test_a_row_of_nasty_cells_is_shown_literally(catalogue: Catalogue, text: str) -> None:
    item = Item(text=text, evidence=())
    nasty = catalogue.by_code["30005"].model_copy(
        update={"message": text, "summary": text, "causes": (item, item), "remediation": (item, item), "note": item}
    )
    page = convert(render_error_page(replace_error(catalogue, nasty), "30005", SITE))
    assert read_text(next(page.iter("h1"))) == f"30005 {text}"
    assert [read_text(element) for element in iter_elements(page, css_class="summary")] == [text]
    items = [read_text(element) for ordered in page.iter("ol") for element in ordered.iter("li")]
    assert items.count(f"{text} inference") == 4
    assert text in [read_text(paragraph) for paragraph in page.iter("p")]
    assert [list_headings(render_error_page(catalogue, "30005", SITE))] == [
        [heading.get("id") for heading in page.iter("h2")]
    ]
    assert list(page.iter("script")) == []


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


def test_a_row_without_any_source_says_so(catalogue: Catalogue) -> None:
    item = Item(text="A thing.", evidence=())
    bare = catalogue.by_code["40005"].model_copy(
        update={"causes": (item,) * 2, "remediation": (item,) * 2, "note": None}
    )
    page = render_error_page(replace_error(catalogue, bare), "40005", SITE)
    assert "All causes and steps are our inference." in page


def test_neighbours_are_the_codes_before_and_after(catalogue: Catalogue) -> None:
    codes = [error.code for error in catalogue.errors]
    for before, code, after in zip([None, *codes], codes, [*codes[1:], None], strict=False):
        last = render_error_page(catalogue, code, SITE).rsplit("\n\n", 1)[1]
        expected = [f"../codes/{other}.md" for other in (before, after) if other]
        assert [anchor.get("href") for anchor in convert(last).iter("a")] == expected
        assert ("Previous: " in last, "Next: " in last) == (before is not None, after is not None)


def test_a_number_has_the_nearest_codes_as_neighbours(catalogue: Catalogue) -> None:
    errors = catalogue.errors
    assert find_neighbours(catalogue, "1") == (None, errors[0])
    assert find_neighbours(catalogue, "99999") == (errors[-1], None)
    for before, error, after in zip((None, *errors), errors, (*errors[1:], None), strict=False):
        assert find_neighbours(catalogue, error.code) == (before, after)
        unlisted = str(int(error.code) + 1)
        if unlisted not in catalogue.by_code:
            assert find_neighbours(catalogue, unlisted) == (error, after)


def test_a_retired_code_says_so_and_keeps_its_page(catalogue: Catalogue) -> None:
    retired = catalogue.by_code["30005"].model_copy(update={"retired": "2027-01-31"})
    page = render_error_page(replace_error(catalogue, retired), "30005", SITE)
    shown = convert(page)
    assert "2027-01-31" in read_text(next(iter_elements(shown, css_class="admonition")))
    assert list_headings(page) == list_headings(render_error_page(catalogue, "30005", SITE))


def test_a_listed_code_is_not_called_retired(catalogue: Catalogue) -> None:
    assert [e.code for e in catalogue.errors if "admonition" in render_error_page(catalogue, e.code, SITE)] == []


def test_every_edit_link_leads_to_the_line_of_its_row(catalogue: Catalogue) -> None:
    lines = (ROOT / ERRORS).read_text("utf-8").split("\n")
    for error in catalogue.errors:
        page = render_error_page(catalogue, error.code, SITE)
        numbers = re.findall(rf"\({SITE.repo_url}/blob/main/{ERRORS}#L(\d+)\)", page)
        assert len(numbers) == 1, error.code
        assert lines[int(numbers[0]) - 1].startswith(f"{error.code},"), error.code


def test_without_a_repository_there_is_no_edit_link(catalogue: Catalogue) -> None:
    page = render_error_page(catalogue, "30005", Site("https://errors.example.org/"))
    assert "#L" not in page
    assert "Edit" not in page


def test_the_runbook_link_is_absolute(catalogue: Catalogue) -> None:
    page = render_error_page(catalogue, "30005", SITE)
    assert "https://errors.example.org/codes/30005/#remediation" in find_fences(page, "text")
    assert any("](https://errors.example.org/codes/30005/)" in fence for fence in find_fences(page, "text"))


def test_the_runbook_link_is_valid_markdown_for_every_message(catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        page = render_error_page(catalogue, error.code, SITE)
        link = next(fence for fence in find_fences(page, "text") if fence.startswith("["))
        anchors = list(convert(link).iter("a"))
        assert [read_text(anchor) for anchor in anchors] == [f"{error.code} {fold(error.message)}"]


def test_every_description_is_short_and_plain(catalogue: Catalogue) -> None:
    texts = [describe_error(error) for error in catalogue.errors]
    assert [text for text in texts if len(text) > 300 or "`" in text or "guide:" in text] == []
    assert len(set(texts)) == len(texts)


def test_the_table_has_a_row_for_every_code(catalogue: Catalogue) -> None:
    table = parse_page("", render_code_table(catalogue, catalogue.errors, "All", "../")).root
    assert find_wrong_rows(catalogue.errors, list(table.iter("table")), "../") == []


def test_html_tables_escape_their_cells(catalogue: Catalogue) -> None:
    nasty = catalogue.by_code["30005"].model_copy(update={"message": "<script>alert(1)</script> {{ x }} &copy;"})
    changed = replace_error(catalogue, nasty)
    for html in (
        render_code_table(changed, changed.errors, "All", "../"),
        render_code_map(changed),
        render_retry_matrix(changed),
        render_status_index(changed),
    ):
        page = parse_page("", html).root
        assert list(page.iter("script")) == []
        titles = [element.get("title") for element in page.iter("a")]
        assert nasty.message in read_text(next(page.iter("body"))) or nasty.message in titles


def test_map_matrix_and_index_show_every_code_in_its_place(catalogue: Catalogue) -> None:
    assert find_wrong_map(catalogue, parse_page("", render_code_map(catalogue)).root) == []
    assert find_wrong_matrix(catalogue, parse_page("", render_retry_matrix(catalogue)).root) == []
    assert find_wrong_status_index(catalogue, parse_page("", render_status_index(catalogue)).root) == []


def test_the_matrix_puts_every_code_in_the_row_of_its_retry(catalogue: Catalogue) -> None:
    rows = [row for row in parse_page("", render_retry_matrix(catalogue)).root.iter("tr") if list(row.iter("td"))]
    for retry, row in zip(Retry, rows, strict=True):
        codes = sorted(read_text(anchor) for anchor in row.iter("a"))
        assert codes == sorted(error.code for error in catalogue.errors if error.retry is retry)


def test_failures_of_a_status_leave_out_success(catalogue: Catalogue) -> None:
    codes = re.findall(r"^- \[(\d+)\]", render_failures(catalogue, 200), re.MULTILINE)
    assert codes == [e.code for e in catalogue.errors if e.http_status == 200 and e.code != "1000"]


def test_every_note_stands_in_the_list_of_oddities(catalogue: Catalogue) -> None:
    lines = render_oddities(catalogue).split("\n")
    notes = [e for e in catalogue.errors if e.note]
    rows = [row for row in catalogue.statuses if row.note]
    assert len(lines) == len(notes) + len(rows)
    assert [line[3:].split("]")[0] for line in lines[: len(notes)]] == [error.code for error in notes]


def test_every_source_stands_once_in_the_list_of_sources(catalogue: Catalogue) -> None:
    keys = re.findall(r"^- (\w+): ", render_source_list(catalogue), re.MULTILINE)
    assert sorted(keys) == sorted(catalogue.sources)
    assert find_wrong_source_list(catalogue, convert_article(render_source_list(catalogue))) == []


def test_every_status_page_has_its_sections_and_its_codes(catalogue: Catalogue) -> None:
    for row in catalogue.statuses:
        page = render_status_page(catalogue, row.status, SITE)
        assert find_wrong_status_page(catalogue, row, convert_article(page)) == []
        hrefs = re.findall(r'href="\.\./\.\./codes/(\d+)/"', page)
        assert hrefs == [error.code for error in catalogue.errors if error.http_status == row.status]
        assert f"“{escape_markdown(row.description)}”" in page or not row.description
