"""Write errors.py: the codes as one Python module without dependencies, for bots to drop in."""

from catalogue.escaping import quote_python
from catalogue.model.rows import Catalogue
from catalogue.model.vocabulary import Actor, Outcome, Retry, Token
from catalogue.render.links import Site
from catalogue.render.markdown import strip_markup

HEAD = '''"""Error codes of the WOO X Pro REST API. Generated from {url}errors.csv: do not edit.

    from errors import ErrorCode

    error = ErrorCode(30005)
    error.name, error.message, error.http_status, error.retry, error.outcome, error.actor, error.first

`ErrorCode(number)` raises ValueError for a number that the vendor's page does not list: treat the
outcome of a write as unknown then. Python 3.10 or newer.
"""

from enum import Enum, IntEnum
from typing import NamedTuple

__all__ = ["Actor", "ErrorCode", "Outcome", "Retry"]
'''

TAIL = '''

class ErrorCode(IntEnum):
    """The codes; the value is the number in the envelope's `code`. `E30005` is a second name of the code 30005."""

{members}

    @property
    def message(self) -> str:
        """The vendor's message, verbatim; live wording may differ."""
        return _ROWS[self.value].message

    @property
    def http_status(self) -> int:
        """The HTTP status in the vendor's table."""
        return _ROWS[self.value].http_status

    @property
    def retry(self) -> Retry:
        """Whether, and how, the same request may be sent again."""
        return _ROWS[self.value].retry

    @property
    def outcome(self) -> Outcome:
        """What became of this very request, if it was a write."""
        return _ROWS[self.value].outcome

    @property
    def actor(self) -> Actor:
        """Who must act."""
        return _ROWS[self.value].actor

    @property
    def first(self) -> str:
        """The one thing to do first."""
        return _ROWS[self.value].first

    @property
    def after(self) -> int | str | None:
        """The least pause in seconds, or the event to wait for; None where a retry does not depend on time."""
        return _ROWS[self.value].after

    @property
    def url(self) -> str:
        """The page of the code."""
        return f"{url}codes/{{self.value}}/"


class _Row(NamedTuple):
    message: str
    http_status: int
    retry: Retry
    outcome: Outcome
    actor: Actor
    first: str
    after: int | str | None


_ROWS: dict[int, _Row] = {{
{rows}
}}
'''


def format_module(catalogue: Catalogue, site: Site) -> str:
    """Return the source of errors.py: an IntEnum of the codes with the fields a client decides by."""
    rows = [
        f"    {error.code}: _Row(\n"
        f"        {quote_python(error.message)},\n"
        f"        {error.http_status},\n"
        f"        Retry.{error.retry.name},\n"
        f"        Outcome.{error.outcome.name},\n"
        f"        Actor.{error.actor.name},\n"
        f"        {quote_python(strip_markup(error.first))},\n"
        f"        {quote_python(error.after) if isinstance(error.after, str) else error.after},\n"
        "    ),"
        for error in catalogue.errors
    ]
    members = [f"    {error.name} = {error.code}\n    E{error.code} = {error.code}" for error in catalogue.errors]
    vocabularies = "".join(_format_enum(token) for token in (Retry, Outcome, Actor))
    tail = TAIL.format(members="\n".join(members), rows="\n".join(rows), url=site.url)
    return HEAD.format(url=site.url) + vocabularies + tail


def _format_enum(token: type[Token]) -> str:
    head = f'\n\nclass {token.__name__}(str, Enum):\n    """{(token.__doc__ or "").strip()}"""\n\n'
    members = [f'    # {member.label}. {member.description}\n    {member.name} = "{member}"\n' for member in token]
    return head + "".join(members)
