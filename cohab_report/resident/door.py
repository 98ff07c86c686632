"""The blueprint of the residents' pages, on which the view modules of this package hang them."""

from flask import Blueprint

bp = Blueprint("resident", __name__)
