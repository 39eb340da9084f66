"""How Asana is spoken to: requests taken apart, answers in their envelope, refusals, pages."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from connectors.asana.sandbox import shapes
from hub.sandbox import Answer

HELP = "For more information on API status codes and how to handle them, read the docs on errors: https://developers.asana.com/docs/errors"
JSON = {"content-type": "application/json; charset=utf-8"}


class ApiError(Exception):
    """A refusal: status, message, and what stands beside `errors`."""

    def __init__(self, status: int, message: str, **beside: Any) -> None:
        super().__init__(message)
        self.status = status
        self.beside = beside

    @property
    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        return refusal(self.status, str(self), **self.beside)


def refusal(status: int, message: str, headers: dict[str, str] | None = None, **beside: Any) -> Answer:
    """An error body."""
    error = {"message": message, "help": HELP}
    if status >= 500:
        error["phrase"] = "6 sad squid snuggle softly"
    return Answer(status, json.dumps({"errors": [error], **beside}).encode(), {**JSON, **(headers or {})})


def unknown(what: str, gid: str) -> ApiError:
    """404 for an id that is not there, or that the key may not see."""
    return ApiError(404, f"{what}: Unknown object: {gid}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: who asks, the gids of its path, its parameters, and `data` of its body."""

    user: str
    workspaces: tuple[str, ...]
    path: str
    gids: tuple[str, ...]
    params: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)

    def need(self, name: str) -> str:
        """A parameter that must be there."""
        if not self.params.get(name):
            raise ApiError(400, f"{name}: Missing input")
        return self.params[name]

    def given(self, name: str) -> Any:
        """A part of the body that must be there."""
        if self.body.get(name) in (None, ""):
            raise ApiError(400, f"{name}: Missing input")
        return self.body[name]

    def known(self, *names: str) -> None:
        """Refuse parts of the body that this call does not take."""
        for name in self.body:
            if name not in names:
                raise ApiError(400, f"{name}: Unrecognized parameter")


Handler: TypeAlias = Callable[[Any, Asked], Answer]


def one(asked: Asked, found: dict[str, Any], status: int = 200, **beside: Any) -> Answer:
    """A record in its envelope."""
    return answer({"data": shapes.shown(found, asked.params.get("opt_fields"), listed=False), **beside}, status)


def empty() -> Answer:
    """What calls answer that have nothing to say."""
    return answer({"data": {}})


def many(
    asked: Asked,
    rows: Sequence[dict[str, Any]],
    *,
    pages: bool = True,
    whole: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Answer:
    """A list: whole, without `next_page`, unless `limit` is sent. `whole`: the row that is shown for one of `rows`."""
    fields = asked.params.get("opt_fields")
    if "limit" not in asked.params or not pages:
        return answer({"data": [shapes.shown(whole(row), fields, listed=True) for row in rows]})
    limit = asked.params["limit"]
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise ApiError(400, "limit: Must be between 1 and 100 inclusive.")
    start = 0
    if offset := asked.params.get("offset"):
        after = [number for number, row in enumerate(rows) if offset == f"eyJ{row['gid']}"]
        if not after:
            raise ApiError(400, "offset: Your pagination token has expired.")
        start = after[0] + 1
    shown = rows[start : start + int(limit)]
    following = None
    if start + int(limit) < len(rows):
        token = f"eyJ{shown[-1]['gid']}"
        path = f"{asked.path}?limit={limit}&offset={token}"
        following = {"offset": token, "path": path, "uri": f"https://app.asana.com/api/1.0{path}"}
    return answer({"data": [shapes.shown(whole(row), fields, listed=True) for row in shown], "next_page": following})


def answer(body: dict[str, Any], status: int = 200) -> Answer:
    """Any JSON."""
    return Answer(status, json.dumps(body).encode(), dict(JSON))
