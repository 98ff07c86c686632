"""Tells the app what partners gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.partners import views
from cohab_report.web import navigation


def init_app(app: Flask) -> None:
    """Registers sign-in and sign-out, and the link to them."""
    app.register_blueprint(views.bp)
    navigation.add_footer_link(
        app, "sign_in.sign_in", _("Connexion de l’équipe"), order=100, roles=(navigation.VISITOR,)
    )
