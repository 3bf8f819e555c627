"""Text of rows and of strangers in another language: one function for each, and no other place escapes.

Whatever a cell holds, the result is that text and nothing more: no markup, no key, no statement. CSV needs no function:
errors.csv is published byte for byte, and loading refuses what a spreadsheet would run.
"""

import json
import re
from html import escape
from xml.sax import saxutils

MARKDOWN: dict[int, str] = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_{}[]|#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "\n": " "}
)
LINE_START = re.compile(r"^(?:[-+=~:!]|\d+(?=[.)]))")
# What Markdown, its extensions or a template would take for their own inside a tag or a block of HTML.
MARKUP = re.compile(r"[`*_{}\[\]\\|~\n]")
ILLEGAL_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape_html(text: str) -> str:
    """Escape text for HTML, between tags and in quoted attributes, and for HTML that stands in Markdown."""
    return MARKUP.sub(lambda match: f"&#{ord(match[0])};", escape(text))


def escape_front_matter(text: str) -> str:
    """Escape text as HTML and quote it as YAML: themes and their plugins print titles of pages as they are."""
    return quote_yaml(escape(text).replace("{", "&#123;"))


def escape_markdown(text: str) -> str:
    """Escape one line of text so that Markdown shows it literally, at the start of a block too."""
    escaped = text.translate(MARKDOWN)
    start = LINE_START.match(escaped)
    if not start:
        return escaped
    at = start.end() if start[0][-1].isdigit() else 0
    if escaped[at] in "=~:":
        return f"&#{ord(escaped[at])};{escaped[at + 1 :]}"
    return f"{escaped[:at]}\\{escaped[at:]}"


def escape_inline(text: str) -> str:
    """Escape text that stands behind other text of its line, so that nothing in it starts a block."""
    return escape_markdown("x" + text)[1:]


def escape_destination(address: str) -> str:
    """Escape an address of the rows as the target of a Markdown link, where `&copy;` would become a sign."""
    return address.replace("&", "&amp;")


def format_code_span(text: str) -> str:
    """Return text as a Markdown code span, whatever backticks it holds."""
    fence = "`" * (_measure_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def format_fence(text: str, language: str, indent: int = 0) -> str:
    """Return text as a fenced block of Markdown, whatever fences it holds, each line behind `indent` blanks."""
    fence = "`" * max(3, _measure_run(text) + 1)
    return "\n".join(" " * indent + line for line in (f"{fence}{language}", *text.split("\n"), fence))


def _measure_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def quote_yaml(value: object) -> str:
    """Return a text, or another value of JSON, as YAML on one line."""
    return escape_terminal(json.dumps(value, ensure_ascii=False))


def escape_xml(text: str) -> str:
    """Escape text for XML, between tags and in attributes between double quotation marks."""
    return saxutils.escape(ILLEGAL_XML.sub("\ufffd", text), {'"': "&quot;"})


def quote_python(text: str) -> str:
    """Return text as a Python literal in the form that formatters keep."""
    literal = repr(text) if '"' in text else json.dumps(text, ensure_ascii=False)
    return escape_terminal(literal)


def escape_terminal(text: str, kept: str = "") -> str:
    r"""Return text so that a terminal shows every character and obeys none; those in `kept` stay.

    Control characters, marks of direction, and invisible or unassigned characters become `\u202e`.
    """
    return "".join(char if char.isprintable() or char in kept else _name_character(char) for char in text)


def _name_character(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
