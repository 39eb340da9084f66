"""The story's third part: one client from her payment to her first call, which she moves; nothing is done twice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest

import httpx

from hub.demo import figures
from hub.demo.example import BUSINESS
from hub.demo.figures import ZONE, Delta, Row, Rows
from hub.demo.programme import CALL, CONTRACT, OFFER, PROJECT, SHEET, TASKS, Programme
from hub.demo.stage import FailedError
from hub.demo.telling import Step, Telling, addressed, text_of

WAKE = f"{BUSINESS} · journeys"
"""The deployment in Prefect that finds the steps whose time has come."""
NAME, ADDRESS, PRICE = "Marie Dupont", "marie@example.com", 1200
OBM = "Claire <claire@example.com>"
CALL_SECONDS = 10.0
"""How soon the call begins that she moves to today."""
SECTION, NEXT = "## Clients en accueil", "## Tendances"
_TICK_LINK = re.compile(r"\((https?://[^)\s]+/answer/[^)\s]+)\)")
_LONG_LINK = re.compile(r"(https?://[^/\s]+/[^/\s]+/)[^)\s]+")

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What anybody can see outside of the hub.

    `amounts`: figures that a step makes others; those not named stay. `section`: what Lila's page says of clients.
    `clients`: rows of their database. `sheet`: what stands in Marie's page. `projects`: name at Asana, and its tasks
    with their days. `mails`: (recipient, subject).
    """

    figures: Rows
    section: tuple[str, ...]
    clients: tuple[Row, ...]
    sheet: tuple[str, ...]
    projects: tuple[tuple[str, Mapping[str, str]], ...]
    mails: Sequence[tuple[str, str]]
    amounts: Mapping[str, Decimal | None] = field(default_factory=dict)


@dataclass(kw_only=True)
class Clients(Telling[Seen]):
    """Tells of Marie. `page`: Lila's. `sheet`: Marie's page, once it is there."""

    programme: Programme
    page: str
    paid: datetime = field(default_factory=lambda: datetime.now(UTC))
    booking: str = ""
    call: datetime = field(default_factory=lambda: datetime.now(UTC))
    run: str = ""

    def differences(self, expected: Seen, seen: Seen) -> list[str]:
        return differences(expected, seen)

    def untouched(self, before: Seen, after: Seen) -> int:
        return len([key for key, row in after.figures.items() if before.figures.get(key) == row])

    def seen(self) -> Seen:
        """Everything as it is now."""
        notion, asana = self.town.notion, self.town.asana
        rows = [row for row in notion.rows(self.programme.table) if row["E-mail"] == ADDRESS]
        sheet = self.sheet
        return Seen(
            figures=figures.by_key(notion.rows(figures.TABLE)),
            section=section(notion.text(self.page)),
            clients=tuple(
                {
                    name: value if name != "Appel" else value and str(value)[:10]
                    for name, value in row.items()
                    if name not in ("id", "Hub")
                }
                for row in rows
            ),
            sheet=() if sheet is None else todos(notion.text(sheet)),
            projects=tuple(
                (one.name, {task["name"]: task["due_on"] for task in asana.tasks(one.gid)})
                for one in asana.world.projects.values()
                if one.name.startswith(PROJECT)
            ),
            mails=tuple((to, _spoken(subject)) for to, subject in addressed(self.mails())),
        )

    @property
    def sheet(self) -> str | None:
        """The id of Marie's page."""
        rows = self.town.notion.rows(self.programme.table)
        return next((str(row["id"]) for row in rows if row["E-mail"] == ADDRESS), None)


def section(page: str) -> tuple[str, ...]:
    """The lines about clients of a page's text, without the marks of their boxes."""
    _, _, rest = page.partition(f"{SECTION}\n")
    lines = rest.partition(f"{NEXT}\n")[0].splitlines()
    return tuple(line.removeprefix("│").strip().partition(" ")[2] for line in lines if line.startswith("│"))


def todos(page: str) -> tuple[str, ...]:
    """The boxes to tick of a page's text."""
    return tuple(line.strip() for line in page.splitlines() if line.lstrip().startswith("["))


