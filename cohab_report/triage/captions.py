"""Captions that people who work on cases read for each code: states, reasons, protections, events. No rules."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cohab_report.catalogue.models import Kind, Protection
from cohab_report.intake.inquiries.models import InquiryState
from cohab_report.intake.models import Belongings, Channel, Precision, Status
from cohab_report.intake.photos.models import PhotoReason, PhotoState
from cohab_report.partners.models import Purpose
from cohab_report.triage import events
from cohab_report.triage.models import CaseState, ClosingReason, LinkState, Occupancy

CASE_STATE_CAPTIONS: Mapping[CaseState, LazyString] = {
    CaseState.NEW: _("À trier"),
    CaseState.OCCUPANCY_CHECK: _("Vérification d’occupation"),
    CaseState.ACCEPTED: _("Accepté"),
    CaseState.HANDED_OVER: _("Transmis"),
    CaseState.IN_PROGRESS: _("En cours"),
    CaseState.CLOSED: _("Fermé"),
    CaseState.MERGED: _("Fusionné"),
    CaseState.REOPEN_REQUESTED: _("Réouverture demandée"),
}
KIND_CAPTIONS: Mapping[Kind, LazyString] = {
    Kind.CLEANLINESS: _("Propreté"),
    Kind.SAFETY: _("Sécurité du lieu"),
    Kind.POSITIVE: _("Activité positive"),
    Kind.CONCERN: _("Inquiétude pour quelqu’un"),
}
PURPOSE_CAPTIONS: Mapping[Purpose, LazyString] = {
    Purpose.MAINTENANCE: _("Entretien"),
    Purpose.WELLBEING: _("Mieux-être"),
    Purpose.MEDIATION: _("Médiation"),
    Purpose.SAFETY: _("Sécurité"),
    Purpose.THANKS: _("Remerciements"),
}
PROTECTION_CAPTIONS: Mapping[Protection, LazyString] = {
    Protection.PUBLIC_EXACT: _("Lieu exact public, avec la date"),
    Protection.PUBLIC_CELL: _("Public par zone d’environ 150 m, avec la date"),
    Protection.NEVER_PUBLIC: _("Jamais public"),
}
CLOSING_REASON_CAPTIONS: Mapping[ClosingReason, LazyString] = {
    ClosingReason.DONE: _("C’est fait"),
    ClosingReason.NOTHING_FOUND: _("Rien trouvé sur place"),
    ClosingReason.ALREADY_FOLLOWED: _("Déjà suivi"),
    ClosingReason.HELP_OFFERED: _("De l’aide a été offerte"),
    ClosingReason.OUTSIDE_MANDATE: _("Hors de notre mandat"),
    ClosingReason.REDIRECTED: _("Orienté vers un autre service"),
    ClosingReason.NOT_POSSIBLE: _("Pas possible"),
}
ONE_TAP_REASONS = (
    ClosingReason.DONE,
    ClosingReason.NOTHING_FOUND,
    ClosingReason.ALREADY_FOLLOWED,
    ClosingReason.HELP_OFFERED,
)
"""Closing reasons that the case's page offers as buttons of their own."""
OCCUPANCY_CAPTIONS: Mapping[Occupancy, LazyString] = {
    Occupancy.NONE: _("Aucun signe d’occupation"),
    Occupancy.POSSIBLE: _("Peut-être occupé : à vérifier, travaux bloqués"),
    Occupancy.IN_USE: _("Des effets sont utilisés : travaux bloqués"),
    Occupancy.CLEARED: _("Vérifié : rien n’est utilisé"),
}
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
LINK_STATE_CAPTIONS: Mapping[LinkState, LazyString] = {
    LinkState.SUGGESTED: _("Proposé"),
    LinkState.CONFIRMED: _("Confirmé"),
    LinkState.REJECTED: _("Écarté"),
}
LINK_SOURCE_CAPTIONS: Mapping[str, LazyString] = {
    "category": _("par la catégorie"),
    "queue": _("par la file"),
    "person": _("par l’équipe"),
}
"""Who suggested a link to the plan, by `Link.suggested_by`."""
WORDING_FLAG_CAPTIONS: Mapping[str, LazyString] = {
    "phone": _("un numéro de téléphone"),
    "email": _("une adresse de courriel"),
    "social_link": _("un lien vers un compte personnel"),
    "plate": _("une plaque d’immatriculation"),
    "health_card": _("un numéro d’assurance maladie"),
    "name": _("un nom de personne"),
    "dwelling": _("un logement précis"),
    "person_description": _("la description d’une personne"),
    "health": _("l’état de santé de quelqu’un"),
    "dehumanising": _("un mot qui rabaisse"),
}
"""Kinds of personal or hurtful wording, by the code that `intake.wording` gives them."""
INQUIRY_STATE_CAPTIONS: Mapping[InquiryState, LazyString] = {
    InquiryState.OPEN: _("en attente d’une réponse"),
    InquiryState.ANSWERED: _("réponse reçue"),
    InquiryState.DECLINED: _("préfère ne pas répondre"),
    InquiryState.DROPPED: _("sans objet"),
}
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
    events.CaseClaimed.name: _("Dossier pris"),
    events.CaseReleased.name: _("Dossier libéré"),
    events.CaseAccepted.name: _("Dossier accepté"),
    events.CaseRecoded.name: _("Catégorie changée"),
    events.CaseOutOfPlan.name: _("Marqué hors plan"),
    events.CaseMerged.name: _("Fusionné dans un autre dossier"),
    events.CaseJoined.name: _("Un autre dossier y est fusionné"),
    events.CaseClosed.name: _("Dossier fermé"),
    events.CaseReopeningRequested.name: _("Réouverture demandée"),
    events.LinkConfirmed.name: _("Lien avec le plan confirmé"),
    events.LinkRejected.name: _("Lien avec le plan écarté"),
    events.OccupancyDoubted.name: _("Vérification d’occupation demandée, travaux bloqués"),
    events.OccupancyInUse.name: _("Vérification faite : des effets sont utilisés, travaux bloqués"),
    events.OccupancyCleared.name: _("Vérification faite : rien n’est utilisé, travaux permis"),
}
"""What happened to a case, by the event's name."""
MOVE_REFUSAL_CAPTIONS: Mapping[str, LazyString] = {
    "claimed": _("Une autre personne de l’équipe travaille à ce dossier depuis peu."),
    "locked": _("Quelqu’un vit peut-être là : il faut d’abord que l’équipe d’intervention vérifie le lieu."),
    "held": _("Un partenaire a ce dossier en main : reprenez-le d’abord, ou attendez sa réponse."),
    "over": _("Le dossier est déjà fermé ou fusionné."),
    "plan": _("Il faut d’abord dire à quelle action du plan le dossier contribue, ou qu’il est hors plan."),
    "linked": _("Une action est déjà confirmée : écartez-la d’abord."),
    "not_asked": _("Aucune vérification d’occupation n’est demandée pour ce lieu."),
    "not_works": _("Ce partenaire ne fait pas de travaux : attendez sa réponse."),
    "not_outreach": _("Seule une équipe d’intervention peut dire que le lieu est libre."),
    "same": _("C’est le même dossier."),
    "asked": _("Une question attend déjà la réponse de cette personne."),
    "withdrawn": _("L’observation est retirée : on ne peut plus rien demander."),
    "imported": _("L’observation vient d’un autre système : personne n’a son code de suivi."),
    "photo": _("Quelqu’un a déjà décidé de cette photo, ou elle n’est plus là."),
    "accepted": _("Le partenaire a déjà accepté : c’est à lui de le rendre."),
}
"""Why a case can't be acted on, by `MoveRefused.why`."""
