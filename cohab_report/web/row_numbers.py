"""Row numbers in addresses: the converter `row`, which encrypts them, as in `/filtres/<row("saved_filter"):number>`."""

from flask import Flask
from werkzeug.routing import BaseConverter, Map, ValidationError

from cohab_report.encrypted_numbers import ENCRYPTED_LENGTH, decrypt_number, encrypt_number
from cohab_report.errors import NotFound
from cohab_report.settings import current_settings


class RowNumberConverter(BaseConverter):
    """Converts the number of a row of one table; an address that was not made from one of its numbers is not found."""

    regex = f"[A-Za-z0-9_-]{{{ENCRYPTED_LENGTH}}}"

    def __init__(self, url_map: Map, table: str) -> None:
        super().__init__(url_map)
        self.table = table

    def to_python(self, value: str) -> int:
        """Returns the number of the row; raises ValidationError, which means 404."""
        try:
            return decrypt_number(self.table, value, keys=current_settings().code_keys)
        except NotFound:
            raise ValidationError from None

    def to_url(self, value: int) -> str:
        """Returns the part of the address."""
        return encrypt_number(self.table, value, key=current_settings().newest_code_key)


def init_app(app: Flask) -> None:
    """Lets addresses be declared with `<row("table"):number>`."""
    app.url_map.converters["row"] = RowNumberConverter
