"""Routes of events, webhook endpoints and, under /v2, event destinations and thin events."""

import re

from connectors.stripe.sandbox.events import KEPT_SECONDS, iso, render, thin_by_id, visible
from connectors.stripe.sandbox.params import Json, Params, invalid
from connectors.stripe.sandbox.routes import Answer, Call, Raw, Routes, page
from connectors.stripe.sandbox.state import Account, dumps

MOST_ENDPOINTS = 16
VERSION = re.compile(r"20\d\d-\d\d-\d\d(\.(acacia|basil|clover|dahlia|endive|preview))?")


def add(routes: Routes) -> None:
    """Add the routes of this module."""
    names = "limit starting_after ending_before created delivery_success type types"
    routes.add("GET", "/v1/events", _events, "events", names)
    routes.add("GET", "/v1/events/{id}", _event, "events")
    routes.read("webhook_endpoint", "/v1/webhook_endpoints", "webhooks", ranges=())
    names = "api_version connect description enabled_events metadata url"
    routes.add("POST", "/v1/webhook_endpoints", _create_endpoint, "webhooks", names)
    names = "description disabled enabled_events metadata url"
    routes.add("POST", "/v1/webhook_endpoints/{id}", _update_endpoint, "webhooks", names)
    routes.add("DELETE", "/v1/webhook_endpoints/{id}", _delete_endpoint, "webhooks")
    path = "/v2/core/event_destinations"
    names = "amazon_eventbridge description enabled_events event_payload events_from include metadata name"
    names += " snapshot_api_version type webhook_endpoint"
    routes.add("POST", path, _create_destination, "webhooks", names)
    routes.add("GET", path, _destinations, "webhooks", "include limit")
    routes.add("GET", f"{path}/{{id}}", _destination, "webhooks", "include")
    routes.add("DELETE", f"{path}/{{id}}", _delete_destination, "webhooks")
    routes.add("POST", f"{path}/{{id}}/disable", lambda call: _switch(call, "disabled"), "webhooks")
    routes.add("POST", f"{path}/{{id}}/enable", lambda call: _switch(call, "enabled"), "webhooks")
    routes.add("GET", "/v2/core/events/{id}", lambda call: thin_by_id(call.account, call.ids[0]), "events")


def _events(call: Call) -> Answer:
    params, oldest = call.params, call.account.now() - KEPT_SECONDS
    kinds = set(params.values("types"))
    if "type" in params:
        if kinds:
            raise invalid("You can give only one of these parameters: type, types.", "types")
        kinds = {params.need("type")}
    exact = {kind for kind in kinds if not kind.endswith("*")}
    starts = tuple(kind[:-1] for kind in kinds - exact)
    sent = params.flag("delivery_success") if "delivery_success" in params else None

    def keep(row: Json) -> bool:
        kind = row["type"]
        return (
            row["created"] >= oldest
            and (not kinds or kind in exact or (bool(starts) and kind.startswith(starts)))
            and (sent is None or sent is (row["pending_webhooks"] == 0))
        )

    found = page(call, "event", "/v1/events", keep)
    data = ",".join(render(call.account, row) for row in found.data)
    return Raw(f'{{"object":"list","data":[{data}],"has_more":{dumps(found.has_more)},"url":"/v1/events"}}')


def _event(call: Call) -> Answer:
    return Raw(render(call.account, visible(call.account, call.ids[0])))


def new_secret(account: Account) -> str:
    """A signing secret."""
    return account.new_id("whsec_", 32)


def version_of(params: Params, name: str) -> str | None:
    """An API version given as a parameter; ApiError 400 when there is none such."""
    version = params.text(name)
    if version is not None and not VERSION.fullmatch(version):
        raise invalid(f"Invalid API version: {version}", name)
    return version


def _url(params: Params) -> str:
    url = params.need("url")
    if not url.startswith(("http://", "https://")):
        raise invalid(f"Invalid URL: {url}", params.name("url"), "url_invalid")
    return url


