"""What goes over the wire for a letter, judged by the standard library's newest parser."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.letters import sendable
from connectors.email.markup import as_html, as_text
from hub.core.errors import RecordError
from tests.connectors.email.conftest import NOW, letter

LONG = "https://hub.example.com/unsubscribe/atelier-lila/" + "a1_-" * 60


def built(reply_to: str | None = None, **changed: Any) -> EmailMessage:
    message = message_from_bytes(
        sendable(letter(**changed), "hub@example.com", "Atelier Lila, été", reply_to).content, policy=default
    )
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def test_a_letter_says_what_a_mail_must_say() -> None:
    message = built()
    assert message["Message-ID"] == "<1@hub.example.com>"
    assert message["From"].addresses[0].addr_spec == "hub@example.com"
    assert message["From"].addresses[0].display_name == "Atelier Lila, été"
    assert message["To"].addresses[0].display_name == "Zoé Martin"
    assert message["Subject"] == "Échéance demain"
    assert message["Date"].datetime == NOW
    assert message["MIME-Version"] == "1.0"
    assert message["Content-Language"] == "fr"
    assert message.get_content_type() == "multipart/alternative"


def test_text_and_html_come_from_one_body_and_say_the_same() -> None:
    text, html = parts(built())
    assert "Bonjour Zoé," in text
    assert "une tâche (https://app.example.com/t/1)" in text
    assert "<strong>Zoé</strong>" in html
    assert '<a href="https://app.example.com/t/1">une tâche</a>' in html
    assert '<html lang="fr">' in html


@pytest.mark.parametrize(
    ("language", "automatic", "stop"),
    [
        ("fr", "envoyé automatiquement par Atelier Lila, été.", "Ne plus recevoir ces messages : " + LONG),
        ("en", "sent automatically by Atelier Lila, été.", "Stop receiving these messages: " + LONG),
    ],
)
def test_the_words_around_it_are_in_the_readers_language(language: str, automatic: str, stop: str) -> None:
    text, html = parts(built(language=language, unsubscribe=LONG))
    assert automatic in text
    assert automatic in html
    assert stop in text
    assert f'href="{LONG}"' in html


def test_an_automatic_mail_says_so_and_a_personal_one_does_not() -> None:
    automatic, answer = built(), built(answers_to="<0@client.example>")
    personal = built(automatic=False)
    assert (automatic["Auto-Submitted"], automatic["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert answer["Auto-Submitted"] == "auto-replied"
    assert personal["Auto-Submitted"] is personal["X-Auto-Response-Suppress"] is None
    assert personal["List-Unsubscribe"] is personal["List-Unsubscribe-Post"] is None
    assert parts(personal)[0] == "Bonjour Zoé,\n\nil reste une tâche (https://app.example.com/t/1).\n"


def test_one_click_is_offered_in_one_unbroken_line() -> None:
    raw = sendable(letter(unsubscribe=LONG), "hub@example.com", "Lila").content
    assert f"\r\nList-Unsubscribe: <{LONG}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    plain = built(unsubscribe="http://127.0.0.1:8000/unsubscribe/lila/t")
    assert plain["List-Unsubscribe"] == "<http://127.0.0.1:8000/unsubscribe/lila/t>"
    assert plain["List-Unsubscribe-Post"] is None, "one click is for HTTPS alone"


def test_an_answer_stands_below_what_it_answers() -> None:
    long = "<" + "x" * 150 + "@client.example>"
    message = built(answers_to="<b@x>", references=("<a@x>", "<b@x>", long), reply_to="hub+t1@example.com")
    assert message["In-Reply-To"] == "<b@x>"
    assert message["References"].split() == ["<a@x>", long, "<b@x>"]
    assert message["Reply-To"].addresses[0].addr_spec == "hub+t1@example.com"
    many = built(references=tuple(f"<{n}@x>" for n in range(100)))
    assert many["References"].split()[:2] == ["<0@x>", "<80@x>"]
    assert built(reply_to=None)["Reply-To"] is None


def test_no_line_is_longer_than_mail_allows() -> None:
    body = "é" * 5000 + "\n\n" + "word " * 3000 + "\n\n" + "https://x.example/" + "q" * 3000
    raw = sendable(letter(body=body, subject="à " * 400, unsubscribe=LONG), "hub@example.com", "n" * 300).content
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    head, _, rest = raw.partition(b"\r\n\r\n")
    assert max(map(len, rest.split(b"\r\n"))) <= 78
    assert all(len(line) <= 78 for line in head.split(b"\r\n") if line.startswith((b"Subject", b" =?")))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert body[:5000] in parts(built(body=body))[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "Hello\r\nBcc: all@example.com"),
        ("subject", "Hello\nBcc: all@example.com"),
        ("subject", "Hello\u2028Bcc: x"),
        ("subject", "\ud800"),
        ("to_name", "Zoé\r\nX-Evil: 1"),
        ("to", "zoe@client.example\r\nRCPT TO:<x@y.example>"),
        ("to", "zoe@client.example, other@client.example"),
        ("to", "zoe@client.example> SIZE=1"),
        ("to", "zoe"),
        ("to", "@client.example"),
        ("to", "zoé@" + "x" * 70 + ".example"),
        ("message_id", "<1@x>\r\nBcc: x@y"),
        ("message_id", "<1@x> <2@x>"),
        ("message_id", ""),
        ("reply_to", "a@b\r\nBcc: x@y"),
        ("reply_to", "a b@c"),
        ("answers_to", "<a@b>\r\n\r\nbody"),
        ("references", ("<a@b>", "<c@d>\r\nBcc: x@y")),
        ("unsubscribe", "https://x.example/\r\nBcc: x@y"),
        ("to", "=?utf-8?q?a=0D=0ABcc:_x?=@y.example"),
        ("unsubscribe", "ftp://x.example/u"),
        ("unsubscribe", "https://x.example/> , <https://y.example/"),
    ],
)
def test_what_would_add_headers_or_recipients_is_refused(field: str, value: Any) -> None:
    with pytest.raises(RecordError):
        sendable(letter(**{field: value}), "hub@example.com", "Lila")


@given(subject=st.text(), name=st.none() | st.text())
def test_whatever_the_subject_and_name_are_no_header_is_added(subject: str, name: str | None) -> None:
    try:
        raw = sendable(letter(subject=subject, to_name=name), "hub@example.com", "Lila").content
    except RecordError:
        return
    message = message_from_bytes(raw, policy=default)
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
        *("MIME-Version", "Content-Type", "Content-Language"),
    }
    assert message["To"].addresses[0].addr_spec == "zoe@client.example"


HIDDEN = "=?utf-8?q?a=0D=0ABcc:_x@y.example=0D=0A=0D=0Abody?="
WORDS = ("—", "·", "ü", "12", "late,", "today", "d'été", "réglé", "👩🏽", "x", HIDDEN, "long" * 30)


@given(words=st.lists(st.sampled_from(WORDS)))
def test_a_subject_of_any_length_arrives_with_each_of_its_spaces(words: list[str]) -> None:
    assert built(subject=" ".join(words))["Subject"] == " ".join(words)


@pytest.mark.parametrize(
    "changed", [{"subject": HIDDEN}, {"to_name": HIDDEN}, {"subject": HIDDEN, "to": "é@b.example"}]
)
def test_a_line_break_that_is_encoded_is_shown_and_begins_no_header(changed: dict[str, str]) -> None:
    raw = sendable(letter(**changed), "hub@example.com", "Lila").content
    assert b"\nbcc:" not in raw.lower()
    message = message_from_bytes(raw, policy=default)
    if "to_name" in changed:
        assert message["To"].addresses[0].display_name == HIDDEN.replace("=?", "= ?")
    else:
        assert message["Subject"] == HIDDEN


def test_an_address_beyond_ascii_is_written_as_the_dns_and_the_server_want_it() -> None:
    plain = sendable(letter(to="zoe@été.example"), "hub@example.com", "Lila")
    assert (plain.recipient, plain.utf8) == ("zoe@xn--t-9fab.example", False)
    wide = sendable(letter(to="zoé@client.example"), "hub@example.com", "Lila")
    assert wide.utf8
    assert "zoé@client.example".encode() in wide.content


def test_nothing_in_a_body_becomes_html_or_loads_anything() -> None:
    html = as_html("<script>x</script> ![p](https://spy.example/p.png) [j](javascript:alert(1)) <b>&</b>")
    assert "<script" not in html
    assert "<b>" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_lists_code_and_tables_are_readable_as_plain_text() -> None:
    markdown = (
        "# T\n\n1. a\n2. b\n   - c\n\n---\n\n`x` <https://a.example>\n\n    code\n\n| k | v |\n|-|-|\n| 1 | 2 |\n"
    )
    text = as_text(markdown)
    assert text.startswith("T\n=\n\n1. a\n2. b\n   - c\n\n----")
    assert "x https://a.example\n" in text
    assert "code" in text
    assert "1" in text
    assert as_text("") == "\n"


ROW = "[Fait](https://a.example/d) · [Plus tard](https://a.example/s)"


def test_a_line_of_links_is_a_row_of_buttons_and_as_text_a_line_for_each() -> None:
    card = f"7. **[T\\*](https://a.example)**\n   depuis hier\n   {ROW}\n8. **U**\n   *v*"
    html, text = as_html(card), as_text(card)
    assert html.count('class="button"') == 2
    assert '<span class="between"> · </span>' in html
    assert '<span class="small">depuis hier</span>' in html
    assert '<ol start="7">' in html
    assert text == (
        "7. T* (https://a.example)\n   depuis hier\n   Fait (https://a.example/d)\n   Plus tard (https://a.example/s)\n\n"
        "8. U\n   v\n"
    )


def test_a_paragraph_that_is_one_link_is_a_button_and_a_link_in_words_or_in_a_list_is_none() -> None:
    assert 'class="button"' in as_html("Hello\n\n[Choose](https://a.example)\n\nBye")
    for other in (
        "See [it](https://a.example)",
        "- [it](https://a.example)",
        "[a](https://a.example) and [b](https://b.example)",
    ):
        assert 'class="button"' not in as_html(other)
    assert "small" not in as_html("**bold**\nsecond line")


def test_words_whose_link_leads_nowhere_are_words() -> None:
    assert as_html("[Open]() it") == "<p>Open it</p>\n"
    assert as_text("[Open]()") == "Open\n"


def test_what_somebody_wrote_is_quoted_in_the_plain_text_as_well() -> None:
    assert as_text("Said:\n\n> a\n>\n> - b\n> - c\n\nEnd") == "Said:\n\n> a\n>\n> - b\n> - c\n\nEnd\n"


def test_the_page_loads_nothing_and_fits_a_phone_in_light_and_dark() -> None:
    _, html = parts(built())
    assert "width=device-width" in html
    assert "prefers-color-scheme:dark" in html
    assert not [word for word in ("src=", "url(", "@import", "<link", "<script", "<img") if word in html]
    assert len(html) < 5000  # beside a body; Gmail cuts what is longer than 102 kB
