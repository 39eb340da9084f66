"""The whole suite: `class TestMine(ConnectorSuite): connectors = ("mine",)`."""

from __future__ import annotations

from hub.conformance.at_rest import AtRest
from hub.conformance.charting import Charting
from hub.conformance.declaring import Declaring
from hub.conformance.failing import Failing
from hub.conformance.hearing import Hearing
from hub.conformance.reading import Reading
from hub.conformance.writing import Writing


class ConnectorSuite(AtRest, Declaring, Reading, Failing, Hearing, Writing, Charting):
    """Every promise, for each name in `connectors` that it concerns."""
