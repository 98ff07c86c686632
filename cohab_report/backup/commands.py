"""The flask commands that make, check and restore backups."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from cohab_report.backup import operations, restoring
from cohab_report.backup.refusals import BackupRefused
from cohab_report.backup.sentences import sentence
from cohab_report.clock import now

FILE = click.Path(path_type=Path, dir_okay=False)


def prints_refusal(command: Callable[..., None]) -> Callable[..., None]:
    """Decorates a command: a refusal becomes one sentence and exit status 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except BackupRefused as refused:
            raise click.ClickException(sentence(refused)) from None

    return run


@click.command("backup")
@click.argument("file", type=FILE)
@click.option("--with-keys", is_flag=True, help="Put the keys into it too, encrypted under a passphrase.")
@click.option("--passphrase-file", type=click.Path(path_type=Path, exists=True), help="Read the passphrase there.")
@prints_refusal
def backup(file: Path, passphrase_file: Path | None, *, with_keys: bool) -> None:
    """Back up the running site into FILE: the database, the photos and, only if asked, the keys."""
    passphrase = _passphrase(passphrase_file, is_new=True) if with_keys else None
    manifest, size = operations.make_backup(file.absolute(), passphrase=passphrase, at=now())
    for name in manifest.missing_pictures:
        click.echo(f"deleted while the backup was made, or missing before: {name}")
    click.echo(
        f"{file}: {size} bytes, {sum(manifest.rows.values())} rows, {len(manifest.picture_names)} photo files, checked."
        f" {'The keys are in it, encrypted.' if with_keys else 'The keys are not in it: keep them apart.'}"
    )


@click.command("check-backup")
@click.argument("file", type=FILE)
@prints_refusal
def check_backup(file: Path) -> None:
    """Compare every byte of a backup with its hash, and open its database; write nothing."""
    manifest = operations.check_backup(file)
    click.echo(
        f"{file}: whole. Made {manifest.made_at:%Y-%m-%d %H:%M} UTC by version {manifest.version} ({manifest.revision}"
        f" on {manifest.engine}): {sum(manifest.rows.values())} rows, {len(manifest.picture_names)} photo files"
    )


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--other-keys", is_flag=True, help="Restore although follow-up codes or addresses can't be read then.")
@prints_refusal
def restore(file: Path, *, other_keys: bool) -> None:
    """Restore a backup into an empty database and photo folder, and migrate it to this version."""
    manifest, revision = restoring.restore_backup(file, accepts_other_keys=other_keys)
    click.echo(f"{sum(manifest.rows.values())} rows and {len(manifest.picture_names)} photo files restored")
    if revision != manifest.revision:
        click.echo(f"the database was migrated from {manifest.revision} to {revision}")
    for name in manifest.missing_pictures:
        click.echo(f"not in the backup: {name}")


def _passphrase(file: Path | None, *, is_new: bool) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    typed: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new)
    return typed
