"""The envelope every response travels in: its model (for the schema) and one example per code."""

import json
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from catalogue.model.rows import ErrorCode


class Envelope(BaseModel):
    """The documented body of every response. Gateways have been seen to send `msg` instead of `message`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: int = Field(ge=1000, le=999_999, title="Code", description="1000 for success, else the error code.")
    message: str = Field(min_length=1, title="Message", description="Text that belongs to the code.")
    trace: str = Field(title="Trace", description="Id of the request; give it to the vendor's support.")
    data: dict[str, Any] | list[Any] | None = Field(
        default=None, title="Data", description="The result. Errors may leave it out, empty or null."
    )


def make_envelope(error: ErrorCode) -> dict[str, Any]:
    """Return the example body of a code, with the vendor's message and a made-up trace."""
    body: dict[str, Any] = {
        "code": int(error.code),
        "message": error.message,
        "trace": f"00000000-0000-4000-8000-{error.code:0>12}",
    }
    if error.code == "1000":
        body["data"] = {}
    return body


def format_envelope(error: ErrorCode) -> str:
    """Return the example body of a code as indented JSON text."""
    return json.dumps(make_envelope(error), ensure_ascii=False, indent=2)


def format_head(error: ErrorCode) -> str:
    """Return the status line and headers of the example response of a code."""
    reason = HTTPStatus(error.http_status).phrase
    return f"HTTP/1.1 {error.http_status} {reason}\nContent-Type: application/json"
