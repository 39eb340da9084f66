"""What the files of a business say otherwise than before, for the log."""

from __future__ import annotations

from hub.mapping.files import BUSINESS_FILE
from hub.mapping.loader import Configured


def differences(before: Configured | None, after: Configured | None) -> list[str]:
    """What is other now, a line each. `before` None: it is new; `after` None: it is gone."""
    if before is None or after is None:
        key = (before or after).business.key  # type: ignore[union-attr]  # one of them is there
        return [f"{key}: {'is new' if before is None else 'was taken away'}"]
    key = after.business.key
    old, new = ({job.name: job for job in item.jobs} for item in (before, after))
    lines = [f"{key}: {BUSINESS_FILE} changed"] if before.business != after.business else []
    lines += [f"{key}: {name} is new" for name in new.keys() - old.keys()]
    lines += [f"{key}: {name} was taken away" for name in old.keys() - new.keys()]
    lines += [f"{key}: {name} changed" for name in old.keys() & new.keys() if old[name] != new[name]]
    lines += [f"{key}: the texts changed"] if before.texts != after.texts else []
    return sorted(lines)
