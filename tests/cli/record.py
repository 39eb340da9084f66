"""What `hub init`, `hub connect` and `hub listen` show, recorded by running them: python -m tests.cli.record.

docs/connecting.md holds the recordings between marks; a test makes them again and compares.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sys
import tempfile
from pathlib import Path

import httpx

from connectors.asana.sandbox import TOKEN
from connectors.asana.sandbox import create_app as asana_app
from tests.cli.site import LILA, Site, boxes, site, until
from tests.cli.terminal import terminal
from tests.paths import ROOT
from tests.sandboxes.serve import serve

PAGE = ROOT / "docs" / "connecting.md"
NOTION_TOKEN = "secret_of_the_recording"
MARK = "<!-- recorded: {name} -->\n```text\n{text}\n```"
BLOCK = re.compile(r"<!-- recorded: (\w+) -->\n```text\n(.*?)\n```", re.DOTALL)


def recorded() -> dict[str, str]:
    """Name of a recording -> its text, with what differs from run to run made the same."""
    with boxes() as made, tempfile.TemporaryDirectory() as folder, site(made, Path(folder)) as here:
        app = asana_app()
        with serve(app) as asana:
            for name in ("Accueil des clientes", "Lancement printemps"):
                app.state.sandbox.add_project(name)
            (here.folder / "mappings").rename(here.folder / "elsewhere")
            here.environment["HUB_PUBLIC_URL"] = here.api
            keys = {each: here.environment.pop(f"HUB_ATELIER_LILA_{each}_API_KEY") for each in ("STRIPE", "NOTION")}
            texts = {"init": _init(here, keys)}
            here.environment["HUB_ATELIER_LILA_ASANA_BASE_URL"] = f"{asana}/api/1.0"
            texts["connect"] = _connect(here)
            with here.running("api") as api:
                until(lambda: _up(here), lambda: api.text)
                texts["listen"] = here.hub("listen").out
                texts["hand"] = _by_hand(here)
        return {name: _same(text, here) for name, text in texts.items()}


def _init(here: Site, keys: dict[str, str]) -> str:
    with terminal(["init"], here.folder, here.environment) as screen:
        screen.answer("The business' name", "Atelier Lila")
        screen.answer("Its folder", "")
        screen.answer("What people read", "fr")
        screen.answer("Time zone", "Paris")
        screen.answer("Do you mean", "")
        screen.answer("Currency", "")
        screen.answer("Your name", "Claire")
        screen.answer("address of Claire", "claire@example.com")
        screen.answer("The CEO's name", "Lila")
        screen.answer("address of Lila", "")
        screen.answer("Another name", "")
        screen.expect("Trello")
        lines = [line.split() for line in screen.screen.splitlines()]
        number = {words[1]: words[0] for words in lines if words and words[0].isdecimal()}
        screen.answer("Numbers, with commas", f"{number['Notion']}, {number['Stripe']}")
        screen.answer("Connect Notion now?", "")
        screen.answer("api_key, not shown", keys["NOTION"])
        screen.answer("In which page", "1")
        screen.answer("Connect Stripe now?", "")
        screen.answer("api_key, not shown", keys["STRIPE"])
        screen.answer("even where no job needs it?", "")
        screen.answer("One number (Enter: none yet)", "1")
        assert screen.end() == 0, screen.screen
        return screen.screen


def _connect(here: Site) -> str:
    with terminal(["connect", "asana"], here.folder, here.environment) as screen:
        screen.answer("Add it?", "y")
        screen.answer("api_key, not shown", "not-the-key")
        screen.answer("workspace (Enter leaves it out)", "")
        screen.answer("Try again?", "")
        screen.answer("api_key, not shown", TOKEN)
        screen.answer("workspace (Enter leaves it out)", "")
        assert screen.end() == 0, screen.screen
    file = here.folder / "mappings" / LILA / "business.yaml"
    file.write_text(file.read_text().replace("asana: {}", "asana: {follow: [Lancement printemps]}"))
    return screen.screen


def _by_hand(here: Site) -> str:
    file = here.folder / "mappings" / LILA / "business.yaml"
    text = file.read_text()
    file.write_text(re.sub(r"notion: \{(.*)\}", r"notion: {\1, follow: all}", text))
    with terminal(["listen"], here.folder, here.environment) as screen:
        screen.expect("Waiting for Notion")
        _sent(here, {"verification_token": NOTION_TOKEN}, signed=False)
        screen.expect("the first event that Notion signs is waited for.")
        event = {
            "id": "e1",
            "timestamp": "2026-11-21T10:00:00.000Z",
            "type": "page.content_updated",
            "entity": {"id": "24ab24ab-24ab-24ab-24ab-24ab24ab24ab", "type": "page"},
            "data": {},
        }
        _sent(here, event, signed=True)
        assert screen.end() == 0, screen.screen
        file.write_text(text)
        return screen.screen


def _sent(here: Site, body: dict[str, object], *, signed: bool) -> None:
    raw = json.dumps(body).encode()
    digest = hmac.new(NOTION_TOKEN.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-Notion-Signature": f"sha256={digest}"} if signed else {}

    def taken() -> bool:
        # Another process of the hub has just begun to wait; a secret is in its memory for a second.
        return httpx.post(f"{here.api}/webhooks/{LILA}/notion", content=raw, headers=headers).status_code == 200

    until(taken)


def _up(here: Site) -> bool:
    try:
        return httpx.get(f"{here.api}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def _same(text: str, here: Site) -> str:
    text = text.replace(here.api, "https://hub.example.com").replace(here.environment["WORKSPACE"], "Atelier Lila")
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2026-11-21 10:00:00", text)
    text = re.sub(r"acct_\w+", "acct_1", text)
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "24ab24ab-24ab-24ab-24ab-24ab24ab24ab", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def in_page() -> dict[str, str]:
    """What the page holds now."""
    return dict(BLOCK.findall(PAGE.read_text()))


if __name__ == "__main__":
    texts = recorded()
    page = BLOCK.sub(lambda found: MARK.format(name=found[1], text=texts[found[1]]), PAGE.read_text())
    PAGE.write_text(page)
    sys.stdout.write(f"{PAGE}: {', '.join(texts)}\n")
