"""The words by which staff read the codes of a question to an author. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.intake.inquiries import events
from cohab_report.intake.inquiries.models import InquiryState

INQUIRY_STATE_CAPTIONS: Mapping[InquiryState, LazyString] = {
    InquiryState.OPEN: _("en attente d’une réponse"),
    InquiryState.ANSWERED: _("réponse reçue"),
    InquiryState.DECLINED: _("préfère ne pas répondre"),
    InquiryState.DROPPED: _("sans objet"),
}
EVENT_CAPTIONS: Mapping[str, LazyString] = {
    events.InquiryAsked.name: _("Précision demandée à la personne qui a écrit"),
    events.InquiryAnswered.name: _("Réponse de la personne qui a écrit"),
    events.InquiryDeclined.name: _("La personne qui a écrit préfère ne pas répondre"),
}
"""What happened to a question to an author, by the event's name."""
