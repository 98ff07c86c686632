"""The flask command that encrypts the residents' addresses anew."""

import click

from cohab_report.db import transaction
from cohab_report.intake.contacts import operations as contacts


@click.command("reseal-contacts")
def reseal_contacts() -> None:
    """Encrypt each resident's address anew with the first of the keys; afterwards the older keys may be forgotten."""
    with transaction():
        encrypted, unreadable = contacts.reencrypt_all()
    click.echo(f"{encrypted} addresses encrypted anew")
    if unreadable:
        raise click.ClickException(
            f"{unreadable} addresses can't be read with any of the keys: they were left as they are"
        )
