"""Write everything that is not a page into a built site.

Input are data/, docs/ and the built folder, so the site generator does not matter: MkDocs calls `finish_site` after
each build, and `python -m catalogue finish SITE_DIR` does the same after any other. Doing it twice changes nothing.
"""

import re
from html import unescape
from pathlib import Path

from catalogue.files import write_files
from catalogue.model.loading import load_catalogue
from catalogue.model.rows import Catalogue
from catalogue.paths import DOCS, ERRORS, ROOT
from catalogue.publish.feed import format_feed
from catalogue.publish.json_files import format_catalogue, format_error, format_lookup, publish_error
from catalogue.publish.llms import format_llms, format_llms_full
from catalogue.publish.openapi import format_openapi
from catalogue.publish.opensearch import format_opensearch
from catalogue.publish.python_module import format_module
from catalogue.publish.schemas import format_envelope_schema, format_errors_schema
from catalogue.publish.wiremock import format_wiremock
from catalogue.render.guides import render_guides
from catalogue.render.links import Site
from catalogue.render.pages import render_error_alternate, render_status_alternate
from catalogue.site.search_index import format_search_index
from catalogue.site.theme import adapt_site

CANONICAL = re.compile(r'<link (?=[^>]*rel="?canonical"?)[^>]*href="?(?P<url>[^"> ]+)')


class FinishError(ValueError):
    """The folder is no built site. The message says what to do."""


def finish_site(site_dir: Path, catalogue: Catalogue | None = None, *, guarded: bool = True) -> list[str]:
    """Write every published file below `site_dir`, and adapt its pages; return the paths written.

    Pages run under the site's policy if `guarded`.

    Raises FinishError for a folder without a home page, CatalogueError for rows with problems.
    """
    site = read_site(site_dir)
    files = plan_files(catalogue or load_catalogue(), site)
    write_files({site_dir / path: content for path, content in files.items()})
    adapt_site(site_dir, guarded=guarded)
    return sorted(files)


def read_site(site_dir: Path) -> Site:
    """Return the address for which a site was built, which its home page names as canonical."""
    home = site_dir / "index.html"
    if not home.is_file():
        raise FinishError(f"{site_dir} holds no index.html. Build the site first: mkdocs build")
    canonical = CANONICAL.search(home.read_text("utf-8"))
    return Site(unescape(canonical["url"])) if canonical else Site()


def plan_files(catalogue: Catalogue, site: Site) -> dict[str, bytes]:
    """Return path below the site's root → content of every file beside the pages."""
    published = tuple(publish_error(catalogue, error, site) for error in catalogue.errors)
    plain = [error.model_dump(mode="json") for error in published]
    sources = {file.relative_to(DOCS).as_posix(): file.read_text("utf-8") for file in sorted(DOCS.rglob("*.md"))}
    guides = render_guides(sources, catalogue, site)
    pages = {
        f"codes/{e.code}/index.md": render_error_alternate(catalogue, e.code, site) + "\n" for e in catalogue.errors
    }
    pages |= {
        f"http/{row.status}/index.md": render_status_alternate(catalogue, row.status, site) + "\n"
        for row in catalogue.statuses
    }
    pages |= guides
    files = {f"codes/{error.code}/index.json": format_error(error) for error in published}
    files |= pages | {
        "errors.json": format_catalogue(published, site),
        "lookup.json": format_lookup(catalogue),
        "errors.schema.json": format_errors_schema(site),
        "envelope.schema.json": format_envelope_schema(site),
        "errors.py": format_module(catalogue, site),
        "openapi.json": format_openapi(plain),
        "wiremock.json": format_wiremock(plain),
        "opensearch.xml": format_opensearch(site),
        "changes.xml": format_feed(catalogue, site),
        "llms.txt": format_llms(catalogue, site, guides),
        "llms-full.txt": format_llms_full(pages),
        "search/pages.json": format_search_index(sources, catalogue, site),
    }
    encoded = {path: content.encode() for path, content in files.items()}
    return encoded | {"errors.csv": (ROOT / ERRORS).read_bytes()}
