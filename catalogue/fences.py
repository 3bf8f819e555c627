"""Highlight the samples of all pages: one formatter, and one lexer a language, for the whole build.

The extension that reads the fences makes both anew for every fence, which takes longer than the highlighting. The
lexers of programs take longer to load than a page takes to build, so what they give is kept between builds.
"""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import pygments
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

from catalogue.cache import recall

# What a kept sample follows from, beside its text.
CODE = Path(__file__).read_text("utf-8") + pygments.__version__
# What the pages of codes hold, and what the guides hold.
ENVELOPES = ("http", "json", "text")
PROGRAMS = ("bash", "javascript", "markdown", "python", "sh", "yaml")


def list_fences() -> list[dict[str, Any]]:
    """Return the setting `custom_fences` of pymdownx.superfences."""
    formats = dict.fromkeys(ENVELOPES, format_fence) | dict.fromkeys(PROGRAMS, recall_fence)
    return [
        {"name": name, "class": "highlight", "format": format_one, "validator": check_fence}
        for name, format_one in formats.items()
    ]


def check_fence(_language: str, inputs: Mapping[str, str], *_rest: object) -> bool:
    """Take a fence without options; any other goes the extension's own way."""
    return not inputs


def format_fence(source: str, language: str, *_rest: object, **_options: object) -> str:
    """Return a sample as HTML, the same as the extension makes."""
    sample: str = highlight(source, _get_lexer(language), _get_formatter(language))
    return sample.strip()


def recall_fence(source: str, language: str, *_rest: object, **_options: object) -> str:
    """Return a sample as `format_fence` does, from the last build if that highlighted the same."""
    return recall("fences", [CODE, language, source], partial(format_fence, source, language))


@cache
def _get_formatter(language: str) -> "HtmlFormatter[str]":
    return HtmlFormatter(cssclass=f"language-{language} highlight", wrapcode=True)


@cache
def _get_lexer(language: str) -> Lexer:
    return get_lexer_by_name(language)
