"""Copies of project templates and of tasks: made once, complete, with their dates."""

from __future__ import annotations

from datetime import date

import pytest

from hub.core.errors import RecordError, TransientError
from hub.core.types import Copied
from tests.connectors.asana.conftest import World

START = date(2026, 12, 1)
MARK = "onboarding:sub_7"


def template(world: World, dates: tuple[tuple[str, str], ...] = (("1", "Start Date"),)) -> str:
    box = world.sandbox
    shape = box.add_project("Modèle", sections=("Semaine 1", "Semaine 2"), start_on="2026-01-01")
    box.add_task(shape, "Appel", due_on="2026-01-03", notes="Préparer")
    box.add_task(shape, "Contrat", section="Semaine 2", due_on="2026-01-10")
    return box.add_template("Accueil", shape, dates)


def copy(world: World, gid: str, *, look_first: bool = False, **given: object) -> Copied:
    said = {"inside": None, "dates": {"start": START}, "marker": MARK, **given}
    return world.templates().copy(gid, "Accueil de Nora", look_first=look_first, **said)  # type: ignore[arg-type]


def projects(world: World) -> list[str]:
    return [found.name for found in world.sandbox.world.projects.values() if not found.template]


def test_a_project_is_made_from_its_template_and_waited_for(world: World) -> None:
    made = copy(world, template(world))

    found = world.sandbox.world.projects[made.ref]
    assert (found.name, found.notes, made.name) == ("Accueil de Nora", f"Hub: {MARK}", "Accueil de Nora")
    assert made.url == f"https://app.asana.com/1/{found.workspace}/project/{made.ref}"
    tasks = [(each["name"], each["due_on"]) for each in world.sandbox.tasks(made.ref)]
    assert tasks == [("Appel", "2026-12-03"), ("Contrat", "2026-12-10")]


@pytest.mark.parametrize(
    "states",
    [
        ("succeeded",),
        ("not_started", "gone", "in_progress", "gone", "in_progress", "succeeded"),
        ("in_progress", "in_progress", "succeeded", "in_progress"),
    ],
)
def test_a_job_may_be_read_inconsistently(world: World, states: tuple[str, ...]) -> None:
    world.sandbox.job_states = states

    made = copy(world, template(world))

    assert len(world.sandbox.tasks(made.ref)) == 2
    assert projects(world) == ["Clients", "Accueil de Nora"]


def test_a_job_that_fails_is_an_error_of_that_record(world: World) -> None:
    world.sandbox.job_states = ("in_progress", "failed")

    with pytest.raises(RecordError, match="failed"):
        copy(world, template(world))


