"""The whole form as one page that is the same for everybody: all kinds, categories, questions and advice, without anybody's answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import gettext as _

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Kind, PhotoRule, Protection, Question, Signpost
from cohab_report.db import Words
from cohab_report.resident.sketch import ANSWER
from cohab_report.web.languages import words

HELP = ("A", "C")
"""What is read by whoever says that somebody needs help now."""


@dataclass(frozen=True)
class Label:
    """What a group of choices is called, as macros ask for it."""

    text: str


@dataclass(frozen=True)
class Choices:
    """One question with its answers, drawn by the macros that draw a form's field; a page keeps many under ids of their own."""

    id: str
    name: str
    label: Label
    options: Sequence[tuple[str, str]]
    errors: ClassVar[tuple[str, ...]] = ()

    def iter_choices(self) -> Iterator[tuple[str, str, bool]]:
        """Value, words and whether it is chosen, which none is."""
        return ((value, text, False) for value, text in self.options)


@dataclass(frozen=True)
class Form:
    """All that may be chosen."""

    categories: Sequence[Category]
    posts: Sequence[Signpost]

    def of_kinds(self) -> dict[str, Choices]:
        """For each kind with more than one category, the choice among them."""
        by_kind = {kind.value: [each for each in self.categories if each.kind is kind] for kind in Kind}
        return {
            kind: Choices(
                f"category-{kind}",
                "category",
                Label(_("Ce que vous avez remarqué")),
                [(e.code, words(e.name)) for e in found],
            )
            for kind, found in by_kind.items()
            if len(found) > 1
        }

    def alone(self) -> list[Category]:
        """The categories that are their kind's only one."""
        kinds = [each.kind for each in self.categories]
        return [each for each in self.categories if kinds.count(each.kind) == 1]

    def details(self) -> dict[str, str]:
        """What helps to choose, by category."""
        return {each.code: words(each.help) for each in self.categories}

    def questions(self) -> dict[str, list[Choices]]:
        """Each category's own questions."""
        return {
            each.code: [_asked(each, question) for question in catalogue.questions_of(each)] for each in self.categories
        }

    def facts(self) -> dict[str, Any]:
        """What the page's script must know to go from step to step, by category."""
        return {each.code: _facts(each) for each in self.categories}

    def beside(self) -> list[Signpost]:
        """Advice that is shown beside a question."""
        shown = {code for each in self.categories for code in _beside(each)}
        return [post for post in self.posts if post.code in shown]


def form() -> Form:
    """The form as the city's profile has it now."""
    categories = catalogue.categories_with_questions()
    codes = dict.fromkeys(HELP)
    for each in categories:
        codes |= dict.fromkeys(
            [*_beside(each), *(code for question in catalogue.questions_of(each) for code in question.blocks.values())]
        )
    return Form(categories, catalogue.signposts(codes))


def _beside(category: Category) -> list[str]:
    return [
        *category.signpost_codes,
        *(code for question in catalogue.questions_of(category) for code in question.shows.values()),
    ]


def _asked(category: Category, question: Question) -> Choices:
    options = [(option["code"], words(Words(option["fr"], option["en"]))) for option in question.options]
    # A chosen radio can't be let go of, so there is always a way to say nothing.
    skip = [] if question.is_required or "unknown" in question.option_codes else [("", _("Passer cette question"))]
    code = f"{category.code}-{question.code}"
    return Choices(code, f"{category.code}:{ANSWER}{question.code}", Label(words(question.text)), options + skip)


def _facts(category: Category) -> dict[str, Any]:
    asked = [
        {"code": each.code, "is_required": each.is_required, "shows": each.shows, "blocks": each.blocks}
        for each in catalogue.questions_of(category)
    ]
    return {
        "kind": category.kind.value, "asks_belongings": category.asks_belongings, "photos": category.photo is not PhotoRule.NO,
        "opens_the_form": category.opens_the_form, "posts": category.signpost_codes, "questions": asked,
        "never_public": category.protection is Protection.NEVER_PUBLIC,
    }  # fmt: skip
