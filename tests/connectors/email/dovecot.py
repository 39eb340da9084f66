"""A real IMAP server on loopback, in a folder of its own: Dovecot 2.3, with TLS, delivering by LMTP."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.email.sandbox import certificate

USER, PASSWORD = "alice@example.com", "s3cret of alice"


def missing() -> str | None:
    """Why no Dovecot can be run here, or None."""
    found = shutil.which("dovecot")
    if found is None:
        return "dovecot is not installed (apt: dovecot-imapd, dovecot-lmtpd)"
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    if not version.startswith("2.3"):
        return f"this configuration is for Dovecot 2.3, not {version.strip()}"
    if not (Path(found).parents[1] / "lib/dovecot/lmtp").exists():
        return "dovecot's LMTP server is not installed (apt: dovecot-lmtpd)"
    return None


@dataclass
class Dovecot:
    """Where it listens, and where its mails lie."""

    folder: Path
    imap: int
    imaps: int
    lmtp: int

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    def deliver(self, raw: str, sender: str = "zoe@client.example") -> None:
        """As a mail server does it."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as server:
            server.sendmail(sender, [USER], raw.encode())

    def forget_uids(self) -> None:
        """Give the INBOX a new UIDVALIDITY."""
        told = ["doveadm", "-c", str(self.folder / "dovecot.conf"), "mailbox", "update", "--uid-validity", "4242"]
        subprocess.run([*told, "-u", USER, "INBOX"], check=True, capture_output=True)


@contextmanager
def running(folder: Path) -> Iterator[Dovecot]:
    """Started, and stopped at the end."""
    server = Dovecot(folder, *(_free_port() for _ in range(3)))
    folder.chmod(0o755)
    certificate.make(folder)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    (folder / "dovecot.conf").write_text(_configuration(server))
    log = folder / "dovecot.log"
    process = subprocess.Popen(
        ["dovecot", "-F", "-c", str(folder / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _wait_for(server, process, log)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def _wait_for(server: Dovecot, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            for port in (server.imap, server.lmtp):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = log.read_text() if log.exists() else ""
    process.kill()
    raise RuntimeError(f"Dovecot did not start: {said} {process.communicate()[1].decode()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _configuration(server: Dovecot) -> str:
    folder = server.folder
    me = pwd.getpwuid(os.getuid()).pw_name
    group = grp.getgrgid(os.getgid()).gr_name
    root = os.getuid() == 0
    # Mail processes refuse to run as root.
    owner, owners, internal = ("mail", "mail", "dovecot") if root else (me, group, me)
    if root:
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", owner, owners)
    login = "dovenull" if root else me
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
mail_uid = {owner}
mail_gid = {owners}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {internal}
default_internal_group = {internal if root else group}
default_login_user = {login}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={owners} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {server.imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {server.imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {server.lmtp}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Archive {{
    auto = create
  }}
}}
"""
