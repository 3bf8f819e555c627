"""The HTML beyond its syntax: references to ids, nesting of headings, and what pages and pictures say of themselves."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from tests.site_tools import iter_elements, list_ids, parse_page, read_text

# Attributes that name one id or several, separated by blanks.
REFERENCES = (
    "for",
    "form",
    "headers",
    "list",
    "aria-activedescendant",
    "aria-controls",
    "aria-describedby",
    "aria-details",
    "aria-errormessage",
    "aria-flowto",
    "aria-labelledby",
    "aria-owns",
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
NAMED = ("role", "aria-label", "aria-labelledby", "title", "alt")


def find_dangling(root: Element) -> list[str]:
    """Return a line for every reference to an id that the page does not have."""
    ids = set(list_ids(root))
    return [
        f"<{element.tag} {name}={value!r}>"
        for element in iter_elements(root)
        for name in REFERENCES
        if (value := element.get(name)) is not None and not (value.split() and set(value.split()) <= ids)
    ]


def list_levels(root: Element) -> list[int]:
    """Return the levels of a page's headings, in document order."""
    return [HEADINGS.index(element.tag) + 1 for element in iter_elements(root) if element.tag in HEADINGS]


def find_skips(levels: list[int]) -> list[str]:
    """Return a line for every heading that stands more than one level below the one before it."""
    return [
        f"h{before} is followed by h{level}"
        for before, level in zip([0, *levels], levels, strict=False)
        if level > before + 1
    ]


def find_unnamed(root: Element) -> Iterator[str]:
    """Yield every picture without alternative text, and every empty name."""
    for element in iter_elements(root):
        if element.tag == "img" and element.get("alt") is None:
            yield f"<img src={element.get('src')!r}> has no alt"
        yield from (
            f"<{element.tag}> has an empty {name}"
            for name in NAMED
            if name != "alt" and element.get(name) is not None and not (element.get(name) or "").strip()
        )


def collect(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the pages that have findings."""
    return {path: lines for path, lines in found.items() if lines}


def test_every_reference_leads_to_an_id_of_its_page(pages: dict[str, Element]) -> None:
    assert collect({path: find_dangling(root) for path, root in pages.items()}) == {}


def test_every_page_has_one_first_heading_and_no_level_is_skipped(pages: dict[str, Element]) -> None:
    levels = {path: list_levels(root) for path, root in pages.items()}
    assert {path: found for path, found in levels.items() if found.count(1) != 1} == {}
    assert collect({path: find_skips(found) for path, found in levels.items()}) == {}


def test_every_page_says_its_language_and_has_a_title_of_its_own(pages: dict[str, Element]) -> None:
    assert {path for path, root in pages.items() if root.get("lang") != "en"} == set()
    titles = {path: read_text(next(root.iter("title"))) for path, root in pages.items()}
    assert sorted(titles.values()) == sorted(set(titles.values()))


def test_every_picture_has_an_alternative_text_and_no_name_is_empty(pages: dict[str, Element]) -> None:
    assert collect({path: list(find_unnamed(root)) for path, root in pages.items()}) == {}


def test_every_region_of_a_kind_has_a_name_of_its_own(pages: dict[str, Element]) -> None:
    unnamed = {
        path: [
            f"<{area.tag}>" for area in root.iter("nav") if not (area.get("aria-label") or area.get("aria-labelledby"))
        ]
        for path, root in pages.items()
    }
    assert collect(unnamed) == {}


@pytest.mark.parametrize(
    "body",
    [
        '<label for="x">',
        '<p aria-describedby="a b" id="a">',
        '<table><tr><td headers="">x</table>',
        '<div aria-labelledby="none">',
    ],
)
def test_a_dangling_reference_is_noticed(body: str) -> None:
    assert find_dangling(parse_page("x", f"<!doctype html><title>x</title>{body}").root) != []


def test_a_skipped_level_is_noticed() -> None:
    assert find_skips([1, 2, 3, 2, 2, 3, 4, 1]) == []
    assert find_skips([1, 3, 2, 4]) == ["h1 is followed by h3", "h2 is followed by h4"]
    assert find_skips([2]) == ["h0 is followed by h2"]


def test_a_picture_without_alternative_text_is_noticed() -> None:
    page = parse_page("x", "<!doctype html><title>x</title><img src=a><img src=b alt=''><nav aria-label=' '></nav>")
    assert list(find_unnamed(page.root)) == ["<img src='a'> has no alt", "<nav> has an empty aria-label"]
