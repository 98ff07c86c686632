"""What the triage desk may do about partners: entrust a case to one, and withdraw an offer. It adds its panel to the case's page, which
lies upstream and knows nothing of partners' hands.
"""

from dataclasses import dataclass

from flask import Blueprint, Flask, render_template, request
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, MoveRefused, NotThere, Stale
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Partner, Role
from cohab_report.partners.views import current_person
from cohab_report.routing import operations, queries
from cohab_report.routing.models import Handover
from cohab_report.routing.operations import LONGEST_WORDS
from cohab_report.routing.rules import RuleBroken, Suggestion
from cohab_report.triage import captions, screen
from cohab_report.triage import queries as triage
from cohab_report.triage import views as triage_desk
from cohab_report.triage.forms import NOTHING_CHOSEN, TOO_LONG, ActForm
from cohab_report.triage.models import Case
from cohab_report.web.access import needs
from cohab_report.web.choices import choice
from cohab_report.web.languages import words

bp = Blueprint("desk", __name__, url_prefix="/tri")
REFUSALS: dict[str, LazyString] = {
    "police": _("Une transmission à la police demande une raison écrite : écrivez-la."),
    "locked": _("Quelqu’un vit peut-être là : seule une équipe d’intervention peut recevoir ce dossier maintenant."),
    "purpose": _("Ce partenaire ne reçoit pas ce genre de dossier. Choisissez-en un autre."),
}


class HandOverForm(ActForm):
    """The partner, and why this one."""

    partner = SelectField(_("Partenaire"), validators=[InputRequired(_("Choisissez un partenaire."))])
    reason = TextAreaField(_("Pourquoi ce partenaire ?"), validators=[Length(max=LONGEST_WORDS, message=TOO_LONG)])

    def offer(self, partners: list[Partner], suggested: Partner | None) -> None:
        """The list shows these partners with what they are for; the suggested one is chosen beforehand."""
        offered = [
            choice(partner.code, f"{words(partner.name)} · {', '.join(_purposes_of(partner))}") for partner in partners
        ]
        self.partner.choices = [choice("", NOTHING_CHOSEN), *offered]
        if suggested is not None and self.partner.data is None:
            self.partner.data = suggested.code

    def refuse(self, error: Invalid) -> None:
        """What routing refused stands beside its field."""
        field = self.reason if error.field == "reason" else self.partner
        field.errors = [*field.errors, REFUSALS.get(error.reason, TOO_LONG % {"max": LONGEST_WORDS})]


def _purposes_of(partner: Partner) -> list[str]:
    return [str(text) for known, text in captions.PURPOSES.items() if partner.serves(known)]


@dataclass(frozen=True)
class Routing:
    """How a case stands with partners: what is suggested and why, who has it, who had it."""

    suggestion: Suggestion | None
    broken: RuleBroken | None
    standing: Handover | None
    ended: list[Handover]


def init_app(app: Flask) -> None:
    """Every case of the triage desk shows its partners."""
    app.register_blueprint(bp)
    screen.add_panel(app, panel)


def panel(case: Case) -> Markup:
    """The acts about partners on a case's page, with what was typed and refused when it was this form that was sent."""
    return _panel(case, None)


@bp.post("/dossiers/<reference>/transmettre")
@needs(Role.TRIAGER)
def hand_over(reference: str) -> triage_desk.Answer:
    """The case is offered to the partner that was chosen."""
    case = triage.case_or_refuse(reference)
    form = _form(case, _routing(case))
    if form.validate():
        try:
            with transaction():
                case = triage_desk.case_as_read(reference)
                partner = partners.partner_or_refuse(form.partner.data)
                suggestion, _broken = operations.suggest_or_alert(case, at=now())
                operations.hand_over(
                    case, partner, reason=form.reason.data or "", by=current_person(), at=now(), suggestion=suggestion
                )
        except Invalid as error:
            form.refuse(error)
        else:
            return triage_desk.back_to(
                reference, gettext("Le dossier est proposé à %(partner)s.", partner=words(partner.name))
            )
    case = triage.case_or_refuse(reference)
    return screen.drawn(case, panels={panel: _panel(case, form)}), 422


@bp.post("/dossiers/<reference>/reprendre")
@needs(Role.TRIAGER)
@transaction()
def take_back(reference: str) -> Response:
    """An offer that nobody answered yet is withdrawn."""
    operations.take_back(_standing(reference), by=current_person(), at=now())
    return triage_desk.back_to(reference, gettext("L’équipe de tri a repris le dossier."))


@bp.post("/dossiers/<reference>/arreter")
@needs(Role.TRIAGER)
@transaction()
def stop_works(reference: str) -> Response:
    """Works that were entrusted to a partner stop: somebody may live there."""
    operations.stop_works(_standing(reference), by=current_person(), at=now())
    told = gettext("Les travaux sont arrêtés et le partenaire est averti. Une équipe d’intervention regarde d’abord.")
    return triage_desk.back_to(reference, told)


bp.register_error_handler(Stale, triage_desk.refused)
bp.register_error_handler(MoveRefused, triage_desk.refused)


def _standing(reference: str) -> Handover:
    """The handover that stands for the case, which is as its reader read it; raises NotThere without one, or Stale."""
    standing = queries.standing(triage_desk.case_as_read(reference))
    if standing is None:
        raise NotThere
    return standing


def _panel(case: Case, form: HandOverForm | None) -> Markup:
    routing = _routing(case)
    drawn = render_template(
        "desk/_panel.html", case=case, routing=routing, form=form or _form(case, routing), captions=captions
    )
    return Markup(drawn)  # noqa: S704 - a template of this house, escaped by Jinja


def _routing(case: Case) -> Routing:
    suggestion, broken = operations.suggest_or_alert(case, at=now()) if case.is_with_triage else (None, None)
    handovers = queries.handovers_of(case)
    standing = next((handover for handover in handovers if handover.is_standing), None)
    return Routing(suggestion, broken, standing, [handover for handover in handovers if not handover.is_standing])


def _form(case: Case, routing: Routing) -> HandOverForm:
    form = HandOverForm(prefix="partner")
    able = [
        partner
        for partner in partners.receiving_partners()
        if partner.is_transfer_only
        or (partner.does_outreach if case.works_are_locked else partner.serves(case.category.purpose))
    ]
    form.offer(able, routing.suggestion.partner if routing.suggestion and request.method == "GET" else None)
    return form
