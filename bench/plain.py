"""The two projects that the measurements compare, each in a folder of its own, and what one build of them costs.

One is a copy of this project with as many codes as asked for, made by varying the real rows. The other is
plain: the same text as Markdown files, built by the default theme without macros.
"""

import csv
import io
import os
import posixpath
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from catalogue.model.loading import load_catalogue
from catalogue.model.reading import format_csv
from catalogue.model.rows import MODELS
from catalogue.paths import CONFUSIONS, ERRORS, LIBRARY, OBSERVED, REQUESTS
from catalogue.render.links import Site
from catalogue.render.pages import render_error_page, render_status_page
from catalogue.site.stubs import write_stubs

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ("mkdocs.yml", "macros.py", "catalogue", "templates", "data", "docs", "overrides")
SITE = Site("http://127.0.0.1:8000/")
# Made-up codes start here; the vendor uses no number above it.
FIRST_MADE_UP = 50000
NUMBER = re.compile(r"(?<![\w.])\d{4,5}(?!\w)")
MARKUP = re.compile(r" ?\{:? ?[.#][^{}\n]*\}|</?(?:div|li|small|span|strong|ul)\b[^>\n]*>|<a [^>\n]*>[^<\n]*</a>")
MARKDOWN = {"<li>": "- ", "<strong>": "**", "</strong>": "**"}
ANCHOR = re.compile(r'<a [^>]*href="(?:\.\./)?(?P<target>[^"]*?)(?P<slash>/?)"[^>]*>(?P<words>[^<]*)</a>')
ALTERNATE_LINK = re.compile(rf"\]\({re.escape(SITE.url)}(?P<path>[^()#\s]*?)index\.md\)")
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
PLAIN_CONFIG = f"""\
site_name: Plain pages
site_url: {SITE.url}
theme: material
not_in_nav: |
  /codes/[0-9]*.md
  /http/[0-9]*.md
plugins: [search]
"""


@dataclass(frozen=True)
class Run:
    """What one build cost: seconds by the clock, seconds of the processor, peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def make_environment(project: Path, url: str = SITE.url) -> dict[str, str]:
    """Return the environment of a measured command: compiled modules are kept, temporary files stand by the project."""
    settings = {
        "SITE_URL": url,
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONPYCACHEPREFIX": str(project.parent / "bytecode"),
        "TMPDIR": str(project.parent),
    }
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | settings


def build_site(project: Path, site_dir: Path) -> Run:
    """Build a project in a process of its own and return what it cost. Raises RuntimeError if it fails."""
    shutil.rmtree(site_dir, ignore_errors=True)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site_dir)],
        cwd=project,
        env=make_environment(project),
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"The build of {project} failed. Its reason stands above.")
    # Linux counts the peak in kB, macOS in bytes.
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def copy_project(target: Path, count: int) -> Path:
    """Copy this project and give it `count` codes: the real ones first, then varied copies of them."""
    target.mkdir(parents=True)
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target / name)
    numbers = [row[0] for row in _read_rows(ERRORS)]
    maps = list(_map_numbers(numbers, count))
    for path in (ERRORS, OBSERVED, CONFUSIONS, REQUESTS, LIBRARY):
        rows = _read_rows(path)
        _write_rows(target, path, [row for mapping in maps for row in _vary_rows(path, rows, mapping)])
    write_stubs(load_catalogue(target), target / "docs")
    return target


def _read_rows(path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((ROOT / path).read_text("utf-8"), newline="")))[1:]


def _write_rows(target: Path, path: str, rows: list[list[str]]) -> None:
    (target / path).write_text(format_csv(path, rows), "utf-8", newline="\n")


def _map_numbers(numbers: list[str], count: int) -> Iterator[dict[str, str]]:
    """Yield number → number for each copy of the rows; the last copy is cut where `count` is reached."""
    yield {number: number for number in numbers}
    for start in range(len(numbers), count, len(numbers)):
        part = numbers[: count - start]
        first = FIRST_MADE_UP + start - len(numbers)
        yield {number: str(first + at) for at, number in enumerate(part)}


def _vary_rows(path: str, rows: list[list[str]], mapping: dict[str, str]) -> Iterator[list[str]]:
    """Yield the rows of a copy: every number of the catalogue in them becomes the copy's own."""
    columns = list(MODELS[path].model_fields)
    varied = any(old != new for old, new in mapping.items())
    for row in rows:
        # A cut copy has no row for some numbers.
        if row[0] not in mapping or (path == CONFUSIONS and row[1] not in mapping):
            continue
        cells = [NUMBER.sub(lambda match: mapping.get(match[0], match[0]), cell) for cell in row] if varied else row
        if varied and path == ERRORS:
            name, related = columns.index("name"), columns.index("related")
            cells[name] = f"{row[name]}_{mapping[row[0]]}"
            cells[related] = ";".join(mapping[code] for code in row[related].split(";") if code in mapping)
        yield cells


def write_plain(project: Path, site_dir: Path, target: Path) -> Path:
    """Write the text of a built project as plain Markdown files, with the default theme to build them."""
    catalogue = load_catalogue(project)
    pages = {f"codes/{row.code}.md": render_error_page(catalogue, row.code, SITE) for row in catalogue.errors}
    pages |= {f"http/{row.status}.md": render_status_page(catalogue, row.status, SITE) for row in catalogue.statuses}
    plain = {path: MARKUP.sub(_replace_markup, text) for path, text in pages.items()}
    for source in sorted((project / "docs").rglob("*.md")):
        path = source.relative_to(project / "docs").as_posix()
        if path not in plain:
            alternate = site_dir / (path if source.stem == "index" else f"{path.removesuffix('.md')}/index.md")
            plain[path] = _relink_alternate(alternate.read_text("utf-8"), path)
    for path, text in plain.items():
        file = target / "docs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text.strip()}\n", "utf-8")
    (target / "mkdocs.yml").write_text(PLAIN_CONFIG, "utf-8")
    return target


def _replace_markup(match: re.Match[str]) -> str:
    """Return what an author of plain Markdown would write for an element."""
    anchor = ANCHOR.fullmatch(match[0])
    if not anchor:
        return MARKDOWN.get(match[0], "")
    if anchor["target"].startswith("index."):
        return anchor["words"]
    page = ".md" if anchor["target"].startswith("../") and anchor["slash"] else anchor["slash"]
    return f"[{anchor['words']}]({unescape(anchor['target'])}{page})"


def _relink_alternate(text: str, path: str) -> str:
    """Make the absolute links of a Markdown alternate relative, as an author would write them."""

    def replace_link(match: re.Match[str]) -> str:
        page = match["path"].rstrip("/")
        source = f"{page}.md" if page and page.count("/") else posixpath.join(page, "index.md")
        return f"]({posixpath.relpath(source, posixpath.dirname(path) or '.')})"

    return ALTERNATE_LINK.sub(replace_link, FRONT_MATTER.sub("", text))
