"""Tables of the catalogue, filled from the city profile: categories, questions, signposts, emergency numbers, responses
to residents.
"""

from enum import IntEnum, StrEnum

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from cohab_report.db import Id, Model, OrderedEnum, Words, db, enum_column
from cohab_report.partners.models import Partner, Purpose
from cohab_report.plan.models import Action


class Kind(StrEnum):
    """The kind of an observation; a concern (a worry about somebody) has a form and rules of its own."""

    CLEANLINESS = "cleanliness"
    SAFETY = "safety"
    POSITIVE = "positive"
    CONCERN = "concern"


class Protection(IntEnum):
    """How much of an observation may be public; a greater number protects more, and an observation's protection only
    rises.
    """

    PUBLIC_EXACT = 1
    PUBLIC_CELL = 2
    NEVER_PUBLIC = 3


class Priority(IntEnum):
    """How soon a case is due; a smaller number is sooner. Only hazards raise it, never the number of reports."""

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4
    P5 = 5


class PhotoRule(StrEnum):
    """Whether a category takes photos."""

    YES = "yes"
    NO = "no"
    NO_PEOPLE = "no_people"


class AnsweredBy(StrEnum):
    """Whether a category opens the form, or only shows a signpost."""

    FORM = "form"
    SIGNPOST = "signpost"


class Grain(StrEnum):
    """The finest area that staff pages show for a sensitive observation near a protected site."""

    CELL = "cell"
    SECTOR = "sector"


FOR_ALL = "*"
"""The `Response.category` of a text for all categories."""

category_action = Table(
    "category_action",
    db.metadata,
    Column("category_id", ForeignKey("category.id", ondelete="CASCADE"), primary_key=True),
    Column("action_id", ForeignKey("action.id"), primary_key=True),
)


class Category(Model):
    """A category of observations, with its protection, questions, priority and routing."""

    __tablename__ = "category"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    position: Mapped[int] = mapped_column(Integer)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    help_fr: Mapped[str] = mapped_column(Text)
    help_en: Mapped[str] = mapped_column(Text)
    help: Mapped[Words] = composite(Words, "help_fr", "help_en")
    protection: Mapped[Protection] = mapped_column(OrderedEnum(Protection))
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    priority: Mapped[Priority] = mapped_column(OrderedEnum(Priority))
    signpost_codes: Mapped[list[str]] = mapped_column(JSON)
    asks_belongings: Mapped[bool] = mapped_column(Boolean)
    locks_works: Mapped[bool] = mapped_column(Boolean)
    photo: Mapped[PhotoRule] = mapped_column(enum_column(PhotoRule))
    answered_by: Mapped[AnsweredBy] = mapped_column(enum_column(AnsweredBy))
    queue_code: Mapped[str] = mapped_column(String(24))
    """The code of the queue for its cases; queues are `triage`'s, which is downstream."""
    near_protected: Mapped[Grain] = mapped_column(enum_column(Grain))
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    lead: Mapped[Partner | None] = relationship()
    actions: Mapped[list[Action]] = relationship(secondary=category_action, order_by=Action.code)
    questions: Mapped[list["Question"]] = relationship(back_populates="category", order_by="Question.position")

    @property
    def opens_the_form(self) -> bool:
        """Returns whether observations of this category may be sent."""
        return self.answered_by is AnsweredBy.FORM and not self.is_retired


class Question(Model):
    """A category's question: always a choice, never free text."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("category_id", "code"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(24))
    position: Mapped[int] = mapped_column(Integer)
    is_required: Mapped[bool] = mapped_column(Boolean, default=False)
    text_fr: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    text: Mapped[Words] = composite(Words, "text_fr", "text_en")
    options: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """`[{"code": …, "fr": …, "en": …}]` in the order they are shown."""
    raises: Mapped[dict[str, int]] = mapped_column(JSON)
    """Option code to the priority that this hazard raises the case to."""
    shows: Mapped[dict[str, str]] = mapped_column(JSON)
    """Option code to the code of the signpost shown beside the form."""
    blocks: Mapped[dict[str, str]] = mapped_column(JSON)
    """Option code to the code of the signpost that replaces the form: an emergency is never sent as an observation."""
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    category: Mapped[Category] = relationship(back_populates="questions")

    @property
    def option_codes(self) -> tuple[str, ...]:
        """Returns the codes of the options, in the order they are shown."""
        return tuple(option["code"] for option in self.options)

    def words_of(self, option_code: str) -> Words:
        """Returns an option's text; raises KeyError for a code that is not this question's."""
        by_code = {option["code"]: Words(option["fr"], option["en"]) for option in self.options}
        return by_code[option_code]


class EmergencyNumber(Model):
    """A telephone number to call, and when to call it."""

    __tablename__ = "emergency_number"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    position: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(40))
    tel: Mapped[str] = mapped_column(String(40))
    label_fr: Mapped[str] = mapped_column(Text)
    label_en: Mapped[str] = mapped_column(Text)
    label: Mapped[Words] = composite(Words, "label_fr", "label_en")
    when_fr: Mapped[str] = mapped_column(Text)
    when_en: Mapped[str] = mapped_column(Text)
    when: Mapped[Words] = composite(Words, "when_fr", "when_en")
    level: Mapped[str] = mapped_column(String(12))
    """`danger`, `help` or `city`."""
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)


class Signpost(Model):
    """Advice on whom to call or what to do, shown instead of or beside the form."""

    __tablename__ = "signpost"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    title_fr: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    title: Mapped[Words] = composite(Words, "title_fr", "title_en")
    body_fr: Mapped[str] = mapped_column(Text)
    body_en: Mapped[str] = mapped_column(Text)
    body: Mapped[Words] = composite(Words, "body_fr", "body_en")
    """Paragraphs, one a line."""
    number_codes: Mapped[list[str]] = mapped_column(JSON)
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)


class Response(Model):
    """The text that residents read when a case of this category is closed with this outcome."""

    __tablename__ = "response"
    __table_args__ = (UniqueConstraint("category", "outcome"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    category: Mapped[str] = mapped_column(String(16))
    """A category's code, a kind, or `*` for all; the most specific row is used."""
    outcome: Mapped[str] = mapped_column(String(24))
    """The value of triage's ClosingReason, which is downstream."""
    text_fr: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    text: Mapped[Words] = composite(Words, "text_fr", "text_en")
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
