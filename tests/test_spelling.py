"""The spelling checker's exceptions: each is named, has its reason, and fails when it is no longer needed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORDS = (ROOT / ".codespell-words.txt").read_text("utf-8").split()
PLACES = [ROOT / "data" / "errors.csv", *(ROOT / "docs" / "assets" / "javascripts").glob("*.js")]


@pytest.mark.parametrize("word", WORDS)
def test_every_exception_of_the_spelling_checker_is_needed(word: str) -> None:
    found = [place for place in PLACES if re.search(rf"\b{word}\b", place.read_text("utf-8"), re.IGNORECASE)]
    assert found, f"Nothing is spelt {word} any more. Remove it from .codespell-words.txt and .codespellrc."


def test_every_exception_of_the_spelling_checker_has_a_reason() -> None:
    reasons = (ROOT / ".codespellrc").read_text("utf-8")
    assert [word for word in WORDS if word not in reasons] == [], "Say in .codespellrc why."


def test_the_exceptions_of_the_spelling_checker_are_sorted() -> None:
    assert sorted(set(WORDS)) == WORDS
