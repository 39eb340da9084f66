"""GET /healthz, /readyz, /status: for a watchdog, for the OBM's browser, and for whoever builds on them."""

from __future__ import annotations

import hmac
import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response, Security
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, SecretStr

from hub.core.errors import HubError
from hub.engine.receivers import HubView
from hub.engine.status import WEB, status, worker_reasons
from hub.engine.status_models import BusinessStatus, HubStatus, WorkerStatus
from hub.store import workers
from hub.store.database import Store
from hub.web import pages
from hub.web.problems import Problem, ProblemError

_REMEMBERED = timedelta(seconds=1)
"""How long an answer of /readyz stands, because each new one writes to the disk and anybody may ask."""
_BEARER = HTTPBearer(auto_error=False, description="The value of HUB_STATUS_KEY.")
_QUERY = APIKeyQuery(name="key", auto_error=False, description="The same key, for a browser.")


class Health(BaseModel):
    up: bool = True


class Ready(BaseModel):
    ready: bool
    reasons: list[str]


class _Readiness:
    """Whether the database takes a write, and whether a worker is alive."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._owner = f"{socket.gethostname()}:{os.getpid()}:web"
        self._lock = threading.Lock()
        self._answer: tuple[datetime, Ready] | None = None

    def __call__(self) -> Ready:
        with self._lock:
            now = self._now()
            if self._answer is None or not timedelta(0) <= now - self._answer[0] < _REMEMBERED:
                reasons = self._reasons(now)
                self._answer = now, Ready(ready=not reasons, reasons=reasons)
            return self._answer[1]

    def _reasons(self, now: datetime) -> list[str]:
        try:
            with self._store.write() as conn:
                workers.beat(conn, self._owner, WEB, now)
                beats = workers.beats(conn)
        except HubError as error:
            return [str(error)]
        alive = [WorkerStatus(owner=o, kind=kind, last_heartbeat=at, started_at=since) for o, kind, at, since in beats]
        return [reason.text for reason in worker_reasons(alive, now)]


def router(store: Store, hub: HubView, status_key: SecretStr, now: Callable[[], datetime]) -> APIRouter:
    """The routes, bound to what they speak of."""
    ready = _Readiness(store, now)
    routes = APIRouter()
    locked = APIRouter(
        dependencies=[Depends(_lock(status_key.get_secret_value()))],
        responses={401: {"model": Problem}, 503: {"model": Problem}},
    )

    @routes.get("/healthz", summary="The process is up")
    def healthz() -> Health:
        return Health()

    @routes.get("/readyz", summary="The database takes writes and a worker is alive", responses={503: {"model": Ready}})
    def readyz(response: Response) -> Ready:
        answer = ready()
        response.status_code = 200 if answer.ready else 503
        return answer

    @locked.get("/status", response_model=HubStatus, summary="Every business")
    def all_businesses(accept: Annotated[str, Header()] = "") -> Response:
        report = status(store, hub.businesses, now(), hub.faults)
        return _answer(report, accept, lambda: pages.status(report, report.businesses))

    @locked.get(
        "/status/{business}",
        response_model=BusinessStatus,
        summary="One business",
        responses={404: {"model": Problem}},
    )
    def one_business(business: str, accept: Annotated[str, Header()] = "") -> Response:
        known = {one.business: one for one in hub.businesses}
        if business not in known:
            raise ProblemError(
                404,
                f"There is no business {business!r}.",
                where="/status/{business}",
                todo=_one_of(sorted(known)),
            )
        report = status(store, [known[business]], now())
        return _answer(report.businesses[0], accept, lambda: pages.status(report, report.businesses))

    routes.include_router(locked)
    return routes


def _answer(report: BaseModel, accept: str, as_page: Callable[[], str]) -> Response:
    if "text/html" in accept:
        return pages.page("Hub: status", as_page())
    return JSONResponse(report.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


def _lock(key: str) -> Callable[..., None]:
    expected = key.encode()

    def check(
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
        query: Annotated[str | None, Security(_QUERY)],
    ) -> None:
        given = (bearer.credentials if bearer else query or "").encode()
        if not expected or not hmac.compare_digest(given, expected):
            raise ProblemError(
                401,
                "The status needs its key." if expected else "The status is shut: it has no key yet.",
                where="/status",
                todo="Send the header `Authorization: Bearer KEY`, or add ?key=KEY to the address. "
                "KEY is the value of HUB_STATUS_KEY in the hub's environment.",
                headers={"WWW-Authenticate": "Bearer"},
            )

    return check


def _one_of(names: Sequence[str]) -> str:
    return f"There are: {', '.join(names)}." if names else "No business is configured yet: see mappings/."
