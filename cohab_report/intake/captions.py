"""The words by which staff read the codes of an observation. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.intake import events

EVENT_CAPTIONS: Mapping[str, LazyString] = {
    events.ObservationReceived.name: _("Observation reçue"),
    events.ObservationJoined.name: _("Une autre personne a vu la même chose : son observation rejoint le dossier"),
    events.ObservationRedacted.name: _("Texte de l’observation effacé"),
    events.ObservationWithdrawn.name: _("Observation retirée par la personne qui l’a envoyée"),
    events.ReopeningRequested.name: _("« Ce n’est pas réglé », dit la personne qui a écrit"),
    events.ObservationRated.name: _("Réponse à la question de satisfaction"),
}
"""What happened to an observation, by the event's name."""
