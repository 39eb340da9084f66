"""What a mail's links and its reply address carry: whose answer it would be, to what, until when.

A link's token is encrypted and signed under a key made from the hub's own (AES-SIV, RFC 5297): no task and no person is
named in the logs on the way, and nobody can answer for another. Unlike Fernet's, the same content always gives the same
token: a mail that is planned twice is the same mail, byte for byte. Each token does one thing, for one business, for 30
days; its `id` is what may be used once.

The word of a reply address must be short and survive mail systems that change capitals: it is a keyed hash of the
mail's key, and is found again among the mails that went out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

What: TypeAlias = Literal["done", "snooze", "reassign", "not_mine", "apply", "drop", "tick"]
WHATS: tuple[What, ...] = get_args(What)
DECISIONS: tuple[What, ...] = ("apply", "drop")
"""Answers about a held plan, not about a task. A link to either shows the plan with both buttons."""

Refusal: TypeAlias = Literal["expired", "wrong"]

LIFE = timedelta(days=30)
MAX_TOKEN = 4000
REPLY_LENGTH = 20
"""Letters of a reply address's word: 100 bits. With the plus and a mailbox's name it stays below 64 (RFC 5321)."""

_LINK, _REPLY = b"hub answer link 1", b"hub answer reply 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer that a link gives.

    `reader`: the short name of who got the mail. `task`: its id, "" for a plan, "journey/step" for a tick. `due`: its
    due value in the mail, "-" for none. `mail`: the mail's ledger key. `value`: the id of a plan, else "".
    `day`: the mail's day.
    """

    business: str
    job: str
    reader: str
    what: What
    mail: str
    day: date
    task: str = ""
    due: str = "-"
    value: str = ""

    @property
    def id(self) -> str:
        """What can be used once. A plan's two links are one: it is decided on once. So is a step, whoever ticks it."""
        if self.what == "tick":
            return hashlib.sha256(_text((self.business, self.job, self.what, self.task))).hexdigest()[:32]
        what = "decide" if self.what in DECISIONS else self.what
        return hashlib.sha256(_text((self.business, *_parts(self)[:2], what, *_parts(self)[3:]))).hexdigest()[:32]


def make_answer(key: bytes, answer: Answer) -> str:
    """The last part of a link's address. `key`: the hub's own (`hub.settings.fernet_key`)."""
    sealed = _cipher(key).encrypt(_text(_parts(answer)), [_LINK, answer.business.encode()])
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_answer(key: bytes, business: str, token: str, now: datetime) -> Answer | Refusal:
    """The answer in a token that was made for that business with that key; "expired" after 30 days, else "wrong"."""
    if len(token) > MAX_TOKEN or not token.isascii():
        return "wrong"
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        job, reader, what, task, due, value, mail, day = json.loads(
            _cipher(key).decrypt(sealed, [_LINK, business.encode()])
        )
        made = date.fromisoformat(day)
    except (InvalidTag, binascii.Error, ValueError, TypeError):
        return "wrong"
    if what not in WHATS:
        return "wrong"
    if now.date() - made > LIFE:
        return "expired"
    return Answer(
        business=business, job=job, reader=reader, what=what, mail=mail, day=made, task=task, due=due, value=value
    )


def answer_url(public_url: str, key: bytes, answer: Answer) -> str:
    """The address of a link in a mail: `hub.web.answers` answers there."""
    return f"{public_url.rstrip('/')}/answer/{answer.business}/{make_answer(key, answer)}"


def reply_token(key: bytes, business: str, mail: str) -> str:
    """The word that brings a reply to the mail of that ledger key back (`Letter.reply_token`)."""
    digest = hmac.new(_derived(key, _REPLY), _text((business, mail)), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:REPLY_LENGTH].lower()


def mails_by_token(key: bytes, business: str, mails: Iterable[str]) -> dict[str, str]:
    """Word -> the ledger key of the mail whose replies bear it. Look words up in small letters."""
    return {reply_token(key, business, mail): mail for mail in mails}


def _parts(answer: Answer) -> tuple[str, ...]:
    day = answer.day.isoformat()
    return (answer.job, answer.reader, answer.what, answer.task, answer.due, answer.value, answer.mail, day)


def _text(parts: Iterable[str]) -> bytes:
    return json.dumps(tuple(parts), ensure_ascii=False, separators=(",", ":")).encode()


def _cipher(key: bytes) -> AESSIV:
    return AESSIV(_derived(key, _LINK))


def _derived(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose, so that nothing made for one is ever taken for another."""
    return hmac.new(base64.b64decode(key, altchars=b"-_"), purpose, hashlib.sha512).digest()
