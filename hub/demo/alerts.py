"""The story's second part: a date moves in Asana, a mail goes out through the schedule, a click ticks the task off."""

from __future__ import annotations

import email
import email.policy
import re
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.message import EmailMessage

import httpx

from hub.demo import figures
from hub.demo.example import BUSINESS, LIST
from hub.demo.figures import Row, Rows
from hub.demo.office import LEA, TITLE, Office
from hub.demo.stage import INDENT, FailedError, Stage
from hub.demo.story import STEP_SECONDS
from hub.demo.town import Town
from hub.demo.watch import Watch

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`act` happens; `after` is what must be seen then; `told` is said when it is."""

    title: str
    act: Callable[[Alerts], object]
    after: Callable[[Alerts, Seen], Seen]
    told: Callable[[Alerts, Seen, Seen], Sequence[str]]


@dataclass(slots=True, kw_only=True)
class Alerts:
    """Plays steps and compares, like the teller of the figures."""

    stage: Stage
    town: Town
    office: Office
    watch: Watch
    run: str = ""
    """The address of the schedule's run in Prefect."""

    def tell(self, steps: Sequence[Step], first: int) -> bool:
        """Play the steps, say what came of each; True when all was exact. `first`: the number of the first one."""
        right = True
        for number, step in enumerate(steps, first):
            self.stage.line(f"{number}. {step.title}")
            right = self._play(step) and right
        return right

    def _play(self, step: Step) -> bool:
        before, posted = self.seen(), len(self.town.asana.outbox.log)
        expected = step.after(self, before)
        started = time.monotonic()
        step.act(self)
        right = self.stage.until(STEP_SECONDS, lambda: not differences(expected, self.seen()))
        seconds = time.monotonic() - started
        # What comes too much comes last: only when nothing waits any more is what is seen what it will stay.
        idle = self.stage.until(STEP_SECONDS, self._is_idle)
        after = self.seen()
        problems = differences(expected, after)
        if not idle:
            problems.append(f"the hub still had something to do {STEP_SECONDS:.0f} s later")
        deliveries = self.town.asana.outbox.log[posted:]
        problems += [f"the hub did not take a delivery of Asana: {one}" for one in deliveries if not _taken(one)]
        if deliveries:
            self.stage.more(f"{len(deliveries)} signed webhook{'s' if len(deliveries) > 1 else ''} from Asana")
        for line in step.told(self, before, after) if right else ():
            self.stage.more(line)
        self._say(problems, seconds, before, after)
        return not problems

    def _is_idle(self) -> bool:
        return self.town.asana.outbox.wait(0.0) and self.watch.is_idle()

    def _say(self, problems: Sequence[str], seconds: float, before: Seen, after: Seen) -> None:
        if problems:
            self.stage.more("✗ not what it must be:")
            for problem in problems:
                self.stage.more(f"  {problem}")
        else:
            same = len([title for title, row in after.tasks.items() if before.tasks.get(title) == row])
            others = same + len(after.figures)
            self.stage.more(f"✓ exact {seconds:.2f} s later; {others} other rows untouched")
        self.stage.more()

    def seen(self) -> Seen:
        """Everything as it is now."""
        town = self.town
        return Seen(
            figures=figures.by_key(town.notion.rows(figures.TABLE)),
            tasks={str(row["Tâche"]): row for row in self.rows()},
            mails=tuple((str(mail["To"]), str(mail["Subject"])) for mail in self.mails()),
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

    def mails(self) -> list[EmailMessage]:
        """What the mail server took, oldest first."""
        return [_read(str(mail["raw"])) for mail in self.town.post.mails()]

    def mail_to(self, address: str) -> EmailMessage:
        """The last one to that address. FailedError when there is none."""
        mails = [mail for mail in self.mails() if address in str(mail["To"])]
        if not mails:
            raise FailedError(f"There is no mail to {address}.")
        return mails[-1]


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
    link = _DONE_LINK.search(_text(alerts.mail_to(LEA)))
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
    lines = [f"À : {mail['To']}", f"Objet : {mail['Subject']}", "", *_text(mail).splitlines()]
    width = alerts.stage.width - len(INDENT) - 2
    wrapped = [part for line in lines for part in _wrapped(_LONG_LINK.sub(r"(\1…)", line), width)]
    return [
        *(f"│ {line}".rstrip() for line in wrapped),
        f"and the morning brief to {brief['To']}: {brief['Subject']}",
        f"In Prefect: {alerts.run}",
    ]


STEPS = (
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


def _taken(delivery: Mapping[str, object]) -> bool:
    return delivery["outcome"] == "delivered"


def _today() -> date:
    return datetime.now(UTC).astimezone(figures.ZONE).date()


def _shown(value: object) -> str:
    return {True: "☑", False: "☐", None: "—"}.get(value, str(value)) if isinstance(value, bool | None) else str(value)


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, width, subsequent_indent=indent) or [""]


def _read(raw: str) -> EmailMessage:
    return email.message_from_string(raw, policy=email.policy.default)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return "" if body is None else "\n".join(str(body.get_content()).strip().splitlines())
