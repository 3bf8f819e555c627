"""No cell can run: whatever stands in a text cell is text on every page and in every file that is published.

One copy of the project gets something for each language into every text column of every data file, and is built once.
"""

import csv
import io
import json
import os
import re
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
import yaml
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from catalogue.model.loading import load_catalogue, read_files
from catalogue.model.reading import LIST_COLUMNS, format_csv
from catalogue.model.rows import MODELS, Catalogue, Item
from catalogue.paths import CHANGES, CONFUSIONS, ERRORS, GLOSSARY, LIBRARY, OBSERVED, REQUESTS, SOURCES, STATUSES
from catalogue.render.terminal import explain_code
from catalogue.site.stubs import write_stubs
from tests.site_tools import ROOT, copy_project, run_build, serve_site

# What HTML, its attributes, templates, attribute lists, Markdown, YAML, XML, Python and links would take for theirs.
# Brackets and backticks mean something in prose, so that only other text may hold any.
DATA = json.loads((ROOT / "tests/data/cell_payloads.json").read_text("utf-8"))
PAYLOADS, BRACKETED = DATA["prose"], DATA["bracketed"]
PROSE = " ".join(PAYLOADS)
TEXT = " ".join([*PAYLOADS, *BRACKETED])
WORDS = ";".join(word.replace(";", ",") for word in (*PAYLOADS, *BRACKETED))
LINES = "\n".join([*PAYLOADS, *BRACKETED])
ADDRESS = "https://example.org/a_b_c*d*e~~f;&copy;x=1&#35;!$@%27,x"

# Column → what it gets; None for a short text that holds one payload, another in each row.
CELLS: dict[str, dict[str, str | None]] = {
    ERRORS: dict.fromkeys(("summary", "first", "message"))
    | dict.fromkeys(("causes", "remediation", "note"), PROSE)
    | {"keywords": WORDS, "after": TEXT},
    STATUSES: {"summary": None, "reason": TEXT, "description": TEXT}
    | dict.fromkeys(("meaning", "steps", "note"), PROSE),
    SOURCES: {"title": TEXT, "url": ADDRESS},
    OBSERVED: {"wording": TEXT, "body": TEXT, "note": PROSE},
    CHANGES: {"title": TEXT, "text": PROSE},
    CONFUSIONS: {"difference": PROSE},
    REQUESTS: {
        "given": json.dumps({"a": TEXT}, separators=(",", ":")),
        "wrong": f"POST /contract\n{LINES}",
        "right": f"POST /contract\n\n{LINES}",
        "note": PROSE,
    },
    LIBRARY: {"disagreement": PROSE},
    GLOSSARY: {"term": TEXT, "forms": None, "definition": PROSE},
}
# Columns of one canonical form, in which no other text can stand.
CLOSED: dict[str, list[str]] = DATA["closed"]
# What a tab holds that a cell could have put there; the text that a reader can see, also as a tooltip.
INSPECT = """() => {
    const all = [...document.querySelectorAll("*")]
    const handlers = all.flatMap((e) => [...e.attributes].filter((a) => /^on/i.test(a.name)).map((a) => a.name))
    const read = (names) => all.flatMap((e) => names.map((name) => e.getAttribute(name)).filter(Boolean))
    const addresses = read(["href", "src", "action", "data"])
    const scripts = [...document.scripts].filter((s) => /hacked/.test(s.outerHTML)).length
    const titles = read(["title", "aria-label", "content"])
    const text = [document.title, document.body.textContent, ...titles].join("\\n").replace(/\\s+/g, " ")
    return {hacked: window.hacked ?? 0, handlers, addresses, scripts, text}
}"""

# Opens a page in a frame of the page that is open, which takes half the time of a page of its own.
OPEN_IN_FRAME = """async ([address, inspect]) => {
    const frame = document.createElement("iframe")
    frame.src = address
    await new Promise(loaded => { frame.onload = loaded; document.body.append(frame) })
    const found = frame.contentWindow.eval(`(${inspect})()`)
    frame.remove()
    return found
}"""


@dataclass(frozen=True)
class Spoilt:
    """The spoilt project as built: its rows, its folder and its address."""

    catalogue: Catalogue
    folder: Path
    url: str
    csv: bytes


def spoil_file(path: str, content: bytes) -> bytes:
    """Put payloads into every text column of a data file; citations stay."""
    head, *rows = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    payloads = cycle(PAYLOADS)
    for number, row in enumerate(rows):
        for column, payload in CELLS[path].items():
            at = head.index(column)
            if column == "forms":
                row[at] = f"{PAYLOADS[number].replace(';', ',')}{number}" if number < len(PAYLOADS) else ""
            elif column == "after":
                row[at] = TEXT if row[at] and not row[at].isdigit() else row[at]
            elif column == "url":
                row[at] = ADDRESS if row[at] else ""
            else:
                row[at] = spoil_cell(column, row[at], f"{number} {next(payloads)}" if payload is None else payload)
    return format_csv(path, rows).encode()


