"""What the CEO is told by mail of a week or month that is over: noted when its page is made, sent once it stands.

So the mail says what the page says, in her own language, whatever the figures become meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

from sqlalchemy import Connection

from hub.core.types import Ref, Value
from hub.engine import brief
from hub.engine.made import Expect
from hub.engine.runtime import Runtime
from hub.mapping.jobs import ReportJob
from hub.mapping.model import CEO
from hub.mapping.revenue_job import RevenueJob
from hub.planning.alerts.types import Reader
from hub.planning.counted import Counted
from hub.planning.desired import reports
from hub.planning.page_facts import Beside
from hub.planning.weekly import Kind, letter, title_of, with_page
from hub.planning.words import Language
from hub.store import jobs, links

LETTERS = "letters/"
"""Where the last week's mail and the last month's stand among the links of a file of figures, by their kind."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail whose page stands. `key`: names its week or month."""

    key: str
    subject: str
    body: str
    language: Language


def reader_of(runtime: Runtime, now: datetime) -> Reader:
    """The CEO, with the hours of the business's first deadlines file."""
    return brief.reader_of(runtime, now, CEO)


def expected(runtime: Runtime, job: RevenueJob, counted: Counted, beside: Beside, now: datetime) -> Expect | None:
    """Notes the mails of the weeks and months whose pages a plan makes, before it does; None: there are none."""
    senders = [one for one in runtime.jobs.values() if isinstance(one, ReportJob) and job.name in one.figures]
    if not senders or not beside.closings:
        return None
    reader = reader_of(runtime, now)
    hers = runtime.business.model_copy(update={"language": reader.language})
    told = reports(counted.figures, job, hers, now, beside, counted)
    rows: list[tuple[Kind, dict[str, Value]]] = []
    for closing, report in zip(beside.closings, told, strict=True):
        subject, body = letter(report, hers, reader.name)
        page = title_of(closing.kind, closing.first, runtime.business.language)
        values: dict[str, Value] = {"key": report.key, "subject": subject, "body": body, "page": page}
        rows.append((closing.kind, values | {"language": reader.language}))
    return partial(_note, runtime, job.name, senders[0].name, rows)


def kept(conn: Connection, runtime: Runtime, file: str, kind: Kind) -> Kept | None:
    """The last mail of that kind that was noted for a file of figures; None while its page does not stand."""
    said = next((link.values for link in links.of(conn, runtime.key, file, LETTERS) if link.row == kind), None)
    job = runtime.jobs.get(file)
    if said is None or not isinstance(job, RevenueJob):
        return None
    page = [link for link in links.of(conn, runtime.key, file, str(said["page"])) if link.ref]
    if not any(link.row for link in page):
        return None
    home = next((Ref(link.ref) for link in page if not link.row and link.ref), None)
    spec = runtime.specs.get(job.show_in.connection)
    url = None if home is None or spec is None or spec.address is None else spec.address(home)
    language = cast("Language", said["language"])
    body = with_page(str(said["body"]), str(said["page"]), url, language)
    return Kept(str(said["key"]), str(said["subject"]), body, language)


def _note(
    runtime: Runtime, file: str, sender: str, rows: Sequence[tuple[Kind, dict[str, Value]]], conn: Connection
) -> None:
    now = runtime.now()
    for kind, values in rows:
        links.put(conn, runtime.key, file, LETTERS, kind, None, values, now)
    # The mail may be due already: its job plans again once this one has made the page.
    jobs.dirty(conn, runtime.key, [sender], now)
