"""Sends mails."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.email.client import Smtp
from connectors.email.letters import sendable
from connectors.email.settings import EmailSettings
from hub.core.types import Letter


class EmailMessenger:
    """Letters over one submission server."""

    def __init__(self, smtp: Smtp, settings: EmailSettings) -> None:
        self._smtp = smtp
        self._settings = settings

    def check(self) -> Sequence[str]:
        """Log in without sending anything."""
        where = self._smtp.check()
        return (f"Mails can be sent as {self._settings.address} through {where}.",)

    def send(self, letter: Letter) -> None:
        """Send one mail. See `hub.core.protocol.Messenger.send` for the errors."""
        settings = self._settings
        self._smtp.send(sendable(letter, settings.address, settings.from_name, settings.reply_address))
