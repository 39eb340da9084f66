"""A Letter -> the bytes that go over the wire, and whom they go to. Pure; raises RecordError only.

RFC 5322 and 2045 to 2047 (the standard library's), RFC 3834 (Auto-Submitted), RFC 8058 (one-click List-Unsubscribe).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from html import escape

from connectors.email.markup import as_html, as_text
from connectors.email.page import page
from hub.core.errors import RecordError
from hub.core.types import Letter

_UNBROKEN = frozenset(("message-id", "in-reply-to", "references", "list-unsubscribe"))
_WIDE = SMTP.clone(max_line_length=900)
"""For headers of long words: at the usual 78 the standard library would break a long Message-ID or address into encoded
words, which no program puts together again. 998 is the limit (RFC 5322 2.1.1)."""


class _Wire(EmailPolicy):
    """Folds such headers wide, the others at 78 characters."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() == "subject" and (not value.isascii() or "=?" in value):
            # As one run of encoded words (RFC 2047): where it changes between those and plain words, the standard
            # library drops a space here and doubles one there (seen with CPython 3.11).
            return f"{name}: {Header(value, 'utf-8', header_name=name).encode(linesep=self.linesep)}{self.linesep}"
        return str(_WIDE.fold(name, value) if name.lower() in _UNBROKEN else super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in ("subject", *_UNBROKEN):
            return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")
        return bytes(super().fold_binary(name, value))


MAX_REFERENCES = 20

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "automatic": "Ce message a été envoyé automatiquement par {name}.",
        "stop": "Ne plus recevoir ces messages",
        "colon": " : ",
    },
    "en": {
        "automatic": "This message was sent automatically by {name}.",
        "stop": "Stop receiving these messages",
        "colon": ": ",
    },
}


@dataclass(frozen=True, slots=True)
class Sendable:
    """A mail ready to be sent. `utf8`: the server must offer SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool


def sendable(letter: Letter, address: str, name: str, reply_to: str | None = None) -> Sendable:
    """The mail. `address`, `name`: whom it is from; `reply_to`: where answers go when the letter does not say.

    RecordError when the recipient is not one plain address, or when anything that goes into a header holds a line break
    or another control character.
    """
    _refuse_control_characters(letter)
    recipient, utf8 = _recipient(letter.to)
    message = EmailMessage(policy=_Wire(linesep="\r\n", utf8=utf8))
    message["From"] = _address(name, address)
    message["To"] = _address(letter.to_name or "", recipient)
    message["Subject"] = _literally(letter.subject)
    message["Date"] = letter.at
    message["Message-ID"] = _bracketed(_whole(letter.message_id, address))
    answers_go_to = letter.reply_to or reply_to
    if letter.reply_token:
        local, _, domain = (reply_to or address).rpartition("@")
        answers_go_to = f"{local}+{letter.reply_token}@{domain}"
    if answers_go_to:
        message["Reply-To"] = _address(name, _recipient(answers_go_to)[0])
    _thread(message, letter)
    if letter.automatic:
        message["Auto-Submitted"] = "auto-replied" if letter.answers_to else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"  # what Microsoft's servers look at instead
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        if letter.unsubscribe.startswith("https://"):  # RFC 8058 knows no other
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _refuse_hidden_breaks(message, letter)
    text, html = _bodies(letter, name or address)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # last: what is about content moves into the first part
    return Sendable(address, recipient, message.as_bytes(), utf8)


def _bodies(letter: Letter, name: str) -> tuple[str, str]:
    """The plain text and the HTML, from the one Markdown, with the words around it in the letter's language."""
    words = _WORDS[letter.language]
    text, html = [as_text(letter.body).rstrip("\n")], []
    small: list[str] = []
    if letter.automatic:
        small.append(words["automatic"].format(name=name))
        html.append(escape(small[-1]))
    if letter.unsubscribe:
        small.append(words["stop"] + words["colon"] + letter.unsubscribe)
        html.append(f'<a href="{escape(letter.unsubscribe)}">{escape(words["stop"])}</a>')
    if small:
        text += ["", "-- ", *small]
    return "\n".join(text) + "\n", page(letter.language, letter.subject, as_html(letter.body), html)


