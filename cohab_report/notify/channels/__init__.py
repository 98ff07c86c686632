"""Ways out of the house. A channel takes one letter to one address and knows nothing of cases, deliveries or who may read what."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Letter:
    """What is said once, ready to leave: nothing in it is looked up any more."""

    number: int
    """The delivery's; sending again says the same number, so that a reader's program can drop the second one."""
    subject: str
    text: str
    html: str
    thread: str
    """What belongs together, such as `case-12`; never a public reference."""
    written_at: datetime


class ChannelError(Exception):
    """The letter did not leave, for the reason that `problem` codes; `permanent` says whether trying again is useless."""

    def __init__(self, problem: str, *, permanent: bool) -> None:
        super().__init__(problem)
        self.problem, self.permanent = problem, permanent
