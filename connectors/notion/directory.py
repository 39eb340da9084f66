"""What a Notion key can see, by the names that people know: databases, and the pages that were shared with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from connectors.notion import failures, rows, texts
from connectors.notion.client import Json, NotionClient
from connectors.notion.failures import Forbidden
from connectors.notion.shared_page import top_pages
from hub.core.types import Sight, Thing

PAGES = 1000
"""So many pages are looked at; rows are pages too, and a workspace may hold a hundred thousand."""
NO_NAME = "Untitled"


class NotionDirectory:
    """Looks at what one connection was given."""

    def __init__(self, client: NotionClient) -> None:
        self._client = client

    def look(self) -> Sight:
        """The connection and its workspace; every database, and the top pages. ConfigError when the key is none."""
        me = self._client.me()
        workspace = (me.get("bot") or {}).get("workspace_name") or "without a name"
        sources = [one for one in self._client.search(only="data_source") if not one.get("in_trash")]
        pages = list(islice(self._client.search(only="page"), PAGES + 1))
        living = [page for page in pages[:PAGES] if not page.get("in_trash")]
        titles = {page["id"]: texts.title_of(page) or NO_NAME for page in living}
        warnings = [*self._unseen(living), *_little(sources, living)]
        if len(pages) > PAGES:
            warnings.append(
                f"The hub sees more than {PAGES:,} pages; of the pages that are no databases, only the {PAGES:,} that "
                "were edited last were looked at."
            )
        things = [_database(one, titles) for one in sources]
        things += [
            Thing(kind="page", id=page["id"], name=titles[page["id"]], url=page.get("url"))
            for page in top_pages([*living, *sources])
        ]
        return Sight(
            account=f"{me.get('name') or 'Connection without a name'}, workspace {workspace}",
            things=sorted(things, key=lambda thing: (thing.kind, thing.name.casefold(), thing.id)),
            warnings=warnings,
        )

    def _unseen(self, pages: list[Json]) -> Iterator[str]:
        """What the connection may not see, as far as a call tells."""
        try:
            people = [user for user in self._client.users() if user.get("type") == "person"]
        except Forbidden:
            yield failures.lacks(failures.SEE_PEOPLE, "who people are")
        else:
            if people and not any(rows.who_of(one).get("email") for one in people):
                yield failures.lacks(failures.SEE_PEOPLE, "the e-mail addresses of people")
        if pages:
            try:
                next(self._client.comments(pages[0]["id"]), None)
            except Forbidden:
                yield failures.lacks(failures.SEE_COMMENTS, "comments")


def _little(sources: list[Json], pages: list[Json]) -> Iterator[str]:
    if not sources and not pages:
        yield f"Nothing is shared with the hub yet. {failures.SHARE} What lies below that page is shared with it."


def _database(found: Json, titles: dict[str, str]) -> Thing:
    above = found.get("database_parent") or {}
    return Thing(
        kind="database",
        id=found["id"],
        name=rows.table(found).name or NO_NAME,
        url=found.get("url"),
        inside=titles.get(above.get("page_id", "")),
    )
