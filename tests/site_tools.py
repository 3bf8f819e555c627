"""Helpers over a built site: parse its HTML, index its links and ids, build it, serve it as GitHub Pages does."""

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

from selectolax.lexbor import LexborHTMLParser, LexborNode
from tinyhtml5.parser import HTMLParser

ROOT = Path(__file__).resolve().parent.parent
REPO_URL = "https://github.com/example/reference"
# What a build reads; a copy of these builds by itself.
PROJECT = ("mkdocs.yml", "macros.py", "catalogue", "templates", "data", "docs", "overrides")
# Elements that fetch what they name as soon as the page opens.
FETCHED = {"audio", "embed", "iframe", "image", "img", "object", "script", "source", "track", "use", "video"}
FETCHED_RELS = {"stylesheet", "preconnect", "dns-prefetch", "preload", "prefetch", "modulepreload", "icon", "manifest"}


def read_data(name: str) -> Any:
    """Return the content of a JSON file of tests/data."""
    return json.loads((ROOT / "tests" / "data" / name).read_bytes())


@dataclass(frozen=True)
class Page:
    """One built page: its path below the site's root, its HTML, its tree."""

    path: str
    text: str
    root: Element

    @cached_property
    def errors(self) -> tuple[str, ...]:
        """What a strict HTML5 parser, which is fifty times as slow, says of the page: `(line, column): error`."""
        parser = HTMLParser(namespace_html_elements=False)
        parser.parse(self.text)
        return tuple(f"{position}: {code} {details or ''}".strip() for position, code, details in parser.errors)


@dataclass(frozen=True)
class Link:
    """One address in a page: the element that holds it, the address as written, its rel tokens."""

    tag: str
    url: str
    rel: frozenset[str] = frozenset()

    @property
    def is_fetched(self) -> bool:
        """Whether a browser fetches it without a click."""
        return self.tag in FETCHED or (self.tag == "link" and bool(self.rel & FETCHED_RELS))


def parse_page(path: str, text: str) -> Page:
    """Parse HTML text as a browser does."""
    root = LexborHTMLParser(text).root
    assert root, f"{path} is empty"
    return Page(path, text, _copy_node(root))


def _copy_node(node: LexborNode) -> Element:
    element = Element(node.tag or "", {name: value or "" for name, value in node.attributes.items()})
    last = None
    child = node.first_child
    while child:
        if child.is_element_node:
            last = _copy_node(child)
            element.append(last)
        elif child.is_text_node and last is None:
            element.text = (element.text or "") + (child.text_content or "")
        elif child.is_text_node and last is not None:
            last.tail = (last.tail or "") + (child.text_content or "")
        child = child.next
    return element


def read_pages(site_dir: Path) -> dict[str, Page]:
    """Parse every HTML file of a built site; the keys are paths below its root."""
    files = {path.relative_to(site_dir).as_posix(): path for path in sorted(site_dir.rglob("*.html"))}
    return {name: parse_page(name, path.read_text("utf-8")) for name, path in files.items()}


def iter_elements(root: Element, tag: str | None = None, css_class: str | None = None) -> Iterator[Element]:
    """Yield the elements with this tag and class, in document order."""
    for element in root.iter(tag):
        if css_class is None or css_class in (element.get("class") or "").split():
            yield element


def find_element(root: Element, tag: str | None = None, css_class: str | None = None) -> Element:
    """Return the only element with this tag and class."""
    found = list(iter_elements(root, tag, css_class))
    assert len(found) == 1, f"expected one <{tag or '*'} class={css_class}>, found {len(found)}"
    return found[0]


def read_text(element: Element) -> str:
    """Return the text of an element with blanks folded, without the permalink sign of headings."""
    return " ".join("".join(_iter_text(element)).split())


def _iter_text(element: Element) -> Iterator[str]:
    if "headerlink" not in (element.get("class") or ""):
        yield element.text or ""
        for child in element:
            yield from _iter_text(child)
            yield child.tail or ""


def read_meta(root: Element, name: str) -> str | None:
    """Return the content of <meta name=…>, or None."""
    return next((meta.get("content") for meta in root.iter("meta") if meta.get("name") == name), None)


def list_ids(root: Element) -> list[str]:
    """Return every id of a page, in document order."""
    return [value for element in iter_elements(root) if (value := element.get("id")) is not None]


def list_links(root: Element) -> list[Link]:
    """Return every address that a page names in href, src, srcset, data, poster or action, or as its social image."""
    links = []
    for element in iter_elements(root):
        rel = frozenset((element.get("rel") or "").lower().split())
        tag = element.tag.rpartition("}")[2]
        names = ("href", "src", "poster", "action", "data", "{http://www.w3.org/1999/xlink}href")
        links += [Link(tag, url.strip(), rel) for name in names if (url := element.get(name)) is not None]
        links += [Link(tag, part.split()[0], rel) for part in (element.get("srcset") or "").split(",") if part.strip()]
        links += [Link(tag, element.get("content") or "", rel)] if element.get("property") == "og:image" else []
    return links


