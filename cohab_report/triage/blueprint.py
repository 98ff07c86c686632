"""The blueprint of the triage pages, on which the view modules of this package register their routes."""

from flask import Blueprint

bp = Blueprint("triage", __name__, url_prefix="/tri")
