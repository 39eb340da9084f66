"""What could not be delivered (RFC 3464), and what no person wrote (RFC 3834)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.email.mail import Mail, message_ids
from hub.core.types import Value

_LINE = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*(?:\n[ \t]+.*)*)", re.MULTILINE)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>;,]+@[^\s<>;,]+")


def bounce_of(mail: Mail) -> Mapping[str, Value] | None:
    """Recipient, status, permanent and message_id of the first mail that could not be delivered; None for no bounce.

    `permanent`: the server has given up (Action: failed); else it goes on trying. The status is that of RFC 3463, None
    where the report has none. Reports of success are no bounces.
    """
    found = [bounce for report in mail.reports for bounce in _recipients(report)]
    if not found and mail.header("x-failed-recipients"):  # Exim, which may send no report
        address = _ADDRESS.search(mail.header("x-failed-recipients"))
        found = [{"recipient": address.group() if address else None, "status": None, "permanent": True}]
    if not found:
        return None
    worst = next((each for each in found if each["permanent"]), found[0])
    return {**worst, "message_id": _returned_id(mail)}


def _recipients(report: str) -> list[dict[str, Value]]:
    """One for each block of a delivery-status part that speaks of a recipient who did not get the mail."""
    found: list[dict[str, Value]] = []
    for block in re.split(r"\n[ \t]*\n", report.replace("\r\n", "\n")):
        lines = {name.lower(): " ".join(value.split()) for name, value in _LINE.findall(block)}
        action = lines.get("action", "").lower()
        if action not in ("failed", "delayed"):
            continue
        address = _ADDRESS.search(lines.get("final-recipient", "") + " " + lines.get("original-recipient", ""))
        status = _STATUS.search(lines.get("status", ""))
        found.append(
            {
                "recipient": address.group() if address else None,
                "status": status.group() if status else None,
                "permanent": action == "failed",
            }
        )
    return found


def _returned_id(mail: Mail) -> Value:
    """The Message-ID of the mail that came back: from its own headers, else from what the report answers to."""
    lines = {name.lower(): value for name, value in _LINE.findall(mail.returned)}
    for text in (lines.get("message-id", ""), mail.header("in-reply-to"), mail.header("references")):
        if found := message_ids(text):
            return found[-1]
    return None


def is_automatic(mail: Mail) -> bool:
    """Whether a machine wrote it, so that it must never be answered by one (RFC 3834 section 2, RFC 2919)."""
    submitted = mail.header("auto-submitted").split(";")[0].strip().lower()
    return bool(
        mail.reports
        or (submitted and submitted != "no")
        or mail.header("precedence").strip().lower() in ("bulk", "list", "junk", "auto_reply")
        or any(mail.header(name) for name in ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond"))
        or mail.header("x-failed-recipients")
        or mail.header("return-path").replace(" ", "") == "<>"
    )
