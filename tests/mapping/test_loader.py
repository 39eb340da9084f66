"""Which businesses and jobs run, and which are left out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hub.demo.example import small_business
from hub.mapping.loader import load
from hub.mapping.revenue_job import RevenueJob, Target
from tests.mapping.write import BUSINESS, REVENUE, changed, lines, write
from tests.paths import ROOT


def test_a_business_loads_as_it_was_written(tmp_path: Path) -> None:
    loaded = load(small_business(tmp_path).parent, ("notion", "stripe"))
    (lila,) = loaded.businesses
    (revenue,) = lila.jobs

    assert loaded.problems == ()
    assert (lila.business.key, lila.business.business) == ("atelier-lila", "Atelier Lila")
    assert lila.folder == tmp_path / "atelier-lila"
    assert isinstance(revenue, RevenueJob)
    assert [config.figure for config in revenue.figures] == ["cash_in", "mrr", "overdue", "refund_rate"]
    assert revenue.name == "revenue"
    assert (revenue.read[0].connection, revenue.read[0].since) == ("stripe", None)
    assert revenue.figures[0].target == Decimal(12000)
    assert revenue.figures[1].target == Target(value=Decimal(8000), by=date(2026, 12, 31))
    assert revenue.figures[3].warn_above == "5 %"


def test_one_business_folder_may_be_named_directly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path / "nord")

    assert [item.business.key for item in load(tmp_path / "nord").businesses] == ["nord"]
    assert [item.business.key for item in load(Path(".")).businesses] == ["nord"]


def test_a_broken_job_leaves_out_only_that_job(tmp_path: Path) -> None:
    other = changed(REVENUE, "database: Chiffres", "database: Autres")
    write(tmp_path, jobs={"a.yaml": "hub: [", "b.yaml": REVENUE, "c.yaml": "job: sink", "d.yaml": other})

    (nord,) = load(tmp_path).businesses

    assert [job.name for job in nord.jobs] == ["b", "d"]


def test_a_broken_business_leaves_out_only_that_business_and_its_jobs_are_still_read(tmp_path: Path) -> None:
    write(tmp_path, key="a", business=changed(BUSINESS, "Europe/Paris", "Paris"), jobs={"r.yaml": "job: sink"})
    write(tmp_path, key="b")

    loaded = load(tmp_path)

    assert [item.business.key for item in loaded.businesses] == ["b"]
    assert [problem.place.rsplit("/", 2)[1:] for problem in loaded.problems] == [
        ["a", "business.yaml:4:11"],
        ["a", "r.yaml:1:6"],
    ]


def test_jobs_of_a_business_that_cannot_be_read_are_not_blamed_for_its_connections(tmp_path: Path) -> None:
    write(tmp_path, business="hub: [")

    assert len(load(tmp_path).problems) == 1


def test_two_jobs_of_one_business_cannot_write_the_same_database(tmp_path: Path) -> None:
    write(tmp_path, jobs={"a.yaml": REVENUE, "b.yaml": changed(REVENUE, "database: Chiffres", "database: ' chiffres'")})

    loaded = load(tmp_path)

    assert [job.name for job in loaded.businesses[0].jobs] == ["a"]
    assert lines(loaded, tmp_path) == [
        'nord/b.yaml:11:13: error: database: " chiffres" is already written by a.yaml; two jobs cannot own the same '
        "rows. Give this job a database of its own. Example: database: Chiffres 2"
    ]


def test_two_businesses_may_write_databases_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, key="a")
    write(tmp_path, key="b")

    assert load(tmp_path).problems == ()


def test_a_business_whose_keys_would_be_read_by_another_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, key="a", business="hub: 1\nbusiness: A\nconnections: {b-c: {}}\n", jobs={})
    write(tmp_path, key="a-b", business="hub: 1\nbusiness: AB\nconnections: {c: {}}\n", jobs={})

    loaded = load(tmp_path)

    assert [item.business.key for item in loaded.businesses] == ["a"]
    assert [line for line in lines(loaded, tmp_path) if "error" in line] == [
        'a-b/business.yaml: error: The keys of connection "c" would be named HUB_A_B_C_…, as those of a. '
        "Rename the connection. Example: c-2: {}"
    ]


def test_a_connection_of_a_connector_that_is_not_installed_takes_its_jobs_with_it(tmp_path: Path) -> None:
    connections = "stripe: {connector: strype}\n  airtable: {}"
    write(tmp_path, business=changed(BUSINESS, "stripe: {}", connections))

    loaded = load(tmp_path, ("notion", "stripe"))

    assert [item.jobs for item in loaded.businesses] == [()]
    assert lines(loaded, tmp_path) == [
        'nord/business.yaml:10:23: error: No connector is called "strype"; there are: notion, stripe. '
        'Did you mean "stripe"? Example: connector: stripe',
        'nord/business.yaml:11:3: error: No connector is called "airtable"; there are: notion, stripe. '
        "Say which one it is. Example: connector: notion",
        'nord/revenue.yaml:5:12: error: from: "stripe" is no connection of this business; business.yaml has: notion. '
        "Name one of them, or add it to business.yaml. Example: connections: {notion: {}, stripe: {}}",
    ]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda root: write(root, key="Studio Nord"),
            '{0}/Studio Nord: error: The folder\'s name "Studio Nord" cannot be the key of a business: lower-case '
            "letters, digits and dashes. Rename the folder. Example: studio-nord",
        ),
        (
            lambda root: write(root, jobs={"Chiffres d'été.yaml": REVENUE}),
            "{0}/nord/Chiffres d'été.yaml: error: The file's name \"Chiffres d'été\" cannot be the name of a job: "
            "lower-case letters, digits and dashes. Rename the file. Example: chiffres-d-ete.yaml",
        ),
        (
            lambda root: write(root, jobs={}),
            "{0}/nord: warning: This business has no job, so nothing runs for it. "
            "Add a file for each promise to this client. Example: revenue.yaml",
        ),
        (
            lambda root: write(root, business=None),
            "{0}/nord: error: This folder has no business.yaml, so it is no business. "
            "Add business.yaml with a line for each of hub and business. Example: business: Atelier Lila",
        ),
        (
            lambda root: write(root, jobs={"revenue.yaml": REVENUE, "more.yml": REVENUE}),
            "{0}/nord/more.yml: error: Files that end in .yml are not read. Rename it. Example: more.yaml",
        ),
        (
            lambda root: (root / "revenue.yaml").write_text(REVENUE),
            "{0}/revenue.yaml: error: This file belongs to no business: it stands beside their folders. "
            "Move it into the folder of its business. Example: {0}/atelier-lila/revenue.yaml",
        ),
        (
            lambda root: list(root.iterdir()),
            "{0}: error: This folder has no business. "
            "Make a folder with a business.yaml. Example: {0}/atelier-lila/business.yaml",
        ),
        (
            lambda root: root.rmdir(),
            "{0}: error: This folder cannot be read: No such file or directory. "
            "Name the folder that holds one folder per business. Example: HUB_MAPPINGS=mappings",
        ),
        (
            lambda root: (write(root), (root / "nord" / "x.yaml").mkdir()),
            "{0}/nord/x.yaml: error: This is no ordinary file. Replace it by a text file. Example: revenue.yaml",
        ),
        (
            lambda root: os.mkfifo(write(root) / "nord" / "x.yaml"),
            "{0}/nord/x.yaml: error: This is no ordinary file. Replace it by a text file. Example: revenue.yaml",
        ),
        (
            lambda root: (write(root), (root / "nord" / "x.yaml").symlink_to(root / "nord" / "x.yaml")),
            "{0}/nord/x.yaml: error: This is no ordinary file. Replace it by a text file. Example: revenue.yaml",
        ),
    ],
    ids=range(11),
)
def test_a_folder_or_file_out_of_place_is_told_word_for_word(make, says: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = tmp_path / "mappings"
    root.mkdir()
    make(root)

    assert [str(problem) for problem in load(root).problems] == [says.format(root)]


def test_a_file_that_may_not_be_read_is_a_problem() -> None:
    # Not pytest's own folder: as root, this is looked at as somebody else, who may not enter that one.
    with tempfile.TemporaryDirectory(prefix="hub-test-") as folder, as_nobody(Path(folder)):
        write(Path(folder))
        (Path(folder) / "nord" / "revenue.yaml").chmod(0)

        found = lines(load(Path(folder)), Path(folder))

    assert ["cannot be read: Permission denied" in line for line in found] == [True]


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Root may read every file: step down for a moment. Anybody else stays who they are."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_hidden_files_and_editors_copies_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, jobs={"revenue.yaml": REVENUE, ".revenue.yaml": "[", "#revenue.yaml": "[", "old.yaml~": "["})
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("notes")

    assert load(tmp_path).problems == ()


def test_a_windows_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    write(tmp_path, jobs={"revenue.yaml": b"\xef\xbb\xbf" + REVENUE.replace("\n", "\r\n").encode()})

    assert load(tmp_path).problems == ()


def test_no_and_times_and_days_stay_text_and_numbers_stay_exact(tmp_path: Path) -> None:
    text = changed(REVENUE, "title: Encaissements, target: 12000", "title: no, target: 0.10")
    write(tmp_path, business=changed(BUSINESS, "Studio Nord", "18:30"), jobs={"r.yaml": text})

    (nord,) = load(tmp_path).businesses

    assert nord.business.business == "18:30"
    assert nord.jobs[0].figures[0].title == "no"
    assert str(nord.jobs[0].figures[0].target) == "0.10"


def test_aliases_stand_for_what_they_name(tmp_path: Path) -> None:
    text = changed(changed(REVENUE, "target: 12000", "target: &t 12000"), "{figure: refund_rate,", "{figure: mrr,")
    write(tmp_path, jobs={"r.yaml": changed(text, "warn_above: 5 %", "target: *t")})

    (nord,) = load(tmp_path).businesses

    assert [config.target for config in nord.jobs[0].figures] == [Decimal(12000), Decimal(12000)]


def test_french_spaces_before_a_percent_sign_are_spaces(tmp_path: Path) -> None:
    write(tmp_path, jobs={"r.yaml": changed(REVENUE, "5 %", "5\u202f%")})

    assert load(tmp_path).businesses[0].jobs[0].figures[1].warn_above == "5 %"


def test_a_connection_may_be_written_with_nothing_after_its_colon(tmp_path: Path) -> None:
    write(tmp_path, business=changed(BUSINESS, "stripe: {}", "stripe:"))

    assert load(tmp_path).problems == ()


@pytest.mark.parametrize("secret", ["sk_live_51HxQ", "ntn_2048kk", "whsec_9d", "A1b2C3d4E5f6A1b2C3d4E5f6"])
@pytest.mark.parametrize("old", ["Europe/Paris", "EUR", "stripe: {}", "{page: Studio}", "fr\n", "[mon, tue]", "{name:"])
def test_a_key_pasted_into_a_mapping_is_never_repeated(old: str, secret: str, tmp_path: Path) -> None:
    for new in (secret, f"{secret}: {{}}", f"{{{secret}: 1}}", f"{{x: {secret}}}"):
        write(tmp_path, business=BUSINESS.replace(old, new))

        assert secret not in "".join(lines(load(tmp_path), tmp_path))


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pathlib import Path; from hub.mapping.loader import load; "
        f"assert load(Path({str(ROOT / 'mappings')!r})).businesses; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    heavy = {"prefect", "fastapi", "sqlalchemy", "stripe", "httpx", "pydantic_settings", "difflib", "asyncio"}
    assert set(run.stdout.split()) & heavy == set()
