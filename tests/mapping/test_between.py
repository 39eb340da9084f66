"""What only two files together can have wrong: circles, and one thing with two owners. Names both files."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.planning.sync_words import say
from tests.mapping import kinds
from tests.mapping.kinds import DEADLINES, ONBOARDING, loaded
from tests.mapping.write import REVENUE, changed, lines


def told(root: Path, **files: str) -> list[str]:
    """What is said of a business with these files beside its own."""
    kinds.write(root, **{name.replace("__", "."): text for name, text in files.items()})
    return lines(loaded(root), root)


def between(source: str, target: str, *fields: str) -> str:
    """A sync of the titles, and of whatever else is said."""
    more = "".join(f"  - {line}\n" for line in fields)
    return (
        f"hub: 1\njob: sync\nsays: more\nfrom: {source}\nto: {target}\nmatch_by: id\nfields:\n"
        f"  - {{source: title, target: Sujet}}\n{more}"
    )


ASANA, TABLE = "{connection: asana, project: Lancement}", "{connection: notion, database: Tâches}"
BOARD = "{connection: trello, board: Plan}"


def test_two_syncs_that_feed_each_other_are_a_circle(tmp_path: Path) -> None:
    (line,) = told(tmp_path, x__yaml=between(TABLE, ASANA))

    assert line == (
        "sud/x.yaml:5:5: error: to: notion › Tâches → asana › Lancement closes a circle with tasks.yaml: every record "
        "would come back as a new one. One sync goes both ways already: keep one file. "
        "Example: {source: due, target: Échéance, owner: latest}"
    )
    assert [job.name for job in loaded(tmp_path).businesses[0].jobs] == ["deadlines", "onboarding", "tasks"]


def test_a_circle_of_three_names_every_file_on_the_way(tmp_path: Path) -> None:
    said = told(tmp_path, u__yaml=between(TABLE, BOARD), v__yaml=between(BOARD, ASANA))

    assert said == [
        "sud/v.yaml:5:5: error: to: trello › Plan → asana › Lancement closes a circle with tasks.yaml and u.yaml: "
        "every record would come back as a new one. One sync goes both ways already: keep one file. "
        "Example: {source: due, target: Échéance, owner: latest}"
    ]


def test_alerts_that_watch_what_they_fill_are_a_circle(tmp_path: Path) -> None:
    assert told(tmp_path, deadlines__yaml=changed(DEADLINES, "database: Interne", "database: échéances ")) == [
        "sud/deadlines.yaml:16:3: error: show_in: notion › échéances → notion › Échéances ends where it begins. "
        "Name another place. Example: to: {connection: notion, database: Tâches}"
    ]


def test_alerts_and_a_sync_can_be_a_circle(tmp_path: Path) -> None:
    table, project = "{connection: notion, database: Échéances}", "{connection: asana, project: Accueil}"

    (line,) = told(tmp_path, x__yaml=between(table, project))

    assert line.startswith(
        "sud/x.yaml:5:5: error: to: notion › Échéances → asana › Accueil closes a circle with deadlines.yaml: "
    )


def test_a_chain_is_no_circle(tmp_path: Path) -> None:
    assert told(tmp_path, x__yaml=between(TABLE, BOARD)) == []


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("x.yaml", between(BOARD, TABLE), "5:36"),
        ("x.yaml", changed(DEADLINES, "database: Échéances", "database: tâches"), "16:13"),
        ("u.yaml", changed(REVENUE, "database: Chiffres", "database: Tâches"), "11:13"),
        ("v.yaml", changed(ONBOARDING, "database: Clientes", "database: Tâches"), "12:23"),
    ],
)
def test_rows_have_one_job(tmp_path: Path, file: str, text: str, place: str) -> None:
    (line,) = told(tmp_path, **{file: text})

    name = "tâches" if "tâches" in text else "Tâches"
    assert line == (
        f'sud/{file}:{place}: error: database: "{name}" is already written by tasks.yaml; two jobs cannot own the same '
        "rows. Give this job a database of its own. Example: database: Chiffres 2"
    )


def test_a_field_that_two_syncs_write_has_two_owners(tmp_path: Path) -> None:
    """Both take the later date: of two targets, neither can know of the other's edit."""
    assert told(tmp_path, x__yaml=between(ASANA, BOARD, "{source: due, target: due, owner: latest}")) == [
        'sud/x.yaml:9:14: error: source: "due" of asana › Lancement is already owned by tasks.yaml; a field has one '
        "owner. Let only one of the two write it. Example: owner: source"
    ]


def test_a_field_may_be_read_by_two_syncs(tmp_path: Path) -> None:
    assert told(tmp_path, x__yaml=between(ASANA, BOARD, "{source: due, target: due, owner: source}")) == []


def test_the_mark_that_nobody_may_own_is_the_one_that_the_sync_writes() -> None:
    from hub.mapping.checks.around import MARKS

    assert {"fr": say("fr", "mark"), "en": say("en", "mark")} == MARKS
