"""What a revenue job steers by beside its figures, in sentences: calls, launches, objectives, commissions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from hub.mapping.figure_names import COUNTS, FIGURES, RATES
from hub.mapping.model import Business
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Calls, Commission, KeyResult, Launch, Objective, Registrations
from hub.planning import words
from hub.planning.explain.section import all_quoted, amount, at, listed, percent, person, pick, quoted
from hub.planning.figures.names import FIGURES as DEFINED
from hub.planning.words import Language

PLAIN = COUNTS | {"quick_ratio"}
_BASES: Mapping[str, tuple[str, str]] = {
    "cash_in_net": ("ce qui est encaissé hors taxes", "what is collected without tax"),
    "cash_in": ("ce qui est encaissé, taxes comprises", "what is collected, tax included"),
    "signed": ("ce qui est signé", "what is signed"),
}


def sentences(job: RevenueJob, business: Business, language: Language) -> Iterator[str]:
    """All of it."""
    if job.calls is not None:
        yield _calls(job.calls, language)
    for launch in job.launches:
        yield from _launch(launch, business, language)
    for objective in job.okr:
        yield _objective(objective, business, language)
    for name, commission in job.commissions.items():
        yield from _commission(name, commission, business, language)


def value_of(value: Decimal, figure: str | None, business: Business, language: Language) -> str:
    """A number of the file in the unit of a figure."""
    if figure in RATES:
        return percent(f"{value:f} %", language)
    if figure is None or figure in PLAIN or figure not in FIGURES:
        exponent = value.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        return words.number(value, places, language)
    return amount(value, business, language)


def _calls(calls: Calls, language: Language) -> str:
    which = all_quoted(calls.event_types, language)
    fr = f"Les rendez-vous {which} de " if calls.event_types else "Tous les rendez-vous de "
    en = f"The calls {which} of " if calls.event_types else "All appointments of "
    days = calls.sale_within_days
    return pick(
        language,
        f"{fr}{at(calls.connection)} comptent comme des appels ; un premier paiement dans les {days} jours qui suivent "
        "est une vente de cet appel.",
        f"{en}{at(calls.connection)} count as calls; a first payment within {days} days afterwards is a sale of that "
        "call.",
    )


def _launch(launch: Launch, business: Business, language: Language) -> Iterator[str]:
    opens, closes = words.day(launch.opens, language), words.day(launch.closes, language)
    name, offers = quoted(launch.name, language), all_quoted(launch.offers, language)
    yield pick(
        language,
        f"Le lancement {name} vend {offers} du {opens} au {closes} ; une vente peut être remboursée pendant "
        f"{launch.refundable_days} jours.",
        f"The launch {name} sells {offers} from {opens} to {closes}; a sale may be refunded for "
        f"{launch.refundable_days} days.",
    )
    if launch.registrations:
        places = listed([_registers(each, language) for each in launch.registrations], language)
        since = ""
        if launch.registered_from is not None:
            day = words.day(launch.registered_from, language)
            since = pick(language, f" à partir du {day}", f" from {day} on")
        yield pick(language, f"On s'y inscrit par {places}{since}.", f"People register for it by {places}{since}.")
    elif launch.registered_from is not None:
        day = words.day(launch.registered_from, language)
        yield pick(language, f"Les inscriptions comptent à partir du {day}.", f"Registrations count from {day} on.")
    goals = launch.goals
    wanted = []
    if goals.registrations is not None:
        wanted.append(pick(language, f"{goals.registrations} inscriptions", f"{goals.registrations} registrations"))
    if goals.sales is not None:
        wanted.append(pick(language, f"{goals.sales} ventes", f"{goals.sales} sales"))
    if goals.signed is not None:
        signed = amount(goals.signed, business, language)
        wanted.append(pick(language, f"{signed} signés", f"{signed} signed"))
    if wanted:
        yield pick(language, f"Il vise {listed(wanted, language)}.", f"It aims at {listed(wanted, language)}.")
    if launch.previous is not None:
        before = quoted(launch.previous, language)
        yield pick(
            language, f"Il est comparé, jour pour jour, à {before}.", f"It is compared, day for day, with {before}."
        )


def _registers(each: Registrations, language: Language) -> str:
    parts = [quoted(part, language) for part in (each.event_type, each.form) if part is not None]
    return f"{at(each.connection)} › {' › '.join(parts)}" if parts else at(each.connection)


def _objective(objective: Objective, business: Business, language: Language) -> str:
    results = listed([_result(each, business, language) for each in objective.key_results], language)
    name = quoted(objective.objective, language)
    return pick(
        language,
        f"Objectif {name} du trimestre {objective.quarter} : {results}.",
        f"Objective {name} of the quarter {objective.quarter}: {results}.",
    )


def _result(result: KeyResult, business: Business, language: Language) -> str:
    start = value_of(result.start, result.figure, business, language)
    to = value_of(result.to, result.figure, business, language)
    if result.figure is None:
        source = pick(language, "saisi à la main chaque semaine", "entered by hand each week")
    else:
        known = DEFINED.get(result.figure)
        title = result.figure if known is None else known.titles[language]
        source = pick(language, f"mesuré par {quoted(title, language)}", f"measured by {quoted(title, language)}")
    owner = "" if result.owner is None else f", {person(result.owner, business, language)}"
    span = pick(language, f"de {start} à {to}", f"from {start} to {to}")
    return f"{quoted(result.title, language)} ({result.name}, {span}, {source}{owner})"


def _commission(name: str, agreed: Commission, business: Business, language: Language) -> Iterator[str]:
    who, base = person(agreed.who, business, language), pick(language, *_BASES[agreed.base])
    if agreed.rate is not None:
        share = percent(agreed.rate, language)
    else:
        share = listed([_bracket(each.rate, each.up_to, business, language) for each in agreed.brackets], language)
    offers = ""
    if agreed.offers:
        offers = pick(language, " de ", " of ") + all_quoted(agreed.offers, language)
    starts = words.day(agreed.starts, language)
    ends = ""
    if agreed.ends is not None:
        ends = pick(language, " jusqu'au ", " to ") + words.day(agreed.ends, language)
    yield pick(
        language,
        f"Commission {quoted(name, language)} : {who} reçoit chaque mois {share} de {base}{offers}, à partir du "
        f"{starts}{ends}.",
        f"Commission {quoted(name, language)}: each month {who} receives {share} of {base}{offers}, from "
        f"{starts}{ends or ' on'}.",
    )
    extra = []
    if agreed.fixed:
        fixed = amount(agreed.fixed, business, language)
        extra.append(pick(language, f"{fixed} fixes en plus", f"{fixed} fixed beside it"))
    if agreed.floor is not None:
        floor = amount(agreed.floor, business, language)
        extra.append(pick(language, f"au moins {floor}", f"at least {floor}"))
    if agreed.cap is not None:
        cap = amount(agreed.cap, business, language)
        extra.append(pick(language, f"au plus {cap}", f"at most {cap}"))
    if extra:
        whole = listed(extra, language)
        yield whole[:1].upper() + whole[1:] + "."


def _bracket(rate: str, up_to: Decimal | None, business: Business, language: Language) -> str:
    share = percent(rate, language)
    if up_to is None:
        return pick(language, f"{share} au-delà", f"{share} above")
    top = amount(up_to, business, language)
    return pick(language, f"{share} jusqu'à {top}", f"{share} up to {top}")
