"""A small business on disk, with one thing changed."""

from __future__ import annotations

from pathlib import Path

from hub.mapping.loader import Loaded, load

BUSINESS = """\
hub: 1
business: Studio Nord
language: fr
timezone: Europe/Paris
currency: EUR
working_days: [mon, tue]
people:
  obm: {name: Claire}
connections:
  stripe: {}
  notion: {page: Studio}
safety: {hold_if: {changes_above: 20 %, archives_above: 0}}
"""
REVENUE = """\
hub: 1
job: revenue_kpis
says: what came in
read:
  - {from: stripe, since: 2025-01-01}
rules: {tax: excluded}
figures:
  - {figure: cash_in, title: Encaissements, target: 12000}
  - {figure: refund_rate, title: Remboursements, warn_above: 5 %}
show_in:
  database: Chiffres
  hub_owns: {Valeur: value}
  people_own: [Note CEO]
"""


def write(
    folder: Path,
    *,
    key: str = "nord",
    business: str | bytes | None = BUSINESS,
    jobs: dict[str, str | bytes] | None = None,
) -> Path:
    """Write one business into `folder`, the root of the mappings, and return that root."""
    files: dict[str, str | bytes] = {"revenue.yaml": REVENUE} if jobs is None else dict(jobs)
    if business is not None:
        files["business.yaml"] = business
    (folder / key).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        (folder / key / name).write_bytes(raw)
    return folder


def changed(text: str, old: str, new: str) -> str:
    """`text` with its one `old` replaced."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the example"
    return text.replace(old, new)


def lines(loaded: Loaded, root: Path) -> list[str]:
    """The problems as people see them, with paths from `root` on."""
    return [str(problem).replace(f"{root}/", "") for problem in loaded.problems]


def problems_of(root: Path, file: str, content: str | bytes) -> list[str]:
    """What is said of one file's content, everything else being right."""
    if file == "business.yaml":
        write(root, business=content)
    else:
        write(root, jobs={file: content})
    return [line.removeprefix(f"nord/{file}") for line in lines(load(root), root)]
