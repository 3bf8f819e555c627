"""HTML that goes past the Markdown parser: the page is the same as if it had not."""

import markdown

from catalogue.model import Catalogue
from catalogue.rawhtml import OWN_HTML, StashExtension
from catalogue.render import (
    Site,
    render_code_map,
    render_code_table,
    render_error_page,
    render_retry_matrix,
    render_status_index,
    render_status_page,
)

SITE = Site("https://example.org/errors/")
EXTENSIONS = ["attr_list", "tables", "toc", "pymdownx.highlight", "pymdownx.superfences"]


def list_generated(catalogue: Catalogue) -> dict[str, str]:
    """Return name → Markdown of everything that macros write with HTML in it."""
    pages = {error.code: render_error_page(catalogue, error.code, SITE) for error in catalogue.errors}
    pages |= {f"http {row.status}": render_status_page(catalogue, row.status, SITE) for row in catalogue.statuses}
    return pages | {
        "map": render_code_map(catalogue),
        "table": render_code_table(catalogue, catalogue.errors, "All", ""),
        "matrix": render_retry_matrix(catalogue),
        "statuses": render_status_index(catalogue),
    }


def test_html_that_goes_past_the_parser_comes_out_the_same(catalogue: Catalogue) -> None:
    different, held = [], 0
    for name, text in list_generated(catalogue).items():
        parsed = markdown.markdown(text, extensions=EXTENSIONS)
        stashed = markdown.markdown(text, extensions=[*EXTENSIONS, StashExtension()])
        held += sum(not match["code"] for match in OWN_HTML.finditer(text))
        if [line for line in parsed.split("\n") if line] != [line for line in stashed.split("\n") if line]:
            different.append(name)
    assert different == []
    assert held > 10 * len(catalogue.errors), "Hardly anything was taken past the parser. Look at OWN_HTML."


def test_code_that_looks_like_our_html_stays_code() -> None:
    tag = '<span class="ev">inference</span>'
    text = f"```text\n{tag}\n```\n\nIn `{tag}` and in ``{tag}`x``, but {tag} here."
    html = markdown.markdown(text, extensions=[*EXTENSIONS, StashExtension()])
    assert (html.count("&lt;span"), html.count(tag)) == (3, 1)
