"""The adapter between the site generator and the catalogue: registers the macros, and finishes the built site."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from mkdocs.exceptions import Abort

from catalogue.model.loading import load_catalogue
from catalogue.publish.finish import finish_site
from catalogue.render.links import Site
from catalogue.render.macros import list_macros
from catalogue.site.stubs import find_strays


def define_env(env: Any) -> None:
    """Load the rows and register the macros; a wrong row stops the build before any page is made."""
    try:
        site = Site(env.conf["site_url"] or Site.url, env.conf["repo_url"] or None)
        env.catalogue = load_catalogue()
    except ValueError as error:
        raise Abort(str(error)) from error
    strays = find_strays(env.catalogue)
    if strays:
        raise Abort("\n".join(strays))
    for name, macro in list_macros(env.catalogue, site).items():
        env.macro(partial(_call_macro, env, name, macro), name)


def _call_macro(env: Any, name: str, macro: Callable[..., object], *arguments: object) -> object:
    # The plugin prints the traceback of an exception, but not of one that ends the program.
    try:
        return macro(*arguments)
    except (LookupError, OSError, TypeError, ValueError) as error:
        call = f"{name}({', '.join(map(repr, arguments))})"
        raise SystemExit(f"docs/{env.page.file.src_path}: {call} has nothing to show: {error!r}") from error


def on_post_build(env: Any) -> None:
    """Write what is not a page; other site generators run `python -m catalogue finish SITE_DIR` instead."""
    context = click.get_current_context(silent=True)
    # The server that reloads pages adds a script of its own, which the policy would not let run.
    serving = context is not None and context.info_name == "serve"
    finish_site(Path(env.conf["site_dir"]), env.catalogue, guarded=not serving)
