"""The promise on which the others stand: what a case declares is what is there, so that none is declared away."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast, get_args

from hub.conformance.base import Plays, Suite, must
from hub.conformance.case import Capability, Case, Deed
from hub.conformance.concerns import Trait, declared
from hub.core.protocol import Ability, Connector, Source, Webhook

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
_DOES: dict[Deed, Capability] = {"delete": "source", "disable": "subscriptions", "lose": "destination"}
"""What somebody does at the provider, and the capability that it is for."""
_ABLE: dict[Ability, Capability] = {
    "rows": "destination",
    "mails": "messenger",
    "copies": "templates",
    "charts": "charts",
    "links": "bookings",
}
"""What the loader of mappings is told that a connector can, and the capability that it is."""


class Declaring(Suite):
    """What a case promises."""

    def test_the_case_declares_what_is_there_and_nothing_else(self, plays: Plays, live: Connector) -> None:
        name, case, says, there = plays.spec.name, plays.case, declared(plays.spec, plays.case), _there(plays, live)
        hidden, invented = sorted(there - says), sorted(says - there)
        must(not hidden, f"{name} has what its case does not declare, so it would not be tested: {', '.join(hidden)}.")
        must(not invented, f"The case of {name} declares what is not there: {', '.join(invented)}.")
        can = {ability for ability, capability in _ABLE.items() if getattr(live, capability) is not None}
        must(
            can == {*plays.spec.can}, f"{name} can {sorted(can)}, and its ConnectorSpec says {sorted(plays.spec.can)}."
        )
        strange = {*case.never} - {*get_args(Deed)} | {*case.paged, *case.unfilled} - {*plays.spec.streams}
        must(not strange, f"The case of {name} names what there is not: {', '.join(sorted(strange))}.")
        empty = {stream for stream in plays.spec.streams if case.fill(stream, 1) is None}
        must(
            empty == set(case.unfilled),
            f"The case of {name} declares as unfilled {sorted(case.unfilled)}; it does not fill {sorted(empty)}.",
        )


def _there(plays: Plays, live: Connector) -> frozenset[Trait]:
    """What can be seen of the live connector, its webhook and the provider in small."""
    case, webhook = plays.case, plays.spec.webhook
    names = {each.name for each in dataclasses.fields(live)} - {"name"}
    has = cast("set[Capability]", {name for name in names if getattr(live, name) is not None})
    does: set[Trait] = {deed for deed, what in _DOES.items() if what in has and _is_played(case, deed)}
    found: dict[Trait, bool] = {
        "webhook": webhook is not None,
        "http": _calls_over_http(plays, live),
        "pages": bool(case.paged) or (live.source is not None and _has_pages(plays, live.source)),
        "signed body": webhook is not None and _proof(case) != _proof(case, body=b'{"id": 8}'),
        "signed time": webhook is not None and _proof(case) != _proof(case, at=AT + timedelta(days=1)),
        "handshake": webhook is not None and _answers(webhook),
    }
    return frozenset(has | does | {trait for trait, true in found.items() if true})


def _is_played(case: Case, deed: Deed) -> bool:
    return getattr(type(case), deed) is not getattr(Case, deed)


def _calls_over_http(plays: Plays, live: Connector) -> bool:
    """Whether a look at the provider comes to its socket."""
    before = plays.stage.asked
    for looks in (live.source, live.destination, live.messenger):
        if looks is not None:
            looks.check()
    if live.directory is not None:
        live.directory.look()
    return plays.stage.asked > before


def _has_pages(plays: Plays, source: Source) -> bool:
    """Whether some stream comes in more pages than one, where the case names none that does."""
    streams = [stream for stream in plays.spec.streams if plays.case.fill(stream, plays.case.page_size + 1)]
    return any(sum(bool(page.records) for page in source.read(stream, None)) > 1 for stream in streams)


def _proof(case: Case, body: bytes = b'{"id": 7}', at: datetime = AT) -> Sequence[Any]:
    """What the provider puts beside a body to prove it."""
    return sorted(case.signed(body, at, case.webhook_secret).headers.items())


def _answers(webhook: Webhook) -> bool:
    """Whether a webhook answers handshakes: one that only ever returns None looks at nothing of the request."""
    code = getattr(webhook.handshake, "__code__", None)
    return code is None or bool(code.co_names)
