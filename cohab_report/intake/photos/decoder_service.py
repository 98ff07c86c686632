"""Asks the decoder of pictures that a service manager starts for each connection, as an account of its own.

The socket takes the bytes of one picture until their end, and gives back what `decoder` writes; then it is closed.
"""

import socket
import time

from cohab_report.errors import Unavailable

SECONDS = 60
"""How long one picture may take, the decoder's start included."""
CHUNK = 1 << 20


class DecoderAway(Unavailable):
    """Nobody takes connections at the decoder's socket; this says nothing of the picture."""


class DecoderLate(Exception):
    """The decoder gave no whole answer in time."""


def ask_decoder(path: str, data: bytes, *, most: int, seconds: float = SECONDS) -> bytes:
    """Sends the bytes to the unix socket and returns the answer, no more than one byte beyond `most`.

    It is empty when the decoder ended without one. Raises DecoderAway or DecoderLate.
    """
    ends_at = time.monotonic() + seconds
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(seconds)
            connection.connect(path)
            return _conversation(connection, data, most, ends_at)
    except TimeoutError:
        raise DecoderLate from None
    except OSError as error:
        raise DecoderAway from error


def _conversation(connection: socket.socket, data: bytes, most: int, ends_at: float) -> bytes:
    answer = bytearray()
    try:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while len(answer) <= most and (received := _received_before(connection, ends_at)):
            answer += received
    except (BrokenPipeError, ConnectionResetError):
        pass  # it ended in the middle: what it said before counts
    return bytes(answer[: most + 1])


def _received_before(connection: socket.socket, ends_at: float) -> bytes:
    remaining = ends_at - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    connection.settimeout(remaining)
    return connection.recv(CHUNK)