def test_a_job_that_does_not_end_is_left_to_a_later_look(world: World) -> None:
    world.sandbox.job_states = ("in_progress",)
    gid = template(world)

    with pytest.raises(TransientError) as late:
        copy(world, gid)
    assert late.value.uncertain
    assert 60 <= sum(world.naps) <= 120

    world.sandbox.finish_jobs()
    made = copy(world, gid, look_first=True)
    assert len(world.sandbox.tasks(made.ref)) == 2
    assert projects(world) == ["Clients", "Accueil de Nora"]


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/1.0/project_templates/*", "timeout_after_commit"),
        ("GET", "/api/1.0/jobs/*", "500"),
        ("PUT", "/api/1.0/projects/*", "503"),
        ("PUT", "/api/1.0/projects/*", "503_after_commit"),
    ],
)
def test_interrupted_anywhere_and_looked_for_there_is_one_copy(world: World, method: str, path: str, kind: str) -> None:
    gid = template(world)
    world.sandbox.faults.add(method, path, kind)
    with pytest.raises(TransientError):
        copy(world, gid)
    world.sandbox.heal()
    world.sandbox.finish_jobs()

    made = [copy(world, gid, look_first=True) for _ in range(2)]

    assert made[0] == made[1]
    assert projects(world) == ["Clients", "Accueil de Nora"]
    assert world.sandbox.world.projects[made[0].ref].notes == f"Hub: {MARK}"
    assert len(world.sandbox.tasks(made[0].ref)) == 2


def test_an_interrupted_copy_is_waited_for_until_it_grows_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gid = template(world)
    world.sandbox.faults.add("POST", "/api/1.0/project_templates/*", "reset_after_commit", times=1)
    with pytest.raises(TransientError):
        copy(world, gid)
    copies = world.templates()
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            world.sandbox.finish_jobs()

    monkeypatch.setattr(copies._client, "sleep", nap)
    made = copies.copy(gid, "Accueil de Nora", inside=None, dates={"start": START}, marker=MARK, look_first=True)

    assert len(world.sandbox.tasks(made.ref)) == 2
    assert len(naps) >= 4


def test_the_dates_must_be_those_that_the_template_asks_for(world: World) -> None:
    gid = template(world, (("1", "Start Date"), ("2", "Due Date"), ("3", "Premier appel")))
    given = {"start": START, "due": START, "premier appel": START}

    for wrong in ({"start": START}, {}, {**given, "fin": START}):
        with pytest.raises(RecordError, match="Premier appel"):
            copy(world, gid, dates=wrong)
    assert projects(world) == ["Clients"]
    made = copy(world, gid, dates=given)
    assert world.sandbox.world.projects[made.ref].due_on == START.isoformat()


def test_a_project_may_be_put_into_a_team(world: World) -> None:
    team = world.sandbox.add_team("Coaching")

    made = copy(world, template(world), inside=team)

    assert world.sandbox.world.projects[made.ref].team == team


def task_template(world: World) -> str:
    box = world.sandbox
    gid = box.add_task(world.project, "Accueil", start_on="2026-01-01", due_on="2026-01-31", notes="À copier")
    child = box.add_task(None, "Appel", parent=gid, due_at="2026-01-03T09:00:00Z")
    box.add_task(None, "Préparer", parent=child, due_on="2026-01-02")
    box.add_task(None, "Sans date", parent=gid)
    return gid


def test_a_task_is_duplicated_with_its_parts_and_all_dates_move_alike(world: World) -> None:
    gid = task_template(world)
    other = world.sandbox.add_project("Nora")

    made = copy(world, gid, inside=other)

    found = world.sandbox.task(made.ref)
    assert (found["name"], found["notes"]) == ("Accueil de Nora", f"À copier\n\nHub: {MARK}")
    assert (found["start_on"], found["due_on"]) == ("2026-12-01", "2026-12-31")
    assert [each["project"]["gid"] for each in found["memberships"]] == [other]
    first, second = world.sandbox.world.subtasks(made.ref)
    assert (first.name, first.due_at) == ("Appel", "2026-12-03T09:00:00.000Z")
    assert (second.name, second.due_on) == ("Sans date", None)
    assert [each.due_on for each in world.sandbox.world.subtasks(first.gid)] == ["2026-12-02"]
    assert world.sandbox.task(gid)["due_on"] == "2026-01-31"


@pytest.mark.parametrize(
    ("method", "path", "kind", "elsewhere"),
    [
        ("POST", "/api/1.0/tasks/*/duplicate", "reset_after_commit", False),
        ("POST", "/api/1.0/tasks/*/duplicate", "reset_after_commit", True),
        ("GET", "/api/1.0/jobs/*", "500", False),
        ("GET", "/api/1.0/jobs/*", "500", True),
        ("POST", "/api/1.0/tasks/*/addProject", "500", True),
        ("POST", "/api/1.0/tasks/*/removeProject", "500_after_commit", True),
        ("PUT", "/api/1.0/tasks/*", "500", False),
        ("PUT", "/api/1.0/tasks/*", "500_after_commit", True),
    ],
)
def test_a_task_interrupted_anywhere_is_one_copy(
    world: World, method: str, path: str, kind: str, elsewhere: bool
) -> None:
    gid = task_template(world)
    inside = world.sandbox.add_project("Nora") if elsewhere else None
    world.sandbox.faults.add(method, path, kind)
    with pytest.raises(TransientError):
        copy(world, gid, inside=inside)
    world.sandbox.heal()
    world.sandbox.finish_jobs()

    made = [copy(world, gid, inside=inside, look_first=True) for _ in range(2)]

    assert made[0] == made[1]
    tops = [each for each in world.sandbox.world.tasks.values() if each.parent is None]
    assert [each.name for each in tops] == ["Accueil", "Accueil de Nora"]
    assert list(tops[1].homes) == [inside or world.project]
    assert tops[1].due_on == "2026-12-31"


def test_a_copy_of_a_subtask_is_found_beside_it(world: World) -> None:
    above = world.sandbox.add_task(world.project, "Modèles")
    gid = world.sandbox.add_task(None, "Accueil", parent=above)

    made = [copy(world, gid, dates={}, look_first=True) for _ in range(2)]

    assert made[0] == made[1]
    assert len(world.sandbox.world.subtasks(above)) == 2


def test_a_task_that_stands_nowhere_cannot_be_copied_safely(world: World) -> None:
    gid = world.sandbox.add_task(world.project, "Accueil")
    world.sandbox.take_task_out(gid, world.project)

    with pytest.raises(RecordError, match="no project"):
        copy(world, gid, dates={})


def test_what_others_made_under_the_same_name_is_not_taken_for_ours(world: World) -> None:
    gid = template(world)
    people = world.sandbox.add_project("Accueil de Nora", from_template=gid)
    other = copy(world, gid, marker="onboarding:sub_8")

    made = copy(world, gid, look_first=True)

    assert len({people, other.ref, made.ref}) == 3
    world.sandbox.faults.add("PUT", "/api/1.0/projects/*", "500", times=4)
    with pytest.raises(TransientError):
        copy(world, gid, marker="onboarding:sub_9")
    assert copy(world, gid, marker="onboarding:sub_10", look_first=True).ref not in (people, other.ref, made.ref)
    copy(world, gid, marker="onboarding:sub_9", look_first=True)
    assert sorted(projects(world)) == ["Accueil de Nora"] * 5 + ["Clients"]


def test_without_dates_a_task_keeps_its_own_and_a_date_that_it_lacks_is_an_error(world: World) -> None:
    gid = world.sandbox.add_task(world.project, "Accueil", due_on="2026-01-31")

    assert world.sandbox.task(copy(world, gid, dates={}).ref)["due_on"] == "2026-01-31"
    for wrong in ({"start": START}, {"fin": START}, {"start": START, "due": START}):
        with pytest.raises(RecordError, match="start"):
            copy(world, gid, dates=wrong)


def test_what_is_no_template_is_named(world: World) -> None:
    with pytest.raises(RecordError, match="4242"):
        copy(world, "4242")


def test_templates_are_listed_by_name(world: World) -> None:
    gid = template(world)

    (found,) = world.templates().templates()

    assert (found.kind, found.id, found.name, found.inside) == ("template", gid, "Accueil", "Sandbox")
