"""The pages and files for offline use: all the same for everybody, without session, token or name."""

from typing import Any

from flask import Response as FlaskResponse
from flask import json, jsonify, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from cohab_report.clock import today
from cohab_report.intake.models import LONGEST_TEXT
from cohab_report.intake.rules import MAX_OBSERVATION_AGE
from cohab_report.intake.wording import FindingKind
from cohab_report.resident import steps
from cohab_report.resident.blueprint import bp
from cohab_report.resident.forms import MESSAGES, BelongingsForm, PlaceForm, QuestionsForm
from cohab_report.resident.offline import cached_files, whole_form
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.territory import search
from cohab_report.web import context
from cohab_report.web.access import open_to_all
from cohab_report.web.extensions import csrf
from cohab_report.web.headers import cacheable
from cohab_report.web.languages import current_language, words

THEME_COLOUR, BACKGROUND_COLOUR = "#14597f", "#f8f6f1"
ICONS = (
    ("app-192.png", "192x192", "image/png", "any"),
    ("app-512.png", "512x512", "image/png", "any"),
    ("app-maskable-512.png", "512x512", "image/png", "maskable"),
    ("favicon.svg", "any", "image/svg+xml", "any"),
)


@bp.get("/signaler/hors-ligne")
@open_to_all
@cacheable
def offline_form() -> FlaskResponse:
    """Shows the whole form on one page, which works without network."""
    place, city = PlaceForm(formdata=None, meta={"csrf": False}), territory.city_facts()
    spots = [search.spot_of(each) for each in city.places]
    place.offer(spots, city.sectors)
    return _same_for_everybody(
        "resident/offline_form.html",
        whole=whole_form.whole_form(),
        place=place,
        details=QuestionsForm(formdata=None, meta={"csrf": False}),
        belongings=BelongingsForm(formdata=None, meta={"csrf": False}),
        zone=city.zone,
        numbers=steps.emergency_numbers_by_code(),
        limit=LONGEST_TEXT,
        settings=current_settings(),
        help=whole_form.HELP_SIGNPOSTS,
        spots={spot.value: spot for spot in spots},
        finding_kinds=list(FindingKind),
        outside=MESSAGES["place", "outside"],
        day=today(city.zone),
        oldest_days=MAX_OBSERVATION_AGE.days,
    )


@bp.get("/signaler/en-attente")
@open_to_all
@cacheable
def waiting() -> FlaskResponse:
    """Shows what is on this phone: drafts, what waits to be sent, receipts.

    Also served in place of a page that needs the network.
    """
    return _same_for_everybody("resident/waiting.html")


@bp.get("/signaler/jeton")
@open_to_all
def token() -> FlaskResponse:
    """Returns a CSRF token for one sending, whenever that is."""
    return jsonify(token=generate_csrf())


@bp.post("/signaler/partage")
@csrf.exempt  # type: ignore[untyped-decorator]
@open_to_all
def share_photos() -> Response:
    """Redirects photos shared by another app to the form, where no worker took them: they are not stored, the form asks
    for them again.
    """
    return redirect(url_for("resident.offline_form"), 303)


@bp.get("/sw.js")
@open_to_all
@cacheable
def worker() -> FlaskResponse:
    """Returns the service worker of this release: its list of files to cache, then the scripts of all releases."""
    release = {
        "version": cached_files.release_version(),
        "files": cached_files.cached_addresses(),
        "languages": current_settings().languages,
        "shells": [url_for("resident.offline_form"), url_for("resident.waiting")],
        "form": url_for("resident.offline_form"),
        "waiting": url_for("resident.waiting"),
        "ground": url_for("resident.base_map"),
        "wording": url_for("resident.wording"),
        "share": url_for("resident.share_photos"),
    }
    source = (
        f"self.RELEASE = {json.dumps(release)};\nimportScripts(...{json.dumps(cached_files.worker_addresses())});\n"
    )
    return FlaskResponse(source, mimetype="text/javascript")


@bp.get("/manifest.webmanifest")
@open_to_all
@cacheable
def manifest() -> FlaskResponse:
    """Returns the web app manifest, in the language that its address names."""
    city = context.provided_fact("city")
    title = f"Cohab Report – {words(city.name)}" if city else "Cohab Report"
    icons = [
        {"src": url_for("static", filename=f"icons/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}
        for name, sizes, kind, purpose in ICONS
    ]
    fields: dict[str, Any] = {
        "id": "/",
        "name": title,
        "short_name": "Cohab",
        "lang": current_language(),
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "description": _("Observations de l’espace public, sans compte ni nom, lues par une personne."),
        "display": "standalone",
        "theme_color": THEME_COLOUR,
        "background_color": BACKGROUND_COLOUR,
        "icons": icons,
        "shortcuts": [
            {"name": _("Signaler"), "url": url_for("resident.danger_screen")},
            {"name": _("Suivre une observation"), "url": url_for("resident.follow")},
            {"name": _("Sur ce téléphone"), "url": url_for("resident.waiting")},
        ],
        "share_target": {
            "action": url_for("resident.share_photos"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photos", "accept": ["image/*"]}]},
        },
    }
    return FlaskResponse(json.dumps(fields, ensure_ascii=False), mimetype="application/manifest+json")


def _same_for_everybody(template: str, **facts: Any) -> FlaskResponse:
    """Renders the page without what belongs to one session: who is signed in, and the language form."""
    response = make_response(render_template(template, current_person=None, languages=[], **facts))
    response.headers["X-Release"] = cached_files.release_version()
    return response