def locate_file(site_dir: Path, path: str) -> Path | None:
    """Return the file that GitHub Pages sends for a path below the site's root, or None."""
    file = site_dir / path
    candidates = [file / "index.html"] if not path or path.endswith("/") or file.is_dir() else [file]
    candidates += [] if path.endswith("/") or not path else [file.with_name(f"{file.name}.html")]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def index_ids(pages: Mapping[str, Page]) -> dict[str, set[str]]:
    """Return path → ids of every page."""
    return {path: set(list_ids(page.root)) for path, page in pages.items()}


def find_dead_links(
    pages: Mapping[str, Page], site_dir: Path, site_url: str, ids: Mapping[str, set[str]] | None = None
) -> list[str]:
    """Return a line for every internal address without a file, and every fragment without its id.

    `ids` holds the ids of all pages of the site, where `pages` are only some of them.
    """
    ids = index_ids(pages) if ids is None else ids
    dead = []
    for path, page in pages.items():
        base = urljoin(site_url, path.removesuffix("index.html"))
        for link in list_links(page.root):
            target = urljoin(base, link.url)
            if target.startswith(site_url):
                dead += [f"{path}: {link.url}: {problem}" for problem in _check_target(target, site_dir, site_url, ids)]
    return dead


def _check_target(target: str, site_dir: Path, site_url: str, ids: Mapping[str, set[str]]) -> Iterator[str]:
    parts = urlsplit(target.removeprefix(site_url))
    file = locate_file(site_dir, unquote(parts.path))
    if file is None:
        yield "no such file"
    elif parts.fragment and unquote(parts.fragment) not in ids.get(file.relative_to(site_dir).as_posix(), set()):
        yield "no such id"


def find_third_parties(page: Page, site_url: str) -> list[str]:
    """Return a line for everything that a page fetches from elsewhere by itself."""
    base = urljoin(site_url, page.path)
    return [
        f"{page.path}: <{link.tag}> fetches {link.url}"
        for link in list_links(page.root)
        if link.is_fetched and not urljoin(base, link.url).startswith((site_url, "data:"))
    ]


def find_repeats(values: Iterable[str]) -> list[str]:
    """Return the values that stand more than once, each once, in order."""
    return [value for value, count in Counter(values).items() if count > 1]


def copy_project(target: Path) -> Path:
    """Copy what a build reads into a new folder, for builds that must fail."""
    target.mkdir(parents=True)
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, target / name)
    return target


def run_build(site_dir: Path, site_url: str, project: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `mkdocs build`, strict by mkdocs.yml, into a folder; stderr is merged into stdout."""
    settings = {"SITE_URL": site_url, "REPO_URL": REPO_URL, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(site_dir)],
        cwd=project,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def reserve_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Sent:
    """One answer of the test server: the file below the site's root, the status, the bytes of the body as sent."""

    path: str
    status: int
    size: int


@cache
def pack_file(file: Path, _changed: int) -> bytes:
    """Return the content of a file, in its state of this moment, as a static host sends it."""
    return gzip.compress(file.read_bytes(), 6, mtime=0)


class PagesHandler(SimpleHTTPRequestHandler):
    """Serve a built site below `prefix` as GitHub Pages does: index.html of a folder, else 404.html with status 404.

    Bodies are packed, and kept by the browser for ten minutes, as there.
    """

    def __init__(self, *args: Any, site_dir: Path, prefix: str, sent: list[Sent], **kwargs: Any) -> None:
        self.site_dir = site_dir
        self.prefix = prefix
        self.sent = sent
        super().__init__(*args, directory=str(site_dir), **kwargs)

    def send_head(self) -> BinaryIO | None:
        """Send status and headers for GET and HEAD, and return the file whose bytes follow."""
        path = unquote(urlsplit(self.path).path)
        below = path.removeprefix(self.prefix)
        if f"{path}/" == self.prefix or (path.startswith(self.prefix) and self._lacks_slash(below)):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", f"{path}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        inside = path.startswith(self.prefix) and ".." not in below.split("/")
        file = locate_file(self.site_dir, below) if inside else None
        return self._send_file(file or self.site_dir / "404.html", HTTPStatus.OK if file else HTTPStatus.NOT_FOUND)

    def _lacks_slash(self, below: str) -> bool:
        return bool(below) and not below.endswith("/") and (self.site_dir / below).is_dir()

    def _send_file(self, file: Path, status: HTTPStatus) -> BinaryIO:
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        changed = file.stat().st_mtime_ns
        body = pack_file(file, changed) if packed else file.read_bytes()
        kind = self.guess_type(str(file))
        tag = f'"{changed:x}"'
        if status is HTTPStatus.OK and self.headers.get("If-None-Match") == tag:
            status, body = HTTPStatus.NOT_MODIFIED, b""
        self.sent.append(Sent(file.relative_to(self.site_dir).as_posix(), status, len(body)))
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("ETag", tag)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return BytesIO(body)

    def log_message(self, *_args: object) -> None:
        """Stay silent."""


class PagesServer(ThreadingHTTPServer):
    """A server that does not mind a browser which hangs up."""

    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report every error but a lost connection."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serve_site(site_dir: Path, prefix: str = "/", sent: list[Sent] | None = None) -> Iterator[str]:
    """Serve a folder on a free port of 127.0.0.1 and yield its address; the folder may be filled later.

    What is sent is appended to `sent`.
    """
    handler = partial(PagesHandler, site_dir=site_dir, prefix=prefix, sent=[] if sent is None else sent)
    with PagesServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
