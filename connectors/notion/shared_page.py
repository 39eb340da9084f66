"""The page that was shared with the hub: found by id, address or title, or because it is the only one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.notion import texts
from connectors.notion.client import NotionClient
from connectors.notion.failures import SHARE, Missing, Refused
from hub.core.errors import ConfigError

_ID = re.compile(r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$", re.IGNORECASE)
_ADDRESS = re.compile(r"^(https?://|(app|www)\.notion\.)", re.IGNORECASE)
LISTED = 15
"""A message lists at most so many pages."""


@dataclass(frozen=True, slots=True)
class SharedPage:
    id: str
    title: str


def resolve(client: NotionClient, wanted: str | None) -> SharedPage:
    """The one page that `wanted` names; without a name, the only top-level page that the key sees.

    ConfigError, with the pages that the key sees, when there is none or more than one.
    """
    if wanted is None:
        return _only(client)
    page_id = id_in(wanted)
    return _by_id(client, page_id, wanted) if page_id else _by_title(client, wanted.strip())


def id_in(text: str) -> str | None:
    """The dashed page id of an id or a Notion address; None for a title. ConfigError for an address without an id."""
    path = re.split(r"[?#]", text.strip())[0].rstrip("/")
    found = _ID.search(path)
    if _ADDRESS.match(path):
        if found is None:
            raise ConfigError(f"The address {text} holds no page id. Copy it in Notion with ••• > Copy link.")
        return "-".join(found.groups()).lower()
    return "-".join(found.groups()).lower() if found and found.start() == 0 else None


def _by_id(client: NotionClient, page_id: str, wanted: str) -> SharedPage:
    try:
        page = client.page(page_id)
    except (Missing, Refused) as error:
        seen = _listed(_pages(client))
        raise ConfigError(f"The page {wanted} is not shared with the hub. {SHARE} Pages it sees: {seen}") from error
    if page.get("in_trash"):
        raise ConfigError(f'The page "{texts.title_of(page)}" ({wanted}) is in Notion\'s trash: restore it.')
    return SharedPage(page["id"], texts.title_of(page))


def _by_title(client: NotionClient, title: str) -> SharedPage:
    fits = [page for page in _pages(client, title) if texts.title_of(page).strip() == title]
    if len(fits) == 1:
        return SharedPage(fits[0]["id"], title)
    if fits:
        raise ConfigError(
            f'{len(fits)} pages that the hub sees are called "{title}". Give `page` the address of one of them: '
            f"{_listed(fits)}"
        )
    raise ConfigError(
        f'The hub sees no page called "{title}". {SHARE} If it was shared a minute ago, give `page` its address. '
        f"Pages it sees: {_listed(_pages(client))}"
    )


def _only(client: NotionClient) -> SharedPage:
    seen = [thing for thing in client.search() if not thing.get("in_trash")]
    top = top_pages(seen)
    if len(top) == 1:
        return SharedPage(top[0]["id"], texts.title_of(top[0]))
    if top:
        raise ConfigError(
            f"{len(top)} pages are shared with the hub. Name one as `page` of this connection in business.yaml: "
            f"{_listed(top)}"
        )
    raise ConfigError(f"No page is shared with the hub. {SHARE} Pages it sees: {_listed(_of_pages(seen))}")


def top_pages(seen: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the pages and data sources that a key sees: the pages that were shared themselves."""
    inner = {thing["id"] for thing in seen} | {_parent(thing) for thing in seen if thing["object"] == "data_source"}
    # A page in a column or a toggle names that block as its parent; the page around it is what was shared.
    return [
        page for page in _of_pages(seen) if _parent(page) not in inner - {None} and page["parent"]["type"] != "block_id"
    ]


def _of_pages(seen: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [thing for thing in seen if thing["object"] == "page"]


def _parent(thing: dict[str, Any]) -> str | None:
    parent = thing.get("parent") or {}
    found = parent.get(parent.get("type", ""))
    return found if isinstance(found, str) else None


def _pages(client: NotionClient, title: str | None = None) -> list[dict[str, Any]]:
    return [page for page in client.search(title, only="page") if not page.get("in_trash")]


def _listed(pages: Iterable[dict[str, Any]]) -> str:
    lines = sorted(f'"{texts.title_of(page)}" ({page.get("url") or page["id"]})' for page in pages)
    more = f" and {len(lines) - LISTED} more" if len(lines) > LISTED else ""
    return (", ".join(lines[:LISTED]) or "none") + more
