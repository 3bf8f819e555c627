"""The hand-written pages: their samples run, their commands exist, and every guide is reached from a code."""

import ast
import hashlib
import json
import os
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from catalogue.cli import main
from catalogue.model.rows import Catalogue
from catalogue.paths import ERRORS
from catalogue.publish.python_module import format_module
from catalogue.render.links import Site
from tests.checks.exports import load_module
from tests.site_tools import ROOT

DOCS = ROOT / "docs"
SAMPLES = DOCS / "samples"
HAND_WRITTEN = sorted({*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"} - {*DOCS.glob("*/[0-9]*.md")})
MAX_TARGETS = 8

# Guides that no row of errors.csv links to: guide → reason.
UNLINKED_GUIDES = {
    "glossary": "every page links the terms that it uses to it",
    "testing": "it is for those who test a client; every page without a request to copy links it",
    "programs": "it is for those who read the files, not for those who met an error",
    "runbooks": "it is for those who write alerts; every code's page offers its ready runbook link itself",
}

# JSON fences that are no JSON: path and line → reason.
NO_JSON: dict[str, str] = {}


def iter_fences(languages: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (path:line, content) of every fence of these languages in the hand-written pages."""
    for path in HAND_WRITTEN:
        for token in MarkdownIt("commonmark").parse(path.read_text("utf-8")):
            if token.type == "fence" and token.info.split(" ")[0].strip() in languages and token.map:
                yield f"{path.relative_to(ROOT).as_posix()}:{token.map[0] + 1}", token.content


def make_setting() -> dict[str, Any]:
    """Return the names that a fence may use without making them: what its page calls the reader's own, made up."""
    return {
        "body": "{}",
        "client": SimpleNamespace(post=lambda url, content, headers: (url, content, headers)),
        "json": json,
        "key": "k" * 32,
        "memo": "Bot",
        "order": {"symbol": "BTCUSDT", "side": 1, "type": "limit", "size": 1},
        "secret": hashlib.sha256(b"secret").hexdigest(),
        "signed_headers": load_module(SAMPLES / "sign.py").signed_headers,
        "TokenBucket": load_module(SAMPLES / "token_bucket.py").TokenBucket,
        "url": "https://cloud-api.wooxpro.com/contract/private/submit-order",
    }


PYTHON_FENCES = list(iter_fences({"python", "py"}))


@pytest.fixture
def errors_module(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the published errors.py on the import path, for one test."""
    (tmp_path / "errors.py").write_text(format_module(catalogue, Site("https://errors.example.org/")), "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("errors", None)
    yield
    sys.modules.pop("errors", None)


@pytest.mark.usefixtures("errors_module")
@pytest.mark.parametrize(("place", "code"), PYTHON_FENCES, ids=[place for place, _ in PYTHON_FENCES])
def test_every_python_fence_runs(place: str, code: str, tmp_path: Path) -> None:
    run_fence(tmp_path / f"{place.replace('/', '_')}.py", code)


def run_fence(file: Path, code: str) -> None:
    """Execute a fence in a namespace of its own."""
    file.write_text(code, "utf-8")
    runpy.run_path(str(file), init_globals=make_setting())


@pytest.mark.parametrize(
    "code", ["unknown_name", "1 / 0", "import no_such_module", "TokenBucket(limit=24).acquire(1, 2, 3)"]
)
def test_a_broken_python_fence_is_noticed(tmp_path: Path, code: str) -> None:
    with pytest.raises((NameError, ArithmeticError, ImportError, TypeError)):
        run_fence(tmp_path / "fence.py", code)


def test_no_name_is_prepared_that_no_fence_uses() -> None:
    used = {node.id for _, code in PYTHON_FENCES for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert set(make_setting()) - used == set(), "Remove the name from make_setting."


def test_every_json_fence_parses() -> None:
    broken = {place: text for place, text in iter_fences({"json"}) if not is_json(text)}
    assert set(broken) == set(NO_JSON), "Correct the sample, or the list of exceptions."


def is_json(text: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def test_every_yaml_fence_parses() -> None:
    for place, text in iter_fences({"yaml", "yml"}):
        assert yaml.safe_load(text) is not None, place


@pytest.mark.parametrize("text", ['{"code": 30005,}', "{'code': 30005}", "…"])
def test_json_that_does_not_parse_is_noticed(text: str) -> None:
    assert not is_json(text)


def test_every_sample_file_stands_in_a_guide_or_is_named_by_one_and_every_inclusion_has_its_file() -> None:
    texts = [path.read_text("utf-8") for path in HAND_WRITTEN]
    included = {name for text in texts for name in re.findall(r"include_sample\(\"([^\"]+)\"\)", text)}
    named = {name for text in texts for name in re.findall(r"samples/([\w.]+)", text)}
    files = {path.name for path in SAMPLES.iterdir() if path.is_file()}
    assert included - files == set()
    assert files - included - named == set()


def test_every_sample_file_has_a_test_that_names_it() -> None:
    own = Path(__file__).name
    tests = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tests/*.py") if path.name != own)
    names = {path.name: path.stem for path in SAMPLES.iterdir() if path.is_file()}
    assert [name for name, stem in names.items() if name not in tests and f'"{stem}"' not in tests] == []


def test_every_guide_is_linked_from_a_code_or_named_with_a_reason() -> None:
    linked = set(re.findall(r"\(guide:([a-z-]+)", (ROOT / ERRORS).read_text("utf-8")))
    guides = {path.stem for path in (DOCS / "guides").glob("*.md")}
    assert guides - linked == set(UNLINKED_GUIDES), "Link the guide from the rows it helps, or correct the list."


def test_every_sample_code_on_a_page_is_in_the_catalogue_or_called_unlisted(catalogue: Catalogue) -> None:
    for place, text in iter_fences({"json"}):
        codes = re.findall(r'"code": ?"?(\d+)', text)
        assert [code for code in codes if code not in catalogue.by_code] == [], place


def read_targets() -> dict[str, str]:
    """Return target → help text of the Makefile; targets that are files are left out."""
    lines = re.findall(r"^([a-z]+):[^#\n]*(?:## *(.*))?$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return dict(lines)


def test_every_make_target_has_a_line_of_help() -> None:
    assert [name for name, help_text in read_targets().items() if not help_text and name != "help"] == []


def test_the_makefile_has_at_most_eight_targets() -> None:
    assert len(set(read_targets()) - {"help"}) <= MAX_TARGETS


def test_every_make_target_is_phony_and_no_other() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert sorted(phony.split()) == sorted(read_targets())


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_of_the_instructions_is_a_target(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    commands = {*re.findall(r"`make ([a-z]+)`", text), *re.findall(r"^make ([a-z]+)", text, re.MULTILINE)}
    assert commands != set()
    assert commands - set(read_targets()) == set(), f"Correct {name}, or add the target to the Makefile."


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_catalogue_command_of_the_instructions_exists(name: str) -> None:
    commands = set(re.findall(r"python -m catalogue ([a-z]+)", (ROOT / name).read_text("utf-8")))
    assert commands - set(main.commands) == set(), f"Correct {name}, or register the command in catalogue/__main__.py."


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_the_instructions_link_exists(name: str) -> None:
    targets = [url for url in list_targets(ROOT / name) if not url.startswith(("https://", "#"))]
    assert [url for url in targets if not (ROOT / url.split("#")[0]).exists()] == []


def list_targets(path: Path) -> list[str]:
    """Return every address that a Markdown file links or shows."""
    inline = [token for token in MarkdownIt("commonmark").parse(path.read_text("utf-8")) if token.children]
    attributes = [child.attrs for token in inline for child in token.children or []]
    return [str(values[name]) for values in attributes for name in ("href", "src") if name in values]


def test_ci_runs_the_checks_and_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    lines = [line.strip() for line in script.read_text("utf-8").split("\n")]
    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test"]
    assert os.access(script, os.X_OK), "Run: chmod +x .ci/run"


def test_contributing_explains_every_column(catalogue: Catalogue) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    explained = re.findall(r"^([a-z_]+) {2,}", text, re.MULTILINE)
    assert explained == list(type(catalogue.errors[0]).model_fields), "Explain the columns in the file's order."
