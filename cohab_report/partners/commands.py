"""The flask commands that create, renew and close staff accounts."""

import click

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotFound
from cohab_report.partners import operations, passwords, queries
from cohab_report.partners.models import Partner, Person, Role

REFUSALS = {
    ("email", "malformed"): "this is no e-mail address",
    ("email", "taken"): "somebody has an account with this address already: flask reset-password, or flask set-role",
    ("email", "unknown"): "nobody has an account with this address",
    ("name", "missing"): "give the person's name",
    ("partner", "missing"): "a person who works for a partner needs --partner CODE, a code of partners.csv",
    ("partner", "unknown"): "no partner has this code: look into the city profile's partners.csv",
    ("password", "too_short"): f"a password has at least {passwords.SHORTEST_PASSWORD} characters",
}
"""The sentence for each field and reason that refuses a command."""
asks_password = click.option(
    "--ask", "is_asked", is_flag=True, help="Ask for the password; without it a random one is made and printed once."
)


@click.command("create-person")
@click.argument("email")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--partner", "partner_code", default="", help="The code of the partner that the person works for.")
@asks_password
def create_person(email: str, name: str, role: str, partner_code: str, *, is_asked: bool) -> None:
    """Create a staff account, such as a new city's first administrator: EMAIL "NAME" admin."""
    password = _password(is_asked=is_asked)
    new_hash = passwords.hash_password(password)
    try:
        with transaction():
            partner = _partner_or_refuse(partner_code)
            operations.create_person(email, name, Role(role), partner, new_hash, by=journal.SYSTEM, at=now())
    except Invalid as refused:
        raise _refusal(refused.field, refused.reason) from None
    _print_password(password, is_asked=is_asked)


@click.command("reset-password")
@click.argument("email")
@asks_password
def reset_password(email: str, *, is_asked: bool) -> None:
    """Give a person a new password, and end all their sessions."""
    password = _password(is_asked=is_asked)
    password_hash = passwords.hash_password(password)
    with transaction():
        operations.change_password(_person_or_refuse(email), password_hash, by=journal.SYSTEM, at=now())
    _print_password(password, is_asked=is_asked)


@click.command("set-role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def set_role(email: str, role: str) -> None:
    """Give a person another role, and end all their sessions."""
    with transaction():
        operations.change_role(_person_or_refuse(email), Role(role), by=journal.SYSTEM, at=now())


@click.command("close-account")
@click.argument("email")
def close_account(email: str) -> None:
    """Close a person's account, and end all their sessions."""
    with transaction():
        operations.close_account(_person_or_refuse(email), by=journal.SYSTEM, at=now())


@click.command("end-sessions")
@click.argument("email")
def end_sessions(email: str) -> None:
    """End all sessions of a person, who must sign in again."""
    with transaction():
        count = operations.end_sessions(_person_or_refuse(email), by=journal.SYSTEM, at=now())
    click.echo(f"{count} sessions ended")


def _person_or_refuse(email: str) -> Person:
    person = queries.person_by_email(email)
    if person is None:
        raise _refusal("email", "unknown")
    return person


def _partner_or_refuse(code: str) -> Partner | None:
    try:
        return queries.partner_or_refuse(code) if code else None
    except NotFound:
        raise _refusal("partner", "unknown") from None


def _password(*, is_asked: bool) -> str:
    if not is_asked:
        return passwords.new_password()
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < passwords.SHORTEST_PASSWORD:
        raise _refusal("password", "too_short")
    return password


def _print_password(password: str, *, is_asked: bool) -> None:
    if not is_asked:
        click.echo(f"Password, shown this once: {password}")


def _refusal(field: str, reason: str) -> click.ClickException:
    return click.ClickException(REFUSALS[field, reason])
