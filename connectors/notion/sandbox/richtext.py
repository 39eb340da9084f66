"""Rich text and dates: from a request into the form that Notion answers with, and into plain text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.notion.sandbox.errors import Json, a_bool, a_list, a_text, an_object, invalid, length, misfit, only
from connectors.notion.sandbox.state import Caller, Database, Page, State, canonical

_HUES = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
OPTION_COLORS = ("default", *_HUES)
COLORS = frozenset(OPTION_COLORS) | {f"{hue}_background" for hue in OPTION_COLORS}
_PLAIN = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}


def text(content: str) -> list[Json]:
    """Plain text as rich text; nothing for an empty string."""
    return [_item("text", {"content": content, "link": None}, content, None, {})] if content else []


def plain(rich: list[Json]) -> str:
    return "".join(item["plain_text"] for item in rich)


def parse(value: object, path: str, state: State, by: Caller) -> list[Json]:
    """A rich text array of a request. Raises 400: over 100 elements, over 2,000 characters, unknown keys or colours."""
    items = [_parse_item(item, f"{path}[{n}]", state, by) for n, item in enumerate(a_list(value, path))]
    return [item for item in items if item["plain_text"]]


def _parse_item(value: object, path: str, state: State, by: Caller) -> Json:
    item = an_object(value, path)
    only(item, ("type", "text", "mention", "equation", "annotations", "plain_text", "href"), path)
    kind = next((k for k in ("text", "mention", "equation") if k in item), None)
    if kind is None or item.get("type", kind) != kind:
        raise misfit(path, "hold `text`, `mention` or `equation`", value)
    annotations = _annotations(item.get("annotations", {}), f"{path}.annotations")
    inner = an_object(item[kind], f"{path}.{kind}")
    if kind == "text":
        return _text_item(inner, f"{path}.text", annotations)
    if kind == "equation":
        expression = a_text(inner.get("expression"), f"{path}.equation.expression", most=1000)
        return _item("equation", {"expression": expression}, expression, None, annotations)
    return _mention_item(inner, f"{path}.mention", annotations, state, by)


def _text_item(inner: Json, path: str, annotations: Json) -> Json:
    only(inner, ("content", "link"), path)
    content = inner.get("content")
    if not isinstance(content, str):
        raise misfit(f"{path}.content", "be a string", content)
    if length(content) > 2000:
        raise misfit(f"{path}.content.length", "be ≤ `2000`", length(content))
    link = inner.get("link")
    url = None if link is None else a_text(an_object(link, f"{path}.link").get("url"), f"{path}.link.url", most=2000)
    return _item("text", {"content": content, "link": {"url": url} if url else None}, content, url, annotations)


def _mention_item(inner: Json, path: str, annotations: Json, state: State, by: Caller) -> Json:
    kind = next((k for k in ("user", "page", "database", "date") if k in inner), None)
    if kind is None:
        raise misfit(path, "hold `user`, `page`, `database` or `date`", inner)
    if kind == "date":
        value = parse_date(inner["date"], f"{path}.date")
        return _item("mention", {"type": "date", "date": value}, value["start"], None, annotations)
    key = canonical(an_object(inner[kind], f"{path}.{kind}").get("id"))
    if kind == "user":
        person = by.workspace.people.get(str(key))
        if person is None:
            raise misfit(f"{path}.user.id", "be a user of this workspace", key)
        mention: Json = {"type": "user", "user": {"object": "user", "id": key}}
        return _item("mention", mention, f"@{person.name}", None, annotations)
    thing = state.things.get(str(key))
    title = ""
    if isinstance(thing, Page):
        title = plain(thing.values.get("title", []))
    elif isinstance(thing, Database):
        title = plain(thing.title)
    href = f"https://app.notion.com/p/{str(key).replace('-', '')}"
    return _item("mention", {"type": kind, kind: {"id": key}}, title or "Untitled", href, annotations)


def _item(kind: str, inner: Json, shown: str, href: str | None, annotations: Json) -> Json:
    return {"type": kind, kind: inner, "annotations": {**_PLAIN, **annotations}, "plain_text": shown, "href": href}


def _annotations(value: object, path: str) -> Json:
    given = an_object(value, path)
    only(given, _PLAIN, path)
    for key, flag in given.items():
        if key == "color":
            color(flag, f"{path}.color")
        else:
            a_bool(flag, f"{path}.{key}")
    return given


def color(value: object, path: str) -> str:
    if not isinstance(value, str) or value not in COLORS:
        raise misfit(path, "be one of Notion's colours", value)
    return value


def parse_date(value: object, path: str) -> Json:
    """A date value as Notion keeps it: a date stays a date; an instant gets an offset and loses its seconds."""
    given = an_object(value, path)
    only(given, ("start", "end", "time_zone"), path)
    zone = _zone(given.get("time_zone"), f"{path}.time_zone")
    start = _moment(a_text(given.get("start"), f"{path}.start", most=100), f"{path}.start", zone)
    end = given.get("end")
    if end is not None:
        end = _moment(a_text(end, f"{path}.end", most=100), f"{path}.end", zone)
        if as_instant(end) < as_instant(start):
            raise misfit(f"{path}.end", "not be before the start", end)
    return {"start": start, "end": end, "time_zone": given.get("time_zone")}


def _zone(value: object, path: str) -> ZoneInfo | None:
    if value is None:
        return None
    try:
        return ZoneInfo(a_text(value, path, most=100))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise misfit(path, "be an IANA time zone", value) from error


def _moment(value: str, path: str, zone: ZoneInfo | None) -> str:
    try:
        if len(value) == 10:
            return date.fromisoformat(value).isoformat()
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise misfit(path, "be a valid ISO 8601 date string", value) from error
    if zone is not None and instant.tzinfo is not None:
        raise invalid(f"body.{path} has an offset and a time_zone: send one of them.")
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=zone or UTC)
    return aware.replace(second=0, microsecond=0).isoformat(timespec="milliseconds")


def as_instant(value: str) -> datetime:
    """The first instant of a date (UTC), or the instant itself."""
    if len(value) == 10:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def icon(value: object, path: str) -> Json | None:
    """An icon of a request: an emoji or an external image; None takes it away."""
    if value is None:
        return None
    given = an_object(value, path)
    if "emoji" in given:
        emoji = a_text(given["emoji"], f"{path}.emoji", most=32)
        if emoji.isascii():
            raise misfit(f"{path}.emoji", "be an emoji", emoji)
        return {"type": "emoji", "emoji": emoji}
    return external(given, path)


def external(value: object, path: str) -> Json:
    """A file that lives elsewhere: {"external": {"url": …}}."""
    given = an_object(value, path)
    url: Any = an_object(given.get("external"), f"{path}.external").get("url")
    return {"type": "external", "external": {"url": a_text(url, f"{path}.external.url", most=2000)}}
