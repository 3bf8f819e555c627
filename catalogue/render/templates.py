"""The templates of generated text, and the one place where they are filled in."""

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from catalogue.escaping import escape_markdown, format_code_span, format_fence, quote_yaml
from catalogue.paths import PARTIALS, TEMPLATES
from catalogue.render.links import Links
from catalogue.render.markdown import (
    describe_source,
    render_evidence,
    render_evidence_keys,
    render_prose,
    unlink_prose,
)


def render_template(name: str, links: Links, numbers: Mapping[str, int] | None = None, **values: object) -> str:
    """Fill in templates/<name>; templates that end in .html.jinja escape what they are given.

    `numbers` gives the sources of a page, by key, their numbers in its list of sources.
    """
    text = (
        get_environment()
        .get_template(name)
        .render(
            links=links,
            site=links.site,
            catalogue=links.catalogue,
            describe_source=describe_source,
            prose=lambda text: render_prose(text, links),
            tags=lambda item: render_evidence(item, links.catalogue, numbers),
            keys=render_evidence_keys,
            **values,
        )
    )
    return text.strip("\n")


@cache
def get_environment() -> Environment:
    """Return the environment that loads templates and the theme's partials, made once per process."""
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, PARTIALS]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=select_autoescape(enabled_extensions=("html", "html.jinja"), default=False),
    )
    environment.filters |= {
        "fence": format_fence,
        "md": escape_markdown,
        "quoted": quote_yaml,
        "span": format_code_span,
        "unlink": unlink_prose,
    }
    return environment
