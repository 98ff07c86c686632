"""The residents' forms: what may be chosen or typed, how long it may be, and the words of their errors."""

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
from cohab_report.intake.rules import OLDEST
from cohab_report.resident.sketch import ANSWER, SECTOR
from cohab_report.territory.queries import SectorFacts
from cohab_report.territory.search import Spot
from cohab_report.web.choices import choice
from cohab_report.web.languages import words

MESSAGES = {
    ("place", "missing"): _("Choisissez un lieu dans la liste, sur la carte ou avec votre position."),
    ("place", "unknown"): _("Ce lieu n’est plus dans la liste. Choisissez-en un autre."),
    ("place", "unreadable"): _("La position n’a pas pu être lue. Choisissez un lieu dans la liste."),
    ("place", "outside"): _(
        "Ce lieu est hors du territoire de la ville. Choisissez un lieu en ville, ou adressez-vous à l’autre municipalité."
    ),
    ("landmark", "unreadable"): _("Raccourcissez le repère à 80 caractères au plus."),
    ("category", "unknown"): _("Choisissez ce que vous avez remarqué."),
    ("category", "signpost_only"): _("Ce choix ouvre une page d’aide : rien ne s’envoie. Choisissez autre chose."),
    ("observed_on", "unreadable"): _("Écrivez la date comme 2026-11-22."),
    ("observed_on", "future"): _("Cette date est dans l’avenir. Choisissez aujourd’hui ou un jour passé."),
    ("observed_on", "too_old"): _(
        "Cette date est trop ancienne : choisissez un jour des %(days)s derniers jours.", days=OLDEST.days
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
CHOOSE = _("Choisissez une réponse.")


class Choice(RadioField):
    """One of a few answers; none at all is a matter for validators, which say it in words."""

    def pre_validate(self, form: Any) -> None:
        """Returns for an answer that was offered, and for no answer."""
        if self.data:
            super().pre_validate(form)


class PlaceForm(FlaskForm):
    """Where it is: a point that a phone or a map gave, or a place of the list."""

    place = Choice(_("Lieu"), choices=[], validators=[Optional()], validate_choice=False)
    lon = HiddenField(validators=[Length(max=24)])
    lat = HiddenField(validators=[Length(max=24)])
    landmark = StringField(
        _("Repère sur place"),
        validators=[Length(max=LONGEST_LANDMARK, message=MESSAGES["landmark", "unreadable"])],
        filters=[lambda typed: " ".join((typed or "").split())],
    )

    def offer(self, spots: Iterable[Spot], sectors: Iterable[SectorFacts]) -> None:
        """The list has these places, streets and corners, then the sectors for somebody who doesn't know exactly."""
        named = [choice(spot.value, words(spot.name)) for spot in spots]
        about = [choice(SECTOR + sector.code, words(sector.name)) for sector in sectors]
        self.place.choices = named + about

    def refuse(self, reason: str) -> None:
        """The place can't be accepted, for the reason that the code says."""
        self.place.errors = [MESSAGES["place", reason]]


class CategoryForm(FlaskForm):
    """What it is, among the categories of one kind."""

    category = Choice(_("Ce que vous avez remarqué"), validators=[InputRequired(MESSAGES["category", "unknown"])])

    def offer(self, categories: Iterable[Category]) -> None:
        """These may be chosen."""
        self.category.choices = [choice(category.code, words(category.name)) for category in categories]


class BelongingsForm(FlaskForm):
    """The check that keeps people's belongings from being thrown away."""

    belongings = Choice(
        _("Y a-t-il une tente, de la literie ou des effets qui semblent utilisés ?"),
        choices=[choice("no", _("Non")), choice("yes", _("Oui")), choice("unknown", _("Je ne sais pas"))],
        validators=[InputRequired(MESSAGES["belongings", "missing"])],
    )


class QuestionsForm(FlaskForm):
    """What every observation may say beside its category's own questions: words and a day."""

    text = TextAreaField(
        _("Un détail utile sur le lieu"),
        validators=[Length(max=LONGEST_TEXT, message=MESSAGES["text", "too_long"])],
        filters=[lambda typed: (typed or "").replace("\r\n", "\n").strip()],
    )
    observed_on = DateField(
        _("Quand l’avez-vous vu ?"), validators=[InputRequired(MESSAGES["observed_on", "unreadable"])]
    )
    day: date
    """The day it is in the city."""

    def validate_text(self, typed: TextAreaField) -> None:
        """No invisible characters: they would hide words from whoever reads them."""
        if any(ord(letter) < 32 and letter not in "\n\t" for letter in typed.data or ""):
            raise ValidationError(MESSAGES["text", "control"])

    def validate_observed_on(self, typed: DateField) -> None:
        """A day that has been, and lately."""
        if typed.data and typed.data > self.day:
            raise ValidationError(MESSAGES["observed_on", "future"])
        if typed.data and typed.data < self.day - OLDEST:
            raise ValidationError(MESSAGES["observed_on", "too_old"])

    def own_questions(self) -> list[Field]:
        """The fields of the category's own questions, in order."""
        return [each for each in self if each.name.startswith(ANSWER)]

    def answers(self) -> dict[str, str]:
        """The answers given, by the code of their question."""
        return {each.name.removeprefix(ANSWER): str(each.data) for each in self.own_questions() if each.data}


Asking = TypeVar("Asking", bound=QuestionsForm)


def questions_form(questions: Sequence[Question], today: date, known: Mapping[str, Any]) -> QuestionsForm:
    """The form that asks these questions; `known` are answers given before."""
    return form_asking(QuestionsForm, questions, today, known)


def form_asking(kind: type[Asking], questions: Sequence[Question], today: date, known: Mapping[str, Any]) -> Asking:
    """A form of this kind that asks these questions too."""
    asked: dict[str, Any] = {ANSWER + question.code: _question_field(question) for question in questions}
    made = type("QuestionsOfCategory", (kind,), asked)
    form: Asking = made(data=dict(known))
    form.day = today
    # WTForms says in English what it can't read; this says it in the reader's language.
    if form.observed_on.process_errors:
        form.observed_on.process_errors = [MESSAGES["observed_on", "unreadable"]]
    return form


class FollowForm(FlaskForm):
    """The code that opens one's own observation."""

    code = StringField(
        _("Votre code de suivi"),
        validators=[
            InputRequired(MESSAGES["code", "malformed"]),
            Length(max=80, message=MESSAGES["code", "malformed"]),
        ],
    )

    def refuse(self, reason: str) -> None:
        """The code opens nothing."""
        self.code.errors = [MESSAGES["code", reason]]


def _question_field(question: Question) -> Choice:
    choices = [choice(option["code"], words(Words(option["fr"], option["en"]))) for option in question.options]
    if question.is_required:
        return Choice(words(question.text), choices=choices, validators=[InputRequired(CHOOSE)])
    # A chosen radio can't be let go of without scripts, so there is always a way to say nothing.
    skip = [] if "unknown" in question.option_codes else [choice("", _("Passer cette question"))]
    return Choice(words(question.text), choices=choices + skip, default="" if skip else None, validators=[Optional()])
