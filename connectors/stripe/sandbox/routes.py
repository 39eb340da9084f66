"""Routes of the sandbox: a table from (method, path template) to what answers, and the reads that all kinds share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.stripe.sandbox.expand import Tree
from connectors.stripe.sandbox.params import ApiError, Json, Params, invalid
from connectors.stripe.sandbox.state import Account, Moment

PAGING = frozenset({"limit", "starting_after", "ending_before", "expand"})
_SELF = frozenset({"expand"})
Keep = Callable[[Json], bool]


@dataclass(slots=True)
class Call:
    """One request that is to be answered: who asks, for what ids, with which parameters."""

    account: Account
    moment: Moment
    params: Params
    ids: tuple[str, ...] = ()
    expand: Tree = field(default_factory=dict)
    idempotent: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    data: list[Json]
    has_more: bool
    url: str


@dataclass(frozen=True, slots=True)
class Raw:
    """JSON text that is ready to be sent."""

    text: str


Answer = Json | Page | Raw
Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """What answers a path, which permission a restricted key needs for it, and which parameters it takes."""

    method: str
    template: str
    handler: Handler
    permission: str
    params: frozenset[str]


class Routes:
    """All routes, found by walking the segments of a path."""

    def __init__(self) -> None:
        self.all: list[Route] = []
        self._tree: Json = {}

    def add(self, method: str, template: str, handler: Handler, permission: str, params: str = "") -> None:
        """Add a route. `params` are the names that it takes besides expand, separated by spaces."""
        route = Route(method, template, handler, permission, _SELF | frozenset(params.split()))
        self.all.append(route)
        node = self._tree
        for part in template.strip("/").split("/"):
            node = node.setdefault("*" if part.startswith("{") else part, {})
        node[f" {method}"] = route

    def find(self, method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
        """The route of a request and the ids in its path; None when Stripe has no such route."""
        node, ids = self._tree, list[str]()
        for part in path.strip("/").split("/"):
            below = node.get(part)
            if below is None:
                below = node.get("*")
                if below is None or not part:
                    return None, ()
                ids.append(part)
            node = below
        return node.get(f" {method}"), tuple(ids)

    def read(
        self,
        kind: str,
        path: str,
        permission: str,
        *,
        filters: dict[str, str] | None = None,
        keep: Callable[[Call], Keep | None] | None = None,
        more: str = "",
        ranges: tuple[str, ...] = ("created",),
    ) -> None:
        """Add the list and the retrieval of a kind.

        `filters`: parameter name to the field that must equal it. `keep`: a further test made from the call, whose
        parameters are named in `more`. `ranges`: time fields that take gt, gte, lt and lte.
        """
        equal = filters or {}

        def listing(call: Call) -> Answer:
            tests = [_equals(name, call.params) for name in equal.items() if name[0] in call.params]
            tests += [_within(name, call.params.range(name)) for name in ranges[1:] if name in call.params]
            own = keep(call) if keep else None
            tests += [own] if own else []
            return page(call, kind, path, _all(tests), created="created" in ranges)

        names = " ".join((*PAGING, *equal, *ranges, more))
        self.add("GET", path, listing, permission, names)
        self.add("GET", f"{path}/{{id}}", lambda call: call.account.find(kind, call.ids[0]), permission)


def _equals(pair: tuple[str, str], params: Params) -> Keep:
    name, key = pair
    wanted = params.text(name)
    flag = {"true": True, "false": False}.get(str(wanted).lower())
    return lambda row: row[key] == wanted or (flag is not None and row[key] is flag)


def _within(name: str, bounds: tuple[int, int]) -> Keep:
    low, high = bounds
    return lambda row: row[name] is not None and low <= row[name] <= high


def _all(tests: list[Keep]) -> Keep | None:
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)


def limit_of(params: Params) -> int:
    """The page size: 10 by default, 1 to 100."""
    limit = params.whole("limit", 10) or 0
    if not 1 <= limit <= 100:
        raise invalid(f"Invalid integer: {limit}. A page has 1 to 100 objects.", "limit", "parameter_invalid_integer")
    return limit


def page(call: Call, kind: str, path: str, keep: Keep | None = None, *, created: bool = True) -> Page:
    """A page of a kind as the call asks for it."""
    table, params = call.account.table(kind), call.params
    low, high = params.range("created") if created and "created" in params else (0, 2**62)
    after, before = params.text("starting_after"), params.text("ending_before")
    if after and before:
        raise invalid("You can give only one of these parameters: starting_after, ending_before.")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in table.keys:
            raise ApiError(400, f"No such {kind}: '{cursor}'", code="resource_missing", param=name)
    data, more = table.page(
        limit=limit_of(params),
        low=low,
        high=high,
        after=table.keys[after] if after else None,
        before=table.keys[before] if before else None,
        keep=keep,
    )
    return Page(data, more, path)


def part_of(call: Call, rows: list[Json], url: str) -> Page:
    """A page over a list that lies inside another object, in its own order."""
    ids = [row["id"] for row in rows]
    after, before = call.params.text("starting_after"), call.params.text("ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in ids:
            raise ApiError(400, f"No such object: '{cursor}'", code="resource_missing", param=name)
    limit = limit_of(call.params)
    if before:
        stop = ids.index(before)
        return Page(rows[max(0, stop - limit) : stop], stop > limit, url)
    start = ids.index(after) + 1 if after else 0
    return Page(rows[start : start + limit], len(rows) > start + limit, url)
