"""The panel about partners on a case's page: hand over a case, withdraw an offer, stop works.

The case's page lies upstream in triage, which knows nothing of handovers.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.validators import InputRequired

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import Invalid, MoveRefused, NotFound, Stale
from cohab_report.partners import queries as partners
from cohab_report.partners.captions import PURPOSE_CAPTIONS
from cohab_report.partners.models import Partner, Role
from cohab_report.partners.views import current_person
from cohab_report.routing import operations, queries, suggesting
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.routing.operations import LONGEST_HANDOVER_TEXT
from cohab_report.routing.police import rules as police_rules
from cohab_report.routing.suggesting import RuleFault, Suggestion
from cohab_report.triage import case_page
from cohab_report.triage import queries as triage
from cohab_report.triage import views as triage_views
from cohab_report.triage.forms import NOTHING_CHOSEN, TriageActForm
from cohab_report.triage.models import Case
from cohab_report.web.access import needs
from cohab_report.web.act_forms import TEXT_TOO_LONG
from cohab_report.web.languages import words
from cohab_report.web.select_choices import select_choice
from cohab_report.web.typed_text import gives_back, text_area

bp = Blueprint("partner_panel", __name__, url_prefix="/tri")
PARTNER_CHOICE_ERRORS: dict[str, LazyString] = {
    "police": _("La police ne reçoit un dossier que par sa propre page, jamais par cette liste."),
    "unknown": _("Choisissez un partenaire de la liste."),
    "locked": _("Quelqu’un vit peut-être là : seule une équipe d’intervention peut recevoir ce dossier maintenant."),
    "concern": _("Une inquiétude pour quelqu’un ne va ni à une équipe de travaux ni à la police."),
    "purpose": _("Ce partenaire ne reçoit pas ce genre de dossier. Choisissez-en un autre."),
}
"""The message for a refused choice of partner, by `Invalid.reason`."""


class HandOverForm(TriageActForm):
    """The partner to hand the case over to, and why this one."""

    partner = SelectField(
        _("Partenaire"), validators=[InputRequired(_("Choisissez un partenaire."))], validate_choice=False
    )
    reason = text_area(_("Pourquoi ce partenaire ?"), longest=LONGEST_HANDOVER_TEXT, too_long=TEXT_TOO_LONG)

    def offer(self, partners: list[Partner], suggested_partner: Partner | None) -> None:
        """Fills the list with these partners and their purposes; the suggested one is chosen beforehand."""
        choices = [
            select_choice(partner.code, f"{words(partner.name)} · {', '.join(_purposes_of(partner))}")
            for partner in partners
        ]
        self.partner.choices = [select_choice("", NOTHING_CHOSEN), *choices]
        if suggested_partner is not None and self.partner.data is None:
            self.partner.data = suggested_partner.code

    def refuse(self, error: Invalid) -> None:
        """Shows the operation's refusal beside its field."""
        field = self.reason if error.field == "reason" else self.partner
        field.errors = [
            *field.errors,
            PARTNER_CHOICE_ERRORS.get(error.reason, TEXT_TOO_LONG % {"max": LONGEST_HANDOVER_TEXT}),
        ]


def _purposes_of(partner: Partner) -> list[str]:
    return [str(text) for purpose, text in PURPOSE_CAPTIONS.items() if partner.serves(purpose)]


@dataclass(frozen=True)
class CaseRouting:
    """The routing of a case: the suggestion, the fault of a rule, the handover that stands and those that ended.

    `may_transfer_to_police`: whether the page of such a transfer would offer its form.
    """

    suggestion: Suggestion | None
    rule_fault: RuleFault | None
    standing_handover: Handover | None
    ended_handovers: list[Handover]
    may_transfer_to_police: bool


def handover_panel(case: Case) -> Markup:
    """Returns the panel about partners for a case's page."""
    return _render_handover_panel(case, None)


