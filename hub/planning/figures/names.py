"""What each figure is, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from hub.planning.figures.definition import Definition
from hub.planning.figures.names_calls import CALLS
from hub.planning.figures.names_cash import CASH
from hub.planning.figures.names_instalments import INSTALMENTS
from hub.planning.figures.names_recurring import RECURRING

FIGURES: Mapping[str, Definition] = {each.name: each for each in (*CASH, *RECURRING, *INSTALMENTS, *CALLS)}
"""Every figure by its name, in the order in which people read them."""
