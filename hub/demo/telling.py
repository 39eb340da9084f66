"""Telling a part of the story: something happens, what must be seen then is compared with what is, and said."""

from __future__ import annotations

import email
import email.policy
import textwrap
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Generic, TypeVar

from hub.demo import story
from hub.demo.stage import INDENT, FailedError, Stage
from hub.demo.town import Town
from hub.demo.watch import Watch

S = TypeVar("S")
"""What anybody can see outside of the hub."""
T = TypeVar("T")
"""Who tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[T, S]):
    """`act` happens; `after` is what must be seen then; `told` is said when it is."""

    title: str
    act: Callable[[T], object]
    after: Callable[[T, S], S]
    told: Callable[[T, S, S], Sequence[str]]


@dataclass(kw_only=True)
class Telling(ABC, Generic[S]):
    """Plays steps and compares, like the teller of the figures."""

    stage: Stage
    town: Town
    watch: Watch

    @abstractmethod
    def seen(self) -> S:
        """Everything as it is now."""

    @abstractmethod
    def differences(self, expected: S, seen: S) -> list[str]:
        """What is not as expected, a line each; [] when all is right."""

    @abstractmethod
    def untouched(self, before: S, after: S) -> int:
        """How many rows are as they were."""

    def tell(self, steps: Sequence[Step[Any, S]], first: int) -> bool:
        """Play the steps, say what came of each; True when all was exact. `first`: the number of the first one."""
        right = True
        for number, step in enumerate(steps, first):
            self.stage.line(f"{number}. {step.title}")
            right = self._play(step) and right
        return right

    def _play(self, step: Step[Any, S]) -> bool:
        before, posted = self.seen(), {name: len(log) for name, log in self._logs().items()}
        started = time.monotonic()
        step.act(self)
        expected = step.after(self, before)
        right = self.stage.until(story.STEP_SECONDS, lambda: not self.differences(expected, self.seen()))
        seconds = time.monotonic() - started
        # What comes too much comes last: only when nothing waits any more is what is seen what it will stay.
        idle = self.stage.until(story.STEP_SECONDS, self._is_idle)
        after = self.seen()
        problems = self.differences(expected, after)
        if not idle:
            problems.append(f"the hub still had something to do {story.STEP_SECONDS:.0f} s later")
        for name, log in self._logs().items():
            deliveries = log[posted[name] :]
            problems += [f"the hub did not take a delivery of {name}: {one}" for one in deliveries if not _taken(one)]
            if deliveries:
                count = f"{len(deliveries)} signed webhook{'s' if len(deliveries) > 1 else ''}"
                self.stage.more(f"{count} from {name}")
        for line in step.told(self, before, after) if right else ():
            for part in textwrap.wrap(line, self.stage.width - len(INDENT), subsequent_indent="  ") or [""]:
                self.stage.more(part)
        self._say(problems, seconds, self.untouched(before, after))
        return not problems

    def _logs(self) -> Mapping[str, Sequence[Mapping[str, object]]]:
        town = self.town
        return {
            "Stripe": town.stripe.webhooks.deliveries(),
            "Calendly": town.calendly.outbox.log,
            "Asana": town.asana.outbox.log,
        }

    def _is_idle(self) -> bool:
        town = self.town
        boxes = (town.asana.outbox, town.calendly.outbox, town.stripe.outbox)
        return all(box.wait(0.0) for box in boxes) and self.watch.is_idle()

    def _say(self, problems: Sequence[str], seconds: float, others: int) -> None:
        if problems:
            self.stage.more("✗ not what it must be:")
            for problem in problems:
                self.stage.more(f"  {problem}")
        else:
            self.stage.more(f"✓ exact {seconds:.2f} s later; {others} other rows untouched")
        self.stage.more()

    def mails(self) -> list[EmailMessage]:
        """What the mail server took, oldest first."""
        return [_read(str(mail["raw"])) for mail in self.town.post.mails()]

    def mail_to(self, address: str) -> EmailMessage:
        """The last one to that address. FailedError when there is none."""
        mails = [mail for mail in self.mails() if address in str(mail["To"])]
        if not mails:
            raise FailedError(f"There is no mail to {address}.")
        return mails[-1]

    def quoted(self, lines: Sequence[str]) -> list[str]:
        """Lines behind a bar, none longer than the stage is wide."""
        width = self.stage.width - len(INDENT) - 2
        return [f"│ {part}".rstrip() for line in lines for part in _wrapped(line, width)]


def addressed(mails: Sequence[EmailMessage]) -> tuple[tuple[str, str], ...]:
    """(recipient, subject) of each."""
    return tuple((str(mail["To"]), str(mail["Subject"])) for mail in mails)


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    body = mail.get_body(("plain",))
    return "" if body is None else "\n".join(str(body.get_content()).strip().splitlines())


def _taken(delivery: Mapping[str, object]) -> bool:
    return delivery["outcome"] == "delivered"


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, width, subsequent_indent=indent) or [""]


def _read(raw: str) -> EmailMessage:
    return email.message_from_string(raw, policy=email.policy.default)
