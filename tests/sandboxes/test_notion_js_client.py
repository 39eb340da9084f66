"""The official JavaScript client works with Notion's sandbox too, in both versions.

It runs where node is, and where TEST_NODE_MODULES names a node_modules folder that holds @notionhq/client.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandboxes.notion_kit import NEWEST, OLDER, World, world

MODULES = os.environ.get("TEST_NODE_MODULES", "")

SCRIPT = r"""
const notionhq = require("@notionhq/client");
const assert = require("node:assert");
const [, , baseUrl, notionVersion, page] = process.argv;
const notion = new notionhq.Client({ auth: "ntn_sandbox", baseUrl, notionVersion, retry: false });
const rich = (content) => [{ text: { content } }];

async function main() {
  assert.equal((await notion.users.me({})).type, "bot");
  const database = await notion.databases.create({
    parent: { type: "page_id", page_id: page },
    title: rich("Mesures"),
    initial_data_source: { properties: { Nom: { title: {} }, Valeur: { number: { format: "euro" } } } },
  });
  assert(notionhq.isFullDatabase(database));
  const source = database.data_sources[0].id;
  for (let n = 0; n < 5; n++) {
    const made = await notion.pages.create({
      parent: { data_source_id: source },
      properties: { Nom: { title: rich("ligne " + n) }, Valeur: { number: n } },
    });
    assert(notionhq.isFullPage(made));
  }
  const rows = await notionhq.collectPaginatedAPI(notion.dataSources.query, {
    data_source_id: source, page_size: 2, filter: { property: "Valeur", number: { greater_than: 0 } },
    sorts: [{ property: "Valeur", direction: "descending" }],
  });
  assert.deepEqual(rows.map((row) => row.properties.Valeur.number), [4, 3, 2, 1]);
  const all = [];
  for await (const one of notionhq.iterateAllDataSourceRows(notion, { data_source_id: source, page_size: 2 })) {
    all.push(one.id);
  }
  assert.equal(new Set(all).size, 5);
  await notion.pages.update({ page_id: rows[0].id, in_trash: true });
  const block = { callout: { rich_text: rich("tout va bien"), icon: { emoji: "✅" }, color: "green_background" } };
  const added = await notion.blocks.children.append({ block_id: page, children: [block] });
  const where = notionVersion === "2026-03-11"
    ? { position: { type: "after_block", after_block: { id: added.results[0].id } } }
    : { after: added.results[0].id };
  await notion.blocks.children.append({ block_id: page, children: [{ divider: {} }], ...where });
  const listed = await notion.blocks.children.list({ block_id: page });
  assert.deepEqual(listed.results.map((one) => one.type), ["child_database", "callout", "divider"]);
  await assert.rejects(
    notion.pages.update({ page_id: rows[1].id, properties: { Rien: { number: 1 } } }),
    (error) => notionhq.isNotionClientError(error) && error.code === notionhq.APIErrorCode.ValidationError,
  );
  await assert.rejects(
    notion.pages.retrieve({ page_id: "00000000-0000-4000-8000-000000000000" }),
    (error) => error.code === notionhq.APIErrorCode.ObjectNotFound && error.additional_data.integration_id !== "",
  );
  console.log("done");
}
main().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="module")
def notion() -> Iterator[World]:
    with world() as served:
        yield served


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(
    not (Path(MODULES) / "@notionhq" / "client").is_dir(),
    reason="TEST_NODE_MODULES names no node_modules folder with @notionhq/client",
)
@pytest.mark.parametrize("version", [NEWEST, OLDER])
def test_the_javascript_client_creates_queries_pages_and_understands_refusals(
    notion: World, version: str, tmp_path: Path
) -> None:
    script = tmp_path / "drive.js"
    script.write_text(SCRIPT)
    page = notion.sandbox.share_page(f"Pilotage {version}")
    done = subprocess.run(
        ["node", str(script), notion.url, version, page],
        env={**os.environ, "NODE_PATH": MODULES},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr
