"""The CEO's page: three answers, figures, what waits, objectives, projects, calls; what it says of a silent source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest

from hub.core.types import BLOCK_VALUES
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Launch, Objective
from hub.planning import page_words
from hub.planning.alerts.task_figure import TaskFigure, TaskLine, unit_of, value_of
from hub.planning.brief_facts import Stop
from hub.planning.figure import Figure, ProofLine
from hub.planning.figures.okr import Entry
from hub.planning.page import page_rows
from hub.planning.page_facts import NOTHING, Appointment, Beside, Database
from hub.planning.plan import DesiredRow
from tests.planning.clients import line as client
from tests.planning.clients import offer
from tests.planning.make import NOW, business, config, eur, job, utc

PEOPLE = {"obm": {"name": "Claire", "email": "claire@example.com"}}


def figure(name: str, value: Any, period: str = "2026-11", **more: Any) -> Figure:
    money = more.pop("currency", "EUR")
    unit = more.pop("unit", "money")
    return Figure(
        figure=name,
        period=period,
        currency=money if unit == "money" else "",
        value=eur(value, money) if unit == "money" and value is not None else value,
        unit=unit,
        lines=more.pop("lines", ()),
        estimated=more.pop("estimated", False),
        closed=period < "2026-11",
    )


FIGURES = (
    figure("cash_in", "8420", "2026-10", lines=(ProofLine("txn_1", "charge", eur("8420"), utc("2026-10-09")),)),
    figure("cash_in", "9430", lines=(ProofLine("txn_2", "charge", eur("9430"), utc("2026-11-20T07:15")),)),
    figure("mrr", "2163", "2026-10"),
    figure("mrr", "2373"),
    figure("overdue", "640"),
)


def tasks(**lines: tuple[TaskLine, ...]) -> dict[str, TaskFigure]:
    whole = {"on_time_rate": (), "overdue_count": (), "due_7_days": (), **lines}
    return {
        name: TaskFigure(
            figure=name, period="2026-11", value=value_of(name, found), unit=unit_of(name), lines=tuple(found)
        )
        for name, found in whole.items()
    }


def task(n: int, days: int, place: str = "Site", who: tuple[str, ...] = ("Léa",)) -> TaskLine:
    due = date(2026, 11, 21) - timedelta(days=days)
    return TaskLine(id=f"t{n}", title=f"Tâche {n}", who=who, place=place, due=due, number=Decimal(days))


def revenue(**more: Any) -> RevenueJob:
    wanted = [config("cash_in", "12000"), config("mrr"), config("overdue", None, Decimal(500))]
    return job(figures=wanted).model_copy(update=more)


def earlier(found: Any) -> dict[str, Figure]:
    return {
        each.key: before
        for each in found
        for before in found
        if not each.closed and before.closed and before.figure == each.figure
    }


def page(
    beside: Beside = NOTHING,
    *,
    found: Any = FIGURES,
    wanted: RevenueJob | None = None,
    now: datetime = NOW,
    **more: Any,
) -> dict[str, DesiredRow]:
    home = business(people=PEOPLE, **more)
    rows = page_rows(found, earlier(found), wanted or revenue(), home, now, beside)
    assert len({row.key for row in rows}) == len(rows)
    assert all(set(row.values) == set(BLOCK_VALUES) for row in rows)
    return {row.key: row for row in rows}


def text(row: DesiredRow) -> str:
    return str(row.values["text"]).replace("\u00a0", " ").replace("\u202f", " ")


def test_the_page_reads_from_the_state_to_the_table() -> None:
    assert list(page()) == [
        *("state", "answer/where", "answer/burns", "answer/comes", "heading"),
        *("tiles", "tiles/left", "tile/cash_in", "tile/mrr", "tiles/right", "tile/overdue"),
        *("alerts", "alerts/list", "trends", "table"),
    ]


def test_columns_hold_the_figures_the_first_of_the_file_in_the_first() -> None:
    found = page()
    assert found["tiles/left"].inside == found["tiles/right"].inside == "tiles"
    assert found["tile/cash_in"].inside == found["tile/mrr"].inside == "tiles/left"
    assert found["tile/overdue"].inside == "tiles/right"
    assert [row.inside for row in page(wanted=job(figures=["mrr"])).values()] == [None] * 10


def test_three_answers_stand_at_the_top() -> None:
    found = page()
    assert text(found["answer/where"]) == (
        "**Où en est-on ?** Encaissements 9 430,00 € (79 % de l'objectif), Revenu récurrent 2 373,00 €."
    )
    assert text(found["answer/burns"]) == "**Qu'est-ce qui brûle ?** Impayés 640,00 € (à surveiller)."
    assert text(found["answer/comes"]) == "**Qu'est-ce qui vient ?** Rien d'inscrit dans les jours qui viennent."
    english = page(language="en")
    assert text(english["answer/burns"]) == "**What burns?** Impayés €640.00 (at risk)."


def test_a_figure_has_its_target_trend_word_and_colour() -> None:
    tile = page()["tile/cash_in"]
    assert text(tile) == (
        "**Encaissements** : **9 430,00 €** · En bonne voie\n"
        "objectif 12 000,00 € (79 %)\n"
        "↗ +12 % (8 420,00 € le mois dernier à la même date)"
    )
    assert (tile.values["color"], tile.values["icon"]) == ("green_background", "🟢")


def test_nothing_to_decide_is_all_well_and_says_as_of_when() -> None:
    found = page(Beside(read_on=date(2026, 11, 21)), found=FIGURES[:4])
    assert text(found["state"]) == (
        "**Tout va bien** · données du 21/11/2026 · dernier mouvement compté le 20/11/2026 à 08:15"
    )
    assert found["state"].values["color"] == "green_background"
    assert text(found["alerts/list"]) == "Rien n'attend votre décision."


def test_a_paused_connection_says_who_must_do_what_and_nothing_looks_fresh() -> None:
    stop = Stop(connection="stripe", title="Stripe", state="paused", since=utc("2026-11-19T08:00"))
    found = page(Beside(stops=(stop,), boss="Claire", read_on=date(2026, 11, 19)))
    assert text(found["state"]) == (
        "**Données incomplètes, et 1 point à regarder** · sans nouvelles de Stripe depuis le 19/11/2026 à 09:00 · "
        "dernier mouvement compté le 20/11/2026 à 08:15"
    )
    assert found["state"].values["color"] == "gray_background"
    assert text(found["alerts/list"]).startswith(
        "• Stripe est en pause depuis le 19/11/2026 à 09:00 : Claire doit rétablir la connexion."
    )
    for key in ("tile/cash_in", "tile/mrr", "tile/overdue"):
        assert text(found[key]).endswith("sans nouvelles de Stripe depuis le 19/11/2026 à 09:00")
        assert found[key].values["color"] == "gray_background"
    # Nobody knows how it is now.
    assert "En bonne voie" not in text(found["tile/cash_in"])


def test_a_source_that_never_answered_is_said_so() -> None:
    found = page(Beside(stops=(Stop(connection="stripe", title="Stripe", state="never"),)), language="en")
    assert "Stripe has never answered yet: the OBM has to check the connection." in text(found["alerts/list"])
    assert "Stripe has never answered yet" in text(found["state"])


def test_the_most_severe_comes_first_and_the_rest_is_counted() -> None:
    late = tuple(task(n, n) for n in range(1, 8))
    stop = Stop(connection="stripe", title="Stripe", state="silent", since=utc("2026-11-20T08:00"))
    cold = (*FIGURES[:1], figure("cash_in", "900"), *FIGURES[2:])
    beside = Beside(stops=(stop,), tasks=tasks(overdue_count=late), held=1, boss="Claire")
    lines = text(page(beside, found=cold)["alerts/list"]).split("\n")
    assert [line.split(":")[0] for line in lines[:4]] == [
        "• Stripe ne donne plus de nouvelles depuis le 20/11/2026 à 09",
        "• **Encaissements** ",
        "• 1 modification retenue par le hub attend la décision de Claire.",
        "• **Impayés** ",
    ]
    assert lines[4:] == ["• « Tâche 7 » devait être rendue le 14/11/2026 · Léa", "et 6 autres"]


def test_tasks_have_two_figures_their_projects_and_what_comes() -> None:
    late = (task(1, 2), task(2, 9, "Podcast"))
    week = tuple(task(n, -n, "Podcast", ()) for n in (3, 4))
    done = tuple(TaskLine(id=f"d{n}", title="x", counted=n > 0) for n in range(4))
    found = page(Beside(tasks=tasks(overdue_count=late, due_7_days=week, on_time_rate=done)))
    assert text(found["tile/on_time_rate"]) == "**Délais tenus** : **75,0 %** · 3 sur 4 · À surveiller"
    assert text(found["tile/overdue_count"]) == (
        "**Tâches en retard** : **2** · À surveiller\nla plus ancienne depuis 9 jours · 2 à rendre d'ici 7 jours"
    )
    assert text(found["projects/list"]) == (
        "• 🟡 **Podcast** : 1 en retard · 2 à rendre d'ici 7 jours\n• 🟡 **Site** : 1 en retard"
    )
    assert "2 tâches à rendre d'ici 7 jours" in text(found["answer/comes"])
    assert "2 tâches en retard" in text(found["answer/burns"])


def test_at_most_seven_figures_are_shown() -> None:
    names = ("cash_in", "mrr", "overdue", "refund_rate", "signed", "receivable", "arr", "arpa", "fees")
    configs = [config("cash_in").model_copy(update={"figure": name, "title": name}) for name in names]
    found = tuple(figure(name, "1") for name in names)
    alone = page(found=found, wanted=job(figures=configs))
    beside = page(Beside(tasks=tasks()), found=found, wanted=job(figures=configs))
    assert [len([key for key in each if key.startswith("tile/")]) for each in (alone, beside)] == [7, 7]


def test_a_rate_of_few_things_says_so_and_shows_no_trend() -> None:
    lines = tuple(ProofLine(f"c{n}", "customer", Decimal(1), NOW, part="per") for n in range(12))
    gone = tuple(ProofLine(f"c{n}", "customer", Decimal(1), NOW, part="of") for n in range(3))
    rate = (
        figure("churn_rate", Decimal("8.3"), "2026-10", unit="percent", lines=(*gone[:1], *lines)),
        figure("churn_rate", Decimal("25"), unit="percent", lines=(*gone, *lines)),
    )
    wanted = job(figures=[config("cash_in").model_copy(update={"figure": "churn_rate", "title": "Attrition"})])
    assert text(page(found=rate, wanted=wanted)["single/churn_rate"]) == ("**Attrition** : **25,0 %** · 3 sur 12")


def test_a_rate_of_amounts_in_a_currency_is_limited_by_a_percentage() -> None:
    rate = replace(figure("refund_rate", Decimal("6.5"), unit="percent"), currency="EUR")
    wanted = job(figures=[config("refund_rate", None, "5 %")])
    assert text(page(found=(rate,), wanted=wanted)["single/refund_rate"]) == (
        "**Remboursements** : **6,5 %** · À surveiller\nseuil 5,0 %"
    )


def test_other_currencies_stand_beside_and_are_never_added() -> None:
    dollars = (*FIGURES, figure("cash_in", "300", currency="USD"))
    assert text(page(found=dollars)["tile/cash_in"]).split("\n")[-1] == "et 300,00 $"
    rates = tuple(figure("churn_rate", Decimal(n), unit="percent", lines=()) for n in (4, 5))
    rates = tuple(replace(each, currency=code) for each, code in zip(rates, ("EUR", "USD"), strict=True))
    wanted = job(figures=[config("cash_in").model_copy(update={"figure": "churn_rate", "title": "Attrition"})])
    assert text(page(found=rates, wanted=wanted)["single/churn_rate"]) == "**Attrition** : **4,0 %**\net 5,0 % (USD)"


def okr(**more: Any) -> Objective:
    results = [
        {"name": "mrr", "title": "MRR à 3 000 €", "figure": "mrr", "from": "2000", "to": "3000", "owner": "obm"},
        {"name": "nps", "title": "Satisfaction", "from": "7", "to": "9"},
    ]
    return Objective.model_validate(
        {"objective": "Vivre du récurrent", "quarter": "2026-Q4", "key_results": results, **more}
    )


def test_objectives_show_where_each_started_is_and_shall_be() -> None:
    said = {"nps": (Entry(date(2026, 11, 20), Decimal("8.5"), "claire"),)}
    found = page(Beside(entries=said), wanted=revenue(okr=(okr(),)))
    assert text(found["okr/0"]).split("\n") == [
        "**Vivre du récurrent** (2026-T4)",
        "▓▓▓░░░░░░░ 37 % · MRR à 3 000 € : 2 373,00 € sur 3 000,00 € (parti de 2 000,00 €) · À surveiller · Claire",
        "▓▓▓▓▓▓▓░░░ 75 % · Satisfaction : 8,5 sur 9 (parti de 7) · En bonne voie · saisi le 20/11/2026",
    ]
    assert found["okr/0"].values["color"] == "yellow_background"
    silent = text(page(wanted=revenue(okr=(okr(),)))["okr/0"])
    assert "Satisfaction · pas encore connu · aucune saisie depuis 51 jours" in silent


def test_objectives_of_another_quarter_are_not_shown_and_leave_their_blocks_where_they_stand() -> None:
    wanted = revenue(okr=(okr(), okr(objective="Livrer"), okr(quarter="2026-Q3")))
    now, later = page(wanted=wanted), page(wanted=wanted, now=utc("2027-01-02T10:00"))
    assert [key for key in now if key.startswith("okr")] == ["okr", "okr/0", "okr/1"]
    assert list(later) == list(now)  # nothing is taken away, which a person would have to agree to
    assert text(later["okr/0"]) == "Aucun objectif pour ce trimestre."
    assert text(later["okr/1"]) == "Pas d'autre objectif ce trimestre."
    assert text(page(wanted=wanted, now=utc("2026-09-02T10:00"))["okr/1"]) == "Pas d'autre objectif ce trimestre."
    assert "okr" not in page()


def test_the_next_calls_are_named_on_the_page_and_not_in_the_plan() -> None:
    calls = tuple(Appointment(starts_at=NOW + timedelta(days=n), kind="Appel", who=f"Marie {n}") for n in range(1, 8))
    found = page(Beside(calls=calls))
    lines = text(found["clients/calls/list"]).split("\n")
    assert lines[0] == "• **dim. 22/11 à 11:00** · Appel · Marie 1"
    assert (len(lines), lines[-1]) == (6, "et 2 autres")
    assert "Marie" not in found["clients/calls/list"].why
    assert "7 rendez-vous d'ici 7 jours (le prochain dim. 22/11 à 11:00)" in text(found["answer/comes"]).lower()
    assert text(page(Beside(calls=()))["clients/calls/list"]) == "Aucun rendez-vous à venir."


def test_a_launch_that_opens_or_is_open_is_what_comes() -> None:
    said = {"name": "Printemps", "opens": "2026-11-25", "closes": "2026-12-02", "offers": ["Programme Élan"]}
    wanted = revenue(launches=(Launch.model_validate(said),))
    assert "Printemps ouvre le 25/11/2026" in text(page(wanted=wanted)["answer/comes"])
    during = page(wanted=wanted, now=utc("2026-11-26T10:00"))
    assert "Printemps est ouvert jusqu'au 02/12/2026" in text(during["answer/comes"])


def test_the_team_is_listed_with_who_has_most_first_and_what_is_nobodys_last() -> None:
    late = (task(1, 2, who=("Ana",)), task(2, 9, who=("Léa", "Marc")))
    week = (*(task(n, -n, who=("Marc",)) for n in (3, 4)), *(task(n, -1) for n in (6, 7)))
    week += tuple(task(n, 0, who=()) for n in range(10, 15))
    found = page(Beside(tasks=tasks(overdue_count=late, due_7_days=week)))
    assert text(found["team/list"]).split("\n") == [
        "• 🟡 **Léa** : 1 en retard · 2 à rendre d'ici 7 jours",
        "• 🟡 **Marc** : 1 en retard · 2 à rendre d'ici 7 jours",
        "• 🟡 **Ana** : 1 en retard",
        "• 🟢 **Sans responsable** : 5 à rendre d'ici 7 jours",
    ]
    crowd = tuple(task(n, 1, who=(f"P{n:02}",)) for n in range(11))
    english = page(Beside(tasks=tasks(overdue_count=crowd)), language="en")
    lines = text(english["team/list"]).split("\n")
    assert (lines[0], lines[7:]) == ("• 🟡 **P00**: 1 overdue", ["• 🟡 **P07**: 1 overdue", "and 3 more"])
    assert text(page(Beside(tasks=tasks()))["team/list"]) == "Rien en retard, rien à rendre d'ici 7 jours."
    assert "team" not in page()


def test_the_page_ends_in_links_to_the_databases_of_other_jobs() -> None:
    found = page(Beside(databases=(Database("Échéances", "ds_1"), Database("Clients", "ds_2"))))
    assert list(found)[-3:] == ["table", "links/Échéances", "links/Clients"]
    assert text(found["table"]) == "Pour en savoir plus"
    assert (found["links/Clients"].values["block"], text(found["links/Clients"])) == ("link_to_page", "table:ds_2")
    assert found["links/Clients"].why == "Clients"
    assert text(page()["table"]) == "Tous les chiffres"


def test_stuck_clients_are_counted_and_not_named() -> None:
    found = page(Beside(offers=(offer({"journeys_stuck": [client()]}),), boss="Claire"))
    assert "1 accueil de client bloqué · Claire" in text(found["alerts/list"])
    assert "Marie" not in text(found["alerts/list"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_word_of_people_becomes_bold_or_a_line_of_its_own(language: Any) -> None:
    odd = (
        TaskLine(
            id="x", title="**gras**\nsuite", who=("L*éa",), place="P**", due=date(2026, 11, 1), number=Decimal(20)
        ),
    )
    calls = (Appointment(starts_at=NOW + timedelta(days=1), kind="A**", who="M\nx"),)
    found = page(Beside(tasks=tasks(overdue_count=odd), calls=calls), language=language)
    assert "gras suite" in text(found["alerts/list"])
    assert "**gras" not in text(found["alerts/list"])
    assert text(found["projects/list"]).count("**") == 2
    assert text(found["clients/calls/list"]).count("\n") == 0


def test_what_is_on_the_page_depends_on_the_files_and_not_on_what_happens() -> None:
    calm = Beside(tasks=tasks(), calls=())
    late = tuple(task(n, n, f"P{n}") for n in range(1, 30))
    stop = Stop(connection="stripe", title="Stripe", state="paused", since=NOW)
    wild = Beside(
        tasks=tasks(overdue_count=late, due_7_days=late),
        calls=tuple(Appointment(starts_at=NOW + timedelta(days=n), kind="Appel") for n in range(1, 40)),
        stops=(stop,),
        held=3,
    )
    assert list(page(calm)) == list(page(wild))
    changed = [key for key, row in page(wild).items() if row.values != page(calm)[key].values]
    assert len(changed) <= 25


def test_both_languages_have_every_phrase_with_the_same_parts() -> None:
    words = page_words.names()
    assert words["fr"].keys() == words["en"].keys()

    def parts(found: str | tuple[str, str]) -> set[str]:
        texts = (found,) if isinstance(found, str) else found
        return {part for each in texts for _, part, _, _ in Formatter().parse(each) if part}

    for name in words["en"]:
        assert parts(words["fr"][name]) == parts(words["en"][name]), name


def test_an_empty_business_has_a_page() -> None:
    found = page(found=())
    assert text(found["state"]) == "**Tout va bien** · aucun mouvement compté"
    assert text(found["answer/where"]) == "**Où en est-on ?** Aucun chiffre compté pour l'instant."
    assert "tiles" not in found
