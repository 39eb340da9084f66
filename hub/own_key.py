"""The hub's own key, which encrypts secrets at rest. Made once, kept in the data folder, closed to other users."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
from pathlib import Path

from hub.core.errors import ConfigError

FILE = "secret.key"
URL_SAFE = str.maketrans("+/", "-_")


def fits(key: bytes) -> bool:
    """Whether this is a Fernet key: 32 bytes in URL-safe base64."""
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def kept_in(folder: Path) -> bytes:
    """The key in that folder, made on first use. ConfigError when it cannot be made or read, or is no key."""
    path = folder / FILE
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"The hub's own key {path} cannot be read or made ({error.strerror}). "
            "Let the user that runs hub write to that folder, or set HUB_DATA to another."
        ) from error
    if not fits(key):
        raise ConfigError(
            f"{path} does not hold the hub's own key. Put it back from a backup: without it, the webhook secrets that "
            "are stored cannot be read. If there is none, delete the file and register the webhooks anew."
        )
    return key


def _make(path: Path) -> None:
    """Written aside and linked into place, so that of two processes one wins and none reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
            os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)
