"""Whatever is done to the data files: loading either refuses them with a list, or publishes exactly what they say.

Edits are drawn at random: cells, bytes and rows. Run more of them with FUZZ_EXAMPLES=5000.
"""

import csv
import io
import json
import os
from collections.abc import Callable
from functools import cache

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.model.loading import CatalogueError, build_catalogue
from catalogue.model.reading import Problem, format_csv
from catalogue.model.rows import MODELS, Catalogue
from catalogue.paths import ERRORS
from catalogue.publish.finish import plan_files
from catalogue.render.links import Site
from catalogue.site.stubs import plan_stubs
from tests.test_load import FILES, GUIDES

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
PATHS = sorted(MODELS)
# Pieces that some language, rule or spreadsheet takes for its own.
PIECES = (
    *(
        '"',
        "'",
        "`",
        "```",
        "[",
        "]",
        "(",
        ")",
        "<b>",
        "&amp;",
        "{{",
        "}}",
        "{%",
        "|",
        ";",
        ",",
        "\n",
        "\r",
        "\t",
        "\\",
    ),
    *("=", "+", "-", "@", "#", "*", "_", "~", ":", "[S1]", " [S1]", "[Z9]", "30005", "3000٩", "0", "-1", "1e3", "4_01"),
    *(
        "\u200b",
        "\u202e",
        "\u2028",
        "\ufeff",
        "\uffff",
        "\x00",
        "\x1b",
        "\u00a0",
        "é",
        "e\u0301",
        "签",
        "😀",
        "2026-13-45",
    ),
    *("https://x/)<script>", "javascript:", "[a](guide:clock)", "[a](#causes)", "NaN", "null", "{}", "[]", "yes", " "),
)
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=4).map("".join), st.text(max_size=12), st.sampled_from(PIECES)
)
Edit = Callable[[bytes], bytes]


class Files(dict[str, bytes]):
    """Data files that show only what was edited."""

    def __repr__(self) -> str:
        return "\n".join(show_edit(path, content) for path, content in self.items() if content != FILES[path])


def show_edit(path: str, content: bytes) -> str:
    """Return the place at which a data file begins to differ from the repository's, and what stands there."""
    pairs = enumerate(zip(FILES[path], content, strict=False))
    start = next((at for at, (old, new) in pairs if old != new), min(len(FILES[path]), len(content)))
    return f"{path}, byte {start}: {content[start : start + 80]!r}"


def read_rows(content: bytes) -> list[list[str]]:
    """Return the cells of a data file without its header."""
    return list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))[1:]


@st.composite
def draw_edits(draw: st.DrawFn) -> Files:
    """Return all data files, one or two of them edited."""
    files = Files(FILES)
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(PATHS))
        if files[path] != FILES[path]:
            continue
        kind = draw(st.sampled_from(["cell", "cell", "cell", "row", "bytes"]))
        edit = {"cell": _edit_cell, "row": _edit_row, "bytes": _edit_bytes}[kind]
        files[path] = edit(draw, path, FILES[path])
    return files


def _edit_cell(draw: st.DrawFn, path: str, content: bytes) -> bytes:
    rows = read_rows(content)
    row = draw(st.sampled_from(rows))
    at = draw(st.integers(0, len(row) - 1))
    text, place = draw(texts), draw(st.integers(0, len(row[at])))
    whole = draw(st.booleans())
    row[at] = text if whole else row[at][:place] + text + row[at][place:]
    return format_csv(path, rows).encode("utf-8", "surrogatepass")


def _edit_row(draw: st.DrawFn, path: str, content: bytes) -> bytes:
    rows = read_rows(content)
    at, to = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, len(rows) - 1))
    kind = draw(st.sampled_from(["drop", "repeat", "move", "empty", "cut"]))
    if kind == "repeat":
        rows.insert(to, list(rows[at]))
    elif kind == "cut":
        rows = rows[: at if draw(st.booleans()) else 0]
    else:
        row = rows.pop(at)
        rows[to:to] = {"move": [row], "empty": [[""] * len(row)], "drop": []}[kind]
    return format_csv(path, rows).encode()


def _edit_bytes(draw: st.DrawFn, _path: str, content: bytes) -> bytes:
    at = draw(st.integers(0, len(content)))
    gone = draw(st.integers(0, 3))
    return content[:at] + draw(st.binary(max_size=3)) + content[at + gone :]


@cache
def get_untouched() -> dict[str, bytes]:
    """Return what the repository's own rows publish, and their stubs: equal text need not be read again."""
    catalogue = build_catalogue(FILES, GUIDES)
    stubs = {path: stub.encode() for path, stub in plan_stubs(catalogue).items()}
    return plan_files(catalogue, Site()) | stubs


def check_exports(catalogue: Catalogue, files: dict[str, bytes]) -> None:
    """Compare what would be published with the rows as the csv module reads them."""
    planned = plan_files(catalogue, Site())
    rows = {row[0]: dict(zip(MODELS[ERRORS].model_fields, row, strict=True)) for row in read_rows(files[ERRORS])}
    published = {error["code"]: error for error in json.loads(planned["errors.json"])["errors"]}
    assert list(published) == list(rows)
    for code, row in rows.items():
        entry = published[code]
        plain = ("code", "name", "message", "section", "category", "retry", "outcome", "actor")
        assert {name: entry[name] for name in plain} == {name: row[name] for name in plain}
        assert [str(entry["http_status"]), str(entry["after"] or ""), entry["retired"] or ""] == [
            row["http_status"],
            row["after"],
            row["retired"],
        ]
        assert [";".join(entry["related"]), ";".join(entry["keywords"])] == [row["related"], row["keywords"]]
        keys = ["".join(f"[{key}]" for key in item["evidence"]) for item in entry["causes"]]
        assert all(line.endswith(key) for line, key in zip(row["causes"].split("\n"), keys, strict=True))
        page = planned[f"codes/{code}/index.md"]
        if page != get_untouched().get(f"codes/{code}/index.md"):
            head = yaml.safe_load(page.decode().split("\n---\n")[0])
            assert [head["message"], head["code"]] == [row["message"], code]
    compile(planned["errors.py"], "errors.py", "exec")
    for path, stub in plan_stubs(catalogue).items():
        if stub.encode() != get_untouched().get(path):
            assert set(yaml.safe_load(stub.split("\n---\n")[0])) == {"title", "description", "hide"}


def try_to_load(files: dict[str, bytes]) -> tuple[Catalogue | None, tuple[Problem, ...]]:
    """Return the catalogue, or the problems for which it is refused."""
    try:
        return build_catalogue(files, GUIDES), ()
    except CatalogueError as refusal:
        return None, refusal.problems


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 1000,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(draw_edits())
def test_an_edit_is_refused_with_its_place_or_published_as_it_stands(files: Files) -> None:
    catalogue, problems = try_to_load(files)
    if catalogue:
        check_exports(catalogue, files)
    else:
        assert problems != ()
        assert [problem for problem in problems if problem.path not in {*MODELS, *GUIDES} or not problem.text] == []


def test_the_check_of_exports_sees_a_difference() -> None:
    rows = read_rows(FILES[ERRORS])
    rows[0][list(MODELS[ERRORS].model_fields).index("message")] += "x"
    with pytest.raises(AssertionError):
        check_exports(build_catalogue(FILES, GUIDES), {**FILES, ERRORS: format_csv(ERRORS, rows).encode()})
