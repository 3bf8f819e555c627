"""OpenSearch: a description that lets a browser's address bar look errors up."""

from catalogue.escaping import escape_xml
from catalogue.render.links import Site


def format_opensearch(site: Site) -> str:
    """Return the OpenSearch description, so that a browser's address bar can look errors up."""
    template = escape_xml(site.locate("#q={searchTerms}"))
    icon, own = escape_xml(site.locate("assets/images/favicon.svg")), escape_xml(site.locate("opensearch.xml"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        "  <ShortName>WOO X Pro errors</ShortName>\n"
        "  <Description>Look up an error code or message of the WOO X Pro REST API</Description>\n"
        "  <InputEncoding>UTF-8</InputEncoding>\n"
        f'  <Image width="16" height="16" type="image/svg+xml">{icon}</Image>\n'
        f'  <Url type="text/html" method="get" template="{template}"/>\n'
        f'  <Url type="application/opensearchdescription+xml" rel="self" template="{own}"/>\n'
        "</OpenSearchDescription>\n"
    )
