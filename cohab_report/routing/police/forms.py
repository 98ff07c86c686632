"""Forms of a transfer to the police: what is chosen and written, then the same once more to be confirmed."""

import hmac
import json
from collections.abc import Mapping, Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired

from cohab_report.errors import Invalid
from cohab_report.partners.models import Partner, Person
from cohab_report.routing.models import LegalGround
from cohab_report.routing.operations import LONGEST_HANDOVER_TEXT
from cohab_report.routing.police import rules
from cohab_report.settings import current_settings
from cohab_report.text_limits import trimmed_lines
from cohab_report.triage.forms import TriageActForm
from cohab_report.triage.models import Case
from cohab_report.web.act_forms import TEXT_TOO_LONG
from cohab_report.web.languages import words
from cohab_report.web.select_choices import select_choice
from cohab_report.web.typed_text import text_area

POLICE_INPUT_ERRORS: Mapping[tuple[str, str], LazyString] = {
    ("reason", "missing"): _("Écrivez pourquoi."),
    ("reason", "too_short"): _("Écrivez au moins 20 caractères : une phrase que le comité pourrait lire."),
    ("ground", "unknown"): _("Choisissez un motif de la liste."),
    ("partner", "unknown"): _("Choisissez un corps de police de la liste."),
}
"""The message for refused input, by `Invalid.field` and `Invalid.reason`."""
REASON_LABEL = _("Pourquoi la police, et pas une autre aide ?")


NOT_READ_AGAIN = _("Rien n’est transmis : relisez d’abord ce qui partira, puis confirmez.")


class PoliceForm(TriageActForm):
    """The ground in law and the reason of a transfer to the police, and the first of two confirmations."""

    INPUT_ERRORS, LONGEST_TEXT = POLICE_INPUT_ERRORS, LONGEST_HANDOVER_TEXT
    partner = SelectField(_("Corps de police"), validators=[InputRequired(POLICE_INPUT_ERRORS["partner", "unknown"])])
    ground = RadioField(_("Motif légal"), validators=[InputRequired(_("Choisissez un motif légal."))])
    reason = text_area(
        REASON_LABEL,
        longest=LONGEST_HANDOVER_TEXT,
        too_long=TEXT_TOO_LONG,
        missing=POLICE_INPUT_ERRORS["reason", "missing"],
    )
    understood = BooleanField(
        _("J’ai lu ce qui suivra, et aucune autre aide ne convient."),
        validators=[InputRequired(_("Cochez la case pour continuer."))],
    )

    def offer(self, partners: Sequence[Partner], grounds: Sequence[LegalGround]) -> None:
        """Fills both lists; the only partner of one is chosen beforehand."""
        self.partner.choices = [select_choice(each.code, words(each.name)) for each in partners]
        self.ground.choices = [select_choice(each.code, words(each.name)) for each in grounds]
        if len(partners) == 1 and self.partner.data is None:
            self.partner.data = partners[0].code

    def is_reason_long_enough(self) -> bool:
        """Tells whether the reason says something; if not, says so beside it."""
        is_enough = rules.is_long_enough(self.reason.data or "")
        if not is_enough:
            self.refuse(Invalid("reason", "too_short"))
        return is_enough

    def ask_to_read_again(self) -> None:
        """Says beside the first confirmation that nothing is transferred that was not read on the second page."""
        self.understood.errors = [*self.understood.errors, NOT_READ_AGAIN]


class ConfirmForm(TriageActForm):
    """What was read on the second page, unchanged, the proof that it was shown, and the second confirmation."""

    INPUT_ERRORS, LONGEST_TEXT = POLICE_INPUT_ERRORS, LONGEST_HANDOVER_TEXT
    partner, ground, reason, proof = HiddenField(), HiddenField(), HiddenField(), HiddenField()
    sure = BooleanField(
        _("Oui, je transmets ce dossier à la police."),
        validators=[InputRequired(_("Cochez la case, ou revenez au dossier."))],
    )

    def was_shown(self, case: Case, reader: Person) -> bool:
        """Tells whether this reader was shown exactly this on the second page, for this version of the case."""
        return hmac.compare_digest((self.proof.data or "").encode(), self._signature(case, reader).encode())

    def sign(self, case: Case, reader: Person) -> None:
        """Fills in the proof that this reader is shown what the form holds."""
        self.proof.data = self._signature(case, reader)

    def _signature(self, case: Case, reader: Person) -> str:
        typed = [self.partner.data, self.ground.data, trimmed_lines(self.reason.data)]
        read = json.dumps(["police", case.reference, case.version, reader.id, *typed])
        return hmac.new(current_settings().secret_key.encode(), read.encode(), "sha256").hexdigest()
