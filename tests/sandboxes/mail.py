"""The settings of the mail account that the sandbox has from the start."""

from __future__ import annotations

from typing import Any

from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER, EmailSandbox


def mail_settings(sandbox: EmailSandbox) -> dict[str, Any]:
    """For sending and reading, at the ports on which the sandbox listens."""
    at = sandbox.servers()
    return {
        "address": DEFAULT_USER,
        "from_name": "Atelier Lila",
        "smtp_host": "127.0.0.1",
        "smtp_port": at["smtp"]["port"],
        "smtp_tls": "starttls",
        "smtp_user": DEFAULT_USER,
        "smtp_password": DEFAULT_PASSWORD,
        "imap_host": "127.0.0.1",
        "imap_port": at["imaps"]["port"],
        "imap_tls": "implicit",
        "ca_file": at["ca_file"],
    }
