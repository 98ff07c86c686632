"""The residents' questions on one page, for somebody who listens; beside them, how the caller came and which language they speak."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from flask_babel import lazy_gettext as _
from wtforms import HiddenField
from wtforms.validators import InputRequired

from cohab_report.catalogue.models import Category, Question
from cohab_report.errors import Invalid
from cohab_report.intake.models import Channel
from cohab_report.intake.rules import Draft
from cohab_report.resident.forms import CHOOSE, MESSAGES, BelongingsForm, Choice, PlaceForm, QuestionsForm, form_asking
from cohab_report.resident.sketch import Sketch
from cohab_report.territory.queries import Ground
from cohab_report.web.choices import choice

LANGUAGES = {"fr": _("Français"), "en": _("Anglais")}


class CallerForm(PlaceForm, QuestionsForm, BelongingsForm):
    """All that a caller may be asked about one category. Nothing in it is about the caller but the language they speak."""

    client_id = HiddenField()
    channel = Choice(
        _("Comment la personne vous joint"),
        choices=[choice(Channel.PHONE, _("Par téléphone")), choice(Channel.COUNTER, _("Au comptoir"))],
        default=Channel.PHONE.value,
        validators=[InputRequired(CHOOSE)],
    )
    language = Choice(_("Langue de la personne"), choices=[], validators=[InputRequired(CHOOSE)])

    def to_draft(self, category: Category, ground: Ground) -> Draft:
        """What the intake operation is asked to receive; raises Invalid(field, reason) for what can't even be read."""
        point = {"lon": self.lon.data or "", "lat": self.lat.data or ""}
        named = "" if any(point.values()) else self.place.data or ""
        sketch = Sketch(
            client_id=self.client_id.data or "", kind=category.kind.value, category=category.code, **point, place=named,
            landmark=self.landmark.data or "", text=self.text.data or "", observed_on=str(self.observed_on.data),
            belongings=self.belongings.data or "" if "belongings" in self else "", answers=self.answers(),
        )  # fmt: skip
        return replace(sketch.to_draft(ground, language=self.language.data), channel=Channel(self.channel.data))

    def refuse_because(self, error: Invalid) -> None:
        """The field that the error speaks of says what must be mended; what no field can say, the place says."""
        field = self._fields.get(error.field, self.place)
        field.errors = [*field.errors, MESSAGES.get((error.field, error.reason), MESSAGES["answers", "unknown"])]


def caller_form(
    category: Category, questions: Sequence[Question], day: date, *, known: Mapping[str, Any], languages: Sequence[str]
) -> CallerForm:
    """The form for a caller who speaks of this category, in its own words; `day` is today in the city."""
    begun = {"client_id": str(uuid4()), "observed_on": day, "language": languages[0]}
    form = form_asking(CallerForm, questions, day, {**begun, **known})
    form.language.choices = [choice(code, LANGUAGES.get(code, code)) for code in languages]
    if not category.asks_belongings:
        del form.belongings
    return form
