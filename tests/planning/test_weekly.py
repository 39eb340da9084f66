"""The CEO's week and the close of her month: sentences that follow from the figures, and add up to them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.markup import as_html
from hub.core.types import BLOCK_VALUES
from hub.mapping.model import Business
from hub.planning import weekly_words
from hub.planning.explain import explain
from hub.planning.figure import ProofLine
from hub.planning.weekly import (
    Automated,
    Closing,
    Report,
    key_of,
    last_closed,
    letter,
    report_of,
    rows,
    week_of,
    with_page,
)
from hub.planning.words import Language
from tests.planning.make import business, config, eur, job, utc
from tests.planning.test_page import figure

MONDAY = date(2026, 11, 23)
DONE = Automated(runs=214, written=96, mails=1)
WANTED = job(figures=[config("cash_in", "12000"), config("mrr"), config("refund_rate")])


def week(
    found: Any, before: Any, wanted: Any, home: Any, today: date, done: Automated, waits: tuple[str, ...]
) -> Report:
    closing = Closing(kind="week", first=week_of(today)[0], before=before, done=done)
    return report_of(closing, found, wanted, home, waits)


def line(key: str, amount: str, at: str) -> ProofLine:
    return ProofLine(key, "charge", eur(amount), utc(at))


FIGURES = (
    figure("cash_in", "8000", "2026-09"),
    figure("cash_in", "8420", "2026-10"),
    figure(
        "cash_in",
        "2210",
        lines=(
            line("a", "10", "2026-11-08T12:00"),
            line("b", "1900", "2026-11-09T00:30"),
            line("c", "100", "2026-11-15T22:59"),  # 23:59 on Sunday in Paris
            line("d", "200", "2026-11-15T23:00"),  # Monday in Paris
        ),
    ),
    figure("mrr", "2278", "2026-10"),
    figure("mrr", "2373"),
    figure("refund_rate", Decimal("2.5"), unit="percent"),
)


def told(*found: Any, **more: Any) -> list[str]:
    before = more.pop("before", {"mrr/EUR": eur("2278")})
    report = week(found or FIGURES, before, WANTED, business(**more), MONDAY, DONE, ())
    return [one.replace("\u00a0", " ").replace("\u202f", " ") for _, lines in report.sections for one in lines]


def test_the_week_is_the_last_whole_one() -> None:
    assert week_of(date(2026, 11, 23)) == week_of(date(2026, 11, 29)) == (date(2026, 11, 16), date(2026, 11, 23))
    report = week((), {}, WANTED, business(), date(2027, 1, 4), DONE, ())
    assert (report.key, report.title) == ("week/2026-W53", "Semaine du 28/12/2026 au 03/01/2027")


def test_a_flow_is_what_moved_in_those_local_days_and_a_state_what_it_is_since() -> None:
    assert told() == [
        "Encaissements : 200,00 € dans la semaine, 2 000,00 € la semaine d'avant.",
        "Revenu récurrent : 2 373,00 €, +95,00 € sur la semaine.",
        "Le hub a travaillé 214 fois.",
        "96 fiches tenues à jour.",
        "1 mail envoyé.",
        "Rien n'attend de décision.",
    ]
    assert told(language="en")[:2] == [
        "Encaissements: €200.00 in the week, €2,000.00 in the week before.",
        "Revenu récurrent: €2,373.00, +€95.00 over the week.",
    ]


def test_a_state_that_was_not_known_before_is_not_compared() -> None:
    assert "Revenu récurrent : 2 373,00 €." in told(before={})
    assert "Revenu récurrent : 2 373,00 €, sans changement." in told(before={"mrr/EUR": eur("2373")})
    assert "Revenu récurrent : 2 373,00 €, −27,00 € sur la semaine." in told(before={"mrr/EUR": eur("2400")})
    assert "Revenu récurrent : 2 373,00 €." in told(before={"mrr/EUR": eur("2373", "USD")})


def test_what_moved_mrr_is_told_of_months_only() -> None:
    wanted = job(figures=[config("mrr_churn_voluntary")])
    gone = figure("mrr_churn_voluntary", "50", "2026-10", lines=(line("cus_1", "50", "2024-01-02T10:00"),))
    found = (gone, figure("mrr_churn_voluntary", "0"))
    report = week(found, {}, wanted, business(), MONDAY, DONE, ())
    assert not any("churn" in one for _, lines in report.sections for one in lines)
    closed = report_of(Closing(kind="month", first=date(2026, 10, 1), done=DONE), found, wanted, business(), ())
    assert any("50,00" in one for _, lines in closed.sections for one in lines)


def test_the_weeks_of_a_year_add_up_to_the_figures() -> None:
    lines = tuple(line(f"t{n}", str(n), f"2026-11-{n:02d}T10:00") for n in range(2, 30))
    found = (figure("cash_in", str(sum(range(2, 30))), lines=lines),)
    weeks = [
        week(found, {}, WANTED, business(language="en"), date(2026, 11, n), DONE, ()).sections[0][1][0]
        for n in (9, 16, 23, 30)
    ]
    amounts = [Decimal(each.split("€")[1].split(" ")[0].replace(",", "")) for each in weeks]
    assert sum(amounts) == sum(range(2, 30))


def test_the_close_of_a_month_sets_each_figure_against_its_target_and_the_month_before() -> None:
    closing = Closing(kind="month", first=date(2026, 10, 1), done=DONE)
    report = report_of(closing, FIGURES, WANTED, business(language="en"), ("Decide on the sales page · Lila",))
    assert (report.key, report.title) == ("month/2026-10", "Close of October 2026")
    assert report.sections[0][1] == (
        "Encaissements: €8,420.00, 70% of the target of €12,000.00, €8,000.00 the month before.",
        "Revenu récurrent: €2,278.00.",
    )
    assert report.sections[2][1] == ("Decide on the sales page · Lila",)


def test_what_is_unsure_is_told() -> None:
    report = week((), {}, WANTED, business(), MONDAY, Automated(unsure=2), ())
    assert report.sections[0][1] == ("Aucun chiffre n'est encore compté.",)
    assert report.sections[1][1][1:] == ("2 effets dont personne ne sait s'ils ont eu lieu\u00a0: à vérifier.",)


def test_the_page_and_the_mail_say_the_same() -> None:
    report = week(FIGURES, {}, WANTED, business(), MONDAY, DONE, ("À décider.",))
    made = rows(report)
    assert all(set(row.values) == set(BLOCK_VALUES) for row in made)
    assert len({row.key for row in made}) == len(made)
    subject, body = letter(report, business(), "Lila")
    assert subject == "Semaine du 16/11/2026 au 22/11/2026 — Atelier Lila"
    assert body.startswith("Bonjour Lila,\n\n## Ce qui a changé\n\n- Encaissements")
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", body)
    assert all(str(row.values["text"]) in shown for row in made)


def test_what_people_wrote_is_no_markup_in_the_mail_and_what_is_bold_stays_bold() -> None:
    late = "**Page** [ici](https://bad.example) <b>_x_</b> &amp; `y` · Claire"
    report = week((), {}, WANTED, business(), MONDAY, DONE, (late,))
    _, body = letter(report, business(), "Lila *la* [première](x)")
    html = as_html(body)
    assert "<strong>Page</strong> [ici](https://bad.example) &lt;b&gt;_x_&lt;/b&gt; &amp;amp; `y` · Claire" in html
    assert "Bonjour Lila *la* [première](x)," in html
    assert "<a " not in html


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "La même chose dans Notion\u00a0: [Semaine \\(1\\)](https://app.notion.com/p/1)"),
        ("en", "The same in Notion: [Semaine \\(1\\)](https://app.notion.com/p/1)"),
    ],
)
def test_the_mail_ends_with_the_page_where_its_address_is_known(language: Language, line: str) -> None:
    assert with_page("Bonjour\n", "Semaine (1)", "https://app.notion.com/p/1", language) == f"Bonjour\n\n{line}\n"
    assert with_page("Bonjour\n", "Semaine (1)", None, language) == "Bonjour\n"
    assert with_page("Bonjour\n", "Semaine (1)", "javascript:x", language) == "Bonjour\n"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_what_was_closed_last_is_over_and_nothing_whole_lies_between(today: date) -> None:
    (_, monday, after), (_, first, then) = last_closed(today)
    assert monday.weekday() == 0
    assert after - monday == timedelta(days=7)
    assert after <= today < after + timedelta(days=7)
    assert first.day == then.day == 1
    assert (then - timedelta(days=1)).month == first.month
    assert (then.year, then.month) == (today.year, today.month)


@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)), st.dates(date(2000, 1, 3), date(2100, 1, 1)))
def test_two_weeks_or_months_never_have_one_name(one: date, other: date) -> None:
    for a, b in zip(last_closed(one), last_closed(other), strict=True):
        assert (key_of(a[0], a[1]) == key_of(b[0], b[1])) == (a == b)


def test_both_languages_have_every_phrase_with_the_same_parts() -> None:
    words = weekly_words.names()
    assert words["fr"].keys() == words["en"].keys()
    for name in words["en"]:
        parts = []
        for language in ("fr", "en"):
            found = words[language][name]
            texts = (found,) if isinstance(found, str) else found
            parts.append({part for each in texts for _, part, _, _ in Formatter().parse(each) if part})
        assert parts[0] == parts[1], name


@pytest.mark.parametrize(
    ("said", "french", "english"),
    [
        (
            {},
            " ; Lila la reçoit par e-mail, une seule fois, un jour ouvré à partir de 08:30.",
            "; Lila gets it by mail, once only, on a working day from 08:30 on.",
        ),
        ({"report": False}, ", qui n'est pas envoyée par e-mail.", ", which is not sent by mail."),
        (
            {"connections": {"notion": {}}},
            " ; pour l'envoyer par e-mail, il faut une personne « ceo » avec une adresse et une connexion qui envoie "
            "des e-mails.",
            "; to send it by mail, it takes a person “ceo” with an address, and a connection that sends mails.",
        ),
    ],
)
def test_who_gets_it_by_mail_is_explained(said: dict[str, Any], french: str, english: str) -> None:
    people = {"ceo": {"name": "Lila", "email": "lila@example.com"}}
    home = Business.model_validate(
        {"hub": 1, "business": "Lila", "people": people, "connections": {"email": {}}, "language": "fr"} | said
    )
    expected: dict[Language, str] = {
        "fr": f"Chaque semaine et chaque mois qui se termine a sa page dans « Tableau de bord — Lila »{french}",
        "en": f"Each week and month that is over has its page in “Tableau de bord — Lila”{english}",
    }
    for language, sentence in expected.items():
        (_, figures) = explain(home, [WANTED], language)
        assert sentence in [one.replace("\u00a0", " ") for one in figures.sentences]
