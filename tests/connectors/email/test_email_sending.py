"""Sending: over real sockets, to the sandbox's servers (aiosmtpd), with everything that goes wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from connectors.email.client import BUSY, GREYLISTED, Patience, Smtp
from connectors.email.messenger import EmailMessenger
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.protocol import Connector, Messenger
from tests.connectors.email.conftest import Mail, letter


def messenger(live: Connector) -> Messenger:
    assert live.messenger is not None
    return live.messenger


@contextmanager
def patient(mail: Mail, **patience: float) -> Iterator[EmailMessenger]:
    settings = mail.settings()
    with closing(Smtp(settings, mail.limiter, Patience(**patience))) as smtp:
        yield EmailMessenger(smtp, settings)


@pytest.mark.parametrize("kind", ["smtp", "smtps"])
def test_a_mail_arrives_over_tls_with_a_login(mail: Mail, kind: str) -> None:
    place = mail.sandbox.servers()[kind]
    with mail.connected(smtp_port=place["port"], smtp_tls=place["tls"]) as live:
        messenger(live).send(letter(body=".\n\n.dot\n\n..dots"))
    (taken,) = mail.sandbox.mails()
    assert (taken["login"], taken["sender"], taken["recipients"]) == (
        "hub@example.com",
        "hub@example.com",
        ["zoe@client.example"],
    )
    assert "Message-ID: <1@hub.example.com>\r\n" in taken["raw"]
    assert "\r\n.\r\n\r\n.dot\r\n\r\n..dots\r\n" in taken["raw"]


def test_one_connection_serves_many_mails_of_many_threads(mail: Mail, live: Connector) -> None:
    threads = [threading.Thread(target=messenger(live).send, args=(letter(message_id=f"<{n}@x>"),)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = mail.sandbox.mails()
    assert len(taken) == 12
    assert len({one["session"] for one in taken}) == 1
    assert mail.limiter.asked == 12


def test_a_check_logs_in_and_sends_nothing(mail: Mail, live: Connector) -> None:
    assert "hub@example.com" in messenger(live).check()[0]
    assert mail.sandbox.mails() == []
    assert mail.limiter.asked == 0


def test_an_unused_connection_is_closed_and_made_anew(mail: Mail) -> None:
    with patient(mail, unused=0.05) as sending:
        sending.send(letter())
        closer = sending._smtp._closer
        assert closer is not None
        closer.join()
        assert sending._smtp._live is None
        sending.send(letter(message_id="<2@x>"))
    assert len({one["session"] for one in mail.sandbox.mails()}) == 2


def test_a_kept_connection_that_died_is_noticed_before_the_next_mail(mail: Mail) -> None:
    with patient(mail, trusted=0.0) as sending:
        sending.send(letter())
        server = sending._smtp._live
        assert server is not None
        assert server.sock is not None
        server.sock.shutdown(socket.SHUT_RDWR)
        sending.send(letter(message_id="<2@x>"))
    assert [one["answered"] for one in mail.sandbox.mails()] == [True, True]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("kind", ["421", "close"])
def test_a_server_that_closes_before_the_content_is_called_again_once(mail: Mail, stage: str, kind: str) -> None:
    with mail.connected() as live:
        messenger(live).send(letter())
        mail.sandbox.fault(kind, stage)
        messenger(live).send(letter(message_id="<2@x>"))
        mail.sandbox.fault(kind, stage, times=2)
        with pytest.raises(TransientError) as raised:
            messenger(live).send(letter(message_id="<3@x>"))
    assert not raised.value.uncertain
    assert raised.value.retry_after == BUSY
    assert mail.limiter.held == [60.0]
    taken = mail.sandbox.mails()
    assert len(taken) == 2
    assert taken[0]["session"] != taken[1]["session"]


@pytest.mark.parametrize("kind", ["close", "silent_after_taking", "silent"])
def test_no_answer_to_the_content_is_uncertain_and_never_sent_again(mail: Mail, kind: str) -> None:
    mail.sandbox.fault(kind, "content", seconds=5)
    with patient(mail, content=0.3) as sending:
        with pytest.raises(TransientError) as raised:
            sending.send(letter())
        mail.sandbox.release()
        assert raised.value.uncertain
        assert "may have been sent" in str(raised.value)
        assert len(mail.sandbox.mails()) == (kind != "silent")
        sending.send(letter(message_id="<2@x>"))
    assert sum("<1@hub.example.com>" in one["raw"] for one in mail.sandbox.mails()) == (kind != "silent")


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "content"])
@pytest.mark.parametrize("kind", ["450", "451", "452"])
def test_later_means_later_and_the_connection_goes_on(mail: Mail, live: Connector, stage: str, kind: str) -> None:
    mail.sandbox.fault(kind, stage)
    with pytest.raises(TransientError) as raised:
        messenger(live).send(letter())
    assert not raised.value.uncertain
    assert raised.value.retry_after == GREYLISTED
    assert kind in str(raised.value)
    messenger(live).send(letter())
    assert len(mail.sandbox.mails()) == 1


def test_a_421_after_the_content_means_not_taken(mail: Mail, live: Connector) -> None:
    mail.sandbox.fault("421", "content")
    with pytest.raises(TransientError) as raised:
        messenger(live).send(letter())
    assert not raised.value.uncertain
    messenger(live).send(letter())
    assert len(mail.sandbox.mails()) == 1


@pytest.mark.parametrize("stage", ["rcpt", "data", "content"])
def test_a_recipient_who_is_refused_for_good_costs_only_that_mail(mail: Mail, live: Connector, stage: str) -> None:
    mail.sandbox.fault("550", stage)
    with pytest.raises(RecordError, match=r"zoe@client.example.*550"):
        messenger(live).send(letter())
    messenger(live).send(letter(to="marc@client.example"))
    assert [one["recipients"] for one in mail.sandbox.mails()] == [["marc@client.example"]]


def test_a_refused_sender_is_for_the_obm_to_put_right(mail: Mail, live: Connector) -> None:
    mail.sandbox.fault("550", "mail")
    with pytest.raises(ConfigError, match=r"hub@example.com.*550.*address"):
        messenger(live).send(letter())


@pytest.mark.parametrize(("kind", "error"), [("535", ConfigError), ("454", TransientError)])
def test_a_refused_login_is_told_apart_from_a_busy_one(mail: Mail, live: Connector, kind: str, error: type) -> None:
    mail.sandbox.fault(kind, "login", times=3)
    with pytest.raises(error) as raised:
        messenger(live).check()
    assert kind in str(raised.value)


def test_a_wrong_password_is_named_by_its_setting_and_never_shown(mail: Mail) -> None:
    with mail.connected(smtp_password="wrong-password") as live, pytest.raises(ConfigError) as raised:
        messenger(live).send(letter())
    assert "smtp_password" in str(raised.value)
    assert "wrong-password" not in str(raised.value)


def test_a_certificate_that_nobody_vouches_for_is_refused(mail: Mail) -> None:
    with mail.connected(ca_file=None, imap_host=None) as live, pytest.raises(ConfigError, match="ca_file"):
        messenger(live).check()
    assert mail.sandbox.post.logins >= 0


def test_a_certificate_for_another_name_is_refused(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolved(host: str, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if host == "smtp.example.com" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with mail.connected(smtp_host="smtp.example.com") as live, pytest.raises(ConfigError, match="smtp_host"):
        messenger(live).check()


@contextmanager
def plain_server(*lines: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server without TLS that answers each line with the next of `lines`."""
    heard: list[bytes] = []

    def speak() -> None:
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as read:
            for line in lines:
                peer.sendall(line)
                heard.append(read.readline())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(10)


