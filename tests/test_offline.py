"""The zip for incidents: unpacked, the site opens from disk, with search and lookup."""

import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from catalogue.model.rows import Catalogue
from catalogue.site.offline import BUNDLE, LINK, bundle_scripts, pack_site


@pytest.fixture(scope="module")
def archive(site_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("offline") / "wooxpro-errors.zip"
    pack_site(site_dir, target)
    return target


@pytest.fixture(scope="module")
def unpacked(archive: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(archive.parent)
    return archive.parent / archive.stem


def test_the_same_site_gives_the_same_bytes(site_dir: Path, archive: Path, tmp_path: Path) -> None:
    again = tmp_path / archive.name
    pack_site(site_dir, again)
    assert again.read_bytes() == archive.read_bytes()


def test_every_code_has_a_page_in_the_archive(unpacked: Path, catalogue: Catalogue) -> None:
    found = {path.parent.name for path in unpacked.glob("codes/*/index.html")} - {"codes"}
    assert found == {error.code for error in catalogue.errors}


def test_every_relative_link_of_the_archive_names_a_file(unpacked: Path) -> None:
    dead = [
        f"{page.relative_to(unpacked)}: {match['path']}"
        for page in unpacked.rglob("*.html")
        for match in LINK.finditer(page.read_text("utf-8"))
        if match["path"] and not (page.parent / match["path"]).is_file() and "opensearch" not in match["path"]
    ]
    assert dead == [], "catalogue/site/offline.py must turn these into files."


def test_no_page_loads_a_module_from_disk(unpacked: Path) -> None:
    modules = [str(page) for page in unpacked.rglob("*.html") if 'type="module"' in page.read_text("utf-8")]
    assert modules == [], "Browsers refuse modules from file://; use the bundle."


def test_a_changed_site_script_is_refused_by_name(site_dir: Path, tmp_path: Path) -> None:
    for script in (site_dir / BUNDLE).parent.glob("*.js"):
        (tmp_path / script.name).write_text(
            script.read_text("utf-8").replace("import.meta.url", "import.meta"), "utf-8"
        )
    with pytest.raises(ValueError, match=r"import\.meta\.url"):
        bundle_scripts(tmp_path)


@pytest.fixture
def offline_page(page: Page, unpacked: Path) -> Page:
    page.goto((unpacked / "index.html").as_uri())
    return page


def test_the_lookup_works_from_disk(offline_page: Page, catalogue: Catalogue) -> None:
    error = catalogue.errors[-1]
    envelope = json.dumps({"code": int(error.code), "message": error.message})
    offline_page.get_by_role("textbox", name="Paste an error").fill(envelope)
    link = offline_page.locator(".cards a.card-title").first
    expect(link).to_contain_text(error.code)
    link.click()
    expect(offline_page.locator("h1")).to_contain_text(error.message)


def test_the_search_works_from_disk(offline_page: Page, catalogue: Catalogue) -> None:
    error = catalogue.errors[-1]
    offline_page.locator(".md-search__input").click()
    offline_page.locator(".md-search__input").press_sequentially(error.code)
    first = offline_page.locator(".md-search-result__item a.md-search-result__link").first
    expect(first).to_contain_text(error.code)
    first.click()
    expect(offline_page.locator("h1")).to_contain_text(error.code)


def test_the_filter_works_from_disk(page: Page, unpacked: Path, catalogue: Catalogue) -> None:
    page.goto((unpacked / "codes" / "index.html").as_uri())
    retry = catalogue.errors[-1].retry
    page.get_by_text("More filters").click()
    page.get_by_label("Send it again?").select_option(retry.value)
    found = sum(error.retry is retry for error in catalogue.errors)
    expect(page.locator(".filter output")).to_have_text(f"{found} of {len(catalogue.errors)} codes")


def test_rows_and_tabs_lead_to_pages_from_disk(offline_page: Page, catalogue: Catalogue) -> None:
    code = catalogue.errors[-1].code
    offline_page.locator(f'article a[href="codes/{code}/index.html"]').first.click()
    expect(offline_page.locator("h1")).to_contain_text(code)
    offline_page.get_by_role("link", name="Codes", exact=True).first.click()
    expect(offline_page.locator("h1")).to_contain_text("All codes")