def _create_endpoint(call: Call) -> Answer:
    account, params = call.account, call.params
    events = params.values("enabled_events")
    if not events:
        raise invalid("Missing required param: enabled_events.", "enabled_events", "parameter_missing")
    if len(account.rows("webhook_endpoint")) >= MOST_ENDPOINTS:
        raise invalid(f"You have reached the maximum of {MOST_ENDPOINTS} webhook endpoints.")
    row: Json = {
        "id": account.new_id("we_"),
        "object": "webhook_endpoint",
        "api_version": version_of(params, "api_version"),
        "application": None,
        "created": call.moment.at,
        "description": params.text("description"),
        "enabled_events": events,
        "livemode": account.livemode,
        "metadata": params.merge_metadata(),
        "status": "enabled",
        "url": _url(params),
    }
    secret = new_secret(account)
    account.hidden[row["id"]] = {"secrets": [{"secret": secret, "until": None}], "url": row["url"]}
    account.add(row)
    return {**row, "secret": secret}


def _update_endpoint(call: Call) -> Answer:
    row, params = call.account.get("webhook_endpoint", call.ids[0]), call.params
    fields: Json = {"metadata": params.merge_metadata(row["metadata"])}
    if "enabled_events" in params:
        fields["enabled_events"] = params.values("enabled_events")
    if "description" in params:
        fields["description"] = params.text("description")
    if "disabled" in params:
        fields["status"] = "disabled" if params.flag("disabled") else "enabled"
    if "url" in params:
        fields["url"] = call.account.hidden[row["id"]]["url"] = _url(params)
    call.account.change(row, **fields)
    return row


def _delete_endpoint(call: Call) -> Answer:
    return call.account.drop(call.account.get("webhook_endpoint", call.ids[0]))


def _create_destination(call: Call) -> Answer:
    account, params = call.account, call.params
    params.require("name", "type", "event_payload")
    if params.text("type") != "webhook_endpoint":
        raise invalid("This sandbox delivers to webhook endpoints only: give type=webhook_endpoint.", "type")
    given = params.group("webhook_endpoint")
    payload = params.choice("event_payload", ("snapshot", "thin"))
    row: Json = {
        "id": account.new_id("we_test_"),
        "object": "v2.core.event_destination",
        "created": iso(call.moment.at),
        "description": params.text("description") or "",
        "enabled_events": params.values("enabled_events"),
        "event_payload": payload,
        "events_from": params.values("events_from") or ["self"],
        "livemode": account.livemode,
        "metadata": params.merge_metadata(),
        "name": params.need("name"),
        "snapshot_api_version": version_of(params, "snapshot_api_version") if payload == "snapshot" else None,
        "status": "enabled",
        "status_details": None,
        "type": "webhook_endpoint",
        "updated": iso(call.moment.at),
        "webhook_endpoint": None,
    }
    secrets = [{"secret": new_secret(account), "until": None}]
    account.hidden[row["id"]] = {"secrets": secrets, "url": _url(given)}
    account.add(row, call.moment.at)
    return _seen(account, row, params.values("include"))


def _seen(account: Account, row: Json, include: list[str]) -> Json:
    """The destination with its address and secret, each only where it is asked for."""
    about = account.hidden[row["id"]]
    known = {
        "webhook_endpoint.url": ("url", about["url"]),
        "webhook_endpoint.signing_secret": ("signing_secret", about["secrets"][-1]["secret"]),
    }
    asked = dict(known[name] for name in include if name in known)
    return {**row, "webhook_endpoint": asked or None}


def _destinations(call: Call) -> Answer:
    rows = call.account.table("v2.core.event_destination").oldest_first()[::-1]
    include = call.params.values("include")
    seen = [_seen(call.account, row, include) for row in rows]
    return {"data": seen, "next_page_url": None, "previous_page_url": None}


def _destination(call: Call) -> Answer:
    row = call.account.get("v2.core.event_destination", call.ids[0])
    return _seen(call.account, row, call.params.values("include"))


def _delete_destination(call: Call) -> Answer:
    return call.account.drop(call.account.get("v2.core.event_destination", call.ids[0]))


def _switch(call: Call, status: str) -> Answer:
    row = call.account.get("v2.core.event_destination", call.ids[0])
    details = {"disabled": {"reason": "user"}} if status == "disabled" else None
    call.account.change(row, status=status, status_details=details, updated=iso(call.moment.at))
    return _seen(call.account, row, [])
