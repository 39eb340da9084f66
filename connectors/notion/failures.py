"""Pure: what an answer of Notion's, or the lack of one, means for the hub.

Codes are an open set: the HTTP status decides first. Every message is made here, so that none ever holds the key.
"""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeAlias

import httpx
from notion_client.errors import HTTPResponseError, InvalidPathParameterError, RequestTimeoutError

from hub.core.errors import ConfigError, HubError, RecordError, TransientError
from hub.core.types import Collection, Row

How: TypeAlias = Literal["read", "repeat", "create"]
"""read: changes nothing. repeat: a write that gives the same result twice. create: makes something new each time."""

BUSY = {429, 529}
SHORT_WAIT = 5.0
"""A wait of up to so many seconds is taken inside the client; a longer one is the worker's schedule."""
WAIT_WHEN_NONE_IS_GIVEN = 1.0
LONGEST_QUOTE = 500

SEE_PEOPLE = "Read user information including email addresses"
SEE_COMMENTS = "Read comments"
KEY_PAGE = "https://www.notion.so/profile/integrations"
SHARE = "In Notion, open the page, then ••• > Connections, and add the hub's connection."


class Missing(RecordError):
    """HTTP 404: not there, or not shared with this connection. Notion does not tell which."""


class Refused(RecordError):
    """Notion refuses this request, and would again."""


class Forbidden(ConfigError):
    """HTTP 403: a capability that the connection was not given, a page that it was not added to, or a plan that ends.

    `fact`: what happened, without the way out, which Notion's answer does not tell.
    """

    def __init__(self, message: str, fact: str) -> None:
        super().__init__(message)
        self.fact = fact


class Soon(TransientError):
    """Worth another attempt within seconds. `limiter_waits`: the limiter already holds all calls as long as asked."""

    def __init__(self, message: str, *, limiter_waits: bool = False, **rest: Any) -> None:
        super().__init__(message, **rest)
        self.limiter_waits = limiter_waits


def _body(error: HTTPResponseError) -> dict[str, Any]:
    """The error object; the SDK parses only the codes that it knows, so read it ourselves."""
    try:
        body = json.loads(error.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _more(body: dict[str, Any]) -> dict[str, Any]:
    more = body.get("additional_data")
    return more if isinstance(more, dict) else {}


def wait_asked(error: HTTPResponseError, now: datetime) -> float | None:
    """Seconds for which Notion wants no call at all; None when it does not say busy (429, 529)."""
    if error.status not in BUSY or _blocked(_body(error)):
        return None
    for text in (error.headers.get("retry-after"), _more(_body(error)).get("retry_after")):
        try:
            return max(0.0, float(str(text)))
        except ValueError:
            pass
        try:
            return max(0.0, (parsedate_to_datetime(str(text)) - now).total_seconds())
        except (ValueError, TypeError):
            pass
    return WAIT_WHEN_NONE_IS_GIVEN


def _blocked(body: dict[str, Any]) -> bool:
    return _more(body).get("rate_limit_reason") == "public_api_request_blocked"


def of_answer(how: How, what: str, error: HTTPResponseError, wait: float | None, token: str) -> HubError:
    """The hub's error for an error answer. `wait` is what `wait_asked` said."""
    body, status = _body(error), error.status
    said = " ".join(str(part) for part in (body.get("code"), body.get("message")) if part).replace(token, "…")
    fact = f"Notion could not {what}: HTTP {status} {said[:LONGEST_QUOTE]}".rstrip()
    match status:
        case _ if wait is not None:
            return _busy(fact, wait)
        case 429 | 529:
            result: HubError = ConfigError(
                f"{fact}. Notion has blocked this connection and it will not end by itself: write to Notion's support."
            )
        case 401:
            result = ConfigError(f"{fact}. The key is wrong or was withdrawn: copy the current one from {KEY_PAGE}")
        case 403:
            result = _forbidden(fact, _more(body))
        case 404:
            result = Missing(fact)
        case 409 if body.get("code") != "row_limit_exceeded":
            result = Soon(fact)  # the transaction was not carried out, whatever the call
        case _ if status >= 500:
            result = _server_failed(how, fact, _more(body))
        case _ if status < 400:
            result = ConfigError(f"{fact}. base_url does not lead to Notion's API.")
        case _:
            result = Refused(fact)
    return result


def _busy(fact: str, wait: float) -> TransientError:
    if wait <= SHORT_WAIT:
        return Soon(fact, retry_after=wait, limiter_waits=True)
    return TransientError(f"{fact} (asks for a pause of {wait:g} s)", retry_after=wait)


def _server_failed(how: How, fact: str, more: dict[str, Any]) -> TransientError:
    if how != "create":
        return Soon(fact)
    children = more.get("committed_child_ids")  # of an append; the resource is then the page, which was there before
    ids = children if isinstance(children, list) else [more.get("committed_resource_id")]
    return TransientError(fact, uncertain=True, committed=tuple(one for one in ids if isinstance(one, str)))


def _forbidden(fact: str, more: dict[str, Any]) -> ConfigError:
    if "block_limit" in more:
        return ConfigError(
            f"{fact}. A free Notion workspace with several members takes 1,000 blocks in its life, and deleting gives "
            "none back: upgrade its plan, or use a workspace with one member."
        )
    return Forbidden(
        f"{fact}. Give the connection the capabilities Read, Insert and Update content at {KEY_PAGE}, "
        "and add it to the page (••• > Connections).",
        fact,
    )


def lacks(capability: str, what: str) -> str:
    """The line about a capability that the connection was not given."""
    return f"Notion does not show the hub {what}: give its connection the capability “{capability}” at {KEY_PAGE}"


def of_road(how: How, what: str, error: Exception) -> HubError:
    """The hub's error when no usable answer came. A create that may have reached Notion is uncertain."""
    cause = error.__context__ or error if isinstance(error, RequestTimeoutError) else error
    match cause:
        case UnicodeEncodeError():
            result: HubError = Refused(f"Notion was not asked to {what}: a text holds half a character.")
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            result = ConfigError(f"Notion could not {what}: base_url is not an address ({cause}).")
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            result = Soon(f"Notion could not be reached to {what} ({type(cause).__name__}).")
        case InvalidPathParameterError():
            result = Refused(f"Notion was not asked to {what}: that is no id.")
        case ValueError():
            result = broken_answer(how, what)
        case _:
            result = _no_answer(how, f"No answer came when Notion was asked to {what} ({type(cause).__name__}).")
    return result


def broken_answer(how: How, what: str) -> HubError:
    """An answer with a good status that is no JSON object."""
    return _no_answer(how, f"Notion was asked to {what}, and its answer is cut short or no JSON object.")


def _no_answer(how: How, fact: str) -> HubError:
    return TransientError(fact, uncertain=True) if how == "create" else Soon(fact)


def trashed(collection: Collection) -> str:
    """The line about a collection that lies in the trash."""
    return f"The {_in_notion(collection)} is in Notion's trash: restore it there."


def lost(collection: Collection) -> str:
    """The line about a collection that answers 404."""
    return (
        f"Notion does not show the {_in_notion(collection)} any more: restore it from the trash, or share it again. "
        f"{SHARE}"
    )


def _in_notion(collection: Collection) -> str:
    return f'{"database" if collection.kind == "table" else "page"} "{collection.name}"'


def row_gone(collection: Collection, row: Row) -> str:
    """The line about a row that answers 404 or lies in the trash."""
    return f'Row "{row.key}" of "{collection.name}" is gone from Notion: somebody deleted it or put it in the trash.'
