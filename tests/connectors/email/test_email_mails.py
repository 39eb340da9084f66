"""Reading the bytes of mails: bounces, answers, charsets, and garbage of every kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.email.mail import MAX_TEXT, read_mail
from connectors.email.plain import from_html
from connectors.email.records import delivered_mail, record_of
from hub.core.kinds import problems
from hub.core.types import Record
from tests.connectors.email.conftest import NOW

OWN = ("hub@example.com", "hub@in.example.com")


def record(raw: bytes | str) -> Record:
    content = raw.encode() if isinstance(raw, str) else raw
    return record_of(read_mail(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")), at=NOW, own=OWN)


def field(raw: bytes | str, name: str) -> object:
    return record(raw).fields[name]


DSN = """\
From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
To: hub@example.com
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <dsn1@mx.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Fri, 20 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; fine@client.example
Action: delivered
Status: 2.0.0

Final-Recipient: rfc822; slow@client.example
Action: delayed
Status: 4.4.1

Original-Recipient: rfc822;zoe@client.example
Final-Recipient: rfc822; zoe@client.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <zoe@client.example>: Recipient
    unknown

--b
Content-Type: RETURNED

From: hub@example.com
Message-ID: <alert-1@hub.example.com>
Subject: x

--b--
"""


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_says_who_why_and_which_mail(returned: str) -> None:
    read = record(DSN.replace("RETURNED", returned))
    assert read.fields["bounce"] == {
        "recipient": "zoe@client.example",
        "status": "5.1.1",
        "permanent": True,
        "message_id": "<alert-1@hub.example.com>",
    }
    assert read.fields["automatic"] is True


def test_a_delay_is_not_permanent_and_success_is_no_bounce() -> None:
    delayed = DSN.replace("Action: failed", "Action: delivered").replace("RETURNED", "message/rfc822")
    assert field(delayed, "bounce") == {
        "recipient": "slow@client.example",
        "status": "4.4.1",
        "permanent": False,
        "message_id": "<alert-1@hub.example.com>",
    }
    assert field(delayed.replace("Action: delayed", "Action: relayed"), "bounce") is None


def test_a_bounce_without_a_report_is_known_by_its_header() -> None:
    raw = "From: a@b\nX-Failed-Recipients: zoe@client.example\nIn-Reply-To: <1@hub>\n\nsorry"
    assert field(raw, "bounce") == {
        "recipient": "zoe@client.example",
        "status": None,
        "permanent": True,
        "message_id": "<1@hub>",
    }


def test_a_bounce_that_postmark_hands_over_is_known_by_its_files() -> None:
    import base64

    report = b"Final-Recipient: rfc822; zoe@client.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
    status = base64.b64encode(report).decode()
    back = base64.b64encode(b"Message-ID: <alert-1@hub>\r\nSubject: x\r\n\r\nMessage-ID: <no@x>").decode()
    body = {
        "MessageID": "m",
        "FromFull": {"Email": "d@mx"},
        "Attachments": [
            {"Name": "s", "ContentType": "message/delivery-status", "Content": status},
            {"Name": "m", "ContentType": "message/rfc822", "Content": back},
        ],
    }
    bounce = record_of(delivered_mail(json.dumps(body).encode()), at=NOW, own=OWN).fields["bounce"]
    assert bounce == {
        "recipient": "zoe@client.example",
        "status": "5.2.2",
        "permanent": True,
        "message_id": "<alert-1@hub>",
    }


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("X-Nothing: 1", False),
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-replied; x=y", True),
        ("Auto-Submitted: AUTO-GENERATED", True),
        ("Precedence: bulk", True),
        ("Precedence: first-class", False),
        ("List-Id: <l.example.com>", True),
        ("Return-Path: <>", True),
        ("Return-Path: <a@b>", False),
    ],
)
def test_what_no_person_wrote_is_flagged(header: str, automatic: bool) -> None:
    assert field(f"From: a@b\n{header}\n\nx", "automatic") is automatic


@pytest.mark.parametrize(
    ("headers", "answers_to"),
    [
        ("To: Hub <HUB+Tok-1@example.com>\nIn-Reply-To: <a@b>", "Tok-1"),
        ("To: x@y\nDelivered-To: hub+t2@in.example.com", "t2"),
        ("To: x@y\nX-Original-To: <hub+t3@example.com>", "t3"),
        ("Cc: hub+t4@example.com", "t4"),
        ("To: claire+news@example.com\nIn-Reply-To: <a@b>", "<a@b>"),
        ("To: hub+@example.com\nReferences: <r1@x> <r2@x>", "<r2@x>"),
        ("In-Reply-To: your mail of Monday <a@b>\nReferences: <r@x>", "<a@b>"),
        ("Subject: Re: Re: something", None),
    ],
)
def test_an_answer_is_matched_by_token_then_by_message_id_never_by_subject(
    headers: str, answers_to: str | None
) -> None:
    assert field(f"From: a@b\n{headers}\n\nx", "answers_to") == answers_to


def test_the_key_is_the_same_wherever_the_mail_is_and_tells_reused_ids_apart() -> None:
    base = "From: A <A@b.example>\nDate: {}\nMessage-ID: <1@b.example>\n\n{}"
    first = record(base.format("Fri, 20 Nov 2026 10:00:00 +0000", "x"))
    moved = record("Received: by x\nDelivered-To: y@z\n" + base.format("Fri, 20 Nov 2026 11:00:00 +0100", "x"))
    other = record(base.format("Fri, 20 Nov 2026 10:00:01 +0000", "x"))
    assert first.key == moved.key != other.key
    assert first.key.startswith("<1@b.example>#")
    for nameless in ("", "Message-ID: none\n", "Message-ID: <a b@c>\n", "Message-ID: <é@c>\n", 'Message-ID: <"q"@c>\n'):
        one, two = (record(f"From: a@b\n{nameless}\n{text}") for text in ("x", "y"))
        assert one.key.startswith("sha256:")
        assert one.key != two.key


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("Content-Type: text/plain; charset=utf-8", "é".encode(), "é"),
        ("Content-Type: text/plain; charset=iso-8859-15", b"\xa4", "€"),
        ("Content-Type: text/plain; charset=no-such-thing", "é".encode(), "é"),
        ("Content-Type: text/plain; charset=no-such-thing", b"\xe9", "é"),
        ("Content-Type: text/plain; charset=utf-8", b"\xe9!", "�!"),
        ("Content-Type: text/plain; charset*=x'y'%ff", b"ok", "ok"),
        ('Content-Type: text/plain; charset="a\0b"', b"ok", "ok"),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: base64", b"4pyT*!", "✓"),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: nonsense", b"ok", "ok"),
        ("Content-Type: text/html", b"<p>a<br>b<style>x</style><li>c &amp; d</p>", "a\nb\n• c & d"),
        ("Content-Type: nonsense", b"ok", "ok"),
        ("X: y", b"a\0b\x07c", "ab�c"),
    ],
)
def test_the_text_is_read_whatever_its_charset_says(head: str, body: bytes, text: str) -> None:
    assert field(head.encode() + b"\n\n" + body, "text") == text


def test_encoded_names_and_subjects_are_read_and_broken_ones_are_kept() -> None:
    raw = (
        "From: =?utf-8?q?Martin=2C_Zo=C3=A9?= <zoe@client.example>\nTo: =?bogus?b?AAAA?= <a@b>, <c@d>, undisclosed:;\n"
        "Subject: =?iso-8859-1?q?caf=E9?= =?utf-8?b?4piV?= =?utf-8?b?!!!?=\n\nx"
    )
    read = record(raw)
    assert read.fields["from"] == {"name": "Martin, Zoé", "email": "zoe@client.example"}
    assert [person["email"] for person in read.fields["to"]] == ["a@b", "c@d"]  # type: ignore[union-attr, index, call-overload]
    assert str(read.fields["subject"]).startswith("café☕")
    assert field("Subject: caf\u00e9\n\n", "subject") == "café"
    assert field("From: \n\n", "from") is None


def test_files_are_named_with_their_size_and_a_mail_inside_is_one() -> None:
    message, inner = EmailMessage(), EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("inside")
    message.set_content("outside")
    message.add_attachment(b"\0\1\2", maintype="application", subtype="pdf", filename="devis été.pdf")
    message.add_attachment(inner)
    read = record(message.as_bytes())
    files = read.fields["files"]
    assert isinstance(files, tuple)
    assert files[0] == {"name": "devis été.pdf", "type": "application/pdf", "size": 3}
    assert files[1]["type"] == "message/rfc822"  # type: ignore[index, call-overload]
    assert read.fields["text"] == "outside"


def nested(depth: int) -> bytes:
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(depth)
    )
    return b"From: a@b\r\nMessage-ID: <n@x>\r\n" + head + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


@pytest.mark.parametrize("depth", [1, 20, 50, 400, 2000])
def test_deep_nesting_is_read_as_far_as_it_is_sensible(depth: int) -> None:
    read = record(nested(depth))
    assert read.fields["message_id"] == "<n@x>"
    assert (read.fields["text"] == "deep") == (depth <= 20)
    assert problems("message", read.fields, whole=True) == []


def test_a_mail_of_which_only_the_beginning_was_fetched_says_so() -> None:
    mail = read_mail(b"From: a@b\r\nMessage-ID: <1@x>\r\n\r\nbegin", size=10**9)
    assert record_of(mail, at=NOW, own=OWN).fields["truncated"] is True
    assert mail.text == "begin"


def test_a_very_long_text_is_cut() -> None:
    assert len(str(field("From: a@b\n\n" + "x" * (2 * MAX_TEXT), "text"))) == MAX_TEXT


HEADERS = (
    *("From", "To", "Cc", "Subject", "Date", "Message-ID", "References", "In-Reply-To", "Delivered-To"),
    *("Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version", "Auto-Submitted"),
)
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "multipart/mixed; boundary=b",
            "multipart/report; boundary=b; report-type=delivery-status",
            "message/delivery-status",
            "message/rfc822",
            "text/html; charset=utf-7",
            'text/plain; charset="=?x?q?y?="',
            "text/plain; charset*0*=utf''%; charset*1=",
            "base64",
            "quoted-printable",
            "uuencode",
            "attachment; filename*=utf-8''%ff%fe",
            '"<@,:;[]()\\',
            "a@b, (((( <c@[",
            "=?utf-8?b?=?= =?",
            "Fri, 99 Foo 99999 99:99:99 +9999",
            "<a@b>" * 50,
        ]
    ),
)
LINES = st.lists(
    st.sampled_from([b"--b", b"--b--", b"", b"begin 644 x", b"Action: failed", b"\xff\x00", b"=E9=", b"x"])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HEADERS), VALUES), max_size=8), LINES, st.binary(max_size=80))
@example([("Date", "Fri, 20 Nov 0000 10:00:00 +0000")], [], b"")
@example([("Date", "Fri, 31 Dec 9999 23:00:00 -0900")], [], b"")
def test_no_mail_raises_and_every_one_is_a_message(
    headers: list[tuple[str, str]], lines: list[bytes], tail: bytes
) -> None:
    raw = "".join(f"{n}: {v}\r\n" for n, v in headers).encode("utf-8", "surrogatepass")
    check(raw + b"\r\n" + b"\r\n".join(lines) + tail)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(raw: bytes) -> None:
    check(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Name", "Value", "Email", "Content", "ContentType"]), inner, max_size=4)
    ),
    max_leaves=12,
)
POSTMARK = ("From", "FromFull", "ToFull", "Subject", "Date", "Headers", "Attachments", "TextBody", "HtmlBody",
            "MailboxHash", "OriginalRecipient")  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(POSTMARK), JSON))
def test_no_delivery_of_postmark_raises(payload: dict[str, object]) -> None:
    checked(record_of(delivered_mail(json.dumps(payload).encode()), at=NOW, own=OWN))


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"--x\r\n", b"message-headers=", b"body-mime=", b"recipient=%00@&"])
)
def test_no_delivery_of_mailgun_raises(body: bytes, start: bytes) -> None:
    checked(record_of(delivered_mail(start + body), at=NOW, own=OWN))


def check(raw: bytes) -> None:
    checked(record_of(read_mail(raw), at=NOW, own=OWN))


def checked(read: Record) -> None:
    from hub.core import codec

    assert problems("message", read.fields, whole=True) == []
    assert read.key.isprintable()
    kept = codec.dumps(dict(read.fields))
    kept.encode("utf-8")
    assert "\\u0000" not in kept
    assert codec.loads(kept) == dict(read.fields)


@given(st.text(alphabet="<>/!-[]&;#x abscript\"'=\n\0", max_size=200))
def test_no_html_raises(html: str) -> None:
    assert "\0" not in from_html(html)


def test_a_naive_date_is_taken_as_utc() -> None:
    assert field("Date: Fri, 20 Nov 2026 10:00:00 -0000\n\n", "created_at") == datetime(2026, 11, 20, 10, tzinfo=UTC)