def test_a_server_without_starttls_gets_neither_password_nor_mail(mail: Mail) -> None:
    with (
        plain_server(b"220 hi\r\n", b"250-me\r\n250 AUTH PLAIN\r\n") as (port, heard),
        mail.connected(smtp_port=port) as live,
        pytest.raises(ConfigError, match="STARTTLS"),
    ):
        messenger(live).send(letter())
    assert not any(b"AUTH" in line or b"MAIL" in line for line in heard)


def test_a_wrong_sort_of_port_is_explained(mail: Mail) -> None:
    place = mail.sandbox.servers()["smtp"]
    with (
        mail.connected(smtp_port=place["port"], smtp_tls="implicit") as live,
        pytest.raises(ConfigError, match="smtp_tls"),
    ):
        messenger(live).check()


def test_a_server_that_is_not_there_is_tried_again_later(mail: Mail) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with mail.connected(smtp_port=port) as live, pytest.raises(TransientError) as raised:
        messenger(live).send(letter())
    assert not raised.value.uncertain


def test_an_unknown_host_is_a_wrong_setting(mail: Mail) -> None:
    with mail.connected(smtp_host="no-such-host.invalid") as live, pytest.raises(ConfigError, match="smtp_host"):
        messenger(live).check()


def test_an_address_that_needs_utf8_is_sent_with_it(mail: Mail, live: Connector) -> None:
    messenger(live).send(letter(to="zoé@client.example"))
    assert mail.sandbox.mails()[0]["recipients"] == ["zoé@client.example"]


def test_the_connection_says_goodbye_at_the_end(mail: Mail) -> None:
    with mail.connected() as live:
        messenger(live).send(letter())
        smtp = live.messenger._smtp  # type: ignore[union-attr]
        sock = smtp._live.sock
    assert smtp._live is None
    assert isinstance(sock, ssl.SSLSocket)
    assert sock.fileno() == -1
