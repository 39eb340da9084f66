"""Which promises concern which connector. Known at rest: one that does not is never collected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar

from hub.conformance.case import Capability, Case, Deed
from hub.core.protocol import ConnectorSpec

Trait: TypeAlias = Capability | Deed | Literal["webhook", "http", "pages", "signed body", "signed time", "handshake"]
"""What a connector or its provider has, or does, that some promises are about."""

PromiseT = TypeVar("PromiseT", bound=Callable[..., None])
_NEEDED = "needed_traits"


def only_with(*traits: Trait) -> Callable[[PromiseT], PromiseT]:
    """The promise concerns connectors that have all of these; one without it concerns every connector."""

    def marked(promise: PromiseT) -> PromiseT:
        promise.__dict__[_NEEDED] = frozenset(traits)
        return promise

    return marked


def concerns(promise: object, traits: frozenset[Trait]) -> bool:
    """Whether a promise concerns a connector with these traits."""
    needed: frozenset[Trait] = getattr(promise, _NEEDED, frozenset())
    return needed <= traits


def declared(spec: ConnectorSpec[Any], case: Case) -> frozenset[Trait]:
    """What the spec and the case say, without a key and without a sandbox."""
    has = frozenset(case.capabilities)
    said: dict[Trait, bool] = {
        "webhook": spec.webhook is not None,
        "http": case.over_http,
        "pages": bool(case.paged),
        "signed body": spec.webhook is not None and case.signs_body,
        "signed time": spec.webhook is not None and case.signed_for is not None,
        "handshake": spec.webhook is not None and case.handshake() is not None,
        "delete": "source" in has and "delete" not in case.never,
        "disable": "subscriptions" in has and "disable" not in case.never,
        "lose": "destination" in has and "lose" not in case.never,
    }
    return has | {trait for trait, true in said.items() if true}
