"""Typed text in forms: how its fields are declared, and which of them a page gives back when a form fails.

Nothing is given back unless its field is declared so and its view says that it reads that form: an unknown field may
be a code or a key. Nothing is given back to a form that another site sent.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import LazyString
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import Field, StringField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length

from cohab_report.text_limits import trimmed_lines
from cohab_report.web.access import View


class GiveBack:
    """Marks a field, among its validators, as text that a page may give back when the form fails; checks nothing."""

    field_flags: ClassVar[Mapping[str, bool]] = {"is_given_back": True}

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Accepts any value: the mark is all."""


def text_area(
    label: LazyString, *, longest: int, too_long: LazyString, missing: LazyString | None = None, **options: Any
) -> Any:
    """Declares a field for text of several lines, trimmed, with a largest number of characters; it is given back.

    It is mandatory when `missing` has a message for an empty one.
    """
    validators = _text_validators(longest, too_long, missing)
    return TextAreaField(label, filters=[trimmed_lines], validators=validators, **options)


def text_line(
    label: LazyString, *, longest: int, too_long: LazyString, missing: LazyString | None = None, **options: Any
) -> Any:
    """Declares a field for text of one line, as `text_area` does for several."""
    validators = _text_validators(longest, too_long, missing)
    return StringField(label, **{"filters": [trimmed_lines], "validators": validators, **options})


def gives_back(*forms: type[BaseForm], prefix: str = "", **labels: LazyString) -> Callable[[View], View]:
    """Declares which forms a view reads (under this prefix), and its other fields of typed text with their labels.

    The marked fields of these are given back when the request fails, wherever it fails.
    """
    given_back = {
        f"{prefix}-{name}" if prefix else name: label for form in forms for name, label in marked_labels(form).items()
    }

    def mark(view: View) -> View:
        cast(Any, view).given_back = given_back | labels
        return view

    return mark


def marked_labels(form: type[BaseForm]) -> Mapping[str, LazyString]:
    """Returns the labels of the form's fields that are marked to be given back, by the field's name."""
    fields = {name: getattr(form, name) for name in dir(form)}
    return {
        name: field.args[0]
        for name, field in fields.items()
        if isinstance(field, UnboundField)
        and any(isinstance(validator, GiveBack) for validator in field.kwargs.get("validators", ()))
    }


def labels_given_back(view: Callable[..., Any] | None) -> Mapping[str, LazyString]:
    """Returns the labels of the fields that a failed request to this view gives back, by the field's name."""
    return cast(Mapping[str, LazyString], getattr(view, "given_back", {}))


def typed_fields() -> dict[str, str]:
    """Returns what was typed in the present request's form, by label, of the fields that its view gives back."""
    labels = labels_given_back(current_app.view_functions.get(request.endpoint or ""))
    if not labels or sent_by_another_site():
        return {}
    try:
        form = request.form.to_dict(flat=False)
    except RequestEntityTooLarge:
        return {}
    return {
        str(labels[name]): " · ".join(values).replace("\0", "")
        for name, values in form.items()
        if name in labels and any(values)
    }


def sent_by_another_site() -> bool:
    """Tells whether the browser says that another site's page sent this request.

    Pages of this site send no referrer, and therefore an `Origin` of `null`, which says nothing.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in ("cross-site", "same-site")
    source = request.headers.get("Origin", "null")
    source = request.headers.get("Referer", "") if source == "null" else source
    return bool(source) and urlsplit(source).netloc != request.host


def _text_validators(longest: int, too_long: LazyString, missing: LazyString | None) -> list[Any]:
    required: list[Any] = [] if missing is None else [InputRequired(missing)]
    return [*required, Length(max=longest, message=too_long), GiveBack()]
