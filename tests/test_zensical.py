"""Another generator, Zensical, builds the same pages; `python -m catalogue finish` makes the same site of them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from catalogue.model.rows import Catalogue
from catalogue.render.pages import describe_error
from catalogue.site.permalinks import list_addresses, read_permalinks
from tests.checks.pages import fold
from tests.conftest import BuiltSite
from tests.site_tools import REPO_URL, copy_project, parse_page, read_meta, read_text, serve_site

ZENSICAL = Path(sys.executable).with_name("zensical")


@pytest.fixture(scope="module")
def zensical_site(tmp_path_factory: pytest.TempPathFactory, built_site: BuiltSite) -> Path:
    """Build the site with Zensical for the address of the site that MkDocs built, and finish it."""
    project = copy_project(tmp_path_factory.mktemp("zensical") / "project")
    settings = {"SITE_URL": built_site.url, "REPO_URL": REPO_URL, "PYTHONPATH": str(project)}
    for command in ([str(ZENSICAL), "build"], [sys.executable, "-m", "catalogue", "finish", "site"]):
        result = subprocess.run(
            command, cwd=project, env=os.environ | settings, capture_output=True, text=True, timeout=300, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
    return project / "site"


@pytest.fixture(scope="module")
def zensical_server(zensical_site: Path) -> Iterator[str]:
    """Serve the site that Zensical built."""
    with serve_site(zensical_site) as url:
        yield url


def test_every_published_address_exists(zensical_site: Path) -> None:
    assert sorted(set(read_permalinks()) - list_addresses(zensical_site)) == []


def test_every_published_file_is_the_same_byte_for_byte(zensical_site: Path, site_dir: Path) -> None:
    files = [path for path in sorted(list_addresses(site_dir)) if "#" not in path and not path.endswith(("/", ".html"))]
    assert "errors.json" in files
    assert [path for path in files if (zensical_site / path).read_bytes() != (site_dir / path).read_bytes()] == []


def test_every_code_page_has_its_own_title_and_description(zensical_site: Path, catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        root = parse_page("", (zensical_site / "codes" / error.code / "index.html").read_text("utf-8")).root
        assert read_text(next(root.iter("title"))).startswith(f"{error.code} {fold(error.message)}")
        assert fold(read_meta(root, "description") or "") == fold(describe_error(error))


@pytest.mark.parametrize("path", ["", "no/such/page/"])
def test_the_box_answers(zensical_server: str, page: sync_api.Page, path: str) -> None:
    page.goto(zensical_server + path)
    page.locator("[data-lookup] textarea").fill('{"code": 30005}')
    sync_api.expect(page.locator("[data-lookup] ol > li a").first).to_have_attribute(
        "href", re.compile(r"/codes/30005/$")
    )
