"""Numbers that balance at every node, and how far a hidden one may move while the shown ones stand still.

A two-way table with its totals is such a circulation: cells flow from rows to columns, totals close the circle. It knows nothing of
observations or of privacy. Because it is a network, the exact bounds of a hidden number are a largest flow, and whole numbers suffice.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

Price = Callable[[int], int | None]
"""What it costs to let an edge move, by its number; None when it must stand still."""


@dataclass(frozen=True)
class Edge:
    """A number that flows from one node to another. It may grow without limit and shrink to zero."""

    tail: int
    head: int
    value: int


@dataclass(frozen=True)
class Push:
    """How much one edge could be moved, and the edges that moved along."""

    amount: int
    moved: frozenset[int]


@dataclass(frozen=True)
class _Arc:
    """One way along an edge: forward makes its number grow."""

    edge: int
    goes_to: int
    forward: bool


class Circulation:
    """A set of edges whose numbers balance at every node."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = tuple(edges)
        self._arcs: dict[int, list[_Arc]] = defaultdict(list)
        for number, edge in enumerate(self.edges):
            self._arcs[edge.tail].append(_Arc(number, edge.head, forward=True))
            self._arcs[edge.head].append(_Arc(number, edge.tail, forward=False))

    def room(self, edge: int, free: Container[int], *, up: bool, need: int) -> int:
        """How much this edge can grow (or shrink) when only the free edges may move, at most `need`. Exact."""
        return self.push(edge, lambda other: 0 if other in free else None, up=up, need=need).amount

    def push(self, edge: int, price: Price, *, up: bool, need: int) -> Push:
        """The cheapest way found, path by path, to let this edge grow (or shrink) by `need`, and the other edges that then move."""
        pushed = self.edges[edge]
        source, sink = (pushed.head, pushed.tail) if up else (pushed.tail, pushed.head)
        amount, change = 0, dict.fromkeys((edge,), 0)
        goal = need if up else min(need, pushed.value)
        while amount < goal:
            path = self._cheapest_path(source, sink, edge, price, change)
            if path is None:
                break
            step = min([goal - amount, *(self._left(arc, change) for arc in path if not arc.forward)])
            for arc in path:
                change[arc.edge] = change.get(arc.edge, 0) + (step if arc.forward else -step)
            amount += step
        return Push(amount, frozenset(change) - {edge})

    def _left(self, arc: _Arc, change: dict[int, int]) -> int:
        """How much an edge can still shrink."""
        return self.edges[arc.edge].value + change.get(arc.edge, 0)

    def _cheapest_path(
        self, source: int, sink: int, without: int, price: Price, change: dict[int, int]
    ) -> list[_Arc] | None:
        """Dijkstra's path over arcs that may move; edges that moved already cost nothing more."""
        best: dict[int, tuple[int, int]] = {source: (0, 0)}
        came_by: dict[int, tuple[int, _Arc]] = {}
        waiting = [(0, 0, source)]
        while waiting:
            cost, hops, node = heappop(waiting)
            if node == sink:
                return _path_back(came_by, source, sink)
            if (cost, hops) > best[node]:
                continue
            for arc in self._arcs[node]:
                toll = 0 if arc.edge in change else price(arc.edge)
                if arc.edge == without or toll is None or not (arc.forward or self._left(arc, change) > 0):
                    continue
                reached = (cost + toll, hops + 1)
                if arc.goes_to not in best or reached < best[arc.goes_to]:
                    best[arc.goes_to], came_by[arc.goes_to] = reached, (node, arc)
                    heappush(waiting, (*reached, arc.goes_to))
        return None


def _path_back(came_by: dict[int, tuple[int, _Arc]], source: int, sink: int) -> list[_Arc]:
    path, node = [], sink
    while node != source:
        node, arc = came_by[node]
        path.append(arc)
    return path