def said(
    *,
    open_: int = 0,
    done: int = 0,
    welcome: str = "—",
    kickoff: str = "—",
    missed: str = "—",
    unbooked: str = "personne",
    contract: str = "personne",
) -> tuple[str, ...]:
    """What Lila's page must say of clients."""
    return tuple(
        line.replace(" : ", "\u00a0: ")
        for line in (
            f"{OFFER} : {open_} en cours · 0 en pause · 0 bloqué · {done} terminé",
            f"Bienvenue : {welcome} après le paiement · premier rendez-vous : {kickoff} après (médianes de 90 jours)",
            f"Rendez-vous manqués : {missed} · appels découverte devenus des ventes : — (sur 90 jours)",
            f"Payé, pas réservé : {unbooked}",
            "Réservé, pas payé : personne",
            f"Demandé, pas encore fait : {contract}",
            "Accueils bloqués : personne",
        )
    )


def _since(clients: Clients, about: str = "") -> str:
    day = clients.paid.astimezone(ZONE)
    return f"1 · {NAME} ({about}depuis le {day:%d/%m/%Y})"


def _pays(clients: Clients) -> None:
    shop = clients.town.stripe.account()
    clients.paid = datetime.now(UTC)
    shop.sell(amount=PRICE * 100, product=OFFER, email=ADDRESS, name=NAME, deliver=True)


def _welcomed(clients: Clients, before: Seen) -> Seen:
    return replace(
        before,
        amounts=_sold(clients, before),
        section=said(
            open_=1,
            welcome="0\u00a0min",
            unbooked=_since(clients),
            contract=_since(clients, f"{CONTRACT}, "),
        ),
        clients=(_row(None),),
        sheet=tuple(f"[ ] {title}" for title in ("Contrat signé", "Appel de démarrage", "Livrables")),
        mails=(
            *before.mails,
            (f"{NAME} <{ADDRESS}>", f"Bienvenue dans {OFFER}, Marie !"),
            (OBM, f"À faire : {CONTRACT} ({NAME})"),
        ),
    )


def _sold(clients: Clients, before: Seen) -> Mapping[str, Decimal | None]:
    """The amounts after the sale, from Stripe's side."""
    shop, month = clients.town.stripe.account(), figures.month_label(clients.paid)
    rate = figures.refund_rate([shop.get(key) for key in shop.ids("balance_transaction")], month)
    return figures.expect(before.figures, month, Delta(cash_in=Decimal(PRICE)), rate)


def _books(clients: Clients) -> None:
    local = datetime.now(ZONE).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=7)
    clients.call = local
    clients.booking = str(
        clients.town.calendly.book(clients.programme.call, local.isoformat(), name=NAME, email=ADDRESS)
    )


def _booked(clients: Clients, before: Seen) -> Seen:
    return replace(
        before,
        section=said(open_=1, welcome="0\u00a0min", contract=_since(clients, f"{CONTRACT}, ")),
        clients=(_row(clients.call),),
        projects=((f"{PROJECT} · {NAME}", _dates(clients.call.date())),),
    )


def _moves(clients: Clients) -> None:
    clients.call = datetime.now(ZONE).replace(microsecond=0) + timedelta(seconds=CALL_SECONDS)
    # Not where a second decides whether the page says one minute more.
    while 25 < (clients.call - clients.paid).total_seconds() % 60 < 35:
        clients.call += timedelta(seconds=CALL_SECONDS)
    clients.booking = str(clients.town.calendly.move(clients.booking, clients.call.isoformat()))


def _moved(clients: Clients, before: Seen) -> Seen:
    return replace(
        before,
        clients=(_row(clients.call),),
        projects=((f"{PROJECT} · {NAME}", _dates(clients.call.date())),),
        mails=(*before.mails, (f"{NAME} <{ADDRESS}>", f"C'est noté : {_when(clients.call)}")),
    )


def _ticks(clients: Clients) -> None:
    """Claire opens the address in her mail, then presses the button of the page."""
    before = clients.seen()
    link = _TICK_LINK.search(text_of(clients.mail_to(OBM)))
    if link is None:
        raise FailedError("Claire's mail has no link with which she says that it is done.")
    with httpx.Client(timeout=10.0) as browser:
        page = browser.get(link[1])
        if not page.is_success or "<button" not in page.text or clients.seen() != before:
            raise FailedError(f"The page behind Claire's link is not a page with a button ({page.status_code}).")
        browser.post(link[1]).raise_for_status()


def _ticked(_clients: Clients, before: Seen) -> Seen:
    return replace(before, section=said(open_=1, welcome="0\u00a0min"))


def _begins(clients: Clients) -> None:
    """The hour of the call comes; the schedule looks, as it does every few minutes."""
    clients.stage.until(3 * CALL_SECONDS, lambda: datetime.now(UTC) >= clients.call)
    clients.run = clients.watch.start(WAKE, clients.stage)


