"""`hub launch`: what a launch has sold, day by day, and what of it is received and may still be given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from hub.cli.mirrored import configured, mirror_of
from hub.cli.opened import Say
from hub.cli.steer import Helm, helm
from hub.core.errors import ConfigError
from hub.core.money import Money, total
from hub.mapping.revenue_job import RevenueJob
from hub.mapping.steering import Launch
from hub.nearest import nearest
from hub.planning.figures.books import Books, books
from hub.planning.figures.launches import Report, Sale, against, report
from hub.planning.figures.offers import Offers
from hub.planning.figures.plans import plans
from hub.planning.figures.sales import registrations, sales
from hub.planning.history import Mirror
from hub.planning.rules_of import by_the_rules
from hub.planning.steer_words import word
from hub.planning.why_words import table
from hub.planning.words import Language, money, percent
from hub.planning.words import day as day_of
from hub.planning.words import say as phrase


def show(name: str | None, business: str | None, say: Say) -> None:
    """Prints one launch, or all of them in the order of the file. ConfigError for one that is not there."""
    with helm(business) as at:
        every = [(job, launch) for job in at.jobs.values() for launch in job.launches]
        found = [(job, launch) for job, launch in every if name is None or _same(launch.name, name)]
        if not found:
            known = [launch.name for _, launch in every]
            near = nearest(name or "", known)
            hint = f'Did you mean "{near}"?' if near else f"There are: {', '.join(known) or 'none'}."
            what = f"launch is called {name}" if name else "file has launches (launches:)"
            raise ConfigError(f"{at.runtime.key}: no {what}. {hint} docs/figures.md shows how to write one.")
        mirror = mirror_of(at.runtime, configured(at.hub, at.runtime))
        for job, launch in found:
            for line in _told(at, job, launch, mirror):
                say(line)
            say("")


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _told(at: Helm, job: RevenueJob, launch: Launch, mirror: Mirror) -> Iterator[str]:
    runtime, language = at.runtime, at.runtime.business.language
    kept = by_the_rules(books(mirror.view, job.read, runtime.business, runtime.now()), job)
    offers = Offers(kept, mirror.view, job.read)
    made = sales(offers, plans(kept), launch.offers)
    found = report(launch, made, registrations(launch, mirror), kept.zone, kept.now)
    dates = {"opens": day_of(launch.opens, language), "closes": day_of(launch.closes, language)}
    days = (launch.closes - launch.opens).days + 1
    head = "launch" if found.day_number else "before_launch"
    yield word(language, head, name=launch.name, **dates, day=found.day_number, days=days)
    yield ""
    yield from _days(at, found)
    yield from _money(at, found)
    yield from _people(at, found)
    yield from _unknown(at, launch, made, kept)
    before = next((each for each in job.launches if launch.previous and _same(each.name, launch.previous)), None)
    if before is not None:
        sold = sales(offers, plans(kept), before.offers)
        then = report(before, sold, registrations(before, mirror), kept.zone, kept.now)
        yield from _against(at, found, then)


def _days(at: Helm, found: Report) -> Iterator[str]:
    """A row for each day, offer and way of paying."""
    language = at.runtime.business.language
    if not found.days:
        yield word(language, "no_sales")
        return
    rows = [[word(language, name) for name in ("day", "offer", "way", "sales", "signed")]]
    for each in found.days:
        shown = day_of(each.day, language)
        rows.append([shown, each.offer, word(language, each.way), str(len(each.sales)), _sums(each.sales, language)])
    yield from table(rows, right=(3, 4))


def _sums(mine: Sequence[Sale], language: Language) -> str:
    """What was signed, in each currency apart."""
    codes = sorted({sale.signed.currency for sale in mine})
    amounts = [total(code, (sale.signed for sale in mine if sale.signed.currency == code)) for code in codes]
    return " + ".join(money(each, language) for each in amounts) or "0"


def _money(at: Helm, found: Report) -> Iterator[str]:
    language, goals = at.runtime.business.language, found.launch.goals
    colon, home = phrase(language, "colon"), at.runtime.business.currency
    count = len(found.sales)
    yield ""
    yield f"{word(language, 'sales')}{colon}{_goal(at, str(count), count, goals.sales)}"
    for each in found.totals:
        goal = goals.signed if each.signed.currency == home else None
        signed = _goal(at, money(each.signed, language), each.signed.amount, goal, each.signed.currency)
        yield f"{word(language, 'signed')}{colon}{signed}"
        yield f"{word(language, 'received')}{colon}{money(each.received, language)}"
        yield f"{word(language, 'refunded')}{colon}{money(each.refunded, language)}"
        last = day_of(each.final_on - timedelta(days=1), language)
        name = word(language, "refundable", day=last) if each.refundable.amount else word(language, "no_longer")
        yield f"{name}{colon}{money(each.refundable, language)}"


def _people(at: Helm, found: Report) -> Iterator[str]:
    language = at.runtime.business.language
    colon, goals = phrase(language, "colon"), found.launch.goals
    if not found.launch.registrations:
        return
    number = len(found.registered)
    yield f"{word(language, 'registered')}{colon}{_goal(at, str(number), number, goals.registrations)}"
    rate = "—" if found.conversion is None else percent(found.conversion, language)
    shown = word(language, "conversion_of", value=rate, bought=len(found.bought), registered=number)
    yield f"{word(language, 'conversion')}{colon}{shown}"
    if found.unregistered:
        yield f"{word(language, 'unregistered')}{colon}{len(found.unregistered)}"


def _unknown(at: Helm, launch: Launch, made: Sequence[Sale], kept: Books) -> Iterator[str]:
    """Sales of its days of which nothing says what was sold: they may be its own."""
    mine = [sale for sale in made if not sale.offer and sale.at.astimezone(kept.zone).date() in launch]
    if mine:
        language = at.runtime.business.language
        yield word(language, "unknown_offer", n=len(mine), amount=_sums(mine, language))


def _against(at: Helm, found: Report, then: Report) -> Iterator[str]:
    language = at.runtime.business.language
    both = against(found, then)
    colon = phrase(language, "colon")
    sides = []
    for count, signed in ((both.sales, both.signed), (both.sales_then, both.signed_then)):
        amounts = " + ".join(money(each, language) for each in signed)
        sides.append(f"{count} ({amounts})" if amounts else str(count))
    yield f"{word(language, 'previous', name=then.launch.name)}{colon}{sides[0]} / {sides[1]}"


def _goal(at: Helm, shown: str, value: Decimal | int, goal: Decimal | int | None, currency: str = "") -> str:
    """The value, and what share of its goal it is."""
    if not goal:
        return shown
    language = at.runtime.business.language
    text = money(Money(Decimal(goal), currency), language) if currency else str(goal)
    share = percent(Decimal(100 * Decimal(value) / Decimal(goal)), language, places=0)
    return word(language, "goal_of", value=shown, goal=text, share=share)
