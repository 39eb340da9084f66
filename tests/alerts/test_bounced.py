"""A mail that comes back for good: its address is told nothing more; what only claims to be one changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.alerts.world import PROJECT, Town, in_days, site, text

REPORT = """\
From: MAILER-DAEMON@example.com
To: hub@example.com
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mx.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; lea@example.com
Action: failed
Status: 5.1.1
--b
Content-Type: message/rfc822

Message-ID: {returned}
Subject: x

x
--b--
"""


@pytest.mark.parametrize(
    ("ours", "to"),
    [(True, "Claire Petit <claire@example.com>"), (False, "Léa Martin <lea@example.com>")],
    ids=["a mail of ours", "somebody else's word"],
)
def test_what_came_back_for_good_is_told_to_the_obm_instead(town: Town, tmp_path: Path, ours: bool, to: str) -> None:
    asana = town.boxes.asana
    project, lea = asana.add_project(PROJECT, ("À faire",)), asana.add_user("Léa", "lea@example.com")
    with site(town, tmp_path) as lila:
        lila.read()
        lila.clock.to(in_days(-4), 7, 30)
        lila.round()
        lila.clock.to(in_days(0), 5)
        asana.add_task(project, "Aujourd'hui", due_on=in_days(0).isoformat(), assignee=lea)
        asana.add_task(project, "Demain", due_on=in_days(1).isoformat(), assignee=lea)
        lila.read()
        lila.clock.to(in_days(0), 7, 30)
        lila.round()
        (mail,) = lila.mails
        returned = str(mail["Message-ID"]) if ours else "<somebody@else.example>"
        town.post.inject(REPORT.format(returned=returned).replace("\n", "\r\n"))
        lila.clock.to(in_days(1), 7)
        lila.read()
        lila.clock.to(in_days(1), 7, 30)
        lila.round()
        assert [str(one["To"]) for one in lila.mails[1:]] == [to]
        assert "Demain" in text(lila.mails[1])
