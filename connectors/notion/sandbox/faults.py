"""Faults that a test or the demo plants: what to answer instead, for which calls, how often."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from connectors.notion.sandbox.errors import Json, NotionError

REFUSALS: Final[dict[str, tuple[int, str, str]]] = {
    "rate_limited": (429, "rate_limited", "You have been rate limited. Please try again later."),
    "overload": (529, "service_overload", "Notion is overloaded. Please try again later."),
    "conflict": (409, "conflict_error", "Conflict occurred while saving. Please try again."),
    "internal": (500, "internal_server_error", "Unexpected error occurred."),
    "unavailable": (503, "service_unavailable", "Public API service is temporarily unavailable."),
    "gateway_timeout": (504, "gateway_timeout", "The request took too long."),
    "block_limit": (403, "restricted_resource", "This workspace has used up its blocks."),
}
"""Faults that answer with an error of Notion's and change nothing."""

SILENT: Final = ("timeout_before", "reset")
"""Faults that answer nothing and change nothing."""

COMMITTED: Final = ("committed_503", "timeout_after_commit", "reset_after_commit", "truncated_json")
"""Faults that do the work first and then hide the answer."""

KINDS: Final = (*REFUSALS, "bad_gateway", *SILENT, *COMMITTED)
"""All kinds; bad_gateway is a 502 with an HTML body and changes nothing."""


@dataclass(kw_only=True)
class Fault:
    """One planted fault.

    It concerns calls of `method` ("*": all) whose path or route fits the pattern `path`; of these it leaves out the
    first `skip`, takes every `every_nth`, with `probability` (drawn from `seed`), and ends after `times` hits.
    `seconds`: how long a time-out stays silent before the connection is dropped.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    times: int | None = None
    skip: int = 0
    every_nth: int = 1
    probability: float = 1.0
    seed: int = 0
    seconds: float = 30.0
    retry_after: int = 1
    reason: str = "public_api_request_rate_limit"
    seen: int = 0
    hits: int = 0
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind} is no fault; the kinds are {', '.join(KINDS)}.")
        if self.every_nth < 1:
            raise ValueError("every_nth counts from 1 (every call).")
        self._dice = random.Random(self.seed)

    def strikes(self, method: str, path: str, route: str) -> bool:
        """Whether this call is hit; counts it."""
        fits = fnmatchcase(path, self.path) or route == self.path
        if self.method not in ("*", method) or not fits or (self.times is not None and self.hits >= self.times):
            return False
        self.seen += 1
        place = self.seen - self.skip
        if place < 1 or place % self.every_nth or self._dice.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def refusal(self) -> NotionError:
        """The error of a kind in `REFUSALS`."""
        status, code, message = REFUSALS[self.kind]
        if self.kind == "rate_limited":
            return rate_limited(self.retry_after, self.reason)
        additional: Json | None = {"block_limit": 1000} if self.kind == "block_limit" else None
        headers = {"retry-after": str(self.retry_after)} if self.kind == "overload" else {}
        return NotionError(status, code, message, additional=additional, headers=headers)


def rate_limited(retry_after: int, reason: str = "public_api_request_rate_limit") -> NotionError:
    """429: seconds to wait in the header, and as a string in the body."""
    status, code, message = REFUSALS["rate_limited"]
    additional = {"rate_limit_reason": reason, "retry_after": str(retry_after)}
    return NotionError(status, code, message, additional=additional, headers={"retry-after": str(retry_after)})


def committed(answer: Json, resource: str | None) -> NotionError:
    """503 that says what was written nevertheless."""
    status, code, message = REFUSALS["unavailable"]
    additional: Json = {"retry_guidance": ["The write may have been committed: read the resource before repeating."]}
    if answer.get("object") == "list":
        additional["committed_resource_id"] = resource
        additional["committed_child_ids"] = [one["id"] for one in answer["results"]]
    else:
        additional["committed_resource_id"] = answer.get("id")
    return NotionError(status, code, message, additional=additional)
