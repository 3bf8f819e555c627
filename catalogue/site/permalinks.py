"""The address contract: data/permalinks.txt holds every address the site has published, and only grows.

One address a line, sorted, relative to the site's root: pages (`codes/30005/`, the home page is `./`), headings
(`codes/30005/#causes`) and files (`errors.json`). Theme assets, the search index, the sitemap,
_headers (for hosts) and lookup.json (which only the site's own lookup reads) are no part of the contract.
"""

from html.parser import HTMLParser
from pathlib import Path

from catalogue.files import is_draft, write_file
from catalogue.paths import PERMALINKS

HOME = "./"
INTERNAL_FOLDERS = {"assets", "search"}
INTERNAL_FILES = {"_headers", "lookup.json", "sitemap.xml", "sitemap.xml.gz"}
HEADINGS = {"h1", "h2", "h3"}
ADVICE = "Published addresses never die: restore the page, heading or file."


class _AnchorReader(HTMLParser):
    """Collect the ids of the headings inside <article>."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        anchor = dict(attrs).get("id")
        if tag == "article":
            self._depth += 1
        elif self._depth and tag in HEADINGS and anchor:
            self.anchors.append(anchor)

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._depth -= 1


def list_addresses(site_dir: Path) -> set[str]:
    """Return every address that a built site publishes: pages, headings and files."""
    addresses: set[str] = set()
    for file in site_dir.rglob("*"):
        path = file.relative_to(site_dir)
        if (
            not file.is_file()
            or is_draft(file)
            or path.parts[0] in INTERNAL_FOLDERS
            or path.as_posix() in INTERNAL_FILES
        ):
            continue
        if file.name == "index.html":
            page = HOME if path.parent == Path() else f"{path.parent.as_posix()}/"
            addresses |= {page} | {f"{page}#{anchor}" for anchor in read_anchors(file.read_text("utf-8"))}
        else:
            addresses.add(path.as_posix())
    return addresses


def read_anchors(html: str) -> list[str]:
    """Return the ids of the headings (h1 to h3) in the content of a page."""
    reader = _AnchorReader()
    reader.feed(html)
    return reader.anchors


def read_permalinks(file: Path = PERMALINKS) -> list[str]:
    """Return the listed addresses, in the order of the file; none if there is no file yet."""
    return file.read_text("utf-8").splitlines() if file.is_file() else []


def format_permalinks(addresses: set[str]) -> str:
    """Return the content of permalinks.txt."""
    return "".join(f"{address}\n" for address in sorted(addresses))


def check_permalinks(listed: set[str], published: set[str]) -> list[str]:
    """Return one line for every listed address the build lacks, and for every published one that is not listed."""
    lost = [f"{address} is listed, but the site lacks it. {ADVICE}" for address in sorted(listed - published)]
    new = [
        f"{address} is not listed. Run: python -m catalogue permalinks SITE_DIR"
        for address in sorted(published - listed)
    ]
    return lost + new


def update_permalinks(site_dir: Path, file: Path = PERMALINKS) -> tuple[list[str], list[str]]:
    """Add new addresses to the list; return what was added, and what the site lacks.

    Nothing is written while the site lacks a listed address.
    """
    listed, published = set(read_permalinks(file)), list_addresses(site_dir)
    lost, added = sorted(listed - published), sorted(published - listed)
    if added and not lost:
        write_file(file, format_permalinks(listed | published).encode())
    return added, lost
