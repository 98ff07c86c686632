"""Channels. A channel sends one message to one address and knows nothing of cases, deliveries or who may read what."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OutgoingMessage:
    """A message ready to send: nothing in it is looked up any more."""

    number: int
    """The delivery's id, which its Message-ID is made from: sending again gives the same one, so that a mail program
    can drop the second message.
    """
    subject: str
    text: str
    html: str
    thread: tuple[str, int]
    """Table and number of what the messages of its thread are about: `case` or `contact`; never a public reference."""
    written_at: datetime
    list_name: str = "Transmissions"
    """The name in the header List-Id, for whoever sorts their mail."""
    unsubscribe: str = ""
    """The address that ends these messages with one POST (RFC 8058).

    Empty for a partner, who settles that with the city.
    """


class ChannelError(Exception):
    """A message was not sent: `problem` is the code of the reason, `permanent` whether trying again is useless.

    `no_such_address` says that it is the address that is at fault, and not the message or its sender.
    """

    def __init__(self, problem: str, *, permanent: bool, no_such_address: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.permanent, self.no_such_address = problem, permanent, no_such_address
