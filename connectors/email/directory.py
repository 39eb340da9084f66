"""What the keys of a mail connection can see, by the names that people know."""

from __future__ import annotations

from connectors.email.client import Smtp
from connectors.email.imap import Imap
from connectors.email.settings import EmailSettings
from hub.core.errors import ConfigError
from hub.core.types import Sight, Thing


class EmailDirectory:
    """The account, its folders, and what is left out. `smtp` and `imap` are None where they are not set."""

    def __init__(self, settings: EmailSettings, smtp: Smtp | None, imap: Imap | None) -> None:
        self._settings = settings
        self._smtp = smtp
        self._imap = imap

    def look(self) -> Sight:
        """Log in wherever there is a key for. ConfigError when one of them is refused, or there is none at all."""
        settings = self._settings
        if self._smtp is None and self._imap is None and not settings.webhook_secrets:
            raise ConfigError(
                "This mail connection can neither send nor receive. Set smtp_host to send; imap_host or "
                "webhook_secrets to receive."
            )
        if self._smtp is not None:
            self._smtp.check()
        folders = self._imap.folders() if self._imap is not None else []
        things = tuple(Thing(kind="mailbox", id=name, name=name, inside=settings.address) for name in folders)
        return Sight(account=settings.address, things=things, warnings=tuple(self._warnings()))

    def _warnings(self) -> list[str]:
        settings = self._settings
        warnings = []
        if self._smtp is None:
            warnings.append("No smtp_host is set: no mail can be sent.")
        elif settings.smtp_user is None:
            warnings.append(
                "No smtp_user is set: mails are sent without a login, which only a server of your own takes."
            )
        if self._imap is None and not settings.webhook_secrets:
            warnings.append(
                "Neither imap_host nor webhook_secrets is set: answers and bounces are not seen. Set one of them."
            )
        elif self._imap is None:
            warnings.append(
                "No imap_host is set: bounces that come to the address itself are not seen, only what Postmark or "
                "Mailgun hand over."
            )
        return warnings
