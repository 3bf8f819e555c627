"""Measure your clock: the headers of one response and two local times in, seconds of drift out."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

# The header drops the fraction: on average the server's clock stood half a second later.
HALF_RESOLUTION = 0.5


def drift_seconds(date_header: str, sent: float, received: float) -> float:
    """Return local minus server time in seconds: positive when your clock is ahead.

    sent and received are local Unix times in seconds around the request. The result is good to
    half a second plus half the round trip. Raises ValueError for a header that is no date or
    for a response received before it was sent.
    """
    if received < sent:
        raise ValueError("received lies before sent: the local clock was set back in between")
    try:
        stamp = parsedate_to_datetime(date_header)
    except OverflowError as error:
        raise ValueError("this header is no date") from error
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
    return (sent + received) / 2 - (stamp.timestamp() + HALF_RESOLUTION)


def read_drift(headers: Mapping[str, str], sent: float, received: float) -> float | None:
    """Return the drift by a response's headers, or None for a response that cannot tell.

    A response with an `Age` header comes from a cache: its `Date` is that of an older response.
    """
    named = {name.lower(): value for name, value in headers.items()}
    if "age" in named or "date" not in named:
        return None
    return drift_seconds(named["date"], sent, received)
