"""Calendly in small: one organization, on a real socket.

    app = create_app()                      # an owner, a member, three event types, a routing form
    sandbox = app.state.sandbox             # the controls, in process; over HTTP each is POST /_sandbox/NAME

Tokens: `KEY` is the owner's, `MEMBER_KEY` the member's; `add_token(token, user, scopes)` makes others.
Controls beside those of every sandbox (faults, counts, advance, webhooks):
    set_plan(plan, calls_per_minute)  add_user(name, email, role)  set_role(user, role)  remove_user(user)
    add_token(token, user, scopes)  revoke_token(token)
    add_event_type(name, owner, minutes, group_of, questions)  change_event_type(event_type, **fields)
    delete_event_type(event_type)
    book(event_type, start, *, name, email, timezone, location, **asked)  cancel(booking, by, reason)
    move(booking, start, *, by, told_first)  mark_no_show(booking)  unmark_no_show(mark)  erase(booking)
    add_form(name, questions)  submit_form(form, answers, result)
    payloads(old_shape)  disable_hook(hook)  delete_hook(hook)  release(order)
References are those of the real Calendly, whatever the address it is served at. The API takes webhook addresses that
are https, and http of this machine, which the real one does not.
"""

from fastapi import FastAPI

from connectors.calendly.sandbox.people import CalendlySandbox
from connectors.calendly.sandbox.routes import routes
from connectors.calendly.sandbox.state import KEY, MEMBER_KEY
from hub.sandbox import made

__all__ = ["KEY", "MEMBER_KEY", "CalendlySandbox", "create_app"]


def create_app() -> FastAPI:
    """The app; `app.state.sandbox` is its sandbox."""
    sandbox = CalendlySandbox()
    owner = sandbox.add_user("Claire Fontaine", "claire@example.fr", "owner")
    member = sandbox.add_user("Karim Haddad", "karim@example.fr")
    sandbox.add_token(KEY, owner)
    sandbox.add_token(MEMBER_KEY, member)
    sandbox.add_event_type("Appel découverte", owner, 30, questions=["Votre activité ?"])
    sandbox.add_event_type("Kickoff", member, 60)
    sandbox.add_event_type("Atelier de groupe", owner, 90, group_of=10)
    sandbox.add_form("Premier contact", {"Votre nom": "name", "Votre adresse": "email", "Votre besoin": "textarea"})
    return made(sandbox, routes(sandbox))
