"""Ways to spoil the list of addresses, what the site publishes, and the one-line pages of docs/."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from catalogue.model.loading import get_catalogue
from catalogue.paths import DOCS, PERMALINKS
from catalogue.site.permalinks import check_permalinks, list_addresses
from catalogue.site.stubs import check_stubs
from tests.checks import exports
from tests.mutations.base import (
    Edit,
    Mutation,
    Tree,
    add_file,
    drop_file,
    edit_file,
    make_check,
    replace_all,
    replace_text,
)

LIST, PUBLISHED = "data/permalinks.txt", "published"


def read_tree(folder: Path) -> Tree:
    """Return the list, what a built site publishes, and the one-line pages."""
    files = [file for name in ("codes", "http") for file in sorted((DOCS / name).iterdir())]
    tree = {file.relative_to(DOCS).as_posix(): file.read_bytes() for file in files}
    published = "".join(f"{address}\n" for address in sorted(list_addresses(folder)))
    return tree | {LIST: PERMALINKS.read_bytes(), PUBLISHED: published.encode()}


def read_lines(content: bytes) -> set[str]:
    """Return the lines of a file."""
    return set(content.decode().splitlines())


def look_at_docs(tree: Tree) -> list[str]:
    """Compare the one-line pages of a tree with the rows."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in tree.items():
            if path not in {LIST, PUBLISHED}:
                file = Path(folder) / path
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(content)
        return check_stubs(get_catalogue(), Path(folder))


EQUAL = make_check(check_permalinks, lambda tree: check_permalinks(read_lines(tree[LIST]), read_lines(tree[PUBLISHED])))
FORM = make_check(exports.find_list_faults, lambda tree: exports.find_list_faults(tree[LIST]))
PROMISES = make_check(exports.find_broken_promises, lambda tree: exports.find_broken_promises(read_lines(tree[LIST])))
ANCHORS = make_check(
    exports.find_unstable_anchors, lambda tree: exports.find_unstable_anchors(read_lines(tree[PUBLISHED]))
)
DOCS_CHECK = make_check(check_stubs, look_at_docs)


def list_mutations() -> list[Mutation]:
    """Return every way to spoil addresses and one-line pages."""
    return [*list_lists(), *list_sites(), *list_docs()]


def drop_line(line: str) -> Edit:
    """Return an edit that removes a line."""
    return lambda content: content.replace(f"\n{line}\n".encode(), b"\n", 1)


def add_line(line: str) -> Edit:
    """Return an edit that adds a line where sorting puts it."""
    return lambda content: "".join(sorted([*content.decode().splitlines(keepends=True), f"{line}\n"])).encode()


def list_lists() -> Iterator[Mutation]:
    """Spoil the list."""
    for address in ("codes/30005/", "codes/30005/#causes", "http/401/", "errors.json", "guides/clock/#window"):
        yield Mutation(f"{LIST}: without {address}", edit_file(LIST, drop_line(address)), EQUAL, f"{address} is not")
    for address in ("codes/30009/", "codes/30005/#reasons", "errors.xml"):
        yield Mutation(f"{LIST}: with {address}", edit_file(LIST, add_line(address)), EQUAL, f"{address} is listed")
    for address in sorted(exports.PROMISED)[1::3]:
        yield Mutation(f"{LIST}: no promised {address}", edit_file(LIST, drop_line(address)), PROMISES, address)
    edits: dict[str, Edit] = {
        "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
        "no final line end": lambda content: content.removesuffix(b"\n"),
        "a blank line": lambda content: content + b"\n",
        "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
        "unsorted": lambda content: b"".join(reversed(content.splitlines(keepends=True))),
        "an address twice": replace_text("\nerrors.json\n", "\nerrors.json\nerrors.json\n"),
    }
    for what, edit in edits.items():
        yield Mutation(f"{LIST}: {what}", edit_file(LIST, edit), FORM)


def list_sites() -> Iterator[Mutation]:
    """Let the site lose or gain addresses."""
    for address in ("codes/40050/", "codes/30005/#provenance", "errors.schema.json", "samples/read_errors.py"):
        spoil = edit_file(PUBLISHED, drop_line(address))
        yield Mutation(f"site: lacks {address}", spoil, EQUAL, f"{address} is listed")
    for address in ("new/", "codes/30005/#new"):
        yield Mutation(f"site: has {address}", edit_file(PUBLISHED, add_line(address)), EQUAL, f"{address} is not")
    edits: dict[str, Edit] = {
        "codes/30005/": replace_text("codes/30005/#causes", "codes/30005/#reasons"),
        "codes/40021/": replace_text("codes/40021/#code-40021", "codes/40021/#position-does-not-exist"),
        "codes/1000/": drop_line("codes/1000/#related-codes"),
        "http/401/": replace_text("http/401/#meaning", "http/401/#what-the-status-alone-tells"),
        "http/503/": add_line("http/503/#more"),
    }
    for page, edit in edits.items():
        yield Mutation(f"site: other anchors on {page}", edit_file(PUBLISHED, edit), ANCHORS, page)


def list_docs() -> Iterator[Mutation]:
    """Remove, add and edit one-line pages."""
    ways: dict[str, tuple[str, Callable[[Tree], Tree]]] = {
        "removed": ("is missing", drop_file("codes/30005.md")),
        "status removed": ("is missing", drop_file("http/401.md")),
        "without a row": ("has no row", add_file("codes/30009.md", b'{{ error_page("30009") }}\n')),
        "status without a row": ("has no row", add_file("http/402.md", b'{{ status_page("402") }}\n')),
        "of another kind": ("has no row", add_file("codes/30005.html", b"<p>")),
        "of another code": ("differs", edit_file("codes/30005.md", replace_all("30005", "30006"))),
        "another macro": ("differs", edit_file("http/401.md", replace_all("status_page", "error_page"))),
        "with CRLF": (
            "differs",
            edit_file("codes/1000.md", lambda content: content.replace(b"\n", b"\r\n")),
        ),
        "with words": (
            "differs",
            edit_file("codes/40050.md", lambda content: content + b"\nMind this.\n"),
        ),
        "empty": ("differs", edit_file("codes/42000.md", lambda _: b"")),
    }
    for what, (place, spoil) in ways.items():
        yield Mutation(f"docs: a page {what}", spoil, DOCS_CHECK, place)
