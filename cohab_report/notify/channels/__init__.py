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
    list_name: str = "Transmissions"
    """What kind of message it is, for whoever sorts their mail."""
    unsubscribe: str = ""
    """The address that ends these messages with one POST (RFC 8058); empty for a partner, who settles that with the city."""


class ChannelError(Exception):
    """The letter did not leave, for the reason that `problem` codes; `permanent` says whether trying again is useless.

    `no_such_address` says that it is the address that is at fault, and not the letter or its sender.
    """

    def __init__(self, problem: str, *, permanent: bool, no_such_address: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.permanent, self.no_such_address = problem, permanent, no_such_address
