"""What the mails of deadline alerts say, in both languages, as a reader has it before her."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.email.markup import as_html, as_text
from hub.core.types import Value
from hub.mapping.texts import TextFile
from hub.mapping.vocabulary import ALERT
from hub.planning.alerts import words
from hub.planning.alerts.letters import MOST_DONE, MOST_QUOTED, MOST_WITH_BUTTONS, TITLE, letter_of
from hub.planning.alerts.replies import Understood, understand
from hub.planning.alerts.types import Group, Mail
from tests.planning.alerts.letter_parts import (
    ATELIER,
    DAY,
    LIST_URL,
    line,
    linked,
    mail,
    plain,
    reader,
    task,
    unlinked,
    written,
)

LINES = (
    line("late", task("Page de vente")),
    line("late", task("Facture", date(2026, 3, 13), assignees=("ceo",), place="Compta")),
    line("today", task("Séquence", datetime(2026, 3, 19, 14, 30, tzinfo=UTC), assignees=("lea", "ceo"))),
    line("soon", task("Bilan", date(2026, 3, 20), milestone=True, url=None)),
    line("soon", task("Visuels", date(2026, 3, 24), assignees=(), place=None)),
    line("watch", "Lila", "14 tâches à rendre dans les 7 jours"),
)
FRENCH = """\
Bonjour Léa,

Voici votre point du jeudi 19 mars.

## Fait depuis la dernière fois, merci

