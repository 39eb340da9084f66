"""Commands that keep running: `hub up` and its parts."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from flows.environment import HOST, prefect_environment, server_command, use
from hub.bootstrap import open_hub
from hub.cli.log import show_log
from hub.cli.opened import Say, opened
from hub.core.errors import ConfigError, HubError
from hub.engine.backfill import is_complete
from hub.engine.reload import Replaced, watching
from hub.settings import HubSettings, fernet_key, load_settings
from hub.supervise import Process, Supervisor, need_port

API_START_SECONDS = 60.0
PREFECT_START_SECONDS = 120.0


def processes(settings: HubSettings, *, first: bool) -> list[Process]:
    """The processes of `hub up`, in the order in which they start.

    `first`: the history was not read yet. Then the worker waits for Prefect, so that this is seen there.
    """
    data = Path(settings.data).absolute()
    environment = prefect_environment(data, settings.prefect_port, settings.prefect_api_url)
    use(environment)
    hub = (sys.executable, "-m", "hub")
    made = []
    if settings.prefect_api_url is None:
        made.append(
            Process(
                "Prefect",
                server_command(settings.prefect_port),
                environment,
                ready=f"http://{HOST}:{settings.prefect_port}/api/health",
                log=data / "prefect" / "server.log",
            )
        )
    made.append(Process("the API", (*hub, "api"), environment, ready=f"{address(settings)}/healthz"))
    after = "Prefect" if first and settings.prefect_api_url is None else None
    made.append(Process("the worker", (*hub, "worker"), environment, after=after))
    return made


def address(settings: HubSettings) -> str:
    """Where this machine reaches the API."""
    host = HOST if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  compared, not bound
    return f"http://{host}:{settings.port}"


def up(say: Say) -> None:
    """`hub up`."""
    settings = load_settings()
    supervisor = Supervisor(processes(settings, first=_ready_to_start(settings, say)), say)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stopping.set())
    try:
        supervisor.start()
        supervisor.wait_ready("the API", API_START_SECONDS)
        _say_unless(supervisor, say, f"The API listens:     {address(settings)}   (webhooks, /healthz, /status)")
        if settings.prefect_api_url is None:
            _say_unless(supervisor, say, "Prefect is starting; the first time, that takes about half a minute.")
            _wait_for_prefect(supervisor, settings, say)
        _say_unless(supervisor, say, "Running. Ctrl-C stops it.")
        supervisor.run()
    finally:
        say("Stopping …")
        supervisor.stop()
        say("Stopped.")


def _wait_for_prefect(supervisor: Supervisor, settings: HubSettings, say: Say) -> None:
    """The hub does its work without Prefect too, so its trouble is said and does not end us."""
    try:
        supervisor.wait_ready("Prefect", PREFECT_START_SECONDS)
    except ConfigError as error:
        say(f"{error}\nThe hub works without Prefect; what it does is not shown there. It is tried again and again.")
        return
    _say_unless(supervisor, say, f"Prefect shows runs:  http://{HOST}:{settings.prefect_port}")


def _say_unless(supervisor: Supervisor, say: Say, line: str) -> None:
    if not supervisor.stopping.is_set():
        say(line)


def _ready_to_start(settings: HubSettings, say: Say) -> bool:
    """Everything that a person would otherwise find out from a log. True when the history is still to be read."""
    _status_key(settings)
    need_port(settings.host, settings.port, "HUB_PORT", "The API")
    if settings.prefect_api_url is None:
        need_port(HOST, settings.prefect_port, "HUB_PREFECT_PORT", "Prefect")
    with opened() as hub:
        missing = []
        for runtime in hub.runtimes.values():
            for connection in _used(runtime.sources(), [name for job in runtime.jobs.values() for name in job.writes]):
                try:
                    runtime.connector(connection)
                except HubError as error:
                    missing.append(str(error))
        if missing:
            raise ConfigError("\n".join(missing))
        for key, runtime in hub.runtimes.items():
            say(f"{key}: {', '.join(runtime.jobs) or 'no job'}")
        return not all(
            is_complete(runtime, connection) for runtime in hub.runtimes.values() for connection in runtime.sources()
        )


def _used(sources: Sequence[str], targets: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*sources, *targets)))


def _status_key(settings: HubSettings) -> SecretStr:
    if settings.status_key is None:
        raise ConfigError(
            "HUB_STATUS_KEY is missing: the key that the status page asks for. Make one with "
            "`python -c 'import secrets; print(secrets.token_urlsafe(24))'` and put HUB_STATUS_KEY=… in .env"
        )
    return settings.status_key


def api() -> None:
    """`hub api`."""
    from hub.web.app import create_app
    from hub.web.server import serve

    settings = load_settings()
    show_log(settings.log_level)
    with open_hub(settings) as hub:
        app = create_app(hub.store, hub.view, status_key=_status_key(settings), own_key=fernet_key(settings))
        settle_memory()
        with watching(settings.mappings, hub.renew, _close_old):
            serve(app, settings.host, settings.port)


def _close_old(one: Replaced) -> None:
    """The API opens no connection; requests under way keep their receiver."""
    if one.old is not None:
        one.old.close()


def settle_memory() -> None:
    """What was imported stays for good: the garbage collector need not look through it again in the middle of work.

    Prefect and FastAPI alone are some hundred thousand objects, and a full look through them takes as long as a turn.
    """
    gc.collect()
    gc.freeze()


def worker() -> None:
    """`hub worker`."""
    settings = load_settings()
    use(prefect_environment(Path(settings.data).absolute(), settings.prefect_port, settings.prefect_api_url))
    show_log(settings.log_level)
    from flows.work import leave_within, work

    with opened() as hub:
        settle_memory()
        seconds = work(hub)
    leave_within(seconds)
