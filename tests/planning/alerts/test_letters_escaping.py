"""Whatever people write in their tools, a mail shows it and nothing of it becomes markup, a link or a header."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.letters import sendable
from connectors.email.markup import as_html, as_text
from hub.mapping.texts import on_one_line
from hub.planning.alerts.letters import address, short
from hub.planning.alerts.types import Line
from tests.planning.alerts.letter_parts import LIST_URL, line, linked, mail, posted, reader, task, written

NASTY = (
    "[click](https://evil.example)",
    "<script>alert(1)</script>",
    "a\n\n# Heading\n\n1. b",
    "> quoted\r\nBcc: x@example.com",
    "**bold** _it_ `code` ~~s~~ | t |",
    "![p](https://evil.example/p.png)",
    "<https://evil.example>",
    "&lt;b&gt; &copy; &#x41;",
    "\u202egnp.exe\u2066 \u2028 \x00 \x9b",
    "👩🏽‍💻 🇧🇪 e\u0301",
    "\\",
    "](x) ** __ ``` ~~~ ---",
    "{task.url} {0} {} %s",
    "a | b",
    "\ud800 alone",
    "  ",
    "\u200b",
    "· · ·",
)
nasty = st.sampled_from(NASTY) | st.text(max_size=60) | st.text("[]()<>*_`#&;!|\\~-+=.:/{}\n\r 1a·", max_size=40)


class Seen(HTMLParser):
    """The tags and addresses of a page, and the words inside each item of its lists."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def seen(body: str) -> Seen:
    page = Seen()
    page.feed(as_html(body))
    return page


def shown(title: str) -> str:
    line_of_it = short(title)
    return line_of_it if any(c.isprintable() and c != " " for c in line_of_it) else "(sans titre)"


def everything(words: str, kind: str) -> Any:
    """A mail into which people could write wherever they can."""
    one = task(words, assignees=("lea", words), strangers=(words,), place=words, section=words)
    lines = (line("late", one), line("soon", one, words), line("watch", words, words))
    of_kind = lines[:1] if kind == "mail" else lines
    return mail(
        *of_kind,
        kind=kind,
        to=reader(name=f"Léa {words}"),
        done=(one,),
        about=words,
        quoted=words,
        sender=words,
        more=2,
        text="late_task" if len(words) % 2 else None,
    )


@given(words=nasty.filter(on_one_line), kind=st.sampled_from(["digest", "mail", "list", "forward", "held"]))
def test_nothing_that_people_wrote_becomes_markup_or_a_link(words: str, kind: str) -> None:
    harmless = seen(written(everything("x" * (2 - len(words) % 2), kind), linked, LIST_URL).body)
    said = written(everything(words, kind), linked, LIST_URL)
    page = seen(said.body)
    if kind == "forward":  # as many lines as the reply had
        harmless.tags = sorted({*harmless.tags})
        page.tags = sorted({*page.tags} - {"br"}) if words.strip() else harmless.tags
    assert page.tags == harmless.tags
    assert page.addresses == harmless.addresses


@given(words=nasty, kind=st.sampled_from(["digest", "mail", "list", "forward", "held"]))
def test_any_mail_can_be_sent_and_its_subject_is_one_line(words: str, kind: str) -> None:
    one = everything(words, kind)
    said = written(one, linked)
    assert said.subject == on_one_line(said.subject)
    assert sendable(posted(one, said), "hub@example.com", "Lila").content


@given(title=nasty)
def test_a_title_is_shown_as_it_is_in_both_alternatives(title: str) -> None:
    body = written(mail(line("late", task(title))), linked).body
    text = " ".join(as_text(body).split())
    assert f"1. {' '.join(shown(title).split())} (https://app.asana.com/0/1/2)" in text
    assert shown(title) in "".join(seen(body).said)


groups = st.lists(st.tuples(st.sampled_from(["late", "today", "soon", "watch"]), st.booleans()), max_size=12)


@given(parts=groups, kind=st.sampled_from(["digest", "list"]))
def test_the_number_before_a_line_is_its_place_in_the_mail(parts: list[tuple[Any, bool]], kind: Any) -> None:
    lines: list[Line] = []
    for number, (group, owned) in enumerate(parts, 1):
        owner = ("lea",) if owned else ()
        lines.append(line(group, task(f"T{number}", assignees=owner, url=f"https://a.example/{number}")))
    text = as_text(written(mail(*lines, kind=kind), linked).body)
    for number in range(1, len(parts) + 1):
        assert f"\n{number}. T{number} (https://a.example/{number})\n" in text
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == len(parts)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "", "  ", "//x", "https:///x", "file:///etc/passwd", "data:,x", "www"]
)
def test_only_pages_of_the_web_are_linked(url: str) -> None:
    assert address(url) is None
    page = seen(written(mail(line("late", task(url=url)))).body)
    assert page.addresses == []
    assert "Page de vente" in "".join(page.said)


@given(rest=st.text(max_size=60))
def test_an_address_stays_one_address(rest: str) -> None:
    body = written(mail(line("late", task(url=f"https://a.example/{rest}")))).body
    (url,) = seen(body).addresses
    assert url.startswith("https://a.example/")
    assert re.fullmatch(r"[!-~]+", url)
    assert f"1. Page de vente ({url})\n" in as_text(body)


@pytest.mark.parametrize("rest", ["a?b=c&copy=d&amp;e", "a%20b_c_*d*~", "#anchor;x='y'", "(a)[b]"])
def test_an_address_leads_where_it_led(rest: str) -> None:
    (url,) = seen(written(mail(line("late", task(url=f"https://a.example/{rest}")))).body).addresses
    assert (
        url.replace("%28", "(").replace("%29", ")").replace("%5B", "[").replace("%5D", "]")
        == f"https://a.example/{rest}"
    )
