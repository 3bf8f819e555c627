"""Make pages and scripts lighter to send: what every page repeats in its scripts moves into one file.

Blank lines and comments go too. Without inline scripts, the policy of the pages needs no exception.
"""

import json
import re
from hashlib import sha256

STARTER = "assets/javascripts/theme.js"
INLINE = re.compile(r"<script>(?P<code>.*?)</script>", re.DOTALL)
SETTINGS = re.compile(r'<script id="__config" type="application/json">(?P<json>.*?)</script>', re.DOTALL)
ROOT_ADDRESS = re.compile(r'new URL\("(?P<root>[./\w-]*)",location\)')
OWN_ADDRESS = 'new URL("../..",document.currentScript.src)'
# The theme's script looks for its settings in the page once, when it starts.
ADD_SETTINGS = """(() => {
const settings = document.createElement("script")
settings.id = "__config"
settings.type = "application/json"
settings.textContent = JSON.stringify({ ...%s, base: __md_scope.href, search: new URL("%s", __md_scope).href })
document.head.append(settings)
})()"""
# With navigation.instant, the theme's script writes every address of the page in full. A browser then reads the
# stylesheets again and styles the whole page anew, so theirs are written out while the page is still empty.
WRITE_OUT = 'document.querySelectorAll("link[rel=stylesheet]").forEach((link) => (link.href = link.href))'
# What stands in these elements keeps its blanks.
VERBATIM = re.compile(r"(<(?:pre|textarea|script)\b.*?</(?:pre|textarea|script)>)", re.DOTALL)
BLANKS = re.compile(r"[ \t\r]*\n[ \t\r\n]*")
# Signs that Markdown and macros would read, and HTML does not.
REFERENCE = re.compile(r"&#(10|33|4[0-35]|9[1-6]|12[3-6]);")
COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
CAST = re.compile(r"(?<=[( =])/\*\* @type [^\n]*? \*/ (?=\()")


def read_starter(plain: str) -> str:
    """Return the theme's inline scripts and settings as one script; `plain` is the HTML of a page without rows."""
    codes = [_normalise(match["code"]) for match in INLINE.finditer(plain)]
    settings = SETTINGS.search(plain)
    if not settings or not any(OWN_ADDRESS in code for code in codes):
        return ""
    return ";\n".join([*codes, _format_settings(settings["json"]), WRITE_OUT])


def _format_settings(text: str) -> str:
    values = json.loads(text)
    search = values.pop("search").partition("assets/")
    return ADD_SETTINGS % (
        json.dumps({name: value for name, value in values.items() if name != "base"}, separators=(",", ":")),
        "".join(search[1:]),
    )


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
    return SETTINGS.sub("", page)


def _normalise(code: str) -> str:
    return ROOT_ADDRESS.sub(OWN_ADDRESS, code, count=1)


def fold_blanks(page: str) -> str:
    """Return the page without blank lines, indents and needless references, which take a tenth of what is sent."""
    parts = VERBATIM.split(page)
    parts[::2] = [BLANKS.sub("\n", part) for part in parts[::2]]
    return "".join(part if part.startswith("<script") else REFERENCE.sub(_name_sign, part) for part in parts)


def _name_sign(match: re.Match[str]) -> str:
    return chr(int(match[1]))


def strip_comments(script: str) -> str:
    """Return a script without the comments that fill whole lines or name a type."""
    return CAST.sub("", COMMENT.sub("", script))
