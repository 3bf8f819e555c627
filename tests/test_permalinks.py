"""The address contract: data/permalinks.txt equals the built site, and nothing can leave it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.paths import PERMALINKS
from catalogue.site.permalinks import check_permalinks, format_permalinks, list_addresses, read_anchors, read_permalinks
from tests.checks.exports import find_broken_promises, find_list_faults, find_unstable_anchors


def run_permalinks(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["permalinks", *map(str, arguments)])


@pytest.fixture(scope="module")
def addresses(site_dir: Path) -> set[str]:
    return list_addresses(site_dir)


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    """Return a site of two pages and two files, which a test may change."""
    site = tmp_path / "site"
    for page, anchors in {"": ["top"], "codes/1": ["code-1", "causes"], "guides/retries": ["look-up"]}.items():
        (site / page).mkdir(parents=True, exist_ok=True)
        headings = "".join(f'<h2 id="{anchor}">Title</h2>' for anchor in anchors)
        (site / page / "index.html").write_text(f"<article>{headings}</article>")
    (site / "codes" / "1" / "index.json").write_text("{}")
    (site / "errors.csv").write_text("code")
    return site


@pytest.fixture
def list_copy(small_site: Path, tmp_path: Path) -> Path:
    """Return a list that equals the small site."""
    file = tmp_path / "permalinks.txt"
    file.write_text(format_permalinks(list_addresses(small_site)), "utf-8")
    return file


def test_the_list_equals_the_site(addresses: set[str]) -> None:
    problems = check_permalinks(set(read_permalinks()), addresses)
    assert not problems, "\n".join(problems)


def test_the_list_is_sorted_and_names_nothing_twice() -> None:
    assert find_list_faults(PERMALINKS.read_bytes()) == []


def test_the_list_has_what_others_link_to() -> None:
    assert find_broken_promises(read_permalinks()) == []


def test_every_lost_address_is_named() -> None:
    listed = set(read_permalinks())
    for address in sorted(listed)[::40]:
        problems = check_permalinks(listed, listed - {address})
        assert [line.split(" ", 1)[0] for line in problems] == [address]


def test_anchors_do_not_depend_on_wording(addresses: set[str]) -> None:
    assert find_unstable_anchors(addresses) == []


def test_internal_files_are_no_part_of_the_contract(site_dir: Path, addresses: set[str]) -> None:
    internal = ("assets/", "search/", "sitemap.xml", "lookup.json")
    assert (site_dir / "lookup.json").is_file()
    assert not [address for address in addresses if address.startswith(internal)]


def test_only_headings_of_the_content_are_anchors() -> None:
    html = '<h1 id="a"></h1><article><div id="b"></div><h2 id="c">C<a id="d"></a></h2><h4 id="e"></h4></article>'
    assert read_anchors(html) == ["c"]


def test_a_page_at_the_root_has_an_address_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<article><h1 id="top">T</h1></article>')
    assert list_addresses(tmp_path) == {"./", "./#top"}


# The command


def test_check_accepts_the_list_that_equals_the_site(small_site: Path, list_copy: Path) -> None:
    result = run_permalinks(small_site, "--check", "--file", list_copy)
    assert (result.exit_code, result.output) == (0, "The list equals the site.\n")


@pytest.mark.parametrize("path", ["codes/1/index.json", "errors.csv"])
def test_a_lost_file_is_refused_and_named(small_site: Path, list_copy: Path, path: str) -> None:
    (small_site / path).unlink()
    before = list_copy.read_bytes()
    for arguments in (("--check",), ()):
        result = run_permalinks(small_site, *arguments, "--file", list_copy)
        assert result.exit_code == 1
        assert path in result.output
        assert list_copy.read_bytes() == before


def test_a_lost_page_takes_its_anchors_with_it(small_site: Path, list_copy: Path) -> None:
    (small_site / "codes" / "1" / "index.html").unlink()
    result = run_permalinks(small_site, "--file", list_copy)
    assert result.exit_code == 1
    assert {"codes/1/", "codes/1/#code-1", "codes/1/#causes"} <= set(result.output.split("\n"))


def test_a_renamed_anchor_is_refused_and_named(small_site: Path, list_copy: Path) -> None:
    file = small_site / "guides" / "retries" / "index.html"
    file.write_text(file.read_text("utf-8").replace('id="look-up"', 'id="look-further"'), "utf-8")
    result = run_permalinks(small_site, "--file", list_copy)
    assert result.exit_code == 1
    assert "guides/retries/#look-up" in result.output
    assert "look-further" not in list_copy.read_text("utf-8")


def test_new_addresses_are_reported_and_added(small_site: Path, list_copy: Path) -> None:
    before = set(read_permalinks(list_copy))
    (small_site / "new.txt").write_text("x")
    result = run_permalinks(small_site, "--check", "--file", list_copy)
    assert result.exit_code == 1
    assert "new.txt is not listed. Run: python -m catalogue permalinks" in result.output
    assert run_permalinks(small_site, "--file", list_copy).output == "new.txt\n"
    assert list_copy.read_text("utf-8") == format_permalinks(before | {"new.txt"})
    assert run_permalinks(small_site, "--file", list_copy).output == "Nothing to add.\n"


def test_nothing_is_added_while_something_is_lost(small_site: Path, list_copy: Path) -> None:
    before = list_copy.read_bytes()
    (small_site / "new.txt").write_text("x")
    (small_site / "errors.csv").unlink()
    assert run_permalinks(small_site, "--file", list_copy).exit_code == 1
    assert list_copy.read_bytes() == before


def test_the_first_list_is_made_from_the_site(small_site: Path, tmp_path: Path) -> None:
    file = tmp_path / "first.txt"
    assert run_permalinks(small_site, "--file", file).exit_code == 0
    assert set(read_permalinks(file)) == list_addresses(small_site)
