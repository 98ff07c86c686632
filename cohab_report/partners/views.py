"""The door for people of the partners: in, and out again."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotYours
from cohab_report.partners import operations, queries
from cohab_report.partners.forms import SignInForm
from cohab_report.partners.models import Person, Role
from cohab_report.web import sessions, throttle
from cohab_report.web.access import open_to_all
from cohab_report.web.addresses import own_path
from cohab_report.web.extensions import login_manager

bp = Blueprint("sign_in", __name__)
HOMES = {
    Role.TRIAGER: "triage.home",
    Role.PARTNER: "partner.inbox",
    Role.PILOT: "committee.home",
    Role.COMMITTEE: "committee.home",
    Role.ADMIN: "admin.home",
}


def person_of_session(session_id: str) -> Person | None:
    """Whoever is signed in, unless their session is over."""
    return None if sessions.is_over(at=now()) else queries.person_of_session(session_id)


login_manager.user_loader(person_of_session)


@bp.route("/connexion", methods=["GET", "POST"])
@throttle.sign_ins
@open_to_all
def enter() -> Response | tuple[str, int]:
    """The sign-in page; a person who is recognised goes on to where they were going, or to their own first page."""
    form, wanted = SignInForm(), own_path(request.values.get("next"))
    if form.validate_on_submit():
        try:
            with transaction():
                person = operations.sign_in(form.email.data or "", form.password.data or "", at=now())
        except Invalid:
            form.refuse()
        else:
            sessions.begin(person, at=now())
            return redirect(wanted or _home_of(person), 303)
    return render_template("sign_in/enter.html", form=form, next=wanted), 422 if form.errors else 200


@bp.post("/deconnexion")
@open_to_all
def leave() -> Response:
    """Nobody is signed in any more in this browser."""
    sessions.end()
    return redirect("/", 303)


def current_person() -> Person:
    """Whoever is signed in, as a row of the present session; raises NotYours when nobody is."""
    person = queries.person_of_session(current_user.get_id() or "")
    if person is None:
        raise NotYours
    return person


def _home_of(person: Person) -> str:
    endpoint = HOMES[person.role]
    return url_for(endpoint) if endpoint in current_app.view_functions else "/"
