"""Lantern keeps what every connector promises."""

from hub.conformance.suite import ConnectorSuite


class TestLantern(ConnectorSuite):
    connectors = ("lantern",)
