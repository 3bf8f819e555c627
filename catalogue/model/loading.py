"""Read data/*.csv into a Catalogue.

Every problem of every file is collected and reported at once, with file, line and column. Nothing is
returned until there is none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalogue.model.reading import Problem, RawRow, build_rows, parse_rows
from catalogue.model.rows import (
    MODELS,
    Catalogue,
    Change,
    Confusion,
    ErrorCode,
    HttpStatusRow,
    LibraryException,
    Observed,
    Request,
    Source,
    Term,
)
from catalogue.model.rules import (
    check_after,
    check_anchors,
    check_codes,
    check_confusions,
    check_errors,
    check_forms,
    check_observed,
    check_order,
    check_sources,
    check_unique,
    list_citations,
)
from catalogue.paths import CHANGES, CONFUSIONS, ERRORS, GLOSSARY, LIBRARY, OBSERVED, REQUESTS, ROOT, SOURCES, STATUSES

# The pages that show the rows of changes.csv and glossary.csv, each under an anchor of its own.
CHANGES_PAGE = "docs/about/changes.md"
GLOSSARY_PAGE = "docs/guides/glossary.md"


class CatalogueError(ValueError):
    """The data files hold problems; `problems` lists all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) in the data files. Mend each line:\n{listing}")


def _list_keys(content: bytes) -> set[str]:
    return {line.partition(b",")[0].decode("utf-8", "replace") for line in content.split(b"\n")}


def _read_guides(root: Path) -> dict[str, str]:
    files = [file for file in sorted((root / "docs").rglob("*.md")) if file.parent.name not in {"codes", "http"}]
    contents = _read_all(root, [file.relative_to(root).as_posix() for file in files])
    broken = []
    for path, content in contents.items():
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            broken.append(Problem(path, line, "is not UTF-8. Save it as UTF-8."))
    if broken:
        raise CatalogueError(broken)
    return {path: content.decode() for path, content in contents.items()}


def _read_all(root: Path, paths: Iterable[str]) -> dict[str, bytes]:
    contents, problems = {}, []
    for path in paths:
        try:
            contents[path] = (root / path).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            problems.append(Problem(path, 0, "is missing. Restore it."))
        except OSError as error:
            problems.append(Problem(path, 0, f"cannot be read: {error.strerror}. Make it readable."))
    if problems:
        raise CatalogueError(problems)
    return contents


def read_files(root: Path = ROOT) -> dict[str, bytes]:
    """Read the bytes of the data files; raises CatalogueError for one that is missing."""
    return _read_all(root, MODELS)


@dataclass(frozen=True)
class _Rows:
    """The rows of all files that could be read, each with its place."""

    errors: list[tuple[RawRow, ErrorCode]]
    statuses: list[tuple[RawRow, HttpStatusRow]]
    sources: list[tuple[RawRow, Source]]
    observed: list[tuple[RawRow, Observed]]
    changes: list[tuple[RawRow, Change]]
    confusions: list[tuple[RawRow, Confusion]]
    requests: list[tuple[RawRow, Request]]
    library: list[tuple[RawRow, LibraryException]]
    glossary: list[tuple[RawRow, Term]]


def build_catalogue(files: Mapping[str, bytes], guides: Mapping[str, str]) -> Catalogue:
    """Validate the bytes of all data files together; `guides` maps the path of a page to its text.

    Raises CatalogueError with all problems.
    """
    problems: list[Problem] = []
    rows = _read_rows(files, problems)
    # A row refused for its own sake still stands in its file: rows that name its key are right.
    rejected = {path: _list_keys(files[path]) if problems else set() for path in (ERRORS, SOURCES)}
    problems += _check_files(rows, rejected[ERRORS])
    problems += [] if problems else check_confusions(rows.confusions, rows.errors)
    problems += check_anchors(rows.changes, "id", guides.get(CHANGES_PAGE, ""))
    problems += check_anchors(rows.glossary, "anchor", guides.get(GLOSSARY_PAGE, ""))
    cited = list_citations([*rows.errors, *rows.statuses, *rows.changes, *rows.glossary], rows.observed)
    problems += check_sources(rows.sources, cited, guides, rejected[SOURCES], complete=not problems)
    if problems:
        raise CatalogueError(problems)
    return Catalogue(
        errors=tuple(error for _, error in rows.errors),
        statuses=tuple(row for _, row in rows.statuses),
        sources={source.key: source for _, source in rows.sources},
        observed=tuple(row for _, row in rows.observed),
        changes=tuple(row for _, row in rows.changes),
        confusions=tuple(row for _, row in rows.confusions),
        requests=tuple(row for _, row in rows.requests),
        library=tuple(row for _, row in rows.library),
        glossary=tuple(row for _, row in rows.glossary),
        lines={error.code: raw.line for raw, error in rows.errors},
    )


def _read_rows(files: Mapping[str, bytes], problems: list[Problem]) -> _Rows:
    raw = {path: parse_rows(path, files[path], tuple(model.model_fields), problems) for path, model in MODELS.items()}
    return _Rows(
        errors=build_rows(ErrorCode, raw[ERRORS], problems),
        statuses=build_rows(HttpStatusRow, raw[STATUSES], problems),
        sources=build_rows(Source, raw[SOURCES], problems),
        observed=build_rows(Observed, raw[OBSERVED], problems),
        changes=build_rows(Change, raw[CHANGES], problems),
        confusions=build_rows(Confusion, raw[CONFUSIONS], problems),
        requests=build_rows(Request, raw[REQUESTS], problems),
        library=build_rows(LibraryException, raw[LIBRARY], problems),
        glossary=build_rows(Term, raw[GLOSSARY], problems),
    )


def _check_files(rows: _Rows, rejected: set[str]) -> Iterator[Problem]:
    codes = {error.code for _, error in rows.errors} | rejected
    yield from check_errors(rows.errors, rejected)
    yield from check_unique(rows.errors, "name")
    yield from check_after(rows.errors)
    yield from check_order(rows.statuses, [(row.status,) for _, row in rows.statuses], "status")
    yield from check_observed(rows.observed, codes)
    yield from check_unique(rows.changes, "id")
    yield from check_order(rows.requests, [(int(row.code),) for _, row in rows.requests], "code")
    yield from check_order(rows.library, [(int(row.code),) for _, row in rows.library], "code")
    yield from check_codes([*rows.requests, *rows.library], codes)
    yield from check_unique(rows.glossary, "anchor")
    yield from check_forms(rows.glossary)


def load_catalogue(root: Path = ROOT) -> Catalogue:
    """Read and validate the data files below `root`. Raises CatalogueError with all problems."""
    return build_catalogue(read_files(root), _read_guides(root))


@cache
def get_catalogue() -> Catalogue:
    """Return the repository's own catalogue, loaded once per process."""
    return load_catalogue()
