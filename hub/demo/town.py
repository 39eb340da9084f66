"""The providers of the demo: sandboxes of Stripe, Calendly, Notion, Asana and a mail server, and the keys to them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from connectors.asana.sandbox import TOKEN as ASANA_KEY
from connectors.asana.sandbox import AsanaSandbox
from connectors.asana.sandbox import create_app as asana_app
from connectors.calendly.sandbox import KEY as CALENDLY_KEY
from connectors.calendly.sandbox import CalendlySandbox
from connectors.calendly.sandbox import create_app as calendly_app
from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER, EmailSandbox
from connectors.email.sandbox import create_app as email_app
from connectors.notion.sandbox import create_app as notion_app
from connectors.notion.sandbox.control import TOKEN as NOTION_KEY
from connectors.notion.sandbox.control import NotionSandbox
from connectors.stripe.sandbox import Sandbox
from connectors.stripe.sandbox import create_app as stripe_app
from connectors.stripe.webhook import EVENT_TYPES
from hub.demo import figures
from hub.demo.serving import HOST, serve

STRIPE_KEY = "sk_test_sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """`page`: the id of the shared page in Notion. `keys`: connection and field, like STRIPE_API_KEY, to its value."""

    stripe: Sandbox
    calendly: CalendlySandbox
    notion: NotionSandbox
    asana: AsanaSandbox
    post: EmailSandbox
    notion_url: str
    page: str
    keys: Mapping[str, str]


def town(stack: ExitStack, stripe_calls: str) -> Town:
    """All of them, served until the stack is closed. `stripe_calls`: the address to which Stripe delivers."""
    stripe, notion, asana, mail, calendly = stripe_app(), notion_app(), asana_app(), email_app(), calendly_app()
    box: NotionSandbox = notion.state.sandbox
    box.settings(rate_limit=180, time_zone=figures.ZONE.key)
    page = box.share_page("Atelier Lila")
    endpoint = stripe.state.sandbox.webhooks.endpoint(stripe_calls, enabled_events=sorted(EVENT_TYPES))
    apps = (stripe, notion, asana, calendly, mail)
    stripe_url, notion_url, asana_url, calendly_url, _ = (stack.enter_context(serve(app)) for app in apps)
    post: EmailSandbox = mail.state.sandbox
    return Town(
        stripe=stripe.state.sandbox,
        calendly=calendly.state.sandbox,
        notion=box,
        asana=asana.state.sandbox,
        post=post,
        notion_url=notion_url,
        page=page,
        keys={
            "STRIPE_API_KEY": STRIPE_KEY,
            "STRIPE_BASE_URL": stripe_url,
            "STRIPE_WEBHOOK_SECRETS": endpoint["secret"],
            "NOTION_API_KEY": NOTION_KEY,
            "NOTION_BASE_URL": notion_url,
            "CALENDLY_API_KEY": CALENDLY_KEY,
            "CALENDLY_BASE_URL": calendly_url,
            "CALENDLY_PLAN": "standard",
            "ASANA_API_KEY": ASANA_KEY,
            "ASANA_BASE_URL": f"{asana_url}/api/1.0",
            "ASANA_PLAN": "paid",
            **mail_keys(post),
        },
    )


def mail_keys(post: EmailSandbox) -> Mapping[str, str]:
    """The same for a mail server that is served."""
    at = post.servers()
    return {
        "EMAIL_ADDRESS": DEFAULT_USER,
        "EMAIL_FROM_NAME": "Atelier Lila",
        "EMAIL_SMTP_HOST": HOST,
        "EMAIL_SMTP_PORT": str(at["smtp"]["port"]),
        "EMAIL_SMTP_TLS": "starttls",
        "EMAIL_SMTP_USER": DEFAULT_USER,
        "EMAIL_SMTP_PASSWORD": DEFAULT_PASSWORD,
        "EMAIL_IMAP_HOST": HOST,
        "EMAIL_IMAP_PORT": str(at["imaps"]["port"]),
        "EMAIL_IMAP_TLS": "implicit",
        "EMAIL_CA_FILE": at["ca_file"],
    }
