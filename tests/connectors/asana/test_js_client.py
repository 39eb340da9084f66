"""Asana's official JavaScript client works with the sandbox too.

It runs where node is, and where TEST_NODE_MODULES names a node_modules folder that holds asana.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from connectors.asana.sandbox import TOKEN
from tests.connectors.asana.conftest import World

MODULES = os.environ.get("TEST_NODE_MODULES", "")

SCRIPT = r"""
const Asana = require("asana");
const assert = require("node:assert");
const [, , base, token, workspace, project] = process.argv;
Asana.ApiClient.instance.basePath = base;
Asana.ApiClient.instance.authentications.token.accessToken = token;
const tasks = new Asana.TasksApi();

async function main() {
  assert.equal((await new Asana.UsersApi().getUser("me", {})).data.name, "Claire Dupont");
  const names = [];
  for (let n = 0; n < 5; n++) {
    const data = { name: "tâche " + n, projects: [project], due_on: "2026-12-0" + (n + 1) };
    const made = await tasks.createTask({ data }, {});
    names.push(made.data.name);
  }
  let page = await tasks.getTasks({ project, limit: 2, opt_fields: "name,due_on" });
  const seen = [];
  while (page.data) {
    for (const task of page.data) { seen.push(task); }
    page = await page.nextPage();
  }
  assert.deepEqual(seen.map((task) => task.name), names);
  assert.equal(seen[4].due_on, "2026-12-05");
  await tasks.updateTask({ data: { completed: true } }, seen[0].gid, {});
  assert.equal((await tasks.getTask(seen[0].gid, { opt_fields: "completed" })).data.completed, true);
  await tasks.deleteTask(seen[1].gid);
  await assert.rejects(tasks.getTask(seen[1].gid, {}), (error) => error.status === 404);
  const first = await new Asana.EventsApi().getEvents(project, {}).catch((error) => error);
  assert.equal(first.status, 412);
  const sync = first.response.body.sync;
  await tasks.updateTask({ data: { name: "autre" } }, seen[2].gid, {});
  const events = await new Asana.EventsApi().getEvents(project, { sync });
  assert.equal(events.data[0].resource.gid, seen[2].gid);
  assert.equal(events.data[0].change.field, "name");
  console.log("done");
}
main().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(
    not (Path(MODULES) / "asana").is_dir(), reason="TEST_NODE_MODULES names no node_modules folder with asana"
)
def test_the_javascript_client_pages_writes_and_reads_events(world: World, tmp_path: Path) -> None:
    script = tmp_path / "drive.js"
    script.write_text(SCRIPT)
    done = subprocess.run(
        ["node", str(script), world.url, TOKEN, world.sandbox.home, world.project],
        env={**os.environ, "NODE_PATH": MODULES},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr
