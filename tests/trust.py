"""The certificates of the world's authorities are read once in a process: httpx reads them anew for each client."""

from __future__ import annotations

import os
import ssl
from functools import cache
from typing import Any

from httpx._transports import default

_read = default.create_ssl_context


@cache
def _trusting(trust_env: bool, *_where: str | None) -> ssl.SSLContext:
    return _read(trust_env=trust_env)


def _context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
    if verify is not True or cert is not None:
        return _read(verify=verify, cert=cert, trust_env=trust_env)
    return _trusting(trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


def read_once() -> None:
    """From now on in this process, and in those that are forked from it."""
    default.create_ssl_context = _context
    _context()
