"""`hub explain`, `hub test` and `hub setup`: what a person reads, and what is made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from connectors.asana.sandbox import create_app as asana_app
from tests.cli.site import LILA, Site
from tests.paths import ROOT
from tests.sandboxes.serve import serve

EXAMPLE = ROOT / "tests" / "planning" / "example" / "studio-noe"
TASKS = """\
hub: 1
job: sync
says: Les tâches sont aussi dans Notion.
from: {connection: asana, project: Lancement}
to: {connection: notion, database: Tâches}
match_by: id
fields:
  - {source: title, target: Tâche}
  - {source: due, target: Échéance, owner: latest}
  - {source: done, target: Fait}
  - {source: assignee, target: Qui}
  - {source: Budget, target: Budget}
people_own: [Commentaire]
"""


def keyless(site: Site) -> dict[str, str]:
    """A folder without any key, and nowhere to call."""
    return {name: "" for name in site.environment if name.startswith("HUB_ATELIER")}


@pytest.fixture
def studio(site: Site) -> Site:
    shutil.copytree(EXAMPLE, site.folder / "mappings" / "studio-noe")
    return site


# hub explain


def test_explain_reads_every_business_aloud_without_a_key(studio: Site) -> None:
    told = studio.hub("explain", **keyless(studio))
    assert told.code == 0, told.everything
    assert "Atelier Lila\n====" in told.out
    golden = (ROOT / "tests" / "planning" / "explained.fr.txt").read_text(encoding="utf-8")
    assert golden in told.out
    assert not (studio.folder / "data").exists(), "it only reads"


def test_explain_speaks_the_language_that_is_asked_for(studio: Site) -> None:
    told = studio.hub("explain", "studio-noe", "--language", "en")
    assert (ROOT / "tests" / "planning" / "explained.en.txt").read_text(encoding="utf-8") in told.out
    assert "Atelier Lila" not in told.out
    markdown = studio.hub("explain", "studio-noe", "--markdown").out
    assert markdown.startswith("## Studio Noé\n\n- ")


def test_explain_shows_what_is_broken_after_what_is_not(studio: Site) -> None:
    file = studio.folder / "mappings" / "studio-noe" / "tasks.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("owner: latest", "owner: lastest"), encoding="utf-8")
    told = studio.hub("explain", "studio-noe")
    assert told.code == 1
    assert "tasks.yaml:11:" in told.out
    assert told.out.index("Alertes d'échéance") < told.out.index("tasks.yaml:11:")
    assert "Synchronisation" not in told.out


def test_a_business_that_is_not_there_is_told_with_those_that_are(studio: Site) -> None:
    told = studio.hub("explain", "studio-noa")
    assert told.code == 2
    assert told.err.strip() == "No business is called studio-noa. There are: atelier-lila, studio-noe."


# hub test


def test_the_examples_are_run_without_a_key(studio: Site) -> None:
    told = studio.hub("test", "studio-noe", **keyless(studio))
    assert told.code == 0, told.everything
    assert "studio-noe/deadlines.yaml:16: {soon: [sam]}" in told.out
    assert told.out.rstrip().endswith("12 examples, all as expected.")


def test_an_example_that_fails_says_where_and_what_came_instead(studio: Site) -> None:
    file = studio.folder / "mappings" / "studio-noe" / "deadlines.yaml"
    text = file.read_text(encoding="utf-8").replace("expect: {today: [obm]}", "expect: {late: [ceo]}")
    file.write_text(text, encoding="utf-8")
    told = studio.hub("test", "studio-noe")
    assert told.code == 1
    assert "deadlines.yaml:18: expected {late: [ceo]}, got {today: [obm]}" in told.out
    assert told.out.rstrip().endswith("12 examples, 1 failed.")


# hub setup


@pytest.fixture(scope="module")
def asana() -> Iterator[tuple[object, str]]:
    app = asana_app()
    with serve(app) as url:
        yield app.state.sandbox, url


@pytest.fixture
def tasks(site: Site, asana: tuple[object, str]) -> Site:
    """A project in Asana whose tasks go to a database that is not there yet."""
    sandbox, url = asana
    if not getattr(sandbox, "prepared", False):
        project = sandbox.add_project("Lancement")  # type: ignore[attr-defined]
        sandbox.add_field(project, "Budget", "number", precision=2)  # type: ignore[attr-defined]
        sandbox.prepared = True  # type: ignore[attr-defined]
    folder = site.folder / "mappings" / LILA
    (folder / "tasks.yaml").write_text(TASKS, encoding="utf-8")
    business = folder / "business.yaml"
    text = business.read_text(encoding="utf-8").replace("  stripe: {}\n", "  stripe: {}\n  asana: {}\n")
    business.write_text(text, encoding="utf-8")
    site.environment |= {
        "HUB_ATELIER_LILA_ASANA_API_KEY": "asana_sandbox",
        "HUB_ATELIER_LILA_ASANA_BASE_URL": f"{url}/api/1.0",
    }
    return site


def columns(site: Site, title: str) -> dict[str, str]:
    state = site.boxes.notion.state
    (table,) = [one for one in site.boxes.notion.tables(site.environment["WORKSPACE"]) if one["title"] == title]
    with state.lock:
        return {prop.name: prop.type for prop in state.things[table["id"]].properties.values()}


def writes(site: Site) -> int:
    workspace = site.environment["WORKSPACE"]
    return sum(
        one.workspace == workspace and one.method in ("POST", "PATCH") and one.route != "/v1/search"
        for one in site.boxes.notion.requests
    )


def test_setup_asks_before_it_makes_anything(tasks: Site) -> None:
    told = tasks.hub("setup")
    assert told.code == 1
    assert "make the page « Tableau de bord — Atelier Lila »" in told.out
    assert "make the database « Tâches » with Tâche (title), Échéance (date)" in told.out
    assert "Nothing was made." in told.out
    assert tasks.titles() == []


def test_setup_makes_what_is_missing_once(tasks: Site) -> None:
    told = tasks.hub("setup", "--yes")
    assert told.code == 0, told.everything
    assert sorted(tasks.titles()) == ["Chiffres du mois", "Tâches"]
    assert columns(tasks, "Tâches") == {
        "Tâche": "title", "Échéance": "date", "Fait": "checkbox", "Qui": "multi_select", "Budget": "number",
        "Disparu": "checkbox", "Commentaire": "rich_text", "Hub": "rich_text",
    }  # fmt: skip
    before = writes(tasks)
    again = tasks.hub("setup")
    assert again.code == 0, again.everything
    assert again.out.count("everything is there") == 2
    assert writes(tasks) == before
    assert "Nothing is wrong." in tasks.hub("check").out


def test_setup_adds_what_an_existing_database_lacks(tasks: Site) -> None:
    assert tasks.hub("setup", "--yes").code == 0
    file = tasks.folder / "mappings" / LILA / "tasks.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("people_own", "  - {source: section, target: Étape}\npeople_own"),
        encoding="utf-8",
    )
    told = tasks.hub("setup", "--yes")
    assert told.code == 0, told.everything
    assert "done: add to « Tâches »: Étape (text)" in told.out
    assert columns(tasks, "Tâches")["Étape"] == "rich_text"


def test_setup_changes_no_type_and_names_both(tasks: Site) -> None:
    assert tasks.hub("setup", "--yes").code == 0
    file = tasks.folder / "mappings" / LILA / "tasks.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("source: done, target: Fait", "source: done, target: Budget").replace(
        "  - {source: Budget, target: Budget}\n", ""), encoding="utf-8")  # fmt: skip
    before = columns(tasks, "Tâches")
    told = tasks.hub("setup", "--yes")
    assert told.code == 1
    assert "« Budget » of « Tâches » has the type number and needs checkbox. The hub changes no type" in told.out
    assert columns(tasks, "Tâches") == before


def test_setup_says_what_only_a_person_can_make(tasks: Site) -> None:
    file = tasks.folder / "mappings" / LILA / "tasks.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("project: Lancement", "project: Lancemant"), encoding="utf-8")
    told = tasks.hub("setup", "--yes")
    assert told.code == 1
    assert "No project that the key sees is called « Lancemant ». Did you mean « Lancement » in" in told.out
    assert tasks.titles() == ["Chiffres du mois"]
    file.write_text(text.replace("source: Budget", "source: Budjet"), encoding="utf-8")
    assert "« Budjet » is no field of asana › Lancement. Did you mean « Budget »?" in tasks.hub("setup").out
