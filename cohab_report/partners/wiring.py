"""Tells the app what partners gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.partners import captions, views
from cohab_report.partners.account import views as account_views
from cohab_report.web import navigation
from cohab_report.web.captions import provide_captions


def init_app(app: Flask) -> None:
    """Registers captions, sign-in and sign-out, the account’s page, and how its shortcuts are pressed."""
    provide_captions(app, captions)
    app.register_blueprint(views.bp)
    app.register_blueprint(account_views.bp)
    app.jinja_env.globals["shortcut_of_reader"] = account_views.shortcut_of_reader
    navigation.add_footer_link(
        app, "sign_in.sign_in", _("Connexion de l’équipe"), order=100, roles=(navigation.VISITOR,)
    )
