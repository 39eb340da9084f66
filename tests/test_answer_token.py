"""The tokens in a mail's links and in its reply address."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from hub.answer_token import (
    DECISIONS,
    WHATS,
    Answer,
    answer_url,
    mails_by_token,
    make_answer,
    read_answer,
    reply_token,
)
from hub.unsubscribe_token import make_token

KEY = Fernet.generate_key()
LILA, MARC = "atelier-lila", "studio-marc"
NOW = datetime(2026, 3, 20, 7, 30, tzinfo=UTC)
MAIL = "deadlines/digest/lea/2026-03-20/1a2b3c"
ANSWER = Answer(
    business=LILA,
    job="deadlines",
    reader="lea",
    what="done",
    mail=MAIL,
    day=date(2026, 3, 20),
    task="asana/task/1201",
    due="2026-03-23",
)


def test_a_token_says_what_it_was_made_of() -> None:
    for what in WHATS:
        answer = replace(ANSWER, what=what)
        assert read_answer(KEY, LILA, make_answer(KEY, answer), NOW) == answer


def test_a_mail_that_is_planned_twice_has_the_same_links() -> None:
    assert make_answer(KEY, ANSWER) == make_answer(KEY, replace(ANSWER))
    assert make_answer(KEY, ANSWER) != make_answer(KEY, replace(ANSWER, reader="claire"))


def test_a_token_is_good_for_thirty_days() -> None:
    token = make_answer(KEY, ANSWER)
    assert read_answer(KEY, LILA, token, NOW + timedelta(days=30)) == ANSWER
    assert read_answer(KEY, LILA, token, NOW + timedelta(days=31)) == "expired"


def test_a_token_is_good_for_its_business_and_key_only() -> None:
    token = make_answer(KEY, ANSWER)
    assert read_answer(KEY, MARC, token, NOW) == "wrong"
    assert read_answer(Fernet.generate_key(), LILA, token, NOW) == "wrong"


def test_what_was_made_for_another_purpose_is_no_answer() -> None:
    unsubscribing = make_token(KEY, LILA, "lea@example.com")
    assert read_answer(KEY, LILA, unsubscribing, NOW) == "wrong"
    assert read_answer(KEY, LILA, reply_token(KEY, LILA, MAIL), NOW) == "wrong"


def test_every_spoilt_letter_is_noticed() -> None:
    token = make_answer(KEY, ANSWER)
    for place in range(len(token)):
        spoilt = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        read = read_answer(KEY, LILA, spoilt, NOW)
        # The last letter may hold bits that stand for nothing.
        assert read == "wrong" or (place == len(token) - 1 and read == ANSWER)
        assert read_answer(KEY, LILA, token[:place], NOW) == "wrong"


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_text_of_a_stranger_is_an_answer_or_breaks_anything(text: str) -> None:
    assert read_answer(KEY, LILA, text, NOW) == "wrong"


def test_a_token_of_any_length_is_refused_before_it_is_worked_on() -> None:
    assert read_answer(KEY, LILA, "A" * 1_000_000, NOW) == "wrong"


def test_a_token_hides_what_it_says_and_fits_into_an_address() -> None:
    url = answer_url("https://hub.example.com/", KEY, ANSWER)
    assert url.startswith("https://hub.example.com/answer/atelier-lila/")
    token = url.rsplit("/", 1)[1]
    assert len(url) < 400
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert b"lea" not in raw
    assert b"1201" not in raw


def test_answers_that_differ_have_ids_that_differ() -> None:
    others = [
        replace(ANSWER, **{name: value})
        for name, value in {
            "business": MARC,
            "job": "other",
            "reader": "claire",
            "what": "snooze",
            "mail": MAIL + "x",
            "day": date(2026, 3, 21),
            "task": "asana/task/1202",
            "due": "-",
            "value": "x",
        }.items()
    ]
    assert len({each.id for each in (ANSWER, *others)}) == 10
    assert replace(ANSWER).id == ANSWER.id


def test_a_plan_is_decided_on_once_whichever_link_is_used() -> None:
    both = {replace(ANSWER, what=what, task="", value="1a2b3c4d").id for what in DECISIONS}
    assert len(both) == 1


@given(st.text(min_size=1, max_size=60))
def test_the_word_of_a_reply_address_is_short_plain_and_finds_its_mail(mail: str) -> None:
    word = reply_token(KEY, LILA, mail)
    assert len("hub.atelier-lila+" + word) <= 64
    assert word.isascii()
    assert word.isalnum()
    assert word == word.lower()
    others = ["a/b", "c/d", mail, "e/f"]
    assert mails_by_token(KEY, LILA, others)[word] == mail
    assert mails_by_token(KEY, LILA, others)[word.upper().lower()] == mail
    assert word not in mails_by_token(KEY, MARC, others)
    assert word not in mails_by_token(Fernet.generate_key(), LILA, others)
