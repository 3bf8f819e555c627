"""The policy under which every page runs: scripts of the site and of its theme, nothing from elsewhere.

The theme has a few inline scripts, of which one names the site's root and so differs by depth. The policy lists the
hash of each. The page for unknown addresses shows no cell of a row: a script that is not its own is not listed, so a
script that came out of a row would not run.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256

SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)
KIND = re.compile(r'\btype="?(?P<kind>[^"\s>]*)')
RUN_KINDS = {"", "module", "text/javascript", "application/javascript"}
ROOT_ADDRESS = re.compile(r'new URL\("[./\w-]*",location\)')
HEAD = re.compile(r"<meta charset=[^>]*>|<head[^>]*>", re.IGNORECASE)
METAS = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*><meta name="referrer"[^>]*>')
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # the theme's icons are addresses in its stylesheet
    "connect-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
REFERRER = "no-referrer"


def make_policy(pages: Iterable[str], plain: str) -> str:
    """Return the policy of all pages: one for all, so that a change of page without a reload keeps it.

    `plain` is the HTML of a page that shows no row.
    """
    known = {_strip_root(code) for code in list_scripts(plain)}
    codes = {code for page in pages for code in list_scripts(page) if _strip_root(code) in known}
    hashes = sorted(b64encode(sha256(code.encode()).digest()).decode() for code in codes)
    directives = DIRECTIVES | {"script-src": " ".join(["'self'", *(f"'sha256-{text}'" for text in hashes)])}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def list_scripts(page: str) -> Iterator[str]:
    """Yield the text of every script that stands in a page and that a browser would run."""
    for match in SCRIPT.finditer(page):
        kind = KIND.search(match["attributes"])
        if " src=" not in match["attributes"] and (kind["kind"].lower() if kind else "") in RUN_KINDS:
            yield match["code"]


def _strip_root(code: str) -> str:
    return ROOT_ADDRESS.sub("new URL(location)", code, count=1)


def add_policy(page: str, policy: str) -> str:
    """Return the page with the policy before its first script; one that it has already is replaced."""
    metas = f'<meta http-equiv="Content-Security-Policy" content="{policy}"><meta name="referrer" content="{REFERRER}">'
    return HEAD.sub(lambda match: match[0] + metas, METAS.sub("", page), count=1)


def format_headers(policy: str) -> str:
    """Return `_headers`, from which hosts that read such a file take what no page can say of itself."""
    headers = {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "Referrer-Policy": REFERRER,
        "X-Content-Type-Options": "nosniff",
    }
    return "/*\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items())
