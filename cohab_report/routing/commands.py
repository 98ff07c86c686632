"""The flask command that tries the routing rules."""

import click

from cohab_report.routing import operations as routing


@click.command("check-rules")
@click.option(
    "--latest",
    default=routing.DRY_RUN_CASES,
    show_default=True,
    type=click.IntRange(1, 5000),
    help="How many cases to try them on.",
)
def check_rules(latest: int) -> None:
    """Try the routing rules on the latest cases.

    Ends with status 1 when one of them can't do what it says. Nothing is changed.
    """
    report = routing.dry_run(latest=latest)
    for code, count in report.cases_by_rule.items():
        click.echo(f"{count:6}  {code}")
    click.echo(f"{report.cases_without_rule:6}  of {report.cases} cases without a rule: a person chooses")
    for (code, why), count in report.faults.items():
        click.echo(f"{code}: {why}, {count} cases stay with triage", err=True)
    if report.faults:
        raise click.ClickException(f"{len(report.faults)} rules to mend")
