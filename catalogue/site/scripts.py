"""Make pages and scripts lighter to send: one file for the theme's inline scripts, no blank lines, no comments."""

import re
from hashlib import sha256

STARTER = "assets/javascripts/theme.js"
INLINE = re.compile(r"<script>(?P<code>.*?)</script>", re.DOTALL)
ROOT_ADDRESS = re.compile(r'new URL\("(?P<root>[./\w-]*)",location\)')
OWN_ADDRESS = 'new URL("../..",document.currentScript.src)'
# What stands in these elements keeps its blanks.
VERBATIM = re.compile(r"(<(?:pre|textarea|script)\b.*?</(?:pre|textarea|script)>)", re.DOTALL)
BLANKS = re.compile(r"[ \t\r]*\n[ \t\r\n]*")
COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)


def read_starter(plain: str) -> str:
    """Return the theme's inline scripts as one script; `plain` is the HTML of a page that shows no row."""
    codes = [_normalise(match["code"]) for match in INLINE.finditer(plain)]
    return "\n".join(codes) if any(OWN_ADDRESS in code for code in codes) else ""


def move_scripts(page: str, starter: str) -> str:
    """Return the page with the file of `starter` in place of its last inline script, and without the others.

    A script that is not the theme's stays where it is, and the policy keeps it from running.
    """
    known = [match for match in INLINE.finditer(page) if _normalise(match["code"]) in starter]
    root = next((found["root"] for match in known if (found := ROOT_ADDRESS.search(match["code"]))), None)
    if not starter or root is None:
        return page
    version = sha256(starter.encode()).hexdigest()[:8]
    *others, last = known
    page = page.replace(last[0], f'<script src="{root.rstrip("/")}/{STARTER}?v={version}"></script>', 1)
    for match in others:
        page = page.replace(match[0], "", 1)
    return page


def _normalise(code: str) -> str:
    return ROOT_ADDRESS.sub(OWN_ADDRESS, code, count=1)


def fold_blanks(page: str) -> str:
    """Return the page without blank lines and indents, which take a tenth of what is sent."""
    parts = VERBATIM.split(page)
    parts[::2] = [BLANKS.sub("\n", part) for part in parts[::2]]
    return "".join(parts)


def strip_comment_lines(script: str) -> str:
    """Return a script without the comments that fill whole lines."""
    return COMMENT.sub("", script)