def _literally(text: str) -> str:
    """For a header: the standard library decodes =?utf-8?q?…?= in what it is given, and a line break in it would begin
    another header. What looks like that is encoded itself, so that it is shown as it is."""
    return Header(text, "utf-8").encode(maxlinelen=0) if "=?" in text else text


def _whole(message_id: str, address: str) -> str:
    """A message id that names no place gets the domain of the sender."""
    return message_id if "@" in message_id or not message_id else f"{message_id}@{address.rpartition('@')[2]}"


def _thread(message: EmailMessage, letter: Letter) -> None:
    """In-Reply-To and References, so that programs show it below what it answers."""
    chain = [_bracketed(each) for each in letter.references]
    if letter.answers_to:
        answered = _bracketed(letter.answers_to)
        message["In-Reply-To"] = answered
        chain = [each for each in chain if each != answered] + [answered]
    if chain:
        first = chain[:1] if len(chain) > MAX_REFERENCES else []
        message["References"] = " ".join(first + chain[-MAX_REFERENCES:])


def _refuse_control_characters(letter: Letter) -> None:
    """A line break in a header would let its writer add headers and recipients of their own."""
    for what, text in (
        ("recipient", letter.to),
        ("recipient's name", letter.to_name),
        ("subject", letter.subject),
        ("Message-ID", letter.message_id),
        ("Reply-To", letter.reply_to),
        ("Reply-To", letter.reply_token),
        ("In-Reply-To", letter.answers_to),
        ("References", " ".join(letter.references)),
        ("unsubscribe address", letter.unsubscribe),
    ):
        _refuse(what, text or "", letter)
    if letter.unsubscribe and not _plain_address_of_a_page(letter.unsubscribe):
        raise RecordError(
            "The unsubscribe address must begin with https:// or http:// and hold no space and no bracket."
        )


def _refuse_hidden_breaks(message: EmailMessage, letter: Letter) -> None:
    """Nor does one come in by being encoded: these are the headers as they are read."""
    for what, text in message.items():
        _refuse(what, str(text), letter)


def _refuse(what: str, text: str, letter: Letter) -> None:
    if any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" or 0xD800 <= ord(c) < 0xE000 for c in text):
        raise RecordError(
            f"The {what} of the mail {letter.message_id!r} holds a line break or another control character; such a "
            "mail is never sent."
        )


def _plain_address_of_a_page(url: str) -> bool:
    return url.startswith(("https://", "http://")) and url.isascii() and not any(c in ' <>"' for c in url)


def _bracketed(identifier: str) -> str:
    inner = identifier.strip().removeprefix("<").removesuffix(">")
    if not inner or not inner.isascii() or any(c in " <>," for c in inner) or len(inner) > 900:
        raise RecordError(f"{identifier!r} is not a Message-ID, such as <1234@example.com>.")
    return f"<{inner}>"


def _recipient(to: str) -> tuple[str, bool]:
    """One plain address, its domain as the DNS writes it, and whether its local part needs SMTPUTF8."""
    local, at, domain = to.strip().rpartition("@")
    if not at or not local or not domain or any(c.isspace() or c in '<>,;:"()[]\\@' for c in local + domain):
        raise RecordError(f"{to!r} is not one mail address; nothing was sent.")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise RecordError(f"{to!r} is not a mail address: there can be no such domain.") from None
    return f"{local}@{domain}", not local.isascii()


def _address(name: str, address: str) -> Address:
    """A name and an address for a header. RecordError when the address is none."""
    local, _, domain = address.strip().rpartition("@")
    try:
        return Address(name.replace("=?", "= ?"), local, domain)  # see _literally; in a name it cannot be kept
    except (ValueError, IndexError):
        raise RecordError(f"{address!r} is not one mail address.") from None
