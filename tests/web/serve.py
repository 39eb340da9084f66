"""A server in a process of its own: python serve.py DATABASE. Prints its port, then serves until a signal."""

import sys
from datetime import UTC, datetime

from pydantic import SecretStr

from hub.store.database import open_store
from hub.web.app import create_app
from hub.web.server import listen, server
from tests.web.conftest import KEY, view
from tests.web.stripe_like import StripeLike

if __name__ == "__main__":
    with open_store(sys.argv[1]) as store, listen("127.0.0.1", 0) as listening:
        app = create_app(store, view(print, StripeLike()), status_key=SecretStr(KEY), now=lambda: datetime.now(UTC))
        print(listening.getsockname()[1], flush=True)
        server(app).run(sockets=[listening])
    print("closed", flush=True)
