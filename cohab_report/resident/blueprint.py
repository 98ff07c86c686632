"""The blueprint `resident`, on which the view modules of this package register their pages."""

from flask import Blueprint

bp = Blueprint("resident", __name__)
