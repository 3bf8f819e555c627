"""Ways to spoil the snapshot of the vendor's page and its manifest."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from catalogue.model.loading import get_catalogue
from catalogue.paths import SPEC_MANIFEST, SPEC_PAGE
from catalogue.vendor.blocks import SpecError
from catalogue.vendor.differences import compare_pages
from catalogue.vendor.page import SpecPage, decode_page, parse_spec, read_spec
from catalogue.vendor.snapshot import check_snapshot
from tests.checks import data
from tests.mutations.base import Check, Edit, Mutation, Tree, edit_file, make_check, replace_all, replace_text

NAME, MANIFEST = SPEC_PAGE.name, SPEC_MANIFEST.name
PAGE = read_spec()
LINES = SPEC_PAGE.read_text("utf-8").split("\n")


def read_tree() -> Tree:
    """Return snapshot and manifest."""
    return {NAME: SPEC_PAGE.read_bytes(), MANIFEST: SPEC_MANIFEST.read_bytes()}


def check_bytes(tree: Tree) -> list[str]:
    """Compare the snapshot's bytes with the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        page, manifest = Path(folder) / NAME, Path(folder) / MANIFEST
        page.write_bytes(tree[NAME])
        manifest.write_bytes(tree[MANIFEST])
        problem = check_snapshot(page, manifest)
    return [problem] if problem else []


def read(look: Callable[[SpecPage], list[str]]) -> Callable[[Tree], list[str]]:
    """Return how to look at the parsed page; a page that cannot be read is one problem."""

    def look_at(tree: Tree) -> list[str]:
        try:
            return look(parse_spec(decode_page(tree[NAME])))
        except SpecError as error:
            return [str(error)]

    return look_at


BYTES = make_check(check_snapshot, check_bytes)
FAULTS = make_check(data.find_manifest_faults, lambda tree: data.find_manifest_faults(tree[MANIFEST]))
ROWS = make_check(data.find_differences, read(lambda page: data.find_differences(get_catalogue().errors, page)))
DESCRIPTIONS = make_check(
    data.find_description_differences,
    read(lambda page: data.find_description_differences(get_catalogue().statuses, page)),
)
STATUSES = make_check(
    data.find_status_differences, read(lambda page: data.find_status_differences(get_catalogue().statuses, page))
)
EXAMPLES = make_check(data.find_wrong_examples, read(data.find_wrong_examples))
DRIFT = Check("differences.compare_pages", read(lambda page: [str(change) for change in compare_pages(PAGE, page)]))


def list_mutations() -> list[Mutation]:
    """Return every way to spoil snapshot and manifest."""
    return [*list_cells(), *list_rows(), *list_parts(), *list_bytes(), *list_manifests()]


def edit_line(line: int, edit: Callable[[str], str]) -> Edit:
    """Return an edit of one line of the page, counted from 1."""
    old = LINES[line - 1]
    return replace_text(f"\n{old}\n", f"\n{edit(old)}\n")


def change(old: str, new: str) -> Callable[[str], str]:
    """Return an edit of a line that replaces the first place of a text."""
    return lambda line: line.replace(old, new, 1)


def list_cells() -> Iterator[Mutation]:
    """Change a cell of every fourth code, and the descriptions of the global table."""
    for number, (_, row) in enumerate([*PAGE.iter_rows()][::4]):
        status = str(row.http_status)
        other = "409" if status != "409" else "400"
        ways: dict[str, Callable[[str], str]] = {
            "message": change(row.message[:2], "Qz"),
            "http_status": change(f" {status} ", f" {other} "),
            "code": change(row.code, str(int(row.code) + 4000)),
        }
        for column, edit in ways.items():
            check = (ROWS, DRIFT)[number % 2]
            spoil = edit_file(NAME, edit_line(row.line, edit))
            yield Mutation(f"page {row.code} {column} ({check.name})", spoil, check, row.code)
    for known in PAGE.statuses:
        spoil = edit_file(NAME, edit_line(known.line, change("-", ": ")))
        yield Mutation(f"page HTTP {known.status} description", spoil, DESCRIPTIONS, str(known.status))


def list_rows() -> Iterator[Mutation]:
    """Add, remove, repeat and move rows."""
    first, second = PAGE.sections
    one, other, last = first.rows[3], second.rows[4], second.rows[-1]
    new = "| Brand new | 49999 | 400 |"
    ways: dict[str, tuple[int, Callable[[str], str], str]] = {
        "a row more": (other.line, lambda line: f"{line}\n{new}", "49999"),
        "a row twice": (one.line, lambda line: f"{line}\n{line}", f"duplicate code {one.code}"),
        "a ragged row": (one.line, lambda line: line.rstrip("|").rsplit("|", 1)[0] + "|", "ragged row"),
        "a row without its last bar": (other.line, lambda line: line.rstrip("|"), "ragged row"),
    }
    for what, (line, edit, place) in ways.items():
        for check in (ROWS, DRIFT):
            yield Mutation(f"page: {what} ({check.name})", edit_file(NAME, edit_line(line, edit)), check, place)
    for row in (one, other, last):
        spoil = edit_file(NAME, replace_text(f"\n{LINES[row.line - 1]}", ""))
        for check in (ROWS, DRIFT):
            yield Mutation(f"page: {row.code} removed ({check.name})", spoil, check, row.code)
    here, there = LINES[one.line - 1], LINES[one.line]
    spoil = edit_file(NAME, replace_text(f"{here}\n{there}", f"{there}\n{here}"))
    yield Mutation("page: two rows change places", spoil, ROWS, "order differ")
    spoil = edit_file(NAME, replace_text(f"\n{LINES[PAGE.statuses[1].line - 1]}", ""))
    yield Mutation("page: a global status removed", spoil, DESCRIPTIONS, str(PAGE.statuses[1].status))
    spoil = edit_file(NAME, edit_line(PAGE.statuses[0].line, lambda line: f"{line}\n| 502 | Bad Gateway |"))
    yield Mutation("page: a global status more", spoil, STATUSES, "502")


