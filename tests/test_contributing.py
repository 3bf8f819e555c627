"""A new code, added in a copy of the repository exactly as CONTRIBUTING.md says, turns no test red."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalogue.paths import CHANGES, CONFUSIONS, ERRORS, LIBRARY
from tests.site_tools import ROOT

NEW = "40051"
NEIGHBOUR = "40050"
MESSAGE = "The order is older than the exchange"
# What stands for the tests of data, vendor's page, rendering, pages and site.
TESTS = (
    "test_data",
    "test_spec",
    "test_render",
    "test_pages",
    "test_permalinks",
    "test_export",
    "test_site",
)
# They look at how a build ends, at what no cell may hold, at the language of what templates make, or at a check with a
# spoilt page, whatever the rows say.
OTHERS = "stops_the_build or two_builds or nasty or strict or exemption or found or noticed or recognised or reported"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository to which the new code was added by the recipe, step by step."""
    target = tmp_path_factory.mktemp("contributing") / "project"
    shutil.copytree(ROOT, target, ignore=leave_out)
    saved = save_page(target)
    run(target, "catalogue", "drift", str(saved), status=1)
    run(target, "catalogue", "drift", str(saved), "--accept")
    add_rows(target)
    run(target, "catalogue", "pages")
    run(target, "mkdocs", "build")
    run(target, "catalogue", "permalinks", "site")
    return target


def leave_out(folder: str, names: list[str]) -> set[str]:
    """Return what no copy needs: what git keeps for itself, environments, and what a build or a test has made."""
    made = {name for name in names if name == "__pycache__" or name.endswith("_cache")}
    return made | ({".cache", ".git", ".venv", "site", "dist", "node_modules"} if Path(folder) == ROOT else set())


def run(project: Path, module: str, *arguments: str, status: int = 0) -> str:
    """Run a module of the copy and return what it printed."""
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project), "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=400,
        check=False,
    )
    assert result.returncode == status, result.stdout[-3000:]
    return result.stdout


def save_page(project: Path) -> Path:
    """Step 1: save the vendor's page, on which the new code stands behind its neighbour."""
    lines = (project / "data/spec/restful-error-code.md").read_text("utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if f" {NEIGHBOUR} " in line)
    lines.insert(at + 1, f"| {MESSAGE} | {NEW} | 403 |")
    saved = project.parent / "page.md"
    saved.write_text("\n".join(lines), "utf-8")
    return saved


def add_rows(project: Path) -> None:
    """Steps 3 to 7: add the row, the relation, what CCXT raises, and the change."""
    table = read_table(project / ERRORS)
    neighbour = next(row for row in table if row["code"] == NEIGHBOUR)
    new = neighbour | {"code": NEW, "name": "ORDER_TOO_OLD", "message": MESSAGE, "outcome": "rejected"}
    new |= {"summary": "The order is too old, so nothing was executed.", "related": NEIGHBOUR, "note": ""}
    new |= {
        "causes": "The order was signed before the exchange of the made-up test opened, as its time shows.\n"
        "The clock of the made-up test runs far behind the clock of the exchange, so every order looks old.\n"
        "A queue of the made-up test kept the order for years, and sent it only after the exchange had opened.",
        "remediation": "Compare the time of the order with the day on which the made-up exchange opened its doors.\n"
        "Set the clock of the made-up test to the time of the exchange, and look at both clocks once more.\n"
        "Empty the queue of the made-up test, and let a person decide what becomes of each order in it.\n"
        "Make the made-up order anew, with the time of now, once nobody objects to it any more.",
    }
    neighbour["related"] = ";".join([*filter(None, neighbour["related"].split(";")), NEW])
    write_table(project / ERRORS, insert_row(table, new))
    pairs = read_table(project / CONFUSIONS)
    pair = {"code": NEIGHBOUR, "other": NEW, "difference": f"{NEIGHBOUR} is about the id. {NEW} is about the time."}
    write_table(project / CONFUSIONS, insert_row(pairs, pair))
    library = read_table(project / LIBRARY)
    write_table(
        project / LIBRARY,
        insert_row(library, {"code": NEW, "exception": "ExchangeError", "retryable": "", "disagreement": ""}),
    )
    change = {
        "id": "order-too-old",
        "date": "2027-01-31",
        "who": "vendor",
        "title": "A new code",
        "text": f"{NEW} is new. [S1]",
    }
    write_table(project / CHANGES, [*read_table(project / CHANGES), change])
    reason = f'NO_REQUEST = {{\n    "{NEW}": "it is made up",\n'
    tests = project / "tests/test_requests.py"
    tests.write_text(tests.read_text("utf-8").replace("NO_REQUEST = {\n", reason, 1), "utf-8")


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a data file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write the rows of a data file in the canonical form."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def insert_row(rows: list[dict[str, str]], new: dict[str, str]) -> list[dict[str, str]]:
    """Put a row at its place in the order of the codes."""
    return sorted([*rows, new], key=lambda row: (int(row["code"]), int(row.get("other", 0))))


def test_the_new_code_is_on_the_site(project: Path) -> None:
    assert MESSAGE in (project / "site" / "codes" / NEW / "index.html").read_text("utf-8")
    assert f"codes/{NEW}/#causes\n" in (project / "data/permalinks.txt").read_text("utf-8")
    assert run(project, "catalogue", "pages", "--check") == "The stubs equal the rows.\n"
    assert "No drift" in run(project, "catalogue", "drift", "data/spec/restful-error-code.md")


def test_every_test_of_data_pages_and_site_stays_green(project: Path) -> None:
    files = [f"tests/{name}.py" for name in TESTS]
    assert " passed" in run(project, "pytest", "-q", "-p", "no:cacheprovider", "-k", f"not ({OTHERS})", *files)


def test_the_test_files_exist() -> None:
    assert [name for name in TESTS if not (ROOT / "tests" / f"{name}.py").is_file()] == []
