"""The only file that talks to Lantern: key, rate limit, retries of seconds, errors. `hub.core.http` does the work."""

from __future__ import annotations

import httpx
from hub.core.http import Api, Provider
from hub.core.protocol import Context

from hub_lantern.settings import KEY_PAGE, LanternSettings

PAGE = 100


def open_api(settings: LanternSettings, context: Context) -> Api:
    """The calls to one account; close it at the end."""
    key = settings.api_key.get_secret_value()
    return Api(
        provider=Provider(title="Lantern", said=_said, key_help=f"Make a new key: {KEY_PAGE}."),
        base_url=settings.base_url,
        headers={"authorization": f"Bearer {key}"},
        limiters=(context.limiter("lantern", settings.calls_per_minute, 60.0),),
        secrets=(key,),
    )


def _said(response: httpx.Response) -> str:
    """The reason in an answer that is no success: {"error": "…"}, or anything at all from a proxy."""
    try:
        found = response.json()
    except ValueError:
        return response.text
    return str(found.get("error", "")) if isinstance(found, dict) else ""
