"""`hub paid`: what was paid outside Stripe, written down in the file of the job that counts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic_core import PydanticCustomError

from hub.cli.added import replace_text
from hub.cli.opened import Say
from hub.cli.paid_lines import KEY, lines_of, with_payment, without_payment
from hub.cli.steer import Helm, helm
from hub.core.errors import ConfigError
from hub.core.money import Money
from hub.mapping import meant
from hub.mapping.paid import Paid, read_money
from hub.mapping.revenue_job import RevenueJob
from hub.nearest import nearest
from hub.planning.by_hand import keys
from hub.planning.steer_words import word
from hub.planning.why_words import table, thing
from hub.planning.words import day as day_of
from hub.planning.words import money
from hub.planning.words import say as phrase


@dataclass(frozen=True, slots=True)
class _Book:
    """The file of one job, as it is now."""

    file: Path
    text: str
    job: RevenueJob

    @property
    def paid(self) -> tuple[Paid, ...]:
        return self.job.paid_outside


def listed(business: str | None, say: Say) -> None:
    """Prints every payment of every file, with the line on which it stands."""
    with helm(business) as at:
        for name in at.jobs:
            book = _book(at, name)
            for line in _table(at, book):
                say(line)


def add(
    said: str, day: date | None, more: dict[str, str | None], job: str | None, business: str | None, say: Say
) -> None:
    """Writes a payment down. `said`: the amount, with its currency unless it is the business's own."""
    with helm(business) as at:
        book, language = _book(at, job), at.runtime.business.language
        amount, when = _amount(said, at), day or at.today
        if when > at.today:
            raise ConfigError(f"{when} has not come yet: write a payment down when the money is there.")
        given = {"day": when.isoformat(), "amount": str(amount), **{name: text for name, text in more.items() if text}}
        paid = Paid.model_validate(given)
        if paid in book.paid:
            line = lines_of(book.text)[book.paid.index(paid)]
            raise ConfigError(
                f"{book.file}, line {line} says the same already. If there were two, tell this one apart, for example "
                '--note "second of two".'
            )
        changed = with_payment(book.text, given)
        if changed is None:
            raise ConfigError(f"{book.file} is laid out in a way that the hub does not change. Add it to {KEY} there.")
        replace_text(book.file, changed)
        key = keys((*book.paid, paid))[-1]
        shown = {"amount": money(amount, language), "day": day_of(when, language), "key": key, "file": book.file.name}
        say(word(language, "paid_added", **shown))


def remove(key: str, job: str | None, business: str | None, say: Say) -> None:
    """Takes a payment back. ConfigError for one that is not there."""
    with helm(business) as at:
        book, language = _book(at, job), at.runtime.business.language
        known = keys(book.paid)
        mine = [index for index, each in enumerate(known) if each == key or each.partition("/")[0] == key]
        if len(mine) != 1:
            near = nearest(key, known)
            which = ", ".join(known[index] for index in mine)
            hint = f"Say which: {which}." if mine else f"Did you mean {near}?" if near else "`hub paid` lists them."
            raise ConfigError(f"{book.file} has {'several payments' if mine else 'no payment'} {key}. {hint}")
        changed = without_payment(book.text, mine[0])
        if changed is None:
            line = lines_of(book.text)[mine[0]]
            raise ConfigError(f"{book.file} is laid out in a way that the hub does not change. Take line {line} out.")
        replace_text(book.file, changed)
        paid = book.paid[mine[0]]
        shown = {"amount": money(paid.amount, language), "day": day_of(paid.day, language), "file": book.file.name}
        say(word(language, "paid_removed", **shown))


def _book(at: Helm, name: str | None) -> _Book:
    """ConfigError where it must be said which job, and where its file does not load: nothing is built on that."""
    folder = at.runtime.folder
    if name is None and len(at.jobs) > 1:
        raise ConfigError(f"Say which file (--job): {', '.join(at.jobs)}")
    if name is not None and name not in at.jobs:
        raise ConfigError(
            f"{at.runtime.key}: no job that counts figures is called {name}. There are: {', '.join(at.jobs)}"
        )
    job = next(iter(at.jobs.values())) if name is None else at.jobs[name]
    if folder is None:
        raise ConfigError(f"{at.runtime.key}: its files are not known here.")
    file = folder / f"{job.name}.yaml"
    if any(file.samefile(kept) for kept in at.hub.kept if Path(kept).is_file()):
        raise ConfigError(f"{file} does not load as it is now: see `hub check`, then enter the payment.")
    return _Book(file, file.read_text(encoding="utf-8"), job)


def _amount(said: str, at: Helm) -> Money:
    """500, 500 EUR, 1 200,50 € and 500usd. ConfigError for what is no amount of a currency that there is."""
    own = at.runtime.business.currency
    text = said if any(c.isalpha() or c in "€$£" for c in said) else f"{said} {own}"
    for written in (text, _clear(said, text)):
        try:
            return read_money(written)
        except PydanticCustomError:
            continue
    raise ConfigError(f"{said} is no amount above 0 of a known currency. Write digits and three letters, like 500 EUR.")


def _clear(said: str, text: str) -> str:
    """As the hub writes it. ConfigError for 1.500, which is one and a half to some and fifteen hundred to others."""
    marks = [c for c in text if c in ".,"]
    if len(marks) == 1 and re.search(r"[.,][0-9]{3}(?![0-9])", text):
        raise ConfigError(f"{said} can be read in two ways. Write the amount without a mark between thousands.")
    return meant.money(text) or ""


def _table(at: Helm, book: _Book) -> Iterator[str]:
    language = at.runtime.business.language
    if not book.paid:
        yield word(language, "paid_none", file=book.file.name)
        return
    names = ("paid_key", "paid_how", "amount_title", "offer", "client")
    rows = [[*(word(language, name) for name in names), phrase(language, "note"), word(language, "paid_line")]]
    numbers = lines_of(book.text)
    for key, each, line in zip(keys(book.paid), book.paid, numbers, strict=True):
        how = thing(language, f"by_{each.how}")
        amount = money(each.amount, language)
        rows.append(
            [key, how, amount, each.offer or "", each.client or "", each.note or "", f"{book.file.name}:{line}"]
        )
    yield from table(rows, right=(2,))
