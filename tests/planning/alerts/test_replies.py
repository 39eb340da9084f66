"""Replies by mail: what is taken for "it is done", and that nothing else ever is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.core.types import Value
from hub.planning.alerts.own_words import own_words
from hub.planning.alerts.replies import NotUnderstood, Understood, understand

LEA = "lea@example.com"
ONE, TWO, FIVE = [True], [True] * 2, [True] * 5


def reply(text: str | None, **more: Value) -> dict[str, Value]:
    return {"text": text, "from": {"name": "Léa Martin", "email": LEA}, "subject": "Re: 1 tâche en retard", **more}


def read(text: str | None, lines: list[bool], **more: Value) -> tuple[int, ...] | str | None:
    """The numbers that are done, or the words that are passed on, or None."""
    found = understand(reply(text, **more), LEA, lines)
    return found.done if isinstance(found, Understood) else None if found is None else found.text


QUOTES = {
    "nothing": "",
    "gmail fr": "\n\nLe ven. 20 mars 2026 à 08:30, Atelier Lila <hub+k3@example.com> a écrit :\n\n> En retard\n> Fait",
    "gmail fr, in two lines": "\n\nLe ven. 20 mars 2026 à 08:30, Lila\n<hub+k3@example.com> a écrit :\n\n> Bonjour",
    "gmail en": "\n\nOn Fri, Mar 20, 2026 at 8:30 AM Atelier Lila <hub@example.com> wrote:\n\n> Late\n> Not done",
    "apple": "\n\nEnvoyé de mon iPhone\n\n> Le 20 mars 2026 à 08:30, Lila <hub@example.com> a écrit :\n> \n> Bonjour",
    "apple en": "\n\nSent from my iPhone\n\n> On 20 Mar 2026, at 08:30, Hub <hub@example.com> wrote:\n> Hello",
    "outlook fr": "\n\n________________________________\nDe : Lila <hub@example.com>\nEnvoyé : vendredi 20 mars 2026"
    "\nÀ : Léa\nObjet : 3 tâches\n\nBonjour Léa, ce n'est pas fait",
    "outlook en": "\n\nFrom: Lila <hub@example.com>\nSent: Friday, 20 March 2026 08:30\nTo: Léa\nSubject: x\n\nHello",
    "old outlook": "\n\n-----Message d'origine-----\nDe : Atelier Lila\nEnvoyé : vendredi\n\nBonjour, pas fait",
    "old outlook en": "\n\n-----Original Message-----\nFrom: Hub\n\nnot done",
    "outlook for phones": "\n\nTélécharger Outlook pour iOS<https://aka.ms/>\n________________________________\nDe : x",
    "outlook for phones en": "\n\nGet Outlook for Android<https://aka.ms/AAb9ysg>",
    "signature": "\n\n-- \nLéa Martin\nGraphiste, mais pas seulement\n06 12 34 56 78",
    "signature without its space": "\n--\nLéa",
    "thunderbird": "\n\nLe 20/03/2026 à 08:30, Atelier Lila a écrit :\n> Bonjour\n> encore en retard",
    "proton": "\n\nEnvoyé avec la messagerie sécurisée Proton Mail.\n\nLe 20 mars 2026, X <x@y.z> a écrit :\n> pas",
    "yahoo": "\n\nYahoo Mail : cherchez, organisez\n\nLe ven., mars 20, 2026 à 8:30, X<x@y.z> a écrit :   non",
    "windows": "\n\nProvenance : Courrier pour Windows\n\nDe : X\nEnvoyé le : vendredi",
    "no-break spaces": "\n\nLe\u00a0ven. 20 mars 2026 à\u00a008:30, Lila <hub@example.com> a écrit\u00a0:\n\n> Bonjour",
    "carriage returns": "\r\n\r\nOn Fri, Mar 20, 2026 at 8:30 AM Hub <hub@example.com> wrote:\r\n> Not done\r\n",
    "german": "\n\nAm Fr., 20. März 2026 um 08:30 Uhr schrieb Hub <hub@example.com>:\n> x",
    "our own foot": "\n\nCe message a été envoyé automatiquement par Atelier Lila.\nNe plus recevoir",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
@pytest.mark.parametrize("said", ["fait", "Done!", "C'est fait, merci !\n\nBonne journée\nLéa"])
def test_only_her_own_words_are_read_whatever_her_program_quotes(said: str, quote: str) -> None:
    assert read(said + quote, ONE) == (1,)


DONE = """
done|Done|DONE!|Done.|done :)|it's done|It’s done.|its done|this is done|that's done|all done|already done|just done
finished|completed|task completed|I did it|I've done it|I have finished it|I just finished|done yesterday
yes, done|ok done|Hi Claire, done|Hello,\\n\\nDone.\\n\\nThanks|Done, thank you!|Done, thanks Claire|done and finished
fait|Fait !|FAIT|C'est fait|C’est fait.|c est fait|c fait|cest fait|ok fait|OK, fait|Ok c'est fait|voilà, c'est fait
terminé|Terminée|termine|fini|Finie !|c'est fini|c'est terminé|tâche terminée|déjà fait|c'est déjà fait|bouclé|réglé
j'ai fini|J'ai terminé|je l'ai fait|Je l’ai fait hier|je l'ai déjà faite|je viens de le faire|je viens de finir
on l'a fait|fait hier|Fait ce matin|fait ✅|✅ Fait|tout est fait|Fait, merci|Fait merci|fait 1|1 fait|La 1 est faite
Bonjour,\\nC'est fait.\\nBonne journée,\\nLéa|Bonjour Claire,\\n\\nc'est fait, merci !\\n\\nBises|ça y est, fait
Fait.\\n\\nCordialement,\\n\\nLéa Martin\\nGraphiste\\n+33 6 12 34 56 78\\nwww.example.com|Fait\\nLéa M.
"""


@pytest.mark.parametrize("said", [word for line in DONE.strip().split("\n") for word in line.split("|")])
def test_what_people_write_when_it_is_done_is_understood(said: str) -> None:
    assert read(said.replace("\\n", "\n"), ONE) == (1,)


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("fait 1 et 3", (1, 3)),
        ("Fait 1 2", (1, 2)),
        ("fait : 1, 3", (1, 3)),
        ("fait pour la 1 et la 3", (1, 3)),
        ("1, 3 done", (1, 3)),
        ("1 and 3 are done", (1, 3)),
        ("1,3: done", (1, 3)),
        ("done 2", (2,)),
        ("Done: 1, 2 and 5. Thanks!", (1, 2, 5)),
        ("#1 and #4 done", (1, 4)),
        ("n°2 terminé", (2,)),
        ("la tâche 2 est terminée", (2,)),
        ("Le 1 et le 3 sont faits", (1, 3)),
        ("les points 1, 2 et 4 sont réglés", (1, 2, 4)),
        ("1. fait\n3. fait", (1, 3)),
        ("- 1 fait\n- 3 fait", (1, 3)),
        ("1 : fait\n2 : terminé", (1, 2)),
        ("1 fait, 3 fait", (1, 3)),
        ("J'ai fait la 1 et la 2", (1, 2)),
        ("I did 1 and 2", (1, 2)),
        ("I've finished 4", (4,)),
        ("1 to 3 done", (1, 2, 3)),
        ("1 à 3 : fait", (1, 2, 3)),
        ("all done", (1, 2, 3, 4, 5)),
        ("Everything is done, thanks", (1, 2, 3, 4, 5)),
        ("They are all done", (1, 2, 3, 4, 5)),
        ("tout est fait", (1, 2, 3, 4, 5)),
        ("Bonjour, tout est terminé.", (1, 2, 3, 4, 5)),
        ("tout fait !", (1, 2, 3, 4, 5)),
        ("J'ai tout fini", (1, 2, 3, 4, 5)),
        ("les 5 sont faites", (1, 2, 3, 4, 5)),
        ("all 5 done", (1, 2, 3, 4, 5)),
        ("Bonjour Claire,\n\nFait 1 et 2, merci !\n\nLéa", (1, 2)),
    ],
)
def test_numbers_say_which_of_several_lines_are_done(said: str, done: tuple[int, ...]) -> None:
    assert read(said, FIVE) == done


def test_both_means_both() -> None:
    for said in ("both done", "both are done", "les deux sont faites", "fait les deux"):
        assert read(said, TWO) == (1, 2)
        assert read(said, FIVE) == said


def test_a_line_that_is_about_no_task_cannot_be_done() -> None:
    mixed = [True, False, True]
    assert read("all done", mixed) == (1, 3)
    assert read("1 et 3 faits", mixed) == (1, 3)
    assert read("fait 2", mixed) == "fait 2"
    assert read("fait 1 et 2", mixed) == "fait 1 et 2"
    assert read("fait", [False]) == "fait"
    assert read("tout est fait", [False]) == "tout est fait"
    assert read("fait", []) == "fait"


NOT_DONE = """
not done|not done yet|Not yet|isn't done|it's not done|not finished|undone|almost done|nearly done|half done
50 % done|partly done|done?|is it done?|Done ?|will be done|to be done|it'll be done tomorrow|done tomorrow|done today
consider it done|well done|done, but the client is not happy|Done except the pictures|done with the first part
I'm done|I'm done with this|no|no, done|wait, not done|almost, done|I thought it was done|please mark it as done
who has done it|done...|done… almost|what's done is done|get it done|let's get this done|can be done|should be done
done\\nbut the pictures are missing|Done\\n\\nActually no, not yet|Done\\nLéa\\nPS: not the pictures
they finished|Done\\nLéa\\nAnd the other one?
ok|OK|thanks|yes|👍|on it|in progress|I am away until Monday|unsubscribe|STOP|Merci|super|1|1 et 3|.|!!!
pas fait|Pas encore fait|ce n'est pas fait|c'est pas fait|pas terminé|presque fini|presque|à moitié fait|bientôt fini
c'est fait ?|fait ?|ce sera fait demain|ça sera fait|fait demain|à faire|je le fais demain|je vais le faire|faire
je pense que c'est fait|normalement c'est fait|c'est fait mais il manque les images|fait sauf la page 2|bien fait
c'est fini pour moi|non, pas fait|fait, non|qui l'a fait|en fait|en fait non|ça fait longtemps|il fait beau|tout à fait
rien n'est fait|cela a été fait par erreur|règle|la règle|c'est noté|je m'en occupe|fait\\nmais pas la 2|Ok pas fait
1/3 fait|1/1 fait|fait à 100 %|2 h de fait|fait le 1|1-1 fait|hier|fait chier|fait le 20 mars|Page de vente fait
Fait\\n\\nJe n'ai pas fait les images|Ce n'est pas\\nfait|C'est presque\\nterminé|J'ai\\npas fini|Bonjour pas, fait
Réponse : pas fait|fait par Marc demain|Marc l'a fait|refait|à refaire|défait|fait fait pas|oui|d'accord|bien reçu
"""


@pytest.mark.parametrize("said", [word for line in NOT_DONE.strip().split("\n") for word in line.split("|")])
@pytest.mark.parametrize("lines", [ONE, FIVE], ids=["one line", "several lines"])
def test_anything_else_goes_to_a_person_in_her_own_words(said: str, lines: list[bool]) -> None:
    words = said.replace("\\n", "\n")
    assert read(words, lines) == words
    assert read(words + QUOTES["gmail fr"], lines) == words


@pytest.mark.parametrize("said", ["done", "fait", "c'est fait, merci", "I did it", "terminé", "it's done"])
def test_done_alone_does_not_say_which_of_several(said: str) -> None:
    assert read(said, TWO) == said


@pytest.mark.parametrize(
    "said", ["fait 6", "fait 0", "1 et 6 faits", "1 fait, 2 pas fait", "1 fait\n2 pas fait", "tout fait sauf 2",
             "all done except 3", "1 and 3 are not done", "1 à 9 : fait", "les 3 sont faites", "3 are done", "3 faits",
             "les 2 premières sont faites", "1-3 done", "done 1-3", "1/3 done", "done by 3", "fait le 3",
             "Fait.\n1 et 3", "fait 1 et", "2 of them are done", "done in 2 days"],
)  # fmt: skip
def test_numbers_that_may_mean_something_else_go_to_a_person(said: str) -> None:
    assert read(said, FIVE) == said


def test_only_the_address_that_the_mail_went_to_can_say_so() -> None:
    marc = {"name": "Marc", "email": "marc@example.com"}
    assert understand(reply("done", **{"from": marc}), LEA, ONE) == NotUnderstood("done", stranger=True)
    for nobody in (None, {"name": LEA}, {"name": "Léa", "email": ""}):
        assert understand(reply("done", **{"from": nobody}), LEA, ONE) == NotUnderstood("done", stranger=True)
    assert understand(reply("done", **{"from": {"email": "LEA@Example.com"}}), " Lea@example.COM ", ONE) == Understood(
        (1,)
    )


@pytest.mark.parametrize(
    "more",
    [
        {"automatic": True},
        {"bounce": {"recipient": LEA, "permanent": True}},
        {"subject": "Automatic reply: 1 task late"},
        {"subject": "Réponse automatique : 1 tâche en retard"},
        {"subject": "Out of Office: done"},
        {"subject": "Absence du bureau"},
        {"subject": "[Auto-Reply] x"},
    ],
)
def test_what_a_machine_wrote_is_neither_understood_nor_passed_on(more: dict[str, Value]) -> None:
    assert read("done", ONE, **more) is None
    assert read("I am away until Monday", ONE, **more) is None


@pytest.mark.parametrize("subject", [None, "", "Re: Auto-école : 1 tâche", "Re: 1 tâche"])
def test_a_person_s_mail_is_no_machine_s(subject: str | None) -> None:
    assert read("fait", ONE, subject=subject, automatic=False, bounce=None) == (1,)


def test_a_reply_below_the_quote_is_read_where_it_is_plainly_apart() -> None:
    quote = "On Fri, Mar 20, 2026 at 8:30 AM Hub wrote:\n> Page de vente is\n> late"
    assert read(f"{quote}\n\nDone", ONE) == (1,)
    # A long quoted line that a program broke in two is not hers.
    assert read(f"{quote} and should be\ndone\n", ONE) != (1,)
    assert read(f"Not yet\n{quote}\n\nDone", ONE) == "Not yet"


def test_an_empty_reply_is_passed_on_with_what_it_quotes() -> None:
    assert read("> Hello\n> done", ONE) == "> Hello\n> done"
    assert read("", ONE) == ""
    assert read(None, ONE) == ""


def test_a_long_reply_is_passed_on_in_part() -> None:
    words = read("Voici. " * 2000, ONE)
    assert isinstance(words, str)
    assert 1000 < len(words) <= 2000


SAYS_SO = re.compile(r"fait|termin|fini|boucl|r[eé]gl|cl[oô]tur|done|did|complet|faire", re.IGNORECASE)


@given(st.text(max_size=200), st.integers(0, 6))
@example("1 et 3", 3)
@example("İ ok", 1)
def test_a_text_that_does_not_say_so_is_never_taken_for_done(text: str, lines: int) -> None:
    found = understand(reply(text), LEA, [True] * lines)
    if not SAYS_SO.search(text):
        assert isinstance(found, NotUnderstood)


_SAID = (
    "done fait terminé fini finished 1 2 3 and et , . : ! \n all tout les deux est sont it is c'est j'ai I have ok "
    "merci thanks bonjour Léa le la pour à to tomorrow demain"
)
_DOUBTED = (
    "not pas n't never jamais almost presque ? but mais sauf except if si when quand will sera bientôt soon half "
    "partly partiellement peut-être maybe 50% no non undone"
)
WORDS = st.sampled_from(_SAID.split(" "))
DOUBTS = st.sampled_from(_DOUBTED.split())


@given(st.lists(WORDS, max_size=8), DOUBTS, st.integers(0, 8), st.integers(1, 3))
def test_a_word_of_doubt_anywhere_makes_it_a_matter_for_a_person(
    words: list[str], doubt: str, place: int, lines: int
) -> None:
    said = " ".join([*words[:place], doubt, *words[place:]])
    assert isinstance(understand(reply(said), LEA, [True] * lines), NotUnderstood)


@given(st.lists(WORDS, max_size=10), st.integers(1, 3))
def test_what_is_understood_names_lines_of_the_mail_only(words: list[str], lines: int) -> None:
    found = understand(reply(" ".join(words)), LEA, [True] * lines)
    if isinstance(found, Understood):
        assert found.done
        assert set(found.done) <= set(range(1, lines + 1))
        assert list(found.done) == sorted(set(found.done))


@given(st.text(max_size=500))
def test_own_words_are_words_of_the_text(text: str) -> None:
    words = own_words(text)
    assert words in text.replace("\r\n", "\n").replace("\u00a0", " ").replace("\u202f", " ")
