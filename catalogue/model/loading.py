"""Read data/*.csv into a Catalogue.

Every problem of every file is collected and reported at once, with file, line and column. Nothing is
returned until there is none.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from catalogue.model.reading import Problem, build_rows, parse_rows
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
    check_codes,
    check_confusions,
    check_errors,
    check_observed,
    check_order,
    check_sources,
    check_unique,
    list_citations,
)
from catalogue.paths import CHANGES, CONFUSIONS, ERRORS, GLOSSARY, LIBRARY, OBSERVED, REQUESTS, ROOT, SOURCES, STATUSES


class CatalogueError(ValueError):
    """The data files hold problems; `problems` lists all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) in the data files. Mend each line:\n{listing}")


def _list_keys(content: bytes) -> set[str]:
    return {line.partition(b",")[0].decode("utf-8", "replace") for line in content.split(b"\n")}


def _read_guides(docs: Path) -> dict[str, str]:
    return {
        path.relative_to(docs.parent).as_posix(): path.read_text("utf-8")
        for path in sorted(docs.rglob("*.md"))
        if path.parent.name not in {"codes", "http"}
    }


def read_files(root: Path = ROOT) -> dict[str, bytes]:
    """Read the bytes of the data files; raises CatalogueError for one that is missing."""
    missing = [path for path in MODELS if not (root / path).is_file()]
    if missing:
        raise CatalogueError(Problem(path, 0, "is missing. Restore it.") for path in missing)
    return {path: (root / path).read_bytes() for path in MODELS}


def build_catalogue(files: Mapping[str, bytes], guides: Mapping[str, str]) -> Catalogue:
    """Validate the bytes of all data files together; `guides` maps the path of a page to its text.

    Raises CatalogueError with all problems.
    """
    problems: list[Problem] = []
    raw = {path: parse_rows(path, files[path], tuple(model.model_fields), problems) for path, model in MODELS.items()}
    errors = build_rows(ErrorCode, raw[ERRORS], problems)
    statuses = build_rows(HttpStatusRow, raw[STATUSES], problems)
    sources = build_rows(Source, raw[SOURCES], problems)
    observed = build_rows(Observed, raw[OBSERVED], problems)
    changes = build_rows(Change, raw[CHANGES], problems)
    confusions = build_rows(Confusion, raw[CONFUSIONS], problems)
    requests = build_rows(Request, raw[REQUESTS], problems)
    library = build_rows(LibraryException, raw[LIBRARY], problems)
    glossary = build_rows(Term, raw[GLOSSARY], problems)
    # A row refused for its own sake still stands in its file: rows that name its key are right.
    rejected = {path: _list_keys(files[path]) if problems else set() for path in (ERRORS, SOURCES)}
    codes = {error.code for _, error in errors} | rejected[ERRORS]
    problems += check_errors(errors, rejected[ERRORS])
    problems += check_unique(errors, "name")
    problems += check_after(errors)
    problems += check_order(statuses, [row.status for _, row in statuses], "status")
    problems += check_observed(observed, codes)
    problems += check_unique(changes, "id")
    problems += [] if problems else check_confusions(confusions, errors)
    problems += check_order(requests, [int(row.code) for _, row in requests], "code")
    problems += check_order(library, [int(row.code) for _, row in library], "code")
    problems += check_codes([*requests, *library], codes)
    problems += check_unique(glossary, "anchor")
    cited = list_citations([*errors, *statuses, *changes, *glossary], observed)
    problems += check_sources(sources, cited, guides, rejected[SOURCES], complete=not problems)
    if problems:
        raise CatalogueError(problems)
    return Catalogue(
        errors=tuple(error for _, error in errors),
        statuses=tuple(row for _, row in statuses),
        sources={source.key: source for _, source in sources},
        observed=tuple(row for _, row in observed),
        changes=tuple(row for _, row in changes),
        confusions=tuple(row for _, row in confusions),
        requests=tuple(row for _, row in requests),
        library=tuple(row for _, row in library),
        glossary=tuple(row for _, row in glossary),
        lines={error.code: raw_row.line for raw_row, error in errors},
    )


def load_catalogue(root: Path = ROOT) -> Catalogue:
    """Read and validate the data files below `root`. Raises CatalogueError with all problems."""
    return build_catalogue(read_files(root), _read_guides(root / "docs"))


@cache
def get_catalogue() -> Catalogue:
    """Return the repository's own catalogue, loaded once per process."""
    return load_catalogue()
