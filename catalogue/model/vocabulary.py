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

    NONE = ("none", "Nothing to retry", "The request was accepted.")
    BACKOFF = (
        "backoff",
        "Send again after a pause",
        "The same request may work later. Double the pause each time, and stop after five tries.",
    )
    WAIT = (
        "wait",
        "Wait for a change",
        "It is refused until something outside your program changes. Decide anew then.",
    )
    FIX = (
        "fix",
        "Fix it first",
        "The same request will fail again. Correct the request, a header, the clock or a setting first.",
    )
    STOP = ("stop", "Stop", "A person must act. Send no such request until that is done.")


class Outcome(Token):
    """What became of this very request, if it was a write: an order, a cancel or a transfer.

    An earlier request may have had another outcome; the page of the code says how to look that one up.
    """

    ACCEPTED = ("accepted", "Accepted", "The exchange took this request. The final result may follow later.")
    REJECTED = ("rejected", "Not executed", "The exchange refused this request and executed nothing for it.")
    UNKNOWN = (
        "unknown",
        "May have executed",
        "Nobody can tell from this answer. Look the write up before you send anything again.",
    )
    DUPLICATE = (
        "duplicate",
        "An earlier one may have executed",
        "This request was refused because an earlier one with the same id exists. Look the earlier one up.",
    )

    @property
    def in_doubt(self) -> bool:
        """Whether an order may stand that the caller does not know of."""
        return self in {Outcome.UNKNOWN, Outcome.DUPLICATE}


class Actor(Token):
    """Who must act."""

    DEVELOPER = ("developer", "A developer", "Someone changes the code.")
    OPERATOR = ("operator", "The account's owner", "Someone who holds the key, the settings or the funds acts.")
    EXCHANGE = ("exchange", "The exchange", "You wait, or you write to its support.")
    NOBODY = ("nobody", "Nobody", "There is nothing to mend.")


class Basis(Token):
    """How it is known that a request gets a code."""

    DOCUMENTED = ("documented", "Documented", "A page of the vendor, or of BitMart, gives the rule.")
    REPORTED = ("reported", "Reported", "Someone has published such a response.")
    INFERENCE = ("inference", "Our inference", "No page and no report says so. We conclude it from the message.")


class SourceKind(Token):
    """How far a source can be trusted for WOO X Pro."""

    OFFICIAL = ("official", "Official", "A page of WOO X Pro.")
    LINEAGE = (
        "lineage",
        "BitMart",
        "BitMart's own documentation or code: its futures API has the same paths, fields and codes.",
    )
    COMMUNITY = ("community", "Community", "Third-party libraries, issue threads and live captures.")