def list_parts() -> Iterator[Mutation]:
    """Spoil titles, header cells, examples and texts."""
    first, second = PAGE.sections
    edits: dict[str, tuple[Edit, Check, str]] = {
        "a title renamed": (replace_all(second.title, "Futures codes"), ROWS, second.name),
        "a title renamed (drift)": (replace_all(second.title, "Futures codes"), DRIFT, "Futures codes"),
        "one title twice": (replace_all(second.title, first.title), ROWS, "two tables under"),
        "a column renamed": (
            edit_line(first.line, lambda line: line.replace("error message", "text")),
            ROWS,
            "columns",
        ),
        "an example gone": (replace_all(LINES[second.example.line - 1], ""), ROWS, "no example envelope"),
        "a global title renamed": (replace_all(PAGE.heading.title, "Statuses"), DRIFT, "Statuses"),
        "a sentence more": (
            replace_text(f"### {second.title}", f"Read this.\n\n### {second.title}"),
            DRIFT,
            "Read this.",
        ),
        "the first title": (replace_text("# Restful Error Code", "# Errors"), DRIFT, "Errors"),
    }
    for section in PAGE.sections:
        line, title = section.example.line, section.title
        edits |= {
            f"{title}: the example's status": (edit_line(line, change_status), EXAMPLES, title),
            f"{title}: the example's code": (edit_line(line, change_code), EXAMPLES, title),
            f"{title}: the example's message": (
                edit_line(line, lambda t: t.replace("OK", "Ok").replace("not", "Not")),
                EXAMPLES,
                title,
            ),
            f"{title}: the example's fields": (edit_line(line, lambda t: t.replace("trace", "id")), EXAMPLES, title),
            f"{title}: the example (drift)": (edit_line(line, lambda t: t.replace("trace", "id")), DRIFT, '"id"'),
        }
    for what, (edit, check, place) in edits.items():
        yield Mutation(f"page: {what}", edit_file(NAME, edit), check, place)


def change_status(line: str) -> str:
    """Return the line of an example with another status."""
    return line.replace("httpStatus:200", "httpStatus:201").replace("httpStatus:400", "httpStatus:401")


def change_code(line: str) -> str:
    """Return the line of an example with another code."""
    return line.replace(": 1000", ": 1001").replace(": 40001", ": 40009").replace(":40001", ":40009")


def list_bytes() -> Iterator[Mutation]:
    """Change bytes that leave the content as it is, or cut the page off."""
    edits: dict[str, Edit] = {
        "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
        "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
        "a line end more": lambda content: content + b"\n",
        "a blank more": replace_text("| ", "|  "),
        "no index of the documentation": lambda content: content[content.index(b"# Restful") :],
        "cut off by one byte": lambda content: content[:-1],
        "cut in half": lambda content: content[: len(content) // 2],
        "empty": lambda _: b"",
    }
    for what, edit in edits.items():
        yield Mutation(f"page: {what}", edit_file(NAME, edit), BYTES, "sha256")
    for what in ("cut in half", "empty"):
        yield Mutation(f"page: {what} (rows)", edit_file(NAME, edits[what]), ROWS, "")


def list_manifests() -> Iterator[Mutation]:
    """Spoil the manifest."""
    yield Mutation(
        "manifest: another hash", edit_file(MANIFEST, replace_text('sha256": "', 'sha256": "0')), BYTES, "sha256"
    )
    edits: dict[str, tuple[Edit, str]] = {
        "the page for people": (replace_text("restful.md", "restful"), "url"),
        "another host": (replace_text("https://developer.", "https://docs."), "url"),
        "a day that does not exist": (replace_text('retrieved": "20', 'retrieved": "2026-02-30 20'), "retrieved"),
        "a month only": (lambda content: content.replace(b'-22"', b'"'), "retrieved"),
        "a field more": (replace_text("{", '{"by": "me",'), "by"),
        "a field less": (replace_text('"retrieved"', '"taken"'), "retrieved"),
        "CRLF": (lambda content: content.replace(b"\n", b"\r\n"), "accept"),
        "four blanks of indent": (replace_all("  ", "    "), "accept"),
        "no final line end": (lambda content: content.removesuffix(b"\n"), "accept"),
    }
    for what, (edit, place) in edits.items():
        yield Mutation(f"manifest: {what}", edit_file(MANIFEST, edit), FAULTS, place)
