"""The blueprint of the triage desk, on which the view modules of this package hang their pages."""

from flask import Blueprint

bp = Blueprint("triage", __name__, url_prefix="/tri")
