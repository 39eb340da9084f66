"""Texts with placeholders: which are read, and that what is filled in is never more than text."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hub.mapping.loader import load
from hub.mapping.texts import TextFile, fill, read
from hub.mapping.vocabulary import ALERT, JOURNEY
from tests.mapping import kinds
from tests.mapping.kinds import FILES, loaded
from tests.mapping.write import changed, lines

HTML = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("table")
"""More than our mails allow: tags and tables too."""


def as_html(text: str) -> str:
    return escape(text, quote=False).replace('"', "&quot;")


def text_of(raw: str, *, mail: bool = True) -> TextFile:
    text, faults = read(raw, "hello", "fr", JOURNEY, mail=mail, unknown_yet={})
    assert faults == ()
    assert text is not None
    return text


def test_a_mail_has_a_subject_a_body_and_its_placeholders() -> None:
    text = text_of("Subject: Bienvenue, {person.name}\r\n\r\nMerci pour {offer},\r\n{person.name}.\r\n\r\n")

    assert text.subject == "Bienvenue, {person.name}"
    assert text.body == "Merci pour {offer},\n{person.name}."
    assert text.placeholders == ("person.name", "offer")


def test_a_page_has_no_subject() -> None:
    assert text_of("## {offer}\n\nPour {person.name}\n", mail=False).subject is None


def test_a_brace_after_a_backslash_is_a_brace() -> None:
    text = text_of(r"Subject: \{a\} {offer}" + "\n\n" + r"\{b\} {offer}")
    filled = fill(text, {"offer": "Élan"})

    assert text.placeholders == ("offer",)
    assert filled.subject == "{a} Élan"
    assert HTML.render(filled.body) == "<p>{b} Élan</p>\n"


def test_a_value_is_shown_as_it_is() -> None:
    text = text_of("Subject: Pour {person.name}\n\nBonjour **{person.name}**, [voir]({booking.cancel_url}).")
    values = {
        "person.name": "Léa *la* <b>grande</b> & Cie {offer}",
        "booking.cancel_url": "https://x.example/a_b?c=(d)",
    }
    filled = fill(text, values)

    assert filled.subject == "Pour Léa *la* <b>grande</b> & Cie {offer}"
    assert HTML.render(filled.body) == (
        "<p>Bonjour <strong>Léa *la* &lt;b&gt;grande&lt;/b&gt; &amp; Cie {offer}</strong>, "
        '<a href="https://x.example/a_b?c=(d)">voir</a>.</p>\n'
    )


def test_a_value_begins_no_header() -> None:
    filled = fill(text_of("Subject: {person.name}\n\n{person.name}"), {"person.name": "Léa\r\nBcc: all@example.com"})

    assert filled.subject == "Léa Bcc: all@example.com"
    assert HTML.render(filled.body) == "<p>Léa Bcc: all@example.com</p>\n"


@example("\\{")
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_the_value_the_page_shows_it_and_nothing_else(value: str) -> None:
    """Read back by a Markdown parser with tags and tables on."""
    filled = fill(text_of("Subject: a {person.name} z\n\na {person.name} z"), {"person.name": value})
    shown = " ".join(["a", *re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", " ", value).split(), "z"])

    assert filled.subject is not None
    assert " ".join(filled.subject.split()) == shown
    assert " ".join(HTML.render(filled.body).split()) == f"<p>{as_html(shown)}</p>"


@given(st.text("#-*+>|=~`1.) <&[]!_{}\\\t\n", min_size=1, max_size=12))
def test_a_value_at_the_start_of_a_line_begins_no_block(value: str) -> None:
    filled = fill(text_of("Subject: x\n\n{person.name} z"), {"person.name": value})

    assert HTML.render(filled.body) == f"<p>{as_html(' '.join([*value.split(), 'z']))}</p>\n"


def test_a_value_that_is_missing_is_a_defect_and_not_a_gap() -> None:
    with pytest.raises(ValueError, match=r"hello needs offer$"):
        fill(text_of("Subject: {offer}\n\n{person.name}"), {"person.name": "Léa"})


def test_the_texts_of_a_business_are_loaded_in_its_language(tmp_path: Path) -> None:
    (sud,) = loaded(kinds.write(tmp_path)).businesses

    assert sorted(sud.texts) == ["book", "late", "moved", "page", "prepare", "welcome"]
    assert {text.language for text in sud.texts.values()} == {"fr"}
    assert sud.texts["late"].placeholders == ("person.name", "task.title")
    assert sud.texts["page"].subject is None


def test_another_language_needs_texts_of_its_own(tmp_path: Path) -> None:
    business = changed(FILES["business.yaml"], "language: fr", "language: en")
    kinds.write(tmp_path, **{"business.yaml": business})

    said = lines(loaded(tmp_path), tmp_path)
    assert said[0] == (
        'sud/deadlines.yaml:10:77: error: text: "late" has no text in English: texts/late.en.md is not there. '
        "Write that file. Example of its first line: Subject: Bienvenue"
    )
    assert [job.name for job in loaded(tmp_path).businesses[0].jobs] == ["tasks"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Subject: \xe9t\xe9\n", ":1:10: error: This file is not UTF-8 text."),
        (b"a" * 200_000, ": error: This file has more than 100 KB."),
        (
            "",
            ":1:1: error: The first line is no subject: a mail begins with the word Subject, a colon and the subject.",
        ),
    ],
)
def test_a_text_that_cannot_be_read_leaves_out_its_job(tmp_path: Path, content: str | bytes, says: str) -> None:
    kinds.write(tmp_path, **{"texts/late.fr.md": content})

    (line, *_) = lines(loaded(tmp_path), tmp_path)
    assert line.startswith(f"sud/texts/late.fr.md{says} ")
    assert [job.name for job in loaded(tmp_path).businesses[0].jobs] == ["onboarding", "tasks"]


def test_a_text_that_two_jobs_use_is_blamed_once(tmp_path: Path) -> None:
    """And both jobs wait for it."""
    second = changed(FILES["deadlines.yaml"], "database: Échéances", "database: Autres")
    late = changed(FILES["texts/late.fr.md"], "{task.title}", "{task.titre}")
    kinds.write(tmp_path, **{"second.yaml": second, "texts/late.fr.md": late})

    assert len(loaded(tmp_path).problems) == 1
    assert [job.name for job in loaded(tmp_path).businesses[0].jobs] == ["onboarding", "tasks"]


@pytest.mark.parametrize(
    ("link", "fills"),
    [
        ("after: payment", True),
        ("after: [payment, booking]", False),
        ("after: payment, wait: 1 day", False),
        ("after: payment, if_no: booking", False),
        ("before: booking", False),
    ],
)
def test_a_text_speaks_of_a_link_that_is_made_by_then_whatever_happens(link: str, fills: bool, tmp_path: Path) -> None:
    step = f"  - {{name: link, {link}, link: {{from: calendly, event_type: Appel}}}}\n  - {{name: welcome,"
    kinds.write(
        tmp_path,
        **{
            "onboarding.yaml": changed(kinds.ONBOARDING, "  - {name: welcome,", step),
            "texts/welcome.fr.md": "Subject: Bienvenue\n\n{booking.link}\n",
        },
    )
    told = lines(loaded(tmp_path), tmp_path)
    assert ["no step has made a link" in line for line in told] == [True] * (not fills)


def test_a_reminder_speaks_of_a_link_that_is_made_on_its_own_condition(tmp_path: Path) -> None:
    step = "  - {name: link, after: payment, if_no: booking, link: {from: calendly, event_type: Appel}}\n  - name: book"
    kinds.write(
        tmp_path,
        **{
            "onboarding.yaml": changed(kinds.ONBOARDING, "  - name: book", step),
            "texts/book.fr.md": "Subject: Un appel ?\n\n{booking.link}\n",
            "texts/moved.fr.md": "Subject: Un autre ?\n\n{booking.link}\n",
        },
    )
    assert lines(loaded(tmp_path), tmp_path) == []


def test_an_amount_or_a_date_keeps_the_spaces_at_which_no_line_breaks() -> None:
    filled = fill(text_of("Subject: x\n\n{offer}."), {"offer": "\u00a0 1\u202f200\u00a0€ \n le\u00a02 "})
    assert filled.body == "1\u202f200\u00a0€ le\u00a02."


def test_no_text_is_looked_at_where_the_business_cannot_be_read(tmp_path: Path) -> None:
    kinds.write(tmp_path, **{"business.yaml": "hub: [", "texts/late.fr.md": None})

    assert [line.split(":")[0] for line in lines(load(tmp_path), tmp_path)] == ["sud/business.yaml"]


def test_every_word_of_the_vocabulary_is_a_placeholder() -> None:
    for words in (ALERT, JOURNEY):
        raw = "Subject: x\n\n" + " ".join(f"{{{word}}}" for word in words)
        text, faults = read(raw, "all", "en", words, mail=True, unknown_yet={})
        assert faults == ()
        assert text is not None
        assert text.placeholders == tuple(words)
