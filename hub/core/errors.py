"""Every error the hub knows, sorted by what to do about it.

    HubError
     ├─ SignatureError   refuse the delivery: it was not signed by who it says it is from
     ├─ TransientError   try again by the schedule; `retry_after` is obeyed to its full length
     ├─ ConfigError      pause that connection, tell the OBM once in words she can act on
     ├─ RecordError      this record goes to the dead letters with the reason, the rest carries on
     └─ StaleError       a saved plan no longer fits the world; nothing was written

Nothing else crosses a connector's edge: a connector's `client.py` translates what its SDK raises.
The message of each is written for the person who reads it: the thing, the fact, the way out. It never holds a secret.
"""


class HubError(Exception):
    """What a person may be shown."""


class SignatureError(HubError):
    """The delivery's signature is missing, malformed, too old or wrong."""


class TransientError(HubError):
    """The provider is busy, down or slow.

    `retry_after`: seconds the provider asked us to wait, or None.
    `uncertain`: True when a write may have been committed although no answer came: look before repeating it.
    `committed`: ids that the provider itself says it wrote before it failed.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        uncertain: bool = False,
        committed: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.uncertain = uncertain
        self.committed = committed


class ConfigError(HubError):
    """A key, a right, a name or a type is wrong, and only a person can put it right."""


class RecordError(HubError):
    """This one record cannot be read or written; others can."""


class StaleError(HubError):
    """The world moved since the plan was made. `moved` names each thing that did."""

    def __init__(self, message: str, moved: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.moved = moved
