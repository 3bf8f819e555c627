"""The adapter between the site generator and the catalogue: registers the macros, and finishes the built site."""

from pathlib import Path
from typing import Any

from mkdocs.exceptions import Abort

from catalogue.model.loading import CatalogueError, load_catalogue
from catalogue.publish.finish import finish_site
from catalogue.render.links import Site
from catalogue.render.macros import list_macros


def define_env(env: Any) -> None:
    """Load the rows and register the macros; a wrong row stops the build before any page is made."""
    try:
        env.catalogue = load_catalogue()
    except CatalogueError as error:
        raise Abort(str(error)) from error
    site = Site(env.conf["site_url"] or Site().url, env.conf["repo_url"] or None)
    for name, macro in list_macros(env.catalogue, site).items():
        env.macro(macro, name)


def on_post_build(env: Any) -> None:
    """Write what is not a page; other site generators run `python -m catalogue finish SITE_DIR` instead."""
    finish_site(Path(env.conf["site_dir"]), env.catalogue)
