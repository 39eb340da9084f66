"""Clients that others wrote work with the sandbox: py-trello, and trello.js where node and the package are at hand.

trello.js is looked for in TEST_NODE_MODULES, a node_modules folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.trello.sandbox import API_KEY, TOKEN
from tests.connectors.trello.conftest import World, answering

MODULES = os.environ.get("TEST_NODE_MODULES", "")


class Rewriting:
    """py-trello's way out to the network: its host is fixed, so addresses are turned to the sandbox."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.trust_env = False

    def request(self, method: str, url: str, **how: Any) -> requests.Response:
        there = "https://api.trello.com/" if "//api." in url else "https://trello.com/"
        assert url.startswith(there)
        return self._session.request(method, url.replace(there, f"{self._base}/"), timeout=10, **how)

    def post(self, url: str, **how: Any) -> requests.Response:
        return self.request("POST", url, **how)

    def close(self) -> None:
        self._session.close()


@pytest.fixture(params=["signed header", "query"])
def theirs(request: pytest.FixtureRequest, world: World) -> Iterator[Any]:
    trello = pytest.importorskip("trello", reason="py-trello is not installed")
    service = Rewriting(world.url)
    if request.param == "query":
        yield trello.TrelloClient(api_key=API_KEY, api_secret=TOKEN, http_service=service)
    else:
        yield trello.TrelloClient(api_key=API_KEY, api_secret="unused", token=TOKEN, http_service=service)
    service.close()


def test_py_trello_reads_and_writes_the_sandbox(theirs: Any, world: World, board: str) -> None:
    world.sandbox.add_custom_field(board, "Client", "text")
    world.sandbox.add_label(board, "Urgent", "red")

    (found,) = theirs.list_boards()
    assert (found.id, found.name) == (board, "Suivi")
    section = found.open_lists()[0]
    card = section.add_card("Écrire", desc="Un texte", labels=found.get_labels(), due="2026-12-01T09:00:00.000Z")
    card.set_due_complete()
    card.add_checklist("Étapes", ["Un", "Deux"])
    card.comment("Vu")
    card.set_custom_field("Marie", found.get_custom_field_definitions()[0])
    card.change_list(found.open_lists()[2].id)

    read = theirs.get_card(card.id)
    assert (read.name, read.due_date.isoformat(), read.is_due_complete) == ("Écrire", "2026-12-01T09:00:00+00:00", True)
    assert [label.name for label in read.labels] == ["Urgent"]
    record = world.cards()[card.id]
    assert record.fields["section"] == "Fait"
    assert record.fields["properties"] == {"Client": "Marie"}
    assert [step["title"] for step in record.fields["checklist"]] == ["Un", "Deux"]
    card.delete()
    assert world.cards() == {}


def test_py_trello_understands_its_refusals(theirs: Any, world: World) -> None:
    exceptions = pytest.importorskip("trello.exceptions")

    with pytest.raises(exceptions.ResourceUnavailable, match="was not found"):
        theirs.get_board("6b0000000000000000000000")
    world.sandbox.revoke(TOKEN)
    with pytest.raises(exceptions.Unauthorized, match="invalid token"):
        theirs.list_boards()


@pytest.mark.parametrize("theirs", ["signed header"], indirect=True)
def test_py_trello_makes_a_webhook(theirs: Any, world: World, board: str) -> None:
    with answering() as url:
        made = theirs.create_hook(url, board, "Mine", token=TOKEN)
        assert made.id_model == board
        assert [hook.id for hook in theirs.list_hooks(TOKEN)] == [made.id]
        made.delete()
    assert world.sandbox.hooks() == []


SCRIPT = r"""
const { TrelloClient, createTrelloClient } = require("trello.js"); // 1: a class with a fixed host; 2: a function
const assert = require("node:assert");
const [, , base, key, token, board] = process.argv;
const trello = createTrelloClient
  ? createTrelloClient({ host: base + "/1", apiKey: key, apiToken: token })
  : new TrelloClient({ key, token });
if (trello.instance) trello.instance.defaults.baseURL = base + "/1";

async function main() {
  const lists = await trello.boards.getBoardLists({ id: board });
  assert.deepEqual(lists.map((one) => one.name), ["À faire", "En cours", "Fait"]);
  const card = await trello.cards.createCard({ idList: lists[0].id, name: "Écrire", due: "2026-12-01T09:00:00.000Z" });
  await trello.cards.updateCard({ id: card.id, dueComplete: true, idList: lists[2].id });
  const read = await trello.cards.getCard({ id: card.id });
  assert.equal(read.idList, lists[2].id);
  assert.equal(read.dueComplete, true);
  const cards = await trello.boards.getBoardCards({ id: board });
  assert.deepEqual(cards.map((one) => one.id), [card.id]);
  await trello.cards.deleteCard({ id: card.id });
  await assert.rejects(trello.cards.getCard({ id: card.id }));
  console.log("done");
}
main().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(not Path(MODULES, "trello.js").is_dir(), reason="TEST_NODE_MODULES holds no trello.js")
def test_trello_js_reads_and_writes_the_sandbox(world: World, board: str) -> None:
    started = time.monotonic()
    done = subprocess.run(
        ["node", "-e", SCRIPT, "trello", world.url, API_KEY, TOKEN, board],
        env={**os.environ, "NODE_PATH": MODULES},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "ERR_UNSUPPORTED" in done.stderr or "registerHooks" in done.stderr:
        pytest.skip(f"this trello.js does not run on this node ({time.monotonic() - started:.0f} s)")

    assert done.stdout.strip() == "done", done.stderr
