"""A revenue job, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from hub.core.money import total
from hub.mapping.figure_names import GROUPS
from hub.mapping.model import CEO, Business
from hub.mapping.revenue_job import FigureConfig, RevenueJob, Target, Vat
from hub.planning import words
from hub.planning.desired import owned, page_name
from hub.planning.explain import steering
from hub.planning.explain.section import Section, all_quoted, amount, at, listed, percent, pick, quoted, says, span
from hub.planning.figures.names import FIGURES
from hub.planning.figures.tax import SALES, SERVICES
from hub.planning.words import Language

TITLE = ("Chiffres", "Figures")
_FIGURES = FIGURES
_OWNED: Mapping[str, tuple[str, str]] = {
    "value": ("la valeur", "the value"),
    "target": ("l'objectif", "the target"),
    "change": ("l'évolution depuis le mois précédent", "the change since the month before"),
    "counted_at": ("la date du dernier mouvement compté", "when the last movement was counted"),
    "proof": ("de quoi retrouver le détail", "how to find the details"),
}
_KEYS: Mapping[str, tuple[str, str]] = {
    "figure": ("le chiffre", "the figure"),
    "period": ("la période", "the period"),
    "currency": ("la devise", "the currency"),
}
_RULES: Mapping[str, tuple[str, str]] = {
    "tax": ("Le revenu récurrent est hors taxes.", "Recurring revenue is before tax."),
    "refunds": (
        "Un remboursement compte le jour où il est fait, pas le jour de la vente.",
        "A refund counts on the day of the refund, not on that of the sale.",
    ),
    "disputes": (
        "Un paiement contesté est retiré à l'ouverture du litige, et rajouté si le litige est gagné.",
        "A disputed payment is subtracted when the dispute opens, and added back when it is won.",
    ),
    "other_currencies": (
        "Les autres devises sont montrées à part, jamais additionnées.",
        "Other currencies are shown apart and never added.",
    ),
    "discount_once": (
        "Dans le revenu récurrent, une remise sur une seule facture est ignorée",
        "In recurring revenue, a discount on one invoice is ignored",
    ),
    "discount_for_months": (
        "une remise de quelques mois est déduite tant qu'elle dure", "one for some months is subtracted while it lasts",
    ),
    "discount_forever": ("une remise définitive est déduite", "one for ever is subtracted"),
    "trial": ("les essais ne comptent pas", "trials do not count"),
    "paused": ("les abonnements en pause non plus", "nor do paused subscriptions"),
    "past_due": ("un retard de paiement compte, signalé « à risque »", "a late payment counts, shown as at risk"),
    "cancel_at_period_end": (
        "un abonnement résilié compte jusqu'à sa fin", "a cancelled subscription counts until its end",
    ),
    "metered": ("ce qui est facturé à l'usage est montré à part", "what is billed by use is shown apart"),
    "instalments": (
        "un paiement en plusieurs fois n'est pas un abonnement, c'est un reste à encaisser",
        "a payment in instalments is no subscription but a receivable",
    ),
}  # fmt: skip
"""Every rule of counting that has one way only, so that its words need not look at the file; and how
`discount_once` goes where nothing is said."""
_ONCE_SUBTRACTED = (
    "Dans le revenu récurrent, une remise sur une seule facture est déduite pendant la période où elle a été donnée",
    "In recurring revenue, a discount on one invoice is subtracted in the period in which it was given",
)
_KINDS: Mapping[str, tuple[str, str]] = {
    "recurring": ("récurrent", "recurring"),
    "instalments": ("payé en plusieurs fois", "paid in parts"),
    "one_off": ("vendu une fois, sans échéances", "sold once and not in parts"),
}
_SAID_APART = {"recurring", "vat", "classify"}


def explain(job: RevenueJob, business: Business, language: Language) -> Section:
    """What is read, what is counted and how, where it is shown, who owns what."""
    return Section(job.name, pick(language, *TITLE), tuple(_sentences(job, business, language)))


def _sentences(job: RevenueJob, business: Business, language: Language) -> Iterator[str]:
    yield says(job.says)
    for read in job.read:
        if read.since is None:
            yield pick(
                language,
                f"Le hub lit {at(read.connection)} depuis le début.",
                f"The hub reads all of {at(read.connection)}.",
            )
        else:
            since = words.day(read.since, language)
            yield pick(
                language,
                f"Le hub lit {at(read.connection)} depuis le {since}.",
                f"The hub reads {at(read.connection)} from {since} on.",
            )
    for config in job.figures:
        yield _figure(config, business, language)
    yield from _rules(job, business, language)
    yield from _by_hand(job, language)
    yield from steering.sentences(job, business, language)
    yield from _shown(job, business, language)


def _figure(config: FigureConfig, business: Business, language: Language) -> str:
    extra = []
    target = config.target.value if isinstance(config.target, Target) else config.target
    if target is not None:
        text = pick(language, "objectif ", "target ") + steering.value_of(target, config.figure, business, language)
        if isinstance(config.target, Target) and config.target.by is not None:
            by = words.day(config.target.by, language)
            text += pick(language, f" au plus tard le {by}", f" by {by}")
        extra.append(text)
    if config.warn_above is not None:
        limit = _limit(config.warn_above, config, business, language)
        extra.append(pick(language, f"signalé au-dessus de {limit}", f"pointed out above {limit}"))
    if config.warn_below is not None:
        limit = _limit(config.warn_below, config, business, language)
        extra.append(pick(language, f"signalé au-dessous de {limit}", f"pointed out below {limit}"))
    tail = f" ({listed(extra, language)})" if extra else ""
    often = (
        (", jour par jour : ", ", day by day: ")
        if config.per == "day"
        else (", mois par mois : ", ", month by month: ")
    )
    return f"{quoted(config.title, language)}{pick(language, *often)}{_means(config, language)}{tail}."


def _limit(limit: str | Decimal, config: FigureConfig, business: Business, language: Language) -> str:
    if isinstance(limit, str):
        return percent(limit, language)
    return steering.value_of(limit, config.figure, business, language)


def _means(config: FigureConfig, language: Language) -> str:
    if config.figure in GROUPS:
        titles = listed([FIGURES[name].titles[language] for name in config.names], language)
        return pick(language, f"chacun pour soi, {titles}", f"each by itself, {titles}")
    text = FIGURES[config.figure].sentences[language].rstrip(".")
    first, _, rest = text.partition(" ")
    return text if first != first.capitalize() or first == "Stripe" else f"{first.lower()} {rest}"


def _rules(job: RevenueJob, business: Business, language: Language) -> Iterator[str]:
    rules = type(job.rules).model_fields
    yield from (pick(language, *_RULES[name]) for name in rules if name not in _SAID_APART)
    said = {name: _RULES[name] for name in type(job.rules.recurring).model_fields}
    if job.rules.recurring.discount_once == "subtracted":
        said["discount_once"] = _ONCE_SUBTRACTED
    yield "; ".join(pick(language, *each) for each in said.values()).replace("; ", pick(language, " ; ", "; ")) + "."
    if job.rules.vat is not None:
        yield _vat(job.rules.vat, business, language)
    for key, kind in job.rules.classify.items():
        is_fr, is_en = _KINDS[kind]
        yield pick(language, f"{quoted(key, language)} est {is_fr}.", f"{quoted(key, language)} is {is_en}.")
    if job.rates is not None:
        yield pick(
            language,
            f"Un total toutes devises est montré au cours du jour, lu dans {quoted(job.rates, language)}.",
            f"One total of all currencies is shown at the rate of the day, read from {quoted(job.rates, language)}.",
        )


def _by_hand(job: RevenueJob, language: Language) -> Iterator[str]:
    """How many, and what they come to: each of them is for `hub paid` to list."""
    if not job.paid_outside:
        return
    n, codes = len(job.paid_outside), sorted({each.amount.currency for each in job.paid_outside})
    sums = [total(code, (each.amount for each in job.paid_outside if each.amount.currency == code)) for code in codes]
    amounts = listed([words.money(each, language) for each in sums], language)
    if n == 1:
        fr = f"Un paiement hors Stripe, saisi à la main, compte pour {amounts}."
        en = f"One payment outside Stripe, entered by hand, counts as {amounts}."
    else:
        fr = f"{n} paiements hors Stripe, saisis à la main, comptent pour {amounts}."
        en = f"{n} payments outside Stripe, entered by hand, count as {amounts}."
    yield pick(language, fr, en)


def _vat(vat: Vat, business: Business, language: Language) -> str:
    if vat.rate is not None:
        rate = percent(vat.rate, language)
        return pick(
            language,
            f"Où Stripe ne dit pas la taxe, elle est estimée à {rate}.",
            f"Where Stripe does not say the tax, it is estimated at {rate}.",
        )
    usual = SERVICES if vat.franchise == "services" else SALES
    limit = amount(vat.limit or usual.limit, business, language)
    upper = amount(vat.upper_limit or usual.upper, business, language)
    what = pick(language, *(("services", "services") if vat.franchise == "services" else ("ventes", "sales")))
    return pick(
        language,
        f"Aucune taxe n'est facturée ({what}) ; le hub prévient à 80, 90 et 100 % de {limit} par an, et au-dessus de "
        f"{upper}.",
        f"No tax is collected ({what}); the hub warns at 80, 90 and 100% of {limit} a year, and above {upper}.",
    )


def _shown(job: RevenueJob, business: Business, language: Language) -> Iterator[str]:
    show = job.show_in
    page, database = quoted(page_name(job, business), language), quoted(show.database, language)
    yield pick(
        language,
        f"Les chiffres sont sur la page {page} et dans la base {database} ({at(show.connection)}).",
        f"The figures are on the page {page} and in the database {database} ({at(show.connection)}).",
    )
    keys = listed([pick(language, *_KEYS[name]) for name in show.match_by], language)
    yield pick(language, f"Ce qui y distingue une ligne : {keys}.", f"What tells rows apart there: {keys}.")
    stale = span(show.stale_after, language)
    yield pick(
        language,
        "Un mois passé qui change le dit, avec la raison ; un chiffre dont la source se tait depuis plus de "
        f"{stale} le dit aussi.",
        "A past month that changes says so, with the reason; a figure whose source has been silent for more than "
        f"{stale} says so too.",
    )
    yield _closed(job, business, language)
    columns = [
        f"{quoted(name, language)} ({pick(language, *_OWNED[role])})"
        for name, role in owned(job, business.language).items()
    ]
    yield pick(
        language,
        f"Le hub y tient à jour {listed(columns, language)} ; une modification faite à la main y est notée, puis "
        "remplacée.",
        f"The hub keeps {listed(columns, language)} up to date there; an edit by hand is noted, then overwritten.",
    )
    if show.people_own:
        named = all_quoted(show.people_own, language)
        yield pick(language, f"Il ne touche jamais à {named}.", f"It never touches {named}.")
    else:
        yield pick(
            language,
            "Il ne touche à aucune autre colonne.",
            "It touches no other column.",
        )


def _closed(job: RevenueJob, business: Business, language: Language) -> str:
    """The pages of the weeks and months that are over, and who is told of them."""
    mail, page = business.told, quoted(page_name(job, business), language)
    made = pick(
        language,
        f"Chaque semaine et chaque mois qui se termine a sa page dans {page}",
        f"Each week and month that is over has its page in {page}",
    )
    if mail is not None:
        name = business.people[CEO].name
        return made + pick(
            language,
            f" ; {name} la reçoit par e-mail, une seule fois, un jour ouvré à partir de {mail.at}.",
            f"; {name} gets it by mail, once only, on a working day from {mail.at} on.",
        )
    if not business.report:
        return made + pick(language, ", qui n'est pas envoyée par e-mail.", ", which is not sent by mail.")
    short = quoted(CEO, language)
    return made + pick(
        language,
        f" ; pour l'envoyer par e-mail, il faut une personne {short} avec une adresse et une connexion qui envoie des "
        "e-mails.",
        f"; to send it by mail, it takes a person {short} with an address, and a connection that sends mails.",
    )
