"""Network flows: how far one number of a circulation may change while the fixed ones stay as they are.

A two-way table with its totals is such a circulation: counts flow from rows to columns, totals close the circle. It
knows nothing of observations or of privacy. Because it is a network, the exact bounds of a hidden number are a maximum
flow, and whole numbers suffice.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

EdgeCost = Callable[[int], int | None]
"""What it costs to change an edge, by its number; None when it is fixed."""


@dataclass(frozen=True)
class Edge:
    """A number that flows from one node to another. It may grow without limit and shrink to zero."""

    tail: int
    head: int
    value: int


@dataclass(frozen=True)
class Augmentation:
    """By how much one edge could be changed, and the other edges that change with it."""

    amount: int
    other_edges: frozenset[int]


@dataclass(frozen=True)
class _Arc:
    """One direction of an edge: forward makes its number grow."""

    edge: int
    head: int
    forward: bool


class Circulation:
    """A set of edges whose numbers balance at every node."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = tuple(edges)
        self._arcs: dict[int, list[_Arc]] = defaultdict(list)
        for number, edge in enumerate(self.edges):
            self._arcs[edge.tail].append(_Arc(number, edge.head, forward=True))
            self._arcs[edge.head].append(_Arc(number, edge.tail, forward=False))

    def slack(self, edge: int, free: Container[int], *, up: bool, need: int) -> int:
        """Returns by how much this edge can grow (or shrink) when only the free edges may change, at most `need`.

        Exact.
        """
        return self.augment(edge, lambda other: 0 if other in free else None, up=up, need=need).amount

    def augment(self, edge: int, cost: EdgeCost, *, up: bool, need: int) -> Augmentation:
        """Finds, path by path, the cheapest set of edges to change so that this edge can grow (or shrink) by `need`."""
        changing = self.edges[edge]
        source, sink = (changing.head, changing.tail) if up else (changing.tail, changing.head)
        amount, change = 0, dict[int, int]()
        goal = need if up else min(need, changing.value)
        while amount < goal:
            path = self._cheapest_path(source, sink, edge, cost, change)
            if path is None:
                break
            step = min([goal - amount, *(self._residual(arc, change) for arc in path if not arc.forward)])
            for arc in path:
                change[arc.edge] = change.get(arc.edge, 0) + (step if arc.forward else -step)
            amount += step
        return Augmentation(amount, frozenset(change))

    def _residual(self, arc: _Arc, change: dict[int, int]) -> int:
        """Returns by how much the edge of an arc can still shrink."""
        return self.edges[arc.edge].value + change.get(arc.edge, 0)

    def _cheapest_path(
        self, source: int, sink: int, without: int, cost: EdgeCost, change: dict[int, int]
    ) -> list[_Arc] | None:
        """Returns Dijkstra's path over arcs that may change, or None; edges that change already cost nothing more."""
        distances: dict[int, tuple[int, int]] = {source: (0, 0)}
        predecessors: dict[int, tuple[int, _Arc]] = {}
        waiting = [(0, 0, source)]
        while waiting:
            distance, hops, node = heappop(waiting)
            if node == sink:
                return _path_to(sink, source, predecessors)
            if (distance, hops) > distances[node]:
                continue
            for arc in self._arcs[node]:
                arc_cost = 0 if arc.edge in change else cost(arc.edge)
                if arc.edge == without or arc_cost is None or not (arc.forward or self._residual(arc, change) > 0):
                    continue
                longer = (distance + arc_cost, hops + 1)
                if arc.head not in distances or longer < distances[arc.head]:
                    distances[arc.head], predecessors[arc.head] = longer, (node, arc)
                    heappush(waiting, (*longer, arc.head))
        return None


def _path_to(sink: int, source: int, predecessors: dict[int, tuple[int, _Arc]]) -> list[_Arc]:
    path, node = [], sink
    while node != source:
        node, arc = predecessors[node]
        path.append(arc)
    return path