@bp.post("/dossiers/<reference>/transmettre")
@needs(Role.TRIAGER)
@gives_back(HandOverForm, prefix="partner")
def hand_over(reference: str) -> triage_views.CaseResponse:
    """Offers the case to the chosen partner."""
    case = triage.case_or_refuse(reference)
    form = _handover_form(case, _case_routing(case))
    if form.validate():
        try:
            with transaction():
                case = triage_views.case_if_unchanged(reference)
                partner = _chosen_partner(form)
                suggestion, _rule_fault = operations.suggestion_or_rule_fault(case, at=now())
                operations.hand_over(
                    case, partner, reason=form.reason.data or "", by=current_person(), at=now(), suggestion=suggestion
                )
        except Invalid as error:
            form.refuse(error)
        else:
            return triage_views.redirect_to_case(
                reference, gettext("Le dossier est proposé à %(partner)s.", partner=words(partner.name))
            )
    case = triage.case_or_refuse(reference)
    return case_page.render_case(case, panels={handover_panel: _render_handover_panel(case, form)}), 422


@bp.post("/dossiers/<reference>/reprendre")
@needs(Role.TRIAGER)
@transaction()
def take_back(reference: str) -> Response:
    """Withdraws an offer that nobody answered yet."""
    operations.take_back(_standing_handover_or_refuse(reference), by=current_person(), at=now())
    return triage_views.redirect_to_case(reference, gettext("L’équipe de tri a repris le dossier."))


@bp.post("/dossiers/<reference>/arreter")
@needs(Role.TRIAGER)
@transaction()
def stop_works(reference: str) -> Response:
    """Stops works that were entrusted to a partner, because somebody may live there."""
    operations.stop_works(_standing_handover_or_refuse(reference), by=current_person(), at=now())
    message = gettext(
        "Les travaux sont arrêtés et le partenaire est averti. Une équipe d’intervention regarde d’abord."
    )
    return triage_views.redirect_to_case(reference, message)


bp.register_error_handler(Stale, triage_views.render_conflict)
bp.register_error_handler(MoveRefused, triage_views.render_conflict)


def _chosen_partner(form: HandOverForm) -> Partner:
    try:
        return partners.partner_or_refuse(form.partner.data)
    except NotFound:
        raise Invalid("partner", "unknown") from None


def _standing_handover_or_refuse(reference: str) -> Handover:
    """Returns the standing handover of the case; raises Stale when it was changed, MoveRefused (why: no_handover)."""
    case = triage_views.case_if_unchanged(reference)
    handover = queries.standing_handover(case)
    if handover is None:
        raise MoveRefused("case", case.state.value, HandoverState.GIVEN_BACK.value, "no_handover")
    return handover


def _render_handover_panel(case: Case, form: HandOverForm | None) -> Markup:
    routing = _case_routing(case)
    html = render_template(
        "partner_panel/_panel.html",
        case=case,
        routing=routing,
        form=form or _handover_form(case, routing),
    )
    return Markup(html)  # noqa: S704 - a template of this application, escaped by Jinja


def _case_routing(case: Case) -> CaseRouting:
    suggestion, rule_fault = (
        operations.suggestion_or_rule_fault(case, at=now()) if case.is_with_triage else (None, None)
    )
    handovers = queries.handovers_of(case)
    standing_handover = next((handover for handover in handovers if handover.is_standing), None)
    return CaseRouting(
        suggestion,
        rule_fault,
        standing_handover,
        [handover for handover in handovers if not handover.is_standing],
        police_rules.transfer_refusal(case) is None and bool(queries.police_partners()),
    )


def _handover_form(case: Case, routing: CaseRouting) -> HandOverForm:
    form = HandOverForm(prefix="partner")
    eligible_partners = [
        partner for partner in partners.receiving_partners() if suggesting.handover_refusal(case, partner) is None
    ]
    form.offer(
        eligible_partners, routing.suggestion.partner if routing.suggestion and request.method == "GET" else None
    )
    return form
