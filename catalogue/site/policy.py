"""The policy under which every page runs: scripts in files of the site, nothing inline and nothing from elsewhere.

A script that came out of a row would stand inline, and so would not run.
"""

import re

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
POLICY = "; ".join(f"{name} {value}" for name, value in DIRECTIVES.items())
REFERRER = "no-referrer"


def add_policy(page: str) -> str:
    """Return the page with the policy before its first script; one that it has already is replaced."""
    metas = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="referrer" content="{REFERRER}">'
    return HEAD.sub(lambda match: match[0] + metas, METAS.sub("", page), count=1)


def format_headers() -> str:
    """Return `_headers`, from which hosts that read such a file take what no page can say of itself."""
    headers = {
        "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
        "Referrer-Policy": REFERRER,
        "X-Content-Type-Options": "nosniff",
    }
    return "/*\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items())
