"""What `hub connect` can say of a key."""

from __future__ import annotations

from pydantic import SecretStr

from tests.connectors.asana.conftest import World


def test_the_key_its_projects_and_templates_are_named(world: World) -> None:
    team = world.sandbox.add_team("Coaching")
    nora = world.sandbox.add_project("Nora", team=team)
    world.sandbox.add_project("2019", archived=True)
    template = world.sandbox.add_template("Accueil", world.sandbox.add_project("Modèle"))

    sight = world.directory().look()

    assert sight.account == "Claire Dupont (claire@example.com), workspace Sandbox"
    assert [(thing.kind, thing.id, thing.name, thing.inside) for thing in sight.things] == [
        ("project", world.project, "Clients", "Sandbox"),
        ("project", nora, "Nora", "Sandbox > Coaching"),
        ("template", template, "Accueil", "Sandbox"),
    ]
    assert sight.things[0].url == f"https://app.asana.com/1/{world.sandbox.home}/project/{world.project}"
    assert (sight.warnings, sight.ends_at) == ((), None)


def test_several_workspaces_and_none_chosen_is_a_warning_with_their_names(world: World) -> None:
    world.sandbox.join(world.sandbox.owner, world.sandbox.add_workspace("Atelier"))

    sight = world.directory().look()

    assert [thing.name for thing in sight.things] == ["Sandbox", "Atelier"]
    assert "setting workspace" in sight.warnings[0]
    assert world.directory(workspace="Sandbox").look().warnings == ()


def test_a_plan_unlike_the_workspaces_is_a_warning(world: World) -> None:
    assert "set plan to paid" in world.directory("free").look().warnings[0]
    world.sandbox.set_plan(paid=False)

    warnings = world.directory("paid").look().warnings

    assert "set plan to free" in warnings[0]
    assert "templates" in warnings[1]


def test_a_guests_key_is_a_warning(world: World) -> None:
    guest = world.sandbox.add_user("Invitée", "guest@example.com", guest=True)
    world.sandbox.add_token("guest", guest)

    warnings = world.directory(api_key=SecretStr("guest")).look().warnings

    assert "guest" in warnings[0]


def test_a_key_that_sees_nothing_is_a_warning(world: World) -> None:
    world.sandbox.change_project(world.project, archived=True)

    assert "sees no project" in world.directory().look().warnings[0]
