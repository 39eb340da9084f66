"""What people do in Calendly: book, cancel, move, come or not, fill in forms, change event types."""

from datetime import datetime, timedelta
from typing import Any

from connectors.calendly.sandbox import shapes
from connectors.calendly.sandbox.hooks import Hooks
from connectors.calendly.sandbox.shapes import Json, last, text, uri
from connectors.calendly.sandbox.state import Token, denied
from hub.sandbox import control


class CalendlySandbox(Hooks):
    """One organization with everything that is done in it. Bookings are named <event uuid>/<invitee uuid>."""

    @control
    def add_event_type(
        self, name: str, owner: str, minutes: int = 30, group_of: int = 1, questions: list[str] | None = None
    ) -> str:
        """Make an event type; `group_of` more than 1: so many may book the same hour. Returns the URI."""
        with self.lock:
            person = self.users[last(owner)]
            made = shapes.event_type(
                self.uuid(), name, person, minutes, group=group_of > 1, questions=questions or (), at=self.stamp()
            )
            self.event_types[last(made["uri"])] = made
            self.group_limits[made["uri"]] = group_of
            self.ring("event_type.created", made, [owner])
            return str(made["uri"])

    @control
    def change_event_type(self, event_type: str, **fields: Any) -> None:
        """Rename it, make it inactive, and the like."""
        with self.lock:
            found = self.event_types[last(event_type)]
            found.update(**fields, updated_at=self.stamp())
            self.ring("event_type.updated", found, [found["profile"]["owner"]])

    @control
    def delete_event_type(self, event_type: str) -> None:
        """Delete it: lists leave it out, and it is still shown by itself."""
        with self.lock:
            found = self.event_types[last(event_type)]
            at = self.stamp()
            found.update(deleted_at=at, updated_at=at, active=False)
            self.ring("event_type.deleted", found, [found["profile"]["owner"]])

    @control
    def book(
        self,
        event_type: str,
        start: str,
        *,
        name: str = "Zoé Martin",
        email: str = "zoe@example.fr",
        timezone: str = "Europe/Paris",
        location: Json | None = None,
        **asked: Any,
    ) -> str:
        """Book an appointment; a group's hour is shared. `asked`: other fields of the invitee. Returns its key."""
        with self.lock:
            event = self._event_at(event_type, start, location)
            made = self._invite(event, name, email, timezone, asked)
            self._tell("invitee.created", made)
            return key_of(made)

    @control
    def cancel(self, booking: str, by: str = "invitee", reason: str | None = None) -> None:
        """The invitee cancels for themselves, or the host cancels the event for everybody."""
        with self.lock:
            event, invitee = self._both(booking)
            who = invitee["name"] if by == "invitee" else event["event_memberships"][0]["user_name"]
            self.end(event, [invitee] if by == "invitee" else self.invited(event), who, by, reason)

    @control
    def move(self, booking: str, start: str, *, by: str = "invitee", told_first: str = "canceled") -> str:
        """Move a booking: the old one is cancelled and a new one is made. Returns the new key.

        `told_first`: which of the two deliveries goes out first, "canceled" or "created".
        """
        with self.lock:
            event, gone = self._both(booking)
            later = self._event_at(event["event_type"], start, event["location"])
            kept = ("questions_and_answers", "tracking", "text_reminder_number", "payment")
            asked = {name: gone[name] for name in kept}
            made = self._invite(later, gone["name"], gone["email"], gone["timezone"], asked)
            made["old_invitee"] = gone["uri"]
            gone.update(rescheduled=True, new_invitee=made["uri"])
            who = gone["name"] if by == "invitee" else event["event_memberships"][0]["user_name"]
            if told_first == "created":
                self._tell("invitee.created", made)
            self.end(event, [gone], who, by, None)
            if told_first != "created":
                self._tell("invitee.created", made)
            return key_of(made)

    @control
    def mark_no_show(self, booking: str) -> str:
        """Mark who did not come; the invitee's own time of change stays. Returns the mark's URI."""
        with self.lock:
            _, invitee = self._both(booking)
            if invitee["no_show"] is None:
                mark = {"uri": uri("invitee_no_shows", self.uuid()), "created_at": self.stamp()}
                invitee["no_show"] = mark
                self.no_shows[last(mark["uri"])] = {**mark, "invitee": invitee["uri"]}
                self.ring("invitee_no_show.created", self.no_shows[last(mark["uri"])], self._hosts(invitee))
            return str(invitee["no_show"]["uri"])

    @control
    def unmark_no_show(self, mark: str) -> None:
        """Take a mark back."""
        with self.lock:
            found = self.no_shows.pop(last(mark))
            invitee = self.invitees[last(found["invitee"])]
            invitee["no_show"] = None
            self.ring("invitee_no_show.deleted", found, self._hosts(invitee))

    @control
    def erase(self, booking: str) -> None:
        """Delete a booking's event for good, as a deletion of personal data does."""
        with self.lock:
            event, _ = self._both(booking)
            for invitee in self.invited(event):
                del self.invitees[last(invitee["uri"])]
            del self.events[last(event["uri"])]

    @control
    def add_form(self, name: str, questions: dict[str, str]) -> str:
        """Make a routing form; `questions`: name -> type (name, email, phone, text, …). Returns the URI."""
        with self.lock:
            asked = [(self.uuid(), words, kind) for words, kind in questions.items()]
            made = shapes.form(self.uuid(), name, asked, self.organization, self.stamp())
            self.forms[last(made["uri"])] = made
            return str(made["uri"])

    @control
    def submit_form(self, form: str, answers: dict[str, str | None], result: Json | None = None) -> str:
        """Fill in a routing form. Returns the submission's URI; book with it as `routing_form_submission`."""
        with self.lock:
            led = result or {"type": "custom_message", "value": {"headline": "Merci !", "body": "À bientôt."}}
            made = shapes.submission(self.uuid(), self.forms[last(form)], answers, led, self.stamp())
            self.submissions[last(made["uri"])] = made
            self.ring("routing_form_submission.created", made, [])
            return str(made["uri"])

    def end(self, event: Json, invitees: list[Json], who: str, by: str, reason: str | None) -> Json:
        """Cancel these invitees, and the event when none is left."""
        at = self.stamp()
        told = {"canceled_by": who, "reason": reason, "canceler_type": by, "created_at": at}
        active = [each for each in invitees if each["status"] == "active"]
        for each in active:
            each.update(status="canceled", updated_at=at, cancellation=told)
        event["invitees_counter"]["active"] -= len(active)
        if event["invitees_counter"]["active"] == 0:
            # A group's event that goes on keeps its time of change: nobody promised otherwise.
            event.update(status="canceled", updated_at=at, cancellation=told)
        for each in active:
            self._tell("invitee.canceled", each)
        return told

    def cancel_event(self, token: Token, key: str, reason: str | None) -> Json:
        """The API's cancellation: the whole event, by the token's user."""
        event = self.events[key]
        if event["status"] == "canceled":
            raise denied("Event is already canceled")
        if datetime.fromisoformat(event["end_time"]) < self.now():
            raise denied("Event in the past")
        return self.end(event, self.invited(event), self.users[last(token.user)]["name"], "host", reason)

    def invited(self, event: Json) -> list[Json]:
        """Every invitee of an event, in the order in which they booked."""
        return [each for each in self.invitees.values() if each["event"] == event["uri"]]

    def _event_at(self, event_type: str, start: str, location: Json | None) -> Json:
        kind, limit = self.event_types[last(event_type)], self.group_limits[event_type]
        begins = datetime.fromisoformat(start)
        starts, ends = text(begins), text(begins + timedelta(minutes=kind["duration"]))
        for event in self.events.values() if limit > 1 else ():
            free = event["status"] == "active" and event["invitees_counter"]["active"] < limit
            if free and (event["event_type"], event["start_time"]) == (event_type, starts):
                return event
        host = self.users[last(kind["profile"]["owner"])]
        made = shapes.event(self.uuid(), kind, host, starts, ends, location, limit, self.stamp())
        self.events[last(made["uri"])] = made
        return made

    def _invite(self, event: Json, name: str, email: str, timezone: str, asked: Json) -> Json:
        at = self.stamp()
        made = shapes.invitee(self.uuid(), event, name, email, timezone, at)
        made.update(asked)
        self.invitees[last(made["uri"])] = made
        for counter in ("total", "active"):
            event["invitees_counter"][counter] += 1
        if made["routing_form_submission"]:
            form = self.submissions[last(made["routing_form_submission"])]
            form.update(submitter=made["uri"], submitter_type="Invitee", updated_at=at)
        return made

    def _tell(self, kind: str, invitee: Json) -> None:
        event = self.events[last(invitee["event"])]
        self.ring(kind, {**invitee, "scheduled_event": event}, self._hosts(invitee))

    def _hosts(self, invitee: Json) -> list[str]:
        return [each["user"] for each in self.events[last(invitee["event"])]["event_memberships"]]

    def _both(self, booking: str) -> tuple[Json, Json]:
        event, _, invitee = booking.partition("/")
        return self.events[event], self.invitees[invitee]


def key_of(invitee: Json) -> str:
    """A booking's key."""
    return f"{last(invitee['event'])}/{last(invitee['uri'])}"
