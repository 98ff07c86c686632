"""The words by which staff read the codes of a case: states, reasons, links, events. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

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
CLOSING_REASON_CAPTIONS: Mapping[ClosingReason, LazyString] = {
    ClosingReason.DONE: _("C’est fait"),
    ClosingReason.NOTHING_FOUND: _("Rien trouvé sur place"),
    ClosingReason.ALREADY_FOLLOWED: _("Déjà suivi"),
    ClosingReason.HELP_OFFERED: _("De l’aide a été offerte"),
    ClosingReason.OUTSIDE_MANDATE: _("Hors de notre mandat"),
    ClosingReason.REDIRECTED: _("Orienté vers un autre service"),
    ClosingReason.NOT_POSSIBLE: _("Pas possible"),
}
OCCUPANCY_CAPTIONS: Mapping[Occupancy, LazyString] = {
    Occupancy.NONE: _("Aucun signe d’occupation"),
    Occupancy.POSSIBLE: _("Peut-être occupé : à vérifier, travaux bloqués"),
    Occupancy.IN_USE: _("Des effets sont utilisés : travaux bloqués"),
    Occupancy.CLEARED: _("Vérifié : rien n’est utilisé"),
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
EVENT_CAPTIONS: Mapping[str, LazyString] = {
    events.CaseClaimed.name: _("Dossier pris"),
    events.CaseReleased.name: _("Dossier libéré"),
    events.CaseAccepted.name: _("Dossier accepté"),
    events.CaseRecoded.name: _("Catégorie changée"),
    events.CaseOutOfPlan.name: _("Marqué hors plan"),
    events.CaseProtected.name: _("Lieu mieux protégé : il est désormais dans une zone protégée"),
    events.CaseMerged.name: _("Fusionné dans un autre dossier"),
    events.CaseJoined.name: _("Un autre dossier y est fusionné"),
    events.CaseClosed.name: _("Dossier fermé"),
    events.CaseReopeningRequested.name: _("Réouverture demandée"),
    events.CaseReopened.name: _("Dossier rouvert par l’équipe de tri"),
    events.LinkConfirmed.name: _("Lien avec le plan confirmé"),
    events.LinkRejected.name: _("Lien avec le plan écarté"),
    events.OccupancyDoubted.name: _("Vérification d’occupation demandée, travaux bloqués"),
    events.OccupancyInUse.name: _("Vérification faite : des effets sont utilisés, travaux bloqués"),
    events.OccupancyCleared.name: _("Vérification faite : rien n’est utilisé, travaux permis"),
}
"""What happened to a case, by the event's name."""
MOVE_REFUSAL_CAPTIONS: Mapping[str, LazyString] = {
    "claimed": _("Une autre personne de l’équipe travaille à ce dossier depuis peu."),
    "unclaimed": _("Personne n’a pris ce dossier."),
    "already_accepted": _("Le dossier est déjà accepté."),
    "accept_first": _("Acceptez d’abord le dossier pour pouvoir le transmettre."),
    "no_handover": _("Aucun partenaire n’a ce dossier en main."),
    "state": _("Ce geste n’est pas possible dans l’état où est le dossier."),
    "locked": _("Quelqu’un vit peut-être là : il faut d’abord que l’équipe d’intervention vérifie le lieu."),
    "held": _("Un partenaire a ce dossier en main : reprenez-le d’abord, ou attendez sa réponse."),
    "over": _("Le dossier est déjà fermé ou fusionné."),
    "open": _("Le dossier est ouvert : il n’y a rien à rouvrir."),
    "merged": _("Ce dossier est fusionné dans un autre : c’est l’autre qui peut être rouvert."),
    "all_withdrawn": _("Tout ce qui avait été envoyé est retiré : il ne reste rien à rouvrir."),
    "plan": _("Il faut d’abord dire à quelle action du plan le dossier contribue, ou qu’il est hors plan."),
    "linked": _("Une action est déjà confirmée : écartez-la d’abord."),
    "not_asked": _("Aucune vérification d’occupation n’est demandée pour ce lieu."),
    "not_works": _("Ce partenaire ne fait pas de travaux : attendez sa réponse."),
    "not_outreach": _("Seule une équipe d’intervention peut dire que le lieu est libre."),
    "asked": _("Une question attend déjà la réponse de cette personne."),
    "withdrawn": _("L’observation est retirée : on ne peut plus rien demander."),
    "imported": _("L’observation vient d’un autre système : personne n’a son code de suivi."),
    "photo": _("Quelqu’un a déjà décidé de cette photo, ou elle n’est plus là."),
    "police_concern": _("Un souci pour quelqu’un ne va jamais à la police. En danger, appelez le 911."),
    "police_thanks": _("Un remerciement ne va jamais à la police."),
    "police_locked": _("Quelqu’un vit peut-être là : une équipe d’intervention passe d’abord voir le lieu."),
    "police_new": _("Acceptez d’abord le dossier : la police ne reçoit rien que l’équipe n’a pas lu."),
    "accepted": _("Le partenaire a déjà accepté : c’est à lui de le rendre."),
}
"""Why a case can't be acted on, by `MoveRefused.why`."""
