"""Tells the app what partners gives it."""

from flask import Flask
from flask_babel import lazy_gettext as _

from cohab_report.partners import captions, views
from cohab_report.web import navigation
from cohab_report.web.captions import provide_captions


def init_app(app: Flask) -> None:
    """Registers captions, sign-in and sign-out, and the link to them."""
    provide_captions(app, captions)
    app.register_blueprint(views.bp)
    navigation.add_footer_link(
        app, "sign_in.sign_in", _("Connexion de l’équipe"), order=100, roles=(navigation.VISITOR,)
    )
