"""Read the vendor's page as it is today, from its address or from a saved file, into bytes.

Whatever is not the whole page ends in a FetchError: nothing half read is ever compared.
"""

import os
import threading
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler

TIMEOUT = 20.0
MAX_BYTES = 1 << 20
MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
LOCAL_HOSTS = {"127.0.0.1", "localhost"}
HTML_STARTS = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml")


class FetchError(ValueError):
    """The page could not be read whole. The message says why, and what to do."""


def read_source(source: str, *, whole: bool = False, timeout: float = TIMEOUT, limit: int = MAX_BYTES) -> bytes:
    """Read the bytes of a saved page (path) or of an address (anything with `://`). Raises FetchError."""
    if "://" in source:
        content = fetch_page(source, whole=whole, timeout=timeout, limit=limit)
    else:
        content = _read_file(Path(source), limit)
    if not content.strip():
        raise FetchError("is empty. Try again later, and look at the page in a browser.")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(HTML_STARTS):
        raise FetchError("is HTML, not Markdown. Look at it in a browser: it may be an error page.")
    return content


def fetch_page(url: str, *, whole: bool = False, timeout: float = TIMEOUT, limit: int = MAX_BYTES) -> bytes:
    """Return the body at the address; `timeout` in seconds covers everything from look-up to last byte.

    Raises FetchError for any other status than 200, a redirect to another host, more than `limit`
    bytes, or a body that is shorter than announced. A body whose end nothing announces is taken only if
    the caller knows that it is `whole`.
    """
    check_address(url)
    answers: SimpleQueue[bytes | FetchError] = SimpleQueue()

    def work() -> None:
        try:
            answers.put(_download(url, timeout, limit, whole=whole))
        except FetchError as error:
            answers.put(error)
        finally:
            answers.put(FetchError("could not be fetched. The traceback stands above."))

    # The time-out of a socket starts anew with every byte, so a slow server could hold it for ever; a thread cannot.
    threading.Thread(target=work, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except Empty:
        answer = FetchError(f"took longer than {timeout:g} s. Try again later.")
    if isinstance(answer, FetchError):
        raise answer
    return answer


def check_address(url: str) -> None:
    """Raise FetchError unless the address is https, or http on this machine."""
    try:
        parts = urlsplit(url)
        is_safe = bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and _is_local(url)))
    except ValueError as error:
        raise FetchError(f"is not an address: {error}. Correct it.") from None
    if not is_safe or not (url.isascii() and url.isprintable()) or " " in url:
        raise FetchError("is not an https address. Give one, or the path of a saved page.")


def make_user_agent(environment: Mapping[str, str]) -> str:
    """Say who asks: the name of this project, with the address of its repository or site where one is set."""
    address = environment.get("REPO_URL") or environment.get("SITE_URL") or ""
    is_plain = address.startswith("https://") and address.isascii() and address.isprintable() and ")" not in address
    return f"wooxpro-error-reference/1.0 (+{address})" if is_plain else "wooxpro-error-reference/1.0"


def _read_file(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise FetchError(f"cannot be opened: {error.strerror}. Give the path of a saved page.") from None
    return _refuse_large(content, limit)


def _download(url: str, timeout: float, limit: int, *, whole: bool) -> bytes:
    try:
        for _ in range(MAX_REDIRECTS + 1):
            with _make_opener(url).open(url, timeout=timeout) as response:
                if response.status not in REDIRECTS:
                    return _read_body(response, limit, whole=whole)
                url = _follow_redirect(url, response.headers.get("Location") or "")
    except FetchError:
        raise
    except URLError as error:
        raise FetchError(f"cannot be reached: {error.reason}. Check the network and the address.") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise FetchError(f"broke off during the transfer: {reason}. Try again later.") from None
    raise FetchError(f"redirects more than {MAX_REDIRECTS} times. Look at the address in a browser.")


def _make_opener(url: str) -> OpenerDirector:
    opener = OpenerDirector()
    opener.addheaders = [("User-Agent", make_user_agent(os.environ)), ("Accept-Encoding", "identity")]
    # A proxy cannot see the servers of this machine.
    for handler in (ProxyHandler({} if _is_local(url) else None), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    return opener


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in LOCAL_HOSTS


def _follow_redirect(url: str, location: str) -> str:
    target = urljoin(url, location)
    if urlsplit(target)[:2] != urlsplit(url)[:2]:
        raise FetchError(f"redirects to {target!r}. If the page has moved, write its address into the manifest.")
    check_address(target)
    return target


def _read_body(response: HTTPResponse, limit: int, *, whole: bool) -> bytes:
    if response.status != 200:
        answer = f"{response.status} {response.reason}"
        raise FetchError(f"answered {answer} instead of 200. Look at it in a browser; try again later.")
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise FetchError(f"came in the encoding {encoding!r}, which was not asked for. Try again later.")
    is_framed = response.chunked or response.length is not None
    content = _refuse_large(response.read(limit + 1), limit)
    if not is_framed and not whole:
        advice = "Save it, look whether it is whole, and compare the file; or add --whole."
        raise FetchError(f"came without its length, so a part of it may be missing. {advice}")
    length = response.headers.get("Content-Length")
    if length is not None and length != str(len(content)):
        raise FetchError(f"is cut short: {len(content)} bytes came, {length} were announced. Try again later.")
    return content


def _refuse_large(content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise FetchError(f"is larger than {limit} bytes. Look at it in a browser: it is not the page of codes.")
    return content
