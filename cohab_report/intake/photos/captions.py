"""The words by which staff read the codes of a photo. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.intake.photos import events
from cohab_report.intake.photos.models import PhotoReason, PhotoState

PHOTO_STATE_CAPTIONS: Mapping[PhotoState, LazyString] = {
    PhotoState.RECEIVED: _("En préparation"),
    PhotoState.WAITING: _("À regarder"),
    PhotoState.APPROVED: _("Gardée"),
    PhotoState.REJECTED: _("Rejetée, détruite"),
    PhotoState.REFUSED: _("Non reçue"),
    PhotoState.REMOVED: _("Retirée par la personne, détruite"),
    PhotoState.DROPPED: _("Détruite par précaution"),
}
PHOTO_REASON_CAPTIONS: Mapping[PhotoReason, LazyString] = {
    PhotoReason.PERSON: _("Une personne est visible"),
    PhotoReason.BELONGINGS: _("Une tente ou des effets sont visibles"),
    PhotoReason.PLATE_OR_ADDRESS: _("Une plaque ou une adresse est lisible"),
    PhotoReason.NOTHING_TO_SEE: _("Rien d’utile à voir"),
    PhotoReason.OTHER: _("Autre raison"),
}
"""Reasons that the team may give for rejecting a photo, in the order in which they are offered."""
EVENT_CAPTIONS: Mapping[str, LazyString] = {
    events.PhotoReceived.name: _("Photo reçue"),
    events.PhotoApproved.name: _("Photo gardée"),
    events.PhotoRejected.name: _("Photo rejetée et détruite"),
    events.PhotoRefused.name: _("Photo non reçue : fichier illisible"),
    events.PhotoRemoved.name: _("Photo retirée par la personne qui l’a envoyée"),
    events.PhotoDropped.name: _("Photo détruite, par précaution ou parce que sa durée est finie"),
}
"""What happened to a photo, by the event's name."""
