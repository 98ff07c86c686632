"""The Flask extensions that several modules share, made once; each application is bound to them by `init_app`."""

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()


def init_app(app: Flask) -> None:
    """Forms are protected and a signed-in person can be known. Languages and limits bind themselves in their own modules."""
    csrf.init_app(app)
    # The usual protection ties a session to an address, and phones change addresses while their owner walks.
    login_manager.session_protection = None
    login_manager.init_app(app)
