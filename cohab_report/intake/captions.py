"""The words by which staff read the codes of an observation. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.intake import events
from cohab_report.intake.models import Belongings, Channel, Precision, Status

BELONGINGS_CAPTIONS: Mapping[Belongings, LazyString] = {
    Belongings.NO: _("Non"),
    Belongings.YES: _("Oui"),
    Belongings.UNKNOWN: _("La personne ne sait pas"),
    Belongings.NOT_ASKED: _("Pas demandé"),
}
PRECISION_CAPTIONS: Mapping[Precision, LazyString] = {
    Precision.POINT: _("point choisi sur la carte"),
    Precision.PLACE: _("lieu choisi dans la liste"),
    Precision.ABOUT: _("à peu près"),
}
CHANNEL_CAPTIONS: Mapping[Channel, LazyString] = {
    Channel.WEB: _("formulaire"),
    Channel.PHONE: _("téléphone"),
    Channel.COUNTER: _("comptoir"),
    Channel.IMPORT: _("importation"),
    Channel.DEMO: _("démonstration"),
}
PUBLIC_STATUS_CAPTIONS: Mapping[Status, LazyString] = {
    Status.RECEIVED: _("Reçu"),
    Status.TAKEN_UP: _("Pris en charge"),
    Status.DONE: _("Terminé"),
    Status.REDIRECTED: _("Orienté vers un autre service"),
    Status.WITHDRAWN: _("Retiré"),
}
SATISFACTION_CAPTIONS: Mapping[str, LazyString] = {
    "yes": _("Oui"),
    "partly": _("En partie"),
    "no": _("Non"),
}
EVENT_CAPTIONS: Mapping[str, LazyString] = {
    events.ObservationReceived.name: _("Observation reçue"),
    events.ObservationJoined.name: _("Une autre personne a vu la même chose : son observation rejoint le dossier"),
    events.ObservationRedacted.name: _("Texte de l’observation effacé"),
    events.ObservationWithdrawn.name: _("Observation retirée par la personne qui l’a envoyée"),
    events.ReopeningRequested.name: _("« Ce n’est pas réglé », dit la personne qui a écrit"),
    events.ObservationRated.name: _("Réponse à la question de satisfaction"),
}
"""What happened to an observation, by the event's name."""
