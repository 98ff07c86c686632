"""Limits of typed text: trimmed, with a largest number of characters, mandatory or not. Knows no sentences."""

from cohab_report.errors import Invalid


def trimmed_lines(typed: str | None) -> str:
    """Returns the text trimmed, each line end as one character: a browser posts two, and counts one for `maxlength`."""
    return (typed or "").replace("\r\n", "\n").strip()


def text_within(field: str, typed: str, *, longest: int) -> str:
    """Returns the text trimmed; raises Invalid(field, too_long) for more than `longest` characters."""
    text = trimmed_lines(typed)
    if len(text) > longest:
        raise Invalid(field, "too_long")
    return text


def required_text(field: str, typed: str, *, longest: int) -> str:
    """Returns the mandatory text trimmed; raises Invalid(field, missing | too_long)."""
    text = text_within(field, typed, longest=longest)
    if not text:
        raise Invalid(field, "missing")
    return text
