"""The flask command that makes demo data and deletes it."""

import click

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.demo import operations as demo_data
from cohab_report.errors import NotFound, Unavailable

DEMO_REFUSALS: dict[type[Exception], str] = {
    demo_data.DemoRefused: "demo data and demo accounts are refused where COHAB_ENV=production: residents may be real",
    demo_data.RealDataFound: "this database holds accounts or observations that no demo made: they may be real",
    NotFound: "the city profile needs a triage team, a works partner and a rule that sends outreach to occupied places",
    Unavailable: "no city is loaded yet: flask load-city",
}
"""The sentence for each error that refuses demo data."""


@click.command("demo")
@click.option("--password", default="", help="For all demo accounts; otherwise COHAB_DEMO_PASSWORD, or a random one.")
@click.option("--reset", is_flag=True, help="Delete what is made up and close the demo accounts, instead.")
def demo(*, password: str, reset: bool) -> None:
    """Fill a trial with made-up observations and accounts, once. Refused in production."""
    try:
        if reset:
            with transaction():
                message = f"{demo_data.delete_demo_data(at=now())} made-up observations deleted"
        else:
            message = str(demo_data.create_demo_data(password, at=now()))
    except tuple(DEMO_REFUSALS) as refused:
        raise click.ClickException(DEMO_REFUSALS[type(refused)]) from None
    click.echo(message)
