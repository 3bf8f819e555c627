"""Highlight the samples of generated pages: one formatter, and one lexer a language, for the whole build.

The extension that reads the fences makes both anew for every fence, which takes longer than the highlighting.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

LANGUAGES = ("http", "json", "text")


def list_fences() -> list[dict[str, Any]]:
    """Return the setting `custom_fences` of pymdownx.superfences."""
    return [
        {"name": name, "class": "highlight", "format": format_fence, "validator": check_fence} for name in LANGUAGES
    ]


def check_fence(_language: str, inputs: Mapping[str, str], *_rest: object) -> bool:
    """Take a fence without options; any other goes the extension's own way."""
    return not inputs


def format_fence(source: str, language: str, *_rest: object, **_options: object) -> str:
    """Return a sample as HTML, the same as the extension makes."""
    sample: str = highlight(source, _get_lexer(language), _get_formatter(language))
    return sample.strip()


@cache
def _get_formatter(language: str) -> "HtmlFormatter[str]":
    return HtmlFormatter(cssclass=f"language-{language} highlight", wrapcode=True)


@cache
def _get_lexer(language: str) -> Lexer:
    return get_lexer_by_name(language)
