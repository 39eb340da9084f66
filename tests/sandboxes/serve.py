"""Serve an ASGI app on a real socket in a thread, for tests that drive a sandbox with a real client."""

from hub.demo.serving import serve

__all__ = ["serve"]
