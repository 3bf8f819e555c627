"""What `mkdocs serve` tells whoever edits: a hook of MkDocs that makes its server show why a build failed.

MkDocs keeps every request waiting while the last build has failed. With this hook the browser shows the problems. New
code of catalogue/ is loaded before the next build, and a folder that was moved away and back is watched again.
"""

import importlib
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.livereload import LiveReloadServer
from watchdog.events import FileModifiedEvent

from catalogue.escaping import escape_html

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "catalogue"
SECONDS_BETWEEN_LOOKS = 0.5
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The site cannot be built</title></head>
<body><h1>The site cannot be built</h1><p>Mend what stands here. This page reloads by itself.</p>
<pre style="white-space: pre-wrap">{message}</pre></body></html>
"""
log = logging.getLogger("mkdocs.serving")


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Callable[[], None]) -> LiveReloadServer:
    """Let the server build through `Builder`, and keep its folders watched; MkDocs calls this once."""
    server.builder = Builder(Path(config.site_dir), builder)
    threading.Thread(target=keep_watching, args=(server,), daemon=True).start()
    return server


class Builder:
    """Builds the site; if that fails, every page says why, and the server goes on."""

    def __init__(self, site_dir: Path, builder: Callable[[], None]) -> None:
        self.site_dir = site_dir
        self.builder = builder
        self.pages = list_pages(site_dir)
        self.code = date_code()

    def __call__(self) -> None:
        """Build with the code as it stands now."""
        failure = self._try_build()
        if failure:
            message = describe_failure(failure)
            log.error("The site cannot be built. The browser shows this too:\n%s", message)
            write_failure(self.site_dir, self.pages, message)
        else:
            self.pages = list_pages(self.site_dir)

    def _try_build(self) -> BaseException | None:
        try:
            self._refresh_code()
            self.builder()
        except (Exception, SystemExit) as error:
            return error
        return None

    def _refresh_code(self) -> None:
        code = date_code()
        changed = {path for path in {*code, *self.code} if code.get(path) != self.code.get(path)}
        if not changed:
            return
        self.code = code
        if Path(__file__).resolve() in changed:
            log.warning("%s has changed. Stop the server and start it again: mkdocs serve", Path(__file__).name)
        forget_code()
        log.info("Loaded the new code of %s/.", PACKAGE)


def date_code() -> dict[Path, int]:
    """Return path → time of the last change of every module of the package."""
    return {file: file.stat().st_mtime_ns for file in (ROOT / PACKAGE).rglob("*.py")}


def forget_code() -> None:
    """Make Python read the package's modules again at their next import."""
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
    importlib.invalidate_caches()


def list_pages(site_dir: Path) -> set[Path]:
    """Return every page of a built site, and those that a server asks for in any case."""
    return {*site_dir.rglob("*.html"), site_dir / "index.html", site_dir / "404.html"}


def describe_failure(error: BaseException) -> str:
    """Return what a reader can mend: the message of a refusal, the traceback of a mistake in the code."""
    if isinstance(error, MkDocsException):
        return error.format_message()
    return str(error) if isinstance(error, SystemExit) else "".join(traceback.format_exception(error))


def write_failure(site_dir: Path, pages: set[Path], message: str) -> None:
    """Put a message in the place of every page."""
    page = PAGE.format(message=escape_html(message))
    for file in pages | list_pages(site_dir):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page, "utf-8")


def keep_watching(server: LiveReloadServer) -> None:
    """Watch a folder again that was moved away and back, and have the site built at both moments."""
    gone: set[str] = set()
    pause = threading.Event()
    while not pause.wait(SECONDS_BETWEEN_LOOKS):
        if not (server.observer.is_alive() and server.observer.should_keep_running()):
            continue
        for emitter in [emitter for emitter in server.observer.emitters if not emitter.is_alive()]:
            watch, there = emitter.watch, Path(emitter.watch.path).exists()
            if there:
                server.unwatch(watch.path)
                server.watch(watch.path)
                gone.discard(watch.path)
                log.info("%s is back, and watched again.", watch.path)
            elif watch.path not in gone:
                gone.add(watch.path)
                log.warning("%s is gone. Put it back; the server waits for it.", watch.path)
            else:
                continue
            server.observer.event_queue.put((FileModifiedEvent(watch.path), watch))
