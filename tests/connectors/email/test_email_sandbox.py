"""The mail sandbox, judged by clients that none of us wrote: the standard library's, and aioimaplib."""

from __future__ import annotations

import asyncio
import imaplib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from connectors.email.sandbox import DEFAULT_PASSWORD, DEFAULT_USER
from tests.connectors.email.conftest import Mail


def context(mail: Mail) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=mail.sandbox.servers()["ca_file"])
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    return made


@contextmanager
def imap(mail: Mail) -> Iterator[imaplib.IMAP4_SSL]:
    with imaplib.IMAP4_SSL("localhost", mail.sandbox.servers()["imaps"]["port"], ssl_context=context(mail)) as client:
        client.login(DEFAULT_USER, DEFAULT_PASSWORD)
        yield client


@contextmanager
def smtp(mail: Mail) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("localhost", mail.sandbox.servers()["smtp"]["port"]) as client:
        client.starttls(context=context(mail))
        client.login(DEFAULT_USER, DEFAULT_PASSWORD)
        yield client


def test_smtplib_sends_and_imaplib_finds_it(mail: Mail) -> None:
    with smtp(mail) as client:
        refused = client.sendmail(
            "me@x.example", [DEFAULT_USER, "x@y.example"], b"Subject: hi\r\nMessage-ID: <1@x>\r\n\r\n.a\r\n"
        )
    assert refused == {}
    with imap(mail) as client:
        assert client.select("INBOX", readonly=True) == ("OK", [b"1"])
        assert client.uid("SEARCH", "HEADER", "Message-ID", '"<1@x>"') == ("OK", [b"1"])  # type: ignore[comparison-overlap]
        assert client.uid("SEARCH", "NOT", "HEADER", "Message-ID", '""') == ("OK", [b""])  # type: ignore[comparison-overlap]
        assert client.uid("SEARCH", "UID", "7:*") == ("OK", [b"1"])  # type: ignore[comparison-overlap]  an old one, as the RFC says
        _, found = client.uid("FETCH", "1", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")
        assert b".a\r\n" in found[0][1]
        assert int(re.search(rb"RFC822.SIZE (\d+)", found[0][0] + found[1]).group(1)) == len(found[0][1])  # type: ignore[union-attr]
        assert imaplib.Internaldate2tuple(found[0][0]) is not None
        _, part = client.uid("FETCH", "1:*", "(BODY.PEEK[]<0.9>)")
        assert part[0][1] == found[0][1][:9]
        _, head = client.uid("FETCH", "1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        assert head[0][1] == b"Subject: hi\r\n\r\n"
        assert client.list()[0] == "OK"
        assert client.noop()[0] == "OK"


def test_without_tls_or_login_nothing_is_taken(mail: Mail) -> None:
    with smtplib.SMTP("localhost", mail.sandbox.servers()["smtp"]["port"]) as client:
        client.ehlo()
        assert "auth" not in client.esmtp_features
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.sendmail("a@b", ["c@d"], b"x")
        client.starttls(context=context(mail))
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.sendmail("a@b", ["c@d"], b"x")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(DEFAULT_USER, "wrong")
    port = mail.sandbox.servers()["imaps"]["port"]
    with (
        imaplib.IMAP4_SSL("localhost", port, ssl_context=context(mail)) as refused,
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
    ):
        refused.login("a", "b")
    assert mail.sandbox.mails() == []


def test_faults_are_what_smtplib_takes_them_for(mail: Mail) -> None:
    with smtp(mail) as client:
        mail.sandbox.fault("550", "rcpt", recipient="no@x.example")
        assert set(client.sendmail("a@b", ["no@x.example", "yes@x.example"], b"x")) == {"no@x.example"}
        mail.sandbox.fault("451", "content")
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            client.sendmail("a@b", ["c@d"], b"x")
        mail.sandbox.fault("close", "content")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.sendmail("a@b", ["c@d"], b"x")
    assert [one["answered"] for one in mail.sandbox.mails()] == [True, False]


def test_commands_that_it_does_not_know_are_answered_bad(mail: Mail) -> None:
    mail.sandbox.inject("a: b\r\n\r\n")
    with imap(mail) as client:
        client.select("INBOX", readonly=True)
        with pytest.raises(imaplib.IMAP4.error, match="BAD"):
            client.uid("SEARCH", "OLDER", "5")
        with pytest.raises(imaplib.IMAP4.error, match="BAD"):
            client.uid("FETCH", "1", "(BODY")
        assert client.select("Nothing", readonly=True)[0] == "NO"


def test_aioimaplib_waits_in_idle_and_hears_of_a_mail(mail: Mail) -> None:
    aioimaplib = pytest.importorskip("aioimaplib", reason="aioimaplib, an independent IMAP client, is not installed")

    async def wait() -> list[bytes]:
        client = aioimaplib.IMAP4_SSL("localhost", mail.sandbox.servers()["imaps"]["port"], ssl_context=context(mail))
        await client.wait_hello_from_server()
        await client.login(DEFAULT_USER, DEFAULT_PASSWORD)
        await client.select("INBOX")
        idle = await client.idle_start(timeout=30)
        await asyncio.to_thread(mail.sandbox.inject, "Subject: now\r\n\r\n")
        heard: list[bytes] = await client.wait_server_push()
        client.idle_done()
        await asyncio.wait_for(idle, 10)
        await client.logout()
        return heard

    assert b"1 EXISTS" in asyncio.run(wait())


def test_the_controls_are_there_over_http_too(mail: Mail) -> None:
    with httpx.Client(base_url=mail.url, trust_env=False, timeout=30) as client:
        places = client.get("/_sandbox/servers").json()
        assert places == client.post("/_sandbox/servers").json() == mail.sandbox.servers()
        assert client.post("/_sandbox/account", json={"user": "b@x.example", "password": "p"}).status_code == 200
        assert client.post("/_sandbox/inject", json={"raw": "a: b\r\n\r\n", "user": "b@x.example"}).json() == 1
        assert client.post("/_sandbox/mails").json() == []
        assert client.post("/_sandbox/new_uidvalidity", json={"user": "b@x.example"}).json() == 1_700_000_001
        assert client.post("/_sandbox/stop").status_code == 404
