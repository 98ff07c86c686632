"""The Flask extensions that several modules share; `init_app` binds them to an app."""

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()


def init_app(app: Flask) -> None:
    """Binds CSRF protection and sign-in to the app; `languages` and `throttle` bind their own extensions."""
    csrf.init_app(app)
    # The usual protection ties a session to an address, and phones change addresses while their owner walks.
    login_manager.session_protection = None
    login_manager.init_app(app)
