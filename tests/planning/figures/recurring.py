"""Every figure of what is contracted: recurring revenue, its movements and ratios, and what is sold in parts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hub.planning.calendar import Month
from hub.planning.figure import Figure
from hub.planning.figures import attempts, movements, owed, ratios, receivable, states
from hub.planning.figures.books import Books
from hub.planning.figures.plans import plans
from hub.planning.figures.states import Snapshot


def recurring(books: Books, span: Sequence[Month], memory: Iterable[Snapshot] = ()) -> Iterator[Figure]:
    """All of them, by name, month of `span` and currency. `span` ends with the month of now.

    `memory`: what the hub saw on earlier days; a closed month whose last day is not in it is reconstructed. ValueError
    when movements do not lead from one month's MRR to the next, or instalments from what was signed to what is left.
    """
    standing = states.standings(books, span, memory)
    bridges = movements.bridges(books, standing)
    found = (*states.figures(standing, span, books.currency), *movements.figures(bridges, span))
    yield from found
    yield from ratios.figures(bridges, found, span)
    yield from attempts.figures(books, span)
    yield from owed.figures(books, span)
    yield from receivable.figures(books, plans(books), span)
