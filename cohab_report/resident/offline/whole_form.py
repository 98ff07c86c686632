"""The whole form for one page that is the same for everybody: all kinds, categories, questions and advice, without
anybody's answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import gettext as _

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Kind, PhotoRule, Protection, Question, Signpost
from cohab_report.db import Words
from cohab_report.resident.draft import ANSWER_PREFIX
from cohab_report.web.languages import words

HELP_SIGNPOSTS = ("A", "C")
"""The signposts shown to whoever says that somebody needs help now."""


@dataclass(frozen=True)
class Label:
    """The label of a question, in the shape that the form macros expect."""

    text: str


@dataclass(frozen=True)
class QuestionWithAnswers:
    """One question with its answers, rendered by the macros for form fields.

    A page has many, each under an id of its own.
    """

    id: str
    name: str
    label: Label
    options: Sequence[tuple[str, str]]
    errors: ClassVar[tuple[str, ...]] = ()

    def iter_choices(self) -> Iterator[tuple[str, str, bool]]:
        """Returns value, text and whether it is chosen, which none is."""
        return ((value, text, False) for value, text in self.options)


@dataclass(frozen=True)
class WholeForm:
    """The categories to choose from, and the signposts that may be shown."""

    categories: Sequence[Category]
    posts: Sequence[Signpost]

    def of_kinds(self) -> dict[str, QuestionWithAnswers]:
        """Returns the question for the category, by each kind that has more than one."""
        by_kind = {kind.value: [each for each in self.categories if each.kind is kind] for kind in Kind}
        return {
            kind: QuestionWithAnswers(
                f"category-{kind}",
                "category",
                Label(_("Ce que vous avez remarqué")),
                [(category.code, words(category.name)) for category in categories],
            )
            for kind, categories in by_kind.items()
            if len(categories) > 1
        }

    def alone(self) -> list[Category]:
        """Returns the categories that are their kind's only one."""
        kinds = [each.kind for each in self.categories]
        return [each for each in self.categories if kinds.count(each.kind) == 1]

    def details(self) -> dict[str, str]:
        """Returns each category's help text by its code."""
        return {each.code: words(each.help) for each in self.categories}

    def questions(self) -> dict[str, list[QuestionWithAnswers]]:
        """Returns each category's own questions by its code."""
        return {
            each.code: [_question_with_answers(each, question) for question in catalogue.questions_of(each)]
            for each in self.categories
        }

    def facts(self) -> dict[str, Any]:
        """Returns by category code what the page's script needs to go from step to step, as JSON values."""
        return {each.code: _category_facts(each) for each in self.categories}

    def beside(self) -> list[Signpost]:
        """Returns the signposts that are shown beside a question."""
        codes = {code for each in self.categories for code in _signposts_beside(each)}
        return [post for post in self.posts if post.code in codes]


def whole_form() -> WholeForm:
    """Returns the form as the city's profile has it now."""
    categories = catalogue.categories_with_questions()
    codes = dict.fromkeys(HELP_SIGNPOSTS)
    for each in categories:
        codes |= dict.fromkeys(
            [
                *_signposts_beside(each),
                *(code for question in catalogue.questions_of(each) for code in question.blocks.values()),
            ]
        )
    return WholeForm(categories, catalogue.signposts(codes))


def _signposts_beside(category: Category) -> list[str]:
    return [
        *category.signpost_codes,
        *(code for question in catalogue.questions_of(category) for code in question.shows.values()),
    ]


def _question_with_answers(category: Category, question: Question) -> QuestionWithAnswers:
    options = [(option["code"], words(Words(option["fr"], option["en"]))) for option in question.options]
    # A chosen radio can't be let go of, so there is always a way to say nothing.
    skip = [] if question.is_required or "unknown" in question.option_codes else [("", _("Passer cette question"))]
    code = f"{category.code}-{question.code}"
    return QuestionWithAnswers(
        code, f"{category.code}:{ANSWER_PREFIX}{question.code}", Label(words(question.text)), options + skip
    )


def _category_facts(category: Category) -> dict[str, Any]:
    questions = [
        {"code": each.code, "is_required": each.is_required, "shows": each.shows, "blocks": each.blocks}
        for each in catalogue.questions_of(category)
    ]
    return {
        "kind": category.kind.value,
        "asks_belongings": category.asks_belongings,
        "photos": category.photo is not PhotoRule.NO,
        "opens_the_form": category.opens_the_form,
        "posts": category.signpost_codes,
        "questions": questions,
        "never_public": category.protection is Protection.NEVER_PUBLIC,
    }
