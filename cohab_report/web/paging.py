"""Page numbers in addresses. Knows neither HTTP nor SQL."""

LAST_PAGE_NUMBER = 10_000


def page_number(text: str | None) -> int:
    """Returns the page number of an address, from 1 to LAST_PAGE_NUMBER; 1 when the text is no such number."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 6:
        return 1
    return min(max(int(text), 1), LAST_PAGE_NUMBER)
