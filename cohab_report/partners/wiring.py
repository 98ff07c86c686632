"""Tells the app what partners gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report import jobs
from cohab_report.metrics import provide_counter
from cohab_report.partners import captions, commands, operations, views
from cohab_report.partners.account import views as account_views
from cohab_report.web import navigation
from cohab_report.web.captions import provide_captions


def init_app(app: Flask) -> None:
    """Registers captions, sign-in and sign-out, the account’s page, and how its shortcuts are pressed."""
    provide_captions(app, captions)
    for command in (
        commands.create_person,
        commands.reset_password,
        commands.set_role,
        commands.close_account,
        commands.end_sessions,
    ):
        app.cli.add_command(command)
    jobs.schedule(app, operations.delete_old_sessions_now, cron="41 8 * * *")
    provide_counter(app, "sign_ins_refused", "Sign-ins with a wrong address or password.", _refused_sign_ins)
    app.register_blueprint(views.bp)
    app.register_blueprint(account_views.bp)
    app.jinja_env.globals["shortcut_of_reader"] = account_views.shortcut_of_reader
    navigation.add_footer_link(
        app, "sign_in.sign_in", _("Connexion de l’équipe"), order=100, roles=(navigation.VISITOR,)
    )


def _refused_sign_ins() -> float:
    return jobs.counted(jobs.CounterName.SIGN_INS_REFUSED)
