"""The adapter between mkdocs-macros and the catalogue: registers macros, fills page metadata, writes the exports."""

import gc
import sys
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# mkdocs loads this file by its path, without its folder being on the import path; a server loads it with every build.
if (folder := str(Path(__file__).resolve().parent)) not in sys.path:
    sys.path.insert(0, folder)

from catalogue import cache, export, fences, finish, render, twins
from catalogue.captions import CaptionExtension
from catalogue.changes import render_changes
from catalogue.load import CatalogueError, load_catalogue
from catalogue.model import Catalogue, ErrorCode
from catalogue.rawhtml import StashExtension
from catalogue.snapshot import read_manifest

LANGUAGE_OF_SUFFIX = {
    ".js": "javascript",
    ".logql": "text",
    ".md": "markdown",
    ".py": "python",
    ".regex": "text",
    ".sh": "bash",
    ".yml": "yaml",
}


@dataclass(frozen=True)
class Build:
    """What one build works on: the rows, the address, and the source of every hand-written page."""

    catalogue: Catalogue
    site: render.Site
    samples: Path
    pages: dict[str, str] = field(default_factory=dict)


def define_env(env: Any) -> None:
    """Load the catalogue and register the macros; a wrong row stops the build before any page is made."""
    root = Path(env.project_dir)
    try:
        catalogue = load_catalogue(root)
    except CatalogueError as error:
        raise make_stop(str(error)) from error
    site = render.Site(env.conf["site_url"] or render.Site().url, env.conf["repo_url"] or None)
    spare_collector()
    env.build = Build(catalogue, site, root / "docs" / "samples")
    # The 404 page is a template of the theme, which macros do not reach.
    env.conf["extra"]["lookup_form"] = render.render_lookup(catalogue, "path", urlsplit(site.url).path)
    if find_spec("material"):
        adapt_theme(env, root)
    for name, macro in make_macros(env.build).items():
        env.macro(macro, name)


def spare_collector() -> None:
    """Keep Python's garbage collector from walking what stays: all that is loaded by now, and later the pages.

    Only the first build of a process freezes: a server builds many times, and frozen objects are never freed.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.set_threshold(*gc.get_threshold()[:2], 50)


def adapt_theme(env: Any, root: Path) -> None:
    """Set what on_post_build completes; Zensical brings its own theme and search, which stay as they are."""
    env.conf["extra"]["styles"] = f"{finish.STYLES}?v={finish.fingerprint_styles(root / 'docs')}"
    env.conf["markdown_extensions"] += [CaptionExtension(), StashExtension()]
    env.conf["mdx_configs"]["pymdownx.superfences"] = {"custom_fences": fences.list_fences()}


def make_stop(message: str) -> BaseException:
    """Return what ends a build with a message and no traceback; Zensical runs these macros without MkDocs."""
    if find_spec("mkdocs"):
        stop: BaseException = import_module("mkdocs.exceptions").Abort(message)
        return stop
    return SystemExit(message)


def make_macros(build: Build) -> dict[str, Any]:
    """Return name → function of every macro that pages may call."""
    catalogue, site = build.catalogue, build.site
    return {
        "changes": lambda: render_changes(catalogue),
        "code_count": lambda: len(catalogue.errors),
        "code_map": lambda: render.render_code_map(catalogue),
        "code_table": lambda: render.render_code_table(catalogue, catalogue.errors, "All error codes", "../"),
        "error_page": lambda code: render.render_error_page(catalogue, code, site),
        "include_sample": lambda name: include_sample(build.samples / name),
        "lookup": lambda: render.render_lookup(catalogue, "text", ""),
        "retry_matrix": lambda: render.render_retry_matrix(catalogue),
        "site_url": lambda: site.url,
        "source": lambda key: render.render_source_tag(catalogue.sources[key]),
        "source_list": lambda: render.render_source_list(catalogue),
        "spec_date": lambda: read_manifest().retrieved,
        "spec_url": lambda: read_manifest().url,
        "status_failures": lambda status: render.render_failures(catalogue, int(status)),
        "clock_workbench": lambda: render.render_workbench(catalogue, "clock"),
        "signature_workbench": lambda: render.render_workbench(catalogue, "signature"),
        "status_index": lambda: render.render_status_index(catalogue),
        "status_page": lambda status: render.render_status_page(catalogue, int(status), site),
        "vendor_oddities": lambda: render.render_oddities(catalogue),
    }


def include_sample(path: Path) -> str:
    """Return a published sample file as a fenced block."""
    text = path.read_text("utf-8").rstrip("\n")
    return f"```{LANGUAGE_OF_SUFFIX[path.suffix]}\n{text}\n```"


def on_pre_page_macros(env: Any) -> None:
    """Fill description and search words of a generated page from its row; keep the source of the others."""
    if "styles" in env.conf["extra"] and env.env.bytecode_cache is None:
        cache.keep_texts(env.env)
    folder, _, name = env.page.file.src_uri.partition("/")
    stem, catalogue = name.removesuffix(".md"), env.build.catalogue
    if folder == "codes" and stem in catalogue.by_code:
        error = catalogue.by_code[stem]
        env.page.meta |= {
            "title": f"{error.code} {error.message}",
            "description": render.describe_error(error),
            "hide": ["navigation"],
        }
        if "styles" in env.conf["extra"]:
            hasten_page(env, error)
    elif folder == "http" and stem.isdigit():
        row = catalogue.by_status[int(stem)]
        env.page.meta |= {
            "title": f"HTTP {row.status} {row.reason}",
            "description": render.describe_status(row),
            "hide": ["navigation"],
        }
    else:
        env.build.pages[env.page.file.src_uri] = env.markdown


def hasten_page(env: Any, error: ErrorCode) -> None:
    """Spare the page of a code what takes long and gives nothing new, where this build is finished by on_post_build."""
    # Its search entry is made from its row, without parsing the page again.
    env.page.meta["search"] = {"exclude": True}
    if env.markdown.strip() == f'{{{{ error_page("{error.code}") }}}}':
        # What the macro gives, without compiling a template for each page.
        env.markdown = render.render_error_page(env.build.catalogue, error.code, env.build.site)
        env.page.meta["render_macros"] = False


def on_post_build(env: Any) -> None:
    """Write the machine-readable files beside the pages."""
    build, files = env.build, {}
    variables = env.variables | twins.make_macros(build.catalogue, build.site)
    for source, markdown in sorted(build.pages.items()):
        text = env.env.from_string(markdown).render(**variables)
        files[twins.locate_twin(source)] = twins.clean_page(source, text, build.site)
    finish.defer_search_index(Path(env.conf["site_dir"]), build.catalogue)
    finish.merge_styles(Path(env.conf["site_dir"]))
    export.write_exports(build.catalogue, build.site, Path(env.conf["site_dir"]), files)
