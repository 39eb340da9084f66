"""A revenue job, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.mapping.model import Business, FigureConfig, RevenueJob, Target
from hub.planning import words
from hub.planning.desired import owned, page_name
from hub.planning.explain.section import Section, all_quoted, amount, at, listed, percent, pick, quoted, says
from hub.planning.words import Language

TITLE = ("Chiffres", "Figures")
_FIGURES: Mapping[str, tuple[str, str]] = {
    "cash_in": (
        "ce que les clients ont payé, moins ce qui leur a été rendu, avant les frais du prestataire de paiement",
        "what customers paid less what was given back, before the payment provider's fees",
    ),
    "mrr": (
        "le revenu mensuel des abonnements en cours, un prix annuel comptant pour un douzième",
        "the monthly revenue of the subscriptions that run; a yearly price counts as a twelfth",
    ),
    "overdue": ("ce qui est facturé, arrivé à échéance et pas payé", "what is invoiced, due and not paid"),
    "refund_rate": (
        "les remboursements du mois, en part des encaissements",
        "refunds of the month, as a share of charges",
    ),
}
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
        "Les autres devises sont montrées à part, jamais converties.",
        "Other currencies are shown apart and never converted.",
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
"""Every rule of counting. Each has one way only so far, so its words need not look at the file."""


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
    yield from _rules(job, language)
    yield from _shown(job, business, language)


def _figure(config: FigureConfig, business: Business, language: Language) -> str:
    extra = []
    if isinstance(config.target, Target):
        text = pick(language, "objectif ", "target ") + amount(config.target.value, business, language)
        if config.target.by is not None:
            by = words.day(config.target.by, language)
            text += pick(language, f" au plus tard le {by}", f" by {by}")
        extra.append(text)
    elif config.target is not None:
        extra.append(pick(language, "objectif ", "target ") + amount(config.target, business, language))
    if isinstance(config.warn_above, str):
        extra.append(
            pick(language, "signalé au-dessus de ", "pointed out above ") + percent(config.warn_above, language)
        )
    elif config.warn_above is not None:
        limit = amount(config.warn_above, business, language)
        extra.append(pick(language, f"signalé au-dessus de {limit}", f"pointed out above {limit}"))
    tail = f" ({listed(extra, language)})" if extra else ""
    head = quoted(config.title, language) + pick(language, ", mois par mois : ", ", month by month: ")
    return f"{head}{pick(language, *_FIGURES[config.figure])}{tail}."


def _rules(job: RevenueJob, language: Language) -> Iterator[str]:
    rules = type(job.rules).model_fields
    recurring = type(job.rules.recurring).model_fields
    yield from (pick(language, *_RULES[name]) for name in rules if name != "recurring")
    yield (
        "; ".join(pick(language, *_RULES[name]) for name in recurring).replace("; ", pick(language, " ; ", "; ")) + "."
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
