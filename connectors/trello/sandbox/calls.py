"""One call as the routes see it: its values, wherever they were sent; and Trello's plain-text refusals."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from hub.sandbox import Answer

Json = dict[str, Any]
_ID = re.compile(r"[0-9a-f]{24}\Z")


class Refusal(Exception):
    """An answer that is no success, in plain text (or, with `error`, in JSON)."""

    def __init__(self, status: int, text: str, error: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.error = error

    def answer(self) -> Answer:
        """What goes out."""
        if self.error is None:
            return text_answer(self.status, self.text)
        body = json.dumps({"error": self.error, "message": self.text}).encode()
        return Answer(self.status, body, {"content-type": "application/json; charset=utf-8"})


def text_answer(status: int, text: str) -> Answer:
    """An answer in plain text."""
    return Answer(status, text.encode(), {"content-type": "text/plain; charset=utf-8"})


def values_of(query: str) -> dict[str, str]:
    """The parameters of a query string; the last of several wins."""
    return dict(parse_qsl(query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Ask:
    """A call: the parts of its path, its parameters (query and JSON body are one), and whose token it bears."""

    parts: tuple[str, ...]
    given: Json
    token: Json

    @property
    def member(self) -> str:
        """The id of the member whose token it is."""
        return str(self.token["idMember"])

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no."""
        value = self.given.get(name, default)
        if isinstance(value, bool):
            return value
        if str(value).lower() not in ("true", "false"):
            raise Refusal(400, f"invalid value for {name}")
        return str(value).lower() == "true"

    def text(self, name: str) -> str | None:
        """A text, None where it is not given or null."""
        value = self.given.get(name)
        return None if value is None else str(value)

    def need(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            raise Refusal(400, f"invalid value for {name}")
        return value

    def ids(self, name: str) -> list[str]:
        """A list of ids: a JSON array, or text with commas."""
        value = self.given.get(name) or []
        found = value.split(",") if isinstance(value, str) else [str(each) for each in value]
        if not all(_ID.match(each) for each in found):
            raise Refusal(400, f"invalid value for {name}")
        return found

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 0 to `most`."""
        text = str(self.given.get(name, default))
        if not text.isdigit() or int(text) > most:
            raise Refusal(400, f"invalid value for {name}")
        return int(text)


def thing(things: dict[str, Json], key: str) -> Json:
    """The thing of that id (or short link); 400 for what is no id, 404 for one that is not there."""
    if key in things:
        return things[key]
    short = next((each for each in things.values() if each.get("shortLink") == key), None)
    if short is not None:
        return short
    if not _ID.match(key):
        raise Refusal(400, "invalid id")
    raise Refusal(404, "The requested resource was not found.")
