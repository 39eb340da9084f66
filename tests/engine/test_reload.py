"""The files change while the hub runs: what is right is taken over, what is broken goes on as it last was (R9, R12)."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from hub.bootstrap import Hub, open_hub, standing
from hub.demo.example import small_business
from hub.engine.reload import Renewed, Replaced, Watcher, fingerprint
from hub.engine.status import status
from hub.engine.worker import Worker
from hub.mapping.last_good import Standing
from hub.mapping.revenue_job import RevenueJob
from hub.settings import HubSettings
from hub.store import plans
from hub.web.app import create_app
from tests.engine.world import DAY, STATUS_KEY, Site, signed
from tests.kill.rig import until
from tests.sandboxes.serve import serve

LILA = "atelier-lila"


class Folder:
    """A folder of mappings with one business, as a person edits it."""

    def __init__(self, root: Path) -> None:
        self.root = root / "mappings"
        self.lila = small_business(self.root)
        self.settings = HubSettings(mappings=self.root, data=root / "data")

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.lila / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def stand(self) -> Standing:
        return standing(self.settings)

    def title(self) -> str:
        """What runs: the title of the first figure."""
        (item,) = self.stand().loaded.businesses
        (job,) = (job for job in item.jobs if job.name == "revenue")
        assert isinstance(job, RevenueJob)
        return job.figures[0].title


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def hub(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HUB_ATELIER_LILA_STRIPE_WEBHOOK_SECRETS", "whsec_of_the_reload_tests")
    monkeypatch.setenv("HUB_ATELIER_LILA_STRIPE_API_KEY", "sk_test_of_the_reload_tests")
    with open_hub(folder.settings) as opened:
        yield opened


def test_a_broken_file_goes_on_as_it_last_was_and_says_so(folder: Folder) -> None:
    assert folder.title() == "Argent encaissé"
    folder.edit("revenue.yaml", "title: Argent encaissé", "titel: Encaissé")

    assert folder.title() == "Argent encaissé"
    stood = folder.stand()
    ((file, sentence),) = stood.faults.items()
    assert file == folder.lila / "revenue.yaml"
    assert str(file) in sentence
    assert "titel" in sentence
    assert "the last good version goes on" in sentence
    assert stood.kept == {file}

    folder.edit("revenue.yaml", "titel: Encaissé", "title: Encaissé")
    assert folder.title() == "Encaissé"
    assert folder.stand().faults == {}


def test_the_other_files_of_the_business_are_taken_over_meanwhile(folder: Folder) -> None:
    folder.stand()
    folder.edit("revenue.yaml", "job: revenue_kpis", "job: revenue_kpi")
    folder.edit("business.yaml", "currency: EUR", "currency: CHF")

    (item,) = folder.stand().loaded.businesses

    assert item.business.currency == "CHF"
    assert [job.name for job in item.jobs] == ["revenue"]
    assert item.folder == folder.lila, "what the connectors lock stands beside the real files"


def test_a_broken_business_goes_on_with_its_jobs_as_they_are_now(folder: Folder) -> None:
    folder.stand()
    folder.edit("business.yaml", "timezone: Europe/Paris", "timezone: Europe/Pari")
    folder.edit("revenue.yaml", "Argent encaissé", "Encaissé")

    assert folder.title() == "Encaissé"
    assert folder.stand().kept == {folder.lila / "business.yaml"}


def test_a_file_that_was_taken_away_takes_its_job_and_its_copy_along(folder: Folder) -> None:
    folder.stand()
    (folder.lila / "revenue.yaml").unlink()

    assert folder.stand().loaded.businesses[0].jobs == ()

    (folder.lila / "revenue.yaml").write_text("job: nothing of ours\n", encoding="utf-8")
    stood = folder.stand()
    assert stood.loaded.businesses[0].jobs == ()
    assert "nothing of it runs" in stood.faults[folder.lila / "revenue.yaml"]


def test_a_file_that_was_never_right_does_not_run_and_stops_no_other(folder: Folder) -> None:
    (folder.lila / "more.yaml").write_text("job: nothing of ours\n", encoding="utf-8")

    (item,) = folder.stand().loaded.businesses

    assert [job.name for job in item.jobs] == ["revenue"]


def test_a_connection_that_a_job_still_needs_is_not_lost_by_a_slip(folder: Folder) -> None:
    """Both files are right by themselves, and do not fit each other: the business goes on as it last was, whole."""
    folder.stand()
    folder.edit("business.yaml", "  stripe: {}\n", "")
    folder.edit("business.yaml", "currency: EUR", "currency: CHF")

    stood = folder.stand()

    (item,) = stood.loaded.businesses
    assert set(item.business.connections) == {"stripe", "notion"}
    assert item.business.currency == "EUR"
    assert [job.name for job in item.jobs] == ["revenue"]
    assert list(stood.faults) == [folder.lila / "revenue.yaml"]
    folder.edit("business.yaml", "connections:\n", "connections:\n  stripe: {}\n")
    (item,) = folder.stand().loaded.businesses
    assert item.business.currency == "CHF"


def test_a_file_renamed_to_yml_a_lost_business_yaml_and_an_emptied_folder_are_slips_too(folder: Folder) -> None:
    folder.stand()
    os.rename(folder.lila / "revenue.yaml", folder.lila / "revenue.yml")
    assert folder.title() == "Argent encaissé"
    os.rename(folder.lila / "revenue.yml", folder.lila / "revenue.yaml")
    os.rename(folder.lila / "business.yaml", folder.lila / ".business.yaml")
    assert folder.title() == "Argent encaissé"
    assert folder.stand().faults
    shutil.rmtree(folder.lila)
    assert folder.title() == "Argent encaissé"
    assert folder.stand().faults


def test_the_folder_of_a_single_business_is_kept_alike(folder: Folder) -> None:
    alone = folder.settings.model_copy(update={"mappings": folder.lila})
    assert standing(alone).kept == set()
    for name, new in (("revenue.yaml", "job: ["), ("business.yaml", "hub: [")):
        folder.edit(name, "hub: 1", new)
    stood = standing(alone)
    assert [job.name for item in stood.loaded.businesses for job in item.jobs] == ["revenue"]
    (folder.lila / "business.yaml").unlink()
    assert [job.name for item in standing(alone).loaded.businesses for job in item.jobs] == ["revenue"]


def test_one_business_is_taken_away_and_the_other_goes_on(folder: Folder) -> None:
    small_business(folder.root, "studio-nord")
    assert len(folder.stand().loaded.businesses) == 2
    shutil.rmtree(folder.root / "studio-nord")

    stood = folder.stand()

    assert [item.business.key for item in stood.loaded.businesses] == [LILA]
    assert stood.faults == {}


def test_copies_are_for_the_hub_alone(folder: Folder) -> None:
    with open_hub(folder.settings):
        pass
    copies = folder.settings.data / "last-good" / LILA
    assert sorted(path.name for path in copies.iterdir()) == ["business.yaml", "revenue.yaml"]
    for path in (copies, *copies.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_status_is_red_until_the_file_is_right_again(folder: Folder, hub: Hub) -> None:
    def told() -> list[str]:
        report = status(hub.store, hub.view.businesses, hub.runtimes[LILA].now(), hub.view.faults)
        return [reason.text for reason in report.reasons if reason.level == "fault" and "revenue.yaml" in reason.text]

    assert told() == []
    folder.edit("revenue.yaml", "match_by", "match-by")
    assert hub.renew().replaced == [], "what runs is as it was"
    (fault,) = told()
    assert "Atelier Lila" in fault
    assert "the last good version goes on" in fault
    folder.edit("revenue.yaml", "match-by", "match_by")
    hub.renew()
    assert told() == []


def test_a_stray_file_makes_the_whole_status_red(folder: Folder, hub: Hub) -> None:
    (folder.root / "stray.yaml").write_text("hub: 1\n", encoding="utf-8")
    hub.renew()
    report = status(hub.store, hub.view.businesses, hub.runtimes[LILA].now(), hub.view.faults)
    assert report.word == "fault"
    assert any("stray.yaml" in reason.text for reason in report.reasons)


def test_only_what_changed_is_made_anew_and_said(folder: Folder, hub: Hub) -> None:
    small_business(folder.root, "studio-nord")
    first = hub.renew()
    assert first.changes == ["studio-nord: is new"]
    lila = hub.runtimes[LILA]
    shutil.copy(folder.root / "studio-nord" / "revenue.yaml", folder.root / "studio-nord" / "again.yaml")
    text = (folder.root / "studio-nord" / "again.yaml").read_text(encoding="utf-8")
    text = text.replace("Chiffres du mois", "Encore")
    (folder.root / "studio-nord" / "again.yaml").write_text(text, encoding="utf-8")

    second = hub.renew()

    assert [one.key for one in second.replaced] == ["studio-nord"]
    assert second.changes == ["studio-nord: again is new"]
    assert hub.runtimes[LILA] is lila
    shutil.rmtree(folder.root / "studio-nord")
    third = hub.renew()
    assert third.changes == ["studio-nord: was taken away"]
    assert [(one.key, one.new) for one in third.replaced] == [("studio-nord", None)]
    assert hub.renew() == Renewed([], [], ())


def test_addresses_come_and_go_with_the_connections_while_the_api_runs(folder: Folder, hub: Hub) -> None:
    body = json.dumps({"id": "evt_1", "object": "event", "type": "charge.updated", "data": {"object": {}}}).encode()
    app = create_app(hub.store, hub.view, status_key=SecretStr(STATUS_KEY))
    with serve(app) as url, httpx.Client(base_url=url) as client:

        def post(connection: str) -> int:
            headers = signed(body, hub.runtimes[LILA].now(), "whsec_of_the_reload_tests")
            return client.post(f"/webhooks/{LILA}/{connection}", content=body, headers=headers).status_code

        def status_page(business: str) -> int:
            return client.get(f"/status/{business}", headers={"Authorization": f"Bearer {STATUS_KEY}"}).status_code

        kept = hub.receivers[LILA, "stripe"]
        assert (post("stripe"), post("shop")) == (200, 404)
        folder.edit("business.yaml", "  stripe: {}\n", "  stripe: {}\n  shop: {connector: stripe}\n")
        hub.renew()
        assert post("stripe") == 200
        assert post("shop") != 404, "its secret is not known yet, but it is there"
        assert hub.receivers[LILA, "stripe"] is not kept, "the business is another one"
        folder.edit("business.yaml", "  shop: {connector: stripe}\n", "")
        hub.renew()
        assert (post("stripe"), post("shop")) == (200, 404)
        assert status_page("studio-nord") == 404
        small_business(folder.root, "studio-nord")
        kept = hub.receivers[LILA, "stripe"]
        hub.renew()
        assert status_page("studio-nord") == 200
        assert hub.receivers[LILA, "stripe"] is kept, "nothing of one business touches another"


def test_what_is_still_being_written_is_not_read(folder: Folder) -> None:
    read: list[object] = []

    def renew() -> Renewed:
        read.append(fingerprint(folder.root))
        return Renewed([], [], ())

    watcher = Watcher(folder.root, renew, lambda _: None)
    watcher.look()
    assert read == []
    watcher.look()
    assert len(read) == 1, "once at the start"
    watcher.look()
    assert len(read) == 1
    for number in range(3):
        folder.edit("revenue.yaml", "what came in", f"what came in {number},")
        watcher.look()
    assert len(read) == 1, "it changed at every look"
    watcher.look()
    assert len(read) == 2
    (folder.lila / "texts").mkdir()
    (folder.lila / "texts" / "welcome.fr.md").write_text("Bonjour", encoding="utf-8")
    (folder.lila / "names.lock").write_text("{}", encoding="utf-8")
    for _ in range(3):
        watcher.look()
    assert len(read) == 3


def test_a_change_that_could_not_be_taken_over_is_tried_again_and_each_fault_is_logged_once(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[Callable[[], Renewed]] = [
        lambda: (_ for _ in ()).throw(OSError("the disk")),
        lambda: Renewed([], ["x: changed"], ("x.yaml: broken",)),
        lambda: Renewed([], [], ("x.yaml: broken",)),
        lambda: Renewed([], [], ()),
    ]
    waiting = iter(answers)

    def renew() -> Renewed:
        return next(waiting)()

    watcher = Watcher(folder.root, renew, lambda _: None)
    watcher.look()
    with pytest.raises(OSError, match="the disk"):
        watcher.look()
    with caplog.at_level(logging.INFO, "hub.mappings"):
        watcher.look()
        for name in ("a.yaml", "b.yaml"):
            (folder.lila / name).write_text("x", encoding="utf-8")
            watcher.look()
            watcher.look()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "x: changed"),
        ("ERROR", "x.yaml: broken"),
        ("INFO", "every file of the mappings is right again"),
    ]


# The worker, with the sandboxes


def other(site: Site, **figures: Any) -> None:
    """The mapping says other things of the MRR from now on."""
    config = [one.model_copy(update=figures) if one.figure == "mrr" else one for one in site.job.figures]
    site.job = site.job.model_copy(update={"figures": tuple(config)})


def again(site: Site) -> None:
    """A new process looks, plans, and writes what it may."""
    site.restart()
    site.look()
    site.work()


def held(site: Site) -> list[plans.SavedPlan]:
    with site.store.read() as conn:
        return plans.listing(conn, site.key, "held")


@pytest.fixture
def subscribed(site: Site) -> Site:
    """Fourteen months of a subscription: each month's MRR is an estimate, which may move without anybody's doubt."""
    at = site.clock() - 420 * DAY
    customer = site.shop.customer(email="old@example.com", at=at)["id"]
    price = site.shop.price(amount=3900, product="Cercle", interval="month", at=at)["id"]
    site.shop.subscribe(customer=customer, price=price, at=at)
    site.shop.advance(site.clock())
    site.backfill()
    site.work()
    assert sum(key.startswith("mrr/") for key in site.rows()) > 12
    return site


def test_a_slip_that_changes_many_rows_is_held_although_their_figures_may_move(subscribed: Site) -> None:
    before = subscribed.rows()
    other(subscribed, title="Revenu mensuel récurent")
    again(subscribed)

    assert len(held(subscribed)) == 1
    assert subscribed.rows() == before
    again(subscribed)
    assert len(held(subscribed)) == 1, "it waits for a person, also after a new start"
    other(subscribed, title="Revenu mensuel récurrent")
    again(subscribed)
    assert held(subscribed) == []
    assert subscribed.rows() == before


def test_a_change_of_a_few_rows_is_written_and_later_ones_are_ordinary(site: Site) -> None:
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()
    assert all(row["Objectif"] != 9000.0 for row in site.rows().values())

    other(site, target=Decimal(9000))
    again(site)

    assert held(site) == []
    assert any(row["Objectif"] == 9000.0 for key, row in site.rows().items() if key.startswith("mrr/"))


def test_a_business_is_replaced_without_a_pause_for_the_others_and_plans_what_changed(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Its turn under way ends first. What the worker claimed for a job that it did not know yet is planned at once."""
    site.shop.sell(amount=10_000, at=site.clock() - DAY)
    site.backfill()
    site.work()
    old = site.runtime
    worker = site.worker
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        with caplog.at_level(logging.INFO, "hub.worker"):
            other(site, target=Decimal(9000))
            site.start()
            worker.replace(Replaced(site.key, old, site.runtime))
            until(
                lambda: any(row["Objectif"] == 9000.0 for key, row in site.rows().items() if key.startswith("mrr/")),
                "the new target",
            )
        assert worker.over(old).is_set()
        assert not worker.over(site.runtime).is_set()
        assert f"{site.key}: the mapping of revenue changed; planning again" in caplog.messages
        worker.replace(Replaced(site.key, site.runtime, None))
        assert worker.runtimes == {}
    finally:
        worker.stop()
        running.join()


def test_scheduled_work_keeps_its_connections_until_it_ends(site: Site) -> None:
    worker = Worker(site.store, {site.key: site.runtime}, now=site.clock)
    running = threading.Thread(target=worker.run)
    with site.runtime.scheduled:
        live = site.runtime.connector("stripe")
        running.start()
        until(lambda: worker.runtimes == {site.key: site.runtime}, "the start")
        worker.replace(Replaced(site.key, site.runtime, None))
        worker.stop()
        running.join()
        assert site.runtime.connector("stripe") is live
    until(lambda: not site.runtime.is_open("stripe"), "the end of its connections")
