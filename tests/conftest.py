"""What all tests share: the catalogue, and one strict build of the site, served as GitHub Pages would."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import pytest
from playwright import sync_api

from catalogue.model.loading import get_catalogue
from catalogue.model.rows import Catalogue
from tests.browser import COMMAND, find_browser, list_arguments
from tests.site_tools import Page, Sent, read_pages, run_build, serve_site

# Some machines forbid Python to keep what it compiles; fifty processes would compile the same.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# Files that take long and would come late: begun last, one of them would keep a single worker busy at the end.
LONG = {
    "test_contributing.py",
    "test_every_page.py",
    "test_serving.py",
    "test_site.py",
    "test_template_mutations.py",
    "test_triage_view.py",
    "test_weight.py",
    "test_zensical.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files begin first."""
    items.sort(key=lambda item: item.path.name not in LONG)


@dataclass(frozen=True)
class BuiltSite:
    """A built site: its folder, the address at which it is served and which it was built for, all that was sent."""

    folder: Path
    url: str
    sent: list[Sent]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the repository's own rows."""
    return get_catalogue()


def _build(folder: Path, url: str, sent: list[Sent]) -> BuiltSite:
    result = run_build(folder, url)
    assert result.returncode == 0, f"The strict build failed. Run: make build\n{result.stdout}"
    return BuiltSite(folder, url, sent)


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    """Build the site once, at the root of a host."""
    folder = tmp_path_factory.mktemp("site")
    sent: list[Sent] = []
    with serve_site(folder, sent=sent) as url:
        yield _build(folder, url, sent)


@pytest.fixture(scope="session")
def site_dir(built_site: BuiltSite) -> Path:
    """Return the folder of the built site."""
    return built_site.folder


@pytest.fixture(scope="session")
def server(built_site: BuiltSite) -> str:
    """Return the address, with a final slash, at which the built site is served."""
    return built_site.url


@pytest.fixture(scope="session")
def subpath_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build the site for a folder of a host, as a project site has, and return its address with a final slash."""
    folder = tmp_path_factory.mktemp("subpath")
    with serve_site(folder, "/woo/") as url:
        yield _build(folder, url, []).url


@pytest.fixture(scope="session")
def parsed_pages(site_dir: Path) -> dict[str, Page]:
    """Return path below the site's root → parsed page, parse errors included, for every HTML file."""
    return read_pages(site_dir)


@pytest.fixture(scope="session")
def pages(parsed_pages: dict[str, Page]) -> dict[str, Element]:
    """Return path below the site's root → parsed tree, for every HTML file."""
    return {path: page.root for path, page in parsed_pages.items()}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Let pytest-playwright start the Chromium that `python -m tests.browser` finds or installs."""
    found = find_browser()
    assert found, f"No Chromium for the browser tests. Run: {COMMAND}"
    return browser_type_launch_args | {"executable_path": found, "args": list_arguments()}


@pytest.fixture(scope="session")
def workbench(browser: sync_api.Browser, server: str) -> Iterator[sync_api.Page]:
    """Return a page that holds the site's pure scripts: `await scripts()` gives decode, rank and the rows."""
    page = browser.new_page(base_url=server)
    page.goto("lookup.json")
    page.evaluate(
        """root => {
            const names = ["decode", "rank", "lookup", "answer", "search", "lines", "cards"]
            const modules = names.map(name => import(`${root}assets/javascripts/${name}.js`))
            const files = ["lookup.json", "search/pages.json"].map(name => fetch(root + name).then(file => file.json()))
            const all = Promise.all([Promise.all(modules), ...files])
            window.scripts = async () => {
                const [parts, catalogue, pages] = await all
                return {...Object.assign({}, ...parts), root, catalogue, pages: pages.docs}
            }
        }""",
        server,
    )
    yield page
    page.close()


@pytest.fixture(scope="module")
def tab(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """Return the tab in which the tests of a file open their pages, as a new one takes a quarter of a second."""
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def context(tab: sync_api.Page) -> sync_api.BrowserContext:
    """Return the context of the tab."""
    return tab.context


@pytest.fixture
def page(tab: sync_api.Page) -> Iterator[sync_api.Page]:
    """Return the tab, and leave it without a route, in its first size and colours, with nothing allowed or kept."""
    size = tab.viewport_size
    yield tab
    tab.unroute_all()
    tab.context.clear_permissions()
    if tab.url.startswith("http"):
        # Away from the page first, so that none of its scripts keeps anything afterwards, and nothing is drawn anew.
        tab.goto(urljoin(tab.url, "/search/search_index.json"), wait_until="commit")
        tab.evaluate("sessionStorage.clear(), localStorage.clear()")
    tab.emulate_media(media="null", color_scheme="null")
    if size and size != tab.viewport_size:
        tab.set_viewport_size(size)
