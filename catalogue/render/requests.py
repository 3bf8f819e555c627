"""A wrong and a right request side by side, with what differs between them marked."""

import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from catalogue.escaping import escape_html
from catalogue.model.rows import Request

# What is compared: names and values whole, blanks and punctuation by themselves.
TOKEN = re.compile(r'"[^"\n]*"|[\w.+-]+|\s|[^\w\s]')


def render_request(request: Request) -> str:
    """Render both requests as HTML, and the state that they need, where they need one."""
    wrong, right = mark_difference(request.wrong, request.right)
    given = json.dumps(request.given, ensure_ascii=False)
    state = f"<p>Given the state <code>{escape_html(given)}</code>:</p>\n" if request.given else ""
    figures = (("wrong", f"Wrong: gets {request.code}", wrong), ("right", "Right: gets 1000", right))
    return (
        f'<div class="requests">\n{state}'
        + "".join(
            f'<figure class="{name}"><figcaption>{words}</figcaption><pre><code>{text}</code></pre></figure>\n'
            for name, words, text in figures
        )
        + "</div>"
    )


def mark_difference(wrong: str, right: str) -> tuple[str, str]:
    """Return both texts as HTML, with <mark> around the tokens that the other does not have there."""
    before, after = TOKEN.findall(wrong), TOKEN.findall(right)
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return (
        "".join(_mark((before[a:b], tag != "equal") for tag, a, b, _, _ in steps)),
        "".join(_mark((after[a:b], tag != "equal") for tag, _, _, a, b in steps)),
    )


def _mark(parts: Iterator[tuple[list[str], bool]]) -> Iterator[str]:
    for tokens, differs in parts:
        text = escape_html("".join(tokens))
        yield f"<mark>{text}</mark>" if differs and text else text
