"""An onboarding job, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hub.mapping.model import Business
from hub.mapping.onboarding_job import (
    AddTask,
    Change,
    CopyTemplate,
    OnboardingJob,
    Repeat,
    SingleUseLink,
    StartsOn,
    Step,
    WriteRow,
)
from hub.planning.explain.section import Section, all_quoted, at, listed, of, people, person, pick, quoted, says, span
from hub.planning.journeys.changes import change_of
from hub.planning.words import Language

TITLE = ("Accueil des clients", "Client onboarding")
_EVENTS: Mapping[str, tuple[str, str]] = {
    "payment": ("le paiement", "the payment"),
    "booking": ("le rendez-vous", "the appointment"),
    "signup": ("l'inscription", "the sign-up"),
}
_STARTS: Mapping[str, tuple[str, str]] = {
    "payment": ("un paiement", "a payment"),
    "booking": ("un rendez-vous", "an appointment"),
    "signup": ("une inscription", "a sign-up"),
}
_NONE: Mapping[str, tuple[str, str]] = {
    "payment": ("s'il n'y a pas encore de paiement", "if there is no payment yet"),
    "booking": ("s'il n'y a pas encore de rendez-vous", "if there is no appointment yet"),
    "signup": ("s'il n'y a pas encore d'inscription", "if there is no sign-up yet"),
}
_KEYS: Mapping[str, tuple[str, str]] = {"person": ("personne", "person"), "offer": ("offre", "offer")}
_DAYS: Mapping[str, tuple[str, str]] = {
    "booking.day": ("daté à partir du jour du rendez-vous", "dated from the day of the appointment"),
    "payment.day": ("daté à partir du jour du paiement", "dated from the day of the payment"),
    "signup.day": ("daté à partir du jour de l'inscription", "dated from the day of the sign-up"),
}
_VALUES: Mapping[str, tuple[str, str]] = {
    "person.name": ("le nom", "the name"),
    "person.first_name": ("le prénom", "the first name"),
    "person.email": ("l'adresse e-mail", "the e-mail address"),
    "offer": ("l'offre", "the offer"),
    "payment.amount": ("le montant payé", "the amount paid"),
    "payment.day": ("le jour du paiement", "the day of the payment"),
    "booking.title": ("le nom du rendez-vous", "the name of the appointment"),
    "booking.day": ("le jour du rendez-vous", "the day of the appointment"),
    "booking.time": ("l'heure du rendez-vous", "the hour of the appointment"),
    "booking.location": ("le lieu du rendez-vous", "the place of the appointment"),
    "booking.reschedule_url": ("le lien pour déplacer le rendez-vous", "the link to move the appointment"),
    "booking.cancel_url": ("le lien pour annuler le rendez-vous", "the link to cancel the appointment"),
    "booking.link": ("le lien pour prendre rendez-vous", "the link to book an appointment"),
    "signup.day": ("le jour de l'inscription", "the day of the sign-up"),
    "signup.form": ("le formulaire rempli", "the form that was filled in"),
    "business.name": ("le nom de l'entreprise", "the name of the business"),
}


def explain(job: OnboardingJob, business: Business, language: Language) -> Section:
    """What starts a journey, its steps in order, what changes do to it."""
    return Section(job.name, pick(language, *TITLE), tuple(_sentences(job, business, language)))


def _sentences(job: OnboardingJob, business: Business, language: Language) -> Iterator[str]:
    yield says(job.says)
    for start in job.starts_on:
        yield _start(start, job.offer, language)
    per = listed([pick(language, *_KEYS[name]) for name in job.one_journey_per], language)
    per = per.replace(" et ", " et par ")
    yield pick(
        language,
        f"Un seul parcours par {per}, quoi qu'il arrive et dans quelque ordre que ce soit ; chaque étape est faite une "
        "fois.",
        f"There is one journey per {per}, whatever happens and in whatever order; each step is done once.",
    )
    for step in job.steps:
        yield _step(step, business, language)
    for name, fr, en in (
        ("booking_moved", "Si le rendez-vous est déplacé", "When the appointment is moved"),
        ("booking_cancelled", "Si le rendez-vous est annulé", "When the appointment is cancelled"),
        ("no_show", "Si la personne ne vient pas", "When the person does not come"),
        ("payment_failed", "Si un paiement échoue", "When a payment fails"),
        ("refunded", "Si le paiement est remboursé ou contesté", "When the payment is given back or disputed"),
    ):
        said = _change(change_of(job, name), business, language)
        said = said or pick(language, "rien ne change", "nothing changes")
        yield f"{pick(language, fr, en)}, {said}."
    yield from _limits(job, language)


def _limits(job: OnboardingJob, language: Language) -> Iterator[str]:
    start, end = job.sending.hours.split("-")
    yield pick(
        language,
        f"Aucun e-mail ne part avant {start}, après {end} ni un jour non ouvré : il attend le prochain matin ouvré.",
        f"No mail goes out before {start}, after {end} or on a day off: it waits for the next working morning.",
    )
    limit = job.hold_if
    asked = job.first_run == "ask"
    yield pick(
        language,
        "Les clients d'avant ne commencent aucun parcours sans accord."
        if asked
        else "Les clients d'avant ne commencent aucun parcours.",
        "Past clients start no journey until somebody says so." if asked else "Past clients start no journey.",
    )
    per = {"hour": ("par heure", "an hour"), "day": ("par jour", "a day")}[limit.per]
    yield pick(
        language,
        f"Au-delà de {limit.journeys_above} nouveaux parcours {per[0]}, le hub demande d'abord.",
        f"Above {limit.journeys_above} new journeys {per[1]}, the hub asks first.",
    )


def _events(names: Sequence[str], language: Language) -> str:
    return listed([pick(language, *_EVENTS[name]) for name in names], language)


def _start(start: StartsOn, offer: str, language: Language) -> str:
    what = _STARTS[start.event]
    details = [
        pick(language, fr, en) + quoted(name, language)
        for name, fr, en in (
            (start.product, "produit ", "product "),
            (start.event_type, "type de rendez-vous ", "kind of appointment "),
            (start.form, "formulaire ", "form "),
        )
        if name
    ]
    more = f" ({listed(details, language)})" if details else ""
    return pick(
        language,
        f"Un parcours {quoted(offer, language)} s'ouvre avec {what[0]} dans {at(start.connection)}{more}.",
        f"A journey {quoted(offer, language)} opens with {what[1]} in {at(start.connection)}{more}.",
    )


def _step(step: Step, business: Business, language: Language) -> str:
    text = pick(language, f"Étape {quoted(step.name, language)} : ", f"Step {quoted(step.name, language)}: ")
    text += f"{', '.join(_when(step, language))}, {_does(step, business, language)}"
    if step.repeat is not None:
        text += _repeat(step.repeat, business, language)
    if step.late_after is not None:
        late = span(step.late_after, language)
        text += pick(language, f" ; en retard au bout de {late}", f"; late after {late}")
    return text + "."


def _when(step: Step, language: Language) -> Iterator[str]:
    if step.after:
        events = _events(step.after, language)
        if step.wait is None:
            yield pick(language, f"après {events}", f"after {events}")
        else:
            wait = span(step.wait, language)
            yield pick(language, f"{wait} après {events}", f"{wait} after {events}")
    if step.before is not None:
        lead = f"{span(step.by, language)} " if step.by else ""
        yield lead + pick(language, "avant ", "before ") + _events((step.before,), language)
        if step.wait is not None:
            wait = span(step.wait, language)
            yield pick(language, f"{wait} plus tard", f"{wait} later")
    elif step.by is not None:
        yield pick(
            language, f"au plus tard {span(step.by, language)} avant", f"{span(step.by, language)} ahead at the latest"
        )
    if step.if_no is not None:
        yield pick(language, *_NONE[step.if_no])


def _repeat(repeat: Repeat, business: Business, language: Language) -> str:
    again = span(repeat.every, language)
    times = pick(language, "fois", "time" if repeat.times == 1 else "times")
    text = pick(
        language,
        f" ; encore {repeat.times} {times}, à {again} d'intervalle",
        f"; {repeat.times} more {times}, {again} apart",
    )
    if repeat.then_tell:
        who = person(repeat.then_tell, business, language)
        text += pick(language, f", puis prévenir {who}", f", then tell {who}")
    return text


def _does(step: Step, business: Business, language: Language) -> str:
    if step.send is not None:
        text = quoted(step.send, language)
        return pick(language, f"envoyer le texte {text}", f"send the text {text}")
    if step.write is not None:
        return _write(step.write, language)
    if step.copies is not None:
        return _copy(step.copies, language)
    if step.task is not None:
        return _task(step.task, business, language)
    if step.link is not None:
        return _link(step.link, language)
    assert step.ask is not None  # noqa: S101  the model sees to it that a step does one thing
    who, what = person(step.ask.who, business, language), quoted(step.ask.to, language)
    return pick(language, f"demander à {who} : {what}", f"ask {who}: {what}")


def _write(write: WriteRow, language: Language) -> str:
    where = f"{at(write.connection)} › {quoted(write.database, language)}"
    text = pick(language, f"tenir une fiche par personne dans {where}", f"keep a row per person in {where}")
    details = []
    if write.from_template:
        template = quoted(write.from_template, language)
        details.append(pick(language, f"faite du modèle {template}", f"made from the template {template}"))
    if write.text:
        text_name = quoted(write.text, language)
        details.append(pick(language, f"avec le texte {text_name}", f"with the text {text_name}"))
    for name, value in write.hub_owns.items():
        what = pick(language, *_VALUES[value]) if value in _VALUES else quoted(value, language)
        details.append(f"{what} → {quoted(name, language)}")
    if details:
        text += f" ({', '.join(details)})"
    if write.people_own:
        named = all_quoted(write.people_own, language)
        text += pick(language, f", sans jamais toucher à {named}", f", without ever touching {named}")
    return text


def _copy(copies: CopyTemplate, language: Language) -> str:
    template = quoted(copies.template, language)
    text = pick(
        language,
        f"copier le modèle {template} {of(at(copies.connection))}",
        f"copy the template {template} of {at(copies.connection)}",
    )
    dated = _DAYS[copies.start_on] if copies.start_on else ("sans date de départ", "without a start date")
    return f"{text}, {pick(language, *dated)}"


def _task(task: AddTask, business: Business, language: Language) -> str:
    title = quoted(task.title, language)
    there = f"{at(task.connection)} › {quoted(task.place, language)}"
    text = pick(language, f"ajouter la tâche {title} dans {there}", f"add the task {title} in {there}")
    if task.who is not None:
        who = person(task.who, business, language)
        text += pick(language, f" pour {who}", f" for {who}")
    if task.due is not None:
        due = span(task.due, language)
        text += pick(language, f", à rendre sous {due}", f", due within {due}")
    return text


def _link(link: SingleUseLink, language: Language) -> str:
    kind = quoted(link.event_type, language)
    return pick(
        language,
        f"faire dans {at(link.connection)} un lien qui sert une fois, pour un rendez-vous {kind}",
        f"make a link in {at(link.connection)} that works once, for an appointment {kind}",
    )


def _change(change: Change, business: Business, language: Language) -> str:
    parts = []
    if change.move_dates:
        parts.append(pick(language, "les dates suivent", "the dates follow"))
    if change.pause:
        parts.append(pick(language, "le parcours attend", "the journey waits"))
    if change.stop:
        parts.append(pick(language, "le parcours s'arrête", "the journey stops"))
    if change.send is not None:
        text = quoted(change.send, language)
        parts.append(pick(language, f"le texte {text} part", f"the text {text} goes out"))
    if change.tell:
        who = people(change.tell, business, language)
        parts.append(pick(language, f"le hub prévient {who}", f"the hub tells {who}"))
    return listed(parts, language)
