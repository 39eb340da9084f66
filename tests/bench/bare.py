"""The measure of the deliveries: a FastAPI route that reads the body and nothing else, served as the hub is."""

from __future__ import annotations

import os

from fastapi import FastAPI, Request
from fastapi.responses import Response

from hub.web.server import serve

app = FastAPI()


@app.post("/webhooks/{business}/{connection}")
async def bare(business: str, connection: str, request: Request) -> Response:
    await request.body()
    return Response()


if __name__ == "__main__":
    serve(app, "127.0.0.1", int(os.environ["HUB_PORT"]))
