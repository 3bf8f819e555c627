"""Read a response: HTTP status and body text in, one small value out, whatever form the body has."""

import json
from dataclasses import dataclass
from typing import Any

MESSAGE_FIELDS = ("message", "msg", "error_msg")
SUCCESS_CODE = "1000"
SUCCESS_MESSAGES = {"ok", "success"}
EMPTY_TRACES = {"", "N/A"}


@dataclass(frozen=True)
class Envelope:
    """code is text or None; message and trace are None when the body holds nothing useful."""

    status: int
    code: str | None
    message: str | None
    trace: str | None
    data: Any

    @property
    def ok(self) -> bool:
        """True only when status, code and message all say success."""
        message = (self.message or "").strip().lower()
        return self.status == 200 and self.code == SUCCESS_CODE and message in SUCCESS_MESSAGES


def read_code(value: object) -> str | None:
    """Return 40034 and "40034" alike as text; a bool or anything else is no code."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value).strip() or None


def read_message(body: dict[str, Any]) -> str | None:
    """Return the first field that holds text."""
    texts = (body.get(field) for field in MESSAGE_FIELDS)
    return next((text for text in texts if isinstance(text, str) and text.strip()), None)


def read_trace(value: object) -> str | None:
    """Return the trace unless it is one of the empty forms."""
    return value if isinstance(value, str) and value.strip() not in EMPTY_TRACES else None


def parse_envelope(status: int, text: str) -> Envelope:
    """Parse any body. HTML, plain text, JSON that is no object or nests too deeply give an envelope without a code."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return Envelope(status, None, None, None, None)
    return Envelope(
        status=status,
        code=read_code(body.get("code")),
        message=read_message(body),
        trace=read_trace(body.get("trace")),
        data=body.get("data"),
    )
