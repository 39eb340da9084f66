"""The e-mail connector at rest: importable without a key, and without a mail library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from connectors.email.settings import EmailSettings
from connectors.email.webhook import EVENT_TYPES, EmailWebhook
from hub.core.protocol import Connector, ConnectorSpec, Context

_BY_HAND = (
    "With an IMAP mailbox no webhook is needed. Without one, Postmark or Mailgun hand the mails over.\n"
    "Postmark: Servers > your server > the inbound stream > Settings > Webhook: enter {url}, with a user and a long "
    "password of your own before the host (https://USER:PASSWORD@...), and set webhook_secrets to USER:PASSWORD.\n"
    "Mailgun: Receiving > Create route: choose whose mails, tick Forward and enter {url}; set webhook_secrets to the "
    "key at Settings > API security > HTTP webhook signing key."
)


@contextmanager
def connect(settings: EmailSettings, context: Context) -> Iterator[Connector]:
    """The live connector; its connections are closed at the end of the block."""
    from connectors.email.client import Smtp, trust
    from connectors.email.directory import EmailDirectory
    from connectors.email.imap import Imap
    from connectors.email.messenger import EmailMessenger
    from connectors.email.source import EmailSource

    with ExitStack() as stack:
        smtp = imap = watching = None
        if settings.smtp_host:
            limiter = context.limiter("smtp", settings.mails_per_minute, 60.0)
            smtp = stack.enter_context(closing(Smtp(settings, limiter)))
        if settings.imap_host:
            trusted = trust(settings)
            imap = stack.enter_context(closing(Imap(settings, trusted)))
            watching = stack.enter_context(closing(Imap(settings, trusted)))
        source = EmailSource(
            imap,
            watching=watching,
            folders=("INBOX",) if context.follow is None else context.follow,
            own=settings.addresses,
            delivered=context.delivered,
        )
        stack.callback(source.stop_waiting)
        yield Connector(
            name=SPEC.name,
            source=source,
            directory=EmailDirectory(settings, smtp, imap),
            messenger=EmailMessenger(smtp, settings) if smtp is not None else None,
            bell=source if imap is not None else None,
        )


def _sandbox() -> Any:
    from connectors.email.sandbox import create_app

    return create_app()


SPEC = ConnectorSpec(
    name="email",
    title="E-mail",
    settings=EmailSettings,
    connect=connect,
    streams=("message",),
    kinds={"message": "message"},
    follows="mailbox",
    event_types=EVENT_TYPES,
    lasting=("message",),
    rings=True,
    webhook=EmailWebhook(),
    concurrency=1,
    sandbox=_sandbox,
    key_page=(
        "At your mail provider: the account's security settings > app passwords (or SMTP keys), and the page that "
        "names its SMTP and IMAP servers. Any right that lets the login send from the address and read its mailbox."
    ),
    webhook_by_hand=_BY_HAND,
    can=("mails",),
    writes=("mails",),
    limits=("30 mails a minute (a setting)", "one connection to send, one to read"),
    gaps=(
        "no XOAUTH2: Google and Microsoft need an app password",
        "attachments are named, not kept",
        "an inbound webhook does not prove its content",
    ),
)
