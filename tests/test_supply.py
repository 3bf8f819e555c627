"""What the project installs: by version and hash, listed, and under licenses that NOTICE.md knows."""

import json
import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.site_tools import ROOT

LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
COPYLEFT = re.compile(r"GPL|GNU|MPL|Mozilla|EPL|CDDL|EUPL")
# The lines of the project that install something with pip.
INSTALLS = [
    line
    for path in (ROOT / "Makefile", ROOT / ".ci" / "run", *sorted((ROOT / ".github" / "workflows").glob("*.yml")))
    for line in path.read_text("utf-8").splitlines()
    if "pip install" in line
]


@pytest.fixture(scope="module")
def components(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The name and version of everything that `make offline` lists beside the zip."""
    folder = tmp_path_factory.mktemp("dist")
    file = folder / "wooxpro-errors.cdx.json"
    subprocess.run(["make", "--silent", str(file), f"DIST={folder}"], cwd=ROOT, check=True, timeout=120)
    bill = json.loads(file.read_bytes())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    return {component["name"]: component["version"] for component in bill["components"]}


def test_pip_installs_nothing_without_its_hash() -> None:
    assert INSTALLS
    assert [line for line in INSTALLS if "--require-hashes" not in line or ".github/uv.txt" not in line] == []


def test_the_tool_that_installs_is_one_version_with_hashes() -> None:
    text = (ROOT / ".github" / "uv.txt").read_text("utf-8")
    assert re.fullmatch(r"#.*\nuv==\d+\.\d+\.\d+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", text)


def test_the_list_of_parts_names_what_the_site_is_built_with(components: dict[str, str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]}
    assert wanted <= components.keys()
    locked = {(package["name"], package["version"]) for package in LOCK["package"]}
    assert set(components.items()) <= locked


def test_the_list_of_parts_names_no_tool_that_only_checks(components: dict[str, str]) -> None:
    assert not {"ruff", "mypy", "pytest", "yamllint", "codespell"} & components.keys()


def read_licenses(name: str) -> str:
    """Return what an installed package says of its license; nothing for one that this machine does not need."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return ""
    # The field License may hold the whole text; its start names it.
    said = [*found.get_all("License-Expression", []), *(text[:60] for text in found.get_all("License", []))]
    return " ".join([*said, *(line for line in found.get_all("Classifier", []) if line.startswith("License"))])


def test_the_notice_names_every_tool_under_a_license_that_asks_for_its_source() -> None:
    named = set(re.findall(r"^\| ([\w-]+) \|", (ROOT / "NOTICE.md").read_text("utf-8"), re.MULTILINE)) - {"Tool", "---"}
    found = {package["name"] for package in LOCK["package"] if COPYLEFT.search(read_licenses(package["name"]))}
    assert found == named, "Correct the table of NOTICE.md."
