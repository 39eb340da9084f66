"""`hub init`: a folder that passes `hub check`, by asking or by answers; and nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.asana.sandbox import TOKEN
from connectors.asana.sandbox import create_app as asana_app
from hub.cli.yaml_text import flow
from hub.mapping.loader import load
from hub.mapping.tree import parse
from tests.cli.site import Boxes, Site
from tests.cli.terminal import Terminal, terminal
from tests.cli.test_connect import piped
from tests.sandboxes.serve import serve

KEYS = ("HUB_ATELIER_LILA_STRIPE_API_KEY", "HUB_ATELIER_LILA_NOTION_API_KEY", "HUB_STATUS_KEY")


@dataclass
class New:
    """A folder without a business, and accounts to connect."""

    site: Site
    asana_url: str
    environment: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.site.folder


@pytest.fixture
def new(site: Site, boxes: Boxes) -> Iterator[New]:
    site.folder.joinpath("mappings").rename(site.folder / "elsewhere")
    app = asana_app()
    with serve(app) as url:
        for name in ("Accueil", "Lancement printemps", "Lancement été"):
            app.state.sandbox.add_project(name)
        environment = {name: value for name, value in site.environment.items() if name not in KEYS}
        environment["HUB_ATELIER_LILA_ASANA_BASE_URL"] = f"{url}/api/1.0"
        yield New(site, url, environment)


def test_a_business_is_made_by_asking_and_passes_the_check(new: New) -> None:
    site = new.site
    with terminal(["init"], new.folder, new.environment) as screen:
        screen.answer("The business' name", "Atelier Lila")
        screen.answer("Its folder in mappings", "")
        screen.answer("What people read", "fr")
        screen.answer("Time zone", "Paris")
        screen.answer("Do you mean Europe/Paris?", "y")
        screen.answer("Currency", "eur")
        screen.answer("Your name", "Claire")
        screen.answer("address of Claire", "claire@example.com")
        screen.answer("The CEO's name", "Lila")
        screen.answer("address of Lila", "")
        screen.answer("Another name", "")
        screen.expect("What does the business work with?")
        screen.expect("Trello")
        lines = screen.screen.splitlines()
        number = {
            line.split()[1]: line.split()[0] for line in lines if line.split()[:1] and line.split()[0].isdecimal()
        }
        screen.answer("Numbers, with commas", ", ".join(number[each] for each in ("Asana", "Notion", "Stripe")))
        _asana(screen)
        _notion(screen, site)
        _stripe(screen, site)
        screen.expect("Which job first?")
        screen.expect("revenue_kpis")
        screen.answer("One number", "1")
        screen.expect("Written: mappings/atelier-lila/business.yaml")
        screen.expect("HUB_STATUS_KEY, a new key")
        screen.expect("Nothing is wrong.")
        assert screen.end() == 0
    (item,) = load(new.folder / "mappings").businesses
    assert item.business.business == "Atelier Lila"
    assert item.business.language == "fr"
    assert item.business.people["obm"].email == "claire@example.com"
    assert item.business.connections["asana"].follow == ("Lancement printemps", "Lancement été")
    assert [job.show_in.database for job in item.jobs] == ["Chiffres du mois"]
    secret = site.environment["HUB_ATELIER_LILA_STRIPE_API_KEY"]
    assert secret in (new.folder / ".env").read_text()
    assert secret not in screen.screen
    assert (item.folder / "names.lock").exists()
    assert site.hub("plan", HUB_ATELIER_LILA_ASANA_BASE_URL=f"{new.asana_url}/api/1.0").code == 2, "no history yet"


def _asana(screen: Terminal) -> None:
    screen.answer("Connect Asana now?", "")
    screen.answer("api_key, not shown", TOKEN)
    screen.answer("workspace (Enter leaves it out)", "")
    screen.expect("It works")
    screen.expect("Which projects shall the hub read")
    screen.answer("Numbers with commas", "2-3")


def _notion(screen: Terminal, site: Site) -> None:
    screen.answer("Connect Notion now?", "")
    screen.answer("api_key, not shown", site.environment["HUB_ATELIER_LILA_NOTION_API_KEY"])
    screen.expect("It works")
    screen.answer("In which page may the hub write?", "")


def _stripe(screen: Terminal, site: Site) -> None:
    screen.answer("Connect Stripe now?", "")
    screen.answer("api_key, not shown", site.environment["HUB_ATELIER_LILA_STRIPE_API_KEY"])
    screen.expect("It works")
    screen.answer("even where no job needs it?", "n")


def test_answers_in_a_file_make_the_same_without_a_terminal(new: New) -> None:
    (new.folder / "answers.yaml").write_text(
        "business: 'Atelier: Lila'\nfolder: atelier-lila\nlanguage: en\ntimezone: Europe/Zurich\ncurrency: CHF\n"
        "people: {obm: {name: Claire}}\nconnections:\n  stripe: {}\n  notion: {page: Atelier Lila}\n"
        "  asana: {follow: [Accueil]}\n"
    )
    later = new.site.hub("init", "--answers", "answers.yaml", HUB_ATELIER_LILA_NOTION_API_KEY="")
    assert later.code == 0, later.everything
    assert "Left for later: hub connect asana --business atelier-lila" in later.out
    assert "Left for later: hub connect notion" in later.out
    assert "Nothing is wrong." in later.out
    (item,) = load(new.folder / "mappings").businesses
    assert item.business.business == "Atelier: Lila"
    assert item.business.timezone == "Europe/Zurich"
    assert [job.name for job in item.jobs] == ["revenue"]
    again = new.site.hub("init", "--answers", "answers.yaml")
    assert again.code == 2
    assert "mappings/atelier-lila is there already, and nothing is overwritten" in again.err


def test_options_are_answers_too(new: New) -> None:
    others = tuple(name for name in new.site.environment if name.startswith("HUB_ATELIER_LILA_"))
    options = ["--name", "Studio Été", "--language", "fr", "--connection", "stripe", "--yes"]
    told = piped(new.site, "init", *options, text="", without=others)
    assert told.code == 0, told.everything
    (item,) = load(new.folder / "mappings").businesses
    assert item.business.key == "studio-ete"
    assert list(item.business.connections) == ["stripe"]
    assert "HUB_STATUS_KEY" not in told.out, "one is set already"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ("language: fr", "There is nobody to ask"),
        ("busines: Lila", "Did you mean business?"),
        ("business: Lila\nlanguage: de", "language: de is not known; there are: fr, en."),
        ("business: Lila\ntimezone: Paris", "Example: timezone: Europe/Paris"),
        ("business: Lila\nconnections: {asanna: {}}", "There is no connector asanna"),
        ("business: Lila\njob: revenue_kpis", "needs connections to stripe and notion"),
        ("business: Lila\njob: nothing", "job: nothing is not known. There are: revenue_kpis, none."),
        ("business: Lila\nfolder: Lila Éts", "cannot be a folder's name"),
        ("business: Lila\nfolder: other/lila", "does not lie in mappings"),
        ("business: Lila\nconnections: {stripe: {folow: all}}", 'Did you mean "follow"?'),
        ("business: [", "answers.yaml:1"),
    ],
)
def test_answers_that_cannot_be_are_told_and_nothing_is_made(new: New, answers: str, says: str) -> None:
    (new.folder / "answers.yaml").write_text(answers)
    told = new.site.hub("init", "--answers", "answers.yaml")
    assert told.code == 2
    assert says in told.everything
    assert "Traceback" not in told.everything
    assert not any((new.folder / "mappings").glob("*")) if (new.folder / "mappings").exists() else True


def test_text_is_written_so_that_it_reads_back() -> None:
    for text in (
        "Atelier Lila",
        "a: b",
        "# no",
        "yes",
        "12",
        "it's",
        'say "x"',
        "[x]",
        "{x}",
        "a, b",
        "été !",
        "*a",
        "-",
        "",
    ):
        root, faults = parse(f"a: {flow({text or 'x': [text]})}")
        assert faults == ()
        assert root is not None
        assert root.plain() == {"a": {text or "x": [text]}}
