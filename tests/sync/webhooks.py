"""Both providers call the hub's real web part on a socket: registered as they are in life, then lost, doubled, late."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import SecretStr

from connectors import registry
from connectors.asana.sandbox import TOKEN
from hub.engine.receivers import HubView, Receiver
from hub.web.app import create_app
from tests.sandboxes.serve import serve
from tests.sync.world import Site


class Post:
    """What the providers want to tell us, before it comes."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._dice = random.Random(seed)

    def come(self) -> None:
        """Each side's news come once, come twice and in any order, come later, or are lost."""
        asana, notion = self._site.boxes.asana.outbox, self._site.boxes.notion
        with self._site.boxes.asana.lock:
            held, asana.held = asana.held, []
            for post in held:
                fate = self._dice.choice(("once", "twice", "later", "lost"))
                asana.held += [post] if fate == "later" else []
                for _ in range({"once": 1, "twice": 2}.get(fate, 0)):
                    asana.post_soon(post)
        assert asana.wait(20)
        fate = self._dice.choice(("once", "twice", "later", "lost"))
        if fate != "later":
            copies = 2 if fate == "twice" else 1
            notion.deliver_webhooks(copies=copies, shuffle_seed=self._dice.randrange(1000), drop=fate == "lost")


@contextmanager
def calling(site: Site, seed: int) -> Iterator[Post]:
    """The hub's API on a socket, and a webhook of each side that calls it."""
    handed: dict[str, list[str]] = {"asana": [], "notion": []}
    view = HubView()
    app = create_app(site.store, view, status_key=SecretStr("of the sync tests"), now=site.clock)
    asana, notion = site.boxes.asana, site.boxes.notion
    with serve(app) as url:
        for name, secrets in handed.items():
            webhook = registry.load(name).webhook
            assert webhook is not None
            receiver = Receiver(
                business="lila",
                connection=name,
                webhook=webhook,
                secrets=lambda secrets=secrets: tuple(secrets),  # type: ignore[misc]
                url=f"{url}/webhooks/lila/{name}",
                remember=secrets.append,
            )
            view.receivers = {**view.receivers, ("lila", name): receiver}
        made = httpx.post(
            f"{site.boxes.urls['asana']}/api/1.0/webhooks",
            headers={"Authorization": f"Bearer {TOKEN}"},
            json={"data": {"resource": site.project, "target": f"{url}/webhooks/lila/asana"}},
        ).raise_for_status()
        hook = notion.subscribe(f"{url}/webhooks/lila/notion")
        assert notion.confirm(hook["id"], handed["notion"][0])
        assert asana.outbox.wait(20)
        asana.outbox.holding = True
        try:
            yield Post(site, seed)
        finally:
            asana.outbox.holding, asana.outbox.held = False, []
            asana.drop_webhook(made.json()["data"]["gid"])
            notion.unsubscribe(hook["id"])
