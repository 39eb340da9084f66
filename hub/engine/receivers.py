"""What the web part knows of the hub: which businesses there are, and who may call us where. Built by bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.core.errors import HubError
from hub.core.protocol import Webhook
from hub.planning.alerts.types import Reader


class NotAwaitedError(HubError):
    """A secret was handed to us although nobody registers: whoever sent it wants to sign for the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """One address that a provider calls.

    `secrets` is called for every delivery on the hot path: it answers from memory, newest first.
    `url` is the address as it was registered at the provider, because some providers sign it.
    `remember` keeps a secret that the provider hands us in its handshake; None where the provider hands us none. It
    raises `NotAwaitedError` when nobody is registering this webhook.
    """

    business: str
    connection: str
    webhook: Webhook
    secrets: Callable[[], tuple[str, ...]]
    url: str
    remember: Callable[[str], None] | None = None


def _nobody(_now: datetime) -> Mapping[str, Reader]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """One business as its mapping says it is: what the status compares the tables with."""

    business: str
    title: str
    connections: Mapping[str, str]
    """Name of the connection -> name of its connector."""
    jobs: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """What is wrong with its files, a sentence each."""
    readers: Callable[[datetime], Mapping[str, Reader]] = _nobody
    """Its people at an instant, by short name. Asked when they are needed: calendars of holidays load slowly."""


@dataclass(slots=True, kw_only=True)
class HubView:
    """Everything configured that the web part serves. Receivers by (business, connection).

    It changes with the mappings: each field is replaced whole, and read anew for each request.
    """

    businesses: tuple[Configured, ...] = ()
    receivers: Mapping[tuple[str, str], Receiver] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    """What is wrong with files of no business that runs."""
