"""The page of a code and of an HTTP status: as Markdown for the site generator, and as a Markdown alternate."""

from bisect import bisect_left

from catalogue.model.rows import Catalogue, ErrorCode, HttpStatusRow
from catalogue.render.envelope import format_envelope, format_head
from catalogue.render.links import Links, Site
from catalogue.render.markdown import strip_markup
from catalogue.render.requests import render_request
from catalogue.render.tables import render_code_table
from catalogue.render.templates import render_template


def render_error_page(catalogue: Catalogue, code: str, site: Site) -> str:
    """Render the page of a code as Markdown for the site generator."""
    return _render_error("error.md.jinja", catalogue, Links(catalogue, site, own=code))


def render_error_alternate(catalogue: Catalogue, code: str, site: Site) -> str:
    """Render the Markdown alternate of the page of a code, with its fields in the front matter."""
    return _render_error("error_alternate.md.jinja", catalogue, Links(catalogue, site, alternate=True, own=code))


def _render_error(template: str, catalogue: Catalogue, links: Links) -> str:
    code = links.own
    error = catalogue.by_code[code]
    evidence = catalogue.list_evidence(error)
    numbers = {source.key: number for number, source in enumerate(evidence, 1)}
    return render_template(
        template,
        links,
        numbers,
        error=error,
        status=catalogue.by_status.get(error.http_status),
        head=format_head(error),
        body=format_envelope(error),
        observed=catalogue.list_observed(code),
        evidence=evidence,
        requests=catalogue.list_requests(code),
        render_request=render_request,
        related=[catalogue.by_code[other] for other in error.related],
        neighbours=find_neighbours(catalogue, code),
        line=catalogue.lines.get(code),
    )


def find_neighbours(catalogue: Catalogue, code: str) -> tuple[ErrorCode | None, ErrorCode | None]:
    """Return the rows before and after this number; the number itself need not be listed."""
    errors = catalogue.errors
    at = bisect_left(errors, int(code), key=lambda error: int(error.code))
    after = at + 1 if code in catalogue.by_code else at
    return (errors[at - 1] if at else None), (errors[after] if after < len(errors) else None)


def render_status_page(catalogue: Catalogue, status: int, site: Site) -> str:
    """Render the page of an HTTP status as Markdown for the site generator."""
    return _render_status("status.md.jinja", status, Links(catalogue, site))


def render_status_alternate(catalogue: Catalogue, status: int, site: Site) -> str:
    """Render the Markdown alternate of the page of an HTTP status."""
    return _render_status("status_alternate.md.jinja", status, Links(catalogue, site, alternate=True))


def _render_status(template: str, status: int, links: Links) -> str:
    catalogue = links.catalogue
    row, codes = catalogue.by_status[status], catalogue.errors_with_status(status)
    keys = list(dict.fromkeys(key for item in row.iter_items() for key in item.evidence))
    return render_template(
        template,
        links,
        {key: number for number, key in enumerate(keys, 1)},
        row=row,
        codes=codes,
        status_codes=render_code_table(catalogue, codes, f"Codes sent with HTTP {status}", "../../"),
        evidence=[catalogue.sources[key] for key in keys],
    )


def title_error(error: ErrorCode) -> str:
    """Return the title of a code's page."""
    return f"{error.code} {error.message}"


def describe_error(error: ErrorCode) -> str:
    """Return the description of a code's page for search engines, at most 300 characters."""
    advice = "Look it up first" if error.outcome.in_doubt else error.retry.label
    return f"{strip_markup(error.summary)} {error.outcome.label}. {advice}."


def title_status(row: HttpStatusRow) -> str:
    """Return the title of the page of an HTTP status."""
    return f"HTTP {row.status} {row.reason}"


def describe_status(row: HttpStatusRow) -> str:
    """Return the description of a status page for search engines."""
    return strip_markup(row.summary)
