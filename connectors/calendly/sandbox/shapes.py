"""The JSON of Calendly's things, as of November 2026. `HOST` stands before every reference, wherever this is served."""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

HOST = "https://api.calendly.com"
SITE = "https://calendly.com"
NO_TRACKING: dict[str, Any] = dict.fromkeys(
    ("utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "salesforce_uuid")
)
Json = dict[str, Any]


def text(at: datetime) -> str:
    """An instant as Calendly writes it: UTC, six fractional digits."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def uri(collection: str, uuid: str) -> str:
    """A reference."""
    return f"{HOST}/{collection}/{uuid}"


def last(reference: str) -> str:
    """The uuid at the end of a reference."""
    return reference.rstrip("/").rpartition("/")[2]


def user(uuid: str, name: str, email: str, timezone: str, at: str, organization: str) -> Json:
    """A user, with the organization that only /users shows."""
    slug = email.partition("@")[0]
    return {
        "uri": uri("users", uuid),
        "name": name,
        "slug": slug,
        "email": email,
        "scheduling_url": f"{SITE}/{slug}",
        "timezone": timezone,
        "time_notation": "24h",
        "locale": "fr",
        "avatar_url": None,
        "created_at": at,
        "updated_at": at,
        "current_organization": organization,
        "resource_type": "User",
    }


def membership(uuid: str, person: Json, role: str, at: str) -> Json:
    """What a user is in the organization."""
    inside = {name: value for name, value in person.items() if name not in ("current_organization", "resource_type")}
    return {
        "uri": uri("organization_memberships", uuid),
        "role": role,
        "user": inside,
        "organization": person["current_organization"],
        "updated_at": at,
        "created_at": at,
    }


def event_type(
    uuid: str, name: str, owner: Json, minutes: int, *, group: bool, questions: Iterable[str], at: str
) -> Json:
    """An event type; `limit` is the sandbox's own and never served."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = "-".join(plain.casefold().split())
    return {
        "uri": uri("event_types", uuid),
        "name": name,
        "active": True,
        "booking_method": "instant",
        "slug": slug,
        "scheduling_url": f"{owner['scheduling_url']}/{slug}",
        "duration": minutes,
        "duration_options": None,
        "kind": "group" if group else "solo",
        "pooling_type": None,
        "type": "StandardEventType",
        "kind_description": "Group" if group else "One-on-One",
        "color": "#0069ff",
        "created_at": at,
        "updated_at": at,
        "internal_note": None,
        "description_plain": None,
        "description_html": None,
        "profile": {"type": "User", "name": owner["name"], "owner": owner["uri"]},
        "secret": False,
        "is_paid": False,
        "deleted_at": None,
        "admin_managed": False,
        "locations": None,
        "position": 0,
        "locale": "fr",
        "custom_questions": [
            {
                "name": question,
                "type": "string",
                "position": place,
                "enabled": True,
                "required": False,
                "answer_choices": [],
                "include_other": False,
            }
            for place, question in enumerate(questions)
        ],
    }


def event(
    uuid: str, kind: Json, host: Json, starts: str, ends: str, location: Json | None, limit: int, at: str
) -> Json:
    """A scheduled event without invitees yet."""
    return {
        "uri": uri("scheduled_events", uuid),
        "name": kind["name"],
        "meeting_notes_plain": None,
        "meeting_notes_html": None,
        "status": "active",
        "start_time": starts,
        "end_time": ends,
        "event_type": kind["uri"],
        "location": location,
        "invitees_counter": {"total": 0, "active": 0, "limit": limit},
        "created_at": at,
        "updated_at": at,
        "event_memberships": [
            {
                "user": host["uri"],
                "user_email": host["email"],
                "user_name": host["name"],
                "buffered_start_time": starts,
                "buffered_end_time": ends,
            }
        ],
        "event_guests": [],
        "calendar_event": None,
    }


def invitee(uuid: str, of: Json, name: str, email: str, timezone: str, at: str) -> Json:
    """An invitee who asked for nothing special."""
    return {
        "uri": f"{of['uri']}/invitees/{uuid}",
        "email": email,
        "first_name": None,
        "last_name": None,
        "name": name,
        "status": "active",
        "questions_and_answers": [],
        "timezone": timezone,
        "event": of["uri"],
        "created_at": at,
        "updated_at": at,
        "tracking": dict(NO_TRACKING),
        "text_reminder_number": None,
        "rescheduled": False,
        "old_invitee": None,
        "new_invitee": None,
        "cancel_url": f"{SITE}/cancellations/{uuid}",
        "reschedule_url": f"{SITE}/reschedulings/{uuid}",
        "routing_form_submission": None,
        "payment": None,
        "no_show": None,
        "reconfirmation": None,
        "scheduling_method": None,
        "invitee_scheduled_by": None,
    }


def form(uuid: str, name: str, questions: Iterable[tuple[str, str, str]], organization: str, at: str) -> Json:
    """A routing form. `questions`: uuid, name, type of each."""
    return {
        "uri": uri("routing_forms", uuid),
        "organization": organization,
        "name": name,
        "status": "published",
        "questions": [
            {"uuid": each, "name": words, "type": kind, "required": False, "answer_choices": None}
            for each, words, kind in questions
        ],
        "created_at": at,
        "updated_at": at,
    }


def submission(uuid: str, of: Json, answers: dict[str, str | None], result: Json, at: str) -> Json:
    """What somebody sent by a routing form."""
    return {
        "uri": uri("routing_form_submissions", uuid),
        "routing_form": of["uri"],
        "questions_and_answers": [
            {"question_uuid": each["uuid"], "question": each["name"], "answer": answers.get(each["name"])}
            for each in of["questions"]
        ],
        "tracking": dict(NO_TRACKING),
        "result": result,
        "submitter": None,
        "submitter_type": None,
        "created_at": at,
        "updated_at": at,
    }


def old(payload: Json) -> Json:
    """An invitee's payload as it was sent until 2024: the event only as a reference."""
    newer = {"scheduled_event", "first_name", "last_name", "no_show", "payment", "reconfirmation"}
    newer |= {"routing_form_submission", "scheduling_method", "invitee_scheduled_by"}
    kept = {name: value for name, value in payload.items() if name not in newer}
    return {**kept, "canceled": payload["status"] == "canceled"}
