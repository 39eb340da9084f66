"""Tasks that a journey gives the team: each once, for the right person, due in working days."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.onboarding.town import Town
from tests.onboarding.world import site

STEPS = [
    {
        "name": "space",
        "after": "payment",
        "task": {"to": "asana", "in": "Accueil", "title": "Préparer l'espace", "who": "obm", "due": "2 working days"},
    },
    {"name": "card", "after": "payment", "task": {"to": "trello", "in": "Équipe", "title": "Saluer"}},
]


@pytest.mark.parametrize("lost", [False, True])
def test_the_team_gets_its_tasks_once_also_where_the_answer_is_lost(town: Town, tmp_path: Path, lost: bool) -> None:
    project = town.asana.add_project("Accueil", sections=("À faire",))
    board = town.trello.add_board("Équipe", lists=("À faire",))
    with site(town, tmp_path, steps=STEPS) as here:
        if lost:
            town.asana.faults.add("POST", "/api/1.0/tasks", "reset_after_commit", times=1)
            town.trello.faults.add("POST", "/1/cards", "reset_after_commit", times=1)
        town.sell()
        paid = here.town.clock()
        here.until_quiet()
        here.until_quiet()

        (task,) = town.asana.tasks(project)
        assert task["name"] == "Préparer l'espace · Marie Dupont"
        assert list(town.cards(board)) == ["Saluer · Marie Dupont"]
        assert str(paid.date()) < task["due_on"]
        assert task["assignee"] is not None

        town.sell("zoe@example.com", "Zoé Petit")
        here.until_quiet()
        assert len(town.asana.tasks(project)) == 2
        assert len(town.cards(board)) == 2
