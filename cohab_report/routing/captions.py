"""The words by which staff read the codes of a handover. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.routing import events

EVENT_CAPTIONS: Mapping[str, LazyString] = {
    events.HandoverOffered.name: _("Proposé à un partenaire"),
    events.PoliceTransferred.name: _("Transmis à la police, par une personne et avec un motif légal"),
    events.HandoverAccepted.name: _("Accepté par le partenaire"),
    events.HandoverDeclined.name: _("Refusé par le partenaire"),
    events.HandoverStarted.name: _("Le partenaire est à l’œuvre"),
    events.HandoverDone.name: _("Le partenaire a terminé"),
    events.HandoverGivenBack.name: _("Rendu par le partenaire"),
    events.HandoverTakenBack.name: _("Repris par l’équipe de tri"),
    events.HandoverStopped.name: _("Travaux arrêtés : quelqu’un vit peut-être là"),
}
"""What happened to a handover, by the event's name."""
