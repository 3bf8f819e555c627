"""Write files so that a kill or a full disk loses nothing.

Every file that this project commits or publishes is written here: as a draft beside its target, flushed to the disk,
then renamed. A reader finds the old file or the new one, never a part of one.
"""

import os
from collections.abc import Mapping
from pathlib import Path

MARK = ".draft"


def write_file(target: Path, content: bytes) -> None:
    """Replace one file, or make it, with the folders above it."""
    write_files({target: content})


def write_files(files: Mapping[Path, bytes]) -> None:
    """Replace several files; none of them changes before all drafts are on the disk.

    Between two renames a kill can still leave some files new and some old. Each of them is whole, and
    the same call again replaces the rest.
    """
    drafts: dict[Path, Path] = {}
    try:
        for target, content in files.items():
            drafts[target] = name_draft(target)
            _write_draft(drafts[target], content)
        for target, draft in drafts.items():
            draft.replace(target)
    except OSError:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
        raise


def name_draft(target: Path) -> Path:
    """Return the path of a target's draft, which no other process writes at the same time."""
    return target.with_name(f".{target.name}.{os.getpid()}{MARK}")


def is_draft(file: Path) -> bool:
    """Say whether a file is a draft that a kill has left; it is no part of the project or the site."""
    return file.name.startswith(".") and file.name.endswith(MARK)


def _write_draft(draft: Path, content: bytes) -> None:
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(draft)) from error
