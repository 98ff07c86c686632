"""The declaration of events: the base class of what each package's `events.py` declares, and the register of all names.

It knows no feature and no database. A class is an event as soon as it has a `name`; one without is an abstract base, by
which a package upstream reads what packages downstream declare later (`names_of`).
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, Self

_BY_NAME: dict[str, "type[JournalEvent]"] = {}
OPTIONAL = "optional"
"""Marks a field that is left out of the facts when it is None."""
NO_FACT = "no fact"
"""Marks a field that is not kept."""


def optional_fact() -> Any:
    """Declares a fact that is left out of the journal when it is None."""
    return field(default=None, metadata={OPTIONAL: True})


def no_fact() -> Any:
    """Declares a field that is not kept in the journal, but decides whether the event is public; False by default."""
    return field(default=False, metadata={NO_FACT: True})


@dataclass(frozen=True, kw_only=True)
class JournalEvent:
    """What happened, with its facts: ids, codes and small truths that JSON can hold, never a name or free text."""

    name: ClassVar[str]
    """The noun and the past participle, such as `case.closed`: the value that the table keeps."""
    public: ClassVar[bool] = False
    """Whether residents may read it; an event of which only some may be read overrides `is_public`."""
    has_caption: ClassVar[bool] = True
    """Whether a page for staff shows it; its caption then stands under `name` in its package's `captions.py`."""
    thread: str
    """The public reference of the observation or case, or a code such as `person:7`, that the event is about."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Registers an event by its name; raises TypeError when another class has that name."""
        super().__init_subclass__(**keywords)
        if "name" in vars(cls) and _BY_NAME.setdefault(cls.name, cls) is not cls:
            raise TypeError(f"two events are named {cls.name}")

    @property
    def is_public(self) -> bool:
        """Whether residents may read this one."""
        return self.public

    def facts(self) -> dict[str, Any]:
        """Returns the facts as the journal keeps them: all fields but the thread, by name."""
        values = {each: getattr(self, each.name) for each in _fact_fields(type(self))}
        is_left_out = {each: value is None and OPTIONAL in each.metadata for each, value in values.items()}
        return {_key(each): value for each, value in values.items() if not is_left_out[each]}

    @classmethod
    def read(cls, thread: str, facts: Mapping[str, Any]) -> Self:
        """Returns the event of a row's thread and facts; raises KeyError when a fact is missing."""
        values = {
            each.name: facts.get(_key(each)) if OPTIONAL in each.metadata else facts[_key(each)]
            for each in _fact_fields(cls)
        }
        return cls(thread=thread, **values)


def event_class(name: str) -> type[JournalEvent]:
    """Returns the class of the event of this name; JournalEvent itself for one that another version recorded."""
    return _BY_NAME.get(name, JournalEvent)


def declared_events() -> Mapping[str, type[JournalEvent]]:
    """Returns every declared event's class by its name."""
    return dict(_BY_NAME)


def names_of(*bases: type[JournalEvent]) -> frozenset[str]:
    """Returns the names of the events that are one of these classes or are derived from one."""
    return frozenset(name for name, declared in _BY_NAME.items() if issubclass(declared, bases))


def fact_names(event: type[JournalEvent]) -> list[str]:
    """Returns the keys under which the journal keeps this event's facts."""
    return [_key(each) for each in _fact_fields(event)]


def _fact_fields(event: type[JournalEvent]) -> list[Field[Any]]:
    return [each for each in fields(event) if each.name != "thread" and NO_FACT not in each.metadata]


def _key(fact: Field[Any]) -> str:
    """Returns the fact's key: the field's name; `from_` stands for `from`, which Python reserves."""
    return fact.name.removesuffix("_")
