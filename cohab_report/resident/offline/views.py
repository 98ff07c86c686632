"""The pages and files that a phone keeps: all the same for everybody, without session, token or name."""

from typing import Any

from flask import Response as FlaskResponse
from flask import json, jsonify, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from cohab_report.clock import today
from cohab_report.intake.models import LONGEST_TEXT
from cohab_report.intake.rules import OLDEST
from cohab_report.intake.wording import FindingKind
from cohab_report.resident import journey
from cohab_report.resident.door import bp
from cohab_report.resident.forms import MESSAGES, BelongingsForm, PlaceForm, QuestionsForm
from cohab_report.resident.offline import release, shell
from cohab_report.territory import queries as territory
from cohab_report.territory import search
from cohab_report.web import context
from cohab_report.web.access import open_to_all
from cohab_report.web.configuration import settings
from cohab_report.web.extensions import csrf
from cohab_report.web.headers import kept_briefly
from cohab_report.web.languages import current_language, words

RIVER, PAPER = "#14597f", "#f8f6f1"
ICONS = (
    ("app-192.png", "192x192", "image/png", "any"),
    ("app-512.png", "512x512", "image/png", "any"),
    ("app-maskable-512.png", "512x512", "image/png", "maskable"),
    ("favicon.svg", "any", "image/svg+xml", "any"),
)


@bp.get("/signaler/hors-ligne")
@open_to_all
@kept_briefly
def offline_form() -> FlaskResponse:
    """The whole form on one page, which works without network."""
    place, known = PlaceForm(formdata=None, meta={"csrf": False}), territory.ground()
    spots = [search.spot_of(each) for each in known.places]
    place.offer(spots, known.sectors)
    return _same_for_everybody(
        "resident/offline_form.html", whole=shell.form(), place=place, details=QuestionsForm(formdata=None, meta={"csrf": False}),
        belongings=BelongingsForm(formdata=None, meta={"csrf": False}), zone=known.zone, numbers=journey.numbers(), limit=LONGEST_TEXT,
        settings=settings(), help=shell.HELP, spots={spot.value: spot for spot in spots}, finding_kinds=list(FindingKind),
        outside=MESSAGES["place", "outside"], day=today(known.zone), oldest_days=OLDEST.days,
    )  # fmt: skip


@bp.get("/signaler/en-attente")
@open_to_all
@kept_briefly
def waiting() -> FlaskResponse:
    """What is on this phone: drafts, what waits to be sent, receipts. Also what is read in place of a page that needs the network."""
    return _same_for_everybody("resident/waiting.html")


@bp.get("/signaler/jeton")
@open_to_all
def token() -> FlaskResponse:
    """A token for one sending, whenever that is."""
    return jsonify(token=generate_csrf())


@bp.post("/signaler/partage")
@csrf.exempt  # type: ignore[untyped-decorator]
@open_to_all
def share() -> Response:
    """Where photos are handed to when no worker is there to take them: they are not kept, the form asks for them again."""
    return redirect(url_for("resident.offline_form"), 303)


@bp.get("/sw.js")
@open_to_all
@kept_briefly
def worker() -> FlaskResponse:
    """The service worker of this release: its list of what to keep, then the scripts that all releases share."""
    known = {
        "version": release.version(), "files": release.files(), "languages": settings().languages,
        "shells": [url_for("resident.offline_form"), url_for("resident.waiting")], "form": url_for("resident.offline_form"),
        "waiting": url_for("resident.waiting"), "ground": url_for("resident.ground"), "wording": url_for("resident.wording"),
        "share": url_for("resident.share"),
    }  # fmt: skip
    source = f"self.RELEASE = {json.dumps(known)};\nimportScripts(...{json.dumps(release.scripts())});\n"
    return FlaskResponse(source, mimetype="text/javascript")


@bp.get("/manifest.webmanifest")
@open_to_all
@kept_briefly
def manifest() -> FlaskResponse:
    """What a home screen shows of this service, in the language that its address names."""
    city = context.value("city")
    title = f"Cohab Report – {words(city.name)}" if city else "Cohab Report"
    icons = [
        {"src": url_for("static", filename=f"icons/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}
        for name, sizes, kind, purpose in ICONS
    ]
    told: dict[str, Any] = {
        "id": "/", "name": title, "short_name": "Cohab", "lang": current_language(), "dir": "ltr", "start_url": "/", "scope": "/",
        "description": _("Observations de l’espace public, sans compte ni nom, lues par une personne."),
        "display": "standalone", "theme_color": RIVER, "background_color": PAPER, "icons": icons,
        "shortcuts": [
            {"name": _("Signaler"), "url": url_for("resident.start")},
            {"name": _("Suivre une observation"), "url": url_for("resident.follow")},
            {"name": _("Sur ce téléphone"), "url": url_for("resident.waiting")},
        ],
        "share_target": {
            "action": url_for("resident.share"), "method": "POST", "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photos", "accept": ["image/*"]}]},
        },
    }  # fmt: skip
    return FlaskResponse(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")


def _same_for_everybody(template: str, **facts: Any) -> FlaskResponse:
    """The page without what belongs to one session: who has signed in, and the form that changes the language."""
    answer = make_response(render_template(template, current_person=None, languages=[], **facts))
    answer.headers["X-Release"] = release.version()
    return answer
