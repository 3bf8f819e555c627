"""Whatever stands in a row, a page or the name of a file, no command makes the terminal do anything but show text."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalogue import cli
from catalogue.model.loading import CatalogueError
from catalogue.model.reading import Problem
from catalogue.model.rows import Catalogue
from catalogue.paths import SPEC_PAGE
from catalogue.site.stubs import check_stubs, write_stubs

# A new title of the window, colour, the older control characters, and a turned direction.
EVIL = "\x1b]0;owned\x07\x1b[31m\x9b31m\u202e\u2066\u200b\u2028\U000e0041"


def run(*arguments: str) -> str:
    """Return all that a command prints; it must be text and line ends."""
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert [char for char in result.output if not char.isprintable() and char != "\n"] == []
    return result.output


def test_explain_shows_a_row(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    error = catalogue.errors[0].model_copy(update={"message": EVIL, "summary": EVIL})
    monkeypatch.setattr(cli, "get_catalogue", lambda: replace(catalogue, errors=(error, *catalogue.errors[1:])))
    assert "\\u001b]0;owned\\u0007" in run("explain", error.code)
    assert "is not a code" in run("explain", EVIL)


@pytest.mark.parametrize("arguments", [("explain", "1"), ("pages",), ("pages", "--check")])
def test_every_command_shows_a_problem_of_the_rows(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Catalogue:
        raise CatalogueError([Problem("data/errors.csv", 2, EVIL)])

    monkeypatch.setattr(cli, "get_catalogue", fail)
    assert "\\u202e" in run(*arguments)


def test_pages_shows_the_name_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / f"{EVIL}.md").touch()
    monkeypatch.setattr(cli, "check_stubs", lambda rows: check_stubs(rows, tmp_path))
    monkeypatch.setattr(cli, "write_stubs", lambda rows: write_stubs(rows, tmp_path))
    assert "\\u202e" in run("pages", "--check")
    assert "\\u202e" in run("pages")


def test_commands_on_a_site_show_the_names_of_folders_and_files(tmp_path: Path) -> None:
    site = tmp_path / EVIL
    site.mkdir()
    for command in (("finish",), ("offline",)):
        target = [str(tmp_path / "site.zip")] if command == ("offline",) else []
        assert "holds no index.html" in run(*command, str(site), *target)
    (site / f"{EVIL}.txt").touch()
    listed = tmp_path / "list.txt"
    listed.write_text("gone.txt\n", "utf-8")
    for option in ([], ["--check"]):
        run("permalinks", str(site), "--file", str(listed), *option)
    listed.write_text("", "utf-8")
    assert "\\u202e" in run("permalinks", str(site), "--file", str(listed))


@pytest.mark.parametrize("option", [[], ["--json"], ["--markdown"]])
@pytest.mark.parametrize(
    "page",
    [
        SPEC_PAGE.read_text("utf-8") + f"\n{EVIL}\n",
        SPEC_PAGE.read_text("utf-8").replace("| error message", f"| {EVIL} error message", 1),
        f"| {EVIL} |\n| - |\n| 1 |\n",
    ],
    ids=["text", "column", "refusal"],
)
def test_drift_shows_the_vendor_s_text(page: str, option: list[str], tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(page, "utf-8")
    assert "\\u202e" in run("drift", str(file), *option)
