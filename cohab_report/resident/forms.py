"""The residents' forms: their fields, lengths and error messages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from cohab_report.catalogue.models import Category, Question
from cohab_report.db import Words
from cohab_report.intake.models import LONGEST_LANDMARK, LONGEST_TEXT
from cohab_report.intake.rules import MAX_OBSERVATION_AGE
from cohab_report.resident.draft import ANSWER_PREFIX, SECTOR_PREFIX
from cohab_report.territory.queries import SectorFacts
from cohab_report.territory.search import Spot
from cohab_report.web.languages import words
from cohab_report.web.select_choices import select_choice
from cohab_report.web.typed_text import text_area, text_line

MESSAGES = {
    ("place", "missing"): _("Choisissez un lieu dans la liste, sur la carte ou avec votre position."),
    ("place", "unknown"): _("Ce lieu n’est plus dans la liste. Choisissez-en un autre."),
    ("place", "unreadable"): _("La position n’a pas pu être lue. Choisissez un lieu dans la liste."),
    ("place", "outside"): _(
        "Ce lieu est hors du territoire de la ville. "
        "Choisissez un lieu en ville, ou adressez-vous à l’autre municipalité."
    ),
    ("landmark", "unreadable"): _("Raccourcissez le repère à 80 caractères au plus."),
    ("category", "unknown"): _("Choisissez ce que vous avez remarqué."),
    ("category", "signpost_only"): _("Ce choix ouvre une page d’aide : rien ne s’envoie. Choisissez autre chose."),
    ("observed_on", "unreadable"): _("Écrivez la date comme 2026-11-22."),
    ("observed_on", "future"): _("Cette date est dans l’avenir. Choisissez aujourd’hui ou un jour passé."),
    ("observed_on", "too_old"): _(
        "Cette date est trop ancienne : choisissez un jour des %(days)s derniers jours.", days=MAX_OBSERVATION_AGE.days
    ),
    ("text", "too_long"): _("Raccourcissez le texte à 280 caractères au plus."),
    ("text", "control"): _("Le texte contient des caractères invisibles. Récrivez-le."),
    ("belongings", "missing"): _("Dites si des effets semblent utilisés. « Je ne sais pas » est une bonne réponse."),
    ("belongings", "unknown"): _("Choisissez une des trois réponses."),
    ("answers", "missing"): _("Il manque une réponse aux questions sur ce que vous avez vu."),
    ("answers", "unknown"): _("Une réponse n’existe plus. Répondez de nouveau aux questions."),
    ("code", "malformed"): _(
        "Un code a vingt lettres et chiffres, comme K7QF-2M9T-4XWD-81RZ-0CVB. Vérifiez qu’il est entier."
    ),
    ("code", "check"): _("Un signe du code est faux, ou deux sont inversés. Relisez-le groupe par groupe."),
    ("code", "unknown"): _("Aucune observation ne porte ce code. Vérifiez-le, ou envoyez une nouvelle observation."),
}
STEP_OF = {
    "place": "place",
    "landmark": "place",
    "category": "category",
    "observed_on": "questions",
    "text": "questions",
    "answers": "questions",
    "belongings": "belongings",
}
CHOOSE_AN_ANSWER = _("Choisissez une réponse.")


class RadioChoice(RadioField):
    """Radio buttons where choosing nothing is left to the validators, which have a message for it."""

    def pre_validate(self, form: Any) -> None:
        """Refuses a value that is not among the choices, but accepts none at all."""
        if self.data:
            super().pre_validate(form)


class PlaceForm(FlaskForm):
    """The form of the place: a point that a phone or a map gave, or a place of the list."""

    place = RadioChoice(_("Lieu"), choices=[], validators=[Optional()], validate_choice=False)
    lon = HiddenField(validators=[Length(max=24)])
    lat = HiddenField(validators=[Length(max=24)])
    landmark = text_line(
        _("Repère sur place"),
        longest=LONGEST_LANDMARK,
        too_long=MESSAGES["landmark", "unreadable"],
        filters=[lambda typed: " ".join((typed or "").split())],
    )

    def offer(self, spots: Iterable[Spot], sectors: Iterable[SectorFacts]) -> None:
        """Sets the list's choices: these places, streets and corners, then the sectors for somebody who doesn't know
        exactly.
        """
        place_choices = [select_choice(spot.value, words(spot.name)) for spot in spots]
        sector_choices = [select_choice(SECTOR_PREFIX + sector.code, words(sector.name)) for sector in sectors]
        self.place.choices = place_choices + sector_choices

    def refuse(self, reason: str) -> None:
        """Sets the place's error message for this reason of an Invalid error."""
        self.place.errors = [MESSAGES["place", reason]]


