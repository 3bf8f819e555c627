"""A kill or a full disk at any step leaves every file whole, old or new, and the same command then mends the rest."""

import contextlib
import errno
import io
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from catalogue import cli
from catalogue.files import is_draft, write_file, write_files
from catalogue.model.rows import Catalogue
from catalogue.paths import DOCS, SPEC_MANIFEST, SPEC_PAGE
from catalogue.publish import finish
from catalogue.site.offline import NEEDED, pack_site
from catalogue.site.permalinks import update_permalinks
from catalogue.site.stubs import write_stubs
from catalogue.vendor.snapshot import accept_page


class Killed(BaseException):
    """Stands for the end of the process: no handler of the product may catch it."""


FULL = OSError(errno.ENOSPC, "No space left on device")


@dataclass
class Disk:
    """Counts what is done to the disk, and fails at one step; a write that fails has written a half."""

    fails_at: int
    error: BaseException
    step: int = 0

    def is_failing(self) -> bool:
        self.step += 1
        return self.step == self.fails_at

    def wrap(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **options: Any) -> Any:
            if self.is_failing():
                raise self.error
            return act(*arguments, **options)

        return do

    def attach(self, patched: pytest.MonkeyPatch) -> None:
        """Let files be written, flushed and renamed through this disk."""
        disk, open_file = self, Path.open

        class Writer(io.FileIO):
            def write(self, content: Any) -> int:
                if disk.is_failing():
                    super().write(content[: len(content) // 2])
                    raise disk.error
                return super().write(content)

        def open_counted(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            return Writer(path, "w") if "w" in mode else open_file(path, mode, *arguments, **options)

        patched.setattr(os, "replace", self.wrap(os.replace))
        patched.setattr(os, "fsync", self.wrap(os.fsync))
        patched.setattr(Path, "open", open_counted)


def fill_files(folder: Path, _: Catalogue) -> Callable[[], object]:
    for name in "ab":
        (folder / name).write_text("old")
    return lambda: write_files({folder / name: f"new {name}".encode() for name in "abc"})


def fill_snapshot(folder: Path, _: Catalogue) -> Callable[[], object]:
    page, manifest = (Path(shutil.copy(path, folder)) for path in (SPEC_PAGE, SPEC_MANIFEST))
    return lambda: accept_page(SPEC_PAGE.read_bytes() + b"\nNew.\n", page, manifest, lambda: date(2027, 1, 2))


def fill_stubs(folder: Path, catalogue: Catalogue) -> Callable[[], object]:
    few = replace(catalogue, errors=catalogue.errors[:4], statuses=catalogue.statuses[:1])
    write_stubs(few, folder)
    first, second, third, *_ = sorted((folder / "codes").iterdir())
    first.write_text("old")
    second.unlink()
    third.rename(third.with_stem("extra"))
    return lambda: write_stubs(few, folder)


def fill_list(folder: Path, _: Catalogue) -> Callable[[], object]:
    (folder / "site").mkdir()
    (folder / "site" / "new.txt").write_text("x")
    (folder / "permalinks.txt").touch()
    return lambda: update_permalinks(folder / "site", folder / "permalinks.txt")


def fill_site(folder: Path, catalogue: Catalogue) -> Callable[[], object]:
    write_file(folder / "index.html", b"<p>Home</p>")
    return lambda: finish.finish_site(folder, catalogue)


def fill_offline(folder: Path, _: Catalogue) -> Callable[[], object]:
    for name in NEEDED:
        script = DOCS / name
        write_file(folder / "site" / name, script.read_bytes() if script.is_file() else b"{}")
    (folder / "site.zip").write_text("a good archive")
    return lambda: pack_site(folder / "site", folder / "site.zip")


FILLS = [fill_files, fill_snapshot, fill_stubs, fill_list, fill_site, fill_offline]


def read_all(folder: Path, *, drafts: bool = False) -> dict[str, bytes]:
    """Return path → content of every file, drafts only if asked for."""
    files = (file for file in folder.rglob("*") if file.is_file() and (drafts or not is_draft(file)))
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@pytest.fixture(autouse=True)
def two_published_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `finish` write two files: each of some hundreds is written by the same call."""
    monkeypatch.setattr(finish, "plan_files", lambda *_: {"errors.json": b"{}", "codes/1/index.md": b"One"})


@pytest.mark.parametrize("error", [Killed(), FULL], ids=["kill", "full disk"])
@pytest.mark.parametrize("fill", FILLS)
def test_every_file_is_whole_whatever_step_fails(
    fill: Callable[[Path, Catalogue], Callable[[], object]],
    error: BaseException,
    tmp_path: Path,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    after: dict[str, bytes] = {}
    for fails_at in range(100):
        folder = tmp_path / str(fails_at)
        folder.mkdir()
        act = fill(folder, catalogue)
        before, disk = read_all(folder), Disk(fails_at, error)
        with monkeypatch.context() as patched, contextlib.suppress(Killed, OSError):
            disk.attach(patched)
            act()
            after = after or read_all(folder)
        found = read_all(folder)
        assert {path for path in found if found[path] not in {before.get(path), after.get(path)}} == set()
        assert before.keys() & after.keys() <= found.keys()
        if error is FULL:
            assert read_all(folder, drafts=True) == found, "A full disk is not left with drafts."
        act()
        assert read_all(folder) == after
        if fails_at > disk.step:
            break
    assert fails_at > 3


def test_a_draft_is_no_part_of_the_site(tmp_path: Path, catalogue: Catalogue) -> None:
    act = fill_list(tmp_path, catalogue)
    (tmp_path / "site" / ".errors.json.7.draft").write_text("cut o")
    act()
    assert (tmp_path / "permalinks.txt").read_text() == "new.txt\n"


def test_a_full_disk_is_an_instruction_not_a_traceback(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_site(tmp_path, catalogue)
    Disk(1, FULL).attach(monkeypatch)
    result = CliRunner().invoke(cli.main, ["finish", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "No space left on device. No file is lost." in result.stderr
