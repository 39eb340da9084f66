"""Events: what changed, kept 30 days, in the shape of the account's version and of each endpoint's.

An event older than 30 days can be read by nobody, so a history does not make it.
"""

from datetime import UTC, datetime
from fnmatch import fnmatchcase

from connectors.stripe.sandbox.old_shapes import old_shape
from connectors.stripe.sandbox.params import Json, missing
from connectors.stripe.sandbox.state import Account, Moment, dumps, is_old, shown

KEPT_SECONDS = 30 * 86_400
_RELATED = {
    "subscription": "subscriptions",
    "checkout.session": "checkout/sessions",
    "balance": "balance",
}


def record(account: Account, moment: Moment, kind: str, row: Json, previous: Json | None = None) -> str | None:
    """Make the event `kind` of `row` as it is now and hand it to the endpoints that want it; its id."""
    if not moment.deliver and moment.at < account.now() - KEPT_SECONDS:
        return None
    targets = endpoints_for(account, kind) if moment.deliver else []
    event: Json = {
        "id": account.new_id("evt_"),
        "object": "event",
        "api_version": account.api_version,
        "created": moment.at,
        "livemode": account.livemode,
        "pending_webhooks": len(targets),
        "request": {"id": moment.request_id, "idempotency_key": moment.idempotency_key},
        "type": kind,
    }
    olds = {is_old(str(account.api_version)), *(is_old(_version(target)) for target in targets)}
    versions: Json = {}
    for old in olds:
        state = old_shape(account, shown(row)) if old else shown(row)
        told = old_shape(account, previous) if old else previous
        versions["old" if old else "new"] = dumps(state), dumps(told) if previous is not None else None
    account.snapshots[event["id"]] = versions
    account.hidden[event["id"]] = {"targets": [target["id"] for target in targets], "thin": None, "row": _related(row)}
    account.add(event)
    if targets and account.on_event is not None:
        account.on_event(account, event)
    return str(event["id"])


def endpoints_for(account: Account, kind: str) -> list[Json]:
    """The enabled webhook endpoints and event destinations that asked for events of this type."""
    found = [
        endpoint
        for endpoint in account.rows("webhook_endpoint").values()
        if endpoint["status"] == "enabled" and _wants(endpoint["enabled_events"], kind)
    ]
    for target in account.rows("v2.core.event_destination").values():
        wanted = f"v1.{kind}" if target["event_payload"] == "thin" else kind
        if target["status"] == "enabled" and _wants(target["enabled_events"], wanted):
            found.append(target)
    return found


def _wants(enabled: list[str], kind: str) -> bool:
    return any(pattern in ("*", kind) or fnmatchcase(kind, pattern) for pattern in enabled)


def _version(endpoint: Json) -> str:
    """The version an endpoint gets: its own; the account's where it has none is in the event already."""
    return str(endpoint.get("api_version") or endpoint.get("snapshot_api_version") or "9999")


def _related(row: Json) -> Json:
    kind, object_id = row["object"], str(row.get("id") or "")
    folder = _RELATED.get(kind, kind.replace(".", "/") + "s")
    return {"id": object_id, "type": kind, "url": f"/v1/{folder}/{object_id}" if object_id else f"/v1/{folder}"}


def render(account: Account, event: Json, endpoint: Json | None = None) -> str:
    """The event as JSON text: for an endpoint in its own version, without one in the account's."""
    version = event["api_version"]
    if endpoint is not None:
        version = endpoint.get("api_version") or endpoint.get("snapshot_api_version") or version
    versions = account.snapshots[event["id"]]
    name = "old" if is_old(str(version)) else "new"
    state, previous = versions.get(name) or next(iter(versions.values()))
    head = dumps({**event, "api_version": version})
    tail = f',"previous_attributes":{previous}' if previous is not None else ""
    return f'{head[:-1]},"data":{{"object":{state}{tail}}}}}'


def thin(account: Account, event: Json) -> Json:
    """The thin event of a snapshot event, as GET /v2/core/events/{id} answers it; made once."""
    about = account.hidden[event["id"]]
    if about["thin"] is None:
        about["thin"] = account.new_id("evt_test_65", 22)
        account.hidden[str(about["thin"])] = {"snapshot": event["id"]}
    request = event["request"]
    reason = None
    if request["id"]:
        made_by = {"id": request["id"], "idempotency_key": request["idempotency_key"] or ""}
        reason = {"request": made_by, "type": "request"}
    return {
        "id": about["thin"],
        "object": "v2.core.event",
        "changes": None,
        "context": None,
        "created": iso(event["created"]),
        "livemode": event["livemode"],
        "reason": reason,
        "related_object": about["row"],
        "snapshot_event": event["id"],
        "type": f"v1.{event['type']}",
    }


def thin_by_id(account: Account, event_id: str) -> Json:
    """A thin event by its own id; ApiError 404 when there is none."""
    snapshot = account.hidden.get(event_id, {}).get("snapshot")
    if snapshot is None:
        raise missing("event", event_id)
    return thin(account, account.get("event", snapshot))


def visible(account: Account, event_id: str) -> Json:
    """An event by id that is not older than 30 days; ApiError 404 otherwise."""
    event = account.get("event", event_id)
    if event["created"] < account.now() - KEPT_SECONDS:
        raise missing("event", event_id)
    return event


def iso(at: int) -> str:
    """A time as v2 writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