- [Devis](https://app.asana.com/0/1/2)

## En retard

1. **[Page de vente](https://app.asana.com/0/1/2)**
   en retard depuis mardi 17 mars (2 jours ouvrés) · Lancement
2. **[Facture](https://app.asana.com/0/1/2)**
   en retard depuis vendredi 13 mars (4 jours ouvrés) · confiée à Lila · Compta

## Aujourd'hui

3. **[Séquence](https://app.asana.com/0/1/2)**
   aujourd'hui à 15 h 30 · avec Lila · Lancement

## Bientôt

4. **Bilan**
   pour demain, vendredi 20 mars · jalon · Lancement
5. **[Visuels](https://app.asana.com/0/1/2)**
   pour mardi 24 mars · sans responsable

## À regarder

6. **Lila**
   14 tâches à rendre dans les 7 jours

Et 12 autres : [voir la liste](https://www.notion.so/echeances)
"""
ENGLISH = """\
Hello Léa,

Here is where things stand on Thursday 19 March.

## Done since last time, thank you

- [Devis](https://app.asana.com/0/1/2)

## Late

1. **[Page de vente](https://app.asana.com/0/1/2)**
   late since Tuesday 17 March (2 working days) · Lancement
2. **[Facture](https://app.asana.com/0/1/2)**
   late since Friday 13 March (4 working days) · with Lila · Compta

## Today

3. **[Séquence](https://app.asana.com/0/1/2)**
   due today at 15:30 · together with Lila · Lancement

## Soon

4. **Bilan**
   due tomorrow, Friday 20 March · milestone · Lancement
5. **[Visuels](https://app.asana.com/0/1/2)**
   due Tuesday 24 March · nobody assigned

## Worth a look

6. **Lila**
   14 tâches à rendre dans les 7 jours

And 12 more: [see the list](https://www.notion.so/echeances)
"""


@pytest.mark.parametrize(
    ("language", "body", "subject"),
    [
        (
            "fr",
            FRENCH,
            "2 tâches en retard, 1 pour aujourd'hui, 2 à venir, 1 à regarder et 12 autres — Atelier Lila",
        ),
        ("en", ENGLISH, "2 tasks late, 1 due today, 2 coming up, 1 to look at and 12 more — Atelier Lila"),
    ],
)
def test_a_digest_says_what_was_done_then_what_is_late_due_today_soon_and_worth_a_look(
    language: str, body: str, subject: str
) -> None:
    said = written(
        mail(*LINES, to=reader(language=language), done=(task("Devis", done=True),), more=12), list_url=LIST_URL
    )
    assert plain(said.body) == body
    assert said.subject == subject


@pytest.mark.parametrize(
    ("group", "n", "french", "english"),
    [
        ("late", 1, "1 tâche en retard", "1 task late"),
        ("today", 1, "1 tâche pour aujourd'hui", "1 task due today"),
        ("today", 2, "2 tâches pour aujourd'hui", "2 tasks due today"),
        ("soon", 3, "3 tâches à venir", "3 tasks coming up"),
        ("watch", 1, "1 point à regarder", "1 thing to look at"),
    ],
)
def test_a_subject_counts_in_the_plural_where_it_must(group: Group, n: int, french: str, english: str) -> None:
    one = mail(*(line(group, task(f"T{i}")) for i in range(n)))
    assert written(one).subject == f"{french} — Atelier Lila"
    assert written(mail(*one.lines, to=reader(language="en"))).subject == f"{english} — Atelier Lila"


def test_each_line_offers_its_answers_and_the_last_line_says_how_to_reply_in_words_that_the_hub_understands() -> None:
    said = written(mail(line("watch", "Lila"), *LINES[:3]), linked).body
    buttons = (
        "[Fait](https://hub.example.com/a/done/1?s=a_b-c\\&copy=1) · [Plus tard](https://hub.example.com/a/snooze/1"
    )
    assert said.count(buttons) == 3
    assert said.count("[Pas moi](") == said.count("[Réassigner](") == 3
    assert plain(said).endswith(
        "---\n\nVous pouvez aussi répondre à ce message : « fait 2 3 » coche les lignes 2 et 3.\n"
    )
    for language, answer in (("fr", "fait 2 3"), ("en", "done 2 3")):
        said = written(mail(line("watch", "Lila"), *LINES[:3], to=reader(language=language)), linked).body
        assert answer in said
        fields: dict[str, Value] = {"from": {"email": "lea@example.com", "name": "Léa"}, "text": answer}
        assert understand(fields, "lea@example.com", (False, True, True, True)) == Understood((2, 3))


def test_where_no_answer_is_possible_none_is_offered() -> None:
    said = written(mail(*LINES), unlinked).body
    assert "répondre" not in said
    assert "Fait]" not in said
    assert "répondre" not in written(mail(line("watch", "Lila", "14 tâches")), linked).body


@pytest.mark.parametrize(
    ("formal", "words_of_it"),
    [(True, ("votre point", "Vous pouvez")), (False, ("ton point", "Tu peux"))],
)
def test_it_says_tu_or_vous_as_she_is_addressed_and_never_both(formal: bool, words_of_it: tuple[str, ...]) -> None:
    others = {"votre", "Vous", "dites", "vous"} if not formal else {"ton", "Tu", "dis-le", "toi"}
    to = reader(formal=formal)
    bodies = [
        written(mail(*LINES, to=to), linked).body,
        written(mail(LINES[0], to=to, kind="mail"), linked).body,
        written(mail(*LINES, to=to, kind="list"), linked).body,
        written(mail(to=to, kind="forward", quoted="?"), linked).body,
        written(mail(to=to, kind="held", more=2), linked).body,
    ]
    assert all(each in bodies[0] for each in words_of_it)
    assert not [other for body in bodies for other in others if other in plain(body).replace(".", " ").split()]


def test_nothing_late_is_worth_saying_and_nobody_is_blamed() -> None:
    assert "Rien n'est en retard." in written(mail(line("today", task(due=DAY)))).body
    assert "Rien n'est en retard." not in written(mail(line("today", task(due=DAY)), more=3)).body
    late = written(mail(*LINES), linked).body
    assert "!" not in late
    assert "vous êtes" not in late.lower()


@pytest.mark.parametrize(
    ("due", "language", "said"),
    [
        (date(2026, 3, 1), "fr", "en retard depuis dimanche 1er mars (14 jours ouvrés)"),
        (date(2026, 3, 18), "fr", "en retard depuis mercredi 18 mars (1 jour ouvré)"),
        (datetime(2026, 3, 18, 8, 0, tzinfo=UTC), "fr", "en retard depuis mercredi 18 mars à 9 h (1 jour ouvré)"),
        (datetime(2026, 3, 19, 6, 5, tzinfo=UTC), "fr", "en retard depuis aujourd'hui à 7 h 05"),
        (datetime(2026, 3, 19, 6, 5, tzinfo=UTC), "en", "late since today at 07:05"),
        (date(2025, 3, 14), "fr", "en retard depuis vendredi 14 mars 2025 (plus de 11 mois)"),
        (date(2025, 3, 14), "en", "late since Friday 14 March 2025 (more than 11 months)"),
    ],
)
def test_since_when_is_told_in_the_days_that_the_reader_works(due: date, language: str, said: str) -> None:
    body = plain(written(mail(line("late", task(due=due)), to=reader(language=language))).body)
    assert f"   {said} · Lancement\n" in body


def test_holidays_and_the_weekend_are_no_working_days_of_hers() -> None:
    late = line("late", task(due=date(2026, 5, 7)))  # Thursday; the 8th is a holiday in France
    body = plain(written(mail(late, day=date(2026, 5, 11))).body)
    assert "en retard depuis jeudi 7 mai (1 jour ouvré)" in body
    body = plain(written(mail(line("late", task(due=date(2026, 5, 9))), day=date(2026, 5, 10))).body)
    assert "en retard depuis samedi 9 mai · Lancement" in body


def test_an_hour_is_the_readers_hour_and_so_is_the_day() -> None:
    due = datetime(2026, 3, 19, 23, 30, tzinfo=UTC)
    assert "demain, vendredi 20 mars à 0 h 30" in plain(written(mail(line("soon", task(due=due)))).body)
    montreal = reader(zone=ZoneInfo("America/Montreal"))
    assert "aujourd'hui à 19 h 30" in plain(written(mail(line("today", task(due=due)), to=montreal)).body)


def test_french_signs_and_numbers_stand_at_spaces_that_do_not_break() -> None:
    body = written(mail(*LINES, to=reader(formal=False)), linked).body
    assert "message\u00a0: «\u00a0fait 1 2\u00a0»" in body
    assert "17\u00a0mars (2\u00a0jours ouvrés)\u00a0· " in body
    assert "15\u00a0h\u00a030" in body
    rule = written(mail(line("watch", "Léa", "12 tâches ; la moitié"))).body
    assert "12 tâches\u00a0\\; la moitié" in rule


def test_a_rule_says_in_its_own_words_what_the_date_and_the_assignees_do_not() -> None:
    nobody = line("watch", task(assignees=(), due=date(2026, 3, 20)), "personne ne s'en occupe")
    undated = line("watch", task("B", due=None), "sans échéance")
    body = plain(written(mail(nobody, undated)).body)
    assert "   personne ne s'en occupe · pour demain, vendredi 20 mars · Lancement\n" in body
    assert "   sans échéance · Lancement\n" in body


def test_many_done_tasks_are_a_number() -> None:
    body = written(mail(*LINES, done=tuple(task(f"T{n}") for n in range(MOST_DONE + 3)))).body
    assert f"[T{MOST_DONE - 1}]" in body
    assert f"[T{MOST_DONE}]" not in body
    assert "- et 3 de plus" in body


def test_who_is_greeted_by_the_first_name_or_as_she_is_called() -> None:
    assert written(mail(*LINES, to=reader(name="Mme Martin"))).body.startswith("Bonjour Mme Martin,")
    assert written(mail(*LINES, to=reader(name="*Léa*"))).body.startswith("Bonjour \\*Léa\\*,")


def test_a_mail_about_one_task_is_the_text_of_the_obm_with_the_answers_below() -> None:
    one = mail(LINES[0], kind="mail", text="late_task", to=reader(formal=False))
    said = written(one, linked)
    assert said.subject == "En retard : Page de vente"
    assert "« Page de vente » devait être prête le mardi 17 mars et n'est pas encore cochée." in plain(said.body)
    assert "[Ouvrir la tâche](https\\:\\/\\/app\\.asana\\.com\\/0\\/1\\/2)" in said.body
    assert (
        said.body.index("mieux vaut la changer que l'ignorer") < said.body.index("[Fait](") < said.body.index("Tu peux")
    )


def test_a_text_may_use_every_word_of_its_vocabulary_also_where_nothing_is_known() -> None:
    everything = TextFile(
        name="all", language="fr", subject="{task.title}", body="\n".join(f"{word}={{{word}}}" for word in ALERT)
    )
    bare = task(due=None, assignees=(), place=None, url=None)
    body = letter_of(
        mail(line("late", bare), kind="mail", text="all"), ATELIER.business, {"all": everything}, unlinked
    ).body
    assert plain(body).splitlines() == [
        "task.title=Page de vente",
        "task.due=sans date",
        "task.assignee=personne pour l'instant",
        "task.section=—",
        "task.place=—",
        "task.url=",
        "person.name=Léa Martin",
        "business.name=Atelier Lila",
    ]


def test_without_a_text_in_her_language_the_hub_has_words_of_its_own() -> None:
    one = mail(LINES[1], kind="mail", text="late_task", to=reader(language="en"))
    said = written(one, linked)
    assert plain(said.subject) == "“Facture”: late since Friday 13 March (4 working days)"
    assert plain(said.body).startswith(
        "Hello Léa,\n\n“[Facture](https://app.asana.com/0/1/2)”: late since Friday 13 March (4 working days).\n\n"
        "- Who: Lila\n- Where: Compta\n\nIf it is done, one click says so."
    )
    assert said.body.endswith("You can also reply “done” to this message, and the task is ticked off.\n")
    said = written(mail(line("late", task(assignees=())), kind="mail"))
    assert plain(said.subject) == "« Page de vente » : en retard depuis mardi 17 mars (2 jours ouvrés)"
    assert "- Responsable : personne pour l'instant" in plain(said.body)


def test_a_mail_that_has_more_to_say_than_one_task_is_laid_out_like_a_digest() -> None:
    assert "## En retard" in written(mail(*LINES[:2], kind="mail", text="late_task")).body
    assert "## À regarder" in written(mail(LINES[-1], kind="mail", text="late_task")).body


def test_the_first_list_is_by_person_and_each_line_keeps_its_number() -> None:
    lines = [
        line("late", task("A")),
        line("late", task("B", assignees=())),
        line("late", task("C", assignees=("ceo",), strangers=("Zoé",))),
        line("late", task("D")),
    ]
    said = written(mail(*lines, kind="list", more=3), linked)
    assert said.subject == "7 tâches déjà en retard — Atelier Lila"
    assert "Personne d'autre n'a reçu de message à ce sujet" in said.body
    assert re.findall(r"^(?:\d\. \w|[\w ]+(?=\n=))", as_text(said.body), re.MULTILINE) == [
        *("Léa", "1. A", "4. D", "Lila et Zoé", "3. C", "Sans responsable", "2. B"),
    ]
    assert "confiée à" not in said.body
    assert "Et 3 autres." in plain(said.body)


def test_a_very_long_list_has_no_buttons_so_that_no_mail_program_cuts_its_end_off() -> None:
    lines = [line("late", task(f"T{n}")) for n in range(300)]
    most = written(mail(*lines[:MOST_WITH_BUTTONS], kind="list"), linked).body
    assert most.count("[Fait](") == MOST_WITH_BUTTONS
    body = written(mail(*lines, kind="list"), linked).body
    assert "[Fait](" not in body
    assert "300. **[T299]" in body
    assert "« fait 1 2 »" in plain(body)
    assert max(len(as_html(one).encode()) for one in (most, body)) < 90_000


def test_a_reply_that_was_not_understood_is_quoted_to_the_obm() -> None:
    one = mail(
        kind="forward", sender="Léa Martin", about="2 tâches en retard", quoted="Bonjour,\r\n\r\nla 2 ?\n# non\n"
    )
    said = written(one)
    assert plain(said.subject) == "Réponse de Léa Martin : 2 tâches en retard"
    assert "Léa Martin a répondu au message « 2 tâches en retard »." in plain(said.body)
    assert said.body.endswith("\n\n> Bonjour\\,\n>\n> la 2 \\?\n> \\# non\n")
    assert as_text(said.body).endswith("\n\n> Bonjour,\n>\n> la 2 ?\n> # non\n")
    long = written(mail(kind="forward", quoted="a\n" * (MOST_QUOTED + 5))).body
    assert long.count("> a") == MOST_QUOTED
    assert long.endswith("> …\n")
    assert "Quelqu'un a répondu au message « (sans titre) »" in plain(long)


def test_a_plan_that_is_held_says_how_much_waits_why_and_where_to_decide() -> None:
    one = mail(kind="held", more=53, about="la limite est 40.", url="https://hub.example.com/d?a=1&b=2")
    said = written(one)
    assert said.subject == "53 mails attendent un feu vert — Atelier Lila"
    assert "Rien n'est parti : c'est à vous de décider." in plain(said.body)
    assert "Raison : la limite est 40.\n" in plain(said.body)
    assert "Voir et décider (https://hub.example.com/d?a=1&b=2)" in as_text(said.body)
    english = written(Mail(key="k", kind="held", to=reader(language="en"), day=DAY))
    assert english.subject == "A plan waits for your go-ahead — Atelier Lila"


def test_a_novel_for_a_title_is_cut() -> None:
    said = written(mail(line("late", task("mot " * 400)), kind="mail"))
    assert "mot…" in said.subject
    assert len(said.subject) < TITLE + 80


def test_both_languages_have_the_same_phrases() -> None:
    assert words.names("fr") == words.names("en")
