"""The command line as a person meets it: what it prints, and its exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.model.rows import Catalogue
from catalogue.paths import ERRORS
from catalogue.render.markdown import strip_markup
from tests.site_tools import ROOT, copy_project


def run_catalogue(*arguments: str, project: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `python -m catalogue …` in a project folder."""
    return subprocess.run(
        [sys.executable, "-m", "catalogue", *arguments],
        cwd=project,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def call(*arguments: str) -> Result:
    """Call the command line within this process, on the repository's own rows."""
    return CliRunner().invoke(main, arguments)


def fold(text: str) -> str:
    """Return a text with line ends and runs of blanks folded, as wrapping may change them."""
    return " ".join(text.split())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project that a test may break."""
    return copy_project(tmp_path / "project")


@pytest.mark.parametrize("code", ["30005", "1000", "40013", "40050"])
def test_explain_prints_message_causes_and_steps(catalogue: Catalogue, code: str) -> None:
    error = catalogue.by_code[code]
    result = call("explain", code)
    shown = fold(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"{code} · {error.message}" in shown
    lines = [strip_markup(item.text) for item in (*error.causes, *error.remediation)]
    assert [line for line in lines if fold(line) not in shown] == []


def test_explain_prints_what_to_decide_by(catalogue: Catalogue) -> None:
    shown = fold(call("explain", "30014").stdout)
    error = catalogue.by_code["30014"]
    labels = [error.retry.label, error.outcome.label, error.actor.label, str(error.http_status)]
    assert [label for label in labels if label not in shown] == []


def test_explain_leaves_no_markup(catalogue: Catalogue) -> None:
    marked = [e.code for e in catalogue.errors if any("`" in item.text for item in e.iter_items())]
    shown = call("explain", marked[0]).stdout
    assert [sign for sign in ("`", "guide:", "](") if sign in shown] == []


@pytest.mark.parametrize("text", [" 30005", "30005\n", "\uff13\uff10\uff10\uff10\uff15"])
def test_explain_takes_a_number_as_it_was_copied(text: str) -> None:
    assert call("explain", text).stdout == call("explain", "30005").stdout != ""


def test_explain_takes_a_number_below_zero_for_no_option() -> None:
    result = call("explain", "-1021")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "'-1021' is not a code" in result.stderr


@pytest.mark.parametrize(("number", "neighbours"), [("30009", ["30008", "30010"]), ("99999", ["42000"])])
def test_explain_offers_neighbours_for_a_number_that_is_not_listed(number: str, neighbours: list[str]) -> None:
    result = call("explain", number)
    assert (result.exit_code, result.stdout) == (1, "")
    assert [code for code in neighbours if code not in result.stderr] == []


@pytest.mark.parametrize("text", ["hmac", "30005x", "3e4", "", "³", "9" * 5000, "Header X-API-SIGN is wrong"])
def test_explain_refuses_what_is_not_a_number(text: str) -> None:
    result = call("explain", "--", text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is not a code" in result.stderr


def test_pages_check_accepts_the_repository() -> None:
    result = call("pages", "--check")
    assert (result.exit_code, result.stderr) == (0, ""), "Run: python -m catalogue pages"


def test_pages_check_fails_on_a_difference_and_changes_nothing(project: Path) -> None:
    page = project / "docs" / "codes" / "30005.md"
    page.unlink()
    result = run_catalogue("pages", "--check", project=project)
    assert result.returncode == 1
    assert "docs/codes/30005.md is missing. Run: python -m catalogue pages" in result.stderr
    assert not page.exists()


def test_pages_writes_what_check_then_accepts(project: Path) -> None:
    page = project / "docs" / "codes" / "30005.md"
    page.unlink()
    result = run_catalogue("pages", project=project)
    assert (result.returncode, result.stdout) == (0, "docs/codes/30005.md\n")
    assert page.is_file()
    assert run_catalogue("pages", "--check", project=project).returncode == 0


def test_the_module_runs_as_a_program(catalogue: Catalogue) -> None:
    result = run_catalogue("explain", "30005")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"30005 · {catalogue.by_code['30005'].message}\n")


def test_the_module_s_exit_status_tells_that_a_code_is_not_listed() -> None:
    assert run_catalogue("explain", "30009").returncode == 1


@pytest.mark.parametrize("arguments", [("explain", "30005"), ("pages", "--check")])
def test_a_problem_in_the_data_ends_without_a_traceback(project: Path, arguments: tuple[str, ...]) -> None:
    content = (project / ERRORS).read_bytes()
    (project / ERRORS).write_bytes(content.replace(b",fix,,rejected,", b",maybe,,rejected,", 1))
    result = run_catalogue(*arguments, project=project)
    assert (result.returncode, result.stdout) == (2, "")
    assert "retry: 'maybe': expected one of" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_command_is_refused() -> None:
    result = call("explode")
    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_help_names_every_command() -> None:
    shown = call("--help").stdout
    assert [name for name in ("explain", "pages") if name not in shown] == []