def spoil_cell(column: str, cell: str, payload: str | None) -> str:
    """Replace the text of a cell, line by line where it holds items, and keep the keys of its evidence."""
    if column in LIST_COLUMNS or re.search(r" (?:\[\w+\])+$", cell):
        items = [Item.parse(line) for line in cell.split("\n")]
        return "\n".join(
            f"{number} {payload}{' ' if item.evidence else ''}{''.join(f'[{key}]' for key in item.evidence)}"
            for number, item in enumerate(items)
        )
    return payload or ""


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoilt]:
    folder = tmp_path_factory.mktemp("spoilt")
    project = copy_project(folder / "project")
    for path, content in read_files().items():
        (project / path).write_bytes(spoil_file(path, content))
    catalogue = load_catalogue(project)
    write_stubs(catalogue, project / "docs")
    with serve_site(folder / "site") as url:
        os.environ["PYTHONPATH"] = str(project)
        result = run_build(folder / "site", url, project)
        del os.environ["PYTHONPATH"]
        assert result.returncode == 0, result.stdout[-3000:]
        yield Spoilt(catalogue, folder / "site", url, (project / ERRORS).read_bytes())


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Tab]:
    """Return a tab that does not keep the site's policy, which would hide what escaping has missed."""
    context = browser.new_context(bypass_csp=True, service_workers="block")
    yield context.new_page()
    context.close()


