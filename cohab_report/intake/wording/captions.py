"""The words for kinds of personal or hurtful wording. Only words; no rule is here."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

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
