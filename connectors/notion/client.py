"""The only file that talks to Notion: its official SDK, the rate limit, paging, retries of seconds. Errors end here.

Facts: https://developers.notion.com/reference/intro and https://developers.notion.com/reference/request-limits. The API
version is pinned; the SDK's own retries are off: it does not know 409, 502, 504 and 529 and cuts long waits short.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self, TypeAlias

import httpx
import notion_client
from notion_client.errors import HTTPResponseError, NotionClientErrorBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from connectors.notion import failures, rows
from connectors.notion.settings import NotionSettings
from hub.core.errors import HubError, TransientError
from hub.core.protocol import Context

API_VERSION = "2026-03-11"
WINDOW_SECONDS = 60.5  # Notion counts 60 s; the rest absorbs the jitter of the road between us
TIMEOUT_SECONDS = 65.0  # Notion gives up after 60 s and says 503
CONNECT_SECONDS = 10.0
ATTEMPTS = 4
PAUSES = (0.5, 1.0, 2.0)  # seconds before the second, third and fourth attempt
PAGE_SIZE = 100
CHUNK = 100  # blocks in one append

Json: TypeAlias = dict[str, Any]
How: TypeAlias = failures.How


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, failures.Soon) and error.limiter_waits:
        return 0.0
    return PAUSES[min(state.attempt_number, len(PAUSES)) - 1]


class NotionClient:
    """One connection to Notion. Every method may raise TransientError, ConfigError, or these RecordErrors:
    `failures.Missing` (HTTP 404) and `failures.Refused` (HTTP 400 and other refusals of one request).

    `sleep` waits between attempts; the waits of the rate limit happen in the limiter.
    """

    def __init__(
        self,
        settings: NotionSettings,
        context: Context,
        *,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limiter = context.limiter("notion", settings.calls_per_minute, WINDOW_SECONDS)
        self.now = context.now
        self._token = settings.api_key.get_secret_value()
        self._sleep = sleep
        self._http = httpx.Client(limits=httpx.Limits(max_connections=8, max_keepalive_connections=8))
        self._sdk = notion_client.Client(
            client=self._http,
            auth=self._token,
            base_url=settings.base_url.rstrip("/"),
            notion_version=API_VERSION,
            retry=False,
            logger=logging.getLogger("connectors.notion.sdk"),
            log_level=logging.CRITICAL,  # what it would log, our own errors say
        )
        # The SDK sets base_url, headers and one time limit for all phases on the client that it is given.
        self._http.timeout = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def me(self) -> Json:
        """The bot user that the key belongs to."""
        return self._call("read", "read its own user", self._sdk.users.me)

    def search(self, query: str | None = None, only: Literal["page", "data_source"] | None = None) -> Iterator[Json]:
        """Everything the key can see, of that title if given. Eventually consistent: for a person's choice only."""
        body: Json = {"query": query} if query else {}
        if only:
            body["filter"] = {"property": "object", "value": only}
        return self._list("search", lambda **page: self._sdk.search(**body, **page))

    def page(self, page_id: str) -> Json:
        return self._call("read", f"read page {page_id}", lambda: self._sdk.pages.retrieve(page_id))

    def users(self) -> Iterator[Json]:
        """The people and bots of the workspace; Notion leaves guests out."""
        return self._list("list the users", self._sdk.users.list)

    def user(self, user_id: str) -> Json:
        return self._call("read", f"read user {user_id}", lambda: self._sdk.users.retrieve(user_id))

    def comment(self, comment_id: str) -> Json:
        return self._call("read", f"read comment {comment_id}", lambda: self._sdk.comments.retrieve(comment_id))

    def comments(self, block_id: str) -> Iterator[Json]:
        """The open comments on one page or block."""
        return self._list(
            f"read the comments on {block_id}", lambda **page: self._sdk.comments.list(block_id=block_id, **page)
        )

    def create_page(self, parent: Json, properties: Json, template: str | None = None) -> Json:
        """One new page or row, filled later from a template where one is named. Never repeated blindly."""
        more = {"template": {"type": "template_id", "template_id": template}} if template else {}
        return self._call(
            "create", "create a page", lambda: self._sdk.pages.create(parent=parent, properties=properties, **more)
        )

    def update_page(self, page_id: str, **changes: Any) -> Json:
        """Set properties, or `in_trash`."""
        return self._call("repeat", f"update page {page_id}", lambda: self._sdk.pages.update(page_id, **changes))

    def property_items(self, page_id: str, property_id: str) -> Iterator[Json]:
        """All items of a long property; a page object lists only the first 25."""
        endpoint = self._sdk.pages.properties
        return self._list(
            f"read a property of page {page_id}", lambda **page: endpoint.retrieve(page_id, property_id, **page)
        )

    def database(self, database_id: str) -> Json:
        return self._call("read", f"read database {database_id}", lambda: self._sdk.databases.retrieve(database_id))

    def create_database(self, parent: Json, title: list[Json], properties: Json) -> Json:
        """A new database with one data source. Never repeated blindly."""
        return self._call(
            "create",
            "create a database",
            lambda: self._sdk.databases.create(
                parent=parent, title=title, initial_data_source={"properties": properties}
            ),
        )

    def data_source(self, data_source_id: str) -> Json:
        return self._call(
            "read", f"read data source {data_source_id}", lambda: self._sdk.data_sources.retrieve(data_source_id)
        )

    def add_properties(self, data_source_id: str, properties: Json) -> Json:
        """Adding a property that is there already, with the same type, changes nothing: safe to repeat."""
        return self._call(
            "repeat",
            f"add properties to data source {data_source_id}",
            lambda: self._sdk.data_sources.update(data_source_id, properties=properties),
        )

    def templates(self, data_source_id: str) -> Iterator[Json]:
        """The row templates of a data source: id, name, is_default."""
        endpoint = self._sdk.data_sources
        return self._list(
            f"list the templates of data source {data_source_id}",
            lambda **page: endpoint.list_templates(data_source_id, **page),
            "templates",
        )

    def oldest_rows(self, data_source_id: str, condition: Json) -> list[Json]:
        """The oldest rows that fit, at most 100. One call."""
        return list(self._query(data_source_id, filter=condition, page_size=PAGE_SIZE)["results"])

    def all_rows(self, data_source_id: str) -> Iterator[Json]:
        """Every row once, oldest first, or an error."""
        for page in self.row_pages(data_source_id):
            yield from page

    def row_pages(
        self, data_source_id: str, *, since: str | None = None, edited_since: str | None = None
    ) -> Iterator[list[Json]]:
        """Every row once, oldest first, in lists of at most 100; or an error. Times are Notion's own texts.

        `since`: rows made in that minute or later; `edited_since`: rows edited in that minute or later. Rows stand in
        the order in which they were made, which no edit changes, so none is passed over while people work.
        A query ends after 10,000 results and says so in `request_status`: the next query then starts at the minute in
        which the last row was made. More than 10,000 rows of one minute cannot be read: TransientError.
        """
        what = f"read the rows of data source {data_source_id}"
        seen: set[str] = set()
        while True:
            condition = rows.since(since, edited_since)
            status: Json = {}
            last: str | None = None
            for answer in self._answers(
                what, lambda condition=condition, **page: self._query(data_source_id, **condition, **page)
            ):
                status = answer.get("request_status") or status
                found = [row for row in answer["results"] if row.get("object") == "page" and row["id"] not in seen]
                seen.update(row["id"] for row in found)
                if found:
                    last = found[-1]["created_time"]
                    yield found
            if status.get("type") != "incomplete":
                return
            if status.get("incomplete_reason") != "query_result_limit_reached" or last in (None, since):
                raise TransientError(
                    f"Notion gave only a part of the rows of data source {data_source_id} "
                    f"({status.get('incomplete_reason', 'no reason given')}); nothing is concluded from such a read."
                )
            since = last

    def _query(self, data_source_id: str, **body: Any) -> Json:
        return self._call(
            "read",
            f"read the rows of data source {data_source_id}",
            lambda: self._sdk.data_sources.query(
                data_source_id, sorts=[{"timestamp": "created_time", "direction": "ascending"}], **body
            ),
        )

    def children(self, block_id: str) -> Iterator[Json]:
        """The blocks directly on a page or inside a block, in order."""
        endpoint = self._sdk.blocks.children
        return self._list(f"read the blocks of {block_id}", lambda **page: endpoint.list(block_id, **page))

    def append(self, block_id: str, blocks: Sequence[Mapping[str, Any]], after: str | None = None) -> list[Json]:
        """Add at most 100 blocks at the end, behind `after` or first of all (""); those. Never repeated blindly."""
        where = {"type": "after_block", "after_block": {"id": after}} if after else {"type": "start"}
        place = {} if after is None else {"position": where}
        answer = self._call(
            "create",
            f"add blocks to page {block_id}",
            lambda: self._sdk.blocks.children.append(block_id, children=list(blocks), **place),
        )
        made = answer.get("results", [])
        if len(made) != len(blocks):
            raise TransientError(
                f"Notion was asked to add {len(blocks)} blocks to page {block_id} and speaks of {len(made)}.",
                uncertain=True,
                committed=tuple(block["id"] for block in made),
            )
        return list(made)

    def block(self, block_id: str) -> Json:
        return self._call("read", f"read block {block_id}", lambda: self._sdk.blocks.retrieve(block_id))

    def update_block(self, block_id: str, content: Json) -> Json:
        return self._call("repeat", f"update block {block_id}", lambda: self._sdk.blocks.update(block_id, **content))

    def delete_block(self, block_id: str) -> Json:
        return self._call("repeat", f"delete block {block_id}", lambda: self._sdk.blocks.delete(block_id))

    def call(self, how: How, what: str, send: Callable[[notion_client.Client], Any]) -> Json:
        """One call of the SDK that has no method here; limited, repeated and its errors sorted like every other."""
        return self._call(how, what, lambda: send(self._sdk))

    def _list(self, what: str, call: Callable[..., Any], name: str = "results") -> Iterator[Json]:
        for answer in self._answers(what, lambda **page: self._call("read", what, lambda: call(**page)), name):
            yield from answer[name]

    def _answers(self, what: str, call: Callable[..., Json], name: str = "results") -> Iterator[Json]:
        """Each page of a list, to the end. One that loops or breaks off is a TransientError, never a shorter list."""
        cursors: set[str] = set()
        cursor: str | None = None
        while True:
            answer = call(page_size=PAGE_SIZE, **({"start_cursor": cursor} if cursor else {}))
            if not isinstance(answer.get(name), list):
                raise TransientError(f"Notion could not {what}: its answer holds no list.")
            yield answer
            if not answer.get("has_more"):
                return
            cursor = answer.get("next_cursor")
            if not cursor or cursor in cursors:
                raise TransientError(f"Notion could not {what}: it promises more but does not say where.")
            cursors.add(cursor)

    def _call(self, how: How, what: str, send: Callable[[], Any]) -> Json:
        retrying = Retrying(
            retry=retry_if_exception_type(failures.Soon),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        answer: Json = retrying(self._once, how, what, send)
        return answer

    def _once(self, how: How, what: str, send: Callable[[], Any]) -> Json:
        self._limiter.acquire()
        try:
            answer = send()
        except (NotionClientErrorBase, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise self._sorted(how, what, error) from error
        if not isinstance(answer, dict):
            raise failures.broken_answer(how, what)
        return answer

    def _sorted(self, how: How, what: str, error: Exception) -> HubError:
        if isinstance(error, HTTPResponseError):
            wait = failures.wait_asked(error, self.now())
            if wait is not None:
                self._limiter.hold(wait)
            return failures.of_answer(how, what, error, wait, self._token)
        return failures.of_road(how, what, error)
