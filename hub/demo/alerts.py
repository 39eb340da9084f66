"""The story's second part: a date moves in Asana, a mail goes out through the schedule, a click ticks the task off."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import httpx

from hub.demo import figures
from hub.demo.example import BUSINESS, LIST
from hub.demo.figures import Row, Rows
from hub.demo.office import LEA, TITLE, Office
from hub.demo.stage import FailedError
from hub.demo.telling import Step, Telling, addressed, text_of

MAILS = f"{BUSINESS} · mails 00:00"
"""The deployment in Prefect that lets the mails of deadlines.yaml and the brief go out."""
DUE, DONE = "Échéance", "Terminée"
_LONG_LINK = re.compile(r"\((https?://[^/\s]+/[^/\s]+/)[^)\s]+\)")
_DONE_LINK = re.compile(r"^\s*Fait \((https?://\S+)\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What anybody can see outside of the hub.

    `tasks`: rows of the list in Notion, by title. `mails`: (recipient, subject). `open`: titles at Asana. `writes`:
    calls that changed something at Asana.
    """

    figures: Rows
    tasks: Rows
    mails: Sequence[tuple[str, str]]
    open: frozenset[str]
    writes: int


@dataclass(kw_only=True)
class Alerts(Telling[Seen]):
    """Tells of tasks and mails."""

    office: Office
    run: str = ""
    """The address of the schedule's run in Prefect."""

    def differences(self, expected: Seen, seen: Seen) -> list[str]:
        return differences(expected, seen)

    def untouched(self, before: Seen, after: Seen) -> int:
        same = len([title for title, row in after.tasks.items() if before.tasks.get(title) == row])
        return same + len(after.figures)

    def seen(self) -> Seen:
        """Everything as it is now."""
        town = self.town
        return Seen(
            figures=figures.by_key(town.notion.rows(figures.TABLE)),
            tasks={str(row["Tâche"]): row for row in self.rows()},
            mails=addressed(self.mails()),
            open=frozenset(task["name"] for task in town.asana.tasks(self.office.project) if not task["completed"]),
            writes=sum(
                count
                for (method, path), count in town.asana.calls.counts.items()
                if method != "GET" and "/webhooks" not in path
            ),
        )

    def rows(self) -> list[Row]:
        """The rows of the list in Notion; none while there is no list."""
        notion = self.town.notion
        return list(notion.rows(LIST)) if any(each["title"] == LIST for each in notion.tables()) else []


def _moves(alerts: Alerts) -> None:
    alerts.town.asana.edit_task(alerts.office.task, due_on=_today().isoformat())


def _moved(_alerts: Alerts, before: Seen) -> Seen:
    return _with_row(before, {DUE: _today().isoformat()})


def _goes_out(alerts: Alerts) -> None:
    alerts.run = alerts.watch.start(MAILS, alerts.stage)


def _gone_out(_alerts: Alerts, before: Seen) -> Seen:
    digest = f"Léa <{LEA}>", "1 tâche pour aujourd'hui — Atelier Lila"
    brief = "Claire <claire@example.com>", "Tout va bien — Atelier Lila"
    return replace(before, mails=(*before.mails, brief, digest))


def _clicks(alerts: Alerts) -> None:
    """Open the address, as mail filters do too, then press the button of the page."""
    before = alerts.seen()
    link = _DONE_LINK.search(text_of(alerts.mail_to(LEA)))
    if link is None:
        raise FailedError("The mail has no link « Fait ».")
    with httpx.Client(timeout=10.0) as browser:
        page = browser.get(link[1])
        if not page.is_success or "<button" not in page.text or alerts.seen() != before:
            raise FailedError(f"The page behind « Fait » is not a page with a button ({page.status_code}).")
        browser.post(link[1]).raise_for_status()


def _ticked(_alerts: Alerts, before: Seen) -> Seen:
    ticked = _with_row(before, {DONE: True})
    return replace(ticked, open=before.open - {TITLE}, writes=before.writes + 1)


def _changed(_alerts: Alerts, before: Seen, after: Seen) -> list[str]:
    """What the list in Notion shows otherwise."""
    old, new = before.tasks[TITLE], after.tasks[TITLE]
    return [f"{TITLE} · {name}  {_shown(old[name])} → {_shown(new[name])}" for name in new if old[name] != new[name]]


def _letter(alerts: Alerts, _before: Seen, _after: Seen) -> list[str]:
    """The mail as Léa reads it, the brief's subject, and where the run is."""
    mail, brief = alerts.mail_to(LEA), alerts.mail_to("claire@example.com")
    lines = [f"À : {mail['To']}", f"Objet : {mail['Subject']}", "", *text_of(mail).splitlines()]
    return [
        *alerts.quoted([_LONG_LINK.sub(r"(\1…)", line) for line in lines]),
        f"and the morning brief to {brief['To']}: {brief['Subject']}",
        f"In Prefect: {alerts.run}",
    ]


STEPS: tuple[Step[Alerts, Seen], ...] = (
    Step(title="In Asana, « Page de vente » becomes due today", act=_moves, after=_moved, told=_changed),
    Step(
        title="The mails of the day go out (usually at 08:30 on working days; here at any hour)",
        act=_goes_out,
        after=_gone_out,
        told=_letter,
    ),
    Step(title="Léa opens « Fait » in her mail and presses the button", act=_clicks, after=_ticked, told=_changed),
)


def differences(expected: Seen, seen: Seen) -> list[str]:
    """What is not as expected, a line each; [] when all is right."""
    lines = []
    for name, wanted, found in (
        ("Notion's figures", expected.figures, seen.figures),
        ("Notion's list of tasks", expected.tasks, seen.tasks),
    ):
        lines += [
            f"{name}: {key}: expected {wanted.get(key)}, seen {found.get(key)}"
            for key in sorted(wanted.keys() | found.keys())
            if wanted.get(key) != found.get(key)
        ]
    if sorted(expected.mails) != sorted(seen.mails):
        lines.append(f"mails: expected {list(expected.mails)}, seen {list(seen.mails)}")
    if expected.open != seen.open:
        lines.append(f"open tasks in Asana: expected {sorted(expected.open)}, seen {sorted(seen.open)}")
    if expected.writes != seen.writes:
        lines.append(f"calls that change something in Asana: expected {expected.writes}, seen {seen.writes}")
    return lines


def _with_row(before: Seen, values: Mapping[str, object]) -> Seen:
    row: Row = {**before.tasks.get(TITLE, {}), **values}
    return replace(before, tasks={**before.tasks, TITLE: row})


def _today() -> date:
    return datetime.now(UTC).astimezone(figures.ZONE).date()


def _shown(value: object) -> str:
    return {True: "☑", False: "☐", None: "—"}.get(value, str(value)) if isinstance(value, bool | None) else str(value)
