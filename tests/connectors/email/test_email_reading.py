"""Reading a mailbox: over real sockets and TLS, from the sandbox's IMAP server."""

from __future__ import annotations

import base64
import socket
import threading
from datetime import UTC, datetime

import pytest

from connectors.email import imap as imap_module
from hub.core.errors import ConfigError, RecordError, TransientError
from hub.core.kinds import problems
from hub.core.protocol import Connector, CursorExpired, Source
from hub.core.types import Cursor, Event, Record
from tests.connectors.email.conftest import NOW, Mail


def source(live: Connector) -> Source:
    assert live.source is not None
    return live.source


def raw(number: int, *, name: str | None = None, text: str = "hello") -> str:
    identifier = f"<{number}@client.example>" if name is None else name
    head = f"Message-ID: {identifier}\r\n" if identifier else ""
    return (
        f"From: a@client.example\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n{head}Subject: {number}\r\n\r\n{text}\r\n"
    )


def everything(live: Connector, cursor: Cursor | None = None) -> list[Record]:
    return [record for page in source(live).read("message", cursor) for record in page.records]


def changed(live: Connector, cursor: Cursor | None) -> tuple[list[Event], Cursor]:
    events: list[Event] = []
    for batch, after in source(live).changes(cursor):
        events += batch
        cursor = after
    assert cursor is not None
    return events, cursor


def subjects(records: list[Record]) -> list[object]:
    return [record.fields["subject"] for record in records]


def test_every_mail_is_read_page_by_page_and_as_it_is_fetched(mail: Mail, live: Connector) -> None:
    for number in range(120):
        mail.sandbox.inject(raw(number), at=NOW.isoformat())
    pages = list(source(live).read("message", None))
    records = [record for page in pages for record in page.records]
    assert subjects(records) == [str(number) for number in range(120)]
    assert all(problems("message", record.fields, whole=True) == [] for record in records)
    assert all(record.at == NOW for record in records)
    for record in records[::25]:
        assert source(live).fetch("message", record.key) == (record,)
    assert subjects(everything(live, pages[0].cursor)) == [str(number) for number in range(50, 120)]
    assert everything(live, pages[-1].cursor) == []


def test_reading_marks_nothing_as_read(mail: Mail, live: Connector) -> None:
    mail.sandbox.inject(raw(1))
    (record,) = everything(live)
    source(live).fetch("message", record.key)
    assert mail.sandbox.post.folder("hub@example.com", "INBOX").mails[0].flags == set()


def test_changes_begin_now_and_tell_each_mail_once(mail: Mail, live: Connector) -> None:
    mail.sandbox.inject(raw(1))
    events, cursor = changed(live, None)
    assert events == []
    assert changed(live, cursor)[0] == []  # n:* answers the last mail although its number is lower
    mail.sandbox.inject(raw(2))
    mail.sandbox.inject(raw(3, name=""))
    events, after = changed(live, cursor)
    assert [source(live).fetch("message", str(event.key))[0].fields["subject"] for event in events] == ["2", "3"]
    assert len({event.id for event in events}) == 2
    assert changed(live, after)[0] == []
    assert [event.key for event in changed(live, cursor)[0]] == [event.key for event in events]


def test_new_uids_after_a_restore_make_no_doubles(mail: Mail, live: Connector) -> None:
    for number in range(3):
        mail.sandbox.inject(raw(number), at=NOW.isoformat())
    _, cursor = changed(live, None)
    pages = list(source(live).read("message", None))
    mail.sandbox.remove(1)
    mail.sandbox.new_uidvalidity()
    with pytest.raises(CursorExpired, match="INBOX"):
        changed(live, cursor)
    again = everything(live, pages[0].cursor)
    assert again == list(pages[0].records)[1:]
    (gone,) = source(live).fetch("message", pages[0].records[0].key)
    assert (gone.deleted, dict(gone.fields)) == (True, {})


def test_a_folder_made_anew_while_it_is_read_is_an_error(mail: Mail, live: Connector) -> None:
    for number in range(120):
        mail.sandbox.inject(raw(number))
    pages = source(live).read("message", None)
    next(pages)
    mail.sandbox.new_uidvalidity()
    with pytest.raises(TransientError, match="made anew"):
        list(pages)


def test_one_mail_in_two_folders_is_one_record(mail: Mail) -> None:
    for folder in ("INBOX", "Réponses & co"):
        mail.sandbox.inject(raw(1), folder=folder, at=NOW.isoformat())
    mail.sandbox.inject(raw(2), folder="Réponses & co", at=NOW.isoformat())
    with mail.connected(follow=("INBOX", "Réponses & co")) as live:
        records = everything(live)
        assert len(records) == 3
        assert len({record.key for record in records}) == 2
        assert source(live).fetch("message", records[2].key) == (records[2],)
        assert source(live).check() != ()
    with mail.connected(follow=()) as live:
        assert everything(live) == []
        assert changed(live, changed(live, None)[1])[0] == []


def test_a_folder_that_is_followed_anew_is_read_whole(mail: Mail, live: Connector) -> None:
    _, cursor = changed(live, None)
    mail.sandbox.inject(raw(2), folder="Other")
    with mail.connected(follow=("INBOX", "Other")) as wider:
        with pytest.raises(CursorExpired):
            changed(wider, cursor)
        with pytest.raises(CursorExpired):
            changed(wider, Cursor("nonsense"))


def test_a_missing_folder_is_named_with_those_that_are_there(mail: Mail) -> None:
    mail.sandbox.inject(raw(1), folder="Clients")
    with mail.connected(follow=("Client",)) as live, pytest.raises(ConfigError, match=r"'Client'.*Clients, INBOX"):
        everything(live)


