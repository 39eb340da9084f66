"""What the morning brief says, in French (tu or vous: `~tu|vous~`) and English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.planning.words import Language

_WORDS: Mapping[Language, Mapping[str, str | tuple[str, str]]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "businesses": ("{n} entreprise", "{n} entreprises"),
        "well": "Tout va bien",
        "decide": ("{n} chose à décider", "{n} choses à décider"),
        "repair": ("{n} chose à régler", "{n} choses à régler"),
        "late": ("{n} tâche en retard", "{n} tâches en retard"),
        "clients": ("{n} client à suivre", "{n} clients à suivre"),
        "well_line": "Tout va bien : rien n'attend ~ta|votre~ décision, rien n'est à régler, aucune tâche n'est "
        "en retard.",
        "head_decide": "À décider",
        "head_repair": "À régler",
        "head_late": "En retard",
        "head_clients": "Clients en accueil",
        "head_blind": "Manqué, puis relu",
        "head_brief": "En bref",
        "colon": " : ",
        "held": "le plan {plan} de {job} attend ~ta|votre~ décision : {why}.",
        "look": "Voir et décider",
        "held_link": "{link}, ou `hub apply {plan}` pour l'appliquer, `hub held drop {plan}` pour l'écarter.",
        "held_command": "`hub apply {plan}` l'applique, `hub held drop {plan}` l'écarte.",
        "unsure": "{what} ({job}, {when}) : personne ne sait si cela a eu lieu. ~Regarde|Regardez~, puis "
        "~dis|dites~-le "
        "au hub ; il ne le refera pas de lui-même.",
        "unsure_more": ("{n} autre effet incertain.", "{n} autres effets incertains."),
        "unread": "ses données n'ont pas pu être lues ({why}). Rien d'autre n'est su d'elle ce matin ; "
        "~regarde|regardez~ le journal du hub.",
        "paused": "{title} ({connection}) est en pause depuis {when} : {why}. C'est à ~toi|vous~ : `{command}` ; le "
        "hub réessaie ensuite de lui-même.",
        "silent": "{title} ({connection}) n'a donné aucun signe de vie depuis {when}. `hub check` dit pourquoi.",
        "never": "{title} ({connection}) n'a encore jamais répondu. `hub check` dit pourquoi.",
        "behind": (
            "{title} ({connection}) : {n} changement attend d'être lu depuis {when}. `hub status` en dit plus.",
            "{title} ({connection}) : {n} changements attendent d'être lus, le premier depuis {when}. `hub status` "
            "en dit plus.",
        ),
        "job_paused": "{job} est en pause : {why}.",
        "job_failing": "{job} a échoué la dernière fois : {why}. Le hub réessaie de lui-même.",
        "job_waiting": "{job} attend son tour depuis {when}.",
        "no_reason": "sans raison donnée",
        "dead": (
            "{n} lettre morte chez {connection} : {why}. `hub dead` la montre, `hub replay` la reprend.",
            "{n} lettres mortes chez {connection} ; la dernière : {why}. `hub dead` les montre, `hub replay` les "
            "reprend.",
        ),
        "fault": "{why}.",
        "left": (
            "{who} n'est plus dans l'équipe et a encore {n} tâche. ~Donne|Donnez~-la à quelqu'un.",
            "{who} n'est plus dans l'équipe et a encore {n} tâches. ~Donne|Donnez~-les à quelqu'un.",
        ),
        "no_address": (
            "{who} a {n} tâche et pas d'adresse. ~Ajoute|Ajoutez~ la sienne dans business.yaml.",
            "{who} a {n} tâches et pas d'adresse. ~Ajoute|Ajoutez~ la sienne dans business.yaml.",
        ),
        "refused": "L'adresse de {who} est refusée : {why}. ~Corrige|Corrigez~-la dans business.yaml.",
        "stranger": (
            "{who} a {n} tâche et n'est pas dans business.yaml. ~Ajoute|Ajoutez~ cette personne, avec son nom "
            "de là-bas.",
            "{who} a {n} tâches et n'est pas dans business.yaml. ~Ajoute|Ajoutez~ cette personne, avec son nom de "
            "là-bas.",
        ),
        "blind_open": "{title} n'a rien dit du {began} au {ended} ({why}), et ce qui a manqué n'est pas encore "
        "relu. Le "
        "hub réessaie toutes les heures.",
        "blind": (
            "{title} n'a rien dit du {began} au {ended} ({why}) ; c'est rattrapé : {n} fiche relue.",
            "{title} n'a rien dit du {began} au {ended} ({why}) ; c'est rattrapé : {n} fiches relues.",
        ),
        "then": " ; ",
        "nobody": "sans responsable",
        "late_of": "{who} : {n} (« {title} », depuis {due})",
        "more": ("et {n} autre ; `hub status` la dit.", "et {n} autres ; `hub status` les dit."),
        "journeys_asked": (
            "{offer} : {n} parcours attend ~ton|votre~ mot : {who}. `hub journey allow PERSONNE` le commence, "
            "`hub journey stop PERSONNE` l'écarte.",
            "{offer} : {n} parcours attendent ~ton|votre~ mot : {who}. `hub journey allow PERSONNE` en commence un, "
            "`hub journey stop PERSONNE` l'écarte.",
        ),
        "journeys_stuck": (
            "{offer} : {n} parcours bloqué : {who}. `hub journey PERSONNE` dit pourquoi, `hub journey resume PERSONNE` "
            "réessaie.",
            "{offer} : {n} parcours bloqués : {who}. `hub journey PERSONNE` dit pourquoi, `hub journey resume "
            "PERSONNE` réessaie.",
        ),
        "journeys_paused": "{offer} : {n} parcours en pause : {who}. `hub journey resume PERSONNE` le fait continuer.",
        "paid_not_booked": "{offer} : payé, pas de rendez-vous, {n} : {who}. ~Propose|Proposez~ une date.",
        "booked_not_paid": "{offer} : rendez-vous pris, pas payé, {n} : {who}. ~Vérifie|Vérifiez~ le paiement avant "
        "l'appel.",
        "asked_not_ticked": "{offer} : demandé, pas encore fait, {n} : {who}. `hub journey tick PERSONNE ÉTAPE` quand "
        "c'est fait.",
        "clients_since": "depuis {day}",
        "clients_more": ("et {n} autre", "et {n} autres"),
        "because_before": "d'avant le hub",
        "because_alike": "ressemble à {other}",
        "because_cancelled": "rendez-vous annulé",
        "because_payment_failed": "paiement échoué",
        "because_by_hand": "à la demande de quelqu'un",
        "short_journeys_open": ("{value} accueil en cours", "{value} accueils en cours"),
        "short_journeys_paused": "{value} en pause",
        "short_journeys_stuck": ("{value} bloqué", "{value} bloqués"),
        "short_journeys_done": ("{value} terminé", "{value} terminés"),
        "short_hours_to_welcome": "bienvenue {value} après le paiement",
        "short_days_to_kickoff": "premier rendez-vous {value} après",
        "short_no_show_rate": "rendez-vous manqués {value}",
        "short_calls_converted": "appels découverte devenus des ventes {value}",
        "connections": ("{n} connexion", "{n} connexions"),
        "jobs": ("{n} travail", "{n} travaux"),
        "mails": ("{n} mail envoyé", "{n} mails envoyés"),
        "tasks": ("{n} tâche ouverte", "{n} tâches ouvertes"),
        "is_well": "tout va bien",
        "is_unread": "inconnue",
        "since": "Les mails et les trous sont comptés depuis {when}.",
        "why": "le point du matin du {day}",
        "next": "Le prochain part le {when} ; en ce moment, il dirait : {subject}",
        "not_left": "Aucun point du matin : {who} n'est plus là, d'après business.yaml.",
        "not_day_off": "Pas de point aujourd'hui : {who} ne travaille pas.",
        "not_gone": "Le point d'aujourd'hui est parti, ou peut-être parti.",
        "not_refused": "L'adresse de {who} est refusée pour de bon ; le point part à nouveau demain.",
        "not_not_yet": "Ce n'est pas encore l'heure du point d'aujourd'hui.",
        "not_too_late": "Il est trop tard pour le point d'aujourd'hui ; le prochain dira tout.",
    },
    "en": {
        "hello": "Good morning {name},",
        "businesses": ("{n} business", "{n} businesses"),
        "well": "All is well",
        "decide": ("{n} thing to decide", "{n} things to decide"),
        "repair": ("{n} thing to put right", "{n} things to put right"),
        "late": ("{n} late task", "{n} late tasks"),
        "clients": ("{n} client to see to", "{n} clients to see to"),
        "well_line": "All is well: nothing waits for your decision, nothing is to be put right, no task is late.",
        "head_decide": "To decide",
        "head_repair": "To put right",
        "head_late": "Late",
        "head_clients": "Clients being welcomed",
        "head_blind": "Missed, then read again",
        "head_brief": "In short",
        "colon": ": ",
        "held": "plan {plan} of {job} waits for your decision: {why}.",
        "look": "Look and decide",
        "held_link": "{link}, or `hub apply {plan}` to apply it, `hub held drop {plan}` to drop it.",
        "held_command": "`hub apply {plan}` applies it, `hub held drop {plan}` drops it.",
        "unsure": "{what} ({job}, {when}): nobody knows whether it happened. Look, then tell the hub; it will "
        "not do it "
        "again by itself.",
        "unsure_more": ("{n} more uncertain effect.", "{n} more uncertain effects."),
        "unread": "its data could not be read ({why}). Nothing else is known of it this morning; look into the "
        "hub's log.",
        "paused": "{title} ({connection}) is paused since {when}: {why}. This is for you: `{command}`; the hub then "
        "tries again by itself.",
        "silent": "{title} ({connection}) has given no sign of life since {when}. `hub check` says why.",
        "never": "{title} ({connection}) has never answered yet. `hub check` says why.",
        "behind": (
            "{title} ({connection}): {n} change waits to be read since {when}. `hub status` says more.",
            "{title} ({connection}): {n} changes wait to be read, the first since {when}. `hub status` says more.",
        ),
        "job_paused": "{job} is paused: {why}.",
        "job_failing": "{job} failed last time: {why}. The hub tries again by itself.",
        "job_waiting": "{job} has been waiting for its turn since {when}.",
        "no_reason": "no reason was given",
        "dead": (
            "{n} dead letter of {connection}: {why}. `hub dead` shows it, `hub replay` tries it again.",
            "{n} dead letters of {connection}; the newest: {why}. `hub dead` shows them, `hub replay` tries "
            "them again.",
        ),
        "fault": "{why}.",
        "left": (
            "{who} has left the team and still has {n} task. Give it to somebody.",
            "{who} has left the team and still has {n} tasks. Give them to somebody.",
        ),
        "no_address": (
            "{who} has {n} task and no address. Add it in business.yaml.",
            "{who} has {n} tasks and no address. Add it in business.yaml.",
        ),
        "refused": "The address of {who} is refused: {why}. Correct it in business.yaml.",
        "stranger": (
            "{who} has {n} task and is not in business.yaml. Add this person, with the name used there.",
            "{who} has {n} tasks and is not in business.yaml. Add this person, with the name used there.",
        ),
        "blind_open": "{title} said nothing from {began} to {ended} ({why}), and what was missed is not read yet. The "
        "hub tries again every hour.",
        "blind": (
            "{title} said nothing from {began} to {ended} ({why}); it is made up for: {n} record read again.",
            "{title} said nothing from {began} to {ended} ({why}); it is made up for: {n} records read again.",
        ),
        "then": "; ",
        "nobody": "unassigned",
        "late_of": "{who}: {n} (\u201c{title}\u201d, since {due})",
        "more": ("and {n} more; `hub status` says it.", "and {n} more; `hub status` says them."),
        "journeys_asked": (
            "{offer}: {n} journey waits for your word: {who}. `hub journey allow PERSON` begins it, `hub journey stop "
            "PERSON` leaves it out.",
            "{offer}: {n} journeys wait for your word: {who}. `hub journey allow PERSON` begins one, `hub journey stop "
            "PERSON` leaves it out.",
        ),
        "journeys_stuck": (
            "{offer}: {n} journey is stuck: {who}. `hub journey PERSON` says why, `hub journey resume PERSON` tries "
            "again.",
            "{offer}: {n} journeys are stuck: {who}. `hub journey PERSON` says why, `hub journey resume PERSON` tries "
            "again.",
        ),
        "journeys_paused": (
            "{offer}: {n} journey is paused: {who}. `hub journey resume PERSON` lets it go on.",
            "{offer}: {n} journeys are paused: {who}. `hub journey resume PERSON` lets one go on.",
        ),
        "paid_not_booked": "{offer}: paid, no appointment, {n}: {who}. Propose a date.",
        "booked_not_paid": "{offer}: booked, not paid, {n}: {who}. Check the payment before the call.",
        "asked_not_ticked": "{offer}: asked for, not done yet, {n}: {who}. `hub journey tick PERSON STEP` when it is "
        "done.",
        "clients_since": "since {day}",
        "clients_more": "and {n} more",
        "because_before": "from before the hub",
        "because_alike": "looks like {other}",
        "because_cancelled": "appointment cancelled",
        "because_payment_failed": "payment failed",
        "because_by_hand": "as somebody asked",
        "short_journeys_open": ("{value} welcome under way", "{value} welcomes under way"),
        "short_journeys_paused": "{value} paused",
        "short_journeys_stuck": "{value} stuck",
        "short_journeys_done": "{value} done",
        "short_hours_to_welcome": "welcome {value} after the payment",
        "short_days_to_kickoff": "first appointment {value} after it",
        "short_no_show_rate": "appointments missed {value}",
        "short_calls_converted": "discovery calls that became sales {value}",
        "connections": ("{n} connection", "{n} connections"),
        "jobs": ("{n} job", "{n} jobs"),
        "mails": ("{n} mail sent", "{n} mails sent"),
        "tasks": ("{n} open task", "{n} open tasks"),
        "is_well": "all is well",
        "is_unread": "unknown",
        "since": "Mails and gaps are counted since {when}.",
        "why": "the morning brief of {day}",
        "next": "The next one goes on {when}; as things are it would say: {subject}",
        "not_left": "No morning brief: {who} has left, business.yaml says.",
        "not_day_off": "No brief today: {who} does not work.",
        "not_gone": "Today's brief went out, or may have.",
        "not_refused": "The address of {who} is refused for good; the brief goes again tomorrow.",
        "not_not_yet": "It is not yet time for today's brief.",
        "not_too_late": "It is too late for today's brief; the next one will tell everything.",
    },
}


def say(language: Language, key: str, *, formal: bool = True, n: int | None = None, **values: object) -> str:
    """A sentence of the brief. `n` chooses between the form for one and the form for several. KeyError: not there."""
    found = _WORDS[language][key]
    if isinstance(found, tuple):
        # In French none is singular, in English plural.
        one = n == 1 or (n == 0 and language == "fr")
        found = found[0 if one else 1]
    chosen = re.sub(r"~([^|~]*)\|([^~]*)~", r"\2" if formal else r"\1", found)
    return (_typeset(chosen) if language == "fr" else chosen).format(n=n, **values)


def _typeset(text: str) -> str:
    """French signs stand behind a space at which no line breaks."""
    return re.sub(r" ([:;!?»])", "\u00a0\\1", text).replace("« ", "«\u00a0")


def names() -> Mapping[Language, frozenset[str]]:
    """The names of the sentences of each language."""
    return {language: frozenset(words) for language, words in _WORDS.items()}
