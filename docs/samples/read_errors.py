"""Keep a copy of errors.json on disk and decide by it what to do with an answer.

python read_errors.py https://errors.example.org/ 30005
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

CACHE = Path("errors-cache.json")
BLOCKED = "30017"
VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
NEEDED = {"http_status", "message", "retry", "outcome", "url"}  # what is read below, in each error

Errors = dict[str, dict[str, Any]]


def fetch_errors(site: str, cache: Path = CACHE) -> Errors:
    """Return code → error. The file is downloaded only if it changed; without network the copy on disk serves."""
    headers, errors = read_cache(cache)
    opener = urllib.request.build_opener()
    opener.addheaders = [("User-Agent", "my-bot/1.0"), *headers.items()]
    try:
        with opener.open(f"{site.rstrip('/')}/errors.json", timeout=10) as response:
            headers = {ask: response.headers[name] for name, ask in VALIDATORS.items() if response.headers[name]}
            document = json.load(response)
        errors = index_errors(document)
        fresh = cache.with_suffix(".new")
        fresh.write_text(json.dumps({"headers": headers, "document": document}), "utf-8")
        fresh.replace(cache)  # a crash never leaves half a file
    except (OSError, ValueError, HTTPException, RecursionError) as error:  # 304 Not Modified arrives here too
        if not errors:
            raise
        if not (isinstance(error, urllib.error.HTTPError) and error.code == 304):
            print(f"errors.json was not refreshed: {error}", file=sys.stderr)
    return errors


def read_cache(cache: Path) -> tuple[dict[str, str], Errors]:
    """Return the headers to ask with and the errors on disk; both are empty for a missing or damaged file."""
    try:
        kept = json.loads(cache.read_text("utf-8"))
        return {str(name): str(value) for name, value in kept["headers"].items()}, index_errors(kept["document"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}, {}


def index_errors(document: Any) -> Errors:
    """Return code → error, or raise ValueError for what is no errors.json."""
    try:
        errors = {str(error["code"]): dict(error) for error in document["errors"]}
    except (LookupError, TypeError, ValueError) as damage:
        raise ValueError("this is no errors.json") from damage
    if not errors:
        raise ValueError("this errors.json is empty")
    if not all(error.keys() >= NEEDED for error in errors.values()):
        raise ValueError("this is no errors.json")
    return errors


def decide(errors: Errors, status: int, body: Mapping[str, Any], is_write: bool) -> str:
    """Return done, look-up, repeat, wait or report."""
    code = body.get("code")
    code = str(code).strip() if isinstance(code, int | str) and not isinstance(code, bool) else ""
    message = str(body.get("message") or body.get("msg") or "").strip()
    if status == 200 and code == "1000" and message.lower() in {"ok", "success"}:
        return "done"
    if status == 418 or code == BLOCKED:  # nothing more may be sent, look-ups included
        return "report"
    error = errors.get(code)
    if error is None or error["retry"] == "none":  # no code, one that is not listed, or a failure under 1000
        passing = code == "" and (status in {404, 429} or status >= 500)
        return "look-up" if is_write else "repeat" if passing else "report"
    contradicted = status > 499 and status != error.get("http_status", status)
    if is_write and (contradicted or error["outcome"] != "rejected"):
        return "look-up"
    return {"backoff": "repeat", "wait": "wait"}.get(error["retry"], "report")


if __name__ == "__main__":
    found = fetch_errors(sys.argv[1]).get(sys.argv[2])
    if found is None:
        sys.exit(f"{sys.argv[2]} is not listed: count a write as unknown.")
    print(f"{found['code']} {found['message']}: retry {found['retry']}, outcome {found['outcome']}")
    print(found["url"])
