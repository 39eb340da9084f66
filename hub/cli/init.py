"""`hub init`: the folder of a business, made by asking."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub import bootstrap
from hub.cli import asking
from hub.cli.connect import DOTENV, Wanted, connect_one
from hub.cli.init_folder import Answers, checked, own_keys, write
from hub.cli.offers import OFFERS, fitting
from hub.cli.opened import Say
from hub.core.errors import ConfigError
from hub.core.types import Sight, Thing
from hub.mapping.loader import KEY
from hub.mapping.model import ALL
from hub.mapping.tree import parse
from hub.nearest import folded, nearest, nearest_zone
from hub.settings import HubSettings, connection_settings, load_settings

ASKED = ("folder", "business", "language", "timezone", "currency", "people", "connections", "job")
NO_JOB = "none"


def init(folder: str | None, answers: str | None, flags: Mapping[str, Any], yes: bool, say: Say) -> int:
    """`hub init`: 0 when the configuration that it made passes `hub check`.

    `flags`: answers that were given one by one; they come before those of the file `answers`.
    """
    settings = load_settings()
    given = (_given(Path(answers)) if answers is not None else {}) | {
        name: value for name, value in flags.items() if value
    }
    ask = asking.is_terminal() and not yes
    if not ask and "business" not in given:
        raise ConfigError(
            "There is nobody to ask. Give the answers as options (`hub init --help`), or in a file with "
            f"--answers FILE: {', '.join(ASKED)}. Only `business` must be there."
        )
    made = _about(settings, folder, given, ask, say)
    _choose_connections(settings, made, given, ask, say)
    made.job = _job(made, given, ask, say)
    write(settings, made, say)
    own_keys(say)
    return checked(made, say)


def _given(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
    root, faults = parse(text)
    if faults:
        raise ConfigError("\n".join(str(fault.within(path)) for fault in faults))
    if root is None or root.kind != "map":
        raise ConfigError(f"{path} holds no answers. Write keys with values, like business: Atelier Lila")
    for name in root.keys.keys() - set(ASKED):
        near = nearest(name, ASKED)
        meant = f"Did you mean {near}? " if near else ""
        raise ConfigError(f"{path} answers {name}, which is not asked. {meant}Asked: {', '.join(ASKED)}.")
    found: dict[str, Any] = root.plain()
    return found


def _about(settings: HubSettings, folder: str | None, given: Mapping[str, Any], ask: bool, say: Say) -> Answers:
    """Who the business is."""
    business = str(given.get("business") or "")
    if not business:
        business = asking.text("The business' name, as people say it")
    place = _folder(settings, folder or given.get("folder"), business, ask)
    french = os.environ.get("LANG", "").startswith("fr")
    language = _one_of(
        "language", given, "fr" if french else "en", ("fr", "en"), ask, "What people read: fr or en", say
    )
    timezone = str(given.get("timezone") or _zone_here())
    if ask and "timezone" not in given:
        timezone = asking.text("Time zone: area and city", timezone)
        near = nearest_zone(timezone)
        if near is not None and near != timezone and asking.yes(f"Do you mean {near}?"):
            timezone = near
    currency = str(given.get("currency") or "EUR")
    if ask and "currency" not in given:
        currency = asking.text("Currency of the figures, three letters", currency).upper()
    people = dict(given.get("people") or {})
    if ask and "people" not in given:
        people = _people(say)
    return Answers(business, place, language, timezone, currency, people, {})


def _folder(settings: HubSettings, wanted: str | None, business: str, ask: bool) -> Path:
    key = re.sub(r"[^a-z0-9]+", "-", folded(business)).strip("-") or "business"
    if wanted is None and ask:
        wanted = asking.text(f"Its folder in {settings.mappings}: lower-case letters, digits and dashes", key)
    path = Path(wanted or key)
    if path.name == str(path):
        path = settings.mappings / path
    if path.parent.absolute() != settings.mappings.absolute():
        raise ConfigError(
            f"{path} does not lie in {settings.mappings}, where the hub looks for businesses. "
            f"Name a folder in there, like {settings.mappings / key}, or set HUB_MAPPINGS."
        )
    if not KEY.fullmatch(path.name):
        raise ConfigError(f"{path.name} cannot be a folder's name: lower-case letters, digits and dashes, like {key}.")
    if path.exists():
        raise ConfigError(f"{path} is there already, and nothing is overwritten. Choose another name, or edit it.")
    return path


def _one_of(
    name: str, given: Mapping[str, Any], default: str, known: tuple[str, ...], ask: bool, question: str, say: Say
) -> str:
    answer = str(given.get(name) or default)
    if ask and name not in given:
        answer = asking.text(question, default)
    while answer not in known:
        message = f"{name}: {answer} is not known; there are: {', '.join(known)}."
        if not ask:
            raise ConfigError(message)
        say(message)
        answer = asking.text(question, default)
    return answer


def _zone_here() -> str:
    """The zone of this machine, where it says one."""
    named = os.environ.get("TZ", "")
    if "/" in named:
        return named.lstrip(":")
    link = os.path.realpath("/etc/localtime")
    _, found, zone = link.partition("/zoneinfo/")
    return zone if found and "/" in zone and not zone.startswith("Etc/") else "Europe/Paris"


def _people(say: Say) -> dict[str, dict[str, str]]:
    say("\nPeople: who looks after the business, who leads it, who works in it.")
    people: dict[str, dict[str, str]] = {}
    for role, question in (("obm", "Your name"), ("ceo", "The CEO's name")):
        _person(role, asking.text(f"{question} (Enter leaves it out)", optional=True), people)
    while name := asking.text("Another name (Enter ends)", optional=True):
        key = re.sub(r"[^a-z0-9]+", "_", folded(name)).strip("_") or "person"
        _person(key if key not in people else f"{key}_{len(people)}", name, people)
    return people


def _person(key: str, name: str, people: dict[str, dict[str, str]]) -> None:
    if name:
        email = asking.text(f"The e-mail address of {name} (Enter leaves it out)", optional=True)
        people[key] = {"name": name, **({"email": email} if email else {})}


def _choose_connections(settings: HubSettings, made: Answers, given: Mapping[str, Any], ask: bool, say: Say) -> None:
    """Which, each connected at once or left for later, and what of each is followed."""
    chosen = given.get("connections")
    if isinstance(chosen, list):
        chosen = {str(name): {} for name in chosen}
    if chosen is None and ask:
        known = bootstrap.connectors()
        say("\nWhat does the business work with?")
        titles = [bootstrap.connector(name).title for name in known]
        picked = asking.choose("Numbers, with commas between (Enter: none)", titles, say)
        chosen = {known[index]: {} for index in picked}
    for name, config in (chosen or {}).items():
        made.connections[str(name)] = dict(config or {})
        _connection(settings, made, str(name), ask, say)


def _connection(settings: HubSettings, made: Answers, name: str, ask: bool, say: Say) -> None:
    config = made.connections[name]
    connector = str(config.get("connector", name))
    if connector not in bootstrap.connectors():
        raise ConfigError(f"There is no connector {connector}. There are: {', '.join(bootstrap.connectors())}.")
    spec = bootstrap.connector(connector)
    extra = {key: value for key, value in config.items() if key in spec.settings.model_fields}
    wanted = Wanted(made.folder.name, name, spec, extra)
    say("")
    if not (asking.yes(f"Connect {spec.title} now?") if ask else _has_keys(wanted)):
        made.later.append(name)
        return
    sight = connect_one(settings, wanted, {}, say)
    if sight is None:
        made.later.append(name)
    elif ask:
        _place(config, spec.settings.model_fields, sight, say)
        _follow(config, spec.follows, bool(spec.streams), spec.title, sight, say)


def _has_keys(wanted: Wanted) -> bool:
    """Whether what it needs is set already; without a terminal nothing else can be tried."""
    try:
        connection_settings(wanted.spec.settings, wanted.business, wanted.connection, wanted.extra, dotenv=DOTENV)
    except ConfigError:
        return False
    return True


def _place(config: dict[str, Any], fields: Mapping[str, Any], sight: Sight, say: Say) -> None:
    """The page that the hub may write in, where the connector has such."""
    pages = [thing for thing in sight.things if thing.kind == "page"]
    if "page" not in fields or "page" in config or not pages:
        return
    say("In which page may the hub write?")
    picked = asking.choose("One number (Enter: decide later)", [named(page) for page in pages], say)
    if picked:
        page = pages[picked[0]]
        alone = sum(each.name == page.name for each in pages) == 1
        config["page"] = page.name if alone else page.id


def _follow(config: dict[str, Any], what: str | None, readable: bool, title: str, sight: Sight, say: Say) -> None:
    if "follow" in config or not readable:
        return
    if what is None:
        if asking.yes(f"Shall the hub keep a copy of what is in {title} even where no job needs it?", default=False):
            config["follow"] = ALL
        return
    there = [thing for thing in sight.things if thing.kind == what]
    if not there:
        return
    say(f"Which {what}s shall the hub read and listen to?")
    names = [named(thing) for thing in there]
    picked = asking.choose("Numbers with commas between, or all (Enter: none)", names, say)
    chosen = [there[index] for index in picked]
    if chosen:
        twice = {thing.name for thing in there if sum(each.name == thing.name for each in there) > 1}
        config["follow"] = [thing.id if thing.name in twice or thing.name == ALL else thing.name for thing in chosen]


def named(thing: Thing) -> str:
    """Lancement printemps (Atelier Lila)."""
    return f"{thing.name} ({thing.inside})" if thing.inside else thing.name


def _job(made: Answers, given: Mapping[str, Any], ask: bool, say: Say) -> str | None:
    offers = fitting(made.by_connector)
    if "job" in given:
        wanted = str(given["job"])
        if wanted == NO_JOB:
            return None
        if wanted not in {offer.kind for offer in OFFERS}:
            raise ConfigError(f"job: {wanted} is not known. There are: {', '.join(o.kind for o in OFFERS)}, {NO_JOB}.")
        if wanted not in {offer.kind for offer in offers}:
            needs = next(offer.needs for offer in OFFERS if offer.kind == wanted)
            raise ConfigError(f"The job {wanted} needs connections to {' and '.join(needs)}.")
        return wanted
    if not offers or not ask:
        return offers[0].kind if offers else None
    say("\nWhich job first?")
    picked = asking.choose("One number (Enter: none yet)", [f"{offer.kind}: {offer.says}" for offer in offers], say)
    return offers[picked[0]].kind if picked else None
