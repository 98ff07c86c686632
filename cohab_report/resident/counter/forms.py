"""The form with which staff enter a caller's observation: the residents' questions on one page, the channel and the
caller's language.
"""

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
from cohab_report.intake.rules import Submission
from cohab_report.resident.draft import Draft
from cohab_report.resident.forms import (
    CHOOSE_AN_ANSWER,
    MESSAGES,
    BelongingsForm,
    PlaceForm,
    QuestionsForm,
    RadioChoice,
    form_with_questions,
)
from cohab_report.territory.queries import CityFacts
from cohab_report.web.select_choices import select_choice

CALLER_LANGUAGES = {"fr": _("Français"), "en": _("Anglais")}


class CallerForm(PlaceForm, QuestionsForm, BelongingsForm):
    """The questions to a caller about one category. Nothing in it is about the caller but the language they speak."""

    client_id = HiddenField()
    channel = RadioChoice(
        _("Comment la personne vous joint"),
        choices=[select_choice(Channel.PHONE, _("Par téléphone")), select_choice(Channel.COUNTER, _("Au comptoir"))],
        default=Channel.PHONE.value,
        validators=[InputRequired(CHOOSE_AN_ANSWER)],
    )
    language = RadioChoice(_("Langue de la personne"), choices=[], validators=[InputRequired(CHOOSE_AN_ANSWER)])

    def to_submission(self, category: Category, city: CityFacts) -> Submission:
        """Makes the submission that intake receives; raises Invalid(field, reason) for values that can't be parsed."""
        point = {"lon": self.lon.data or "", "lat": self.lat.data or ""}
        place = "" if any(point.values()) else self.place.data or ""
        draft = Draft(
            client_id=self.client_id.data or "",
            kind=category.kind.value,
            category=category.code,
            **point,
            place=place,
            landmark=self.landmark.data or "",
            text=self.text.data or "",
            observed_on=str(self.observed_on.data),
            belongings=self.belongings.data or "" if "belongings" in self else "",
            answers=self.answers(),
        )
        return replace(draft.to_submission(city, language=self.language.data), channel=Channel(self.channel.data))

    def add_error(self, error: Invalid) -> None:
        """Adds the error's message to its field, or to the place where the form has no such field."""
        field = self._fields.get(error.field, self.place)
        field.errors = [*field.errors, MESSAGES.get((error.field, error.reason), MESSAGES["answers", "unknown"])]


def caller_form(
    category: Category, questions: Sequence[Question], day: date, *, data: Mapping[str, Any], languages: Sequence[str]
) -> CallerForm:
    """Makes the form for a caller who reports this category.

    `day` is today in the city, `data` overrides the defaults.
    """
    defaults = {"client_id": str(uuid4()), "observed_on": day, "language": languages[0]}
    form = form_with_questions(CallerForm, questions, day, {**defaults, **data})
    form.language.choices = [select_choice(code, CALLER_LANGUAGES.get(code, code)) for code in languages]
    if not category.asks_belongings:
        del form.belongings
    return form