def _held(clients: Clients, before: Seen) -> Seen:
    minutes = round((clients.call - clients.paid).total_seconds() / 60)
    kickoff, missed = f"{minutes}\u00a0min", "0,0\u00a0% (0 sur 1)"
    return replace(before, section=said(done=1, welcome="0\u00a0min", kickoff=kickoff, missed=missed))


def _letter(clients: Clients, before: Seen, after: Seen) -> list[str]:
    """The mail as Marie reads it, and what else is there now."""
    mail = clients.mail_to(ADDRESS)
    lines = [f"À : {mail['To']}", f"Objet : {mail['Subject']}", "", *text_of(mail).splitlines()]
    shown = [_LONG_LINK.sub(r"\1…", line) for line in lines]
    return [*clients.quoted(shown), *_changed(clients, before, after)]


def _changed(_clients: Clients, before: Seen, after: Seen) -> list[str]:
    """What stands otherwise in Notion, at Asana and in the post."""
    lines = []
    if before.clients != after.clients:
        (row,) = after.clients
        lines.append("Clientes: " + " · ".join(str(row[name]) for name in ("Nom", "Payé", "Statut") if row[name]))
        lines[-1] += f" · appel le {row['Appel']}" if row["Appel"] else ""
    if before.sheet != after.sheet:
        lines.append(f"her page, from « {SHEET} »: " + ", ".join(each.removeprefix("[ ] ") for each in after.sheet))
    for name, tasks in after.projects:
        if (name, tasks) not in before.projects:
            lines.append(f"Asana, « {name} »: " + ", ".join(f"{task} {day}" for task, day in tasks.items()))
    new = [mail for mail in after.mails if after.mails.count(mail) > before.mails.count(mail)]
    lines += [f"mail to {to.partition(' <')[0]}: {subject}" for to, subject in new]
    return lines + [f"Lila reads: {new}" for old, new in zip(before.section, after.section, strict=True) if old != new]


def _ended(clients: Clients, before: Seen, after: Seen) -> list[str]:
    return [*_changed(clients, before, after), f"In Prefect: {clients.run}"]


STEPS: tuple[Step[Clients, Seen], ...] = (
    Step(title=f"{NAME} buys « {OFFER} » for 1 200 €", act=_pays, after=_welcomed, told=_letter),
    Step(title=f"She books « {CALL} » in Calendly, in a week", act=_books, after=_booked, told=_changed),
    Step(title="Claire has sent the contract: she ticks it off in her mail", act=_ticks, after=_ticked, told=_changed),
    Step(
        title="Marie moves her call: today, in a moment. The dates follow, and she is told once",
        act=_moves,
        after=_moved,
        told=_changed,
    ),
    Step(
        title="The call takes place; the schedule of Prefect finds what is due",
        act=_begins,
        after=_held,
        told=_ended,
    ),
)


def differences(expected: Seen, seen: Seen) -> list[str]:
    """What is not as expected, a line each; [] when all is right."""
    lines = figures.differences(expected.figures, seen.figures, expected.amounts)
    lines += [
        f"Lila's page: expected « {wanted} », seen « {found} »"
        for wanted, found in zip_longest(expected.section, seen.section)
        if wanted != found
    ]
    for name, one, other in (
        ("the database of clients", expected.clients, seen.clients),
        ("Marie's page", expected.sheet, seen.sheet),
        ("Asana", expected.projects, seen.projects),
        ("mails", sorted(expected.mails), sorted(seen.mails)),
    ):
        if one != other:
            lines.append(f"{name}: expected {one}, seen {other}")
    return lines


def _row(call: datetime | None) -> Row:
    day = None if call is None else call.date().isoformat()
    return {"Nom": NAME, "E-mail": ADDRESS, "Offre": OFFER, "Payé": PRICE, "Appel": day, "Statut": "nouvelle"}


def _dates(start: date) -> Mapping[str, str]:
    """Every day is a working day of the demo's business."""
    return {title: (start + timedelta(days=days)).isoformat() for title, days in TASKS}


def _when(at: datetime) -> str:
    """mardi 23 mars 2027 à 9 h 00"""
    day = f"{_DAYS[at.weekday()]} {at.day if at.day > 1 else '1er'} {_MONTHS[at.month - 1]} {at.year}"
    return f"{day} à {at.hour} h {at.minute:02}"


def _spoken(text: str) -> str:
    """As it is read aloud: 9 h 00 and 09 h 00 are one, whatever the spaces."""
    return re.sub(r"\b0(\d h )", r"\1", text.replace("\u00a0", " "))
