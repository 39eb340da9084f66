"""What every connector must keep, as one suite that any package can run over its own.

In a connector's package, one file:

    from hub.conformance.suite import ConnectorSuite

    class TestMine(ConnectorSuite):
        connectors = ("mine",)

The package must be installed (its entry point of group `hub.connectors` is tested too), and its sandbox package must
have a module `case` with a function `case()` that returns a `Case`: how the suite plays with the provider in small.
`docs/connectors.md` says the rest.
"""

from hub.conformance.case import Case

__all__ = ["Case"]