def test_mails_without_a_message_id_are_found_again_by_their_bytes(mail: Mail, live: Connector) -> None:
    mail.sandbox.inject(raw(1, name=""))
    mail.sandbox.inject(raw(1, name="", text="other"))
    mail.sandbox.inject(raw(3, name="<with space@x>"))
    mail.sandbox.inject(raw(4, name='<"quoted"@x>'))
    mail.sandbox.inject(base64_raw=base64.b64encode(b"\x00\xff garbage without an end").decode())
    records = everything(live)
    assert len({record.key for record in records}) == 5
    for record in records[2:]:
        if record.key.startswith("sha256:"):
            continue
        assert source(live).fetch("message", record.key) == (record,)
    for record in (records[0], records[1], records[4]):
        assert source(live).fetch("message", record.key) == (record,)


def test_a_huge_mail_is_read_by_its_beginning(mail: Mail, live: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_module, "MAX_MAIL", 5000)
    monkeypatch.setattr(imap_module, "BEGINNING", 1000)
    mail.sandbox.inject(raw(1, text="x" * 4000))
    mail.sandbox.inject(raw(2, text="y" * 9000))
    mail.sandbox.inject(raw(3))
    records = everything(live)
    assert ["truncated" in record.fields for record in records] == [False, True, False]
    assert 500 < len(str(records[1].fields["text"])) < 1000
    assert source(live).fetch("message", records[1].key) == (records[1],)


def test_a_lost_connection_is_made_anew_once(mail: Mail, live: Connector) -> None:
    mail.sandbox.inject(raw(1))
    assert len(everything(live)) == 1
    mail.sandbox.cut()
    assert len(everything(live)) == 1


def test_a_wrong_password_is_named_by_its_setting_and_never_shown(mail: Mail) -> None:
    with (
        mail.connected(imap_user="hub@example.com", imap_password="wrong-password") as live,
        pytest.raises(ConfigError, match="imap_password") as raised,
    ):
        source(live).check()
    assert "wrong-password" not in str(raised.value)


def test_a_certificate_that_nobody_vouches_for_is_refused(mail: Mail) -> None:
    with mail.connected(ca_file=None) as live, pytest.raises(ConfigError, match="ca_file"):
        source(live).check()


def test_a_server_that_is_not_there_is_tried_again_later(mail: Mail) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with mail.connected(imap_port=port) as live, pytest.raises(TransientError):
        everything(live)


def test_a_server_without_starttls_never_hears_the_password(mail: Mail) -> None:
    heard: list[bytes] = []

    def speak() -> None:
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as read:
            peer.sendall(b"* OK hi\r\n")
            while line := read.readline():
                heard.append(line)
                if b"CAPABILITY" in line:
                    peer.sendall(b"* CAPABILITY IMAP4rev1\r\n" + line.split()[0] + b" OK done\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak)
        thread.start()
        port = listener.getsockname()[1]
        with (
            mail.connected(imap_port=port, imap_tls="starttls") as live,
            pytest.raises(ConfigError, match="STARTTLS"),
        ):
            source(live).check()
        thread.join(10)
    assert heard
    assert not any(b"LOGIN" in line for line in heard)


def test_waiting_ends_when_a_mail_arrives(mail: Mail, live: Connector) -> None:
    _, cursor = changed(live, None)
    changed(live, cursor)
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(source(live).wait(60)))  # type: ignore[attr-defined]
    waiting.start()
    mail.sandbox.inject(raw(1))
    waiting.join(30)
    assert told == [True]
    assert len(changed(live, cursor)[0]) == 1


def test_what_arrived_before_the_waiting_began_is_not_waited_for(mail: Mail, live: Connector) -> None:
    _, cursor = changed(live, None)
    _, cursor = changed(live, cursor)
    mail.sandbox.inject(raw(1))
    assert source(live).wait(600) is True  # type: ignore[attr-defined]


def test_waiting_can_be_ended_from_outside_and_by_time(mail: Mail, live: Connector) -> None:
    assert source(live).wait(0.1) is False  # type: ignore[attr-defined]
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(source(live).wait(600)))  # type: ignore[attr-defined]
    waiting.start()
    source(live).stop_waiting()  # type: ignore[attr-defined]
    waiting.join(30)
    assert told == [False]


def test_without_a_mailbox_only_what_was_delivered_is_read(mail: Mail) -> None:
    with mail.connected(imap_host=None) as live:
        assert "webhook" in source(live).check()[0]
        assert everything(live) == []
        events, cursor = changed(live, None)
        assert (events, changed(live, cursor)[0]) == ([], [])
        with pytest.raises(RecordError, match="webhook"):
            source(live).fetch("message", "<1@client.example>#abc")
        with pytest.raises(RecordError, match="no stream"):
            source(live).fetch("task", "1")


def test_a_mail_that_is_sent_to_the_hub_itself_comes_back(mail: Mail, live: Connector) -> None:
    from tests.connectors.email.conftest import letter

    assert live.messenger is not None
    live.messenger.send(letter(to="hub+tok@example.com", answers_to="<q@x>", references=("<p@x>",)))
    (record,) = everything(live)
    assert record.fields["message_id"] == "<1@hub.example.com>"
    assert record.fields["answers_to"] == "tok"
    assert record.fields["references"] == ("<p@x>", "<q@x>")
    assert record.fields["automatic"] is True
    assert record.fields["created_at"] == NOW
    assert isinstance(record.at, datetime)
    assert record.at.tzinfo is UTC
    assert "Bonjour Zoé" in str(record.fields["text"])
