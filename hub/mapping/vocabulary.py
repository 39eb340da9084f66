"""What texts may speak of: the words that stand in { } in a text, and after `hub_owns:` in a step. No expressions.

Word -> what it stands for, for docs/mappings.md.
"""

from __future__ import annotations

from collections.abc import Mapping

_BUSINESS = {"business.name": "the business' name"}

ALERT: Mapping[str, str] = {
    "task.title": "what is to be done",
    "task.due": "the day on which it must be done",
    "task.assignee": "who does it",
    "task.section": "the list or section that it stands in",
    "task.place": "its project, board or database",
    "task.url": "where a person sees it",
    "person.name": "the name of who gets the mail",
    **_BUSINESS,
}
"""In the mails of a `deadline_alerts` job."""

JOURNEY: Mapping[str, str] = {
    "person.name": "the client's name",
    "person.first_name": "the client's first name",
    "person.email": "the client's address",
    "offer": "the name of what is sold",
    "payment.amount": "what was paid, with its currency",
    "payment.day": "the day of the payment",
    "booking.title": "the name of the appointment",
    "booking.day": "the day of the appointment",
    "booking.time": "the hour at which it begins",
    "booking.location": "where it is: an address, a telephone number or a link",
    "booking.reschedule_url": "where the client may move it",
    "booking.cancel_url": "where the client may cancel it",
    "booking.link": "where the client may book one, once: what a step with `link` made",
    "signup.day": "the day of the sign-up",
    "signup.form": "the form that was filled in",
    **_BUSINESS,
}
"""In the texts and the rows of a `client_onboarding` job."""

LINK = "booking.link"
"""The word that a step with `link` gives a value."""

EVENTS = ("payment", "booking", "signup")
"""Of a journey: what these words begin with is known only once that has happened."""
