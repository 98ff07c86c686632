"""The words by which staff read the codes of a photo. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.intake.photos import events

EVENT_CAPTIONS: Mapping[str, LazyString] = {
    events.PhotoReceived.name: _("Photo reçue"),
    events.PhotoApproved.name: _("Photo gardée"),
    events.PhotoRejected.name: _("Photo rejetée et détruite"),
    events.PhotoRefused.name: _("Photo non reçue : fichier illisible"),
    events.PhotoRemoved.name: _("Photo retirée par la personne qui l’a envoyée"),
    events.PhotoDropped.name: _("Photo détruite, par précaution ou parce que sa durée est finie"),
}
"""What happened to a photo, by the event's name."""
