"""Every connector that can be loaded, ours and installed ones, keeps every promise."""

from connectors import registry
from hub.conformance.suite import ConnectorSuite


class TestConnectors(ConnectorSuite):
    connectors = registry.names()
