"""The connector at rest, its settings, and what `hub connect` shows."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from connectors import registry
from connectors.email.settings import EmailSettings
from connectors.email.spec import SPEC
from hub.core.errors import ConfigError
from tests.connectors.email.conftest import Mail
from tests.paths import ROOT

BOTH = {
    "smtp_host": "smtp.example.com",
    "smtp_user": "u",
    "smtp_password": "SECRETPART",
    "imap_host": "imap.example.com",
}


def made(**given: Any) -> EmailSettings:
    return EmailSettings.model_validate({"address": "hub@example.com", **given})


def test_the_spec_is_there_without_a_mail_library_or_a_web_server() -> None:
    code = "import sys, connectors.email.spec; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    heavy = {"imapclient", "smtplib", "imaplib", "markdown_it", "aiosmtpd", "fastapi", "httpx"}
    assert not set(done.stdout.split()) & heavy


def test_the_registry_knows_it_and_the_fixtures_are_its_event_types() -> None:
    assert registry.load("email") is SPEC
    fixtures = {path.stem for path in (ROOT / "connectors/email/fixtures").glob("*.json")}
    assert fixtures == set(SPEC.event_types)
    assert set(SPEC.event_types.values()) == set(SPEC.streams) == set(SPEC.kinds) == set(SPEC.lasting)
    assert "{url}" in SPEC.webhook_by_hand


@pytest.mark.parametrize("name", list(EmailSettings.model_fields))
def test_every_setting_says_what_it_is(name: str) -> None:
    assert len(EmailSettings.model_fields[name].description or "") > 40


def test_settings_take_text_as_the_environment_gives_it() -> None:
    settings = made(**BOTH, smtp_port="587", webhook_secrets="u:p, key-1,", reply_address="Re@in.example.com")
    assert [secret.get_secret_value() for secret in settings.webhook_secrets] == ["u:p", "key-1"]
    assert not settings.smtp_implicit
    assert settings.imap_implicit
    assert settings.imap_login == ("u", "SECRETPART")
    assert settings.addresses == ("hub@example.com", "re@in.example.com")
    assert made(**BOTH, imap_port=143).imap_implicit is False
    assert made(**BOTH, smtp_port=2525, smtp_tls="implicit").smtp_implicit
    assert made(**BOTH, imap_user="v", imap_password="w").imap_login == ("v", "w")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"address": "hub"}, "address"),
        ({"address": "a@b, c@d"}, "address"),
        ({"address": "Hub <a@b>"}, "address"),
        ({"from_name": "a\r\nBcc: x"}, "printable"),
        ({"smtp_host": "h", "smtp_port": 25}, "25 is for mail between servers"),
        ({"smtp_host": "h", "smtp_port": 25, "smtp_tls": "starttls"}, "25 is for mail between servers"),
        ({"smtp_host": "h", "smtp_port": 2525}, "smtp_tls"),
        ({**BOTH, "imap_port": 1143}, "imap_tls"),
        ({"smtp_host": "h", "smtp_user": "u"}, "together"),
        ({"smtp_host": "h", "smtp_password": "SECRETPART"}, "together"),
        ({"imap_host": "h"}, "imap_user"),
        ({**BOTH, "imap_user": "other"}, "imap_password"),
        ({**BOTH, "smtp_tls": "none"}, "starttls"),
        ({"mails_per_minute": 0}, "mails_per_minute"),
        ({"smtp_pasword": "SECRETPART"}, "smtp_pasword"),
    ],
)
def test_wrong_settings_are_refused_without_showing_a_key(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as raised:
        made(**given)
    assert says in str(raised.value)
    assert "SECRETPART" not in str(raised.value)


def test_an_unreadable_file_of_authorities_is_named(mail: Mail) -> None:
    with mail.connected(ca_file="/nowhere", imap_host=None) as live:
        assert live.messenger is not None
        with pytest.raises(ConfigError, match="ca_file /nowhere"):
            live.messenger.check()


def test_a_look_shows_the_folders_and_warns_of_what_is_left_out(mail: Mail) -> None:
    mail.sandbox.inject("x: y\r\n\r\n", folder="Clients")
    with mail.connected() as live:
        assert live.directory is not None
        sight = live.directory.look()
    assert sight.account == "hub@example.com"
    assert [(thing.kind, thing.id, thing.name) for thing in sight.things] == [
        ("mailbox", "Clients", "Clients"),
        ("mailbox", "INBOX", "INBOX"),
    ]
    assert sight.warnings == ()
    warnings = {}
    for name, changed in {
        "deaf": {"imap_host": None},
        "webhook": {"imap_host": None, "webhook_secrets": "u:p"},
        "mute": {"smtp_host": None},
    }.items():
        with mail.connected(**changed) as live:
            assert live.directory is not None
            warnings[name] = " ".join(live.directory.look().warnings)
            assert (live.messenger is None) == (name == "mute")
    assert "answers and bounces are not seen" in warnings["deaf"]
    assert "Postmark or Mailgun" in warnings["webhook"]
    assert "no mail can be sent" in warnings["mute"]


def test_a_connection_that_can_do_nothing_is_an_error(mail: Mail) -> None:
    with mail.connected(imap_host=None, smtp_host=None) as live:
        assert live.directory is not None
        with pytest.raises(ConfigError, match="neither send"):
            live.directory.look()


@pytest.mark.parametrize("key", ["smtp_password", "imap_password"])
def test_a_look_with_a_wrong_key_is_an_error(mail: Mail, key: str) -> None:
    changed = {key: "wrong", "imap_user": "hub@example.com", "imap_password": "sandbox-password"} | {key: "wrong"}
    with mail.connected(**changed) as live:
        assert live.directory is not None
        with pytest.raises(ConfigError, match=key):
            live.directory.look()
