"""The sandbox from outside: what a person does in Notion, what breaks, what was seen. See `sandbox` for the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from connectors.notion.sandbox.errors import Json
from connectors.notion.sandbox.faults import Fault
from connectors.notion.sandbox.http import Api
from connectors.notion.sandbox.meter import Meter, Seen
from connectors.notion.sandbox.objects import NEWEST, page_json, title_of
from connectors.notion.sandbox.person import PersonControls
from connectors.notion.sandbox.plain import page_text
from connectors.notion.sandbox.plan import Plan
from connectors.notion.sandbox.richtext import text as rich_text
from connectors.notion.sandbox.show import rows_of, simple
from connectors.notion.sandbox.state import Caller, DataSource, Page, Person, State, new_id
from connectors.notion.sandbox.webhooks import Webhooks

TOKEN = "ntn_sandbox"
WORKSPACE = "Sandbox"
_MISSING: Any = object()


class NotionSandbox(PersonControls):
    """Every control; each is also POST /_sandbox/<name> with its arguments as a JSON object."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.state = State(now)
        self.meter = Meter()
        self.faults: list[Fault] = []
        self.api = Api(self.state, self.meter, self.faults)
        self.webhooks = Webhooks(self.state)
        self.zone = ZoneInfo("UTC")
        self.add_token(TOKEN)

    # Workspaces, tokens, sharing

    def add_token(self, token: str, workspace: str = WORKSPACE, name: str = "Hub") -> str:
        """Register a connection of a workspace (made when new); it sees what is shared later. Its bot's user id."""
        with self.state.lock:
            known = self.state.bots.get(token)
            if known is None:
                place = self.state.workspace(workspace)
                known = Caller(id=new_id(), name=name, kind="bot", workspace=place, shared=set())
                self.state.bots[token] = known
            return known.id

    def add_person(self, name: str, email: str, workspace: str = WORKSPACE) -> str:
        """Somebody more in a workspace, be it of a name that is there already. Her user id."""
        with self.state.lock:
            made = Person(id=new_id(), name=name, email=email)
            self.state.workspace(workspace).people[made.id] = made
            return made.id

    def allow(self, users: Literal["emails", "names", "none"], comments: bool, token: str = TOKEN) -> None:
        """Give a connection its capabilities: what it sees of people, and whether it sees and makes comments."""
        with self.state.lock:
            if users not in ("emails", "names", "none"):
                raise ValueError(f"{users} is none of emails, names, none.")
            bot = self.state.bots[token]
            bot.users, bot.comments = users, comments

    def share_page(self, title: str, workspace: str = WORKSPACE) -> str:
        """The empty top page that a person makes and shares with every connection of the workspace. Its id."""
        with self.state.lock:
            place = self.state.workspace(workspace)
            person = self.state.person("Lila", place)
            page = Page(
                values={"title": rich_text(title)},
                **self.state.stamp(None, person),
            )
            self.state.things[page.id] = page
            self.share_again(page.id)
            return page.id

    def share_again(self, page_id: str) -> None:
        """Share a top page (again) with every connection of its workspace."""
        self._share(page_id, shared=True)

    def unshare_page(self, page_id: str) -> None:
        """Take a top page, and all below it, away from every connection: calls answer 404 from now on."""
        self._share(page_id, shared=False)

    def _share(self, page_id: str, *, shared: bool) -> None:
        with self.state.lock:
            page = self.state.get(page_id, Page)
            for bot in self.state.bots.values():
                if bot.workspace.id == page.workspace and bot.shared is not None:
                    (bot.shared.add if shared else bot.shared.discard)(page.id)

    # What breaks

    def fault(self, kind: str, **options: Any) -> None:
        """Plant a fault; the kinds and options are those of `faults.Fault`."""
        with self.state.lock:
            self.faults.append(Fault(kind=kind, **options))

    def clear_faults(self) -> None:
        with self.state.lock:
            self.faults.clear()

    def settings(
        self,
        *,
        rate_limit: int | None = _MISSING,
        rate_window: float = _MISSING,
        latency: float = _MISSING,
        max_query_results: int = _MISSING,
        search_lag: float = _MISSING,
        template_lag: float = _MISSING,
        time_zone: str = _MISSING,
    ) -> Json:
        """Change some settings; all of them as they are now. `rate_limit` None: no limit. Seconds everywhere."""
        with self.state.lock:
            if rate_limit is not _MISSING:
                self.meter.limit = rate_limit
            if rate_window is not _MISSING:
                self.meter.seconds = rate_window
            if latency is not _MISSING:
                self.api.latency = latency
            if max_query_results is not _MISSING:
                self.state.max_query_results = max_query_results
            if search_lag is not _MISSING:
                self.state.search_lag = search_lag
            if template_lag is not _MISSING:
                self.state.template_lag = template_lag
            if time_zone is not _MISSING:
                self.zone = ZoneInfo(time_zone)
            return {
                "rate_limit": self.meter.limit,
                "rate_window": self.meter.seconds,
                "latency": self.api.latency,
                "max_query_results": self.state.max_query_results,
                "search_lag": self.state.search_lag,
                "template_lag": self.state.template_lag,
                "time_zone": self.zone.key,
            }

    def plan(
        self, blocks: int | None = None, charts: int | None = None, views: bool = True, uploads: bool = True
    ) -> Json:
        """What the workspaces' plans allow from now on, as `plan.Plan` says it, and how many blocks each has made."""
        with self.state.lock:
            plan = self.state.plan
            plan.block_limit, plan.chart_limit, plan.views, plan.uploads = blocks, charts, views, uploads
            return {place.name: plan.made[place.id] for place in self.state.workspaces.values()}

    # Webhooks

    def subscribe(
        self,
        url: str,
        workspace: str = WORKSPACE,
        api_version: str = NEWEST,
        types: Iterable[str] | None = None,
        aggregated: bool = True,
    ) -> Json:
        """A person makes a webhook in Notion's settings; its verification is sent. {"id", "token"}; then `confirm`."""
        place, wanted = self.state.workspace(workspace), None if types is None else frozenset(types)
        made = self.webhooks.subscribe(url, place, api_version, wanted, aggregated=aggregated)
        return {"id": made.id, "token": made.token}

    def resend_token(self, subscription_id: str) -> int | None:
        """Send the verification request again. The status that came back; None: no answer."""
        return self.webhooks.verify(self.webhooks.subscriptions[subscription_id])

    def confirm(self, subscription_id: str, token: str) -> bool:
        """The person pastes the token into Notion's settings; the right one starts the events."""
        with self.state.lock:
            subscription = self.webhooks.subscriptions[subscription_id]
            subscription.active = subscription.active or subscription.token == token
            return subscription.active

    def unsubscribe(self, subscription_id: str) -> None:
        with self.state.lock:
            del self.webhooks.subscriptions[subscription_id]

    def deliver_webhooks(self, copies: int = 1, shuffle_seed: int | None = None, drop: bool = False) -> list[Json]:
        """Send what waits (see `webhooks.Webhooks.deliver`); one line per request sent."""
        with self.state.lock:
            self.state.later.settle()
        return self.webhooks.deliver(copies=copies, shuffle_seed=shuffle_seed, drop=drop)

    def deliver_webhooks_every(self, seconds: float | None) -> None:
        """Deliver from a thread every so many seconds; None stops it."""
        self.webhooks.every(seconds)

    def waiting_webhooks(self) -> list[Json]:
        """The events that wait to be delivered, oldest first within a subscription."""
        with self.state.lock:
            self.state.later.settle()
            return [dict(event) for one in self.webhooks.subscriptions.values() for event in one.queue]

    # What was seen

    @property
    def requests(self) -> list[Seen]:
        """The log of calls, oldest first (the last 50,000)."""
        with self.state.lock:
            return list(self.meter.requests)

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """How often each (method, route template) was called."""
        with self.state.lock:
            return Counter(self.meter.calls)

    def stats(self) -> Json:
        """{"calls": {"PATCH /v1/pages/{page_id}": n}, "total", "writes", "highest_window", "rate_limited", "faults"}"""
        with self.state.lock:
            calls = self.meter.calls
            reads = ("/v1/search", "/v1/data_sources/{data_source_id}/query")
            return {
                "calls": {f"{method} {route}": count for (method, route), count in sorted(calls.items())},
                "total": calls.total(),
                "writes": sum(n for (method, route), n in calls.items() if method != "GET" and route not in reads),
                "highest_window": self.meter.highest_window,
                "rate_limited": self.meter.rate_limited,
                "faults": [{"kind": one.kind, "seen": one.seen, "hits": one.hits} for one in self.faults],
            }

    def log(self, method: str | None = None, route: str | None = None, last: int = 1000) -> list[Json]:
        """The calls of a method and route template, as JSON; status null: not answered."""
        with self.state.lock:
            wanted = [one for one in self.meter.requests if method in (None, one.method) and route in (None, one.route)]
            return [one.as_json() for one in wanted[-last:]]

    def reset_counters(self) -> None:
        """Forget the log, the counters and the rate window."""
        with self.state.lock:
            self.meter.reset()

    def wipe(self) -> None:
        """Forget every page, database, comment, fault, subscription and count; tokens and people stay."""
        with self.state.lock:
            self.webhooks.every(None)
            self.webhooks.subscriptions.clear()
            self.faults.clear()
            self.meter.reset()
            self.state.things.clear()
            self.state.cursors.clear()
            self.state.later.clear()
            self.state.plan = Plan()
            for bot in self.state.bots.values():
                bot.shared = set()
                bot.users, bot.comments = "emails", True

    # What stands there

    def page(self, page_id: str) -> Json:
        """A page or row as GET /pages/{id} answers it in the newest version, without being counted."""
        with self.state.lock:
            self.state.later.settle()
            return page_json(self.state, self.state.get(page_id, Page), NEWEST)

    def tables(self, workspace: str = WORKSPACE) -> list[Json]:
        """The data sources of a workspace that are not in the trash: {"id", "database_id", "title", "rows"}."""
        with self.state.lock:
            place = self.state.workspace(workspace)
            return [
                {
                    "id": one.id,
                    "database_id": one.database,
                    "title": title_of(one),
                    "rows": len(rows_of(self.state, one)),
                }
                for one in self.state.things.values()
                if isinstance(one, DataSource)
                and one.workspace == place.id
                and not (one.trashed or any(up.trashed for up in self.state.above(one)))
            ]

    def rows(self, data_source: str, workspace: str = WORKSPACE) -> list[Json]:
        """The living rows of a data source (by id or title), oldest first: {"id": …, property name: plain value}."""
        with self.state.lock:
            self.state.later.settle()
            known = self.tables(workspace)
            key = next((one["id"] for one in known if data_source == one["title"]), data_source)
            source = self.state.get(key, DataSource)
            return [
                {"id": row.id, **{prop.name: simple(row, prop) for prop in source.properties.values()}}
                for row in rows_of(self.state, source)
            ]

    def text(self, page_id: str) -> str:
        """A page as plain text for a terminal."""
        with self.state.lock:
            self.state.later.settle()
            return page_text(self.state, self.state.get(page_id, Page), self.zone)