def list_texts(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of every text that some page must show."""
    for error in catalogue.errors:
        yield f"{error.code}", error.message
        yield from ((f"{error.code}", text) for text in (error.summary, error.first))
        yield from ((f"{error.code}", item.text) for item in error.iter_items())
    for row in catalogue.statuses:
        yield f"HTTP {row.status}", row.reason
        yield from ((f"HTTP {row.status}", item.text) for item in row.iter_items())
    yield from (
        (f"observed {row.code}", text) for row in catalogue.observed for text in (row.body, row.wording, row.note)
    )
    yield from ((f"change {row.id}", text) for row in catalogue.changes for text in (row.title, row.text.text))
    yield from (
        (f"request {row.code}", text) for row in catalogue.requests for text in (row.wrong, row.right, row.note)
    )
    yield from ((f"confusion {row.code}", row.difference) for row in catalogue.confusions)
    yield from ((f"ccxt {row.code}", row.disagreement) for row in catalogue.library)
    yield from ((f"term {row.anchor}", text) for row in catalogue.glossary for text in (row.term, row.definition.text))
    yield from ((f"source {row.key}", row.title) for row in catalogue.sources.values())


def test_every_column_gets_a_payload_or_has_one_canonical_form() -> None:
    assert {path: {*cells, *CLOSED[path]} for path, cells in CELLS.items()} == {
        path: set(model.model_fields) for path, model in MODELS.items()
    }


def find_intrusions(found: dict[str, object]) -> list[str]:
    """Return what a cell has put into a tab: a script that ran or stands there, a handler, a foreign link."""
    addresses = [str(address) for address in found["addresses"]] if isinstance(found["addresses"], list) else []
    foreign = [a for a in addresses if urlsplit(a).scheme not in {"", "http", "https"} or "evil" in urlsplit(a).netloc]
    foreign += [a for a in addresses if "hacked" in a]
    return [str(part) for part in (found["hacked"], found["scripts"], found["handlers"], foreign) if part]


def test_no_page_runs_a_cell_and_no_character_is_lost(spoilt: Spoilt, tab: Tab) -> None:
    # The page alone decides here; without the site's own scripts and styles it opens faster.
    session = tab.context.new_cdp_session(tab)
    session.send("Network.enable")
    session.send("Network.setBlockedURLs", {"urls": ["*.css", "*.js", "*.svg", "*.png"]})
    tab.goto(f"{spoilt.url}errors.json")
    files = (file.relative_to(spoilt.folder).as_posix() for file in sorted(spoilt.folder.rglob("*.html")))
    paths = [path.removesuffix("index.html") for path in files]
    seen = {path: tab.evaluate(OPEN_IN_FRAME, [spoilt.url + path, INSPECT]) for path in paths}
    session.detach()
    intrusions = {path: problems for path, found in seen.items() if (problems := find_intrusions(found))}
    assert intrusions == {}
    shown = [found["text"] for found in seen.values()]
    everything = "\n".join(shown)
    lost = [
        f"{place}: {text[:60]}"
        for place, text in list_texts(spoilt.catalogue)
        if " ".join(text.split()) not in everything
    ]
    assert lost == []


@pytest.mark.parametrize(
    "html",
    [
        "<script>window.hacked=1</script>",
        "<img src=x.png onerror=window.hacked=2>",
        "<a href='javascript:window.hacked=7'>x</a>",
        "<a href='https://evil.example/'>x</a>",
    ],
)
def test_a_cell_that_runs_is_seen(spoilt: Spoilt, tab: Tab, html: str) -> None:
    (spoilt.folder / "spoilt.html").write_text(f"<!doctype html><title>x</title><body>{html}", "utf-8")
    tab.goto(f"{spoilt.url}errors.json")
    assert find_intrusions(tab.evaluate(OPEN_IN_FRAME, [f"{spoilt.url}spoilt.html", INSPECT])) != []


def test_navigation_search_and_box_run_no_cell(spoilt: Spoilt, tab: Tab) -> None:
    codes = [error.code for error in spoilt.catalogue.errors[:3]]
    tab.goto(spoilt.url + "codes/")
    tab.wait_for_function("window.document$ !== undefined")
    for code in codes:
        tab.locator(f".codes a[href$='{code}/']").first.click()
        tab.wait_for_url(f"**/codes/{code}/")
        tab.locator("h1", has_text=code).wait_for()
        assert find_intrusions(tab.evaluate(INSPECT)) == []
        tab.go_back()
        tab.locator(f".codes a[href$='{code}/']").first.wait_for()
    tab.locator(".md-search__input").fill("hacked")
    tab.locator(".md-search-result__item").first.wait_for(state="attached")
    assert find_intrusions(tab.evaluate(INSPECT)) == []
    tab.goto(spoilt.url)
    tab.wait_for_function("window.document$ !== undefined")
    tab.locator("[data-lookup] textarea").fill(f'{{"code":{codes[1]}}}')
    tab.locator("[data-lookup] li").first.wait_for()
    assert find_intrusions(tab.evaluate(INSPECT)) == []
    assert spoilt.catalogue.by_code[codes[1]].message in (tab.locator("[data-lookup] li").first.text_content() or "")


def read_front_matter(file: Path) -> dict[str, object]:
    """Return the front matter of a Markdown page."""
    loaded = yaml.safe_load(file.read_text("utf-8").split("\n---\n")[0])
    assert isinstance(loaded, dict)
    return loaded


def test_published_files_hold_the_cells_as_text(spoilt: Spoilt) -> None:
    folder, rows = spoilt.folder, spoilt.catalogue
    published = {entry["code"]: entry for entry in json.loads((folder / "errors.json").read_text("utf-8"))["errors"]}
    listed = {entry["code"]: entry for entry in json.loads((folder / "lookup.json").read_text("utf-8"))["errors"]}
    module = runpy.run_path(str(folder / "errors.py"))["ErrorCode"]
    for error in rows.errors:
        head = read_front_matter(folder / f"codes/{error.code}/index.md")
        expected = [error.message, error.summary, error.first, list(error.keywords)]
        for found in (published[error.code], listed[error.code], head):
            assert [found["message"], found["summary"], found["first"], found["keywords"]] == expected
        assert [module(int(error.code)).message, module(int(error.code)).first] == [error.message, error.first]
    for row in rows.statuses:
        assert read_front_matter(folder / f"http/{row.status}/index.md")["reason"] == row.reason
    entries = feedparser.parse(folder / "changes.xml", sanitize_html=False).entries
    assert {entry.id.partition("#")[2] for entry in entries} == {change.id for change in rows.changes}
    summaries = [entry.summary for entry in entries]
    assert [text for text in summaries if PROSE not in text] == []
    assert (folder / "errors.csv").read_bytes() == spoilt.csv


def test_the_search_list_and_the_terminal_hold_the_cells_as_text(spoilt: Spoilt) -> None:
    pages = json.loads((spoilt.folder / "search/pages.json").read_text("utf-8"))["docs"]
    found = {page["location"]: f"{page['title']} {page['text']}" for page in pages}
    for error in spoilt.catalogue.errors:
        assert error.message in found[f"codes/{error.code}/"]
        assert error.summary in found[f"codes/{error.code}/"]
        text, _ = explain_code(spoilt.catalogue, error.code)
        assert " ".join(error.message.split()) in " ".join(text.split())
        assert [char for char in text if not char.isprintable() and char != "\n"] == []
