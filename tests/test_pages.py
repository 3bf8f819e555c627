"""The one-line pages of docs/codes/ and docs/http/ equal the rows, both ways, and writing restores them."""

import shutil
from html import unescape
from pathlib import Path

import pytest
import yaml

from catalogue.model.rows import Catalogue
from catalogue.render.pages import describe_error
from catalogue.site.stubs import check_stubs, format_stub, plan_stubs, write_stubs
from tests.site_tools import ROOT

FOLDERS = ("codes", "http")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Return a copy of the two generated folders."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / "docs" / folder, tmp_path / "docs" / folder)
    return tmp_path / "docs"


def read_tree(docs: Path) -> dict[str, bytes]:
    """Return path → bytes of every file."""
    return {path.relative_to(docs).as_posix(): path.read_bytes() for path in docs.rglob("*") if path.is_file()}


def test_every_code_and_status_has_a_page_and_no_page_is_without_a_row(catalogue: Catalogue) -> None:
    assert check_stubs(catalogue) == [], "Run: python -m catalogue pages"


def test_a_page_calls_one_macro_with_its_own_name(catalogue: Catalogue) -> None:
    planned = plan_stubs(catalogue)
    assert planned["codes/30005.md"].endswith('---\n\n{{ error_page("30005") }}\n')
    assert planned["http/401.md"].endswith('---\n\n{{ status_page("401") }}\n')
    assert [path for path, text in planned.items() if f'"{Path(path).stem}"' not in text] == []


def test_a_missing_page_is_reported(catalogue: Catalogue, docs: Path) -> None:
    (docs / "codes" / "30005.md").unlink()
    assert check_stubs(catalogue, docs) == ["docs/codes/30005.md is missing. Run: python -m catalogue pages"]


@pytest.mark.parametrize("path", ["codes/30009.md", "codes/30005.html", "http/402.md"])
def test_a_page_too_many_is_reported(catalogue: Catalogue, docs: Path, path: str) -> None:
    (docs / path).write_text("left over\n", "utf-8")
    assert check_stubs(catalogue, docs) == [f"docs/{path} has no row. Run: python -m catalogue pages"]


@pytest.mark.parametrize("edit", [b"", b"\n", b'{{ error_page("30006") }}\n', b'{{ error_page("30005") }}\r\n'])
def test_an_edited_page_is_reported(catalogue: Catalogue, docs: Path, edit: bytes) -> None:
    (docs / "codes" / "30005.md").write_bytes(edit)
    assert check_stubs(catalogue, docs) == [
        "docs/codes/30005.md differs from its row in data/errors.csv. Edit the row, then run: python -m catalogue pages"
    ]


def test_an_edited_status_page_names_the_file_to_edit(catalogue: Catalogue, docs: Path) -> None:
    (docs / "http" / "401.md").write_text("# HTTP 401\n", "utf-8")
    (problem,) = check_stubs(catalogue, docs)
    assert "data/http_statuses.csv. Edit the row" in problem


def test_writing_restores_the_pages_and_says_which(catalogue: Catalogue, docs: Path) -> None:
    before = read_tree(docs)
    (docs / "codes" / "30005.md").unlink()
    (docs / "codes" / "30009.md").write_text("left over\n", "utf-8")
    (docs / "http" / "401.md").write_text("edited\n", "utf-8")
    assert write_stubs(catalogue, docs) == ["codes/30005.md", "codes/30009.md", "http/401.md"]
    assert read_tree(docs) == before


def test_writing_changes_nothing_where_nothing_differs(catalogue: Catalogue, docs: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in docs.rglob("*.md")}
    assert write_stubs(catalogue, docs) == []
    assert {path: path.stat().st_mtime_ns for path in docs.rglob("*.md")} == times


def test_hand_written_pages_of_the_folders_are_left_alone(catalogue: Catalogue, docs: Path) -> None:
    (docs / "codes" / "index.md").write_text("# Mine\n", "utf-8")
    assert check_stubs(catalogue, docs) == []
    assert write_stubs(catalogue, docs) == []


def test_writing_makes_the_folders_from_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    assert write_stubs(catalogue, tmp_path) == sorted(plan_stubs(catalogue))
    assert check_stubs(catalogue, tmp_path) == []


def test_the_front_matter_of_a_stub_reads_as_yaml_and_says_what_the_row_says(catalogue: Catalogue) -> None:
    for error in catalogue.errors:
        front = yaml.safe_load(plan_stubs(catalogue)[f"codes/{error.code}.md"].split("---\n")[1])
        assert unescape(front["title"]) == f"{error.code} {error.message}"
        assert unescape(front["description"]) == describe_error(error)
        assert front["hide"] == ["navigation"]


@pytest.mark.parametrize("text", ['"', "<script>", "a: b", "# c", "---", "{{ x }}", "\\", "'"])
def test_the_front_matter_keeps_every_character(text: str) -> None:
    front = yaml.safe_load(format_stub(text, text, "x()").split("---\n", 2)[1].replace("\n---", ""))
    assert (unescape(front["title"]), unescape(front["description"])) == (text, text)
