"""The morning brief says what needs the OBM, most important first, in her language; what others wrote does nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from connectors.email.markup import as_html, as_text
from hub.planning import brief_words
from hub.planning.alerts.letters import Written
from hub.planning.alerts.types import Reader, Task
from hub.planning.brief import MOST, MOST_NAMES, brief_of
from hub.planning.brief_facts import Blind, BusinessFacts, Dead, Held, Late, Note, Stop, Trouble, Unsure
from hub.planning.brief_tasks import late_of, notes_of
from hub.planning.workdays import WorkingDays
from tests.planning.clients import line as client
from tests.planning.clients import offer

FRIDAY = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
LILA = BusinessFacts(key="atelier-lila", title="Atelier Lila", mails=14, connections=5, jobs=4, tasks=42)
ZEN = BusinessFacts(key="zen", title="Studio Zen", mails=1, connections=1, jobs=1)


def reader(
    language: Literal["fr", "en"] = "fr", *, formal: bool = True, zone: str = "Europe/Paris", name: str = "Claire"
) -> Reader:
    return Reader(
        key="obm",
        name=name,
        address="claire@example.com",
        zone=ZoneInfo(zone),
        calendar=WorkingDays.of(("mon", "tue", "wed", "thu", "fri"), "FR"),
        language=language,
        formal=formal,
        digest_at=time(8, 30),
        hours=(time(8, 30), time(18)),
    )


def brief(*facts: BusinessFacts, to: Reader | None = None, strays: tuple[str, ...] = ()) -> Written:
    return brief_of(facts, to or reader(), MONDAY, FRIDAY, strays)


def text(*facts: BusinessFacts, to: Reader | None = None, strays: tuple[str, ...] = ()) -> str:
    """What the plain text of the mail says, with ordinary spaces."""
    return as_text(brief(*facts, to=to, strays=strays).body).replace("\u00a0", " ")


def test_all_is_well_is_said_with_counts_in_both_languages() -> None:
    french = brief(LILA, ZEN)
    assert french.subject == "Tout va bien — 2 entreprises"
    said = text(LILA, ZEN)
    assert "Bonjour Claire," in said
    assert "Tout va bien : rien n'attend votre décision" in said
    assert "- Atelier Lila : tout va bien · 5 connexions · 4 travaux · 14 mails envoyés · 42 tâches ouvertes." in said
    assert "- Studio Zen : tout va bien · 1 connexion · 1 travail · 1 mail envoyé." in said
    assert "comptés depuis vendredi 20 novembre à 8 h." in said
    assert not {"À décider", "À régler", "En retard"} & set(said.splitlines())
    assert "rien n'attend ta décision" in text(LILA, to=reader(formal=False))

    english = text(LILA, ZEN, to=reader("en"))
    assert brief(LILA, ZEN, to=reader("en")).subject == "All is well — 2 businesses"
    assert "Good morning Claire," in english
    assert "- Atelier Lila: all is well · 5 connections · 4 jobs · 14 mails sent · 42 open tasks." in english
    assert "counted since Friday 20 November at 08:00." in english


def test_of_one_business_the_subject_says_the_name_and_the_lines_need_none() -> None:
    held = replace(LILA, held=(Held(job="revenue", plan="1a2b3c4d", why="12 lignes"),))
    assert brief(LILA).subject == "Tout va bien — Atelier Lila"
    assert brief(held).subject == "1 chose à décider — Atelier Lila"
    assert "- le plan 1a2b3c4d de revenue attend votre décision : 12 lignes." in text(held)


def test_the_subject_says_the_state_and_the_most_important_comes_first() -> None:
    troubled = replace(
        LILA,
        held=(Held(job="revenue", plan="1a2b3c4d", why="12 lignes seraient archivées."),),
        unsure=(Unsure(job="deadlines", what="mail « Vos tâches » › Léa", since=FRIDAY),),
        unsure_count=1,
        stops=(Stop(connection="notion", title="Notion", state="paused", why="the key is refused", since=FRIDAY),),
        late=(Late(who="Léa", tasks=3, title="Page de vente", due=date(2026, 11, 12)),),
        blind=(
            Blind(title="Asana", began=FRIDAY, ended=FRIDAY, why="it had deleted us", healed=FRIDAY, reread=12),
            Blind(title="Trello", began=FRIDAY, ended=FRIDAY, why="no room"),
        ),
    )
    assert brief(ZEN, troubled).subject == "2 choses à décider, 2 choses à régler, 3 tâches en retard — 2 entreprises"
    said = text(ZEN, troubled, to=reader(formal=False))
    heads = ["À décider", "À régler", "En retard", "Manqué, puis relu", "En bref"]
    assert [line for line in said.splitlines() if line in heads] == heads
    for line in (
        "- Atelier Lila : le plan 1a2b3c4d de revenue attend ta décision : 12 lignes seraient archivées. hub apply "
        "1a2b3c4d l'applique, hub held drop 1a2b3c4d l'écarte.",
        "- Atelier Lila : mail « Vos tâches » › Léa (deadlines, vendredi 20 novembre à 8 h) : personne ne sait si cela "
        "a eu lieu. Regarde, puis dis-le au hub ; il ne le refera pas de lui-même.",
        "- Atelier Lila : Notion (notion) est en pause depuis vendredi 20 novembre à 8 h : the key is refused. C'est à "
        "toi : hub connect notion --business atelier-lila ; le hub réessaie ensuite de lui-même.",
        "- Atelier Lila : Léa : 3 (« Page de vente », depuis jeudi 12 novembre).",
        "- Atelier Lila : Asana n'a rien dit du vendredi 20 novembre à 8 h au vendredi 20 novembre à 8 h (it had "
        "deleted us) ; c'est rattrapé : 12 fiches relues.",
        "- Studio Zen : tout va bien · 1 connexion · 1 travail · 1 mail envoyé.",
    ):
        assert line in said.splitlines()
    assert "Trello n'a rien dit" in said.partition("En retard")[0], "what is not healed is to be put right"


def test_a_page_to_decide_is_linked_and_nothing_else_can_be() -> None:
    url = "https://hub.example.com/plans/1a?x=1&copy=2"
    linked = brief(replace(LILA, held=(Held(job="revenue", plan="1a", why="?", link=url),)), to=reader("en"))
    assert 'href="https://hub.example.com/plans/1a?x=1&amp;copy=2"' in as_html(linked.body)
    assert "hub apply 1a" in linked.body
    scripted = brief(replace(LILA, held=(Held(job="revenue", plan="1a", why="?", link="javascript:alert(1)"),)))
    assert "<a " not in as_html(scripted.body)


def test_each_thing_that_is_to_be_put_right_is_said_with_what_to_do() -> None:
    facts = replace(
        LILA,
        faults=("revenue.yaml:3:1: titel is unknown.",),
        stops=(
            Stop(connection="stripe", title="Stripe", state="silent", since=FRIDAY),
            Stop(connection="asana", title="Asana", state="never"),
            Stop(connection="trello", title="Trello", state="behind", since=FRIDAY, changes=4),
        ),
        troubles=(
            Trouble(job="revenue", state="failing", why="Stripe: 500"),
            Trouble(job="deadlines", state="paused"),
            Trouble(job="sync", state="waiting", since=FRIDAY),
        ),
        dead=(Dead(connection="stripe", count=2, why="ch_1 has no amount"),),
        notes=(
            Note(kind="left", who="Marc", tasks=2),
            Note(kind="no_address", who="Zoé", tasks=1),
            Note(kind="refused", who="Léa", why="550 no such user"),
            Note(kind="stranger", who="Bob", tasks=1),
        ),
    )
    said = text(facts, to=reader("en"))
    assert brief(facts, to=reader("en")).subject == "12 things to put right — Atelier Lila"
    # Twelve lines are two too many for one part.
    assert "- and 2 more; hub status says them." in said
    for line in (
        "- Stripe (stripe) has given no sign of life since Friday 20 November at 08:00. hub check says why.",
        "- Asana (asana) has never answered yet. hub check says why.",
        "- Trello (trello): 4 changes wait to be read, the first since Friday 20 November at 08:00. hub status "
        "says more.",
        "- revenue.yaml:3:1: titel is unknown.",
        "- revenue failed last time: Stripe: 500. The hub tries again by itself.",
        "- deadlines is paused: no reason was given.",
        "- sync has been waiting for its turn since Friday 20 November at 08:00.",
        "- 2 dead letters of stripe; the newest: ch_1 has no amount. hub dead shows them, hub replay tries them again.",
        "- Marc has left the team and still has 2 tasks. Give them to somebody.",
        "- Zoé has 1 task and no address. Add it in business.yaml.",
    ):
        assert line in said.splitlines(), line
    rest = text(replace(LILA, notes=facts.notes[2:]))
    assert "- L'adresse de Léa est refusée : 550 no such user. Corrigez-la dans business.yaml." in rest
    assert "- Bob a 1 tâche et n'est pas dans business.yaml. Ajoutez cette personne, avec son nom de là-bas." in rest


def test_a_business_that_could_not_be_read_is_a_line_and_the_brief_is_never_well() -> None:
    lost = BusinessFacts(key="k", title="Kine", unread="ValueError")
    assert brief(LILA, lost).subject == "1 chose à régler — 2 entreprises"
    said = text(LILA, lost)
    assert "- Kine : ses données n'ont pas pu être lues (ValueError)." in said
    assert "- Kine : inconnue." in said
    assert "- Atelier Lila : tout va bien" in said
    assert brief(LILA, strays=("new/business.yaml: no",)).subject == "1 chose à régler — Atelier Lila"
    assert "- new/business.yaml: no." in text(LILA, strays=("new/business.yaml: no",))


def test_it_stays_short_however_much_there_is() -> None:
    facts = replace(
        LILA,
        held=tuple(Held(job=f"job{n}", plan=f"plan{n}", why="x" * 5000) for n in range(60)),
        unsure=(Unsure(job="j", what="w", since=FRIDAY),),
        unsure_count=41,
        late=tuple(Late(who=f"P{n:02}", tasks=n + 1, title="T" * 900, due=MONDAY) for n in range(40)),
    )
    said = text(facts)
    assert brief(facts).subject.startswith("101 choses à décider, 820 tâches en retard")
    assert sum("attend votre décision" in line for line in said.splitlines()) == MOST
    assert "- et 52 autres ; hub status les dit." in said
    (late,) = [line for line in said.splitlines() if line.startswith("- P39")]
    assert late.count("«") == MOST_NAMES
    assert len(said) < 10_000


NASTY = (
    "# Titre",
    "1. un",
    "- deux",
    "[clic](https://evil.example)",
    "<https://evil.example>",
    "<script>alert(1)</script>",
    "![x](https://evil.example/a.png)",
    "**gras** _souligné_ ~~barré~~ `code`",
    "a\nb\r\n\n# c",
    "&copy; &#42;",
    "| a | b |",
    "{name} ~tu|vous~ %s",
    "\u202egnp.exe",
)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("nasty", NASTY)
def test_words_of_others_stay_mere_words_on_one_line(nasty: str, language: Literal["fr", "en"]) -> None:
    def facts(word: str) -> tuple[BusinessFacts, ...]:
        told = BusinessFacts(
            key="k",
            title=word,
            faults=(word,),
            held=(Held(job=word, plan="1a2b", why=word),),
            unsure=(Unsure(job=word, what=word, since=FRIDAY),),
            unsure_count=1,
            stops=(Stop(connection="notion", title=word, state="paused", why=word, since=FRIDAY),),
            dead=(Dead(connection=word, count=1, why=word),),
            notes=(Note(kind="left", who=word, tasks=1), Note(kind="refused", who=word, why=word)),
            late=(Late(who=word, tasks=1, title=word, due=MONDAY),),
            blind=(Blind(title=word, began=FRIDAY, ended=FRIDAY, why=word, healed=FRIDAY),),
            offers=(offer({"asked_not_ticked": [client(f"n {word}", about=word)]}, offer=f"o {word}"),),
        )
        return (told, replace(LILA, title=word), BusinessFacts(key="u", title=word, unread=word))

    plain, said = (brief(*facts(word), to=reader(language, name=word), strays=(word,)) for word in ("mot", nasty))
    tags = [_tags(one) for one in (plain, said)]
    assert tags[0] == tags[1], "the same shape as with a harmless word"
    shown = " ".join("".join(c for c in nasty if c != "\u202e").split())
    assert shown in as_text(said.body)
    assert "\n" not in said.subject
    assert "\u202e" not in said.body + said.subject


def _tags(written: Written) -> list[str]:
    return [part.partition(">")[0].split()[0] for part in as_html(written.body).split("<")[1:]]


def test_both_languages_say_the_same_things() -> None:
    names = brief_words.names()
    assert names["fr"] == names["en"]


def test_clients_who_want_something_are_named_with_what_to_do() -> None:
    found = offer(
        {
            "journeys_open": [client()],
            "journeys_asked": [client("Anne Avant", at=None, about="before"),
                               client("Bob", at=None, about="alike: bob@example.org")],
            "journeys_stuck": [client("Inès", at=None, about="client_page")],
            "journeys_paused": [client("Eve", at=None, about="payment_failed")],
            "paid_not_booked": [client(f"P{n}", at=FRIDAY - timedelta(days=9 - n)) for n in range(7)],
            "booked_not_paid": [client(at=FRIDAY)],
            "asked_not_ticked": [client("", person="x@example.com", at=FRIDAY, about="contract")],
        }
    )  # fmt: skip
    facts = replace(LILA, offers=(found,))
    assert brief(facts).subject == "13 clients à suivre — Atelier Lila"
    said = text(facts, to=reader(formal=False)).splitlines()
    for part in (
        "Clients en accueil",
        "- Programme Élan : 2 parcours attendent ton mot : Anne Avant (d'avant le hub), Bob (ressemble à "
        "bob@example.org). hub journey allow PERSONNE en commence un, hub journey stop PERSONNE l'écarte.",
        "- Programme Élan : 1 parcours bloqué : Inès (client_page). hub journey PERSONNE dit pourquoi, hub journey "
        "resume PERSONNE réessaie.",
        "- Programme Élan : 1 parcours en pause : Eve (paiement échoué). hub journey resume PERSONNE le fait "
        "continuer.",
        "- Programme Élan : payé, pas de rendez-vous, 7 : P0 (depuis mercredi 11 novembre), P1 (depuis jeudi 12 "
        "novembre), P2 (depuis vendredi 13 novembre), P3 (depuis samedi 14 novembre), P4 (depuis dimanche 15 "
        "novembre), et 2 autres. Propose une date.",
        "- Programme Élan : rendez-vous pris, pas payé, 1 : Marie Dupont (depuis vendredi 20 novembre). Vérifie le "
        "paiement avant l'appel.",
        "- Programme Élan : demandé, pas encore fait, 1 : x@example.com (Contrat envoyé, depuis vendredi 20 "
        "novembre). hub journey tick PERSONNE ÉTAPE quand c'est fait.",
        "- 13 clients à suivre · 5 connexions · 4 travaux · 14 mails envoyés · 42 tâches ouvertes.",
    ):
        assert part in said, part
    assert said.index("Clients en accueil") < said.index("En bref")
    english = text(facts, to=reader("en"))
    assert "- Programme Élan: 1 journey is stuck: Inès (client_page). hub journey PERSON says why," in english
    assert brief(facts, to=reader("en")).subject == "13 clients to see to — Atelier Lila"


def test_figures_of_clients_are_told_even_when_nobody_waits() -> None:
    calm = replace(LILA, offers=(offer({"journeys_done": [client()]}),))
    assert brief(calm).subject == "Tout va bien — Atelier Lila"
    said = text(calm)
    assert "Clients en accueil" not in said.splitlines()
    assert (
        "- Programme Élan : 0 accueil en cours · 0 en pause · 0 bloqué · 1 terminé · bienvenue — après le paiement · "
        "premier rendez-vous — après · rendez-vous manqués — · appels découverte devenus des ventes —."
    ) in said.splitlines()
    assert "accueil" not in text(LILA)


def test_a_client_on_two_lists_is_one_and_of_two_businesses_the_line_says_whose() -> None:
    found = offer({"paid_not_booked": [client()], "asked_not_ticked": [client(about="contract")]})
    facts = replace(LILA, offers=(found,))
    assert brief(facts, ZEN).subject == "1 client à suivre — 2 entreprises"
    assert "- Atelier Lila : Programme Élan : payé, pas de rendez-vous, 1 : Marie Dupont" in text(facts, ZEN)


def task(title: str, due: date | datetime | None, *who: str, **more: object) -> Task:
    return replace(
        Task(
            id=f"asana/task/{title}", connection="asana", stream="task", key=title, title=title, due=due, assignees=who
        ),
        **more,  # type: ignore[arg-type]
    )


def test_late_is_what_ended_where_the_person_is() -> None:
    """It is Monday 23 at 08:00 in Paris, and Sunday 22 at 21:00 in Honolulu."""
    now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    here, far = reader(name="Léa"), reader(name="Kai", zone="Pacific/Honolulu")
    people = {"lea": here, "kai": far}
    sunday = date(2026, 11, 22)
    tasks = [
        task("A", sunday, "lea"),
        task("B", sunday, "kai"),
        task("C", MONDAY, "lea"),
        task("D", now - timedelta(minutes=1), "kai"),
        task("E", now + timedelta(minutes=1), "lea"),
        task("F", date(2026, 11, 2), "lea", "kai"),
        task("G", date(2026, 11, 3)),
        task("H", date(2026, 11, 3), strangers=("Bob",)),
        task("I", date(2026, 11, 1), "lea", done=True),
        task("J", None, "lea"),
    ]
    assert late_of(tasks, people, here, now) == (
        Late(who=None, tasks=1, title="G", due=date(2026, 11, 3)),
        Late(who="Bob", tasks=1, title="H", due=date(2026, 11, 3)),
        Late(who="Kai", tasks=2, title="F", due=date(2026, 11, 2)),
        Late(who="Léa", tasks=2, title="F", due=date(2026, 11, 2)),
    )


def test_notes_name_who_cannot_be_reached_and_only_them() -> None:
    people = {
        "lea": reader(name="Léa"),
        "marc": replace(reader(name="Marc"), left=True),
        "zoe": replace(reader(name="Zoé"), address=None),
        "max": replace(reader(name="Max"), address=None),
        "ida": replace(reader(name="Ida"), address="Ida@Example.com "),
    }
    tasks = [
        task("A", None, "lea", "marc"),
        task("B", None, "marc", "zoe", strangers=("Bob",)),
        task("C", None, "marc", "max", done=True),
    ]
    assert notes_of(tasks, people, {"ida@example.com": "550"}) == (
        Note(kind="refused", who="Ida", why="550"),
        Note(kind="left", who="Marc", tasks=2),
        Note(kind="no_address", who="Zoé", tasks=1),
        Note(kind="stranger", who="Bob", tasks=1),
    )
