"""Digests over real servers: sent through one that speaks TLS (aiosmtpd), kept and given back by Dovecot, shown by
Chromium on a phone's width."""

from __future__ import annotations

import html
import re
import shutil
import smtplib
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]

from connectors.email.sandbox import EmailSandbox
from connectors.email.spec import SPEC
from hub.planning.alerts.letters import Written
from hub.planning.alerts.types import Mail
from tests.connectors.email import dovecot
from tests.connectors.email.conftest import Mail as Served
from tests.planning.alerts.letter_parts import LIST_URL, linked, mail, posted, reader, task, written
from tests.planning.alerts.test_letters import LINES
from tests.sandboxes.serve import serve

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--window-size=800,900", "--dump-dom"),
)
PHONE = 320
"""Pixels: the narrowest phone that is still used."""
READERS = {"fr": reader(formal=False), "en": reader(language="en", key="obm", name="Claire")}


@pytest.fixture(scope="module")
def post() -> Iterator[Served]:
    assert SPEC.sandbox is not None
    app = SPEC.sandbox()
    with serve(app) as url:
        sandbox = app.state.sandbox
        assert isinstance(sandbox, EmailSandbox)
        yield Served(sandbox, url)


def digest(language: str) -> tuple[Mail, Written]:
    endless = task("Anticonstitutionnellement" * 5, url=f"https://app.asana.com/{'0' * 300}", place="w" * 90)
    lines = (*LINES, type(LINES[0])(step="late", group="late", keys=("k",), task=endless))
    one = mail(*lines, to=READERS[language], done=(task("Devis imprimeur", done=True),), more=12)
    return one, written(one, linked, LIST_URL)


def sent(post: Served, language: str) -> EmailMessage:
    """The digest as the server took it over TLS."""
    one, said = digest(language)
    before = len(post.sandbox.mails())
    with post.connected() as live:
        assert live.messenger is not None
        live.messenger.send(posted(one, said))
    (taken,) = post.sandbox.mails()[before:]
    return read(taken["raw"].encode())


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_digest_arrives_with_each_title_and_address_in_both_alternatives(post: Served, language: str) -> None:
    message = sent(post, language)
    assert message["Subject"] == digest(language)[1].subject
    assert message["Content-Language"] == language
    page = html.unescape(part(message, "html"))
    for text in (part(message, "plain"), page):
        for one in LINES:
            assert one.task is None or one.task.title in text
            if one.task is not None:
                assert all(str(linked(one, what)) in text for what in ("done", "snooze", "not_mine", "reassign"))
        assert LIST_URL in text
        assert "app.asana.com/0/1/2" in text


@pytest.mark.skipif(dovecot.missing() is not None, reason=str(dovecot.missing()))
def test_dovecot_keeps_a_digest_and_gives_back_the_same(post: Served) -> None:
    message = sent(post, "fr")
    with tempfile.TemporaryDirectory() as folder, dovecot.running(Path(folder)) as server:
        with smtplib.LMTP("127.0.0.1", server.lmtp) as lmtp:
            lmtp.sendmail("hub@example.com", [dovecot.USER], message.as_bytes(policy=SMTP))
        with IMAPClient("127.0.0.1", server.imap, ssl=False) as client:
            client.starttls(trusting(server.ca_file))
            client.login(dovecot.USER, dovecot.PASSWORD)
            client.select_folder("INBOX", readonly=True)
            (uid,) = client.search()
            kept = client.fetch([uid], ["BODY.PEEK[]", "BODYSTRUCTURE", "ENVELOPE"])[uid]
    again = read(kept[b"BODY[]"])
    assert part(again, "plain") == part(message, "plain")
    assert part(again, "html") == part(message, "html")
    assert again["Subject"] == message["Subject"]
    assert kept[b"BODYSTRUCTURE"].is_multipart


def trusting(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.check_hostname = False  # the certificate names localhost
    return context


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (Debian's package chromium)")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_on_a_phone_nothing_scrolls_sideways_and_every_answer_can_be_tapped(
    post: Served, language: str, tmp_path: Path
) -> None:
    framed = html.escape(part(sent(post, language), "html"))
    (tmp_path / "phone.html").write_text(
        f'<meta charset="utf-8"><iframe id="mail" style="border:0;width:{PHONE}px;height:600px" srcdoc="{framed}">'
        "</iframe><script>addEventListener('load', () => {"
        "const page = document.getElementById('mail').contentDocument, root = page.documentElement;"
        "const heights = [...page.querySelectorAll('.button')].map(one => one.getBoundingClientRect().height);"
        "const size = parseFloat(page.defaultView.getComputedStyle(page.body).fontSize);"
        "const seen = [root.scrollWidth, root.clientWidth, heights.length, Math.min(...heights), size];"
        "document.body.dataset.seen = seen.join(' ');"
        "})</script>"
    )
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    shown = subprocess.run(
        (str(BROWSER), *FLAGS, profile, (tmp_path / "phone.html").as_uri()),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    found = re.search(r'data-seen="([\d. ]+)"', shown)
    assert found is not None
    needed, width, buttons, lowest, size = (float(number) for number in found[1].split())
    assert needed == width <= PHONE
    assert buttons == 4 * 6
    assert lowest >= 24  # WCAG 2.2, 2.5.8: the smallest target
    assert size == 16