class CategoryForm(FlaskForm):
    """The form of the category, among those of one kind."""

    category = RadioChoice(_("Ce que vous avez remarqué"), validators=[InputRequired(MESSAGES["category", "unknown"])])

    def offer(self, categories: Iterable[Category]) -> None:
        """Sets the categories to choose from."""
        self.category.choices = [select_choice(category.code, words(category.name)) for category in categories]


class BelongingsForm(FlaskForm):
    """The form of the belongings check, which keeps people's belongings from being thrown away."""

    belongings = RadioChoice(
        _("Y a-t-il une tente, de la literie ou des effets qui semblent utilisés ?"),
        choices=[
            select_choice("no", _("Non")),
            select_choice("yes", _("Oui")),
            select_choice("unknown", _("Je ne sais pas")),
        ],
        validators=[InputRequired(MESSAGES["belongings", "missing"])],
    )


class QuestionsForm(FlaskForm):
    """The form of the details: words and a day; `form_with_questions` adds the category's own questions."""

    text = text_area(_("Un détail utile sur le lieu"), longest=LONGEST_TEXT, too_long=MESSAGES["text", "too_long"])
    observed_on = DateField(
        _("Quand l’avez-vous vu ?"), validators=[InputRequired(MESSAGES["observed_on", "unreadable"])]
    )
    day: date
    """Today in the city's time zone."""

    def validate_text(self, typed: TextAreaField) -> None:
        """Refuses control characters: they would hide words from whoever reads them."""
        if any(ord(character) < 32 and character not in "\n\t" for character in typed.data or ""):
            raise ValidationError(MESSAGES["text", "control"])

    def validate_observed_on(self, typed: DateField) -> None:
        """Refuses a day in the future or too far in the past."""
        if typed.data and typed.data > self.day:
            raise ValidationError(MESSAGES["observed_on", "future"])
        if typed.data and typed.data < self.day - MAX_OBSERVATION_AGE:
            raise ValidationError(MESSAGES["observed_on", "too_old"])

    def category_questions(self) -> list[Field]:
        """Returns the fields of the category's own questions, in order."""
        return [each for each in self if each.name.startswith(ANSWER_PREFIX)]

    def answers(self) -> dict[str, str]:
        """Returns the non-empty answers by the code of their question."""
        return {
            each.name.removeprefix(ANSWER_PREFIX): str(each.data) for each in self.category_questions() if each.data
        }


FormWithQuestions = TypeVar("FormWithQuestions", bound=QuestionsForm)


def questions_form(questions: Sequence[Question], today: date, data: Mapping[str, Any]) -> QuestionsForm:
    """Makes the details form with these questions; `data` are the values that it starts with, by field name."""
    return form_with_questions(QuestionsForm, questions, today, data)


def form_with_questions(
    form_class: type[FormWithQuestions], questions: Sequence[Question], today: date, data: Mapping[str, Any]
) -> FormWithQuestions:
    """Makes a form of this class with a field for each of these questions.

    `data` are its starting values by field name.
    """
    question_fields: dict[str, Any] = {
        ANSWER_PREFIX + question.code: _question_field(question) for question in questions
    }
    extended_class = type("QuestionsOfCategory", (form_class,), question_fields)
    form: FormWithQuestions = extended_class(data=dict(data))
    form.day = today
    # WTForms says in English what it can't read; this says it in the reader's language.
    if form.observed_on.process_errors:
        form.observed_on.process_errors = [MESSAGES["observed_on", "unreadable"]]
    return form


class FollowForm(FlaskForm):
    """The form of the follow-up code, which opens one's own observation."""

    code = StringField(
        _("Votre code de suivi"),
        validators=[
            InputRequired(MESSAGES["code", "malformed"]),
            Length(max=80, message=MESSAGES["code", "malformed"]),
        ],
    )

    def refuse(self, reason: str) -> None:
        """Sets the code's error message for this reason of an Invalid error."""
        self.code.errors = [MESSAGES["code", reason]]


def _question_field(question: Question) -> RadioChoice:
    choices = [select_choice(option["code"], words(Words(option["fr"], option["en"]))) for option in question.options]
    if question.is_required:
        return RadioChoice(words(question.text), choices=choices, validators=[InputRequired(CHOOSE_AN_ANSWER)])
    # A chosen radio can't be let go of without scripts, so there is always a way to say nothing.
    skip = [] if "unknown" in question.option_codes else [select_choice("", _("Passer cette question"))]
    return RadioChoice(
        words(question.text), choices=choices + skip, default="" if skip else None, validators=[Optional()]
    )
