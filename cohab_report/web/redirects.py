"""Checks redirect targets that come from outside: only paths of this site are followed (no open redirect)."""

from urllib.parse import urlsplit


def local_path(address: str | None) -> str | None:
    """Returns the address if it is a path of this site (with its query), otherwise None.

    Browsers read a backslash as a slash and drop tabs and line ends, so an address that has any of them is refused.
    """
    if not address or not address.startswith("/") or address.startswith("//"):
        return None
    if "\\" in address or any(ord(character) < 33 or ord(character) == 127 for character in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else address
