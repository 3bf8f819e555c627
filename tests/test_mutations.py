"""The guards of the guards: spoil rows, snapshot, templates, pages and files in many ways; a check must object to each.

Every check is a function that the ordinary tests call too. A mutation that survives is a hole in those tests.
"""

import ast
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.checks import data, exports, pages
from tests.conftest import BuiltSite
from tests.mutations import addresses, built, published, rows, vendor
from tests.mutations.base import Check, Findings, Mutation, Tree, edit_file, run_mutations
from tests.site_tools import ROOT, Page, find_repeats

KINDS = ("rows", "vendor's page", "built pages", "published files", "addresses")

# Checks without a mutation: name → why no file can be spoilt so.
UNREACHED = {
    "find_implied_anchors": "the search index refuses such a heading while the site is built",
    "find_wrong_picture": "test_template_mutations tries it",
    "find_wrong_source_list": "test_template_mutations tries it",
}


# Helpers that checks call for a part of a page or a text; they object through these.
HELPERS = {"find_section", "find_wrong_tags", "find_wrong_sources", "find_wrong_inner_links", "find_harm"}


@pytest.fixture(scope="module")
def findings(built_site: BuiltSite, parsed_pages: dict[str, Page]) -> Mapping[str, Findings]:
    """Run every mutation, once for all tests of this file."""
    folder, url = built_site.folder, built_site.url
    runs: dict[str, tuple[Tree, list[Mutation]]] = {
        "rows": (rows.read_tree(), rows.list_mutations()),
        "vendor's page": (vendor.read_tree(), vendor.list_mutations()),
        "built pages": (built.read_tree(folder), built.list_mutations(parsed_pages, folder, url)),
        "published files": (published.read_tree(folder), published.list_mutations(folder, url)),
        "addresses": (addresses.read_tree(folder), addresses.list_mutations()),
    }
    return {kind: run_mutations(tree, mutations) for kind, (tree, mutations) in runs.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_mutation_is_caught_and_nothing_else(findings: Mapping[str, Findings], kind: str) -> None:
    problems = findings[kind].problems
    assert problems == [], "Strengthen the check, which the ordinary test calls:\n" + "\n".join(problems)


def test_every_kind_ran_and_no_mutation_twice(findings: Mapping[str, Findings]) -> None:
    assert set(findings) == set(KINDS)
    names = [f"{kind} {name}" for kind, found in findings.items() for name in found.names]
    assert find_repeats(names) == []


def list_checks() -> set[str]:
    """Return the names of the checks in tests/checks."""
    return {
        name
        for module in (data, exports, pages)
        for name, value in vars(module).items()
        if name.startswith("find_") and getattr(value, "__module__", "") == module.__name__
    }


def list_called(path: Path) -> set[str]:
    """Return every name that a file uses, `module.name` too; importing it is no use."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    return {ast.unparse(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute)}


def test_every_check_that_objects_is_called_by_an_ordinary_test(findings: Mapping[str, Findings]) -> None:
    tests = [path for path in (ROOT / "tests").glob("test_*.py") if path != Path(__file__)]
    called = {name for path in tests for name in list_called(path)}
    if "make_code_page_checks" in called:
        called |= set(pages.make_code_page_checks(rows.load(rows.read_tree()), ""))
    used = {name for found in findings.values() for name in found.checks}
    assert used - called == set(), "Let an ordinary test call it: it guards nothing here alone."


def test_every_check_is_tried_by_a_mutation(findings: Mapping[str, Findings]) -> None:
    used = {name for found in findings.values() for name in found.checks}
    assert list_checks() - used - HELPERS == set(UNREACHED), "Add a mutation, or a reason to UNREACHED."
    assert list_checks() >= HELPERS


# The machinery itself


def accept(_: Tree) -> list[str]:
    """Object to nothing."""
    return []


def object_always(_: Tree) -> list[str]:
    """Object to everything."""
    return ["no"]


def fail(_: Tree) -> list[str]:
    """Raise."""
    raise ValueError("broken")


@pytest.mark.parametrize(
    ("look", "new", "place", "words"),
    [
        (accept, b"b", "", "survives"),
        (object_always, b"b", "", "objects to the original"),
        (accept, b"a", "", "changes nothing"),
        (lambda tree: ["no"] if tree["x"] == b"b" else [], b"b", "x:1", "does not name 'x:1'"),
        (lambda tree: fail(tree) if tree["x"] == b"b" else [], b"b", "", "raised ValueError"),
    ],
)
def test_a_useless_mutation_or_check_is_noticed(
    look: Callable[[Tree], list[str]], new: bytes, place: str, words: str
) -> None:
    mutation = Mutation("name", edit_file("x", lambda _: new), Check("check", look), place)
    problems = run_mutations({"x": b"a"}, [mutation]).problems
    assert [problem for problem in problems if words in problem] != []


def test_a_useful_mutation_is_no_problem() -> None:
    check = Check("check", lambda tree: ["x:1 is b"] if tree["x"] == b"b" else [])
    found = run_mutations({"x": b"a"}, [Mutation("name", edit_file("x", lambda _: b"b"), check, "x:1")])
    assert (found.problems, found.names, len(found.inputs), found.checks) == ([], ["name"], 1, {"check"})
