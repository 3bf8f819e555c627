"""No character of the vendor's page can change unseen: one edit of one character is a difference or a refusal.

The page is cut down to a row or two of each table, since their rows are all read in the same way.
"""

import re
from collections.abc import Callable, Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.paths import SPEC_PAGE
from catalogue.vendor.blocks import SpecError
from catalogue.vendor.differences import compare_pages
from catalogue.vendor.page import decode_page, parse_spec

ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
RULE = re.compile(r"[|:\- ]+")
LEVEL = re.compile(r"#{1,6} +")
# What else stands for a digit, a letter, a mark or nothing at all.
CHARACTERS = "\ufeff\\#-:x3|`*_<[!>&٣３\u200b\x1b\u202e"


def shorten_page(text: str) -> str:
    """Return the page with the first row of each table, and one that holds an escape."""
    kept: list[str] = []
    row = 0
    for line in text.split("\n"):
        row = row + 1 if line.startswith("|") else 0
        if row <= 3 or (ESCAPE.search(line) and not ESCAPE.search(kept[-1])):
            kept.append(re.sub(r" {2,}", " ", re.sub(r"-{4,}", "---", line)))
    return "\n".join(kept)


TEXT = shorten_page(decode_page(SPEC_PAGE.read_bytes()))
PAGE = parse_spec(TEXT)
INDEX_END = TEXT.index("\n\n")

# Edits that may stay unseen: why → whether an edit is one, by its place, and by its line before and after.
EXCEPTIONS: dict[str, Callable[[int, str, str], bool]] = {
    "A byte order mark says how the bytes are read, and nothing else.": lambda at, before, after: (
        at == 0 and after == f"\ufeff{before}"
    ),
    "The documentation system writes the index above the page. Without a number it is not about a code.": (
        lambda at, _, after: at <= INDEX_END + 1 and not re.search("[0-9]", after)
    ),
    "The title of a table means the same on another level.": lambda _, before, after: (
        bool(LEVEL.match(after)) and LEVEL.sub("", before, 1) == LEVEL.sub("", after, 1)
    ),
    "The rule below the header of a table only aligns its cells.": lambda _, before, after: bool(
        RULE.fullmatch(before) and RULE.fullmatch(after)
    ),
    "A reader sees the same character with and without its escape.": lambda _, before, after: (
        ESCAPE.sub("", before) == ESCAPE.sub("", after)
    ),
}


def is_seen(text: str) -> bool:
    """Whether drift reports the page as changed, or refuses it."""
    try:
        return bool(compare_pages(PAGE, parse_spec(decode_page(text.encode()))))
    except SpecError:
        return True


def find_reasons(at: int, text: str) -> list[str]:
    """Return the exceptions that an edit at a place falls under."""
    line = TEXT.count("\n", 0, at)
    before, after = (version.split("\n")[line] for version in (TEXT, text))
    return [reason for reason, applies in EXCEPTIONS.items() if applies(at, before, after)]


def list_edits() -> Iterator[tuple[int, str]]:
    """Yield place and text: each character gone, another in its place, and another before it."""
    for at, old in enumerate(TEXT):
        new = CHARACTERS[at % len(CHARACTERS)]
        yield at, f"{TEXT[:at]}{new}{TEXT[at:]}"
        if not old.isspace():
            yield at, f"{TEXT[:at]}{TEXT[at + 1 :]}"
            if old != new:
                yield at, f"{TEXT[:at]}{new}{TEXT[at + 1 :]}"


def test_no_edit_of_a_character_stays_unseen_without_a_reason() -> None:
    unseen = [(at, text) for at, text in list_edits() if not is_seen(text)]
    reasons = {text: find_reasons(at, text) for at, text in unseen}
    assert [text for text, found in reasons.items() if not found] == []
    assert {reason for found in reasons.values() for reason in found} == set(EXCEPTIONS), "Drop the reason."


@settings(deadline=None, derandomize=True, database=None)
@given(
    st.integers(INDEX_END + 2, len(TEXT) - 1),
    st.characters(exclude_categories=["Cs"]).filter(lambda char: not char.isspace()),
    st.booleans(),
)
def test_no_character_at_all_stays_unseen(at: int, char: str, replaces: bool) -> None:
    text = f"{TEXT[:at]}{char}{TEXT[at + replaces :]}"
    assert text == TEXT or is_seen(text) or find_reasons(at, text)
