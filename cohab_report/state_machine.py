"""Moves from state to state: what a model with a table of allowed moves may do next. Knows no feature."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from cohab_report.errors import MoveRefused

State = TypeVar("State")


class StateMachine(Generic[State]):
    """Adds moves to a model with a column `state`: its table `MOVES` says which states may follow which."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]]
    NOUN: ClassVar[str]
    """The noun of a refused move."""
    WHY_REFUSED: ClassVar[str] = ""
    """The code of the reason of a refused move; empty where the states say enough."""
    if TYPE_CHECKING:
        state: Any

    def may_move_to(self, state: State) -> bool:
        """Tells whether `MOVES` leads to `state` from here."""
        return state in self.MOVES[self.state]

    def move_to(self, state: State) -> None:
        """Sets the state; raises MoveRefused where `MOVES` has no such move."""
        if not self.may_move_to(state):
            raise MoveRefused(self.NOUN, str(self.state), str(state), self.WHY_REFUSED)
        self.state = state
