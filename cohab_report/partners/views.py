"""Sign-in and sign-out pages of staff."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cohab_report import jobs
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, NotAllowed
from cohab_report.partners import operations, queries, session_tokens
from cohab_report.partners.forms import SignInForm
from cohab_report.partners.models import Person, Role
from cohab_report.web import known_browsers, navigation, sessions, throttle
from cohab_report.web.access import needs, open_to_all
from cohab_report.web.extensions import login_manager
from cohab_report.web.headers import clear_browser_cache
from cohab_report.web.redirects import local_path
from cohab_report.web.typed_text import gives_back

bp = Blueprint("sign_in", __name__)
SESSIONS_ADDRESS = "/mon-compte/connexions"


def load_session_person(session_id: str) -> Person | None:
    """Returns the person of a session for Flask-Login, or None if the session is over."""
    return None if sessions.is_session_over(at=now()) else queries.person_of_session(session_id)


login_manager.user_loader(load_session_person)


@bp.route("/connexion", methods=["GET", "POST"])
@throttle.limit_sign_ins
@open_to_all
@gives_back(SignInForm)
def sign_in() -> Response | tuple[str, int]:
    """Shows the sign-in page and signs in; redirects to `next` (a local path) or to the role's home page."""
    form, next_path = SignInForm(), local_path(request.values.get("next"))
    if form.validate_on_submit():
        try:
            person = operations.sign_in(form.email.data or "", form.password.data or "", at=now())
        except Invalid:
            form.refuse()
            jobs.count(jobs.CounterName.SIGN_INS_REFUSED)
        else:
            sessions.begin_session(person, at=now())
            return known_browsers.remember(redirect(next_path or _home_address(person), 303), person.email)
    return render_template("sign_in/sign_in.html", form=form, next=next_path), 422 if form.errors else 200


@bp.post("/deconnexion")
@open_to_all
def sign_out() -> Response:
    """Ends this browser's session."""
    if current_user.is_authenticated:
        with transaction():
            operations.end_session_of(current_person(), at=now())
    sessions.end_session()
    return clear_browser_cache(redirect("/", 303))


@bp.get(SESSIONS_ADDRESS)
@needs(*Role)
def own_sessions() -> str:
    """Lists the reader's own sessions that are still open."""
    person = current_person()
    listed = [each for each in queries.open_sessions(person) if now() - each.started_at < sessions.SESSION_LIMIT]
    return render_template(
        "sign_in/sessions.html", sessions=listed, present_hash=session_tokens.hash_of(person.session_token)
    )


@bp.post(f'{SESSIONS_ADDRESS}/<row("staff_session"):number>/terminer')
@needs(*Role)
def end_own_session(number: int) -> Response:
    """Ends one of the reader's own sessions; the present one, and they are signed out."""
    with transaction():
        operations.end_session(current_person(), number, at=now())
    return redirect(url_for("sign_in.own_sessions"), 303)


@bp.post(f"{SESSIONS_ADDRESS}/terminer")
@needs(*Role)
def end_other_sessions() -> Response:
    """Ends all of the reader's own sessions but the present one."""
    with transaction():
        person = current_person()
        operations.end_sessions(person, by=person, at=now(), except_token=person.session_token)
    return redirect(url_for("sign_in.own_sessions"), 303)


def current_person() -> Person:
    """Returns the signed-in person as a row of the present database session; raises NotAllowed if nobody is signed
    in.
    """
    person = queries.person_of_session(current_user.get_id() or "")
    if person is None:
        raise NotAllowed
    return person


def _home_address(person: Person) -> str:
    endpoint = navigation.home_endpoint(person.role)
    return url_for(endpoint) if endpoint else "/"
