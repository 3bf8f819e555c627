"""The macros that hand-written pages and stubs may call: name → function."""

from collections.abc import Callable, Mapping
from pathlib import Path

from catalogue.escaping import format_fence
from catalogue.model.rows import Catalogue
from catalogue.paths import SAMPLES
from catalogue.render.changes import render_changes
from catalogue.render.links import Links, Site
from catalogue.render.markdown import render_source_tag
from catalogue.render.pages import render_error_page, render_status_page
from catalogue.render.tables import (
    render_code_filter,
    render_code_list,
    render_code_map,
    render_code_table,
    render_decision,
    render_failures,
    render_glossary,
    render_library_map,
    render_oddities,
    render_retry_list,
    render_retry_matrix,
    render_source_list,
    render_status_index,
    render_status_list,
)
from catalogue.render.templates import render_template
from catalogue.vendor.snapshot import read_manifest

# Macros that list all codes or statuses, each of which has a page of its own.
TABLES = ("code_map", "code_table", "library_map", "retry_matrix", "status_index")
Macros = Mapping[str, Callable[..., object]]
LANGUAGE_OF_SUFFIX = {
    ".js": "javascript",
    ".json": "json",
    ".logql": "text",
    ".md": "markdown",
    ".py": "python",
    ".regex": "text",
    ".sh": "bash",
    ".yml": "yaml",
}


def list_macros(catalogue: Catalogue, site: Site) -> Macros:
    """Return the macros of pages for the site generator."""
    return {
        "changes": lambda: render_changes(catalogue),
        "clock_workbench": lambda: _render_workbench(catalogue, site, "clock"),
        "code_count": lambda: len(catalogue.errors),
        "code_filter": lambda: render_code_filter(catalogue),
        "code_map": lambda: render_code_map(catalogue),
        "code_table": lambda: render_code_table(catalogue, catalogue.errors, "All error codes", "../"),
        "decision_diagram": lambda: render_decision(catalogue),
        "diagram": lambda name: render_template(f"{name}.svg.jinja", Links(catalogue, site)),
        "error_page": lambda code: render_error_page(catalogue, code, site),
        "glossary": lambda: render_glossary(catalogue),
        "include_sample": lambda name: include_sample(SAMPLES / name),
        "library_map": lambda: render_library_map(catalogue),
        "lookup": lambda: render_template("lookup.html", Links(catalogue, site), source="text", root=""),
        "retry_matrix": lambda: render_retry_matrix(catalogue),
        "signature_workbench": lambda: _render_workbench(catalogue, site, "signature"),
        "site_url": lambda: site.url,
        "source": lambda key: render_source_tag(catalogue.sources[key]),
        "source_list": lambda: render_source_list(catalogue),
        "spec_date": lambda: read_manifest().retrieved,
        "spec_url": lambda: read_manifest().url,
        "status_failures": lambda status: render_failures(catalogue, int(status)),
        "status_index": lambda: render_status_index(catalogue),
        "status_page": lambda status: render_status_page(catalogue, int(status), site),
        "triage": lambda: render_template("triage.html.jinja", Links(catalogue, site)),
        "vendor_oddities": lambda: render_oddities(catalogue),
    }


def list_alternate_macros(catalogue: Catalogue, site: Site) -> Macros:
    """Return the macros of Markdown alternates, where tables are Markdown and the lookup is an address."""
    links = Links(catalogue, site, alternate=True)
    return dict(list_macros(catalogue, site)) | {
        "clock_workbench": lambda: f"Read the time of a trace offline: `{site.locate('samples/trace_clock.py')}`.",
        "code_filter": str,
        "code_map": lambda: render_code_list(catalogue.errors, links),
        "decision_diagram": str,
        "diagram": lambda _: "",
        "code_table": lambda: render_code_list(catalogue.errors, links),
        "lookup": lambda: f"Look a code up at `{site.locate('codes/')}<code>/index.md`.",
        "retry_matrix": lambda: render_retry_list(links),
        "triage": str,
        "signature_workbench": lambda: f"Find the mistake: `{site.locate('samples/explain_signature.py')}`.",
        "status_index": lambda: render_status_list(links),
    }


def _render_workbench(catalogue: Catalogue, site: Site, name: str) -> str:
    return render_template(f"{name}.html.jinja", Links(catalogue, site), root="../../")


def include_sample(path: Path) -> str:
    """Return a published sample file as a fenced block."""
    return format_fence(path.read_text("utf-8").rstrip("\n"), LANGUAGE_OF_SUFFIX[path.suffix])
