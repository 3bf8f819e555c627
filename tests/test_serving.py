"""`mkdocs serve` shows what is wrong in the browser, takes new code, and finds a folder again that was away."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from catalogue.paths import ERRORS
from tests.site_tools import ROOT, copy_project, reserve_port

PATIENCE = 90


class Served:
    """A running `mkdocs serve`: the project that it serves, its address, and all that it has said."""

    def __init__(self, project: Path, log: Path, url: str) -> None:
        self.project, self.log, self.url = project, log, url

    def read(self, path: str = "") -> str:
        """Return a page as the server sends it now; empty while it does not answer."""
        try:
            return httpx.get(self.url + path, timeout=PATIENCE).text
        except httpx.TransportError:
            return ""

    def wait_for(self, found: Callable[[], bool]) -> bool:
        """Return whether something comes true before patience ends."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found():
                return True
            time.sleep(0.2)
        return False

    def shows(self, words: str, path: str = "") -> bool:
        """Return whether a page comes to show words."""
        return self.wait_for(lambda: words in self.read(path))

    def says(self, words: str) -> bool:
        """Return whether the terminal comes to show words."""
        return self.wait_for(lambda: words in self.log.read_text("utf-8"))


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serving")
    project, log = copy_project(folder / "project"), folder / "log"
    port = reserve_port()
    with log.open("w") as out:
        command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--dev-addr", f"127.0.0.1:{port}"]
        process = subprocess.Popen(
            command,
            cwd=project,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": str(project), "NO_MKDOCS_2_WARNING": "1"},
        )
        try:
            found = Served(project, log, f"http://127.0.0.1:{port}/")
            assert found.says("Serving on"), log.read_text("utf-8")
            yield found
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_the_browser_shows_broken_rows_then_new_code_and_a_folder_that_comes_back(served: Served) -> None:
    spoil_row(served, "30005")
    assert served.shows("The site cannot be built", "codes/30005/")
    page = served.read("codes/30005/")
    assert re.search(rf"{ERRORS}:[0-9]+ retry: &#x27;maybe&#x27;: expected one of", page)
    assert "livereload(" in page, "The page must reload by itself."
    assert served.says("The site cannot be built. The browser shows this too:")
    module = served.project / "catalogue" / "render" / "changes.py"
    module.write_text(module.read_text("utf-8").replace('"This site"', '"The editors"'), "utf-8")
    (served.project / ERRORS).write_bytes((ROOT / ERRORS).read_bytes())
    assert served.shows("The editors: ", "about/changes/")
    assert served.says("Loaded the new code of catalogue/.")
    data = served.project / "data"
    data.rename(served.project / "away")
    assert served.says("is gone. Put it back")
    assert served.shows("The site cannot be built")
    (served.project / "away").rename(data)
    assert served.says("is back, and watched again")
    assert served.shows("The editors: ", "about/changes/")
    spoil_row(served, "30006")
    assert served.shows("The site cannot be built")
    assert "Traceback" not in served.log.read_text("utf-8")


def spoil_row(served: Served, code: str) -> None:
    """Give a row of the served project a token that no list has."""
    rows = served.project / ERRORS
    head, start, rest = rows.read_text("utf-8").partition(f"\n{code},")
    rows.write_text(head + start + rest.replace(",fix,", ",maybe,", 1), "utf-8")
