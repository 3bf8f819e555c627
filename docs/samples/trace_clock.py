"""Read the server's clock from a trace of the form <32 hex>.<number>.<17 digits>.

That the digits are a time is an inference from samples; no page of the vendor says so.
"""

import string
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEX_LENGTH = 32
TICK_LENGTH = 17
TICKS_PER_MICROSECOND = 10


def is_number(text: str) -> bool:
    """Return True for ASCII digits only."""
    return text.isascii() and text.isdigit()


def server_time(trace: str | None) -> datetime | None:
    """Return the inferred server time in UTC, or None for every other form of trace."""
    parts = (trace or "").strip().split(".")
    if len(parts) != 3:
        return None
    identity, number, ticks = parts
    if len(identity) != HEX_LENGTH or not set(identity) <= set(string.hexdigits):
        return None
    if not is_number(number) or not is_number(ticks) or len(ticks) != TICK_LENGTH:
        return None
    return EPOCH + timedelta(microseconds=int(ticks) // TICKS_PER_MICROSECOND)
