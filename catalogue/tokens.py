"""The closed vocabularies of the catalogue: each token carries the label and the sentence that the pages show."""

from enum import StrEnum
from typing import Any, Self

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Token(StrEnum):
    """A value of a closed list, with a label (a few words) and a description (one sentence)."""

    label: str
    description: str

    def __new__(cls, value: str, label: str, description: str) -> Self:
        """Make a member from its value, label and description."""
        token = str.__new__(cls, value)
        token._value_ = value
        token.label = label
        token.description = description
        return token

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core_schema)
        schema.pop("enum", None)
        schema["oneOf"] = [
            {"const": token.value, "title": token.label, "description": token.description} for token in cls
        ]
        return schema


class Section(Token):
    """The table of the vendor's page that lists the code."""

    AUTHENTICATION = ("authentication", "Authentication", "Listed in the vendor's table of authentication error codes.")
    CONTRACT = ("contract", "Contract", "Listed in the vendor's table of contract API error codes.")


class Category(Token):
    """What the error is about."""

    SUCCESS = ("success", "Success", "The request was accepted.")
    ROUTING = ("routing", "Routing", "No interface stands at this address.")
    CREDENTIALS = ("credentials", "API key", "The API key is missing, unknown, frozen or expired.")
    SIGNATURE = ("signature", "Signature", "The signature is missing or does not fit the request.")
    CLOCK = ("clock", "Clock", "The time sent with the request is missing, unreadable or too far from the server's.")
    PERMISSION = ("permission", "Permission", "The key, address, account or region may not do this.")
    RATE_LIMIT = ("rate-limit", "Rate limit", "Too many requests were sent.")
    AVAILABILITY = ("availability", "Availability", "The exchange's service is down, in maintenance or failed.")
    DEPRECATION = ("deprecation", "Deprecation", "The version or endpoint has been switched off.")
    REQUEST = ("request", "Request", "The body or a parameter cannot be read or is not allowed.")
    ACCOUNT = ("account", "Account", "It concerns the cloud account or the opening of the futures account.")
    TRANSFER = ("transfer", "Transfer", "It concerns a transfer of funds.")
    SYMBOL = ("symbol", "Symbol", "The contract does not exist or does not trade.")
    ORDER = ("order", "Order", "It concerns an order or one of its fields.")
    PLAN_ORDER = ("plan-order", "Plan order", "It concerns a plan (trigger) order.")
    POSITION = ("position", "Position", "It concerns an open, closing or closed position.")
    MARGIN = ("margin", "Margin", "It concerns the margin of a position.")
    BALANCE = ("balance", "Balance", "The account does not hold enough for this.")


class Retry(Token):
    """Whether, and how, the same request may be sent again."""

    NONE = ("none", "Nothing to retry", "The request succeeded.")
    BACKOFF = (
        "backoff",
        "Retry with back-off",
        "The same request may work later: use exponential back-off with jitter and a cap.",
    )
    WAIT = (
        "wait",
        "Wait, then send",
        "It is refused until something outside your program changes: poll slowly, then send.",
    )
    FIX = (
        "fix",
        "Fix first",
        "Never resend it unchanged: correct the request, a header, the clock or a setting first.",
    )
    STOP = ("stop", "Stop", "A person must act. Stop sending until that is done.")


class Outcome(Token):
    """What became of a write: an order, a cancel or a transfer."""

    ACCEPTED = ("accepted", "Accepted", "The exchange took the write; the final result may follow later.")
    REJECTED = ("rejected", "Not executed", "The write was refused; this request executed nothing.")
    UNKNOWN = ("unknown", "Unknown", "The write may have been executed: look before you send again.")
    DUPLICATE = (
        "duplicate",
        "Duplicate",
        "Refused because an earlier write with the same id exists: look that one up.",
    )


class Actor(Token):
    """Who must act."""

    DEVELOPER = ("developer", "Developer", "Someone who changes the code.")
    OPERATOR = ("operator", "Operator", "Someone who holds the key, the account's settings or the funds.")
    EXCHANGE = ("exchange", "Exchange", "The exchange; you wait or tell its support.")
    NOBODY = ("nobody", "Nobody", "There is nothing to mend.")


class SourceKind(Token):
    """How far a source can be trusted for WOO X Pro."""

    OFFICIAL = ("official", "Official", "A page of WOO X Pro.")
    LINEAGE = (
        "lineage",
        "BitMart",
        "BitMart's own documentation or code: its futures API has the same paths, fields and codes.",
    )
    COMMUNITY = ("community", "Community", "Third-party libraries, issue threads and live captures.")
